"""One connection to an ESC/POS printer: commands out, its kinds of answers told apart."""

import asyncio
import time
from collections.abc import Callable

from hardware import escpos
from hardware.ports import PrinterStatus


class EscposLine:
    """Asks, sends and listens; raises OSError when the printer hangs up, never for what it says."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answer_seconds: float) -> None:
        self.marks = 0
        self.paper_ended = False
        self._sorter = escpos.AnswerSorter()
        self._reader = reader
        self._writer = writer
        self._answer_seconds = answer_seconds
        self._answers = bytearray()
        # Nothing waits in our own buffer, so that what was sent is what the network has taken.
        writer.transport.set_write_buffer_limits(high=0)

    async def send(self, data: bytes) -> None:
        """Hand over bytes; waits while the printer takes no more."""
        self._writer.write(data)
        await self._writer.drain()

    @property
    def stuck(self) -> bool:
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
            if not await self._listen(self._answer_seconds, lambda: bool(self._answers)):
                break
            heard += self._answers
        return escpos.parse_status(bytes(heard))

    async def hears_marks(self, count: int, seconds: float) -> bool:
        """True once `count` end marks have come in all; false when they have not within that time."""
        return await self._listen(seconds, lambda: self.marks >= count)

    async def _listen(self, seconds: float, enough: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + seconds
        while not enough():
            try:
                async with asyncio.timeout(max(deadline - time.monotonic(), 0)):
                    received = await self._reader.read(64)
            except TimeoutError:
                return False
            if not received:
                raise ConnectionResetError("the printer closed the connection")
            marks, answers = self._sorter.sort(received)
            self.marks += len(marks)
            self.paper_ended = self.paper_ended or any(map(escpos.tells_paper_out, marks))
            self._answers += answers
        return True
