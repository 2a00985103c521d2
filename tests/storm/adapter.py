"""The one place where the storm touches the product: how its parts are opened. Differences of versions stay here.

`python -m tests.storm --code DIR` runs the same storm against the packages of another checkout.
"""

import asyncio
import importlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from display.hub import Hub
from kiosk.events import AskForTicket, Event
from kiosk.main import KioskOptions, assemble
from kiosk.state import State
from queue_server.auth import Tokens
from queue_server.contract.ports import Identity
from queue_server.days import keep_day, take_over_setup, watch_day
from queue_server.http.app import create_app
from queue_server.http.desk import Desk
from queue_server.journal.entry import Entry
from queue_server.journal.journal import Journal
from queue_server.mqtt_door import MqttDoor
from queue_server.office import Office
from queue_server.queue.events import TicketIssued
from queue_server.queue.state import OfficeDay
from queue_server.replaying import Replays
from queue_server.settings import journal_path
from queue_server.site.loader import load_site
from queue_server.site.model import Site
from queue_server.source import OfficeSource

SERVICES = ("ho_tich", "chung_thuc", "dat_dai")
COUNTERS = {"q1": ("ho_tich", "chung_thuc"), "q2": ("chung_thuc", "ho_tich"), "q5": ("dat_dai", "ho_tich")}
KIOSKS = ("kiosk-1", "kiosk-2")
LEASE = 6
ADDRESS = "10.0.0.1"
KEY = b"the key of the storm"


def either(*places: str) -> Any:
    """The first of "module:name" that this version of the product has; None where it has none of them."""
    for place in places:
        module, name = place.split(":")
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue
    return None


RECEIVED = either("queue_server.kit.mqtt:Received", "queue_server.messaging.client:Received")
CORRECT_CLOCK = either("queue_server.queue.commands:CorrectClock")
CLOCK_CORRECTED = either("queue_server.queue.events:ClockCorrected")
SECRET = either("queue_server.keys:Secret")
OFFICE_TIME = either("kiosk.office_time:OfficeTime")
RECORD = either("queue_server.record:Record")
LOAD_DAY = either("queue_server.record:load_day")
verify = either("queue_server.journal.verify:verify", "queue_server.journal.replay:verify")
OPENED: list["OfficeProgram"] = []  # in this story, the dead ones too


def tokens() -> Tokens:
    """Who may do what, by the key of the storm."""
    secret: Any = SECRET.single(KEY) if SECRET else KEY
    return Tokens(secret)


@cache
def small_site() -> Site:
    """The example office with three services, three counters, two kiosks and a short catalogue."""
    site = load_site(None)
    office = site.office
    services = {name: office.services[name] for name in SERVICES}
    counters = {name: replace(office.counters[name], services=serves) for name, serves in COUNTERS.items()}
    fields = ("ho_tich", "chung_thuc", "dat_dai")
    short = tuple(
        replace(version, procedures=dict(_shortest(version.procedures, fields))) for version in site.catalogues.versions
    )
    known = site.kiosks["kiosk-1"]
    return replace(
        site,
        office=replace(
            office, services=services, counters=counters, kiosks=KIOSKS, rules=replace(office.rules, lease_size=LEASE)
        ),
        kiosks={name: replace(known, id=name, services=()) for name in KIOSKS},
        counter_services={},
        catalogues=replace(site.catalogues, versions=short),
        everyday=replace(site.everyday, groups={}, phrases={}),
    )


def _shortest(procedures: dict[str, Any], fields: Sequence[str]) -> list[tuple[str, Any]]:
    return [min(_of(procedures, field), key=lambda each: len(str(each[1]))) for field in fields]


def _of(procedures: dict[str, Any], field: str) -> list[tuple[str, Any]]:
    return [(name, known) for name, known in procedures.items() if known.field == field]


def site_with(policy: str, closed: int) -> Site:
    """The small office under a policy of calling. One weekday is closed: the open hours of ever are long to count."""
    site = small_site()
    week = tuple(() if day == closed else ((0, 1440),) for day in range(7))
    hours = replace(site.hours, id="mostly", week=week)
    return replace(
        site,
        office=replace(site.office, policy=replace(site.office.policy, name=policy)),
        hours=hours,
        service_hours=dict.fromkeys(SERVICES, hours),
        counter_hours=dict.fromkeys(COUNTERS, hours),
    )


def policies() -> tuple[str, ...]:
    """The policies that a site may name and that need no forecaster."""
    return ("fcfs", "ratio", "index")


def zone() -> ZoneInfo:
    """Where the office stands."""
    return ZoneInfo(small_site().timezone)


def prefix(service: str) -> str:
    """The letter of a service's numbers."""
    return small_site().office.services[service].prefix


def token(role: str, **place: str) -> str:
    """A bearer token of the office."""
    return tokens().make(Identity(role=role, subject=role, **place))


def key_of(command_id: str) -> str:
    """The key under which whoever asked knows the command."""
    return command_id


def is_correction(event: Any) -> bool:
    """Whether the office's time was moved here, on purpose."""
    return CLOCK_CORRECTED is not None and isinstance(event, CLOCK_CORRECTED)


def recall_gap() -> float:
    """Seconds between two calls of one person."""
    return float(small_site().office.rules.recall_gap)


def entries(program: "OfficeProgram") -> list[Entry]:
    """The whole journal as it is on disk."""
    return program.journal.after(0, 10**6)


def _knows_steady() -> bool:
    return "steady" in inspect.signature(Office).parameters


