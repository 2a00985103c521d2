"""A record that lost its end under a running office, once and again: no number twice, no stranger's page."""

import shutil
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from queue_server.queue import events as ev
from tests.acceptance.conftest import Make
from tests.acceptance.program import Program, wait_for


def taken(program: Program, many: int) -> list[dict[str, str]]:
    """So many people take a number."""
    with program.client("kiosk", kiosk="kiosk-1") as kiosk:
        return [dict(kiosk.post("/tickets", json={"service": "ho_tich"}).json()) for _ in range(many)]


def test_numbers_of_a_lost_tail_are_not_given_out_again(make: Make, tmp_path: Path) -> None:
    program = make()
    journal = program.data / "journal.sqlite3"
    program.start()
    known = taken(program, 2)
    program.stop()
    shutil.copy2(journal, tmp_path / "older")
    program.start()
    lost = taken(program, 3)
    program.stop()
    (tmp_path / "older").replace(journal)
    program.start()
    new = taken(program, 2)
    with program.client() as citizen:
        found = {each["number"]: citizen.get(f"/tickets/{each['token']}").status_code for each in known + lost + new}
    with closing(program.journal()) as record:
        gaps = [e.event for e in record.day(record.days()[-1]) if isinstance(e.event, ev.NumbersSkipped)]
    assert len(found) == 7
    assert found == {**{t["number"]: 200 for t in known + new}, **{t["number"]: 404 for t in lost}}
    assert [gap.reason for gap in gaps] == ["tail-lost"]


@pytest.mark.parametrize("losses", [3])
def test_no_number_twice_however_often_the_write_ahead_log_is_lost(make: Make, losses: int) -> None:
    """Each loss takes the gap of the one before with it: all that happened still stood in the write-ahead log."""
    program = make()
    numbers: list[str] = []
    for _ in range(losses):
        program.start()
        numbers += [ticket["number"] for ticket in taken(program, 3)]
        program.kill()
        (program.data / "journal.sqlite3-wal").unlink()
    program.start()
    numbers += [ticket["number"] for ticket in taken(program, 3)]
    program.stop()
    assert len(set(numbers)) == len(numbers), numbers


def remove(program: Program, *names: str) -> None:
    for name in names:
        for file in program.data.glob(name):
            file.unlink()


def test_a_folder_that_lost_its_whole_record_is_no_new_office(make: Make) -> None:
    program = make().start()
    assert "record-lost-its-end" not in program.said()
    assert "new-office" in program.said()
    (lost,) = taken(program, 1)
    program.stop()
    remove(program, "journal*", "anchor")
    program.start()
    said = program.said()
    (new,) = taken(program, 1)
    with program.client() as citizen:
        assert citizen.get(f"/tickets/{lost['token']}").status_code == 404
        assert citizen.get(f"/tickets/{new['token']}").json()["number"] == new["number"]
    program.stop()
    assert "the record of this office is gone" in said
    assert "new-office" not in said
    assert new["number"] != lost["number"]
    assert new["token"] != lost["token"]


def test_a_journal_deleted_under_the_running_server_takes_nothing_more_and_is_rescued(make: Make) -> None:
    program = make().start()
    known = taken(program, 3)
    remove(program, "journal.sqlite3*")
    with program.client("kiosk", kiosk="kiosk-1") as kiosk:
        refused = kiosk.post("/tickets", json={"service": "ho_tich"})
    assert (refused.status_code, refused.json()["code"]) == (503, "storage-failed")
    wait_for(lambda: list(program.data.glob("rescued-*.sqlite3")) and "journal-gone" in program.said(), "no copy")
    ready = httpx.get(f"{program.url}/readyz")
    assert ready.status_code == 503
    assert "deleted or replaced" in ready.text
    assert program.said().count("journal-gone") == 1
    program.stop()
    (copy,) = program.data.glob("rescued-*.sqlite3")
    remove(program, "journal.sqlite3*")
    copy.rename(program.data / "journal.sqlite3")
    program.start()
    assert "record-lost-its-end" not in program.said()
    (after,) = taken(program, 1)
    with program.client() as citizen:
        assert all(citizen.get(f"/tickets/{each['token']}").is_success for each in [*known, after])
    assert after["number"] not in {each["number"] for each in known}
