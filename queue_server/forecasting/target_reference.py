"""The forward run in plain Python through the rules of the office day themselves: the reference of the loops. Pure.

Every call is a real `CallNext` decided by `queue_server.queue`; only who calls when and how long it takes is given.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from queue_server.queue import commands as cmd
from queue_server.queue.config import ClassKind
from queue_server.queue.decide import apply
from queue_server.queue.events import TicketCalled, TicketIssued
from queue_server.queue.reservations import moments
from queue_server.queue.state import CounterState, OfficeDay
from queue_server.queue.states import CounterStatus

FAR = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comer:
    """Somebody who comes later: when, what for, how long it will take at the counter and is expected to (seconds)."""

    at: datetime
    service: str
    class_id: str
    seconds: float
    expected: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What will happen: seconds at the counter per ticket known now, when each busy or resting counter acts next."""

    seconds: Mapping[str, float]
    comers: Sequence[Comer] = ()
    free_at: Mapping[str, datetime] = field(default_factory=dict)  # a counter missing here never acts
    breaks: Mapping[str, Sequence[tuple[datetime, float]]] = field(default_factory=dict)
    closes: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class _Floor:
    state: OfficeDay
    fate: Fate
    seconds: dict[str, float]
    free_at: dict[str, datetime]
    never: datetime
    idle: dict[str, datetime] = field(default_factory=dict)
    rested: dict[str, int] = field(default_factory=dict)
    called: dict[str, datetime] = field(default_factory=dict)
    begun: datetime | None = None  # the present reservations hold since then; counters act before who comes then
    came: list[str] = field(default_factory=list)


def play_live(state: OfficeDay, now: datetime, until: datetime, fate: Fate) -> dict[str, datetime]:
    """Ticket → when it is called; those not called by `until` are missing. `state` is not changed."""
    return play_and_name(state, now, until, fate)[0]


def play_and_name(
    state: OfficeDay, now: datetime, until: datetime, fate: Fate
) -> tuple[dict[str, datetime], list[str]]:
    """The same, and the tickets of those who came meanwhile, in the order of `fate.comers`."""
    never = now + FAR
    counters = [c for c in state.counters if c in fate.free_at]
    floor = _Floor(
        state=deepcopy(state),
        fate=fate,
        seconds=dict(fate.seconds),
        free_at={c: fate.free_at[c] for c in counters},
        never=never,
    )
    agenda = _agenda(state, now, fate)
    later = moments(state.policy, state.setup.timezone, now, now + FAR)
    while True:
        c = min(counters, key=lambda one: _turn_of(floor, one), default=None)
        soonest = floor.free_at[c] if c is not None else never
        arrival = agenda[0][0] if agenda else never
        at = min(arrival, soonest)
        if later and later[0] <= min(at, until):
            _wake(floor, later.pop(0))
            continue
        if at == never or at > until:
            return floor.called, floor.came
        if arrival <= soonest and soonest != floor.begun:
            _, _, who = agenda.pop(0)
            _arrive(floor, who, at)
        elif c is not None:
            _turn(floor, c, at)


def _turn_of(floor: _Floor, counter: str) -> tuple[datetime, int]:
    """When a counter acts; where people are left to less flexible counters, of equals the least flexible first."""
    lean = floor.state.policy.least_flexible_first
    return floor.free_at[counter], len(_of(floor, counter).services) if lean else 0


def _wake(floor: _Floor, at: datetime) -> None:
    """Other reservations hold from now on: whoever idles looks again."""
    floor.begun = at
    for counter in floor.idle:
        floor.free_at[counter] = min(floor.free_at[counter], at)


def _agenda(state: OfficeDay, now: datetime, fate: Fate) -> list[tuple[datetime, int, Comer | str]]:
    """People who come, and people known already from the moment they may be called, in order of time."""
    config = state.setup
    found: list[tuple[datetime, int, Comer | str]] = []
    for ticket in state.waiting():
        booked = config.classes[ticket.class_id].kind is ClassKind.APPOINTMENT
        early = state.early if booked else 0.0
        from_then = ticket.since - timedelta(seconds=early)
        if from_then > now:
            found.append((from_then, ticket.order, ticket.id))
    last = len(state.tickets)
    found += [(comer.at, last + place, comer) for place, comer in enumerate(fate.comers) if comer.at > now]
    return sorted(found, key=lambda item: item[:2])


def _arrive(floor: _Floor, who: Comer | str, at: datetime) -> None:
    if isinstance(who, Comer):
        expected = None if who.expected is None else (who.expected, 0.0)
        wanted = (cmd.Wanted(service=who.service, expected=expected),)
        events = apply(floor.state, cmd.IssueTicket(wanted=wanted, class_id=who.class_id, channel="desk"), at)
        issued = next(e for e in events if isinstance(e, TicketIssued))
        floor.seconds[issued.ticket] = who.seconds
        floor.came.append(issued.ticket)
        who = issued.ticket
    ticket = floor.state.tickets[who]
    fitting = [
        c
        for c in floor.idle
        if c == ticket.pinned
        or (
            not ticket.pinned
            and ticket.service in _of(floor, c).services
            and floor.state.reach(c, at).allows(ticket.service, ticket.class_id)
        )
    ]
    if fitting:
        order = list(floor.state.counters)
        taker = min(fitting, key=lambda c: (len(_of(floor, c).services), floor.idle[c], order.index(c)))
        _call(floor, taker, at)


def _of(floor: _Floor, counter: str) -> CounterState:
    return floor.state.counters[counter]


def _call(floor: _Floor, c: str, at: datetime) -> bool:
    called = [e for e in apply(floor.state, cmd.CallNext(counter=c), at) if isinstance(e, TicketCalled)]
    if not called:
        return False
    floor.idle.pop(c, None)
    floor.called[called[0].ticket] = at
    floor.free_at[c] = at + timedelta(seconds=floor.seconds[called[0].ticket])
    return True


def _turn(floor: _Floor, c: str, at: datetime) -> None:
    """A counter has become free: what it did ends, then a break, its close, a call, or idleness."""
    if _of(floor, c).ticket is not None:
        apply(floor.state, cmd.Finish(counter=c), at)
    if _of(floor, c).status is CounterStatus.PAUSED:
        apply(floor.state, cmd.ResumeCounter(counter=c), at)
    elif _of(floor, c).status is CounterStatus.CLOSED:
        apply(floor.state, cmd.OpenCounter(counter=c, officer=c), at)
    since = floor.idle.pop(c, at)
    breaks = floor.fate.breaks.get(c, ())
    taken = floor.rested.get(c, 0)
    if taken < len(breaks) and at >= breaks[taken][0]:
        floor.rested[c] = taken + 1
        apply(floor.state, cmd.PauseCounter(counter=c), at)
        floor.free_at[c] = at + timedelta(seconds=breaks[taken][1])
        return
    closes = floor.fate.closes.get(c, floor.never)
    if at >= closes:
        floor.free_at[c] = floor.never
        apply(floor.state, cmd.PauseCounter(counter=c), at)  # nobody is left to whoever has gone home
        return
    if not _call(floor, c, at):
        floor.idle[c] = min(since, _of(floor, c).idle_since or at)
        floor.free_at[c] = min(breaks[taken][0] if taken < len(breaks) else floor.never, closes)
