"""What a person truly waited against what the office counted: a report, and not yet a check.

A visit waits in every second in which one of its tickets is open and none is being served. A leg of service runs from
*start* (or resume) to its end; where *finish* was pressed straight after a call, from the last call or recall. A call,
a recall, a no-show with a taking back and a hold end nothing. Only visits that were served to their end are compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from queue_server.queue import events as ev
from tests.storm.story import Story

SLACK = 5.0  # seconds
ENDS_LEG = (ev.ServiceFinished, ev.TicketHeld, ev.TicketTransferred, ev.TicketPutBack, ev.TicketMissed)
Span = tuple[float, float]


@dataclass(slots=True)
class _Ticket:
    opened: float
    called: float = 0.0
    leg: float | None = None
    legs: list[Span] = field(default_factory=list)
    ended: float | None = None
    served: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One visit: seconds that the office counted, and that the person waited."""

    visit: str
    counted: float
    true: float

    @property
    def under(self) -> bool:
        """Whether the office counts less than was waited."""
        return self.counted < self.true - SLACK


def waits(story: Story) -> list[Wait]:
    """The visits of the office's day that were served to their end, in a story whose record nothing undid."""
    program = story.office.program
    if program is None or story.record.gone:
        return []
    visits: dict[str, dict[str, _Ticket]] = {}
    for known in story.record.written:
        if known.entry.day == program.state.day:
            _follow(visits, known.entry.event, known.at, known.entry.at)
    found = []
    for visit, tickets in visits.items():
        state = program.state.visits.get(visit)
        if state is not None and state.waited is not None and all(ticket.served for ticket in tickets.values()):
            found.append(Wait(visit=visit, counted=state.waited, true=true_wait(tickets.values())))
    return found


def true_wait(tickets: Iterable[_Ticket]) -> float:
    """Seconds in which one is open and none is being served."""
    known = list(tickets)
    opened = _joined((ticket.opened, ticket.ended or ticket.opened) for ticket in known)
    served = _joined(leg for ticket in known for leg in ticket.legs)
    return sum(end - begin for begin, end in opened) - sum(
        max(0.0, min(end, until) - max(begin, since)) for begin, end in opened for since, until in served
    )


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _follow(visits: dict[str, dict[str, _Ticket]], event: Any, now: float, at: Any) -> None:
    if isinstance(event, ev.TicketIssued):
        earlier = (at - event.taken_at).total_seconds()
        visits.setdefault(event.visit, {})[event.ticket] = _Ticket(opened=now - max(0.0, earlier))
        return
    ticket = next((known[event.ticket] for known in visits.values() if getattr(event, "ticket", "") in known), None)
    if ticket is None:
        return
    if isinstance(event, ev.TicketCalled | ev.TicketRecalled):
        ticket.called = now
    elif isinstance(event, ev.ServiceStarted | ev.TicketResumed):
        ticket.leg = ticket.called if getattr(event, "implied", False) else now
    elif isinstance(event, ENDS_LEG):
        if ticket.leg is not None:
            ticket.legs.append((ticket.leg, now))
        ticket.leg = None
        ticket.served = isinstance(event, ev.ServiceFinished)
        ticket.ended = now


def told_waits(found: list[tuple[int, Wait]]) -> str:
    """The report over all seeds in a few lines."""
    under = sorted(((seed, wait) for seed, wait in found if wait.under), key=lambda one: one[1].counted - one[1].true)
    lines = [f"waits: {len(found)} visits were served to their end, {len(under)} counted under their true wait"]
    if under:
        missing = sum(wait.true - wait.counted for _, wait in under) / len(under) / 60
        lines.append(f"  on average {missing:.1f} minutes are missing; the worst:")
    lines += [
        f"  seed {s}: {w.visit} waited {w.true / 60:.1f} min, counted {w.counted / 60:.1f}" for s, w in under[:10]
    ]
    return "\n".join(lines)
