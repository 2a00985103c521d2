"""The office day in memory: counters, visits, tickets and the lines they wait in. Pure.

Only `evolve` changes these objects. A line holds the callable tickets of one pool and lane, ordered by the moment
their wait counts from; a pool is a service, or one counter (`counter:3`) for people sent to it; a lane is a class,
cut by duration band where the policy in force looks at the time at the counter.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from queue_server.contract.problems import Problem, Refused
from queue_server.queue.config import ClassKind, OfficeConfig, Policy, Reservation
from queue_server.queue.duration_bands import USUAL, Lane, band_of
from queue_server.queue.matter import NOTHING_KNOWN, Matter
from queue_server.queue.policy import Rule
from queue_server.queue.reservations import FREE, Reach, holding, reach
from queue_server.queue.states import AT_COUNTER, ENDED, CounterStatus, TicketState
from queue_server.queue.way_back import WayBack

NOBODY: dict[Lane, list[Any]] = {}
Lease = tuple[int, int, datetime]  # first number, last number, when the kiosk got them
LineEntry = tuple[float, int, str]  # since (epoch seconds), order of issue, ticket id
_since = itemgetter(0)


@dataclass(slots=True)
class Ticket:
    """One transaction: a person waiting for, or being served in, one service."""

    id: str
    visit: str
    number: str
    service: str
    class_id: str
    order: int
    taken_at: datetime
    since: datetime
    state: TicketState = TicketState.WAITING
    language: str = "vi"
    channel: str = "kiosk"
    kiosk: str | None = None
    procedure: str | None = None
    matter: Matter = NOTHING_KNOWN
    expected: float | None = None  # seconds at the counter, as it was told when the number was taken
    spread: float | None = None  # of their logarithm
    appointment_at: datetime | None = None
    provisional: bool = False  # a kiosk gave the number while the server was away
    claimed: str | None = None  # a class that a desk has still to confirm
    counter: str | None = None  # where it is now, or was last
    pinned: str | None = None  # only this counter may call it
    way_back: WayBack = ()  # who gets the person back afterwards, the next one last
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    calls: int = 0  # of the present call: 1 + recalls
    last_call_at: datetime | None = None
    reason: str | None = None
    facts: dict[str, object] = field(default_factory=dict)
    postponed: int = 0
    waited: float | None = None  # issue → first call, seconds; set again until a call is answered
    answered: bool = False
    sent_at: datetime | None = None  # transferred: waits again from here
    more_waits: list[float] = field(default_factory=list)  # waits after transfers, seconds
    note: str = ""
    score: int | None = None
    printed: bool | None = None
    print_problem: str | None = None  # the last one, until paper came out
    print_failures: int = 0
    corrected: bool = False  # the clock was put right before the person was served
    people_ahead: int = 0
    wait_low: float | None = None
    wait_likely: float | None = None
    wait_high: float | None = None

    @property
    def pool(self) -> str:
        return f"counter:{self.pinned}" if self.pinned else self.service

    @property
    def key(self) -> LineEntry:
        return (self.since.timestamp(), self.order, self.id)


@dataclass(slots=True)
class Visit:
    """One coming of one person; its tickets share the number."""

    id: str
    number: str
    tickets: list[str]
    taken_at: datetime
    waited: float | None = None  # issue → first answered call, seconds (R-05: counted once)
    answered_at: datetime | None = None
    generation: str = ""  # of its number, see `gap`


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Numbers that were skipped. `lost`: prefix → first and last number that kiosks may hold out of it."""

    generation: str
    lost: dict[str, tuple[int, int]]


@dataclass(slots=True)
class CounterState:
    """A counter today."""

    id: str
    status: CounterStatus = CounterStatus.CLOSED
    officer: str | None = None
    services: tuple[str, ...] = ()
    ticket: str | None = None
    pause_reason: str = ""
    since: datetime | None = None  # of the status
    idle_since: datetime | None = None
    ordinary_run: int | None = None  # ordinary calls since the last priority call; None: none yet today
    served: int = 0


@dataclass(slots=True)
class HelpCall:
    """Somebody waits for a guide at a kiosk."""

    id: str
    kiosk: str
    at: datetime
    given_at: datetime | None = None


