"""Answers of commands, made from what the journal holds, so that a repeat reads the same. Pure."""

from datetime import datetime

from queue_server.auth import Tokens
from queue_server.contract.messages import LeaseAnswer, LeasedNumber
from queue_server.contract.views import CitizenView
from queue_server.queue.events import Event, TicketCalled, TicketIssued
from queue_server.queue.gap import generation_of
from queue_server.queue.numbers import split_number
from queue_server.queue.reasons import explain
from queue_server.queue.rules_day import prefixes, unused_leased
from queue_server.queue.state import OfficeDay
from queue_server.views.pages import shown_ticket
from queue_server.views.rows import open_counter_labels, shown_wait


def ticket_url(base: str, token: str) -> str:
    return f"{base}/t/{token}"


def ticket_answer(state: OfficeDay, token: str, base: str, events: tuple[Event, ...]) -> dict[str, object]:
    """What the kiosk prints (`contract.messages.TicketAnswer`): of several services the first, its wait and place."""
    issued = [event for event in events if isinstance(event, TicketIssued)]
    first = issued[0]
    wait = shown_wait(first.wait_low, first.wait_likely, first.wait_high)
    return {
        "id": first.ticket,
        "number": first.number,
        "service": first.service,
        "token": token,
        "people_ahead": first.people_ahead,
        "wait": wait,
        "issued_at": first.taken_at,
        "visit": first.visit,
        "url": ticket_url(base, token),
        "counters": open_counter_labels(state, first.service, first.taken_at),
        "provisional": first.handed_in,
    }


def held_answer(state: OfficeDay, visit: str, view: CitizenView, token: str, base: str) -> dict[str, object]:
    """The number that a phone holds already, with its place and wait now (`contract.messages.TicketAnswer`)."""
    ticket = shown_ticket(state, visit)
    return {
        "id": ticket.id,
        "number": ticket.number,
        "service": ticket.service,
        "token": token,
        "people_ahead": view.people_ahead,
        "wait": view.wait,
        "issued_at": ticket.taken_at,
        "visit": visit,
        "url": ticket_url(base, token),
        "counters": view.counters,
        "provisional": False,
    }


def call_answer(state: OfficeDay, events: tuple[Event, ...], at: datetime) -> dict[str, object] | None:
    """The called ticket with the reason of its call; None when nobody fitted."""
    called = next((event for event in events if isinstance(event, TicketCalled)), None)
    if called is None:
        return None
    ticket, config = state.ticket(called.ticket), state.setup  # a repeat may be of an earlier day
    counter = config.counters[called.counter]
    class_id = str(called.facts.get("class", ticket.class_id))
    words = explain(config, state.policy.ordinary_per_priority, called.reason, called.facts)
    runner_up = state.tickets.get(called.runner_up) if called.runner_up else None
    return {
        "id": ticket.id,
        "number": ticket.number,
        "service": ticket.service,
        "service_name": config.services[ticket.service].name,
        "class_id": class_id,
        "class_name": config.classes[class_id].name,
        "procedure": ticket.procedure,
        "counter": counter.id,
        "counter_label": counter.label,
        "state": "called",
        "called_at": at,
        "taken_at": ticket.taken_at,
        "waited": round(called.waited / 60, 2),
        "reason": {"code": called.reason, **words},
        "runner_up": runner_up.number if runner_up else None,
    }


def lease_answer(state: OfficeDay, tokens: Tokens, base: str, kiosk: str, at: datetime) -> dict[str, object]:
    """All unused numbers that a kiosk holds, each with the token of its page."""
    numbers = []
    for prefix in prefixes(state.setup):
        for number in unused_leased(state, kiosk, prefix):
            generation = generation_of(state, *split_number(number), leased=True)
            token = tokens.ticket(f"{state.day}-{number}", generation)
            numbers.append(LeasedNumber(number=number, prefix=prefix, token=token, url=ticket_url(base, token)))
    return LeaseAnswer(day=state.day, at=at, numbers=numbers).model_dump()
