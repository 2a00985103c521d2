"""Tells the desk over HTTP how the kiosk's printer is, before a citizen finds out."""

import asyncio
import logging
import uuid
from typing import Final

from kiosk.printing import SlipPrinter
from kiosk.server import Server, ServerError

EVERY: Final = 10.0  # seconds
AGAIN: Final = 6  # rounds after which an unchanged state is said again: the server may have begun a new day meanwhile
DEVICE: Final = "printer"

_log = logging.getLogger(__name__)


class PrinterHealth:
    """Asks the printer that prints, so questions wait for jobs, and reports what has changed.

    What did not reach the server is said in the next round. A kiosk that never had a printer says nothing.
    """

    def __init__(self, *, server: Server, printer: SlipPrinter, every: float = EVERY) -> None:
        self._server = server
        self._printer = printer
        self._every = every
        self._told: str | None = None
        self._rounds = AGAIN  # since it was told; the first round tells
        self._ever = False

    async def run(self) -> None:
        """Round after round until cancelled."""
        while True:
            try:
                await self.round()
            except Exception:  # noqa: BLE001 - the loop must outlive any one bad answer
                _log.exception("a look at the printer failed")
            await asyncio.sleep(self._every)

    async def round(self) -> None:
        """Look once, and tell the server what it does not know yet."""
        self._ever = self._ever or self._printer.connected
        if not self._ever:
            return
        problem = await self._printer.problem()
        self._rounds += 1
        if problem == self._told and self._rounds < AGAIN:
            return
        try:
            await self._server.report_device(device=DEVICE, problem=problem, key=uuid.uuid4().hex)
        except ServerError as failure:
            _log.info("the printer's state did not reach the server: %s", failure)
            self._rounds = AGAIN
            return
        self._told, self._rounds = problem, 0
