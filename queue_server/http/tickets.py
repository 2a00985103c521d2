"""Routes of tickets: taken at a kiosk or by phone, and what a citizen does with a ticket's own token."""

import re
from collections.abc import Callable
from dataclasses import asdict, replace

from fastapi import APIRouter, Request, Response

from queue_server.catalogue.checklist import case_questions
from queue_server.contract.messages import (
    FeedbackBody,
    HandInBody,
    PostponeBody,
    PriorityBody,
    TicketAnswer,
    TicketBody,
    WantedBody,
)
from queue_server.contract.ports import Identity
from queue_server.contract.problems import Problem, Refused
from queue_server.http.answers import held_answer, ticket_answer
from queue_server.http.desk import STAFF, TECHNICIANS, Desk, answer
from queue_server.http.guard import Guard, by_place, guarded
from queue_server.http.phones import DEVICE_COOKIE, neighbourhood
from queue_server.journal.entry import citizen_of
from queue_server.office import Outcome
from queue_server.queue import commands as cmd
from queue_server.queue.events import TicketIssued
from queue_server.views.pages import shown_ticket

Make = Callable[[str], cmd.Command]

DEVICE_SECONDS = 24 * 3600  # a device is known for a day


def wanted(desk: Desk, body: WantedBody) -> cmd.Wanted:
    """A service, or the service that receives a procedure."""
    service = body.service
    if body.procedure is not None:
        try:
            mapped = desk.site.service_of(body.procedure)
        except KeyError:
            raise Refused(Problem.PROCEDURE_UNKNOWN, body.procedure) from None
        if mapped is None:
            raise Refused(Problem.SERVICE_NOT_OFFERED, desk.site.without_service.get(body.procedure, body.procedure))
        service = service or mapped
    wish = cmd.Wanted(
        service=str(service),
        procedure=body.procedure,
        cases=known_cases(desk, body),
        papers=body.papers,
        copies=body.copies,
        supplement=body.supplement,
        ready=body.ready,
        form_filled=body.form_filled,
    )
    return replace(wish, expected=desk.source.expected(wish))


def day_of_key(key: str) -> str | None:
    """The day of a lease, which kiosks of before tell only in the key of a hand-in."""
    found = re.fullmatch(r"hand-in-([0-9]{8})-.+", key)
    return found[1] if found else None


def known_cases(desk: Desk, body: WantedBody) -> tuple[str, ...] | None:
    """The case questions of the procedure answered with yes, in its own order.

    A kiosk may still hold yesterday's catalogue: a question that has gone is left out, the person gets the number.
    """
    if body.cases is None or body.procedure is None:
        return None
    said = frozenset(body.cases)
    return tuple(case.id for case in case_questions(desk.site.procedure(body.procedure)) if case.id in said)


def check_hours(desk: Desk, items: tuple[cmd.Wanted, ...]) -> None:
    """Kiosks and phones issue only within the hours of the office and of the service (R-27)."""
    now = desk.source.now()
    if not desk.site.is_open(None, now):
        raise Refused(Problem.OFFICE_CLOSED)
    shut = desk.source.closed_services()
    for item in items:
        if item.service in shut:
            raise Refused(Problem.OFFICE_CLOSED, item.service)


def who_takes(desk: Desk, request: Request, body: TicketBody) -> Identity | None:
    """A kiosk or staff; nobody when it is the open phone channel."""
    if body.channel == "phone" and "authorization" not in request.headers:
        if not desk.site.phone_channel:
            raise Refused(Problem.NOT_SIGNED_IN, "the phone channel is not open")
        if body.appointment_at is not None:  # or anybody could go before all who wait
            raise Refused(Problem.NOT_SIGNED_IN, "an appointment is checked in at a kiosk or desk")
        return None
    return desk.require_kiosk(request)


def told(desk: Desk, items: tuple[cmd.Wanted, ...], body: TicketBody, who: Identity | None) -> cmd.Told | None:
    """What the forecast says to somebody who comes now for these services; an appointment waits by its own time."""
    if body.appointment_at is not None:
        return None
    class_id = (body.priority if who else None) or desk.site.office.default_class
    found = {item.service: desk.source.newcomer(item, class_id) for item in items}
    return {service: ends for service, ends in found.items() if ends is not None} or None


def issued(outcome: Outcome) -> TicketIssued:
    """The first ticket that a command made."""
    first = outcome.events[0]
    assert isinstance(first, TicketIssued)
    return first


def answered(desk: Desk, outcome: Outcome) -> Response:
    first = issued(outcome)
    desk.source.remember(first)
    token = desk.source.token(first.visit)
    return answer(ticket_answer(desk.office.state, token, desk.public_url, outcome.events), 201)


async def taken_by_phone(desk: Desk, request: Request, command: cmd.IssueTicket) -> Response:
    """A number for a phone: the one it waits with already, or a new one where device and address have room."""
    if desk.repeated(request) is not None:  # an answer lost on the way may be asked for again
        return answered(desk, await desk.command(request, command, None))
    phones, state = desk.phones, desk.office.state
    device = phones.device(request.cookies.get(DEVICE_COOKIE))
    visit = phones.waiting_visit(state, device, (item.service for item in command.wanted))
    if visit is not None:
        token = desk.source.token(visit)
        return answer(held_answer(state, visit, desk.source.citizen(token), token, desk.public_url))
    address = neighbourhood(request.client.host if request.client else "?")
    with phones.taking(state, address, device, desk.source.now()) as taking:
        outcome = await desk.command(request, command, None)
        taking.visit = issued(outcome).visit
    made = answered(desk, outcome)
    secure = desk.public_url.startswith("https:")
    made.set_cookie(DEVICE_COOKIE, device, DEVICE_SECONDS, httponly=True, samesite="strict", secure=secure)
    return made


