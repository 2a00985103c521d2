"""Sending on, coming back and closing, as the officers of both counters see it. Pure."""

from datetime import datetime

from queue_server.contract.sending import SentRow, TransferRow, WarningRow
from queue_server.contract.words import Words
from queue_server.queue.consequences import Consequence, of_closing, of_transfer, to_return
from queue_server.queue.state import OfficeDay, Ticket
from queue_server.queue.states import AT_COUNTER, CounterStatus, TicketState
from queue_server.queue.way_back import from_counter


def way_back_of(state: OfficeDay, ticket: Ticket) -> tuple[str | None, Words | None]:
    """Where the person goes when the matter ends: a counter's label, or a service, where that counter has closed."""
    at = ticket.counter if ticket.state in AT_COUNTER else ticket.pinned
    way = from_counter(ticket.way_back, at or "")
    if not way:
        return None, None
    known, stop = state.counters.get(way[-1].counter), way[-1]
    if known is not None and known.status is not CounterStatus.CLOSED:
        return state.setup.counters[stop.counter].label, None
    service = state.setup.services.get(stop.service)
    return None, service.name if service else {}


def sent_rows(state: OfficeDay, counter_id: str) -> tuple[SentRow, ...]:
    """Whom a counter sent on and is to get back, as they came."""
    config, closed = state.setup, state.counter(counter_id).status is CounterStatus.CLOSED
    rows = []
    for ticket in to_return(state, counter_id):
        if ticket.pinned == counter_id and ticket.state is TicketState.WAITING:
            continue  # back already
        there = ticket.counter if ticket.state in AT_COUNTER else ticket.pinned
        stop = next(stop for stop in reversed(ticket.way_back) if stop.counter == counter_id)
        service = config.services.get(stop.service)
        rows.append(
            SentRow(
                number=ticket.number,
                counter_label=config.counters[there].label if there in config.counters else None,
                service_name=config.services[ticket.service].name,
                at_counter=ticket.state in AT_COUNTER,
                back_service=service.name if closed and service else None,
            )
        )
    return tuple(rows)


def transfer_rows(state: OfficeDay, counter_id: str, now: datetime) -> tuple[TransferRow, ...]:
    """Every service and every other counter, with who serves and how many wait there."""
    config = state.setup
    services = [
        TransferRow(
            kind="service", id=s.id, label=s.prefix, name=s.name, open=len(state.open_counters(s.id, now)),
            waiting=state.waiting_count(s.id),
        )
        for s in config.services.values()
    ]  # fmt: skip
    counters = [
        TransferRow(
            kind="counter", id=c.id, label=config.counters[c.id].label, name=config.counters[c.id].name,
            open=int(c.status is CounterStatus.OPEN), waiting=state.waiting_count(f"counter:{c.id}"),
            closed=c.status is CounterStatus.CLOSED,
        )
        for c in state.counters.values()
        if c.id != counter_id
    ]  # fmt: skip
    return (*services, *counters)


def closing_warnings(state: OfficeDay, counter_id: str) -> tuple[WarningRow, ...]:
    """What closing a counter now does to people."""
    return _warnings(of_closing(state, counter_id))


def transfer_warnings(state: OfficeDay, service: str | None, counter_id: str | None) -> tuple[WarningRow, ...]:
    """What a transfer that was just made leaves behind."""
    return _warnings(of_transfer(state, service, counter_id))


def _warnings(found: tuple[Consequence, ...]) -> tuple[WarningRow, ...]:
    return tuple(WarningRow(code=one.code, people=one.people, services=one.services) for one in found)
