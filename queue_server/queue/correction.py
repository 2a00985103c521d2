"""Moves what is still going on with a clock that was put right. Pure; part of `evolve`.

Moments of the day are read against the clock of now. When that moves, the moments of everybody who has not been
served move with it: a wait is what has passed, and not what two clocks say. What is over keeps its moments.
"""

from datetime import datetime, timedelta

from queue_server.queue.events import ClockCorrected
from queue_server.queue.state import OfficeDay, Ticket
from queue_server.queue.states import CounterStatus

TICKET_MOMENTS = ("taken_at", "called_at", "started_at", "ended_at", "last_call_at", "sent_at")


def correct(state: OfficeDay, e: ClockCorrected, at: datetime) -> None:
    """Folds a correction: waits, pauses, calls and leases are as old afterwards as they were before."""
    by = timedelta(seconds=e.by)
    active = [] if state.closed else list(state.active())
    waiting = {ticket.id for ticket in state.waiting()}
    for ticket in active:
        if ticket.id in waiting:
            state.leave_line(ticket)
        _move_ticket(ticket, by)
        if ticket.id in waiting:
            state.join_line(ticket)
    _move_visits(state, {ticket.visit for ticket in active}, by)
    _move_counters(state, by)
    for call in state.helps.values():
        if call.given_at is None:
            call.at += by
    if state.opened_at is not None:
        state.opened_at += by
    for leases in state.leases.values():
        for prefix, ranges in leases.items():
            leases[prefix] = [(first, last, moment + by) for first, last, moment in ranges]


def _move_ticket(ticket: Ticket, by: timedelta) -> None:
    """A booked time is a time of the true clock and stays."""
    if ticket.since != ticket.appointment_at:
        ticket.since += by
    for name in TICKET_MOMENTS:
        moment = getattr(ticket, name)
        if moment is not None:
            setattr(ticket, name, moment + by)
    ticket.corrected = True


def _move_visits(state: OfficeDay, visits: set[str], by: timedelta) -> None:
    for visit in (state.visits[name] for name in visits):
        visit.taken_at += by
        if visit.answered_at is not None:
            visit.answered_at += by


def _move_counters(state: OfficeDay, by: timedelta) -> None:
    for counter in state.counters.values():
        if counter.status is not CounterStatus.CLOSED:
            counter.since = counter.since and counter.since + by
        counter.idle_since = counter.idle_since and counter.idle_since + by
