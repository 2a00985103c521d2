"""Keeps the office day: opens it, takes over a changed site file, closes yesterday's and what a wrong clock opened."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from queue_server.contract.problems import Refused
from queue_server.logs import Log
from queue_server.office import Office
from queue_server.queue import commands as cmd
from queue_server.queue.evolve import evolve
from queue_server.queue.rules_day import dropped_in_use, highest
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import TicketState
from queue_server.site.model import Site

log = Log(__name__)

LATEST_CLOSE = 3  # o'clock: a day that people still wait in is closed by then at the latest
CHECK_SECONDS = 15.0
EARLIEST = "20260101"  # a clock that shows an earlier day is wrong: this program is younger


def office_date(site: Site, now: datetime) -> str:
    """The office day of a moment: the local date, YYYYMMDD."""
    return site.local_date(now).strftime("%Y%m%d")


def must_close(state: OfficeDay, site: Site, now: datetime) -> bool:
    """Whether the day in memory is over: another date, and nobody waits any more or it is late at night."""
    today = office_date(site, now)
    if state.config is None or state.closed or state.day >= today:
        return False
    local = now.astimezone(ZoneInfo(site.timezone))
    yesterday = (local - timedelta(days=1)).strftime("%Y%m%d")
    waiting = any(ticket.state is not TicketState.MISSED for ticket in state.active())
    return not waiting or local.hour >= LATEST_CLOSE or state.day != yesterday


async def keep_day(office: Office, site: Site) -> bool:
    """Brings the office to the day it should be in; returns whether a new day was opened."""
    await correct_clock(office)
    now = office.now()
    today = office_date(site, now)
    if is_wrong_day(office, today):
        log.warning("day-abandoned", day=office.state.day, today=today)
        await office.do(cmd.CloseDay(abandoned=True))
    elif must_close(office.state, site, now):
        await office.do(cmd.CloseDay())
    again = closed_ahead(office.state, site, today)
    if again or may_open(office.state, today):
        serials, leased = used_numbers(office, today)
        opening = cmd.OpenDay(day=today, config=site.office, serials=serials, leased=leased, again=again)
        await office.do(opening)
        log.info("day-opened", day=today)
        return True
    return False


async def correct_clock(office: Office) -> None:
    """After a start with an earlier clock than that of the journal: the clock rules, the entries are marked."""
    late = office.lateness()
    if late is not None:
        log.warning("journal-of-a-later-time", seconds=round(-late, 3), day=office.state.day)
        await office.do(cmd.CorrectClock(by=late))


def is_wrong_day(office: Office, today: str) -> bool:
    """Whether a wrong clock had opened the open day: it has not come yet, or was over long before it was opened."""
    state = office.state
    if state.config is None or state.closed or state.day == today:
        return False
    return state.day > today or state.day < EARLIEST or office.journal.newest_day() > state.day


def may_open(state: OfficeDay, today: str) -> bool:
    """A day opens when none is open; one that was closed in its time stays closed."""
    return state.config is None or (state.closed and (state.day != today or state.abandoned))


def closed_ahead(state: OfficeDay, site: Site, today: str) -> bool:
    """Whether today was closed by a clock that showed a later date: its people are not to find the doors shut."""
    if not state.closed or state.day != today or state.closed_at is None:
        return False
    return office_date(site, state.closed_at) > today


def used_numbers(office: Office, day: str) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The last numbers by prefix, in order and leased, of a date that had its day before, under a wrong clock."""
    if not office.journal.has_day(day):
        return {}, {}
    before = OfficeDay()
    serials: dict[str, int] = {}
    leased: dict[str, int] = {}
    for at, event, *_ in office.journal.events(day):
        evolve(before, event, at)
        serials, leased = highest(serials, before.serials), highest(leased, before.leased)
    return serials, leased


async def take_over_setup(office: Office, site: Site) -> None:
    """After a start within the day: the site file as it is now, or a warning why it must wait for tomorrow."""
    if office.state.config is None or office.state.closed:
        return
    try:
        await office.do(cmd.ChangeSetup(config=site.office))
    except Refused as refusal:
        log.warning("site-file-waits-for-tomorrow", reason=refusal.detail)


def site_waits(state: OfficeDay, site: Site) -> dict[str, str] | None:
    """Why the site file as it was read takes over only when the next day opens; None where it is in force."""
    if state.config is None or state.closed or not (dropped := dropped_in_use(state, site.office)):
        return None
    kinds = {"class": "diện ưu tiên", "service": "lĩnh vực", "counter": "quầy"}
    vi = ", ".join(f"{kinds[kind]} {name}" for kind, name in dropped)
    en = ", ".join(f"{kind} {name}" for kind, name in dropped)
    return {
        "vi": f"Tệp cấu hình mới chờ đến ngày làm việc sau mới có hiệu lực, vì hôm nay vẫn đang dùng: {vi}.",
        "en": f"The new site file waits until the next day opens, because today still needs: {en}.",
    }


async def watch_day(office: Office, site: Site, opened: "asyncio.Event") -> None:
    """Runs until cancelled; sets `opened` whenever a new day began."""
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(office.clock_moved.wait(), CHECK_SECONDS)
        office.clock_moved.clear()
        office.clock.check()
        try:
            if await keep_day(office, site):
                opened.set()
        except Refused as refusal:
            log.warning("day-not-kept", code=str(refusal.code), detail=refusal.detail)
