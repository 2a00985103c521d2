"""Routes of the forecast: risk, advice and accuracy for leaders, and the press that carries an advice out."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Request, Response

from queue_server.contract.ports import Identity
from queue_server.contract.problems import Problem, Refused
from queue_server.http.desk import LEADERS, Desk, answer
from queue_server.http.guard import by_role, guarded
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.queue.decide import decide
from queue_server.queue.state import OfficeDay

APPLIERS = frozenset({"manager", "admin"})
BY_COUNTER = {
    "CloseCounter": cmd.CloseCounter,
    "ResumeCounter": cmd.ResumeCounter,
}


def forecast_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["forecast"], route_class=guarded(by_role(desk, APPLIERS)))

    @router.get("/forecast")
    async def forecast(request: Request) -> Response:
        """The risk to the target, what would help, what it did, and how good the told waits were (leaders)."""
        desk.require(request, LEADERS)
        view = desk.source.manager()
        return answer(
            {
                "as_of": view.as_of,
                "forecast_at": view.forecast_at,
                "risks": [asdict(row) for row in view.risks],
                "advice": [asdict(row) for row in view.advice],
                "effects": [asdict(row) for row in view.effects],
                "accuracy": [asdict(row) for row in view.accuracy],
            }
        )

    @router.post("/advice/{advice}/apply")
    async def apply(advice: str, request: Request) -> Response:
        """Carries out an advice of the forecast in force; its effect is measured in the hour after."""
        who = desk.require(request, APPLIERS)
        if desk.was_made(request):
            return answer({"advice": advice, "applied": True})
        found = desk.source.forecast()
        move = next((m for m in found.moves if m.row.id == advice), None) if found else None
        if move is None:
            raise Refused(Problem.NOT_FOUND, "this advice is over; look at the page again")
        commands = [command_of(row, desk.office.state, who) for row in move.commands]
        for command in commands:  # an officer must not leave one counter when the other cannot be opened
            decide(desk.office.state, command, desk.source.now())
        for place, command in enumerate(commands):
            if place == 0:
                await desk.command(request, command, who)
            else:
                await desk.office.do(command, actor=f"{who.role}:{who.subject}")
        if desk.source.forecasts is not None:
            desk.source.forecasts.applied(advice, desk.source.now(), who.subject)
        return answer({"advice": advice, "applied": True})

    return router


def command_of(row: Mapping[str, Any], state: OfficeDay, who: Identity) -> cmd.Command:
    """The command that a row of an advice means; an officer who is not named is whoever pressed."""
    kind = str(row["kind"])
    if kind in BY_COUNTER:
        return BY_COUNTER[kind](counter=row["counter"])
    match kind:
        case "OpenCounter":
            services = None if row.get("services") is None else tuple(row["services"])
            return cmd.OpenCounter(counter=row["counter"], officer=row["officer"] or who.subject, services=services)
        case "PauseCounter":
            return cmd.PauseCounter(counter=row["counter"], reason=str(row.get("reason", "")))
        case "ReskillCounter":
            return cmd.ReskillCounter(counter=row["counter"], services=tuple(row["services"]))
        case "ChangePolicy":
            return cmd.ChangePolicy(policy=_policy_of(row, state.policy))
    raise Refused(Problem.NOT_FOUND, f"nobody can carry out {kind}")


def _policy_of(row: Mapping[str, Any], policy: Policy) -> Policy:
    """The policy in force with what the row changes of it: an earlier call of booked people, or fitted numbers."""
    if "appointment_early" in row:
        policy = replace(policy, appointment_early=float(row["appointment_early"]))
    if "options" in row:
        options = {str(name): float(value) for name, value in row["options"].items()}
        policy = replace(policy, name=str(row["name"]), options=options)
    return policy
