"""Routes of the past: which days can be replayed, and what one of them would have been with a change."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from queue_server.contract.messages import ReplayBody
from queue_server.contract.problems import Problem, Refused
from queue_server.http.desk import Desk, answer
from queue_server.http.guard import by_role, guarded
from queue_server.http.policy import CHANGERS
from queue_server.queue.foreseen import LOOK_AHEAD
from queue_server.queue.policy import NAMES

WATCH = 1.0  # seconds between looks at whether the caller still waits


def replay_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["office"], route_class=guarded(by_role(desk, CHANGERS)))

    @router.get("/replay/days")
    async def days(request: Request) -> Response:
        """The past days that can be replayed, newest first; at most the last 60."""
        desk.require(request, CHANGERS)
        return answer({"days": desk.source.past_days()})

    @router.post("/replay")
    async def replay(body: ReplayBody, request: Request) -> Response:
        """What past days would have been with one change; one at a time, and stopped after a minute."""
        desk.require(request, CHANGERS)
        wanted = arguments_of(body, desk)
        running = asyncio.ensure_future(desk.replays.run(wanted))
        try:
            while not (await asyncio.wait({running}, timeout=WATCH))[0]:
                if await request.is_disconnected():
                    raise Refused(Problem.REPLAY_TOO_LONG, "the caller has left")
            return answer(meant(running.result()))
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)  # its program has ended: the next may begin

    return router


def arguments_of(body: ReplayBody, desk: Desk) -> list[str]:
    """The command line of a replay, made of values that this office knows; refused where it does not."""
    return [f"--language={body.language}", _days(body, desk), *_change(body, desk)]


def _days(body: ReplayBody, desk: Desk) -> str:
    known = desk.source.past_days()
    if not known:
        raise Refused(Problem.DAY_UNKNOWN, "no day has ended yet")
    if body.day is None:
        return f"--last={body.last}"
    if not desk.office.journal.has_day(f"{body.day:%Y%m%d}") or f"{body.day:%Y%m%d}" > known[0]:
        raise Refused(Problem.DAY_UNKNOWN, f"{body.day} is not in the journal, or has not ended")
    return f"--day={body.day:%Y-%m-%d}"


def _change(body: ReplayBody, desk: Desk) -> list[str]:
    if body.change == "policy":
        if body.policy not in NAMES:
            raise Refused(Problem.POLICY_UNKNOWN, f"policies are {', '.join(NAMES)}")
        if body.policy == LOOK_AHEAD:  # nothing is foreseen in a replay: it would be the index under another name
            raise Refused(Problem.REPLAY_IMPOSSIBLE, "look-ahead needs forecasts of that day; index is its base")
        return [f"--policy={body.policy}"]
    if body.counter not in desk.office.state.setup.counters:
        raise Refused(Problem.COUNTER_UNKNOWN, str(body.counter))
    match body.change:
        case "open":
            until = f"-{body.until}" if body.until else ""
            return [f"--open={body.counter}@{body.at}{until}"]
        case "without":
            return [f"--without={body.counter}"]
        case _:
            return [f"--break={body.counter}@{body.at}/{body.minutes}"]


def meant(found: dict[str, Any]) -> dict[str, Any]:
    """The answer, where there is something to compare; refused where nobody came or the change changes nothing."""
    if not found["days"]:
        if found["skipped"]:
            raise Refused(Problem.REPLAY_IMPOSSIBLE, "; ".join(found["skipped"])[:300])
        raise Refused(Problem.DAY_EMPTY)
    if not found["touched"]:
        raise Refused(Problem.REPLAY_IDLE)
    return found
