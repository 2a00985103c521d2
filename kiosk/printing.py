"""From a number or a list of papers to paper: what stands on the slip, and what the printer made of it."""

import asyncio
import functools
from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from PIL import Image

from hardware.layout import ChecklistSlip, TicketSlip, draw_checklist, draw_ticket
from hardware.ports import Outcome, Printer, PrintResult
from kiosk.events import PrintEnded, Printing
from kiosk.pages.papers import paper_line
from kiosk.texts import Texts
from kiosk.world import Procedure, Ticket, Told, World, said

NO_PRINTER: Final = "no-printer"

_ENDS = {
    Outcome.PRINTED: Printing.PRINTED,
    Outcome.FAILED: Printing.FAILED,
    Outcome.UNKNOWN: Printing.DOUBTFUL,
}


class SlipPrinter:
    """Prints slips. Without a printer every slip fails at once, and the screen says so."""

    def __init__(self, printer: Printer | None) -> None:
        self._printer = printer

    @property
    def connected(self) -> bool:
        """Whether there is a printer at all, well or not."""
        return self._printer is not None

    def connect(self, printer: Printer | None) -> None:
        """From now on this one prints."""
        self._printer = printer

    async def problem(self) -> str | None:
        """What keeps the printer from printing, as a code; None when it is well, or none is there."""
        if self._printer is None:
            return None
        problem = (await self._printer.status()).problem
        return str(problem) if problem else None

    async def ticket(self, ticket: Ticket, world: World) -> PrintEnded:
        """Print a ticket and the further ones that came with it, each on its own slip; the first failure ends it."""
        for each in (ticket, *ticket.more):
            draw = functools.partial(draw_ticket, ticket_slip(each, world))
            ended = _ended(ticket.command_id, await self._print(draw, job_id=each.number))
            if ended.printing is not Printing.PRINTED:
                return ended
        return ended

    async def papers(self, slip: ChecklistSlip, procedure: str) -> PrintEnded:
        """Print a list of papers."""
        draw = functools.partial(draw_checklist, slip)
        return _ended(procedure, await self._print(draw, job_id=f"list-{procedure}"))

    async def _print(self, draw: Callable[[], Image.Image], *, job_id: str) -> PrintResult | None:
        if self._printer is None:
            return None
        image = await asyncio.to_thread(draw)
        return await self._printer.print(image, job_id=job_id)


def _ended(subject: str, result: PrintResult | None) -> PrintEnded:
    if result is None:
        return PrintEnded(subject, Printing.FAILED, NO_PRINTER)
    problem = None if result.printed else str(result.problem or result.outcome)
    return PrintEnded(subject, _ENDS[result.outcome], problem)


def ticket_slip(ticket: Ticket, world: World) -> TicketSlip:
    """What stands on the slip of a ticket."""
    service = world.services.get(ticket.service)
    chosen = next((each for each in world.office.classes if each.id == ticket.class_id), None)
    return TicketSlip(
        unit_name=said(world.office.unit_name, ticket.language),
        number=ticket.number,
        service_name=said(service.name, ticket.language) if service else "",
        issued_at=ticket.issued_at.astimezone(ZoneInfo(world.office.timezone)),
        url=ticket.url,
        class_name=said(chosen.name, ticket.language) if chosen else None,
        counters=ticket.counters,
        people_ahead=ticket.people_ahead,
        wait_low=ticket.wait_low,
        wait_high=ticket.wait_high,
        language=ticket.language,
        provisional=ticket.provisional,
    )


def checklist_slip(
    procedure: Procedure, world: World, *, cases: frozenset[str], missing: frozenset[str], language: str, now: datetime
) -> ChecklistSlip:
    """The list to take home: all papers of the person's case, or only those they lack."""
    say = Texts(language)
    needed = procedure.needed(cases)
    wanted = tuple(paper for paper in needed if not missing or paper.code in missing)
    service = world.services.get(procedure.service or "")
    counters = say("papers.counters", counters=", ".join(service.counters)) if service and service.counters else ""
    unit = said(world.office.unit_name, language)
    return ChecklistSlip(
        unit_name=unit,
        procedure_name=said(procedure.name, language),
        issued_at=now.astimezone(ZoneInfo(world.office.timezone)),
        papers=tuple(paper_line(paper, language) for paper in wanted),
        fee=_told(procedure.fee, language),
        time_limit=_told(procedure.time_limit, language),
        where=f"{unit}; {counters}" if counters else unit,
        language=language,
        note=say("paper.list_note") if missing else "",
    )


def _told(fact: Told, language: str) -> str:
    parts = (said(fact.text, language), said(fact.note, language))
    return ". ".join(part for part in parts if part)
