"""One office, running: journal, loop, pages, broker, doors. Started and stopped in order."""

import asyncio
import contextlib
import gc
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn

from display import render
from display.hub import Hub
from display.web import Display
from queue_server.auth import Tokens
from queue_server.contract.origins import own_origins
from queue_server.contract.views import PolicyView
from queue_server.days import keep_day, site_waits, take_over_setup, watch_day
from queue_server.demonstration import claim_demonstration, demonstration_begins
from queue_server.device_reports import DeviceReports
from queue_server.follower.files import OfficeFiles
from queue_server.follower.followers import Followers
from queue_server.follower.peers import TakenOver, refuse_when_taken_over, watch_peers
from queue_server.forecaster.link import ForecastLink
from queue_server.generation import last_moment, leave_gap, raise_generation, read_generation
from queue_server.http.app import create_app
from queue_server.http.connections import OWN_MACHINE, Connection
from queue_server.http.desk import Desk
from queue_server.http.events import publish_entries
from queue_server.http.room import Doors, raise_file_limit, room_for
from queue_server.journal.entry import Entry
from queue_server.keys import Secret, load_secret, watch_keys
from queue_server.kit.program import program
from queue_server.logs import Log
from queue_server.machine import bound, claimed
from queue_server.mqtt_door import MqttDoor
from queue_server.nightly import Nightly
from queue_server.office import Office
from queue_server.options import ConfigError
from queue_server.people.store import People, watch_people
from queue_server.queue.events import TicketIssued
from queue_server.queue.foreseen import LOOK_AHEAD
from queue_server.record import CHECK_AFTER, Record, load_day
from queue_server.replaying import Replays
from queue_server.sessions import FILE as SESSIONS
from queue_server.sessions import Sessions
from queue_server.site.loader import files_of, load_site
from queue_server.site.model import Site
from queue_server.site_check import catalogue_gap
from queue_server.source import OfficeSource
from queue_server.syslog import Receiver
from queue_server.views.clock import clock_health
from queue_server.views.policy import policy_view

log = Log(__name__)

GC_THRESHOLDS = (20_000, 20, 50)  # a day in memory has no cycles; full collections cost milliseconds
FORECAST_AFTER = 1.0  # seconds: the first requests come first
GRACE = 2  # seconds that open requests get at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the server needs to run."""

    data: Path
    site: Path | None
    host: str
    port: int
    mqtt_port: int
    mqtt_url: str | None = None
    links: Sequence[tuple[str, str]] = field(default_factory=tuple)
    forecast: bool = True  # in a program of its own
    speed: float = 1.0  # office seconds a second; another than 1 makes a demonstration
    anchor: Path | None = None  # folder for the end of the record, where it is not the data folder
    syslog: Receiver | None = None  # where a day's two ends of the record go as well
    check_after: float = CHECK_AFTER  # seconds from the start until the journal's file is looked through


