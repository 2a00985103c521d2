"""A machine's clock that is wrong, jumps and is put right: numbers go on, today's day opens, waits are what passed."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from queue_server.clock import FOLLOWED, NOTICED, RATE, OfficeClock
from queue_server.contract.problems import Problem
from queue_server.days import keep_day
from queue_server.journal.journal import Journal
from queue_server.journal.replay import rebuild
from queue_server.journal.verify import verify
from queue_server.office import Office
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.site.loader import load_site
from queue_server.site.model import Site
from tests.office.builders import Bureau, same

MORNING = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # 08:00 local
TODAY = "20261201"


@cache
def example() -> Site:
    return load_site(None)


@dataclass
class Machine:
    """A machine: true time passes, its steady clock counts it, its clock on the wall is `off` by some time."""

    true: datetime = MORNING
    off: timedelta = timedelta()

    def wall(self) -> datetime:
        return self.true + self.off

    def steady(self) -> float:
        return (self.true - MORNING).total_seconds()

    def __call__(self) -> datetime:
        return self.wall()

    def forward(self, **by: float) -> None:
        self.true += timedelta(**by)


Story = Callable[[Bureau], Awaitable[None]]


def run(path: Path, machine: Machine, story: Story) -> None:
    """One run of the office, from a start to a stop; memory is what a restart would read."""

    async def whole() -> None:
        journal = Journal(path)
        journal.open()
        office = Office(journal, clock=machine.wall, steady=machine.steady)
        office.load()
        office.start()
        it = Bureau(office=office, clock=machine, journal=journal)  # type: ignore[arg-type]  # moved as Clock is
        office.listen(lambda entries: it.told.extend(entry.kind for entry in entries))
        try:
            await keep_day(office, example())
            await story(it)
            other = Office(journal, clock=machine.wall, steady=machine.steady)
            other.load()
            assert same(other.state, office.state)
            assert verify(journal).problems == []
        finally:
            await office.stop()
            journal.close()

    asyncio.run(whole())


async def called(it: Bureau, counter: str = "q1") -> ev.TicketCalled:
    """Whom the counter calls next."""
    if it.office.state.counters[counter].officer is None:
        await it.do(cmd.OpenCounter(counter=counter, officer="o"))
    event = (await it.do(cmd.CallNext(counter=counter, finish_current=True))).events[-1]
    assert isinstance(event, ev.TicketCalled)
    return event


def near(seconds: float, expected: float) -> bool:
    """Equal but for the seconds that the commands of a story take, one each."""
    return abs(seconds - expected) < 12


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=1), timedelta(days=3650)])
def test_a_start_ahead_is_over_with_the_next_start(tmp_path: Path, ahead: timedelta) -> None:
    machine, path = Machine(off=ahead), tmp_path / "journal.sqlite3"

    async def wrong(it: Bureau) -> None:
        assert await it.take() == "A001"
        machine.forward(minutes=10)

    async def right(it: Bureau) -> None:
        assert it.office.state.day == TODAY
        number = await it.take()
        assert number == "A002"  # somebody may hold A001 on paper
        machine.forward(minutes=5)
        waited = {}
        for _ in range(1 if len(it.numbers) == 1 else 2):
            call = await called(it)
            waited[it.office.state.tickets[call.ticket].number] = call
        assert near(waited["A002"].waited, 300)
        assert not waited["A002"].corrected
        machine.forward(seconds=20)
        await it.do(cmd.Recall(counter="q1"))
        if "A001" in waited:  # the same day: the place is kept
            assert waited["A001"].corrected
            assert 0 <= waited["A001"].waited <= 930

    run(path, machine, wrong)
    machine.off = timedelta()
    run(path, machine, right)


@pytest.mark.parametrize("off", [timedelta(minutes=30), timedelta(minutes=-30), timedelta(days=-1), timedelta(days=9)])
def test_a_step_inside_a_run_changes_no_wait_and_no_day(tmp_path: Path, off: timedelta) -> None:
    machine = Machine()

    async def story(it: Bureau) -> None:
        await it.take()
        machine.forward(minutes=5)
        machine.off = off
        it.office.clock.check()
        await keep_day(it.office, example())
        machine.forward(minutes=5)
        assert near((await called(it)).waited, 600)
        assert it.office.state.day == TODAY
        moments = [entry.at for entry in it.journal.day(TODAY)]
        assert moments == sorted(moments)

    run(tmp_path / "journal.sqlite3", machine, story)


@pytest.mark.parametrize("minutes", [30, -30, 180])
def test_a_person_confirms_and_every_wait_goes_on(tmp_path: Path, minutes: int) -> None:
    """08:00 true time. Whoever waits, is called, paused or leased keeps the time that has passed."""
    machine = Machine()

    async def story(it: Bureau) -> None:
        for _ in range(3):
            await it.take()
        await called(it)
        await it.do(cmd.OpenCounter(counter="q2", officer="p"))
        await it.do(cmd.PauseCounter(counter="q2", reason="x"))
        machine.forward(minutes=5)
        machine.off = timedelta(minutes=minutes)
        await it.do(cmd.CorrectClock())
        assert it.office.clock.read().agrees
        assert it.office.lateness() is None
        assert it.told[-1] == "ClockCorrected"
        machine.forward(minutes=5)
        await it.do(cmd.Recall(counter="q1"))
        second = await called(it)
        assert near(second.waited, 600)
        assert second.corrected
        await it.take()
        machine.forward(minutes=1)
        await it.do(cmd.ResumeCounter(counter="q2"))
        third = await called(it)
        assert near(third.waited, 660)
        assert third.corrected
        fourth = await called(it)
        assert near(fourth.waited, 60)
        assert not fourth.corrected
        rows = it.journal.rows("select started_at, ended_at from counter_periods where ended_at is not null")
        assert rows
        assert all(row["started_at"] <= row["ended_at"] for row in rows)
        handled = it.journal.rows("select handled from tickets where handled is not null")
        assert handled
        assert all(row["handled"] >= 0 for row in handled)
        marked = it.journal.rows('select ticket, "by" from corrections order by ticket')
        assert [row["ticket"][-4:] for row in marked] == ["A001", "A002", "A003"]
        assert all(near(row["by"], 60 * minutes) for row in marked)

    run(tmp_path / "journal.sqlite3", machine, story)


def test_taking_over_an_equal_clock_writes_nothing(tmp_path: Path) -> None:
    machine = Machine()

    async def story(it: Bureau) -> None:
        seq = it.journal.last_seq
        await it.do(cmd.CorrectClock())
        assert it.journal.last_seq == seq

    run(tmp_path / "journal.sqlite3", machine, story)


def test_a_clock_that_cannot_be_written_down_is_not_taken(tmp_path: Path) -> None:
    machine = Machine()

    async def story(it: Bureau) -> None:
        await it.take()
        machine.off = timedelta(hours=-1)
        before = it.office.now()
        writer = it.journal._writer
        assert writer is not None
        writer.execute("pragma busy_timeout = 20")
        with closing(sqlite3.connect(it.journal.path, isolation_level=None)) as other:
            other.execute("begin immediate")
            assert await it.refused(cmd.CorrectClock()) == Problem.STORAGE_FAILED
            other.execute("rollback")
        assert before <= it.office.now() < before + timedelta(minutes=1)
        assert it.office.lateness() is None
        machine.forward(minutes=5)
        assert near((await called(it)).waited, 300)

    run(tmp_path / "journal.sqlite3", machine, story)


def test_a_dead_battery_opens_its_day_and_today_follows(tmp_path: Path) -> None:
    """The machine starts in 2010 and gets the time only after a restart: nothing waits for it."""
    machine, path = Machine(off=datetime(2010, 1, 1, tzinfo=UTC) - MORNING), tmp_path / "journal.sqlite3"

    async def old(it: Bureau) -> None:
        assert it.office.state.day == "20100101"
        assert await it.take() == "A001"

    async def now(it: Bureau) -> None:
        assert it.office.state.day == TODAY
        await it.take()
        machine.forward(minutes=5)
        assert near((await called(it)).waited, 300)

    run(path, machine, old)
    machine.off = timedelta()
    run(path, machine, now)
    machine.off = datetime(2010, 1, 1, tzinfo=UTC) - MORNING  # and the battery is still dead
    run(path, machine, old_again)
    machine.off = timedelta()
    run(path, machine, now_again)


async def old_again(it: Bureau) -> None:
    assert it.office.state.day == "20100101"
    assert await it.take() == "A003"  # after A001 of that date, and A002 that people may still hold


async def now_again(it: Bureau) -> None:
    assert it.office.state.day == TODAY
    assert await it.take() == "A004"


def test_a_day_that_a_wrong_clock_opened_comes_again(tmp_path: Path) -> None:
    """Tomorrow's date was used by mistake: its people expire, and when it comes its numbers go on."""
    machine, path = Machine(off=timedelta(days=1)), tmp_path / "journal.sqlite3"

    async def tomorrow(it: Bureau) -> None:
        assert it.office.state.day == "20261202"
        assert [await it.take() for _ in range(2)] == ["A001", "A002"]
        await it.do(cmd.LeaseNumbers(kiosk="kiosk-1"))

    async def today(it: Bureau) -> None:
        assert it.office.state.day == TODAY
        assert await it.take() == "A003"
        await it.do(cmd.LeaseNumbers(kiosk="kiosk-1"))
        (row,) = it.journal.rows("select distinct state from tickets where day = '20261202'")
        assert row["state"] == "expired"
        closed = [e.event for e in it.journal.day("20261202") if isinstance(e.event, ev.DayClosed)]
        assert closed == [ev.DayClosed(abandoned=True)]

    async def comes(it: Bureau) -> None:
        assert it.office.state.day == "20261202"
        assert await it.take() == "A003"
        await it.do(cmd.LeaseNumbers(kiosk="kiosk-1"))
        leases = [e.event for e in it.journal.day("20261202") if isinstance(e.event, ev.NumbersLeased)]
        ranges = sorted((e.prefix, e.first, e.last) for e in leases)
        assert all(a[0] != b[0] or a[2] < b[1] for a, b in pairwise(ranges))

    run(path, machine, tomorrow)
    machine.off = timedelta()
    run(path, machine, today)
    machine.forward(days=1)
    run(path, machine, comes)
    with closing(Journal(path)) as journal:
        journal.open()
        assert verify(journal).problems == []
        assert journal._writer is not None
        rebuild(journal, journal._writer)
        assert verify(journal).problems == []


