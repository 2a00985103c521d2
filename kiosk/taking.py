"""One taking, one number: from the server if it answers, else from the lease, and never from both.

The rule. Before a command leaves the house it is written down. A time-out tells nothing, so the same command id is
tried once more; the server gives a repeated id its first answer. Still nothing: a leased number is issued, and in the
same transaction the command is noted as *to be settled*. Once the server is back the courier asks with the same id
what became of it; a number that it brought is cancelled before the leased one is handed in.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from kiosk.courier import CLOSED
from kiosk.events import AskForTicket, Event, Refusal, TicketRefused, TicketTaken
from kiosk.lease import Leased, office_day
from kiosk.server import NotSentError, RefusedError, Server, UnclearError
from kiosk.spool import Spool
from kiosk.world import Service, Ticket, Wanted
from queue_server.contract.messages import TicketAnswer

RETRY_LIMIT: Final = 1.0

_log = logging.getLogger(__name__)


class Taking:
    """Takes numbers for the flow. `day`: the office day; None where nobody knows, then the lease is right about it."""

    def __init__(
        self,
        *,
        server: Server,
        spool: Spool,
        clock: Callable[[], datetime],
        day: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._server = server
        self._spool = spool
        self._clock = clock
        self._day = day

    async def take(self, ask: AskForTicket, *, services: Mapping[str, Service], server_up: bool) -> Event:
        """The number of this command, or why there is none. Always answers, at the latest after about three seconds."""
        taken_at = self._clock()
        day = await self._today(taken_at)
        body = ticket_body(ask)
        if not server_up and (issued := await self._from_lease(ask, services, taken_at, day, unclear=False)):
            return issued
        await self._noted(ask.command_id, body, day)
        unclear = False
        for limit in (2.0, RETRY_LIMIT):
            try:
                answer = await self._server.take(body, key=ask.command_id, limit=limit)
            except NotSentError:
                break
            except UnclearError as failure:
                _log.warning("ticket command %s unclear: %s", ask.command_id, failure)
                unclear = True
            except RefusedError as refusal:
                if refusal.may_pass:
                    break
                await self._settled(ask.command_id)
                return TicketRefused(ask.command_id, _reason(refusal.code))
            else:
                await self._settled(ask.command_id)
                return TicketTaken(ask.command_id, ticket_of(answer, ask))
        issued = await self._from_lease(ask, services, taken_at, day, unclear=unclear)
        return issued or await self._nothing(ask.command_id, unclear=unclear)

    async def _from_lease(
        self, ask: AskForTicket, services: Mapping[str, Service], taken_at: datetime, day: str, *, unclear: bool
    ) -> Event | None:
        known = [services.get(wanted.service) for wanted in ask.wanted]
        prefixes = [service.prefix for service in known if service]
        if len(prefixes) < len(known):
            return None
        try:
            leased = await asyncio.to_thread(
                self._spool.issue,
                command_id=ask.command_id,
                prefixes=prefixes,
                bodies=[hand_in_body(ask, wanted, taken_at) for wanted in ask.wanted],
                day=day,
                unclear=unclear,
            )
        except sqlite3.Error:
            _log.exception("the spool cannot be written")
            return None
        if leased is None:
            return None
        tickets = [_leased_ticket(each, wanted, ask, taken_at) for each, wanted in zip(leased, ask.wanted, strict=True)]
        return TicketTaken(ask.command_id, _together(tickets))

    async def _today(self, now: datetime) -> str:
        known = self._day()
        if known is not None:
            return known
        try:
            return await asyncio.to_thread(self._spool.lease_day) or office_day(now)
        except sqlite3.Error:
            return office_day(now)

    async def _noted(self, command_id: str, body: dict[str, Any], day: str) -> None:
        """A full disk must not keep people from their numbers: the server is then the only memory."""
        try:
            await asyncio.to_thread(self._spool.begin, command_id=command_id, body=body, day=day)
        except sqlite3.Error:
            _log.exception("the spool cannot be written")

    async def _settled(self, command_id: str) -> None:
        try:
            await asyncio.to_thread(self._spool.settled, command_id)
        except sqlite3.Error:
            _log.exception("the spool cannot be written")

    async def _nothing(self, command_id: str, *, unclear: bool) -> Event:
        try:
            await asyncio.to_thread(self._spool.unclear if unclear else self._spool.settled, command_id)
        except sqlite3.Error:
            _log.exception("the spool cannot be written")
        return TicketRefused(command_id, Refusal.NO_NUMBERS)


def _wanted_body(wanted: Wanted) -> dict[str, Any]:
    """The service goes along with the procedure only where there is none: the site maps procedures itself."""
    if wanted.procedure is None:
        return {"service": wanted.service}
    said = {
        "ready": wanted.ready,
        "papers": wanted.papers,
        "cases": None if wanted.cases is None else list(wanted.cases),
    }
    return {"procedure": wanted.procedure} | {name: fact for name, fact in said.items() if fact is not None}


def ticket_body(ask: AskForTicket) -> dict[str, Any]:
    """The body of `POST /tickets`: the first thing wanted, the others under `also`."""
    first, *others = ask.wanted
    body = _wanted_body(first) | {"language": ask.language, "channel": "kiosk"}
    if ask.class_id:
        body["priority"] = ask.class_id
    if others:
        body["also"] = [_wanted_body(each) for each in others]
    return body


def hand_in_body(ask: AskForTicket, wanted: Wanted, taken_at: datetime) -> dict[str, Any]:
    """The body of `POST …/hand-in` but for the number, which the lease decides."""
    body = _wanted_body(wanted) | {"taken_at": taken_at.isoformat(), "language": ask.language}
    return body | {"priority": ask.class_id} if ask.class_id else body


def ticket_of(answer: TicketAnswer, ask: AskForTicket) -> Ticket:
    """The server's answer as the kiosk's ticket."""
    return Ticket(
        command_id=ask.command_id,
        id=answer.id,
        number=answer.number,
        service=answer.service,
        token=answer.token,
        url=answer.url,
        issued_at=answer.issued_at,
        people_ahead=answer.people_ahead,
        wait_low=answer.wait.low if answer.wait else None,
        wait_high=answer.wait.high if answer.wait else None,
        counters=tuple(answer.counters),
        class_id=ask.class_id,
        language=ask.language,
    )


def _leased_ticket(leased: Leased, wanted: Wanted, ask: AskForTicket, taken_at: datetime) -> Ticket:
    return Ticket(
        command_id=ask.command_id,
        number=leased.number,
        service=wanted.service,
        token=leased.token,
        url=leased.url,
        issued_at=taken_at,
        class_id=ask.class_id,
        language=ask.language,
        provisional=True,
    )


def _together(tickets: list[Ticket]) -> Ticket:
    first, *others = tickets
    return replace(first, more=tuple(others))


def _reason(code: str) -> Refusal:
    return Refusal.CLOSED if code in CLOSED else Refusal.NOT_OFFERED
