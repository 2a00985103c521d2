"""An ESC/POS ticket printer on TCP 9100, believed only when it answers.

One connection for each question or job, so that other programs can reach a printer that serves one client at a time.
A ticket is sent strip by strip, each followed by an end mark that the printer answers when it has worked it off;
only a few strips are ever ahead. So a fault is seen while most of the ticket is still here, and next to nothing
is left in the printer to come out later. Printed is what the printer confirmed to the last mark.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from PIL import Image

from hardware import escpos
from hardware.drivers.escpos_line import EscposLine
from hardware.ports import Outcome, Paper, PrinterStatus, PrintResult, Problem

_POLL_SECONDS: Final = 0.25
_EJECT: Final = escpos.INIT + escpos.feed(2) + escpos.CUT
_STOPPING: Final = frozenset({Problem.COVER_OPEN, Problem.PAPER_OUT, Problem.JAM, Problem.FAULT})


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterTimeouts:
    """How long to wait, in seconds, for: a connection; an answer; earlier work to end; a whole job."""

    connect: float = 2.0
    answer: float = 1.0
    idle: float = 3.0
    job: float = 10.0


class NetworkPrinter:
    """A printer behind a host and a port. May be shared by tasks of one event loop: jobs wait for each other.

    A ticket is cut into strips of `strip_rows` dots; at most `ahead` of them wait in the printer.
    """

    def __init__(
        self,
        host: str,
        port: int = 9100,
        *,
        timeouts: PrinterTimeouts | None = None,
        strip_rows: int = 64,
        ahead: int = 3,
    ) -> None:
        self._host = host
        self._port = port
        self._timeouts = timeouts or PrinterTimeouts()
        self._strip_rows = strip_rows
        self._ahead = ahead
        self._lock = asyncio.Lock()
        # A power cut or an earlier program may have left a torso on the paper: cut unless the last job was printed.
        self._clean_paper = False
        self._half_sent = False
        self._found_busy = False

    async def status(self) -> PrinterStatus:
        """Ask the printer now; a fault of device or network is in the status, never an exception."""
        async with self._lock:
            try:
                async with self._connected() as line:
                    return await line.ask_status()
            except OSError:
                return PrinterStatus(unheard=Problem.UNREACHABLE)

    async def print(self, image: Image.Image, cut: bool = True, *, job_id: str = "") -> PrintResult:
        """Print the picture at most once; `UNKNOWN` when the printer left open whether it came out.

        Never tries again by itself: `job_id` is handed back so that the caller can decide.
        """
        job_id = job_id or uuid.uuid4().hex
        async with self._lock:
            result = await self._attempt(image, cut, job_id)
            if result.problem is Problem.BUSY and self._half_sent:
                result = await self._attempt(image, cut, job_id)
            return result

    async def _attempt(self, image: Image.Image, cut: bool, job_id: str) -> PrintResult:
        """One go; a printer found stuck in somebody's half ticket is cleared for the next, on a new connection,
        because an end mark still on its way would there be taken for this job's."""
        try:
            async with self._connected() as line:
                before = await self._ready(line)
                if before.problem is None:
                    return await self._print_on(line, image, cut, job_id)
                if before.problem is Problem.BUSY and self._half_sent:
                    await line.send(escpos.CLEAR_BUFFERS)
                return _result(Outcome.FAILED, job_id, before.problem, before.paper)
        except OSError:
            return _result(Outcome.FAILED, job_id, Problem.UNREACHABLE)

    async def _ready(self, line: EscposLine) -> PrinterStatus:
        """The status before a job; `BUSY` when the printer does not get done with what it has.

        A printer left in the middle of a picture takes the mark for picture data and never answers it.
        The second job in a row that finds it so has it cleared.
        """
        status = await line.ask_status()
        if status.problem is not None:
            return status
        await line.send(escpos.END_MARK)
        if await line.hears_marks(1, self._timeouts.idle):
            self._found_busy = False
            return status
        self._half_sent = self._half_sent or self._found_busy
        self._found_busy = True
        return PrinterStatus(unheard=Problem.BUSY, paper=status.paper)

    async def _print_on(self, line: EscposLine, image: Image.Image, cut: bool, job_id: str) -> PrintResult:
        line.marks, line.paper_ended = 0, False
        clean, self._clean_paper, self._half_sent = self._clean_paper, False, True
        try:
            async with asyncio.timeout(self._timeouts.job):
                await line.send(escpos.INIT if clean else _EJECT + escpos.INIT)
                stopped = await self._send_ticket(line, image, cut)
                after = stopped or await line.ask_status()
        except TimeoutError:
            return await self._after_timeout(line, job_id)
        except OSError:
            outcome = Outcome.FAILED if self._half_sent else Outcome.UNKNOWN
            self._half_sent = True
            return _result(outcome, job_id, Problem.CONNECTION_LOST)
        if stopped is not None:
            return await self._given_up(line, job_id, stopped)
        doubtful = after.unheard is not None or after.jam or after.fault or line.paper_ended
        self._clean_paper = not doubtful
        return _result(Outcome.UNKNOWN if doubtful else Outcome.PRINTED, job_id, after.problem, after.paper)

    async def _send_ticket(self, line: EscposLine, image: Image.Image, cut: bool) -> PrinterStatus | None:
        """Send all and wait until it is worked off; the status that stopped it, or None at the good end."""
        sent = 0
        for strip in escpos.raster(image, strip_rows=self._strip_rows):
            await line.send(strip + escpos.END_MARK)
            sent += 1
            stopped = await self._stopped_before(line, sent - self._ahead + 1)
            if stopped is not None:
                return stopped
        self._half_sent = False
        await line.send(escpos.ending(cut=cut) + escpos.END_MARK)
        return await self._stopped_before(line, sent + 1)

    async def _stopped_before(self, line: EscposLine, marks: int) -> PrinterStatus | None:
        """Wait for so many end marks, asking meanwhile what may stand in their way."""
        while not await line.hears_marks(marks, _POLL_SECONDS):
            status = await line.ask_status()
            if status.problem in _STOPPING and line.marks < marks:
                return status
        return None

    async def _given_up(self, line: EscposLine, job_id: str, status: PrinterStatus) -> PrintResult:
        """What is left in the printer would come out when the paper is refilled; it is to forget it."""
        self._half_sent = True
        with suppress(OSError):
            await line.send(escpos.CLEAR_BUFFERS)
        return _result(Outcome.FAILED, job_id, status.problem, status.paper)

    async def _after_timeout(self, line: EscposLine, job_id: str) -> PrintResult:
        """Before its end was sent a ticket is cleared away; afterwards it may come out, and is left to."""
        outcome = Outcome.FAILED if self._half_sent else Outcome.UNKNOWN
        if line.stuck:
            # Closing in peace would still deliver the rest, and print it whenever the printer wakes up.
            line.abort()
            self._half_sent = True
            return _result(outcome, job_id, Problem.TIMEOUT)
        status = PrinterStatus(unheard=Problem.TIMEOUT)
        with suppress(OSError):
            status = await line.ask_status()
        problem = status.problem or Problem.TIMEOUT
        if outcome is Outcome.FAILED:
            with suppress(OSError):
                await line.send(escpos.CLEAR_BUFFERS)
        return _result(outcome, job_id, problem, status.paper)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[EscposLine]:
        try:
            async with asyncio.timeout(self._timeouts.connect):
                reader, writer = await asyncio.open_connection(self._host, self._port)
        except TimeoutError as late:
            raise ConnectionError("no connection in time") from late
        try:
            yield EscposLine(reader, writer, answer_seconds=self._timeouts.answer)
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), self._timeouts.answer)


def _result(outcome: Outcome, job_id: str, problem: Problem | None, paper: Paper = Paper.UNKNOWN) -> PrintResult:
    return PrintResult(outcome=outcome, job_id=job_id, problem=problem, paper=paper)
