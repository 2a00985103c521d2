"""Puts the kiosk together and runs it: `run(KioskOptions(...))`."""

import asyncio
import logging
import os
import signal
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from hardware.ports import Printer
from kiosk.cache import Cache
from kiosk.device_link import DeviceLink
from kiosk.driver import Driver
from kiosk.effects import Effects
from kiosk.events import WorldHeard
from kiosk.flow import start
from kiosk.office_time import OfficeTime
from kiosk.presence import Order, hear, last_will, own_state
from kiosk.printer_health import PrinterHealth
from kiosk.printing import SlipPrinter
from kiosk.server import Server
from kiosk.settings import ask_settings
from kiosk.speech import Speech
from kiosk.spool import Spool
from kiosk.state import State
from kiosk.sync import EVERY, Sync
from kiosk.world import World
from queue_server.contract.broker import BrokerAddress

READY_LINE = "kiosk ready"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskOptions:
    """One kiosk. `printer`: (host, port), None: the office's word. `mqtt`: None: waits are only polled.

    `fullscreen` False opens a window of `size`; `portrait` says how the screen stands, None: as the office says.
    """

    url: str
    kiosk: str
    token: str
    data: Path
    printer: tuple[str, int] | None = None
    mqtt: BrokerAddress | None = None
    portrait: bool | None = None
    fullscreen: bool = True
    size: tuple[int, int] | None = None
    sync_every: float = EVERY


def run(options: KioskOptions) -> int:
    """Show the kiosk until SIGTERM or SIGINT; the exit code."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines name every path, tickets' tokens among them
    options = settled(options)
    prepare_kivy(options)
    return asyncio.run(_run(options))


def settled(options: KioskOptions) -> KioskOptions:
    """With the screen as the office says, where nothing else was said; upright when nobody says anything."""
    if options.portrait is not None:
        return options
    server = Server(url=options.url, kiosk=options.kiosk, token=options.token)
    said = ask_settings(server, Cache(_cache_file(options)))
    return replace(options, portrait=said.portrait is not False)


def prepare_kivy(options: KioskOptions) -> None:
    """All that Kivy reads once at its first import."""
    for name in ("KIVY_NO_ARGS", "KIVY_NO_CONFIG", "KIVY_NO_FILELOG", "KIVY_NO_CONSOLELOG"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")  # leaves sys.stderr and our logging alone
    from kiosk.widgets.setup import configure

    width, height = options.size or ((1080, 1920) if options.portrait is not False else (1920, 1080))
    configure(width=width, height=height, fullscreen=options.fullscreen)


async def _run(options: KioskOptions) -> int:
    parts = assemble(options)
    from kiosk.app import KioskApp

    app = KioskApp(driver=parts.driver, clock=parts.sync.time.now, speech=Speech(), drawn=_say_ready)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    presence = Presence(broker=options.mqtt, kiosk=options.kiosk, parts=parts) if options.mqtt else None
    background = asyncio.gather(parts.sync.run(), parts.health.run())
    screen = asyncio.create_task(app.async_run(async_lib="asyncio"))
    ending = asyncio.create_task(stopping.wait())
    await asyncio.wait({screen, ending}, return_when=asyncio.FIRST_COMPLETED)
    app.stop()
    ending.cancel()
    background.cancel()
    await asyncio.gather(screen, background, ending, return_exceptions=True)
    if presence is not None:
        await asyncio.to_thread(presence.leave)
    await parts.close()
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything of a kiosk but the glass."""

    server: Server
    spool: Spool
    sync: Sync
    effects: Effects
    health: PrinterHealth
    driver: Driver

    async def close(self) -> None:
        """Let go of server and spool."""
        await self.server.close()
        self.spool.close()


class Presence:
    """Ties the line to the broker to the rest: our state goes out when it changes, live waits come in.

    The line opens once the server has told the site's name, which its topics need.
    """

    def __init__(self, *, broker: BrokerAddress, kiosk: str, parts: Parts) -> None:
        self._broker = broker
        self._kiosk = kiosk
        self._parts = parts
        self._order: dict[str, Order] = {}
        self._said: dict[str, Any] = {}
        self._will = last_will(kiosk=kiosk)
        self._link: DeviceLink | None = None
        parts.driver.listen(self._say)
        self._say(parts.driver.state)

    def leave(self) -> None:
        """Say that the kiosk is off, and go."""
        if self._link is not None:
            self._link.stop()

    def _open(self) -> DeviceLink | None:
        site = self._parts.sync.site
        if self._link is None and site:
            self._link = DeviceLink(
                broker=self._broker, site=site, kiosk=self._kiosk, will=self._will, heard=self._heard
            )
            self._link.start()
        return self._link

    def _say(self, state: State) -> None:
        link = self._open()
        if link is None:
            return
        said = own_state(state, kiosk=self._kiosk, at=self._parts.sync.time.now(), printer=state.problem)
        lasting = {key: value for key, value in said.items() if key != "at"}
        if lasting != self._said:
            self._said = lasting
            link.say(said)

    def _heard(self, topic: str, payload: bytes) -> None:
        sync = self._parts.sync
        world, self._order = hear(sync.world, self._order, site=sync.site, topic=topic, payload=payload)
        if world is not sync.world:
            sync.news(world)


def assemble(
    options: KioskOptions,
    *,
    time: OfficeTime | None = None,
    steady: Callable[[], float] = monotonic,
    boot: str | None = None,
) -> Parts:
    """The kiosk without its glass, ready to be driven by a screen or a test."""
    time = time or OfficeTime()
    options.data.mkdir(parents=True, exist_ok=True)
    server = Server(url=options.url, kiosk=options.kiosk, token=options.token)
    spool = Spool(options.data / f"spool-{options.kiosk}.db")
    spool.open()
    driver: Driver | None = None

    at = options.printer
    printer = SlipPrinter(_printer(at))

    def tell(world: World) -> None:
        if options.printer is None:
            connect(sync.settings.printer)
        if driver is not None:
            effects.index = sync.index
            driver.handle(WorldHeard(world))

    def connect(address: tuple[str, int] | None) -> None:
        nonlocal at
        if address != at:
            at = address
            printer.connect(_printer(address))

    cache = Cache(_cache_file(options))
    sync = Sync(server=server, spool=spool, cache=cache, time=time, tell=tell, every=options.sync_every)
    effects = Effects(server=server, spool=spool, printer=printer, time=time, nudge=sync.nudge)
    world = sync.load()
    tell(world)
    upright = options.portrait is not False
    first = start(boot=boot or uuid.uuid4().hex[:16], world=world, portrait=upright, now=steady())
    effects.index = sync.index
    driver = Driver(state=first, runner=effects, clock=steady)
    health = PrinterHealth(server=server, printer=printer)
    return Parts(server=server, spool=spool, sync=sync, effects=effects, health=health, driver=driver)


def _cache_file(options: KioskOptions) -> Path:
    return options.data / f"cache-{options.kiosk}.json"


def _printer(address: tuple[str, int] | None) -> Printer | None:
    if address is None:
        return None
    from hardware.drivers.network_printer import NetworkPrinter

    return NetworkPrinter(*address)


def _say_ready() -> None:
    sys.stdout.write(READY_LINE + "\n")
    sys.stdout.flush()
