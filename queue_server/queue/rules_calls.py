"""Rules of the officer's work: call, recall, start, finish, no-show, hold, resume, transfer, put back. Pure."""

from datetime import datetime, timedelta
from typing import Any

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.routing import choose
from queue_server.queue.rules_counters import known_services, ready_counter
from queue_server.queue.rules_tickets import reinstate
from queue_server.queue.state import CounterState, OfficeDay, Ticket
from queue_server.queue.states import ENDED, CounterStatus, TicketState, require_move
from queue_server.queue.way_back import Stop, from_counter


def call_next(state: OfficeDay, command: cmd.CallNext, now: datetime) -> list[ev.Event]:
    """The policy chooses; no event when nobody fits."""
    counter = ready_counter(state, command.counter)
    choice = choose(state, counter.id, now, command.foreseen)
    if choice is None:
        return []
    ticket = state.tickets[choice.ticket]
    return [
        ev.TicketCalled(
            ticket=ticket.id,
            counter=counter.id,
            reason=choice.code,
            facts=choice.facts,
            waited=_waited(ticket, now),
            corrected=ticket.corrected,
            runner_up=choice.runner_up,
        )
    ]


def _waited(ticket: Ticket, now: datetime) -> float:
    return max(0.0, (now - ticket.since).total_seconds())


def call_number(state: OfficeDay, command: cmd.CallNumber, now: datetime) -> list[ev.Event]:
    """An officer may call one number out of turn; a missed one is taken back first, within the tolerance.

    A reservation forbids no call by hand; the facts say that the counter was kept for others.
    """
    counter = ready_counter(state, command.counter)
    ticket = state.ticket(command.ticket)
    events: list[ev.Event] = []
    if ticket.state is TicketState.MISSED:
        events += reinstate(state, cmd.Reinstate(ticket=ticket.id), now)
    else:
        require_move("call", ticket.state)
    if not state.is_free(ticket):
        raise Refused(Problem.VISIT_AT_COUNTER, ticket.number)
    if ticket.pinned is not None and ticket.pinned != counter.id:
        raise Refused(Problem.COUNTER_WRONG, ticket.pinned)
    if ticket.pinned is None and ticket.service not in counter.services:
        raise Refused(Problem.SKILL_MISSING, ticket.service)
    chosen = choose(state, counter.id, now)
    passed = chosen.ticket if chosen and chosen.ticket != ticket.id else None
    facts: dict[str, Any] = {"class": ticket.class_id, "waited": round(_waited(ticket, now), 1)}
    if ticket.pinned is None and not state.reach(counter.id, now).allows(ticket.service, ticket.class_id):
        facts["reserved"] = True
    called = ev.TicketCalled(
        ticket=ticket.id,
        counter=counter.id,
        reason="officer_choice",
        facts=facts,
        waited=_waited(ticket, now),
        corrected=ticket.corrected,
        runner_up=passed,
    )
    return [*events, called]


def _at(state: OfficeDay, counter_id: str, move: str) -> tuple[CounterState, Ticket]:
    counter = state.counter(counter_id)
    ticket = state.current(counter)
    require_move(move, ticket.state)
    return counter, ticket


def recall(state: OfficeDay, command: cmd.Recall, now: datetime) -> list[ev.Event]:
    """At most `recall_limit` recalls of one call, `recall_gap` apart."""
    _, ticket = _at(state, command.counter, "recall")
    rules = state.setup.rules
    if ticket.calls > rules.recall_limit:
        raise Refused(Problem.CALL_LIMIT, str(rules.recall_limit))
    if ticket.last_call_at and (now - ticket.last_call_at).total_seconds() < rules.recall_gap:
        raise Refused(Problem.CALL_TOO_SOON, f"{rules.recall_gap:.0f} s")
    return [ev.TicketRecalled(ticket=ticket.id, counter=command.counter, time=ticket.calls + 1)]


def start(state: OfficeDay, command: cmd.Start, now: datetime) -> list[ev.Event]:
    """The person came."""
    _, ticket = _at(state, command.counter, "start")
    return [ev.ServiceStarted(ticket=ticket.id, counter=command.counter)]


