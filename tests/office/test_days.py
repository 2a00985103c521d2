"""The office day by the calendar: opened in the morning, closed after midnight, carried over a restart."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from queue_server.days import keep_day, must_close, office_date, take_over_setup
from queue_server.queue import commands as cmd
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import TicketState
from queue_server.site.loader import load_site
from queue_server.site.model import Site
from tests.office.builders import Bureau, Clock, bureau

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 local
MIDNIGHT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 24:00 local
THREE = MIDNIGHT + timedelta(hours=3)


@cache
def example() -> Site:
    return load_site(None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def play(path: Path, clock: Clock, story: Callable[[Bureau], Awaitable[None]]) -> None:
    async def run() -> None:
        async with bureau(path, clock, open_day=False) as it:
            await story(it)

    asyncio.run(run())


async def somebody_waits(it: Bureau) -> None:
    await it.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)))


def test_a_day_is_the_local_date() -> None:
    assert office_date(example(), MIDNIGHT - timedelta(seconds=1)) == "20261123"
    assert office_date(example(), MIDNIGHT) == "20261124"


def test_the_first_start_opens_the_day_once(path: Path) -> None:
    async def story(it: Bureau) -> None:
        assert await keep_day(it.office, example())
        assert (it.office.state.day, it.office.state.setup) == ("20261123", example().office)
        it.clock.forward(hours=6)
        assert not await keep_day(it.office, example())
        assert it.told == ["DayOpened"]

    play(path, Clock(MORNING), story)


def test_an_empty_office_turns_over_at_midnight(path: Path) -> None:
    async def story(it: Bureau) -> None:
        await keep_day(it.office, example())
        it.clock.now = MIDNIGHT - timedelta(minutes=1)
        assert not await keep_day(it.office, example())
        it.clock.now = MIDNIGHT
        assert await keep_day(it.office, example())
        assert it.told == ["DayOpened", "DayClosed", "DayOpened"]
        assert it.office.state.day == "20261124"
        await somebody_waits(it)
        assert it.numbers == ["A001"]
        assert it.memory_equals_journal()

    play(path, Clock(MORNING), story)


def test_people_who_wait_keep_the_day_open_until_three(path: Path) -> None:
    async def story(it: Bureau) -> None:
        await keep_day(it.office, example())
        await somebody_waits(it)
        it.clock.now = THREE - timedelta(minutes=5)
        assert not await keep_day(it.office, example())
        await it.do(cmd.OpenCounter(counter="q1", officer="o"))
        assert len((await it.do(cmd.CallNext(counter="q1"))).events) == 1  # and can still be called
        it.clock.now = THREE
        assert await keep_day(it.office, example())
        assert it.office.state.day == "20261124"
        assert it.office.state.tickets == {}
        (row,) = it.journal.rows("select state from tickets")
        assert row["state"] == "expired"
        assert it.memory_equals_journal()

    play(path, Clock(MORNING), story)


def test_people_who_missed_their_call_do_not_keep_the_day_open(path: Path) -> None:
    async def story(it: Bureau) -> None:
        await keep_day(it.office, example())
        await somebody_waits(it)
        await it.do(cmd.OpenCounter(counter="q1", officer="o"))
        await it.do(cmd.CallNext(counter="q1"))
        await it.do(cmd.NoShow(counter="q1"))
        assert next(iter(it.office.state.tickets.values())).state is TicketState.MISSED
        it.clock.now = MIDNIGHT
        assert must_close(it.office.state, example(), MIDNIGHT)
        assert await keep_day(it.office, example())

    play(path, Clock(MORNING), story)


def test_a_folder_of_two_days_ago_opens_today(path: Path) -> None:
    clock = Clock(MORNING)

    async def monday(it: Bureau) -> None:
        await keep_day(it.office, example())
        await somebody_waits(it)

    async def wednesday(it: Bureau) -> None:
        await take_over_setup(it.office, example())
        assert await keep_day(it.office, example())
        assert it.office.state.day == "20261125"
        await somebody_waits(it)
        assert it.numbers == ["A001"]
        assert it.memory_equals_journal()

    play(path, clock, monday)
    clock.now = MORNING + timedelta(days=2)
    play(path, clock, wednesday)


def test_a_clock_that_steps_back_a_day_while_the_office_runs_opens_no_earlier_day(path: Path) -> None:
    clock = Clock(MORNING + timedelta(days=1))

    async def story(it: Bureau) -> None:
        await keep_day(it.office, example())
        day = it.office.state.day
        clock.now = MORNING
        assert not await keep_day(it.office, example())
        await somebody_waits(it)
        assert it.office.state.day == day == "20261124"
        assert it.memory_equals_journal()

    play(path, clock, story)


def test_a_changed_site_file_is_taken_over_at_the_next_start(path: Path) -> None:
    clock, site = Clock(MORNING), example()
    stricter = replace(site, office=replace(site.office, target=600.0))

    async def first(it: Bureau) -> None:
        await keep_day(it.office, site)
        await somebody_waits(it)

    async def second(it: Bureau) -> None:
        await take_over_setup(it.office, stricter)
        assert it.office.state.setup.target == 600.0
        assert it.numbers == ["A001"]
        seq = it.journal.last_seq
        await take_over_setup(it.office, stricter)  # the same file again is no news
        assert it.journal.last_seq == seq
        assert it.memory_equals_journal()

    play(path, clock, first)
    play(path, clock, second)


def test_a_site_file_that_drops_what_is_in_use_waits_for_tomorrow(path: Path) -> None:
    clock, site = Clock(MORNING), example()
    services = {k: v for k, v in site.office.services.items() if k != "ho_tich"}
    counters = {
        k: replace(v, services=tuple(s for s in v.services if s != "ho_tich")) for k, v in site.office.counters.items()
    }
    smaller = replace(site, office=replace(site.office, services=services, counters=counters))

    async def first(it: Bureau) -> None:
        await keep_day(it.office, site)
        await somebody_waits(it)

    async def second(it: Bureau) -> None:
        await take_over_setup(it.office, smaller)
        assert it.office.state.setup == site.office
        clock.now = THREE
        assert await keep_day(it.office, smaller)
        assert it.office.state.setup == smaller.office
        await take_over_setup(it.office, smaller)
        assert it.memory_equals_journal()

    play(path, clock, first)
    play(path, clock, second)


def test_before_the_day_and_after_it_nothing_is_taken_over(path: Path) -> None:
    async def story(it: Bureau) -> None:
        await take_over_setup(it.office, example())
        assert it.office.state.config is None
        await keep_day(it.office, example())
        await it.do(cmd.CloseDay())
        stricter = replace(example(), office=replace(example().office, target=600.0))
        await take_over_setup(it.office, stricter)
        assert it.office.state.setup == example().office
        assert not await keep_day(it.office, example())  # a closed day stays closed

    play(path, Clock(MORNING), story)


def test_a_day_that_never_opened_needs_no_closing() -> None:
    assert not must_close(OfficeDay(), example(), MORNING)
