"""Names and free texts of officers: read on pages, and nowhere in the record."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_server.contract.problems import Problem, Refused
from queue_server.people.commands import without_persons
from queue_server.people.store import ID, People
from queue_server.queue import commands as cmd
from queue_server.queue.events import CounterOpened
from tests.http.house import House
from tests.queue.builders import MONDAY

HOA = "Nguyễn Thị Hoa"
TEXTS = (HOA, "Đi họp với chị Lan", "Chờ ông Bảy photo", "bản sao của bà Tư")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "journal.sqlite3", people=People(tmp_path)).open()
    yield made
    made.close()


def worked(house: House) -> None:
    """An officer opens under her name, holds one person, sends another on, and takes a break."""
    assert house.post("/counters/q1/open", {"officer": HOA}, "officer 1").json()["counter"]["officer"] == HOA
    held, sent = house.take(), house.take()
    house.next()
    house.post("/counters/q1/start", {}, "officer 1")
    house.post("/counters/q1/hold", {"reason": TEXTS[2]}, "officer 1")
    house.next()
    house.post("/counters/q1/start", {}, "officer 1")
    house.post("/counters/q1/transfer", {"service": "chung_thuc", "note": TEXTS[3]}, "officer 1")
    paused = house.post("/counters/q1/pause", {"reason": TEXTS[1]}, "officer 1").json()["counter"]
    assert paused["pause_reason"] == TEXTS[1]
    assert [house.office.state.tickets[t["id"]].note[:5] for t in (held, sent)] == ["note:", "note:"]


def read(house: House) -> set[str]:
    """What staff read of persons on console, manager's page and over HTTP."""
    console, manager = house.source.console("q1"), house.source.manager()
    rows = [console.counter, *console.counters, *house.source.counters(), *(c.row for c in manager.counters)]
    tickets = [t.note for t in (*console.waiting, *console.held)]
    state = house.get("/state", "officer 1").json()
    tickets += [t["note"] for t in state["tickets"]]
    assert {row.officer for row in rows if row.id == "q1"} == {
        c["officer"] for c in state["counters"] if c["id"] == "q1"
    }
    return {text for row in rows for text in (row.officer, row.pause_reason) if text} | {t for t in tickets if t}


def test_staff_read_names_and_the_record_holds_ids(house: House) -> None:
    worked(house)
    assert read(house) == set(TEXTS)
    house.restart()
    assert read(house) == set(TEXTS)
    files = b"".join(path.read_bytes() for path in house.path.parent.iterdir())
    assert not [text for text in TEXTS if text.encode() in files]
    (opened,) = [e.event for e in house.journal.day("20261123") if isinstance(e.event, CounterOpened)]
    assert ID.fullmatch(opened.officer)


def test_an_erased_name_reads_as_a_number(house: House) -> None:
    worked(house)
    (row,) = [row for row in house.people.rows() if row.text == HOA]
    assert house.people.erase(row.id)
    assert read(house) == {*TEXTS[1:], "cán bộ #1"}


def test_names_of_journals_of_before_stay(house: House) -> None:
    house.run(house.office.do(cmd.OpenCounter(counter="q1", officer=HOA)))
    assert house.source.console("q1").counter.officer == HOA


def test_a_repeat_is_the_same_command(house: House) -> None:
    key = {"headers": {"idempotency-key": "open-1"}}
    first = house.post("/counters/q1/open", {"officer": HOA}, "officer 1", **key)
    assert house.restart().post("/counters/q1/open", {"officer": HOA}, "officer 1", **key).json() == first.json()


@pytest.mark.parametrize(
    "command",
    [
        cmd.OpenCounter(counter="q1", officer="q1"),
        cmd.PauseCounter(counter="q1"),
        cmd.Hold(counter="q1"),
        cmd.Transfer(counter="q1", to_counter="q2"),
        cmd.Start(counter="q1"),
    ],
)
def test_what_names_nobody_goes_on_as_it_is(command: cmd.Command) -> None:
    people = People()
    assert asyncio.run(without_persons(command, people, MONDAY, own=("q1",))) == command
    assert people.rows() == []


def test_a_name_that_the_disk_does_not_take_is_refused(tmp_path: Path) -> None:
    """Nothing goes into the record that names an id which is not on disk."""
    people = People(tmp_path)
    pages = people._base.execute("pragma page_count").fetchone()[0]
    people._base.execute(f"pragma max_page_count = {pages}")
    long = cmd.OpenCounter(counter="q1", officer=HOA * 2000)
    with pytest.raises(Refused) as refusal:
        asyncio.run(without_persons(long, people, MONDAY))
    assert refusal.value.code is Problem.STORAGE_FAILED
    assert people.rows() == []
