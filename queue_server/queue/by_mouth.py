"""Folds what was served by word of mouth while the server was away. Pure; part of `evolve`."""

from datetime import datetime

from queue_server.queue.at_counter import answer_call, free_siblings, leave_counter
from queue_server.queue.events import ServedByMouth
from queue_server.queue.state import OfficeDay, Ticket
from queue_server.queue.states import TicketState

BY_MOUTH = "by_mouth"  # stands as the reason of the call, in the tables too: nobody chose by the rules


def served_by_mouth(state: OfficeDay, e: ServedByMouth, at: datetime) -> None:
    """The ticket ends at the moment that was told; how long it took at the counter nobody knows."""
    ticket = state.tickets[e.ticket]
    _end_wait(state, ticket, e)
    state.leave_line(ticket)
    state.aside.pop(ticket.id, None)
    leave_counter(state, ticket, at)
    ticket.state, ticket.counter = TicketState.SERVED, e.counter
    ticket.ended_at, ticket.reason, ticket.facts = e.served_at, BY_MOUTH, {}
    ticket.way_back = ()
    state.counters[e.counter].served += 1
    free_siblings(state, ticket)


def _end_wait(state: OfficeDay, ticket: Ticket, e: ServedByMouth) -> None:
    """A call by the rules keeps its moment; else the wait, also the one after a transfer, ends by word of mouth."""
    if ticket.state in (TicketState.WAITING, TicketState.MISSED):
        ticket.called_at = ticket.started_at = None
        if ticket.answered and ticket.sent_at is not None:
            ticket.more_waits.append((e.served_at - ticket.sent_at).total_seconds())
    if not ticket.answered:
        ticket.waited = e.waited
        answer_call(state, ticket, e.served_at if ticket.called_at is None else None)
