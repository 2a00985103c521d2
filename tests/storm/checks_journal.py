"""Checks of the journal: nobody lost, nothing twice, the ceiling kept, the way back kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from queue_server.queue import events as ev
from queue_server.queue.evolve import evolve
from queue_server.queue.routing import ceiling
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import AT_COUNTER, TicketState
from tests.storm.adapter import key_of
from tests.storm.record import Answer
from tests.storm.story import Story

LEAVES_COUNTER = {  # by name: versions differ in what they know
    "ServiceFinished",
    "TicketMissed",
    "TicketHeld",
    "TicketTransferred",
    "TicketPutBack",
    "TicketExpired",
    "TicketCancelled",
    "ServedByMouth",
}
TRACES = {  # what an act leaves where it is not so already
    "start": ev.ServiceStarted,
    "recall": ev.TicketRecalled,
    "no-show": ev.TicketMissed,
    "hold": ev.TicketHeld,
    "resume": ev.TicketResumed,
    "transfer": ev.TicketTransferred,
    "return": ev.TicketPutBack,
    "reinstate": ev.TicketReinstated,
    "postpone": ev.TicketPostponed,
}


@dataclass
class Ledger:
    """The journal at the end, read once: its entries, and what each command made."""

    entries: Sequence[Any]
    commands: dict[str, list[list[Any]]] = field(default_factory=dict)  # key → the events of each time

    def __post_init__(self) -> None:
        made: list[Any] | None = None
        for entry in self.entries:
            if entry.command_id is not None:
                made = []
                self.commands.setdefault(key_of(entry.command_id), []).append(made)
            if made is not None:
                made.append(entry.event)


def nobody_forgotten(_: Story, ledger: Ledger) -> Iterator[str]:
    """Every number issued is in exactly one state, and in a line exactly while it waits and its visit is free."""
    state = OfficeDay()
    issued = 0
    for entry in ledger.entries:
        if isinstance(entry.event, ev.DayOpened):
            yield from _sums(state, issued)
            issued = 0
        issued += isinstance(entry.event, ev.TicketIssued)
        evolve(state, entry.event, entry.at)
    yield from _sums(state, issued)


def _sums(state: OfficeDay, issued: int) -> Iterator[str]:
    if len(state.tickets) != issued:
        yield f"{state.day}: {issued} tickets were issued, {len(state.tickets)} are known"
    lined = [entry[2] for lanes in state.lines.values() for line in lanes.values() for entry in line]
    free = [t.id for t in state.tickets.values() if t.state is TicketState.WAITING and state.is_free(t)]
    if sorted(lined) != sorted(free):
        yield f"{state.day}: {sorted(set(free) ^ set(lined))} wait or stand in a line, not both"
    if state.closed and any(t.state in AT_COUNTER for t in state.tickets.values()):
        yield f"{state.day}: the day is closed and somebody is at a counter"


def counted_once(story: Story, ledger: Ledger) -> Iterator[str]:
    """What was answered was carried out, exactly once, and as it was answered."""
    for key, times in ledger.commands.items():
        if len(times) > 1:
            yield f"command {key} was carried out {len(times)} times"
    for answer in story.record.answers:
        if answer.status < 300 and not story.record.undone(answer.asked, answer.heard + 1.0):
            yield from _carried_out(answer, ledger.commands.get(answer.key, [[]])[0])
    for paper in story.record.papers:
        if not paper.alone and not story.record.undone(paper.at, paper.at + 25.0):
            made = ledger.commands.get(paper.command_id, [[]])[0]
            if paper.ticket not in {event.ticket for event in made if isinstance(event, ev.TicketIssued)}:
                yield f"{paper.person} holds {paper.number}, and the journal does not know of it"


def _carried_out(answer: Answer, made: list[Any]) -> Iterator[str]:
    if answer.act == "call-next" and answer.status == 200:
        called = [event.ticket for event in made if isinstance(event, ev.TicketCalled)]
        told = answer.body.get("id") or (answer.body.get("ticket") or {}).get("id")
        if called != [told]:
            yield f"{answer.who} was told that {told} is called, and {called} was"
    trace = TRACES.get(answer.act)
    if trace is not None and not any(isinstance(event, trace) for event in made):
        yield f"{answer.who}: {answer.act} ({answer.key}) was answered with {answer.status} and left no trace"


def called_once(_: Story, ledger: Ledger) -> Iterator[str]:
    """A person is at one counter, a counter has one person, and a number is given to one visit of a day."""
    at: dict[str, str] = {}  # ticket → counter
    visits: dict[str, str] = {}
    numbers: Counter[tuple[str, str, str]] = Counter()
    for entry in ledger.entries:
        event = entry.event
        match event:
            case ev.DayOpened():
                at.clear()
            case ev.TicketIssued():
                visits[event.ticket] = event.visit
                numbers[entry.day, event.number, event.service] += 1
            case ev.TicketCalled() | ev.TicketResumed():
                mine = [other for other in at if visits[other] == visits[event.ticket]]
                if mine:
                    yield f"{event.ticket} is called to {event.counter} and is at {at[mine[0]]}"
                if event.counter in at.values():
                    yield f"{event.ticket} is called to {event.counter}, where somebody is"
                at[event.ticket] = event.counter
            case _ if type(event).__name__ in LEAVES_COUNTER:
                at.pop(event.ticket, None)
    yield from (f"{day}: {number} was issued {n} times for {s}" for (day, number, s), n in numbers.items() if n > 1)


def bound_kept(_: Story, ledger: Ledger) -> Iterator[str]:
    """Nobody past the ceiling is overtaken by somebody within it, at a counter that may call them."""
    state = OfficeDay()
    for entry in ledger.entries:
        event, at = entry.event, entry.at
        if isinstance(event, ev.TicketCalled) and event.reason != "officer_choice":
            yield from _overtaken(state, event, at)
        evolve(state, event, at)


def _overtaken(state: OfficeDay, event: ev.TicketCalled, at: Any) -> Iterator[str]:
    def excess(ticket: Any) -> float:
        return float((at - ticket.since).total_seconds() - ceiling(state.setup, state.policy, ticket.class_id))

    called = excess(state.tickets[event.ticket])
    serves = state.counters[event.counter].services
    for other in state.waiting():
        mine = other.pinned == event.counter or (other.pinned is None and other.service in serves)
        if mine and other.id != event.ticket and excess(other) >= 0 and called < excess(other):
            yield f"{other.id} was past its ceiling and was overtaken by {event.ticket} at {event.counter}"


def way_back(_: Story, ledger: Ledger) -> Iterator[str]:
    """Whoever was sent with return is not served before being back there, or waiting for the service again."""
    owed: dict[str, list[tuple[str, str]]] = {}  # ticket → counters and services that want the person back
    service: dict[str, str] = {}
    closing = {known.seq for known in _closing(ledger.entries)}
    for entry in ledger.entries:
        event = entry.event
        match event:
            case ev.DayOpened():
                owed.clear()
            case ev.TicketIssued():
                service[event.ticket] = event.service
            case ev.TicketCalled():
                owed[event.ticket] = [to for to in owed.get(event.ticket, []) if to[0] != event.counter]
            case ev.TicketTransferred():
                still = [to for to in owed.get(event.ticket, []) if not _is_back(event, *to)]
                asked = [(event.return_to, service[event.ticket])] if event.return_to else []
                owed[event.ticket], service[event.ticket] = [*still, *asked], event.service
            case ev.ServiceFinished() if entry.seq not in closing and owed.get(event.ticket):
                sender = owed.pop(event.ticket)[0][0]
                yield f"{event.ticket} was to come back to {sender} and is served at {event.counter}"


def _is_back(event: ev.TicketTransferred, sender: str, service: str) -> bool:
    return event.to_counter == sender or (event.to_counter is None and event.service == service)


def _closing(entries: Sequence[Any]) -> list[Any]:
    """The entries that the end of a day made."""
    found: list[Any] = []
    batch: list[Any] = []
    for entry in entries:
        if entry.command_id is not None:
            batch = []
        batch.append(entry)
        if isinstance(entry.event, ev.DayClosed):
            found += batch
    return found
