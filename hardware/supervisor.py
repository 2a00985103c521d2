"""The virtual devices of one office: started together, watched, brought back when they fall over."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hardware.device_link import DeviceLink
from hardware.printer_watch import printer_presence
from hardware.simulated.device_page import DevicePage
from hardware.simulated.keypad import Keypad
from hardware.simulated.panel import Panel
from hardware.simulated.virtual_printer import Knobs, VirtualPrinter
from queue_server.contract.broker import BrokerAddress

_log = logging.getLogger(__name__)
_SHORTEST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0

Credentials = Callable[[str], BrokerAddress]


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePlan:
    """Which devices to run. Tickets are drawn into `folder/<printer>`; port 0 means any free port.

    Device names: the printers' own, and `keypad-<counter>`, `panel-<counter>` for each counter.
    """

    site: str
    folder: Path
    counters: tuple[str, ...] = ()
    printers: tuple[str, ...] = ("printer-1",)
    host: str = "127.0.0.1"
    printer_port: int = 0
    page_port: int = 0
    knobs: Knobs = field(default_factory=Knobs)

    @property
    def devices(self) -> tuple[str, ...]:
        """The names of all devices, as the broker must know them."""
        on_counters = [f"{kind}-{counter}" for counter in self.counters for kind in ("keypad", "panel")]
        return (*self.printers, *on_counters)


class VirtualDevices:
    """Printers, keypads and panels of a plan inside the running event loop, with their page.

    `credentials` tells each device where and as whom to speak MQTT; without it there are printers and page only.
    """

    def __init__(self, plan: DevicePlan, credentials: Credentials | None = None) -> None:
        self.plan = plan
        self.printers: dict[str, VirtualPrinter] = {}
        self.keypads: dict[str, Keypad] = {}
        self.panels: dict[str, Panel] = {}
        self.restarts = 0
        self._credentials = credentials
        self._links: dict[str, DeviceLink] = {}
        self._page: DevicePage | None = None
        self._watchmen: set[asyncio.Task[None]] = set()

    @property
    def printer_host(self) -> str:
        """Where the first printer listens."""
        return next(iter(self.printers.values())).host

    @property
    def printer_port(self) -> int:
        """The first printer's port."""
        return next(iter(self.printers.values())).port

    @property
    def page_url(self) -> str:
        """The page that shows the devices, their last ticket and their faults to be caused."""
        return self._page.url if self._page else ""

    async def __aenter__(self) -> Self:
        """Start them; see `start`."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop them; see `stop`."""
        await self.stop()

    async def start(self) -> None:
        """Start every device; raises OSError when a port is taken. A broker that is away is waited for."""
        try:
            for index, name in enumerate(self.plan.printers):
                await self._start_printer(name, self.plan.printer_port + index if self.plan.printer_port else 0)
            self._page = DevicePage(
                self.printers, self.keypads, self.panels, host=self.plan.host, port=self.plan.page_port
            )
            await self._page.start()
            if self._credentials is not None:
                self._start_counters(self._credentials, self._page.changed_in_thread)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop every device; each says good-bye to the broker."""
        for watchman in self._watchmen:
            watchman.cancel()
        await asyncio.gather(*self._watchmen, return_exceptions=True)
        self._watchmen.clear()
        if self._page is not None:
            await self._page.stop()
        farewells: list[Callable[[], None]] = [link.stop for link in self._links.values()]
        farewells += [keypad.stop for keypad in self.keypads.values()]
        farewells += [panel.stop for panel in self.panels.values()]
        await _all_at_once(farewells)
        for printer in self.printers.values():
            await printer.stop()

    async def _start_printer(self, name: str, port: int) -> None:
        knobs = Knobs(**{key: getattr(self.plan.knobs, key) for key in Knobs.__dataclass_fields__})
        printer = VirtualPrinter(self.plan.folder / name, host=self.plan.host, port=port, knobs=knobs)
        self.printers[name] = printer
        await printer.start()
        self._watchmen.add(asyncio.create_task(self._keep(name, printer.broken, printer.restart)))
        if self._credentials is not None:
            self._links[name] = self._announce(name, printer, self._credentials(name))

    def _announce(self, name: str, printer: VirtualPrinter, address: BrokerAddress) -> DeviceLink:
        told: dict[str, object] = {}

        def presence() -> dict[str, object]:
            return printer_presence(printer.status)

        def changed() -> None:
            nonlocal told
            if (now := presence()) != told:
                told = now
                link.refresh()

        link = DeviceLink(address, site=self.plan.site, device=name, presence=presence)
        printer.watch(changed)
        link.start()
        return link

    def _start_counters(self, credentials: Credentials, changed: Callable[[], None]) -> None:
        for counter in self.plan.counters:
            keypad = Keypad(credentials(f"keypad-{counter}"), site=self.plan.site, counter=counter, on_change=changed)
            panel = Panel(credentials(f"panel-{counter}"), site=self.plan.site, counter=counter, on_change=changed)
            self.keypads[counter], self.panels[counter] = keypad, panel
            keypad.start()
            panel.start()

    async def _keep(
        self, name: str, broken: Callable[[], Awaitable[Exception]], restart: Callable[[], Awaitable[None]]
    ) -> None:
        """Restart a device whenever it falls over; wait longer each time it does so at once."""
        pause = _SHORTEST_PAUSE
        loop = asyncio.get_running_loop()
        while True:
            since = loop.time()
            error: Exception | None = await broken()
            if loop.time() - since > _LONGEST_PAUSE:
                pause = _SHORTEST_PAUSE
            while error is not None:
                self.restarts += 1
                _log.error("%s fell over, restarting it in %s s", name, pause, exc_info=error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                error = await _tried(restart)


async def _all_at_once(farewells: list[Callable[[], None]]) -> None:
    """A thread for each: the loop's own few threads would let many devices say good-bye one after the other."""
    if farewells:
        with ThreadPoolExecutor(max_workers=len(farewells)) as threads:
            loop = asyncio.get_running_loop()
            await asyncio.gather(*(loop.run_in_executor(threads, farewell) for farewell in farewells))


async def _tried(restart: Callable[[], Awaitable[None]]) -> OSError | None:
    try:
        await restart()
    except OSError as error:
        return error
    return None
