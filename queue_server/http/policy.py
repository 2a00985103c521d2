"""The rules of calling over HTTP: read, tried out, put in force."""

from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Request, Response

from queue_server.contract.messages import PolicyBody, ReservationBody
from queue_server.contract.problems import Problem
from queue_server.http.desk import LEADERS, STAFF, Desk, answer, problem
from queue_server.http.guard import by_role, guarded
from queue_server.queue import commands as cmd
from queue_server.queue.config import MINUTE, ClassTerms, OfficeConfig, Policy, Reservation, ReservationKind
from queue_server.queue.opening import ALWAYS, Opening
from queue_server.queue.policy import NAMES
from queue_server.queue.policy_changes import policy_changes
from queue_server.queue.policy_checks import wrong_policy
from queue_server.queue.policy_wrong import Wrong, clock

READERS = STAFF | LEADERS | {"board"}
CHANGERS = frozenset({"admin", "manager"})
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def policy_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["office"], route_class=guarded(by_role(desk, CHANGERS)))

    @router.post("/policy")
    async def policy(body: PolicyBody, request: Request) -> Response:
        """Changes the rules of calling from now on; what is left out stays as it is."""
        who = desk.require(request, CHANGERS)
        state = desk.office.state
        wanted = policy_of(body, state.policy)
        wrong = wrong_policy(state.setup, wanted, desk.site.opening)
        if wrong:
            code = Problem.BODY_INVALID if wanted.name in NAMES else Problem.POLICY_UNKNOWN
            return problem(code, "; ".join(one.en for one in wrong), {"errors": error_rows(wrong)})
        await desk.command(request, cmd.ChangePolicy(policy=wanted), who)
        return answer(policy_row(desk.office.state.setup, desk.office.state.policy))

    @router.post("/policy/check")
    async def check(body: PolicyBody, request: Request) -> Response:
        """What `POST /policy` would change, and what it would refuse; changes nothing."""
        desk.require(request, CHANGERS)
        return answer(tried(desk.office.state.setup, desk.office.state.policy, body, desk.site.opening))

    @router.get("/policy")
    async def policy_now(request: Request) -> Response:
        """The rules of calling in force; the answer may be changed and sent back."""
        desk.require(request, READERS)
        return answer(policy_row(desk.office.state.setup, desk.office.state.policy))

    return router


def tried(config: OfficeConfig, old: Policy, body: PolicyBody, opening: Opening = ALWAYS) -> dict[str, Any]:
    """The errors and the changes of a wanted policy."""
    wanted = policy_of(body, old)
    return {
        "errors": error_rows(wrong_policy(config, wanted, opening)),
        "changes": [{"vi": vi, "en": en} for vi, en in policy_changes(config, old, wanted)],
    }


def error_rows(wrong: list[Wrong]) -> list[dict[str, str]]:
    """Wrong points as fields of the body."""
    return [{"field": ".".join(one.place), "message": one.en, "message_vi": one.vi} for one in wrong]


def policy_of(body: PolicyBody, old: Policy) -> Policy:
    """The policy that a body asks for."""
    given = body.model_fields_set
    changed: dict[str, Any] = {
        name: getattr(body, name)
        for name in ("name", "ordinary_per_priority", "ceiling_multiple", "own_first", "least_flexible_first")
        if name in given
    }
    if "options" in given:
        changed["options"] = dict(body.options)
    if "grace_seconds" in given:
        changed["grace"] = body.grace_seconds
    if "classes" in given:
        changed["classes"] = {
            name: ClassTerms(
                target=terms.target_minutes * MINUTE,
                ceiling=None if terms.ceiling_minutes is None else terms.ceiling_minutes * MINUTE,
                weight=terms.weight,
            )
            for name, terms in body.classes.items()
        }
    if "reservations" in given:
        changed["reservations"] = tuple(_reservation(one) for one in body.reservations)
    for name in ("appointment_early", "appointment_late"):
        if f"{name}_minutes" in given:
            minutes = getattr(body, f"{name}_minutes")
            changed[name] = None if minutes is None else minutes * MINUTE
    return replace(old, **changed)


def _reservation(body: ReservationBody) -> Reservation:
    begins, ends = body.hours.split("-")
    return Reservation(
        kind=ReservationKind(body.kind),
        counters=body.counters,
        services=body.services,
        classes=body.classes,
        begins=_minute(begins),
        ends=_minute(ends),
        days=tuple(sorted({DAYS.index(day) for day in body.days})),
    )


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def policy_row(config: OfficeConfig, policy: Policy) -> dict[str, Any]:
    """A policy in the shape of its body, with what every class is promised under it."""
    return {
        "name": policy.name,
        "ordinary_per_priority": policy.ordinary_per_priority,
        "ceiling_multiple": policy.ceiling_multiple,
        "options": policy.options,
        "classes": {name: _terms_row(config.terms(policy, name)) for name in config.classes},
        "reservations": [reservation_row(one) for one in policy.reservations],
        "own_first": policy.own_first,
        "least_flexible_first": policy.least_flexible_first,
        "grace_seconds": policy.grace,
        "appointment_early_minutes": config.early(policy) / MINUTE,
        "appointment_late_minutes": config.late(policy) / MINUTE,
    }


def _terms_row(terms: ClassTerms) -> dict[str, float | None]:
    ceiling = None if terms.ceiling is None else terms.ceiling / MINUTE
    return {"target_minutes": terms.target / MINUTE, "ceiling_minutes": ceiling, "weight": terms.weight}


def reservation_row(one: Reservation) -> dict[str, Any]:
    """A reservation in the shape of its body."""
    row = asdict(one)
    begins, ends = row.pop("begins"), row.pop("ends")
    return {**row, "hours": f"{clock(begins)}-{clock(ends)}", "days": [DAYS[day] for day in one.days]}
