"""Routes of the office's clock: how it stands, and the confirmation that the machine's clock is right."""

from fastapi import APIRouter, Request, Response

from queue_server.contract.messages import ClockAnswer
from queue_server.http.desk import LEADERS, Desk, answer
from queue_server.http.guard import by_role, guarded
from queue_server.queue import commands as cmd

ADMIN = frozenset({"admin"})


def clock_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1/clock", tags=["office"])
    taking = APIRouter(route_class=guarded(by_role(desk, ADMIN)))

    @router.get("", responses={200: {"model": ClockAnswer}})
    async def see(request: Request) -> Response:
        """The office's clock, its machine's, and how far they are from each other."""
        desk.require(request, LEADERS)
        return answer(clock_answer(desk))

    @taking.post("/take", responses={200: {"model": ClockAnswer}})
    async def take(request: Request) -> Response:
        """The office takes the machine's clock over at once; nobody's wait changes by it."""
        who = desk.require(request, ADMIN)
        await desk.command(request, cmd.CorrectClock(), who)
        return answer(clock_answer(desk))

    router.include_router(taking)
    return router


def clock_answer(desk: Desk) -> dict[str, object]:
    """Both clocks; `ahead` is how many seconds the machine's is before the office's."""
    found = desk.office.clock.read()
    return ClockAnswer(
        office=found.office,
        machine=found.wall,
        ahead=round(found.ahead.total_seconds(), 3),
        agrees=found.agrees,
        followed=found.followed,
        speed=found.speed,
        last_entry=desk.office.journal.last_at(),
        timezone=desk.site.timezone,
    ).model_dump()