@dataclass(slots=True)
class OfficeDay:
    """Everything the rules look at. `version` counts events, so that views know when they are stale."""

    day: str = ""
    config: OfficeConfig | None = None
    closed: bool = False
    closed_at: datetime | None = None  # by the clock of that moment, which may have been wrong
    abandoned: bool = False  # closed because a clock that was wrong had opened it
    opened_at: datetime | None = None
    policy: Policy = field(default_factory=Policy)
    bounds: dict[str, tuple[ClassKind, float]] = field(default_factory=dict)  # class → kind, ceiling in force
    early: float = 0.0  # booked people may be called this long before their time, under the policy in force
    rule: Rule = field(default_factory=lambda: Rule(name="fcfs"))  # the score of the policy in force
    gains: dict[str, tuple[float, ...]] = field(default_factory=dict)  # service → by band: what it gives to that score
    counters: dict[str, CounterState] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)  # number → visit
    serials: dict[str, int] = field(default_factory=dict)  # prefix → last number issued in order
    leases: dict[str, dict[str, list[Lease]]] = field(default_factory=dict)  # kiosk → prefix → ranges
    leased: dict[str, int] = field(default_factory=dict)  # prefix → end of the highest lease
    gaps: list[Gap] = field(default_factory=list)  # oldest first
    lines: dict[str, dict[Lane, list[LineEntry]]] = field(default_factory=dict)  # pool → lane → who waits
    helps: dict[str, HelpCall] = field(default_factory=dict)
    devices: dict[str, str | None] = field(default_factory=dict)
    recent_calls: list[str] = field(default_factory=list)  # ticket ids, newest first
    aside: dict[str, None] = field(default_factory=dict)  # tickets on hold or missed
    waits: int = 0  # visits whose call was answered
    wait_sum: float = 0.0  # and how long they waited together, seconds
    version: int = 0

    @property
    def setup(self) -> OfficeConfig:
        """The configuration of the open day; refused with `day-closed` before the day opens."""
        if self.config is None:
            raise Refused(Problem.DAY_CLOSED, "the day is not open")
        return self.config

    def ticket(self, ticket_id: str) -> Ticket:
        try:
            return self.tickets[ticket_id]
        except KeyError:
            raise Refused(Problem.TICKET_UNKNOWN, ticket_id) from None

    def counter(self, counter_id: str) -> CounterState:
        try:
            return self.counters[counter_id]
        except KeyError:
            raise Refused(Problem.COUNTER_UNKNOWN, counter_id) from None

    def current(self, counter: CounterState) -> Ticket:
        """The ticket at a counter; refused with `counter-idle` when there is none."""
        if counter.ticket is None:
            raise Refused(Problem.COUNTER_IDLE, counter.id)
        return self.tickets[counter.ticket]

    def siblings(self, ticket: Ticket) -> list[Ticket]:
        """The other tickets of the same visit."""
        ids = self.visits[ticket.visit].tickets
        return [self.tickets[i] for i in ids if i != ticket.id] if len(ids) > 1 else []

    def is_free(self, ticket: Ticket) -> bool:
        """Whether the person is not at a counter or on hold with another ticket of the visit."""
        busy = AT_COUNTER | {TicketState.HELD}
        return not any(other.state in busy for other in self.siblings(ticket))

    def waiting(self) -> Iterator[Ticket]:
        """All callable tickets, in no order."""
        for lanes in self.lines.values():
            for line in lanes.values():
                for _, _, ticket_id in line:
                    yield self.tickets[ticket_id]

    def waiting_count(self, service: str) -> int:
        """People waiting for a service, those sent to one counter for it not counted."""
        return sum(map(len, self.lines.get(service, NOBODY).values()))

    def due_count(self, pool: str, at: float) -> int:
        """People of a pool who may be called at a moment (epoch seconds); not those booked or postponed to later."""
        found = 0
        for (class_id, _), line in self.lines.get(pool, NOBODY).items():
            found += len(line)
            if line[-1][0] > at:
                early = self.early if self.bounds[class_id][0] is ClassKind.APPOINTMENT else 0.0
                found -= len(line) - bisect_right(line, at + early, key=_since)
        return found

    def open_counters(self, service: str, now: datetime, class_id: str | None = None) -> list[CounterState]:
        """Counters that are open and may call for the service now, for one class if it is named."""
        found = [c for c in self.counters.values() if c.status is CounterStatus.OPEN and service in c.services]
        if not self.policy.reservations:
            return found
        held = self.held(now)
        left = [(c, reach(held, c.id)) for c in found]
        return [c for c, may in left if (may.service(service) if class_id is None else may.allows(service, class_id))]

    def held(self, now: datetime) -> tuple[Reservation, ...]:
        """The reservations in force."""
        return holding(self.policy, self.setup.timezone, now)

    def reach(self, counter_id: str, now: datetime) -> Reach:
        """What the reservations in force leave to a counter."""
        return reach(self.held(now), counter_id) if self.policy.reservations else FREE

    def active(self) -> Iterator[Ticket]:
        """Tickets that have not ended."""
        return (t for t in self.tickets.values() if t.state not in ENDED)

    @property
    def by_band(self) -> bool:
        """Whether the lines are cut by duration band: only a score that looks at the time at the counter needs it."""
        return self.rule.time_power != 0.0

    def lane(self, ticket: Ticket) -> Lane:
        """The lane a ticket waits in; people sent to one counter are called as they came, whatever they came for."""
        if not self.by_band or ticket.pinned:
            return (ticket.class_id, USUAL)
        known = self.setup.services.get(ticket.service)
        return (ticket.class_id, band_of(ticket.expected, known.typical if known else 0.0))

    def of_class(self, pool: str, class_id: str) -> Iterator[LineEntry]:
        """Who waits of one class in a pool, line after line."""
        for (known, _), line in self.lines.get(pool, NOBODY).items():
            if known == class_id:
                yield from line

    def join_line(self, ticket: Ticket) -> None:
        """Puts a ticket into its line (only `evolve` calls this)."""
        insort(self.lines.setdefault(ticket.pool, {}).setdefault(self.lane(ticket), []), ticket.key)

    def leave_line(self, ticket: Ticket) -> None:
        """Takes a ticket out of its line if it stands in it (only `evolve` calls this)."""
        lanes, lane = self.lines.get(ticket.pool), self.lane(ticket)
        line = lanes.get(lane) if lanes else None
        if not line or lanes is None:
            return
        at = bisect_left(line, ticket.key)
        if at < len(line) and line[at] == ticket.key:
            del line[at]
            if not line:
                del lanes[lane]
                if not lanes:
                    del self.lines[ticket.pool]
