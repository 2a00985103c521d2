"""The rule of what was served by word of mouth while the server was away. Pure."""

from datetime import datetime, timedelta

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.state import OfficeDay, Ticket
from queue_server.queue.states import AT_COUNTER, TicketState, require_move

MINUTE = timedelta(minutes=1)  # people tell a moment to the minute


def serve_by_mouth(state: OfficeDay, command: cmd.ServeByMouth, now: datetime) -> list[ev.Event]:
    """Ends a ticket at a past moment of this day: not before the person came, not after now, to the minute.

    The counter need not be open, and nobody who is at another counter now is ended there.
    """
    counter, ticket = state.counter(command.counter), state.ticket(command.ticket)
    require_move("serve-by-mouth", ticket.state)
    if ticket.state in AT_COUNTER and ticket.counter != counter.id:
        raise Refused(Problem.COUNTER_WRONG, ticket.counter or "")
    earliest = _earliest(ticket)
    if not earliest - MINUTE < command.at < now + MINUTE:
        raise Refused(Problem.TIME_INVALID, f"between {earliest.isoformat()} and {now.isoformat()}")
    served_at = min(max(command.at, earliest), now)
    called = ticket.called_at if ticket.state is TicketState.CALLED else None
    waited = max(0.0, ((called or served_at) - ticket.since).total_seconds())
    return [ev.ServedByMouth(ticket=ticket.id, counter=counter.id, served_at=served_at, waited=waited)]


def _earliest(ticket: Ticket) -> datetime:
    """The last that the record knows of the person: taken, sent on, or called."""
    return max(at for at in (ticket.taken_at, ticket.sent_at, ticket.called_at) if at is not None)
