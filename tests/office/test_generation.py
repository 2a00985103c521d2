"""After a restore: a gap in the numbers, and old paper opens nobody else's page."""

import json
import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from queue_server import main
from queue_server import options as opt
from queue_server.contract.problems import Problem
from queue_server.days import keep_day
from queue_server.generation import FILE, last_moment, leave_gap, raise_generation, read_generation
from queue_server.journal.backup import backup
from queue_server.queue import events as ev
from queue_server.queue.numbers import split_number
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


def leased(house: House, kiosk: str = "kiosk-1") -> list[str]:
    """Numbers that a kiosk gives out while the server is away."""
    answer = house.post(f"/kiosks/{kiosk}/lease", {}, who="kiosk")
    return [each["number"] for each in answer.json()["numbers"]]


@pytest.mark.parametrize("seed", range(6))
def test_a_gap_that_is_lost_as_well_is_left_again(tmp_path: Path, seed: int) -> None:
    """Restores, take-overs and lost tails in a row, each back to the first record: no number comes twice."""
    draw = random.Random(seed)
    house = opened(tmp_path)
    paper = [house.take()["number"]]
    house.close()
    first = (tmp_path / JOURNAL).read_bytes()
    held: list[str] = []
    for _ in range(draw.randint(2, 4)):
        house = opened(tmp_path)
        given = draw.randint(0, 30)
        left(house, tmp_path)
        paper += [house.take()["number"] for _ in range(given)]
        held += leased(house)
        house.close()
        (tmp_path / JOURNAL).write_bytes(first)
        reason = draw.choice(["restore", "take-over", "tail-lost"])
        raise_generation(tmp_path, reason, lost=given + 3 if reason == "tail-lost" else None)
    house = opened(tmp_path)
    left(house, tmp_path)
    paper += [house.take()["number"] for _ in range(30)]
    held += leased(house)
    assert len(set(paper)) == len(paper)
    assert len(set(held)) == len(held)
    assert not set(paper) & set(held)
    house.close()


def test_how_far_a_gap_came_is_on_disk_outside_the_journal_and_a_new_day_starts_anew(tmp_path: Path) -> None:
    house = opened(tmp_path)
    raise_generation(tmp_path, "restore")
    left(house, tmp_path)
    found = read_generation(tmp_path)
    assert found
    assert found.skipped[house.office.state.day].serials["A"] == 100
    house.later(hours=24)
    house.run(keep_day(house.office, house.site))
    raise_generation(tmp_path, "tail-lost", lost=1)
    left(house, tmp_path)
    assert house.take()["number"] == "A101", "the gap of yesterday is not added to today's"
    house.close()


def test_a_restore_in_the_same_folder_remembers_the_gaps_that_the_backup_does_not_know(tmp_path: Path) -> None:
    house = opened(tmp_path / "office")
    house.take()
    house.close()
    archive = backup(tmp_path / "office", tmp_path / "backup.tar.gz")
    house = opened(tmp_path / "office")
    raise_generation(tmp_path / "office", "tail-lost", lost=700)
    left(house, tmp_path / "office")
    number = house.take()["number"]
    house.close()
    for file in (tmp_path / "office").glob("journal*"):
        file.unlink()
    assert main.restore(opt.RestoreOptions(data=tmp_path / "office", source=archive)) == 0
    house = opened(tmp_path / "office")
    left(house, tmp_path / "office")
    again = house.take()["number"]
    found = read_generation(tmp_path / "office")
    assert found
    assert split_number(again)[1] > split_number(number)[1]
    assert found.name.startswith("2-")
    house.close()
