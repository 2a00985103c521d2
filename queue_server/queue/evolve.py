"""Folds events into the office day. Pure: no rule is decided here, no clock is read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from queue_server.queue import events as ev
from queue_server.queue import way_back
from queue_server.queue.at_counter import answer_call, free_siblings, leave_counter
from queue_server.queue.by_mouth import served_by_mouth
from queue_server.queue.config import ClassKind
from queue_server.queue.correction import correct
from queue_server.queue.duration_bands import weighed
from queue_server.queue.gap import gaps_at_opening, generation_of, numbers_skipped
from queue_server.queue.issued import issued
from queue_server.queue.numbers import split_number
from queue_server.queue.policy import rule_of
from queue_server.queue.routing import ceiling
from queue_server.queue.state import CounterState, HelpCall, OfficeDay, Ticket, Visit
from queue_server.queue.states import CounterStatus, TicketState

RECENT_CALLS = 12  # of each zone


def evolve(state: OfficeDay, event: ev.Event, at: datetime) -> OfficeDay:
    """Applies one event that happened at `at` (aware UTC); changes and returns `state`."""
    FOLDS[type(event)](state, event, at)
    state.version += 1
    return state


def _day_opened(state: OfficeDay, e: ev.DayOpened, at: datetime) -> None:
    fresh = OfficeDay(
        day=e.day, config=e.config, opened_at=at, policy=e.config.policy, version=state.version,
        serials=dict(e.serials or {}), leased=dict(e.leased or {}), gaps=gaps_at_opening(e),
    )  # fmt: skip
    for name in OfficeDay.__slots__:
        setattr(state, name, getattr(fresh, name))
    state.counters = {c.id: CounterState(id=c.id, services=c.services, since=at) for c in e.config.counters.values()}
    _bind(state)


def _bind(state: OfficeDay) -> None:
    """Kind and ceiling of every class, and the score, worked out once and not at every call; lines cut to suit it."""
    config, policy = state.setup, state.policy
    state.bounds = {c.id: (c.kind, ceiling(config, policy, c.id)) for c in config.classes.values()}
    state.early = config.early(policy)
    state.rule = rule_of(config, policy)
    rule = state.rule
    state.gains = {s.id: tuple(rule.gain(s.id, m) for m in weighed(s.typical)) for s in config.services.values()}
    waiting = list(state.waiting())
    state.lines = {}
    for ticket in waiting:
        state.join_line(ticket)


def _day_closed(state: OfficeDay, e: ev.DayClosed, at: datetime) -> None:
    state.closed, state.abandoned, state.closed_at = True, e.abandoned, at


def _setup_changed(state: OfficeDay, e: ev.SetupChanged, at: datetime) -> None:
    state.config = e.config
    state.policy = e.config.policy
    kept = {c: state.counters[c] for c in e.config.counters if c in state.counters}
    for counter in e.config.counters.values():
        known = kept.setdefault(counter.id, CounterState(id=counter.id, services=counter.services, since=at))
        if known.status is CounterStatus.CLOSED:
            known.services = counter.services
    state.counters = {c: kept[c] for c in e.config.counters}
    _bind(state)


def _policy_changed(state: OfficeDay, e: ev.PolicyChanged, at: datetime) -> None:
    state.policy = e.policy
    _bind(state)


def _set_status(counter: CounterState, status: CounterStatus, at: datetime) -> None:
    counter.status = status
    counter.since = at
    counter.idle_since = at if status is CounterStatus.OPEN else None


def _counter_opened(state: OfficeDay, e: ev.CounterOpened, at: datetime) -> None:
    counter = state.counters[e.counter]
    counter.officer = e.officer
    counter.services = e.services
    counter.pause_reason = ""
    _set_status(counter, CounterStatus.OPEN, at)


def _counter_paused(state: OfficeDay, e: ev.CounterPaused, at: datetime) -> None:
    counter = state.counters[e.counter]
    counter.pause_reason = e.reason
    _set_status(counter, CounterStatus.PAUSED, at)


def _counter_resumed(state: OfficeDay, e: ev.CounterResumed, at: datetime) -> None:
    counter = state.counters[e.counter]
    counter.pause_reason = ""
    _set_status(counter, CounterStatus.OPEN, at)


def _counter_closed(state: OfficeDay, e: ev.CounterClosed, at: datetime) -> None:
    counter = state.counters[e.counter]
    counter.officer = None
    _set_status(counter, CounterStatus.CLOSED, at)
    for ticket in [t for t in state.active() if t.pinned == e.counter]:
        _unpin(state, ticket)


def _unpin(state: OfficeDay, ticket: Ticket) -> None:
    standing = ticket.state is TicketState.WAITING and state.is_free(ticket)
    if standing:
        state.leave_line(ticket)
    ticket.pinned = None
    if standing:
        state.join_line(ticket)


def _counter_reskilled(state: OfficeDay, e: ev.CounterReskilled, at: datetime) -> None:
    state.counters[e.counter].services = e.services


def _numbers_leased(state: OfficeDay, e: ev.NumbersLeased, at: datetime) -> None:
    state.leases.setdefault(e.kiosk, {}).setdefault(e.prefix, []).append((e.first, e.last, at))
    state.leased[e.prefix] = max(e.last, state.leased.get(e.prefix, 0))


def _ticket_issued(state: OfficeDay, e: ev.TicketIssued, at: datetime) -> None:
    ticket = issued(e, order=len(state.tickets))
    state.tickets[ticket.id] = ticket
    visit = state.visits.get(e.visit)
    if visit is None:
        prefix, serial = split_number(e.number)
        made = generation_of(state, prefix, serial, leased=e.handed_in)
        state.visits[e.visit] = Visit(
            id=e.visit, number=e.number, tickets=[ticket.id], taken_at=e.taken_at, generation=made
        )
        state.numbers[e.number] = e.visit
        if not e.handed_in:
            state.serials[prefix] = serial
    else:
        visit.tickets.append(ticket.id)
    state.join_line(ticket)


def _ticket_printed(state: OfficeDay, e: ev.TicketPrinted, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    ticket.printed = True
    ticket.print_problem = None


def _print_failed(state: OfficeDay, e: ev.PrintFailed, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    ticket.printed = False
    ticket.print_problem = e.problem
    ticket.print_failures += 1


def _end(state: OfficeDay, ticket: Ticket, end: TicketState, at: datetime) -> None:
    if ticket.state is TicketState.WAITING:
        state.leave_line(ticket)
    leave_counter(state, ticket, at)
    state.aside.pop(ticket.id, None)
    ticket.state = end
    ticket.ended_at = at


def _ticket_cancelled(state: OfficeDay, e: ev.TicketCancelled, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    held = ticket.state is TicketState.HELD
    _end(state, ticket, TicketState.CANCELLED, at)
    if held:
        free_siblings(state, ticket, at)


def _ticket_expired(state: OfficeDay, e: ev.TicketExpired, at: datetime) -> None:
    _end(state, state.tickets[e.ticket], TicketState.EXPIRED, at)


def _ticket_postponed(state: OfficeDay, e: ev.TicketPostponed, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    state.leave_line(ticket)
    ticket.since = e.until
    ticket.postponed += 1
    if state.is_free(ticket):
        state.join_line(ticket)


def _priority_changed(state: OfficeDay, e: ev.PriorityChanged, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    state.leave_line(ticket)
    ticket.class_id = e.class_id
    ticket.claimed = None
    if state.is_free(ticket):
        state.join_line(ticket)


def _ticket_called(state: OfficeDay, e: ev.TicketCalled, at: datetime) -> None:
    ticket, counter = state.tickets[e.ticket], state.counters[e.counter]
    state.leave_line(ticket)
    for other in state.siblings(ticket):
        if other.state is TicketState.WAITING:
            state.leave_line(other)
    ticket.state = TicketState.CALLED
    ticket.counter = e.counter
    ticket.called_at = ticket.last_call_at = at
    ticket.started_at = None
    ticket.calls = 1
    ticket.reason, ticket.facts = e.reason, e.facts
    if not ticket.answered:
        ticket.waited = e.waited
    elif ticket.sent_at is not None:
        ticket.more_waits.append((at - ticket.sent_at).total_seconds())
    counter.ticket = ticket.id
    counter.idle_since = None
    priority = state.setup.classes[ticket.class_id].kind is not ClassKind.ORDINARY
    if priority:
        counter.ordinary_run = 0
    elif counter.ordinary_run is not None:
        counter.ordinary_run += 1
    _remember_call(state, ticket.id)


def _remember_call(state: OfficeDay, ticket_id: str) -> None:
    """Newest first, so many of each zone: a busy zone must not push a quiet one off its board."""
    kept: list[str] = []
    seen: dict[str, int] = {}
    for known in (ticket_id, *(other for other in state.recent_calls if other != ticket_id)):
        zone = state.setup.counters[state.tickets[known].counter or ""].zone
        seen[zone] = seen.get(zone, 0) + 1
        if seen[zone] <= RECENT_CALLS:
            kept.append(known)
    state.recent_calls = kept


def _ticket_recalled(state: OfficeDay, e: ev.TicketRecalled, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    ticket.calls = e.time
    ticket.last_call_at = at
    _remember_call(state, ticket.id)


def _service_started(state: OfficeDay, e: ev.ServiceStarted, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    ticket.state = TicketState.SERVING
    ticket.started_at = at
    answer_call(state, ticket)


def _service_finished(state: OfficeDay, e: ev.ServiceFinished, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    ticket.state = TicketState.SERVED
    ticket.ended_at = at
    leave_counter(state, ticket, at)
    state.counters[e.counter].served += 1
    free_siblings(state, ticket, at)


def _ticket_missed(state: OfficeDay, e: ev.TicketMissed, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    ticket.state = TicketState.MISSED
    state.aside[ticket.id] = None
    ticket.ended_at = at
    leave_counter(state, ticket, at)
    free_siblings(state, ticket)


def _wait_again(state: OfficeDay, ticket: Ticket) -> None:
    ticket.state = TicketState.WAITING
    ticket.ended_at = None
    state.aside.pop(ticket.id, None)
    if state.is_free(ticket):
        state.join_line(ticket)


def _ticket_reinstated(state: OfficeDay, e: ev.TicketReinstated, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    ticket.since = e.since
    _wait_again(state, ticket)


def _ticket_held(state: OfficeDay, e: ev.TicketHeld, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    ticket.state = TicketState.HELD
    state.aside[ticket.id] = None
    answer_call(state, ticket)
    ticket.note = e.reason
    leave_counter(state, ticket, at)


def _ticket_resumed(state: OfficeDay, e: ev.TicketResumed, at: datetime) -> None:
    ticket, counter = state.tickets[e.ticket], state.counters[e.counter]
    state.aside.pop(ticket.id, None)
    ticket.state = TicketState.SERVING
    ticket.counter = e.counter
    ticket.started_at = ticket.started_at or at
    counter.ticket = ticket.id
    counter.idle_since = None


def _ticket_transferred(state: OfficeDay, e: ev.TicketTransferred, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    leave_counter(state, ticket, at)
    ticket.state = TicketState.WAITING
    free_siblings(state, ticket, at)
    state.counters[e.counter].served += 1
    answer_call(state, ticket)
    ticket.way_back = way_back.after(ticket.way_back, ticket.service, e)
    if e.service != ticket.service:  # what the old matter told says nothing of the new one
        ticket.expected, ticket.spread = state.setup.services[e.service].typical, None
    ticket.service, ticket.pinned = e.service, e.to_counter
    ticket.since, ticket.note, ticket.sent_at = e.since, e.note, at
    _wait_again(state, ticket)


def _ticket_put_back(state: OfficeDay, e: ev.TicketPutBack, at: datetime) -> None:
    ticket = state.tickets[e.ticket]
    leave_counter(state, ticket, at)
    if ticket.sent_at is not None and ticket.more_waits:
        ticket.more_waits.pop()  # the wait after a transfer goes on
    ticket.called_at = ticket.started_at = None
    ticket.calls = 0
    state.recent_calls = [known for known in state.recent_calls if known != ticket.id]
    _wait_again(state, ticket)
    free_siblings(state, ticket)


def _ticket_rated(state: OfficeDay, e: ev.TicketRated, at: datetime) -> None:
    state.tickets[e.ticket].score = e.score


def _help_requested(state: OfficeDay, e: ev.HelpRequested, at: datetime) -> None:
    state.helps[e.help] = HelpCall(id=e.help, kiosk=e.kiosk, at=at)


def _help_given(state: OfficeDay, e: ev.HelpGiven, at: datetime) -> None:
    state.helps[e.help].given_at = at


def _device_reported(state: OfficeDay, e: ev.DeviceReported, at: datetime) -> None:
    state.devices[e.device] = e.problem


FOLDS: dict[type[ev.Event], Callable[[OfficeDay, Any, datetime], None]] = {
    ev.DayOpened: _day_opened,
    ev.DayClosed: _day_closed,
    ev.ClockCorrected: correct,
    ev.SetupChanged: _setup_changed,
    ev.PolicyChanged: _policy_changed,
    ev.CounterOpened: _counter_opened,
    ev.CounterPaused: _counter_paused,
    ev.CounterResumed: _counter_resumed,
    ev.CounterClosed: _counter_closed,
    ev.CounterReskilled: _counter_reskilled,
    ev.NumbersLeased: _numbers_leased,
    ev.NumbersSkipped: numbers_skipped,
    ev.TicketIssued: _ticket_issued,
    ev.TicketPrinted: _ticket_printed,
    ev.PrintFailed: _print_failed,
    ev.TicketCancelled: _ticket_cancelled,
    ev.TicketExpired: _ticket_expired,
    ev.TicketPostponed: _ticket_postponed,
    ev.PriorityChanged: _priority_changed,
    ev.TicketCalled: _ticket_called,
    ev.TicketRecalled: _ticket_recalled,
    ev.ServiceStarted: _service_started,
    ev.ServiceFinished: _service_finished,
    ev.ServedByMouth: served_by_mouth,
    ev.TicketMissed: _ticket_missed,
    ev.TicketReinstated: _ticket_reinstated,
    ev.TicketHeld: _ticket_held,
    ev.TicketResumed: _ticket_resumed,
    ev.TicketTransferred: _ticket_transferred,
    ev.TicketPutBack: _ticket_put_back,
    ev.TicketRated: _ticket_rated,
    ev.HelpRequested: _help_requested,
    ev.HelpGiven: _help_given,
    ev.DeviceReported: _device_reported,
}
