"""Keeps the office day: opens it, takes over a changed site file, closes yesterday's."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from queue_server.contract.problems import Refused
from queue_server.logs import Log
from queue_server.office import Office
from queue_server.queue import commands as cmd
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import TicketState
from queue_server.site.model import Site

log = Log(__name__)

LATEST_CLOSE = 3  # o'clock: a day that people still wait in is closed by then at the latest
CHECK_SECONDS = 15.0


def office_date(site: Site, now: datetime) -> str:
    """The office day of a moment: the local date, YYYYMMDD."""
    return now.astimezone(ZoneInfo(site.timezone)).strftime("%Y%m%d")


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
    now = office.now()
    if must_close(office.state, site, now):
        await office.do(cmd.CloseDay())
    today = office_date(site, now)
    if office.state.config is None or (office.state.closed and office.state.day < today):
        await office.do(cmd.OpenDay(day=today, config=site.office))
        log.info("day-opened", day=today)
        return True
    return False


async def take_over_setup(office: Office, site: Site) -> None:
    """After a start within the day: the site file as it is now, or a warning why it must wait for tomorrow."""
    if office.state.config is None or office.state.closed:
        return
    try:
        await office.do(cmd.ChangeSetup(config=site.office))
    except Refused as refusal:
        log.warning("site-file-waits-for-tomorrow", reason=refusal.detail)


async def watch_day(office: Office, site: Site, opened: "asyncio.Event") -> None:
    """Runs until cancelled; sets `opened` whenever a new day began."""
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        try:
            if await keep_day(office, site):
                opened.set()
        except Refused as refusal:
            log.warning("day-not-kept", code=str(refusal.code), detail=refusal.detail)
