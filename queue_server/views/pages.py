"""The views of board, console and citizen. Pure."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil

from queue_server.contract.problems import Problem, Refused
from queue_server.contract.views import BoardView, CitizenView, ConsoleView, CourtesyRow, HelpRow, NextRow, Wait
from queue_server.queue.config import ClassKind
from queue_server.queue.foreseen import Foreseen
from queue_server.queue.outlook import people_ahead
from queue_server.queue.reasons import explain
from queue_server.queue.routing import choose, courtesy
from queue_server.queue.state import CounterState, OfficeDay, Ticket
from queue_server.queue.states import AT_COUNTER, CounterStatus, TicketState
from queue_server.views.figures import mean_visit_wait
from queue_server.views.rows import (
    Names,
    as_written,
    call_row,
    claimed_name,
    counter_row,
    counter_rows,
    forecast_wait,
    is_open,
    missed_tickets,
    open_counter_labels,
    service_rows,
    shown_wait,
    ticket_row,
)
from queue_server.views.sending import closing_warnings, sent_rows, transfer_rows
from queue_server.views.waits import idle_for, ticket_wait

Told = Mapping[str, tuple[float, float, float]]

BOARD_CALLS = 6
BOARD_MISSED = 8
CONSOLE_WAITING = 200
ALL_ZONES = "all"


def board(
    state: OfficeDay, zone: str, now: datetime, *, closed: frozenset[str], speaks: bool, told: Told | None = None
) -> BoardView:
    """A hall board; `closed` are the services outside their hours, `told` the forecast's waits by service."""
    config = state.setup
    if zone != ALL_ZONES and zone not in config.zones:
        raise Refused(Problem.NOT_FOUND, f"no zone {zone}")

    def here(place: str) -> bool:
        return zone in (ALL_ZONES, place)

    called = [state.tickets[ticket_id] for ticket_id in state.recent_calls]
    calls = [call_row(state, t) for t in called if t.counter and t.state in AT_COUNTER | {TicketState.SERVED}]
    missed = [t for t in missed_tickets(state, now) if t.counter and here(config.counters[t.counter].zone)]
    return BoardView(
        zone=zone,
        zone_name=config.zones.get(zone, {"vi": "Tất cả khu vực", "en": "All areas"}),
        unit_name=config.name,
        as_of=now,
        open=is_open(state),
        calls=tuple(row for row in calls if here(row.zone))[:BOARD_CALLS],
        services=tuple(row for row in service_rows(state, now, closed, told) if here(row.zone)),
        counters=tuple(row for row in counter_rows(state) if here(row.zone)),
        missed=tuple(t.number for t in missed[:BOARD_MISSED]),
        mean_wait=mean_visit_wait(state),
        target=config.target / 60,
        speaks=speaks,
    )


def help_rows(state: OfficeDay) -> tuple[HelpRow, ...]:
    """Calls for a guide that nobody has answered yet."""
    return tuple(HelpRow(id=h.id, kiosk=h.kiosk, at=h.at) for h in state.helps.values() if h.given_at is None)


def device_problems(state: OfficeDay) -> tuple[tuple[str, str], ...]:
    return tuple((device, problem) for device, problem in state.devices.items() if problem)


def next_row(
    state: OfficeDay, counter: CounterState, now: datetime, foreseen: Foreseen | None = None
) -> NextRow | None:
    """Who *next* would call now and why, also while somebody is still at the counter."""
    if counter.status is not CounterStatus.OPEN:
        return None
    choice = choose(state, counter.id, now, foreseen)
    if choice is None:
        return None
    ticket = state.tickets[choice.ticket]
    config = state.setup
    return NextRow(
        number=ticket.number,
        service_name=config.services[ticket.service].name,
        waited=max(0.0, (now - ticket.since).total_seconds()) / 60,
        code=choice.code,
        reason=explain(config, state.policy.ordinary_per_priority, choice.code, choice.facts),
        runner_up=state.tickets[choice.runner_up].number if choice.runner_up else None,
    )


def courtesy_row(state: OfficeDay, counter: CounterState, now: datetime) -> CourtesyRow | None:
    """Whom an open counter leaves people to, when it leaves all of them."""
    found = courtesy(state, counter, now) if counter.status is CounterStatus.OPEN else None
    if found is None:
        return None
    return CourtesyRow(
        seconds=ceil(found.seconds), counters=tuple(state.setup.counters[c].label for c in found.counters)
    )


def callable_by(state: OfficeDay, counter: CounterState) -> list[Ticket]:
    """People this counter may call, in order of arrival."""
    pools = {*counter.services, f"counter:{counter.id}"}
    found = [entry for pool in pools for line in state.lines.get(pool, {}).values() for entry in line]
    return [state.tickets[entry[2]] for entry in sorted(found)[:CONSOLE_WAITING]]


