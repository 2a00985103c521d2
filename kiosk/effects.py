"""Carries out what the flow asks for: takes and prints numbers, prints lists, searches, calls a guide."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from kiosk import events as ev
from kiosk.events import Effect, Event
from kiosk.lease import office_day
from kiosk.office_time import OfficeTime
from kiosk.printing import SlipPrinter, checklist_slip
from kiosk.search import Index, build_index, read_everyday, search
from kiosk.server import Server, ServerError
from kiosk.spool import Kind, Spool
from kiosk.taking import Taking
from kiosk.world import Ticket, World

SEARCH_LIMIT: Final = 1.2
HELP_TRIES: Final = 2

_log = logging.getLogger(__name__)


class Effects:
    """What the flow may ask of the world. `nudge` wakes whoever carries the spool to the server."""

    def __init__(
        self,
        *,
        server: Server,
        spool: Spool,
        printer: SlipPrinter,
        time: OfficeTime,
        nudge: Callable[[], None],
    ) -> None:
        self._server = server
        self._spool = spool
        self._printer = printer
        self._time = time
        self._nudge = nudge
        self._taking = Taking(server=server, spool=spool, clock=time.now, day=time.day)
        self._reports = 0
        self.index: Index = build_index({}, read_everyday(None))

    async def run(self, effect: Effect, world: World) -> AsyncIterator[Event]:
        """Do it, and tell what happened."""
        match effect:
            case ev.AskForTicket():
                yield await self._taking.take(effect, services=world.services, server_up=world.server_up)
                self._nudge()
            case ev.PrintTicket(ticket=ticket):
                ended = await self._printer.ticket(ticket, world)
                yield ended
                await self._report(ticket, ended)
            case ev.PrintList():
                ended = await self._print_list(effect, world)
                yield ended
            case ev.GiveBack(ticket=ticket):
                await self._give_back(ticket)
            case ev.CallGuide(command_id=command_id):
                yield ev.HelpAnswered(await self._call_guide(command_id))
            case ev.Search(query=query):
                yield ev.SearchFound(query, await self._search(query, world))

    async def _print_list(self, effect: ev.PrintList, world: World) -> ev.PrintEnded:
        procedure = world.procedures.get(effect.procedure)
        if procedure is None:
            return ev.PrintEnded(effect.procedure, ev.Printing.FAILED)
        slip = checklist_slip(
            procedure,
            world,
            cases=effect.cases,
            missing=effect.missing,
            language=effect.language,
            now=self._time.now(),
        )
        return await self._printer.papers(slip, procedure.id)

    async def _report(self, ticket: Ticket, ended: ev.PrintEnded) -> None:
        """Through the spool, so that the desk learns of it even when the server is away just now."""
        self._reports += 1
        named = {"ticket": ticket.id} if ticket.id else {"number": ticket.number}
        key = f"print-{ticket.command_id}-{self._reports}"
        await self._post(key, Kind.REPORT, named | {"problem": ended.problem})

    async def _give_back(self, ticket: Ticket) -> None:
        for each in (ticket, *ticket.more):
            await self._post(f"back-{each.number}-{each.command_id}", Kind.CANCEL, {"token": each.token})

    async def _post(self, key: str, kind: Kind, body: dict[str, Any]) -> None:
        try:
            await asyncio.to_thread(self._spool.post, key=key, kind=kind, day=self._day(), body=body)
        except sqlite3.Error:
            _log.exception("the spool cannot be written")
        self._nudge()

    def _day(self) -> str:
        return self._time.day() or office_day(self._time.now())

    async def _call_guide(self, command_id: str) -> bool:
        for _ in range(HELP_TRIES):
            try:
                await self._server.call_help(key=command_id)
            except ServerError as failure:
                _log.warning("the call for a guide failed: %s", failure)
            else:
                return True
        return False

    async def _search(self, query: str, world: World) -> tuple[str, ...]:
        """The server's search, which knows more words; the kiosk's own when the server is away or slow."""
        if world.server_up:
            try:
                found = await self._server.search(query, limit=SEARCH_LIMIT)
                return tuple(str(each["id"]) for each in found["procedures"])
            except (ServerError, KeyError, TypeError) as failure:
                _log.info("search at the server failed: %s", failure)
        return search(self.index, query)
