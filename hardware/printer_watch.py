"""Tells the broker how a printer is, real or simulated, so that the desk sees a fault before a citizen does."""

import asyncio
from contextlib import suppress

from hardware.device_link import DeviceLink
from hardware.ports import Printer, PrinterStatus, Problem
from queue_server.contract.broker import BrokerAddress


def printer_presence(status: PrinterStatus) -> dict[str, object]:
    """What a printer adds to its availability message; one that cannot be reached is not online."""
    online = {"online": False} if status.unheard is Problem.UNREACHABLE else {}
    return {**online, "problem": status.problem.value if status.problem else None, "paper": status.paper.value}


class PrinterWatch:
    """Asks a printer every so many seconds and publishes what has changed.

    Give it the very `Printer` that prints: questions then wait for jobs instead of disturbing them.
    """

    def __init__(
        self, printer: Printer, address: BrokerAddress, *, site: str, device: str, every: float = 10.0
    ) -> None:
        self.status = PrinterStatus()
        self.link = DeviceLink(address, site=site, device=device, presence=lambda: printer_presence(self.status))
        self._printer = printer
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Ask once, then announce and go on asking."""
        self.status = await self._printer.status()
        self.link.start()
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Stop asking and say good-bye."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self.link.stop)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            now = await self._printer.status()
            if printer_presence(now) != printer_presence(self.status):
                self.status = now
                self.link.refresh()
