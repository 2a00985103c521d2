"""Carries what the spool holds to the server, in order, when the server is back. Nothing doubled, nothing lost."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from kiosk.lease import office_day
from kiosk.server import NotSentError, RefusedError, Server, UnclearError
from kiosk.spool import Fate, Kind, Letter, Spool

CLOSED: Final = frozenset({"office-closed", "day-closed"})
PATIENCE: Final = 3  # a letter that the server breaks on this often lets the others pass

_log = logging.getLogger(__name__)


class Courier:
    """Delivers letters. One round at a time; a round ends where the server falls silent."""

    def __init__(
        self,
        *,
        server: Server,
        spool: Spool,
        clock: Callable[[], datetime],
        day: Callable[[], str | None] | None = None,
    ) -> None:
        self._server = server
        self._spool = spool
        self._day = day or (lambda: office_day(clock()))
        self._round = asyncio.Lock()

    async def deliver(self) -> bool:
        """Carry all that is due; False when something must wait for a later round."""
        async with self._round:
            complete = True
            for letter in await asyncio.to_thread(self._spool.due):
                try:
                    state, answer = await self._carry(letter)
                except NotSentError:
                    return False
                except UnclearError as failure:
                    await asyncio.to_thread(self._spool.failed, letter.seq)
                    if failure.status is None or letter.tries < PATIENCE:
                        return False
                    complete = False
                    continue
                except RefusedError as refusal:
                    if refusal.may_pass:
                        return False
                    state, answer = self._refused(letter, refusal)
                if state is Fate.DUE:
                    complete = False
                else:
                    await asyncio.to_thread(self._spool.finish, letter.seq, state, answer)
            return complete

    async def _carry(self, letter: Letter) -> tuple[Fate, str]:
        match letter.kind:
            case Kind.SETTLE:
                return await self._settle(letter)
            case Kind.HAND_IN:
                handed = await self._server.hand_in(letter.body, key=letter.key)
                return Fate.DONE, handed.id
            case Kind.REPORT:
                return await self._report(letter)
            case Kind.CANCEL:
                await self._server.cancel(letter.body["token"], key=letter.key)
                return Fate.DONE, ""

    async def _settle(self, letter: Letter) -> tuple[Fate, str]:
        """Ask with the same id what became of the command, and cancel what it brought.

        If the server never saw it, this very question brings a number, which is cancelled at once; from then on the id
        is used up, so that not even a copy of the command that comes late over the network can bring another.
        Numbers of an earlier day have ended with their day, which may go on after midnight: then the lease is of it.
        """
        if letter.day not in (self._day() or letter.day, await asyncio.to_thread(self._spool.lease_day)):
            return Fate.DONE, "day-over"
        try:
            brought = await self._server.take(letter.body, key=letter.key)
        except RefusedError as refusal:
            if refusal.may_pass:
                raise
            # Outside the hours the server looks no command up: a number may still be behind this one.
            return (Fate.DUE if refusal.code in CLOSED else Fate.DONE), refusal.code
        try:
            await self._server.cancel(brought.token, key=f"{letter.key}-cancel")
        except RefusedError as refusal:
            if refusal.may_pass:
                raise
            return Fate.DONE, refusal.code
        return Fate.DONE, brought.number

    async def _report(self, letter: Letter) -> tuple[Fate, str]:
        """Tell how a print ended; of a leased number only once the server knows the number."""
        ticket = letter.body.get("ticket")
        if ticket is None:
            known = await asyncio.to_thread(self._spool.ticket_of, letter.body["number"], letter.day)
            if known is None or known[0] is Fate.REFUSED:
                return Fate.DONE, "number-refused"
            if known[0] is not Fate.DONE:
                return Fate.DUE, ""
            ticket = known[1]
        await self._server.report_print(ticket=ticket, problem=letter.body["problem"], key=letter.key)
        return Fate.DONE, ""

    def _refused(self, letter: Letter, refusal: RefusedError) -> tuple[Fate, str]:
        """A number that the server will not take stays in the file for people; the rest has simply had its end."""
        if letter.kind is Kind.HAND_IN:
            _log.error("number %s was refused: %s", letter.body.get("number"), refusal.code)
            return Fate.REFUSED, refusal.code
        return Fate.DONE, refusal.code
