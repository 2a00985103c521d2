"""An office loop on a journal file of its own, and a clock that tests move."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from queue_server.contract.problems import Problem, Refused
from queue_server.journal.journal import Journal
from queue_server.journal.verify import verify
from queue_server.office import Office, Outcome, Request
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.state import OfficeDay
from tests.queue.builders import DAY, MONDAY, an_office


@dataclass
class Clock:
    """A clock on the wall: it shows what it was set to."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Bureau:
    """A running office with the words to drive it."""

    office: Office
    clock: Clock
    journal: Journal
    told: list[str] = field(default_factory=list)

    async def do(self, command: cmd.Command, key: str | None = None, actor: str = "officer:1") -> Outcome:
        self.clock.forward(seconds=1)
        if key is None:
            return await self.office.do(command, actor)
        return await self.office.submit(Request(command=command, command_id=key, actor=actor))

    async def refused(self, command: cmd.Command, key: str | None = None, actor: str = "officer:1") -> Problem:
        """The code with which a command is refused; it is an error when it is carried out."""
        try:
            outcome = await self.do(command, key, actor)
        except Refused as refusal:
            return refusal.code
        raise AssertionError(f"it was carried out: {outcome}")

    async def take(self, service: str = "ho_tich", key: str | None = None) -> str:
        outcome = await self.do(cmd.IssueTicket(wanted=(cmd.Wanted(service=service),)), key, "kiosk:k1")
        event = outcome.events[0]
        assert isinstance(event, ev.TicketIssued)
        return event.number

    @property
    def numbers(self) -> list[str]:
        return [ticket.number for ticket in self.office.state.tickets.values()]

    def limit_pages(self, more: int | None) -> None:
        """Lets the journal file grow by so many pages only, as on a disk that is full; None lifts the limit."""
        writer = self.journal._writer
        assert writer is not None
        pages = writer.execute("pragma page_count").fetchone()[0]
        writer.execute(f"pragma max_page_count = {pages + more if more is not None else 1_000_000}")

    def memory_equals_journal(self) -> bool:
        """Whether what the office remembers is what a restart would remember."""
        other = Office(self.journal)
        other.load()
        return same(other.state, self.office.state) and verify(self.journal).problems == []


def same(one: OfficeDay, two: OfficeDay) -> bool:
    """Equal in everything but the count of changes seen by this program."""
    return all(getattr(one, f.name) == getattr(two, f.name) for f in fields(OfficeDay) if f.name != "version")


@asynccontextmanager
async def bureau(path: Path, clock: Clock | None = None, *, open_day: bool = True) -> AsyncIterator[Bureau]:
    """Opens the journal, loads, starts; the day of `tests.queue.builders` when none is open yet."""
    clock = clock or Clock()
    journal = Journal(path)
    journal.open()
    office = Office(journal, clock)
    office.load()
    made = Bureau(office=office, clock=clock, journal=journal)
    office.listen(lambda entries: made.told.extend(entry.kind for entry in entries))
    office.start()
    try:
        if open_day and office.state.config is None:
            await office.do(cmd.OpenDay(day=DAY, config=an_office()))
        yield made
    finally:
        await office.stop()
        journal.close()


def play(path: Path, story: Callable[[Bureau], Awaitable[Any]], clock: Clock | None = None) -> None:
    """Runs a story on the office of a journal file."""

    async def run() -> None:
        async with bureau(path, clock) as made:
            await story(made)

    asyncio.run(run())
