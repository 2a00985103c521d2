"""Days in which the clock was put right are replayed by one clock, and decided again as they stand."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from queue_server.journal.entry import Entry
from queue_server.journal.journal import Journal
from queue_server.queue import commands as cmd
from queue_server.simulate.replay_clock import by_one_clock, is_abandoned, last_opened
from queue_server.simulate.replay_day import recorded
from queue_server.simulate.replay_decide import as_it_was
from tests.office.builders import Clock, bureau
from tests.queue.builders import DAY, MONDAY


def a_day(path: Path, hours: float, *, abandoned: bool = False) -> list[Entry]:
    """Two people; the clock is put right by so many hours while the first is served and the second waits."""

    async def run() -> None:
        clock = Clock(MONDAY)
        async with bureau(path, clock) as it:
            await it.do(cmd.OpenCounter(counter="1", officer="o"))
            await it.take()
            await it.do(cmd.CallNext(counter="1"))
            await it.take()
            clock.forward(minutes=10)
            by = timedelta(hours=hours)
            anchor = it.office.clock.anchor
            it.office.clock.set_to(replace(anchor, at=anchor.at + by))
            await it.do(cmd.CorrectClock(by=by.total_seconds(), measured=True))
            clock.forward(minutes=5)
            await it.do(cmd.CallNext(counter="1", finish_current=True))
            clock.forward(minutes=5)
            await it.do(cmd.Finish(counter="1"))
            await it.do(cmd.CloseDay(abandoned=abandoned))

    asyncio.run(run())
    journal = Journal(path)
    journal.open()
    try:
        return list(journal.day(DAY))
    finally:
        journal.close()


@pytest.mark.parametrize("hours", [-3.0, 0.5, 24.0])
def test_a_corrected_day_is_decided_again_as_it_stands(tmp_path: Path, hours: float) -> None:
    found = as_it_was(a_day(tmp_path / "j.sqlite3", hours))
    assert found.same, found.differences


def test_times_before_a_correction_move_to_the_clock_after_it(tmp_path: Path) -> None:
    entries = a_day(tmp_path / "j.sqlite3", -3.0)
    told = by_one_clock(entries)
    assert [e.kind for e in told] == [e.kind for e in entries if e.kind != "ClockCorrected"]
    place = next(k for k, e in enumerate(entries) if e.kind == "ClockCorrected")
    assert all(new.at == old.at - timedelta(hours=3) for old, new in zip(entries[:place], told, strict=False))
    assert [e.at for e in told[place:]] == [e.at for e in entries[place + 1 :]]
    assert all(visitor.at >= 0.0 for visitor in recorded(told).visitors)


def test_a_day_without_a_correction_stays_as_it_is(tmp_path: Path) -> None:
    entries = [e for e in a_day(tmp_path / "j.sqlite3", 0.5) if e.kind != "ClockCorrected"]
    assert by_one_clock(entries) == entries


def test_an_abandoned_day_is_none_and_of_a_date_used_twice_the_last_counts(tmp_path: Path) -> None:
    gone, kept = a_day(tmp_path / "a.sqlite3", 0.5, abandoned=True), a_day(tmp_path / "b.sqlite3", 0.5)
    assert is_abandoned(gone)
    assert not is_abandoned(gone + kept)
    assert last_opened(gone + kept) == kept
