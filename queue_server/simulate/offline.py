"""Plays a day on a virtual clock through the same rules and the same journal as the server."""

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from queue_server.contract.problems import Refused
from queue_server.journal.entry import Entry, Origin
from queue_server.journal.journal import Journal
from queue_server.journal.projector import Statement, project
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import OfficeConfig
from queue_server.queue.decide import decide, steps
from queue_server.queue.evolve import evolve
from queue_server.queue.state import OfficeDay
from queue_server.simulate.play import Process

Sink = Callable[[ev.Event, datetime, str, bool], None]


class VirtualOffice:
    """An office day without a server: commands are carried out at the clock's time, events go to `sink`."""

    def __init__(self, sink: Sink | None = None) -> None:
        self.state = OfficeDay()
        self.refused = 0
        self.sink = sink
        self._serial = 0

    def carry_out(self, command: cmd.Command, now: datetime) -> list[ev.Event]:
        """Raises `Refused` like the server."""
        self._serial += 1
        done: list[ev.Event] = []
        for step in steps(self.state, command):
            for event in decide(self.state, step, now):
                evolve(self.state, event, now)
                if self.sink is not None:
                    self.sink(event, now, f"simulated-{self._serial}", not done)
                done.append(event)
        return done

    def ask(self, command: cmd.Command, now: datetime) -> str | None:
        """Carries out a command of a process: its ticket, or None when it was refused or made none."""
        try:
            events = self.carry_out(command, now)
        except Refused:
            self.refused += 1
            return None
        return ticket_of(events)


def ticket_of(events: Iterable[ev.Event]) -> str | None:
    """The ticket that an issue or a call is about."""
    return next((e.ticket for e in events if isinstance(e, ev.TicketIssued | ev.TicketCalled)), None)


def play(office: VirtualOffice, cast: Iterable[Process], opens: datetime) -> datetime:
    """Runs all processes to their end; returns the moment of the last thing that happened.

    Processes due at the same moment go in the order in which they started to wait.
    """
    agenda: list[tuple[float, int, Process, str | None]] = []
    order = 0
    for process in cast:
        agenda.append((0.0, order, process, None))
        order += 1
    heapq.heapify(agenda)
    clock = 0.0
    while agenda:
        clock, _, process, answer = heapq.heappop(agenda)
        now = opens + timedelta(seconds=round(clock, 3))
        try:
            wanted = process.send(answer)
            while isinstance(wanted, cmd.Command):
                wanted = process.send(office.ask(wanted, now))
        except StopIteration:
            continue
        order += 1
        heapq.heappush(agenda, (clock + wanted, order, process, None))
    return opens + timedelta(seconds=round(clock, 3))


class JournalSink:
    """Writes what happens into a journal, in batches; the same seed gives the same hashes."""

    def __init__(self, journal: Journal, state: Callable[[], OfficeDay], batch: int = 500) -> None:
        self._journal = journal
        self._state = state
        self._batch = batch
        self._entries: list[Entry] = []
        self._rows: list[Statement] = []

    def __call__(self, event: ev.Event, now: datetime, command_id: str, first: bool) -> None:
        state = self._state()
        key = f"{state.day}-{command_id}"
        origin = Origin(day=state.day, command_id=key if first else None, digest=key[-16:], actor="simulator")
        self._entries.append(self._journal.chain(event, now, origin))
        self._rows += project(state, event, now)
        if len(self._entries) >= self._batch:
            self.flush()

    def flush(self) -> None:
        if self._entries:
            self._journal.append(self._entries, self._rows)
            self._entries, self._rows = [], []


def open_day(office: VirtualOffice, config: OfficeConfig, day: str, opens: datetime) -> None:
    office.carry_out(cmd.OpenDay(day=day, config=config), opens)
