"""Routes of the officer's work."""

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from queue_server.contract import messages as msg
from queue_server.contract.problems import Problem, Refused
from queue_server.http.answers import call_answer
from queue_server.http.desk import STAFF, Desk, answer
from queue_server.http.guard import by_place, guarded
from queue_server.http.reading import counter_rows_for
from queue_server.queue import commands as cmd
from queue_server.views.rows import counter_row, ticket_row
from queue_server.views.sending import closing_warnings, transfer_warnings


def counter_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["counters"], route_class=guarded(by_place(desk)))

    @router.get("/counters")
    async def counters(request: Request) -> Response:
        """All counters and their sessions; a kiosk reads nothing of the officers."""
        role = desk.require(request, STAFF | {"auditor", "kiosk"}).role
        return answer({"counters": counter_rows_for(role, desk.source.counters()), "as_of": desk.source.now()})

    session_routes(router, desk)
    call_routes(router, desk)
    work_routes(router, desk)
    by_mouth_routes(router, desk)
    aside_routes(router, desk)

    @router.post("/help/{help_id}/done")
    async def help_done(help_id: str, request: Request) -> Response:
        """A guide has come to the kiosk."""
        who = desk.require(request, STAFF)
        await desk.command(request, cmd.GiveHelp(help=help_id), who)
        return answer({"help": help_id, "done": True})

    return router


async def _session(desk: Desk, request: Request, counter: str, command: cmd.Command) -> Response:
    """Carries out a command of a counter and answers with the counter, whom it serves, and what it did to others."""
    who = desk.require_counter(request, counter)
    state, names = desk.office.state, desk.source.people.text
    warnings = closing_warnings(state, counter) if isinstance(command, cmd.CloseCounter) else ()
    await desk.command(request, command, who)
    if isinstance(command, cmd.Transfer):
        warnings = transfer_warnings(state, command.to_service, command.to_counter)
    known = state.counter(counter)
    ticket = state.tickets[known.ticket] if known.ticket else None
    return answer(
        {
            "counter": asdict(counter_row(state, known, names)),
            "ticket": asdict(ticket_row(state, ticket, desk.source.now(), names)) if ticket else None,
            "warnings": [asdict(one) for one in warnings],
        }
    )


def session_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/counters/{counter}/open")
    async def open_counter(counter: str, request: Request, body: msg.OpenCounterBody | None = None) -> Response:
        """Opens a counter for its services, or for those named."""
        who = desk.require_counter(request, counter)
        given = body or msg.OpenCounterBody()
        command = cmd.OpenCounter(counter=counter, officer=given.officer or who.subject, services=given.services)
        return await _session(desk, request, counter, command)

    @router.post("/counters/{counter}/pause")
    async def pause(counter: str, request: Request, body: msg.PauseBody | None = None) -> Response:
        """Calls nobody until resumed."""
        reason = (body or msg.PauseBody()).reason
        return await _session(desk, request, counter, cmd.PauseCounter(counter=counter, reason=reason))

    @router.post("/counters/{counter}/unpause")
    async def unpause(counter: str, request: Request) -> Response:
        """Calls again after a pause."""
        return await _session(desk, request, counter, cmd.ResumeCounter(counter=counter))

    @router.post("/counters/{counter}/close")
    async def close(counter: str, request: Request) -> Response:
        """Ends the session; nobody may be at the counter."""
        return await _session(desk, request, counter, cmd.CloseCounter(counter=counter))

    @router.post("/counters/{counter}/reskill")
    async def reskill(counter: str, request: Request, body: msg.ReskillBody) -> Response:
        """Changes the services of an open counter."""
        return await _session(desk, request, counter, cmd.ReskillCounter(counter=counter, services=body.services))


def call_routes(router: APIRouter, desk: Desk) -> None:
    async def called(counter: str, request: Request, command: cmd.Command) -> Response:
        who = desk.require_counter(request, counter)
        outcome = await desk.command(request, command, who)
        body = call_answer(desk.office.state, outcome.events, outcome.at)
        return Response(status_code=204) if body is None else answer(body)

    @router.post("/counters/{counter}/call-next")
    async def call_next(counter: str, request: Request, body: msg.CallNextBody | None = None) -> Response:
        """Calls whom the policy chooses, with the reason; 204 when nobody fits."""
        finish = (body or msg.CallNextBody()).finish_current
        return await called(counter, request, cmd.CallNext(counter=counter, finish_current=finish))

    @router.post("/counters/{counter}/call")
    async def call(counter: str, request: Request, body: msg.TicketChoiceBody) -> Response:
        """Calls one number out of turn."""
        desk.require_counter(request, counter)
        ticket = desk.meant(request, body.ticket)
        return await called(counter, request, cmd.CallNumber(counter=counter, ticket=ticket.id))


def work_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/counters/{counter}/recall")
    async def recall(counter: str, request: Request) -> Response:
        """Calls the same person again."""
        return await _session(desk, request, counter, cmd.Recall(counter=counter))

    @router.post("/counters/{counter}/start")
    async def start(counter: str, request: Request) -> Response:
        """The person came."""
        return await _session(desk, request, counter, cmd.Start(counter=counter))

    @router.post("/counters/{counter}/finish")
    async def finish(counter: str, request: Request) -> Response:
        """The matter is done here."""
        return await _session(desk, request, counter, cmd.Finish(counter=counter))

    @router.post("/counters/{counter}/no-show")
    async def no_show(counter: str, request: Request) -> Response:
        """The person did not come."""
        return await _session(desk, request, counter, cmd.NoShow(counter=counter))


def by_mouth_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/counters/{counter}/served-by-mouth")
    async def served_by_mouth(counter: str, request: Request, body: msg.ServedByMouthBody) -> Response:
        """Tells afterwards that the counter served somebody while the server was away."""
        who = desk.require_counter(request, counter)
        ticket = desk.meant(request, body.ticket)
        await desk.command(request, cmd.ServeByMouth(counter=counter, ticket=ticket.id, at=body.at), who)
        return answer({"id": ticket.id, "number": ticket.number, "state": str(ticket.state)})


def aside_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/counters/{counter}/hold")
    async def hold(counter: str, request: Request, body: msg.HoldBody | None = None) -> Response:
        """Lets the matter rest; the counter is free."""
        reason = (body or msg.HoldBody()).reason
        return await _session(desk, request, counter, cmd.Hold(counter=counter, reason=reason))

    @router.post("/counters/{counter}/resume")
    async def resume(counter: str, request: Request, body: msg.TicketChoiceBody) -> Response:
        """Serves a held person again."""
        desk.require_counter(request, counter)
        ticket = desk.meant(request, body.ticket)
        return await _session(desk, request, counter, cmd.ResumeTicket(counter=counter, ticket=ticket.id))

    @router.post("/counters/{counter}/transfer")
    async def transfer(counter: str, request: Request, body: msg.TransferBody) -> Response:
        """Sends the person on, to a service or to one counter."""
        if (body.service is None) == (body.counter is None):
            raise Refused(Problem.TRANSFER_NOWHERE, "give a service or a counter")
        command = cmd.Transfer(
            counter=counter,
            to_service=body.service,
            to_counter=body.counter,
            return_to_sender=body.return_to_sender,
            note=body.note,
        )
        return await _session(desk, request, counter, command)

    @router.post("/counters/{counter}/return")
    async def put_back(counter: str, request: Request) -> Response:
        """Undoes a call made by mistake; the person keeps the place."""
        return await _session(desk, request, counter, cmd.PutBack(counter=counter))