def test_yesterday_closed_too_early_opens_again(tmp_path: Path) -> None:
    """At a start the clock is past midnight, today is closed and tomorrow opened; put right, today goes on."""
    machine, path = Machine(), tmp_path / "journal.sqlite3"

    async def morning(it: Bureau) -> None:
        assert await it.take() == "A001"

    async def night(it: Bureau) -> None:
        assert it.office.state.day == "20261202"

    async def again(it: Bureau) -> None:
        assert it.office.state.day == TODAY
        assert await it.take() == "A002"

    run(path, machine, morning)
    machine.off = timedelta(hours=20)
    run(path, machine, night)
    machine.off = timedelta()
    run(path, machine, again)


def test_a_day_closed_ahead_of_its_time_opens_again(tmp_path: Path) -> None:
    """A clock a day ahead opens tomorrow and closes it; the program dies before another day opens. Tomorrow comes."""
    machine, path = Machine(off=timedelta(days=1)), tmp_path / "journal.sqlite3"

    async def ahead(it: Bureau) -> None:
        assert (it.office.state.day, await it.take()) == ("20261202", "A001")
        machine.forward(hours=17)  # past the midnight of the wrong clock
        await it.do(cmd.CloseDay())

    async def tomorrow(it: Bureau) -> None:
        assert (it.office.state.day, it.office.state.closed) == ("20261202", False)
        assert await it.take() == "A002"

    run(path, machine, ahead)
    machine.off = timedelta()
    machine.forward(hours=7)
    run(path, machine, tomorrow)
    run(path, machine, tomorrow_goes_on)


