"""A kiosk's program as the storm starts it: everything but the glass."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.events import AskForTicket, Event
from kiosk.main import KioskOptions, assemble
from kiosk.state import State
from tests.storm.adapter import limit_pages
from tests.storm.adapter_site import either, token

OFFICE_TIME = either("kiosk.office_time:OfficeTime")


class KioskProgram:
    """One life of a kiosk's program."""

    def __init__(
        self,
        folder: Path,
        kiosk: str,
        *,
        server: str,
        wall: Callable[[], datetime],
        steady: Callable[[], float],
        boot: str,
        every: float,
    ) -> None:
        options = KioskOptions(
            url=f"http://{server}", kiosk=kiosk, token=token("kiosk", kiosk=kiosk), data=folder, sync_every=every
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

    def fill_disk(self, *, full: bool) -> None:
        """From now on the spool finds no room for another page; or again."""
        limit_pages(self.parts.spool._opened(), full=full)

    def free(self, day: str, prefix: str) -> int:
        """How many numbers of a day it may still give alone."""
        return sum(each.prefix == prefix for each in self.parts.spool.free(day))

    def letter_day(self, number: str) -> str | None:
        """The day under which a number given alone was noted for handing in."""
        days = [e.day for e in self.parts.spool.all_letters() if e.kind == "hand-in" and e.body.get("number") == number]
        return days[-1] if days else None