def finish(state: OfficeDay, command: cmd.Finish, now: datetime) -> list[ev.Event]:
    """The matter ends here; somebody sent with return goes back to who sent them, however often they were sent on."""
    _, ticket = _at(state, command.counter, "finish")
    events: list[ev.Event] = []
    if ticket.state is TicketState.CALLED:
        events.append(ev.ServiceStarted(ticket=ticket.id, counter=command.counter, implied=True))
    way = from_counter(ticket.way_back, command.counter)
    if way:
        return [*events, _sent_back(state, ticket, way[-1], command.counter, now)]
    return [*events, ev.ServiceFinished(ticket=ticket.id, counter=command.counter)]


def _sent_back(state: OfficeDay, ticket: Ticket, stop: Stop, counter: str, now: datetime) -> ev.TicketTransferred:
    """Back to the sender; where that counter has closed, back into the line of its service."""
    sender = state.counters.get(stop.counter)
    there = sender is not None and sender.status is not CounterStatus.CLOSED
    return ev.TicketTransferred(
        ticket=ticket.id,
        counter=counter,
        service=stop.service,
        to_counter=stop.counter if there else None,
        return_to=None,
        since=_credited(ticket, now),
        note=ticket.note,
        returned=True,
    )


def _credited(ticket: Ticket, now: datetime) -> datetime:
    """Waiting again starts with the time already waited; time being served is not counted."""
    called = ticket.called_at or now
    return now - max(timedelta(), called - ticket.since)


def no_show(state: OfficeDay, command: cmd.NoShow, now: datetime) -> list[ev.Event]:
    """The person did not come in the time the site gives them; the number may be taken back within the tolerance."""
    _, ticket = _at(state, command.counter, "no-show")
    given = state.setup.rules.no_show_after
    if ticket.last_call_at and (now - ticket.last_call_at).total_seconds() < given:
        raise Refused(Problem.NO_SHOW_TOO_SOON, f"{given:.0f} s")
    return [ev.TicketMissed(ticket=ticket.id, counter=command.counter)]


def hold(state: OfficeDay, command: cmd.Hold, now: datetime) -> list[ev.Event]:
    """The matter rests and the counter is free; the same counter or another may resume it."""
    _, ticket = _at(state, command.counter, "hold")
    return [ev.TicketHeld(ticket=ticket.id, counter=command.counter, reason=command.reason)]


def resume_ticket(state: OfficeDay, command: cmd.ResumeTicket, now: datetime) -> list[ev.Event]:
    """A held person is served again, without a new wait, at a free counter that serves the service or held it."""
    counter = ready_counter(state, command.counter)
    ticket = state.ticket(command.ticket)
    require_move("resume", ticket.state)
    if ticket.counter != counter.id and ticket.service not in counter.services:
        raise Refused(Problem.SKILL_MISSING, ticket.service)
    return [ev.TicketResumed(ticket=ticket.id, counter=counter.id)]


def transfer(state: OfficeDay, command: cmd.Transfer, now: datetime) -> list[ev.Event]:
    """To a service or to one counter; with `return_to_sender` the person comes back afterwards."""
    counter, ticket = _at(state, command.counter, "transfer")
    if (command.to_service is None) == (command.to_counter is None):
        raise Refused(Problem.TRANSFER_NOWHERE)
    service = ticket.service
    if command.to_service is not None:
        known_services(state, (command.to_service,))
        service = command.to_service
        _once_a_visit(state, ticket, service)
    elif command.to_counter is not None:
        target = state.counter(command.to_counter)
        if target.status is CounterStatus.CLOSED or target.id == counter.id:
            raise Refused(Problem.COUNTER_CLOSED if target.id != counter.id else Problem.TRANSFER_NOWHERE, target.id)
    return [
        ev.TicketTransferred(
            ticket=ticket.id,
            counter=counter.id,
            service=service,
            to_counter=command.to_counter,
            return_to=counter.id if command.return_to_sender else None,
            since=_credited(ticket, now),
            note=command.note,
        )
    ]


def _once_a_visit(state: OfficeDay, ticket: Ticket, service: str) -> None:
    """As at issue: a visit wants a service once, so that nobody is called twice for one matter."""
    for other in state.siblings(ticket):
        wanted = {other.service, *(stop.service for stop in other.way_back)}
        if other.state not in ENDED and service in wanted:
            raise Refused(Problem.SERVICE_WANTED, service)


def put_back(state: OfficeDay, command: cmd.PutBack, now: datetime) -> list[ev.Event]:
    """A call made by mistake is undone; the person keeps the old place."""
    _, ticket = _at(state, command.counter, "put-back")
    return [ev.TicketPutBack(ticket=ticket.id, counter=command.counter)]