async def tomorrow_goes_on(it: Bureau) -> None:
    assert (it.office.state.day, await it.take()) == ("20261202", "A003")


def test_a_small_difference_is_made_up_slowly_and_never_backwards() -> None:
    machine = Machine()
    clock = OfficeClock(machine.wall, machine.steady)
    machine.off = timedelta(seconds=-30)
    last = clock.now()
    for _ in range(4 * 60 * 12):
        machine.forward(seconds=15)
        clock.check()
        now = clock.now()
        assert timedelta(seconds=15 * (1 - RATE) - 1e-3) <= now - last <= timedelta(seconds=15 * (1 + RATE) + 1e-3)
        last = now
    assert abs(clock.read().ahead) < timedelta(milliseconds=50)
    assert clock.changes == 2  # it came, and it went


def test_a_big_difference_is_followed_by_nobody_and_told_once() -> None:
    machine = Machine()
    clock = OfficeClock(machine.wall, machine.steady)
    machine.off = FOLLOWED + timedelta(minutes=1)
    for _ in range(100):
        machine.forward(seconds=15)
        clock.check()
    assert clock.now() == machine.true
    assert clock.changes == 1
    machine.off = timedelta()
    assert clock.check().agrees
    assert clock.changes == 2


def test_a_clock_that_drifts_is_followed() -> None:
    machine = Machine()
    clock = OfficeClock(machine.wall, machine.steady)
    for _ in range(1000):
        machine.forward(seconds=15)
        machine.off += timedelta(milliseconds=3)  # 200 millionths: ten times what a cheap quartz does
        assert abs(clock.check().ahead) < NOTICED
    assert clock.changes == 0


def test_a_wall_clock_alone_drives_time_and_never_back() -> None:
    machine = Machine()
    clock = OfficeClock(machine.wall)
    machine.forward(minutes=5)
    assert clock.now() == machine.wall()
    machine.off = timedelta(hours=-3)
    high = clock.now()
    machine.forward(minutes=5)
    assert clock.now() == high + timedelta(minutes=5)
