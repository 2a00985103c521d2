"""An ESC/POS ticket printer on TCP 9100, believed only when it answers.

One connection for each question or job, so that other programs can reach a printer that serves one client at a time.
A job counts as printed only when the printer has worked off its end mark and then says that nothing is wrong.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from PIL import Image

from hardware import escpos
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
    """A printer behind a host and a port. May be shared by tasks of one event loop: jobs wait for each other."""

    def __init__(
        self, host: str, port: int = 9100, *, timeouts: PrinterTimeouts | None = None, strip_rows: int = 64
    ) -> None:
        self._host = host
        self._port = port
        self._timeouts = timeouts or PrinterTimeouts()
        self._strip_rows = strip_rows
        self._lock = asyncio.Lock()
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
        try:
            async with self._connected() as line:
                result = await self._print_on(line, image, cut, job_id)
                if result.problem is Problem.BUSY and self._half_sent:
                    await line.send(escpos.CLEAR_BUFFERS)
                return result
        except OSError:
            return _result(Outcome.FAILED, job_id, Problem.UNREACHABLE)

    async def _print_on(self, line: "_Line", image: Image.Image, cut: bool, job_id: str) -> PrintResult:
        try:
            before = await line.ask_status()
            if before.problem is not None:
                return _result(Outcome.FAILED, job_id, before.problem, before.paper)
            if not await self._is_idle(line):
                return _result(Outcome.FAILED, job_id, Problem.BUSY, before.paper)
        except OSError:
            return _result(Outcome.FAILED, job_id, Problem.CONNECTION_LOST)
        eject, self._half_sent = self._half_sent, True
        try:
            async with asyncio.timeout(self._timeouts.job):
                if eject:
                    await line.send(_EJECT)
                for command in escpos.job(image, cut=cut, strip_rows=self._strip_rows):
                    await line.send(command)
                await line.send(escpos.END_MARK)
                result = await self._confirmed(line, job_id)
        except TimeoutError:
            return await self._after_timeout(line, job_id)
        except OSError:
            return _result(Outcome.UNKNOWN, job_id, Problem.CONNECTION_LOST)
        self._half_sent = result.outcome is Outcome.FAILED
        return result

    async def _is_idle(self, line: "_Line") -> bool:
        """True once the printer has worked off whatever it still had.

        A printer left in the middle of a picture takes the mark for picture data and never answers it.
        After a second job found it so, `print` clears it.
        """
        await line.send(escpos.END_MARK)
        idle = await line.end_mark(self._timeouts.idle)
        if not idle and not self._found_busy:
            self._found_busy = True
        elif not idle:
            self._half_sent = True
        else:
            self._found_busy = False
        return idle

    async def _confirmed(self, line: "_Line", job_id: str) -> PrintResult:
        """Wait for the end mark, asking meanwhile what may stand in its way."""
        while not await line.end_mark(_POLL_SECONDS):
            status = await line.ask_status()
            if status.problem in _STOPPING and not line.saw_end_mark:
                # What is left of the ticket would otherwise come out when the paper is refilled.
                await line.send(escpos.CLEAR_BUFFERS)
                return _result(Outcome.FAILED, job_id, status.problem, status.paper)
        after = await line.ask_status()
        doubtful = after.unheard is not None or after.jam or after.fault
        outcome = Outcome.UNKNOWN if doubtful else Outcome.PRINTED
        return _result(outcome, job_id, after.problem, after.paper)

    async def _after_timeout(self, line: "_Line", job_id: str) -> PrintResult:
        if line.unsent:
            # Closing in peace would still deliver the rest, and print it whenever the printer wakes up.
            line.abort()
            return _result(Outcome.UNKNOWN, job_id, Problem.TIMEOUT)
        self._half_sent = False
        status = PrinterStatus(unheard=Problem.TIMEOUT)
        with suppress(OSError):
            status = await line.ask_status()
        return _result(Outcome.UNKNOWN, job_id, status.problem or Problem.TIMEOUT, status.paper)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator["_Line"]:
        try:
            async with asyncio.timeout(self._timeouts.connect):
                reader, writer = await asyncio.open_connection(self._host, self._port)
        except TimeoutError as late:
            raise ConnectionError("no connection in time") from late
        try:
            yield _Line(reader, writer, answer_seconds=self._timeouts.answer)
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), self._timeouts.answer)


class _Line:
    """One connection: commands out, the two kinds of answers told apart by their fixed bits."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answer_seconds: float) -> None:
        self._reader = reader
        self._writer = writer
        writer.transport.set_write_buffer_limits(high=0)
        self._answer_seconds = answer_seconds
        self._answers = bytearray()
        self.saw_end_mark = False

    async def send(self, data: bytes) -> None:
        """Hand over bytes; waits while the printer takes no more."""
        self._writer.write(data)
        await self._writer.drain()

    @property
    def unsent(self) -> bool:
        """True while bytes wait that the network has not taken."""
        return self._writer.transport.get_write_buffer_size() > 0

    def abort(self) -> None:
        """Drop the connection together with what was not sent."""
        self._writer.transport.abort()

    async def ask_status(self) -> PrinterStatus:
        """One question at a time, as printers with a single answer buffer need it."""
        heard = bytearray()
        for query in escpos.STATUS_QUERIES:
            self._answers.clear()
            await self.send(query)
            if not await self._listen(self._answer_seconds, until_status=True):
                break
            heard += self._answers
        return escpos.parse_status(bytes(heard))

    async def end_mark(self, seconds: float) -> bool:
        """True when an end mark came within that time; each mark is told once."""
        if not self.saw_end_mark:
            await self._listen(seconds, until_status=False)
        seen, self.saw_end_mark = self.saw_end_mark, False
        return seen

    async def _listen(self, seconds: float, *, until_status: bool) -> bool:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    received = await self._reader.read(64)
            except TimeoutError:
                return False
            if not received:
                raise ConnectionResetError("the printer closed the connection")
            for byte in received:
                self._sort(byte)
            if self._answers if until_status else self.saw_end_mark:
                return True
        return False

    def _sort(self, byte: int) -> None:
        if escpos.is_end_mark(byte):
            self.saw_end_mark = True
        else:
            self._answers.append(byte)


def _result(outcome: Outcome, job_id: str, problem: Problem | None, paper: Paper = Paper.UNKNOWN) -> PrintResult:
    return PrintResult(outcome=outcome, job_id=job_id, problem=problem, paper=paper)