class QuietServer(uvicorn.Server):
    """Uvicorn without its own signal handlers: the composition root decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Runtime:
    """Everything of one office in this process. `start`, then `stop`; the constructor does nothing."""

    def __init__(self, options: RunOptions) -> None:
        self.options = options
        self.site: Site = load_site(options.site)
        self._tasks: list[asyncio.Task[None]] = []
        self._new_day = asyncio.Event()

    async def start(self) -> None:
        """Returns when server, pages and broker serve."""
        options = self.options
        self.taken_over: asyncio.Future[TakenOver] = asyncio.get_running_loop().create_future()
        self.claim = claimed(options.data)
        await asyncio.to_thread(refuse_when_taken_over, options.data, self.site.id)
        if options.speed != 1.0:
            claim_demonstration(options.data)
        self.tokens = Tokens(load_secret(options.data))
        self.room = room_for(raise_file_limit())
        self.listener = bound(options.host, options.port)
        self.url = f"http://{_shown(options.host)}:{self.listener.getsockname()[1]}"
        self.record = Record(options.data, options.anchor, options.syslog, options.check_after)
        self.journal = self.record.journal
        self.office = Office(self.journal)
        self.nightly = Nightly(options.data, self.site)
        self.sessions = Sessions(self.tokens, options.data / SESSIONS, speed=options.speed)
        self.people = People(options.data)
        self.source = OfficeSource(self.office, self.site, self.tokens, self.sessions, self.people)
        self.reports = DeviceReports(self.office)
        files = OfficeFiles(options.data, files_of(options.site))
        self.followers = Followers(
            files, self.journal.path, office=self.site.id, now=self.office.now, steady=time.monotonic
        )
        self.source.followers = self.followers
        self.mqtt = MqttDoor(
            self.office, self.source, data=options.data, port=options.mqtt_port, url=options.mqtt_url,
            reports=self.reports,
        )  # fmt: skip
        self.forecasts = ForecastLink(options.data, options.site, alert=self.mqtt.alert, now=self.office.now)
        self.source.forecasts = self.forecasts
        self.office.foresee = self.source.foreseen
        starting_broker = asyncio.create_task(asyncio.to_thread(self.mqtt.start_broker))
        try:
            await self._start_office()
        finally:
            await starting_broker
        self.mqtt.connect(asyncio.get_running_loop())
        self._start_pages(options)
        await self._serve()
        gc.enable()
        gc.collect()
        gc.freeze()  # what lives as long as the program need not be looked at again and again
        gc.set_threshold(*GC_THRESHOLDS)

    async def _start_office(self) -> None:
        self.journal.open()
        self.record.opened()
        if self.journal.loss is not None:
            raise_generation(self.options.data, "tail-lost", self.journal.loss.missing or None)
        if self.options.speed != 1.0:
            begins = demonstration_begins(self.office.now(), self.site.timezone, self.journal.newest_at())
            self.office.clock.demonstrate(self.options.speed, begins)
        load_day(self.office)
        self.office.listen(self.record.committed)
        self.office.start()
        self.followers.start(self.journal.last_seq, read_generation(self.options.data))
        self.office.listen(self.followers.committed)
        replaced = self.journal.loss is not None and not self.journal.loss.missing
        last = None if replaced else last_moment(self.journal)
        await take_over_setup(self.office, self.site)
        if gap := catalogue_gap(self.site, self.office.now().astimezone(ZoneInfo(self.site.timezone)).date()):
            log.warning("no-catalogue-in-force", told=gap)
        opened = await keep_day(self.office, self.site)
        await leave_gap(self.office, self.site, self.options.data, last)
        if opened:
            await self.nightly.start_day(self.office)
        self.source.reload()

    def _start_pages(self, options: RunOptions) -> None:
        self.hub = Hub()
        self.replays = Replays(options.data)
        public = self.site.public_url or self.url
        origins = own_origins(self.url, self.site.public_url)
        self.display = Display(
            self.source,
            self.source,
            self.hub,
            base_url=public,
            voice_folder=options.data / "voice",
            policy=self._policy,
            links=options.links,
            streams=self.room.streams,
            zone=self.site.timezone,
            origins=origins,
            speed=options.speed,
        )
        self.desk = Desk(
            office=self.office,
            source=self.source,
            site=self.site,
            public_url=public.rstrip("/"),
            streams=self.hub,
            replays=self.replays,
            origins=origins,
            health=self.health,
            doors=Doors.of(self.room),
            reports=self.reports,
            followers=self.followers,
        )
        self.app = create_app(self.desk, (self.display.router,))
        self.office.listen(self._committed)

    async def _serve(self) -> None:
        connections = self.desk.doors.connections
        config = uvicorn.Config(
            self.app,
            http=partial(Connection, connections=connections),  # type: ignore[arg-type]  # called like the class
            ws="none",
            forwarded_allow_ips=sorted(OWN_MACHINE),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE,
            lifespan="off",
            server_header=False,
            backlog=512,
        )
        self.server = QuietServer(config)
        self._tasks = [
            asyncio.create_task(self.server.serve(sockets=[self.listener]), name="http"),
            asyncio.create_task(connections.watch(), name="connections"),
            asyncio.create_task(watch_day(self.office, self.site, self._new_day), name="day"),
            asyncio.create_task(self._on_new_day(), name="new-day"),
            asyncio.create_task(self._prepare(), name="pages-and-voice"),
            asyncio.create_task(watch_keys(self.options.data, self._renew_keys), name="keys"),
            asyncio.create_task(watch_people(self.people), name="people"),
            asyncio.create_task(watch_peers(self.options.data, self.site.id, self.taken_over), name="peers"),
        ]
        if self.options.forecast:
            self._tasks.append(asyncio.create_task(self._look_ahead(), name="forecast"))
        while not self.server.started:
            if self._tasks[0].done():
                self._tasks[0].result()
                raise ConfigError("the HTTP server did not start")
            await asyncio.sleep(0.01)

    async def _prepare(self) -> None:
        await asyncio.sleep(1.0)  # the first requests come first
        # Not in the loop's own threads: the program would wait for them at its end, and a pack takes many seconds.
        threading.Thread(target=self._prepare_display, name="pages-and-voice", daemon=True).start()

    def _prepare_display(self) -> None:
        render.prepare(self.display.zone)
        self.display.voice.prepare()

    async def _look_ahead(self) -> None:
        await asyncio.sleep(FORECAST_AFTER)
        await self.forecasts.run()

    async def _on_new_day(self) -> None:
        while True:
            await self._new_day.wait()
            self._new_day.clear()
            await self.nightly.start_day(self.office)
            self.source.reload()

    def _renew_keys(self, secret: Secret) -> None:
        self.tokens.renew(secret)
        self.source.reload()
        log.warning("keys-changed")

    def _committed(self, entries: Sequence[Entry]) -> None:
        """Tells everybody who listens, on the event loop, after the entries are durable."""
        for entry in entries:
            if isinstance(entry.event, TicketIssued):
                self.source.remember(entry.event)
        publish_entries(self.hub, entries)
        self.display.changed()
        self.mqtt.committed(entries)

    def _policy(self) -> PolicyView:
        state = self.office.state
        nightly, waits = self.nightly.told(state.policy), site_waits(state, self.site)
        return replace(policy_view(state.setup, state.policy), nightly=nightly, site_waits=waits)

    def health(self) -> dict[str, str]:
        """Parts and whether they work: "ok" or what is wrong."""
        state = self.office.state
        return {
            "journal": self._journal_health(),
            "record": self.record.health(),
            "people": self.people.health(),
            "day": "ok" if state.config is not None and not state.closed else "the office day is not open",
            "site": (site_waits(state, self.site) or {"en": "ok"})["en"],
            "broker": "ok" if self.mqtt.connected else self.mqtt.complaint,
            "clock": clock_health(self.office.clock.read(), self.site.timezone, program()),
            **self.followers.health(),
            **({"forecast": self._forecast_health()} if self.options.forecast else {}),
        }

    def _journal_health(self) -> str:
        full = "" if self.office.healthy else "the journal takes no writes; is the disk full?"
        return self.record.gone or full or "ok"

    def _forecast_health(self) -> str:
        return self.forecasts.health(self.office.now(), look_ahead=self.office.state.policy.name == LOOK_AHEAD)

    async def serve_until(self, stop: asyncio.Event) -> None:
        """Returns when `stop` is set; raises `ConfigError` when another machine has taken this office over."""
        self.taken_over.add_done_callback(lambda _: stop.set())
        await stop.wait()
        if self.taken_over.done():
            raise ConfigError(str(self.taken_over.result()))

    async def stop(self) -> None:
        """Ends streams, lets requests in hand finish, writes what is decided, then stops the broker."""
        if hasattr(self, "display"):
            await self.replays.stop()
            await self.display.close()
        if hasattr(self, "server"):
            self.server.should_exit = True
            await asyncio.wait({self._tasks[0]}, timeout=GRACE + 1)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if hasattr(self, "mqtt"):
            await self.reports.stop()
            await asyncio.to_thread(self.mqtt.stop)
        if hasattr(self, "office"):
            await self.office.stop()
            self.record.close()
            self.journal.close()
            self.followers.close()
        for files in ("sessions", "people"):
            if hasattr(self, files):
                getattr(self, files).close()
        if hasattr(self, "listener"):
            self.listener.close()
        if hasattr(self, "claim"):
            self.claim.close()


def _shown(host: str) -> str:
    """An address that a browser on this machine can open."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  shown, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
