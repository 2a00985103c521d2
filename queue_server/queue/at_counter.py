"""What it changes that a call is answered and that a person leaves a counter. Pure; part of `evolve`."""

from datetime import datetime, timedelta

from queue_server.queue.state import OfficeDay, Ticket
from queue_server.queue.states import CounterStatus, TicketState


def answer_call(state: OfficeDay, ticket: Ticket, at: datetime | None = None) -> None:
    """The call was answered: the wait of the ticket, and of its visit when it is the first, stands.

    `at`: the moment, where no call tells it.
    """
    ticket.answered = True
    visit = state.visits[ticket.visit]
    if visit.answered_at is None:
        visit.answered_at, visit.waited = at or ticket.called_at, ticket.waited or 0.0
        state.waits += 1
        state.wait_sum += visit.waited


def leave_counter(state: OfficeDay, ticket: Ticket, at: datetime) -> None:
    """The counter is free again, if this ticket is there."""
    counter = state.counters[ticket.counter] if ticket.counter else None
    if counter is not None and counter.ticket == ticket.id:
        counter.ticket = None
        counter.idle_since = at if counter.status is CounterStatus.OPEN else None


def free_siblings(state: OfficeDay, ticket: Ticket, busy_until: datetime | None = None) -> None:
    """Lets the other tickets of a visit be called; time spent at a counter is no waiting time of theirs."""
    busy = busy_until - ticket.called_at if busy_until and ticket.called_at else timedelta()
    for other in state.siblings(ticket):
        if other.state is TicketState.WAITING and state.is_free(other):
            state.leave_line(other)
            other.since += busy
            state.join_line(other)
