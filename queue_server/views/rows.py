"""Rows that several views share: services, counters, tickets, waits. Pure."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from queue_server.contract.views import CallRow, CounterRow, ServiceRow, TicketRow, Wait
from queue_server.contract.words import Words
from queue_server.queue.config import ClassKind, OfficeConfig
from queue_server.queue.outlook import Outlook, outlook
from queue_server.queue.state import CounterState, OfficeDay, Ticket
from queue_server.queue.states import CounterStatus, TicketState
from queue_server.views.sending import way_back_of
from queue_server.views.waits import idle_for

STEP = 5  # minutes; what the public sees is rounded outward to this

Names = Callable[[str], str]


def shown_wait(low: float | None, likely: float | None, high: float | None) -> Wait | None:
    """Seconds to whole minutes as the public sees them: outward to five minutes, under five to the minute."""
    if low is None or likely is None or high is None:
        return None
    down = math.floor(low / 60 / STEP) * STEP
    up = math.ceil(high / 60 / STEP) * STEP
    return Wait(low=max(0, down), likely=round(likely / 60), high=max(up, STEP))


def wait_of(view: Outlook) -> Wait | None:
    return shown_wait(view.low, view.likely, view.high)


def forecast_wait(ends: tuple[float, float, float], *, idle: bool) -> Wait:
    """A forecast as the public sees it: "now" (from 0 minutes) only while a counter that may call has nobody."""
    low, likely, high = (0.0, 0.0, 0.0) if idle else ends
    shown = Wait(low=_down(low), likely=round(likely / 60), high=_up(high))
    if shown.high <= shown.low:
        shown = replace(shown, high=shown.low + STEP)
    return shown if idle else replace(shown, likely=max(1, shown.likely))


def _down(seconds: float) -> int:
    return max(0, math.floor(seconds / 60 / STEP) * STEP)


def _up(seconds: float) -> int:
    return max(STEP, math.ceil(seconds / 60 / STEP) * STEP)


def service_rows(
    state: OfficeDay,
    now: datetime,
    closed: frozenset[str] = frozenset(),
    told: Mapping[str, tuple[float, float, float]] | None = None,
) -> tuple[ServiceRow, ...]:
    """Every service with its live wait; `closed` are those outside their hours.

    `told`: service → seconds that the forecast says; where it says nothing the virtual schedule does.
    """
    config = state.setup
    rows = []
    for service in config.services.values():
        counters = state.open_counters(service.id, now)
        shut = state.closed or service.id in closed
        ends = (told or {}).get(service.id) if counters else None
        if shut:
            wait = None
        elif ends is not None:
            wait = forecast_wait(ends, idle=idle_for(state, service.id, now, newcomer=True))
        else:
            wait = wait_of(outlook(state, service.id, config.default_class, now))
        rows.append(
            ServiceRow(
                id=service.id,
                name=service.name,
                prefix=service.prefix,
                zone=service.zone,
                waiting=state.waiting_count(service.id),
                wait=wait,
                counters=tuple(config.counters[c.id].label for c in counters),
                state="closed" if shut else ("open" if counters else "no-counter"),
                walk_in=service.walk_in,
                phone=service.phone,
            )
        )
    return tuple(rows)


def doing(state: OfficeDay, counter: CounterState) -> str:
    """idle, called or serving."""
    if counter.ticket is None:
        return "idle"
    return "called" if state.tickets[counter.ticket].state is TicketState.CALLED else "serving"


def as_written(text: str) -> str:
    """A name or note as the record holds it."""
    return text


def counter_row(state: OfficeDay, counter: CounterState, names: Names = as_written) -> CounterRow:
    """A counter as staff see it. `names`: what an id of the record stands for."""
    known = state.setup.counters[counter.id]
    ticket = state.tickets[counter.ticket] if counter.ticket else None
    return CounterRow(
        id=counter.id,
        label=known.label,
        zone=known.zone,
        name=known.name,
        status=str(counter.status),
        officer=names(counter.officer) if counter.officer else counter.officer,
        services=counter.services,
        number=ticket.number if ticket else None,
        doing=doing(state, counter),
        since=counter.since,
        served=counter.served,
        pause_reason=names(counter.pause_reason),
    )


def counter_rows(state: OfficeDay, names: Names = as_written) -> tuple[CounterRow, ...]:
    return tuple(counter_row(state, counter, names) for counter in state.counters.values())


def call_row(state: OfficeDay, ticket: Ticket) -> CallRow:
    """The newest call of a called ticket."""
    config = state.setup
    counter = config.counters[ticket.counter or ""]
    called_at = ticket.last_call_at or ticket.called_at or ticket.taken_at
    stamp = int((ticket.called_at or ticket.taken_at).timestamp())
    return CallRow(
        id=f"{ticket.id}-{counter.id}-{stamp}-{ticket.calls}",
        number=ticket.number,
        counter=counter.id,
        counter_label=counter.label,
        zone=counter.zone,
        called_at=called_at,
        time=ticket.calls,
        serving=ticket.state is TicketState.SERVING,
        priority=config.classes[ticket.class_id].kind is ClassKind.PRIORITY,
        language=ticket.language,
    )


def ticket_row(state: OfficeDay, ticket: Ticket, now: datetime, names: Names = as_written) -> TicketRow:
    """A ticket as staff see it. Minutes; `waited` runs while it waits and stands still afterwards."""
    config = state.setup
    waiting = ticket.state is TicketState.WAITING
    waited = (now - ticket.since).total_seconds() if waiting else (ticket.waited or 0.0)
    handled = None
    if ticket.called_at is not None and not waiting:
        handled = ((ticket.ended_at or now) - ticket.called_at).total_seconds() / 60
    known_class = config.classes[ticket.class_id]
    back_label, back_service = way_back_of(state, ticket) if ticket.way_back else (None, None)
    return TicketRow(
        id=ticket.id,
        number=ticket.number,
        service=ticket.service,
        service_name=config.services[ticket.service].name,
        class_id=ticket.class_id,
        class_name=known_class.name,
        priority=known_class.kind is not ClassKind.ORDINARY,
        state=str(ticket.state),
        waited=max(0.0, waited) / 60,
        handled=handled,
        taken_at=ticket.taken_at,
        called_at=ticket.called_at,
        counter_label=config.counters[ticket.counter].label if ticket.counter else None,
        procedure=ticket.procedure,
        calls=ticket.calls,
        note=names(ticket.note),
        over_target=max(0.0, waited) > config.target,
        provisional=ticket.provisional,
        back_label=back_label,
        back_service=back_service,
        due_at=ticket.since if waiting and ticket.since > now else None,
        claimed=ticket.claimed if waiting else None,
        claimed_name=claimed_name(config, ticket),
    )


def claimed_name(config: OfficeConfig, ticket: Ticket) -> Words | None:
    """The class that a waiting person claimed and that nobody has confirmed."""
    if ticket.claimed is None or ticket.state is not TicketState.WAITING:
        return None
    return config.classes[ticket.claimed].name


def is_open(state: OfficeDay) -> bool:
    """Whether the office day runs."""
    return state.config is not None and not state.closed


def open_counter_labels(state: OfficeDay, service: str, now: datetime) -> tuple[str, ...]:
    """Labels of the counters where a service may be called; those in the site file when none is open."""
    config = state.setup
    found = [config.counters[c.id].label for c in state.open_counters(service, now)]
    return tuple(found or [c.label for c in config.counters.values() if service in c.services])


def missed_tickets(state: OfficeDay, now: datetime) -> list[Ticket]:
    """Missed people who may still report back, newest first."""
    within = state.setup.rules.reinstate_within
    found = [
        t
        for t in (state.tickets[i] for i in state.aside)
        if t.state is TicketState.MISSED and t.ended_at and (now - t.ended_at).total_seconds() <= within
    ]
    return sorted(found, key=lambda t: t.ended_at or t.taken_at, reverse=True)


def paused(counter: CounterState) -> bool:
    return counter.status is CounterStatus.PAUSED
