"""A ticket printer made of software: ESC/POS over TCP, with the temper of a real one."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from hardware.escpos import automatic_status_bytes, status_bytes
from hardware.ports import Paper, PrinterStatus, Problem
from hardware.simulated.escpos_reader import (
    Command,
    CommandReader,
    Feed,
    Raster,
    RealTime,
    RealTimeSieve,
    Simple,
    StatusQuery,
)
from hardware.simulated.paper_path import ROW_BYTES, ROWS_PER_MM, PaperPath, Slip

_log = logging.getLogger(__name__)
_LINE_ROWS: Final = 30
_SHORTEST_NAP: Final = 0.004
_MARKS: Final = {Paper.OK: 0x00, Paper.NEAR_END: 0x03, Paper.OUT: 0x0F}


@dataclass(slots=True, kw_only=True)
class Knobs:
    """What can be turned while the printer runs. Lengths in millimetres, times in seconds.

    `slow` multiplies the printing time; `chunk_bytes` reads the network in random pieces up to that size;
    `drop_after_bytes` cuts the next connection after so many bytes, once. `automatic_status` tells its state unasked,
    at each connection and each change; `prints_without_paper` works on when the roll has ended, marks and all.
    """

    roll_mm: float = 80_000.0
    near_end_mm: float = 3_000.0
    speed_mm_s: float = 200.0
    slow: float = 1.0
    cover_open: bool = False
    jam: bool = False
    fault: bool = False
    silent: bool = False
    garbage: bool = False
    automatic_status: bool = False
    prints_without_paper: bool = False
    clears: bool = True
    chunk_bytes: int = 0
    buffer_bytes: int = 1_000_000
    idle_close_s: float = 90.0
    drop_after_bytes: int = 0


class VirtualPrinter:
    """Serves one client at a time on `host:port` (port 0: any free one) and prints into `folder`."""

    def __init__(
        self, folder: Path, *, host: str = "127.0.0.1", port: int = 0, knobs: Knobs | None = None, seed: int = 0
    ) -> None:
        self.host = host
        self.port = port
        self.folder = folder
        self.knobs = knobs or Knobs()
        self.slips: list[Slip] = []
        self.jobs_cleared = 0
        self._watchers: list[Callable[[], None]] = []
        self._paper = PaperPath(folder, on_slip=self._slip_out)
        self._random = random.Random(seed)  # noqa: S311 - repeatable mischief, no secret
        self._reader = CommandReader()
        self._buffer: deque[tuple[Command, asyncio.StreamWriter]] = deque()
        self._buffered = 0
        self._clearings = 0
        self._owed_seconds = 0.0
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._one_client = asyncio.Lock()
        self._client_line: asyncio.StreamWriter | None = None
        self._reported = b""  # the automatic status sent last
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._worker: asyncio.Task[None] | None = None
        self._failures: asyncio.Queue[Exception] = asyncio.Queue()

    @property
    def powered(self) -> bool:
        """True while the port is open."""
        return self._server is not None

    @property
    def status(self) -> PrinterStatus:
        """The true state, whatever the printer answers."""
        if not self.powered:
            return PrinterStatus(unheard=Problem.UNREACHABLE)
        knobs = self.knobs
        return PrinterStatus(
            online=not self._stopped,
            paper=self._paper_state,
            cover_open=knobs.cover_open,
            jam=knobs.jam,
            fault=knobs.fault,
        )

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` after every slip and every turned knob."""
        self._watchers.append(watcher)

    def turn(self, **knobs: float | bool) -> None:
        """Turn knobs by name; an unknown name or a value of the wrong kind changes nothing and raises ValueError."""
        kinds = {knob.name: type(getattr(self.knobs, knob.name)) for knob in fields(self.knobs)}
        for name, value in knobs.items():
            if name not in kinds:
                raise ValueError(f"no knob named {name!r}")
            if isinstance(value, bool) is not (kinds[name] is bool) or not float(value) >= 0:
                raise ValueError(f"{value!r} is not a setting of {name!r}")
        for name, value in knobs.items():
            setattr(self.knobs, name, kinds[name](value))
        self._tell()

    async def start(self) -> None:
        """Power on."""
        if self._server is None:
            self._paper.load()
            self._server = await asyncio.start_server(self._accept, self.host, self.port)
            self.port = self._server.sockets[0].getsockname()[1]
            self._worker = asyncio.create_task(self._work())
            self._tell()

    async def stop(self) -> None:
        """Power off: connections break, what was not printed is forgotten."""
        if self._server is None:
            return
        self._server.close()
        tasks = [*self._clients, *([self._worker] if self._worker else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._server = None
        self._forget()
        self._tell()

    def hang_up(self) -> None:
        """Pull the network cable for a moment: the connection breaks, the printer goes on with what it has."""
        if self._client_line is not None:
            self._client_line.transport.abort()

    async def restart(self) -> None:
        """Power off and on, on the same port."""
        await self.stop()
        await self.start()

    async def broken(self) -> Exception:
        """Wait until the printer falls over, and tell why; it then needs `restart`."""
        return await self._failures.get()

    @property
    def _paper_state(self) -> Paper:
        if self.knobs.roll_mm < 1:
            return Paper.OUT
        return Paper.NEAR_END if self.knobs.roll_mm <= self.knobs.near_end_mm else Paper.OK

    @property
    def _stopped(self) -> bool:
        knobs = self.knobs
        out = self._paper_state is Paper.OUT and not knobs.prints_without_paper
        return knobs.cover_open or knobs.jam or knobs.fault or out

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            async with self._one_client:
                self._client_line, self._reported = writer, b""
                self._report()
                await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            _log.debug("a client went away")
        finally:
            self._clients.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sieve = RealTimeSieve()
        taken = 0
        while True:
            size = self._random.randint(1, self.knobs.chunk_bytes) if self.knobs.chunk_bytes else 4096
            try:
                async with asyncio.timeout(self.knobs.idle_close_s):
                    received = await reader.read(size)
            except TimeoutError:
                return
            if not received:
                return
            taken += len(received)
            if 0 < self.knobs.drop_after_bytes <= taken:
                self.knobs.drop_after_bytes = 0
                writer.transport.abort()
                return
            await self._take(*sieve.sift(received), writer)

    async def _take(self, real_time: list[RealTime], data: bytes, writer: asyncio.StreamWriter) -> None:
        for urgent in real_time:
            if isinstance(urgent, StatusQuery):
                self._answer(writer, status_bytes(self.status)[urgent.kind - 1])
            elif self.knobs.clears:
                self.jobs_cleared += 1
                self._forget()
        for command in self._reader.feed(data):
            self._buffer.append((command, writer))
            self._buffered += len(command.data) if isinstance(command, Raster) else 0
        self._changed.set()
        while self._buffered > self.knobs.buffer_bytes and not writer.is_closing():
            self._room.clear()
            await self._room.wait()

    def _answer(self, writer: asyncio.StreamWriter, byte: int) -> None:
        if self.knobs.silent or writer.is_closing():
            return
        writer.write(self._random.randbytes(3) + b"\xff" if self.knobs.garbage else bytes([byte]))

    def _forget(self) -> None:
        self._clearings += 1
        self._reader.clear()
        self._buffer.clear()
        self._buffered = 0
        self._room.set()
        self._paper.spoil()

    async def _work(self) -> None:
        try:
            while True:
                await self._until_running()
                if not self._buffer:
                    self._changed.clear()
                    await self._changed.wait()
                    continue
                await self._carry_out(*self._buffer.popleft())
        except Exception as error:  # noqa: BLE001 - the task's boundary: the supervisor logs it and restarts us
            self._failures.put_nowait(error)

    async def _until_running(self) -> None:
        while self._stopped:
            self._changed.clear()
            await self._changed.wait()

    async def _carry_out(self, command: Command, writer: asyncio.StreamWriter) -> None:
        match command:
            case Raster():
                rows = _rows(command)
                await self._print(rows)
                self._buffered = max(0, self._buffered - len(command.data))
                self._room.set()
            case Feed():
                await self._print([bytes(ROW_BYTES)] * (command.lines * _LINE_ROWS))
            case Simple.CUT:
                self._paper.cut()
            case Simple.MARK:
                self._answer(writer, _MARKS[self._paper_state])
            case Simple.INIT:
                self._paper.spoil()

    async def _print(self, rows: list[bytes]) -> None:
        before = self._clearings
        for top in range(0, len(rows), ROWS_PER_MM):
            if self._stopped:
                await self._until_running()
            if self._clearings != before:
                return
            if self.knobs.roll_mm < 1:  # it works on without paper
                await self._pace()
                continue
            millimetre = rows[top : top + ROWS_PER_MM]
            self._paper.add(millimetre)
            self.knobs.roll_mm -= len(millimetre) / ROWS_PER_MM
            if self._paper_state is Paper.OUT:
                self.knobs.roll_mm = 0
                self._paper.tear()
                self._tell()
            await self._pace()

    async def _pace(self) -> None:
        """One millimetre's time; short times add up so that the clock's coarseness does not slow the printer."""
        self._owed_seconds += self.knobs.slow / max(self.knobs.speed_mm_s, 0.1)
        if self._owed_seconds >= _SHORTEST_NAP:
            nap, self._owed_seconds = self._owed_seconds, 0.0
            await asyncio.sleep(nap)

    def _slip_out(self, slip: Slip) -> None:
        self.slips.append(slip)
        self._tell()

    def _report(self) -> None:
        """Tells the client the state unasked, as printers with automatic status do."""
        line, now = self._client_line, automatic_status_bytes(self.status)
        if self.knobs.automatic_status and line is not None and not line.is_closing() and now != self._reported:
            self._reported = now
            line.write(now)

    def _tell(self) -> None:
        self._changed.set()
        self._report()
        for watcher in self._watchers:
            with suppress(RuntimeError):
                watcher()


def _rows(raster: Raster) -> list[bytes]:
    """Rows as wide as the paper: longer ones are cut off at its edge."""
    step = max(raster.width_bytes, 1)
    starts = range(0, len(raster.data), step)
    return [raster.data[at : at + min(step, ROW_BYTES)].ljust(ROW_BYTES, b"\0") for at in starts]
