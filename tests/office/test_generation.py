"""After a restore: a gap in the numbers, and old paper opens nobody else's page."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from queue_server.contract.problems import Problem
from queue_server.generation import FILE, last_moment, leave_gap, raise_generation, read_generation
from queue_server.queue import events as ev
from tests.http.house import House, refused

JOURNAL = "journal.sqlite3"


def opened(folder: Path) -> House:
    folder.mkdir(exist_ok=True)
    return House(folder / JOURNAL).open()


def left(house: House, folder: Path) -> list[ev.NumbersSkipped]:
    """Leaves the gap as a start does; the gaps of the day's record."""
    last = last_moment(house.journal)
    house.run(leave_gap(house.office, house.site, folder, last))
    house.source.reload()
    return [e.event for e in house.journal.day(house.office.state.day) if isinstance(e.event, ev.NumbersSkipped)]


def copied(house: House, to: Path) -> None:
    """A backup as it lies there: of the moment, under the same keys."""
    to.mkdir()
    house.close()
    shutil.copy(house.path, to / JOURNAL)
    house.open()


def test_a_restored_office_gives_no_number_twice_and_opens_no_strangers_page(tmp_path: Path) -> None:
    house = opened(tmp_path / "one")
    early = house.take()
    copied(house, tmp_path / "two")
    lost = [house.take() for _ in range(5)]
    later = house.clock.now
    house.close()
    raise_generation(tmp_path / "two", "restore")
    house = House(tmp_path / "two" / JOURNAL)
    house.clock.now = later
    house.open()
    (gap,) = left(house, tmp_path / "two")
    assert gap.reason == "restore"
    new = [house.take() for _ in range(5)]
    assert not {t["number"] for t in new} & {t["number"] for t in [early, *lost]}
    assert house.get(f"/tickets/{early['token']}").json()["number"] == early["number"]
    for ticket in lost:
        refused(house.get(f"/tickets/{ticket['token']}"), Problem.TICKET_UNKNOWN)
    assert all(house.get(f"/tickets/{t['token']}").json()["number"] == t["number"] for t in new)
    assert all(house.tokens.ticket(t["visit"]) != t["token"] for t in new), "the generation is part of the token"
    assert house.is_whole()
    house.restart()
    assert all(house.get(f"/tickets/{t['token']}").json()["number"] == t["number"] for t in [early, *new])
    house.close()


@pytest.mark.parametrize("minutes", [0, 30, 240, 3000])
def test_the_longer_the_record_is_away_the_wider_the_gap(tmp_path: Path, minutes: int) -> None:
    """Two numbers a minute under one letter since the end of the record, or since the day began."""
    house = opened(tmp_path)
    house.take()
    house.later(minutes=minutes)
    raise_generation(tmp_path, "take-over")
    (gap,) = left(house, tmp_path)
    since_midnight = (house.clock.now + timedelta(hours=7)).hour * 60
    assert gap.serials["A"] >= 1 + 2 * min(minutes, since_midnight)
    assert gap.serials["A"] <= 1 + 2 * min(minutes, since_midnight) + 300
    house.close()


def test_where_it_is_known_how_much_is_missing_the_gap_is_no_wider(tmp_path: Path) -> None:
    house = opened(tmp_path)
    house.later(hours=5)
    raise_generation(tmp_path, "tail-lost", lost=3)
    (gap,) = left(house, tmp_path)
    assert gap.serials["A"] == 100
    house.close()


def test_a_gap_is_left_once_also_when_the_program_ends_between(tmp_path: Path) -> None:
    house = opened(tmp_path)
    raise_generation(tmp_path, "restore")
    assert len(left(house, tmp_path)) == 1
    assert len(left(house, tmp_path)) == 1
    kept = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps(kept | {"settled": False}))  # it ended after the gap, before the note
    assert len(left(house, tmp_path)) == 1
    house.close()


def test_every_generation_is_another(tmp_path: Path) -> None:
    """The same backup restored twice is two generations."""
    names = set()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        raise_generation(tmp_path / folder, "restore")
        found = read_generation(tmp_path / folder)
        assert found
        names.add(found.name)
    raise_generation(tmp_path / "one", "restore")
    again = read_generation(tmp_path / "one")
    assert again
    assert again.name.startswith("2-")
    assert len(names | {again.name}) == 3


def test_nothing_was_ever_lost_and_nothing_is_skipped(tmp_path: Path) -> None:
    house = opened(tmp_path)
    assert left(house, tmp_path) == []
    assert house.take()["number"].endswith("001")
    house.close()
