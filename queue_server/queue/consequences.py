"""Whom a transfer or the closing of a counter would leave waiting, to be said before it is done. Pure.

Nothing is refused for it: an officer may have a reason, and must not learn of the people afterwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from queue_server.queue.state import OfficeDay, Ticket
from queue_server.queue.states import AT_COUNTER, CounterStatus, TicketState


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """`code` as in `contract.sending.WarningRow`; the people it concerns and the services they are there for."""

    code: str
    people: int
    services: tuple[str, ...] = ()


def of_closing(state: OfficeDay, counter_id: str) -> tuple[Consequence, ...]:
    """Of closing a counter: who waits for nobody else, whom it holds, and who is to come back to it."""
    counter = state.counter(counter_id)
    if counter.status is CounterStatus.CLOSED:
        return ()
    tickets = list(state.active())
    waiting = [t for t in tickets if t.state is TicketState.WAITING]
    served = {s for c in state.counters.values() if c.id != counter_id and _open(c.status) for s in c.services}
    groups = {
        "service-unserved": [
            t for t in waiting if t.pinned in (None, counter_id) and t.service in counter.services
            and t.service not in served
        ],
        "sent-here": [t for t in waiting if t.pinned == counter_id and t.service in served],
        "held-here": [t for t in tickets if t.state is TicketState.HELD and t.counter == counter_id],
        "returns-here": to_return(state, counter_id),
    }  # fmt: skip
    return tuple(_consequence(code, found) for code, found in groups.items() if found)


def of_transfer(state: OfficeDay, service: str | None, counter_id: str | None) -> tuple[Consequence, ...]:
    """Of sending a person on, once that is done: who waits for a service that no open counter serves."""
    if counter_id is not None or service is None:
        return ()  # a closed counter is refused
    if any(_open(c.status) and service in c.services for c in state.counters.values()):
        return ()
    waiting = [t for t in state.active() if t.state is TicketState.WAITING and t.service == service and not t.pinned]
    return (_consequence("service-unserved", waiting),) if waiting else ()


def to_return(state: OfficeDay, counter_id: str) -> list[Ticket]:
    """People whom a counter sent on and wants back, and who are not there now."""
    return [
        t
        for t in state.active()
        if any(stop.counter == counter_id for stop in t.way_back)
        and not (t.counter == counter_id and t.state in AT_COUNTER)
    ]


def _open(status: CounterStatus) -> bool:
    """A counter that pauses is back soon."""
    return status is not CounterStatus.CLOSED


def _consequence(code: str, tickets: Iterable[Ticket]) -> Consequence:
    """A person with two tickets is one."""
    found = list(tickets)
    services = sorted({t.service for t in found})
    return Consequence(code=code, people=len({t.visit for t in found}), services=tuple(services))
