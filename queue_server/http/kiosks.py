"""Routes of kiosks: what a kiosk is, its numbers in hand, what it reports."""

from fastapi import APIRouter, Request, Response

from queue_server.contract import messages as msg
from queue_server.contract.problems import Problem, Refused
from queue_server.http.answers import lease_answer
from queue_server.http.desk import TECHNICIANS, Desk, answer
from queue_server.http.guard import by_place, guarded
from queue_server.queue import commands as cmd
from queue_server.queue.config import ClassKind
from queue_server.queue.events import HelpRequested


def kiosk_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1/kiosks", tags=["kiosks"], route_class=guarded(by_place(desk)))

    @router.get("/{kiosk}")
    async def describe(kiosk: str, request: Request) -> Response:
        """What the kiosk offers, whether the office is open, and the server's time."""
        desk.require_kiosk(request, kiosk)
        return answer(kiosk_row(desk, kiosk))

    @router.post("/{kiosk}/lease", responses={200: {"model": msg.LeaseAnswer}})
    async def lease(kiosk: str, request: Request) -> Response:
        """Tops up the numbers that the kiosk may issue alone, and lists all that it holds."""
        who = desk.require_kiosk(request, kiosk, TECHNICIANS)
        await desk.office.do(cmd.LeaseNumbers(kiosk=kiosk), actor=f"kiosk:{who.kiosk or kiosk}")
        state = desk.office.state
        return answer(lease_answer(state, desk.source.tokens, desk.public_url, kiosk, desk.source.now()))

    @router.post("/{kiosk}/print-report")
    async def print_report(kiosk: str, body: msg.PrintReportBody, request: Request) -> Response:
        """Says whether the paper came out; the number is valid either way."""
        who = desk.require_kiosk(request, kiosk)
        await desk.command(request, cmd.ReportPrint(ticket=body.ticket, problem=body.problem), who)
        return answer({"ticket": body.ticket})

    @router.post("/{kiosk}/help", status_code=201)
    async def ask_for_help(kiosk: str, request: Request) -> Response:
        """Calls a guide to the kiosk (R-12)."""
        who = desk.require_kiosk(request, kiosk)
        outcome = await desk.command(request, cmd.RequestHelp(kiosk=kiosk), who)
        made = [event.help for event in outcome.events if isinstance(event, HelpRequested)]
        waiting = [h.id for h in desk.office.state.helps.values() if h.kiosk == kiosk and h.given_at is None]
        return answer({"help": next(iter(made or waiting), None)}, 201)

    @router.post("/{kiosk}/device")
    async def device(kiosk: str, body: msg.DeviceBody, request: Request) -> Response:
        """Reports a device of the kiosk as well or faulty."""
        who = desk.require_kiosk(request, kiosk)
        name = body.device if body.device.startswith(f"{kiosk}-") else f"{kiosk}-{body.device}"
        await desk.reports.report(name, body.problem, actor=f"{who.role}:{who.subject}", source=kiosk)
        return answer({"device": name, "problem": body.problem})

    return router


def kiosk_row(desk: Desk, kiosk: str) -> dict[str, object]:
    """The kiosk's own settings; refused with `kiosk-unknown`."""
    known = desk.site.kiosks.get(kiosk)
    if known is None:
        raise Refused(Problem.KIOSK_UNKNOWN, kiosk)
    now = desk.source.now()
    opens, closes = desk.site.next_opening(None, now), desk.site.closes_at(None, now)
    classes = desk.site.office.classes.values()
    return {
        "id": kiosk,
        "site": desk.site.id,
        "zone": known.zone,
        "name": known.name,
        "unit_name": desk.site.name,
        "languages": list(known.languages),
        "orientation": known.orientation,
        "printer": known.printer,
        "services": list(known.services),
        "classes": [
            {"id": c.id, "name": c.name, "kind": str(c.kind)}
            for c in classes
            if c.self_declared and c.kind is ClassKind.PRIORITY
        ],
        "open": desk.site.is_open(None, now) and not desk.office.state.closed,
        "opens_at": opens,
        "closes_at": closes,
        "hours": hours_text(desk),
        "server_time": now,
        "timezone": desk.site.timezone,
        "public_url": desk.public_url,
    }


def hours_text(desk: Desk) -> dict[str, str]:
    """Today's hours in words."""
    schedule, now = desk.site.hours, desk.source.now()
    if desk.site.closes_at(None, now) is None and desk.site.is_open(None, now):
        return {"vi": "Mở cửa cả ngày", "en": "Open all day"}
    spans = schedule.spans_on(desk.source.today())
    if not spans:
        return {"vi": "Hôm nay không làm việc", "en": "Closed today"}
    text = ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in spans)
    return {"vi": f"Hôm nay: {text}", "en": f"Today: {text}"}


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