def console(
    state: OfficeDay, counter_id: str, now: datetime, *, closed: frozenset[str], told: Told | None = None,
    foreseen: Foreseen | None = None, resting: bool = False, names: Names = as_written,
) -> ConsoleView:  # fmt: skip
    """The officer's console of one counter. `resting`: the office is to look ahead and nothing does."""
    counter, config = state.counter(counter_id), state.setup
    current = state.tickets[counter.ticket] if counter.ticket else None
    mine = set(counter.services)
    held = [t for i in state.aside if (t := state.tickets[i]).state is TicketState.HELD]
    missed = [t for t in missed_tickets(state, now) if t.service in mine or t.counter == counter_id]
    return ConsoleView(
        as_of=now,
        day_open=is_open(state),
        counter=counter_row(state, counter, names),
        current=ticket_row(state, current, now, names) if current else None,
        next=next_row(state, counter, now, foreseen),
        waiting=tuple(ticket_row(state, t, now, names) for t in callable_by(state, counter)),
        held=tuple(ticket_row(state, t, now, names) for t in held if t.counter == counter_id or t.service in mine),
        missed=tuple(ticket_row(state, t, now, names) for t in missed),
        counters=counter_rows(state, names),
        services=service_rows(state, now, closed, told),
        classes=tuple((c.id, c.name) for c in config.classes.values() if c.kind is not ClassKind.APPOINTMENT),
        recalls_left=max(0, config.rules.recall_limit + 1 - current.calls) if current else 0,
        helps=help_rows(state),
        problems=device_problems(state),
        mean_wait=mean_visit_wait(state),
        target=config.target / 60,
        resting=resting,
        courtesy=courtesy_row(state, counter, now),
        sent=sent_rows(state, counter_id),
        transfers=transfer_rows(state, counter_id, now),
        closing=closing_warnings(state, counter_id),
    )


def citizen(state: OfficeDay, visit_id: str, now: datetime, told: Told | None = None) -> CitizenView:
    """The phone page of a visit: the ticket that matters now, the others beside it. `told`: ticket → seconds left."""
    config = state.setup
    tickets = [state.tickets[i] for i in state.visits[visit_id].tickets]
    ticket = shown_ticket(state, visit_id)
    waiting = ticket.state is TicketState.WAITING
    at_counter = ticket.state in AT_COUNTER | {TicketState.HELD}
    return CitizenView(
        as_of=now,
        number=ticket.number,
        unit_name=config.name,
        service_name=config.services[ticket.service].name,
        class_name=config.classes[ticket.class_id].name,
        state=str(ticket.state),
        people_ahead=place(state, ticket) if waiting else 0,
        wait=_citizen_wait(state, ticket, now, told or {}) if waiting else None,
        counters=open_counter_labels(state, ticket.service, now),
        counter_label=config.counters[ticket.counter].label if ticket.counter and at_counter else None,
        taken_at=ticket.taken_at,
        called_at=ticket.called_at,
        language=ticket.language,
        can=_can(state, ticket),
        claimed_name=claimed_name(config, ticket),
        others=tuple((config.services[t.service].name, str(t.state)) for t in tickets if t is not ticket),
    )


def _citizen_wait(state: OfficeDay, ticket: Ticket, now: datetime, told: Told) -> Wait | None:
    """The forecast where there is one and somebody may call, else the virtual schedule."""
    ends = told.get(ticket.id) if state.open_counters(ticket.service, now) else None
    if ends is None:
        return shown_wait(*ticket_wait(state, ticket, now))
    return forecast_wait(ends, idle=ticket.since <= now and idle_for(state, ticket.service, now, newcomer=False))


_ORDER = (
    TicketState.CALLED,
    TicketState.SERVING,
    TicketState.HELD,
    TicketState.WAITING,
    TicketState.MISSED,
    TicketState.SERVED,
    TicketState.CANCELLED,
    TicketState.EXPIRED,
)


def _urgency(ticket: Ticket) -> int:
    return _ORDER.index(ticket.state)


def shown_ticket(state: OfficeDay, visit_id: str) -> Ticket:
    """The ticket of a visit that matters to its owner now."""
    return min((state.tickets[i] for i in state.visits[visit_id].tickets), key=lambda t: (_urgency(t), t.order))


def _can(state: OfficeDay, ticket: Ticket) -> tuple[str, ...]:
    found = []
    if ticket.state is TicketState.WAITING and ticket.postponed < state.setup.rules.postpone_limit:
        found.append("postpone")
    if ticket.state in (TicketState.WAITING, TicketState.MISSED):
        found.append("cancel")
    if ticket.state is TicketState.SERVED and ticket.score is None:
        found.append("feedback")
    return tuple(found)


def place(state: OfficeDay, ticket: Ticket) -> int:
    """People of the same service who stand before a waiting ticket."""
    ordinary = state.setup.classes[ticket.class_id].kind is ClassKind.ORDINARY
    if not ordinary:
        own = sum(1 for entry in state.of_class(ticket.pool, ticket.class_id) if entry < ticket.key)
        return min(own, people_ahead(state, ticket.service, ticket.class_id))
    return sum(
        1
        for (class_id, _), line in state.lines.get(ticket.pool, {}).items()
        for entry in line
        if entry < ticket.key or state.setup.classes[class_id].kind is not ClassKind.ORDINARY
    )
