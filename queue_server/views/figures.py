"""Figures of the day: means, shares, per service, per counter, per hour. Pure.

The wait of a visit is issue → first answered call, counted once (R-01…R-05); the wait of a transaction is that of
each ticket. Handling is call → end (R-04).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from queue_server.contract.views import CounterFigures, HourFigures, ServiceFigures
from queue_server.queue.state import OfficeDay, Ticket
from queue_server.queue.states import AT_COUNTER, TicketState
from queue_server.views.rows import Names, as_written, counter_row


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of them do not pass."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def over(values: Sequence[float], limit: float) -> float | None:
    """Share of values over a limit."""
    return sum(value > limit for value in values) / len(values) if values else None


def visit_waits(state: OfficeDay) -> list[float]:
    """Seconds waited by every visit whose call was answered today."""
    return [visit.waited for visit in state.visits.values() if visit.waited is not None]


def mean_visit_wait(state: OfficeDay) -> float | None:
    """Today's mean wait per visit, minutes."""
    return state.wait_sum / state.waits / 60 if state.waits else None


def ticket_waits(tickets: Iterable[Ticket]) -> list[float]:
    """Seconds of every wait that a call ended: one a ticket, and one more after each transfer (R-05)."""
    return [wait for t in tickets if t.answered and t.waited is not None for wait in (t.waited, *t.more_waits)]


def handled(tickets: Iterable[Ticket]) -> list[float]:
    """Seconds from call to end of served tickets."""
    return [
        (t.ended_at - t.called_at).total_seconds()
        for t in tickets
        if t.state is TicketState.SERVED and t.ended_at and t.called_at
    ]


def _minutes(value: float | None) -> float | None:
    return None if value is None else value / 60


def _waiting_now(tickets: Iterable[Ticket], now: datetime) -> list[float]:
    return [max(0.0, (now - t.since).total_seconds()) for t in tickets if t.state is TicketState.WAITING]


def longest(tickets: Iterable[Ticket], now: datetime) -> float:
    """Minutes of the longest wait that still runs."""
    return max(_waiting_now(tickets, now), default=0.0) / 60


def count(tickets: Iterable[Ticket], *states: TicketState) -> int:
    return sum(t.state in states for t in tickets)


def service_figures(state: OfficeDay, now: datetime) -> tuple[ServiceFigures, ...]:
    config = state.setup
    by_service: dict[str, list[Ticket]] = {service: [] for service in config.services}
    for ticket in state.tickets.values():
        by_service[ticket.service].append(ticket)
    return tuple(
        ServiceFigures(
            id=service,
            name=config.services[service].name,
            issued=len(tickets),
            served=count(tickets, TicketState.SERVED),
            waiting=count(tickets, TicketState.WAITING),
            missed=count(tickets, TicketState.MISSED),
            mean_wait=_minutes(mean(waits := ticket_waits(tickets))),
            p90_wait=_minutes(quantile(waits, 0.9)),
            over_target=over(waits, config.target),
            mean_handled=_minutes(mean(handled(tickets))),
            longest_now=longest(tickets, now),
        )
        for service, tickets in by_service.items()
    )


def counter_figures(
    state: OfficeDay, periods: dict[str, dict[str, float]], names: Names = as_written
) -> tuple[CounterFigures, ...]:
    """`periods`: counter → status → seconds so far today."""
    by_counter: dict[str, list[Ticket]] = {counter: [] for counter in state.counters}
    for ticket in state.tickets.values():
        if ticket.counter in by_counter:
            by_counter[ticket.counter].append(ticket)
    found = []
    for counter in state.counters.values():
        times = handled(by_counter[counter.id])
        spent = periods.get(counter.id, {})
        found.append(
            CounterFigures(
                row=counter_row(state, counter, names),
                served=counter.served,
                mean_handled=_minutes(mean(times)),
                open_minutes=spent.get("open", 0.0) / 60,
                paused_minutes=spent.get("paused", 0.0) / 60,
                busy_minutes=sum(times) / 60,
            )
        )
    return tuple(found)


def hour_figures(state: OfficeDay) -> tuple[HourFigures, ...]:
    """Per local hour, from the first to the last in which something happened."""
    zone = ZoneInfo(state.setup.timezone)
    issued: dict[int, int] = {}
    waits: dict[int, list[float]] = {}
    for ticket in state.tickets.values():
        hour = ticket.taken_at.astimezone(zone).hour
        issued[hour] = issued.get(hour, 0) + 1
        ended = ticket.called_at or ticket.ended_at  # by word of mouth nobody was called by the rules
        if ended and ticket.answered and ticket.waited is not None:
            waits.setdefault(ended.astimezone(zone).hour, []).append(ticket.waited)
    hours = issued.keys() | waits.keys()
    if not hours:
        return ()
    return tuple(
        HourFigures(
            hour=hour,
            issued=issued.get(hour, 0),
            called=len(waits.get(hour, [])),
            mean_wait=_minutes(mean(waits.get(hour, []))),
        )
        for hour in range(min(hours), max(hours) + 1)
    )


def at_counters(state: OfficeDay) -> int:
    return sum(t.state in AT_COUNTER for t in state.tickets.values())
