"""The one place where the storm touches the server: how its parts are put together, as `queue_server.runtime` does.

`python -m tests.storm --code DIR` runs the same storm against the packages of another checkout; what differs between
versions is settled here and in `adapter_site` and `adapter_kiosk`, and nowhere else.
"""

import asyncio
import inspect
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from display.hub import Hub
from queue_server.auth import Tokens
from queue_server.days import keep_day, take_over_setup, watch_day
from queue_server.http.app import create_app
from queue_server.http.desk import Desk
from queue_server.journal.backup import backup, restore
from queue_server.journal.entry import Entry
from queue_server.journal.journal import Journal, JournalError
from queue_server.mqtt_door import MqttDoor
from queue_server.office import Office
from queue_server.queue.events import TicketIssued
from queue_server.queue.state import OfficeDay
from queue_server.replaying import Replays
from queue_server.settings import journal_path
from queue_server.site.model import Site
from queue_server.source import OfficeSource
from tests.storm.adapter_site import LOAD_SECRET, either, small_site

PAGES = 2**30  # more than any story fills
BROKER = "mqtt://server:storm@broker:1883"

RECEIVED = either("queue_server.kit.mqtt:Received", "queue_server.messaging.client:Received")
CORRECT_CLOCK = either("queue_server.queue.commands:CorrectClock")
__all__ = ["JournalError"]  # what a start ends with where the record cannot be used
CLOCK_CORRECTED = either("queue_server.queue.events:ClockCorrected")
RECORD = either("queue_server.record:Record")
LOAD_DAY = either("queue_server.record:load_day")
RAISE_GENERATION = either("queue_server.generation:raise_generation")
LAST_MOMENT = either("queue_server.generation:last_moment")
LEAVE_GAP = either("queue_server.generation:leave_gap")
REPORTS = either("queue_server.device_reports:DeviceReports")
FORECASTS = either("queue_server.forecaster.link:ForecastLink")
FOLLOWERS = either("queue_server.follower.followers:Followers")
OFFICE_FILES = either("queue_server.follower.files:OfficeFiles")
COPY = either("queue_server.follower.copy:Copy")
VERIFY = either("queue_server.journal.verify:verify", "queue_server.journal.replay:verify")


def known_by(made: Any, **given: Any) -> dict[str, Any]:
    """Those of the arguments that this version takes."""
    return {name: value for name, value in given.items() if name in inspect.signature(made).parameters}


def limit_pages(base: sqlite3.Connection, *, full: bool) -> None:
    """A full disk as SQLite meets it: no page beyond those that are there."""
    pages = base.execute("pragma page_count").fetchone()[0]
    base.execute(f"pragma max_page_count = {pages if full else PAGES}")


def back_up(folder: Path, archive: Path) -> None:
    """As `motcua backup` does, while the server runs."""
    backup(folder, archive)


def restore_into(archive: Path, folder: Path) -> None:
    """As `motcua restore` does, into an empty folder."""
    restore(archive, folder)
    if RAISE_GENERATION:
        RAISE_GENERATION(folder, "restore")


def key_of(command_id: str) -> str:
    """The key under which whoever asked knows the command."""
    return command_id


def is_correction(event: Any) -> bool:
    """Whether the office's time was moved here, on purpose."""
    return CLOCK_CORRECTED is not None and isinstance(event, CLOCK_CORRECTED)