def _guard(desk: Desk) -> Guard:
    """Who holds a ticket's token may call for it; an open phone channel takes anybody who brings no token."""
    staff = by_place(desk)

    def guard(request: Request) -> None:
        if "token" in request.path_params:
            return
        if not request.url.path.endswith("/tickets"):
            staff(request)
        elif not desk.site.phone_channel or "authorization" in request.headers:
            desk.require_kiosk(request)

    return guard


def ticket_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["tickets"], route_class=guarded(_guard(desk)))

    @router.post("/tickets", status_code=201, responses={201: {"model": TicketAnswer}, 200: {"model": TicketAnswer}})
    async def take_ticket(body: TicketBody, request: Request) -> Response:
        """Takes a number for one or more services; a phone that waits for them already is shown its number (200)."""
        who = who_takes(desk, request, body)
        items = (wanted(desk, body), *(wanted(desk, more) for more in body.also))
        if (who is None or who.role == "kiosk") and desk.repeated(request) is None:
            check_hours(desk, items)
        command = cmd.IssueTicket(
            wanted=items,
            class_id=None if who is None else body.priority,
            claimed=body.priority if who is None else None,
            channel=body.channel,
            language=body.language,
            kiosk=who.kiosk if who else None,
            appointment_at=body.appointment_at,
            told=told(desk, items, body, who),
        )
        if who is None:
            return await taken_by_phone(desk, request, command)
        return answered(desk, await desk.command(request, command, who))

    @router.post("/kiosks/{kiosk}/hand-in", status_code=201, responses={201: {"model": TicketAnswer}})
    async def hand_in(kiosk: str, body: HandInBody, request: Request) -> Response:
        """Hands in a number that the kiosk issued alone."""
        who = desk.require_kiosk(request, kiosk, TECHNICIANS)
        command = cmd.HandIn(
            kiosk=kiosk,
            number=body.number,
            taken_at=body.taken_at,
            day=body.day or day_of_key(request.headers.get("idempotency-key", "")),
            wanted=(wanted(desk, body),),
            class_id=body.priority,
            language=body.language,
        )
        return answered(desk, await desk.command(request, command, who))

    own_routes(router, desk)
    staff_routes(router, desk)
    return router


def own_routes(router: APIRouter, desk: Desk) -> None:
    """What a citizen does with the token of the own ticket."""

    @router.get("/tickets/{token}")
    async def see_ticket(token: str) -> Response:
        """The citizen's own ticket."""
        return answer(asdict(desk.source.citizen(token)))

    @router.post("/tickets/{token}/cancel")
    async def cancel(token: str, request: Request) -> Response:
        """Gives the ticket back; every waiting ticket of the visit ends."""
        return await _own(desk, request, token, lambda ticket: cmd.CancelTicket(ticket=ticket))

    @router.post("/tickets/{token}/postpone")
    async def postpone(token: str, request: Request, body: PostponeBody | None = None) -> Response:
        """Asks to be called later."""
        minutes = (body or PostponeBody()).minutes
        return await _own(desk, request, token, lambda t: cmd.PostponeTicket(ticket=t, minutes=minutes))

    @router.post("/tickets/{token}/feedback")
    async def feedback(token: str, body: FeedbackBody, request: Request) -> Response:
        """Rates the visit, 1 to 4."""
        return await _own(
            desk, request, token, lambda t: cmd.RateVisit(ticket=t, score=body.score, reasons=body.reasons)
        )


def staff_routes(router: APIRouter, desk: Desk) -> None:
    """What staff do with a ticket that is not at their counter."""

    @router.post("/tickets/by-number/{number}/reinstate")
    async def reinstate(number: str, request: Request) -> Response:
        """Takes a missed number back into the line (staff)."""
        return await _staff(desk, request, number, lambda t: cmd.Reinstate(ticket=t))

    @router.post("/tickets/by-number/{number}/cancel")
    async def cancel_number(number: str, request: Request) -> Response:
        """Takes a number out of the queue (staff)."""
        return await _staff(desk, request, number, lambda t: cmd.CancelTicket(ticket=t, by="officer"))

    @router.post("/tickets/priority")
    async def priority(body: PriorityBody, request: Request) -> Response:
        """Corrects the class of a waiting person (staff)."""
        return await _staff(desk, request, body.ticket, lambda t: cmd.ChangePriority(ticket=t, class_id=body.priority))


async def _own(desk: Desk, request: Request, token: str, make: Make) -> Response:
    """A citizen's command on the ticket of the visit that matters now (every waiting one when it is given back)."""
    visit = desk.source.visit(token)
    ids = desk.office.state.visits[visit].tickets
    known = desk.repeated(request, visit)
    ticket = known if known and known.visit == visit else shown_ticket(desk.office.state, visit)
    command = make(ticket.id)
    await desk.command(request, command, None, visit)
    if isinstance(command, cmd.CancelTicket):
        for other in ids:
            if str(desk.office.state.tickets[other].state) == "waiting":
                await desk.office.do(cmd.CancelTicket(ticket=other), actor=citizen_of(visit))
    return answer(asdict(desk.source.citizen(token)))


async def _staff(desk: Desk, request: Request, text: str, make: Make) -> Response:
    who = desk.require(request, STAFF)
    ticket = desk.meant(request, text)
    await desk.command(request, make(ticket.id), who)
    return answer({"id": ticket.id, "number": ticket.number, "state": str(ticket.state)})