@dataclass(slots=True)
class OfficeProgram:
    """One life of the office's program: journal, loop, HTTP and MQTT door, the keeper of the day."""

    folder: Path
    site: Site
    wall: Callable[[], datetime]
    steady: Callable[[], float]
    office: Office
    journal: Journal
    record: Any
    door: MqttDoor
    tasks: list[asyncio.Task[Any]]

    @property
    def app(self) -> Any:
        return _application().app

    def now(self) -> datetime:
        return self.office.now()

    @property
    def state(self) -> OfficeDay:
        return self.office.state

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """A message as the broker hands it over."""
        self.door._received(RECEIVED(topic=topic, payload=payload, retained=retained))

    async def confirm_clock(self) -> None:
        """As `motcua clock` does: a person says that the machine's clock is right."""
        if CORRECT_CLOCK is not None:
            await self.office.do(CORRECT_CLOCK())

    def replayed(self) -> OfficeDay:
        """The day as the file tells it."""
        fresh = Office(self.journal, self.wall)
        fresh.load()
        fresh.state.version = self.office.state.version  # counts changes since the program started, for the pages
        return fresh.state

    def problems(self) -> list[str]:
        """What verifying the journal finds."""
        return list(verify(self.journal).problems)

    async def stop(self) -> None:
        """As SIGTERM does."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.office.stop()
        self.close()

    def close(self) -> None:
        """Lets go of the files."""
        if self.record:
            self.record.close()
        self.journal.close()


async def open_office(
    folder: Path,
    site: Site,
    *,
    wall: Callable[[], datetime],
    steady: Callable[[], float],
    listener: Callable[[Sequence[Entry]], None],
) -> OfficeProgram:
    """The order of `queue_server.runtime`, without sockets."""
    record = RECORD(folder) if RECORD else None
    journal = record.journal if record else Journal(journal_path(folder))
    office = Office(journal, wall, **({"steady": steady} if _knows_steady() else {}))
    source = OfficeSource(office, site, tokens())
    door = MqttDoor(office, source, data=folder, port=0, url="mqtt://server:storm@broker:1883")
    door._loop = asyncio.get_running_loop()
    program = OfficeProgram(folder, site, wall, steady, office, journal, record, door, [])
    OPENED.append(program)
    journal.open()
    if record:
        record.opened()
        LOAD_DAY(office)
        office.listen(record.committed)
    else:
        office.load()
    office.start()
    await take_over_setup(office, site)
    await keep_day(office, site)
    source.reload()
    _bind(office, source, site)

    def committed(entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry.event, TicketIssued):
                source.remember(entry.event)
        listener(entries)

    office.listen(committed)
    opened = asyncio.Event()

    async def on_new_day() -> None:
        while True:
            await opened.wait()
            opened.clear()
            source.reload()

    program.tasks = [asyncio.create_task(watch_day(office, site, opened)), asyncio.create_task(on_new_day())]
    return program


def clear_away() -> None:
    """After a story: the files and threads of every life are let go."""
    for program in OPENED:
        program.close()
    OPENED.clear()


@dataclass(slots=True)
class _Application:
    desk: Desk
    app: Any


@cache
def _application() -> _Application:
    """Making the routes takes longer than a whole story: one application serves every life, one after the other."""
    nothing: Any = None
    desk = Desk(
        office=nothing, source=nothing, site=small_site(), public_url=f"http://{ADDRESS}",
        streams=Hub(heartbeat=60), replays=Replays(Path()), origins=frozenset(),
    )  # fmt: skip
    return _Application(desk, create_app(desk))


def _bind(office: Office, source: OfficeSource, site: Site) -> None:
    desk = _application().desk
    desk.office, desk.source, desk.site = office, source, site
    if hasattr(desk, "phone_limit"):
        desk.phone_limit.clear()
    else:
        desk.__post_init__()


class KioskProgram:
    """One life of a kiosk's program: everything but the glass."""

    def __init__(
        self, folder: Path, kiosk: str, *, wall: Callable[[], datetime], steady: Callable[[], float], boot: str,
        every: float,
    ) -> None:  # fmt: skip
        options = KioskOptions(
            url=f"http://{ADDRESS}", kiosk=kiosk, token=token("kiosk", kiosk=kiosk), data=folder, sync_every=every
        )
        self.kiosk = kiosk
        time = OFFICE_TIME(wall=wall, steady=steady, boot=boot) if OFFICE_TIME else None
        clocks: dict[str, Any] = {"time": time} if time else {"clock": wall}
        self.parts = assemble(options, steady=steady, boot=kiosk, **clocks)
        self.contact = False  # the server was heard in this life
        self.parts.driver.listen(self._note_contact)

    def _note_contact(self, state: State) -> None:
        self.contact = self.contact or state.world.server_up

    async def run(self) -> None:
        """The background loop, until cancelled."""
        await self.parts.sync.run()

    async def take(self, ask: AskForTicket) -> Event | None:
        """What the flow hears of a taking."""
        found: Event | None = None
        async for event in self.parts.effects.run(ask, self.parts.sync.world):
            found = event
        return found

    def free(self, day: str, prefix: str) -> int:
        """How many numbers of a day it may still give alone."""
        return sum(each.prefix == prefix for each in self.parts.spool.free(day))

    def letter_day(self, number: str) -> str | None:
        """The day under which a number given alone was noted for handing in."""
        days = [e.day for e in self.parts.spool.all_letters() if e.kind == "hand-in" and e.body.get("number") == number]
        return days[-1] if days else None

    def waiting_letters(self) -> list[str]:
        """Numbers that are still to be handed in."""
        letters = self.parts.spool.all_letters()
        return [str(e.body["number"]) for e in letters if e.kind == "hand-in" and e.state == "due"]