@dataclass(slots=True)
class OfficeProgram:
    """One life of the office's program: journal, loop, HTTP and MQTT door, the keeper of the day."""

    folder: Path
    site: Site
    wall: Callable[[], datetime]
    steady: Callable[[], float]
    journal: Journal
    record: Any  # None in versions without an anchor
    office: Office = field(init=False)
    source: OfficeSource = field(init=False)
    door: MqttDoor = field(init=False)
    followers: Any = None
    forecasts: Any = None
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    @property
    def app(self) -> Any:
        """What answers HTTP; of whichever life is the newest."""
        return _application().app

    @property
    def state(self) -> OfficeDay:
        return self.office.state

    def now(self) -> datetime:
        """The office's own time."""
        return self.office.now()

    def entries(self) -> list[Entry]:
        """The whole journal as it is on disk."""
        return self.journal.after(0, 10**6)

    def replayed(self) -> OfficeDay:
        """The day as the file tells it."""
        fresh = Office(self.journal, self.wall)
        fresh.load()
        fresh.state.version = self.state.version  # counts changes since the program started, for the pages
        return fresh.state

    def problems(self) -> list[str]:
        """What verifying the journal finds."""
        return list(VERIFY(self.journal).problems)

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """A message as the broker hands it over."""
        self.door._received(RECEIVED(topic=topic, payload=payload, retained=retained))

    def foretold(self, line: bytes) -> None:
        """A line of the forecasting program, as it came out of its pipe."""
        self.forecasts.take(line)

    def fill_disk(self, *, full: bool) -> None:
        """From now on SQLite finds no room for another page; or again."""
        writer = self.journal._writer
        if writer is not None:
            limit_pages(writer, full=full)

    async def confirm_clock(self) -> None:
        """As `motcua clock` does: a person says that the machine's clock is right."""
        if CORRECT_CLOCK is not None:
            await self.office.do(CORRECT_CLOCK())

    async def start(self, listener: Callable[[Sequence[Entry]], None], found: Callable[[int], None]) -> "OfficeProgram":
        """Returns when the office serves. `listener` hears of entries once they are durable, `found` of the newest."""
        tokens = Tokens(LOAD_SECRET(self.folder))
        office = self.office = Office(self.journal, self.wall, **known_by(Office, steady=self.steady))
        self.source = OfficeSource(office, self.site, tokens)
        reports = REPORTS(office, clock=self.steady) if REPORTS else None
        self.door = MqttDoor(
            office, self.source, data=self.folder, port=0, url=BROKER, **known_by(MqttDoor, reports=reports)
        )
        self.forecasts = FORECASTS(
            self.folder, **known_by(FORECASTS, alert=getattr(self.door, "alert", None), now=office.now)
        )
        self.source.forecasts = self.forecasts
        if hasattr(office, "foresee"):
            office.foresee = self.source.foreseen
        self.door._loop = asyncio.get_running_loop()
        if FOLLOWERS:
            files = OFFICE_FILES(self.folder)
            self.followers = FOLLOWERS(
                files, self.journal.path, office=self.site.id, now=office.now, steady=self.steady
            )
        await self._open(found)
        self.source.reload()
        _bind(office, self.source, self.site, reports)
        office.listen(self._remember)
        office.listen(listener)
        opened = asyncio.Event()
        keeping = watch_day(office, self.site, opened)
        self.tasks = [asyncio.create_task(keeping), asyncio.create_task(self._on_new_day(opened))]
        return self

    async def _open(self, found: Callable[[int], None]) -> None:
        self.journal.open()
        found(self.journal.last_seq)
        if self.record is None:
            self.office.load()
        else:
            self.record.opened()
            if self.journal.loss is not None and RAISE_GENERATION:
                RAISE_GENERATION(self.folder, "tail-lost", self.journal.loss.missing or None)
            LOAD_DAY(self.office)
            self.office.listen(self.record.committed)
        if self.followers is not None:
            self.followers.start(self.journal.last_seq, None)
            self.office.listen(self.followers.committed)
        self.office.start()
        loss = getattr(self.journal, "loss", None)
        replaced = loss is not None and not loss.missing
        last = LAST_MOMENT(self.journal) if LAST_MOMENT and not replaced else None
        await take_over_setup(self.office, self.site)
        await keep_day(self.office, self.site)
        if LEAVE_GAP:
            await LEAVE_GAP(self.office, self.site, self.folder, last)

    def _remember(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry.event, TicketIssued):
                self.source.remember(entry.event)

    async def _on_new_day(self, opened: asyncio.Event) -> None:
        while True:
            await opened.wait()
            opened.clear()
            self.source.reload()

    async def stop(self) -> None:
        """As SIGTERM does."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.office.stop()
        self.close()

    def close(self) -> None:
        """Lets go of the files."""
        if self.followers is not None:
            self.followers.close()
        if self.record is not None:
            self.record.close()
        self.journal.close()


def office_program(
    folder: Path, site: Site, *, wall: Callable[[], datetime], steady: Callable[[], float]
) -> OfficeProgram:
    """A program on a data folder, to be started."""
    record = RECORD(folder) if RECORD else None
    journal = record.journal if record else Journal(journal_path(folder))
    return OfficeProgram(folder, site, wall, steady, journal, record)


@dataclass(slots=True)
class Seen:
    """What a start sees of a record: the hashes of its entries, and what it says is lost. `problems` asks verify."""

    hashes: list[str]
    loss: Any
    problems: Callable[[], list[str]]


@contextmanager
def seen(folder: Path) -> Iterator[Seen]:
    """A data folder as a start opens it; raises what the start would end with."""
    record = RECORD(folder) if RECORD else None
    journal = record.journal if record else Journal(journal_path(folder))
    try:
        journal.open()
        hashes = [str(row["hash"]) for row in journal.rows("select hash from journal order by seq")]
        yield Seen(hashes, getattr(journal, "loss", None), lambda: list(VERIFY(journal).problems))
    finally:
        journal.close()


@dataclass(slots=True)
class _Application:
    desk: Desk
    app: Any


@cache
def _application() -> _Application:
    """Making the routes takes longer than a whole story: one application serves every life, one after the other."""
    nothing: Any = None
    desk = Desk(
        office=nothing, source=nothing, site=small_site(), public_url="http://office",
        streams=Hub(heartbeat=60), replays=Replays(Path()), **known_by(Desk, reports=nothing, followers=nothing),
    )  # fmt: skip
    return _Application(desk, create_app(desk))


def _bind(office: Office, source: OfficeSource, site: Site, reports: Any) -> None:
    desk: Any = _application().desk
    desk.office, desk.source, desk.site = office, source, site
    if REPORTS:
        desk.reports = reports
    if hasattr(desk, "phone_limit"):
        desk.phone_limit.clear()
    else:
        desk.__post_init__()
