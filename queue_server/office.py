"""The office loop: command → decide → journal (durable) → answer → tell the consumers. One writer, one order."""

import asyncio
import hashlib
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from queue_server.clock import Anchor, OfficeClock, Steady, Wall, utc_now
from queue_server.contract.problems import Problem, Refused
from queue_server.journal.entry import Entry, Origin, kind_of_citizen
from queue_server.journal.journal import Journal
from queue_server.journal.projector import Statement, project
from queue_server.logs import Log
from queue_server.queue.commands import CallNext, Command, CorrectClock
from queue_server.queue.decide import decide, steps
from queue_server.queue.events import ClockCorrected, DayOpened, Event
from queue_server.queue.evolve import evolve
from queue_server.queue.foreseen import Foreseen
from queue_server.queue.state import OfficeDay

log = Log(__name__)

BATCH = 256
EVER = datetime.min.replace(tzinfo=UTC)
Listener = Callable[[Sequence[Entry]], None]
Key = tuple[str | None, str]  # actor and command id


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command with its circumstances, as it came through a door."""

    command: Command
    command_id: str  # belongs to its actor: two actors may use the same one
    actor: str
    device: str | None = None
    fresh: bool = False  # the id was made a moment ago by this program: no earlier command can have it

    def digest(self) -> str:
        """Tells a repeat from another command under the same id. Who asks belongs to the question."""
        return hashlib.sha256(f"{self.command!r}|{kind_of_citizen(self.actor)}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command did: its events, and when. `repeated` when an earlier command had this id."""

    events: tuple[Event, ...]
    at: datetime
    repeated: bool = False


@dataclass(slots=True)
class _Batch:
    """Commands decided together, written in one transaction."""

    entries: list[Entry] = field(default_factory=list)
    rows: list[Statement] = field(default_factory=list)
    answers: list[tuple[asyncio.Future[Outcome], Outcome]] = field(default_factory=list)
    clock: Anchor | None = None  # where the clock stood before one of these commands moved it


class Office:
    """Owns the office day. `submit` is the only way to change it.

    `clock` is a wall clock. `steady` counts seconds that never step; without one an injected `clock` drives both.
    """

    def __init__(self, journal: Journal, clock: Wall = utc_now, steady: Steady | None = None) -> None:
        self.journal = journal
        self.state = OfficeDay()
        self.healthy = True
        self.refused = 0
        self.commands = 0
        self.listener_failures = 0
        self.foresee: Callable[[str], Foreseen | None] | None = None  # counter → what the forecast saw of its next call
        self.clock = OfficeClock(clock, steady)
        self.clock_moved = asyncio.Event()  # the day may have to change at once
        self._newest = EVER  # moment of the loaded day that is the latest by the clock it was written under
        self._queue: asyncio.Queue[tuple[Request, asyncio.Future[Outcome]]] = asyncio.Queue()
        self._answers: dict[Key, tuple[str, Outcome]] = {}
        self._listeners: list[Listener] = []
        self._task: asyncio.Task[None] | None = None
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")

    def now(self) -> datetime:
        """The moment by the office's clock, which does not step with the machine's."""
        return self.clock.now()

    def lateness(self) -> float | None:
        """Seconds (below 0) by which the loaded day is later than the clock of this start; None where it is not."""
        late = (self.now() - self._newest).total_seconds() if self._newest > EVER else 0.0
        return late if late < 0.0 else None

    def listen(self, listener: Listener) -> None:
        """Calls `listener` on the event loop with the entries of each batch, after they are durable."""
        self._listeners.append(listener)

    def load(self) -> None:
        """Replays the newest day of the journal."""
        day = self.journal.last_day()
        self.state, self._newest = OfficeDay(), EVER
        self._answers.clear()
        if day is None:
            return
        past: list[tuple[Key, str, list[Event], datetime]] = []
        for at, event, command_id, digest, actor in self.journal.events(day):
            evolve(self.state, event, at)
            if command_id is not None:
                past.append(((actor, command_id), digest, [event], at))
            elif past:
                past[-1][2].append(event)
            fresh = isinstance(event, DayOpened | ClockCorrected)
            self._newest = at if fresh else max(at, self._newest)
        for key, digest, events, at in past:
            self._answers[key] = (digest, Outcome(events=tuple(events), at=at))

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name="office")

    async def stop(self) -> None:
        """Finishes what is being written, then stops."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        while not self._queue.empty():
            _, future = self._queue.get_nowait()
            _fail(future, Refused(Problem.STORAGE_FAILED, "the server is stopping"))
        self._writer.shutdown(wait=True)

    async def submit(self, request: Request) -> Outcome:
        """Carries out a command; returns when it is durable. Raises `Refused`, and then nothing has changed.

        Through whichever door a call comes, what is foreseen for it goes with it as data; nobody waits for a forecast.
        """
        if self.foresee is not None and isinstance(request.command, CallNext):
            seen = self.foresee(request.command.counter)
            request = replace(request, command=replace(request.command, foreseen=seen))
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((request, future))
        return await future

    async def do(self, command: Command, actor: str = "server") -> Outcome:
        """Submits a command of the server itself."""
        return await self.submit(Request(command=command, command_id=str(uuid.uuid4()), actor=actor, fresh=True))

    async def _run(self) -> None:
        while True:
            batch = _Batch()
            self._decide(batch, *await self._queue.get())
            while len(batch.answers) < BATCH and not self._queue.empty():
                self._decide(batch, *self._queue.get_nowait())
            if batch.entries:
                await self._write(batch)
            else:
                _answer(batch)

    async def _write(self, batch: _Batch) -> None:
        writing = asyncio.get_running_loop().run_in_executor(
            self._writer, self.journal.append, batch.entries, batch.rows
        )
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            try:
                await writing
            except sqlite3.Error as error:
                self._forget(batch, error)
            else:
                _answer(batch)
            raise
        except sqlite3.Error as error:
            self._forget(batch, error)
            return
        self.healthy = True
        _answer(batch)
        for listener in self._listeners:
            self._tell(listener, batch.entries)

    def _tell(self, listener: Listener, entries: Sequence[Entry]) -> None:
        """What pages or devices make of it is their own affair: the next command must be carried out."""
        try:
            listener(entries)
        except Exception:
            self.listener_failures += 1
            log.exception("listener-failed", entries=len(entries))

    def _forget(self, batch: _Batch, error: sqlite3.Error) -> None:
        """The disk did not take the batch: memory goes back to what the journal holds."""
        self.healthy = False
        if batch.clock is not None:
            self.clock.set_to(batch.clock)
        log.error("journal-write-failed", error=str(error), entries=len(batch.entries))
        try:
            self.journal.reload_end()
            self.load()
        except sqlite3.Error:
            log.exception("journal-read-failed")
        for future, _ in batch.answers:
            _fail(future, Refused(Problem.STORAGE_FAILED, str(error)))

    def _decide(self, batch: _Batch, request: Request, future: asyncio.Future[Outcome]) -> None:
        self.commands += 1
        try:
            digest = request.digest()
            outcome = self._known(request, digest) or self._carry_out(batch, request, digest)
        except Refused as refusal:
            self.refused += 1
            _fail(future, refusal)
        except Exception as error:  # the loop must outlive a bug in a rule; the caller is told
            log.exception("rule-failed", command=repr(request.command))
            self._forget(batch, sqlite3.InternalError(str(error)))
            batch.entries.clear()
            batch.rows.clear()
            batch.answers.clear()
            _fail(future, Refused(Problem.STORAGE_FAILED, "internal error; nothing was changed"))
        else:
            batch.answers.append((future, outcome))

    def _known(self, request: Request, digest: str) -> Outcome | None:
        known = self._answers.get((request.actor, request.command_id))
        if known is None and not request.fresh:
            old = self.journal.command(request.command_id, request.actor)
            known = next(((first, outcome) for _, first, outcome in _outcomes(old)), None)
        if known is None:
            return None
        if known[0] != digest:
            raise Refused(Problem.COMMAND_ID_REUSED, request.command_id)
        return Outcome(events=known[1].events, at=known[1].at, repeated=True)

    def _carry_out(self, batch: _Batch, request: Request, digest: str) -> Outcome:
        command = self._measured(request.command, batch)
        now = self.now()
        plan = steps(self.state, command)
        done: list[Event] = []
        command_id: str | None = request.command_id
        for step in plan:
            try:
                events = decide(self.state, step, now)
            except Refused:
                if done:
                    break  # what came before stands and is answered; the caller sees what was done
                raise
            for event in events:
                evolve(self.state, event, now)
                if isinstance(event, ClockCorrected):
                    self._newest = now
                origin = Origin(
                    day=self.state.day,
                    command_id=command_id,
                    digest=digest,
                    actor=request.actor,
                    device=request.device,
                )
                command_id = None
                batch.entries.append(self.journal.chain(event, now, origin))
                batch.rows += project(self.state, event, now)
            done += events
        outcome = Outcome(events=tuple(done), at=now)
        if done:
            self._answers[request.actor, request.command_id] = (digest, outcome)
        return outcome

    def _measured(self, command: Command, batch: _Batch) -> Command:
        """Here, between two commands, the office takes the machine's clock over: nothing is decided by half of it."""
        if not isinstance(command, CorrectClock) or command.by is not None:
            return command
        batch.clock = batch.clock or self.clock.anchor
        self.clock_moved.set()
        return CorrectClock(by=self.clock.take().total_seconds(), measured=True)


def _outcomes(entries: Sequence[Entry]) -> list[tuple[str, str, Outcome]]:
    """Groups entries by the command that made them: its id, digest and outcome."""
    found: list[tuple[str, str, list[Event], datetime]] = []
    for entry in entries:
        if entry.command_id is not None:
            found.append((entry.command_id, entry.digest or "", [entry.event], entry.at))
        elif found:
            found[-1][2].append(entry.event)
    return [(i, digest, Outcome(events=tuple(events), at=at)) for i, digest, events, at in found]


def _answer(batch: _Batch) -> None:
    for future, outcome in batch.answers:
        if not future.done():
            future.set_result(outcome)


def _fail(future: asyncio.Future[Outcome], refusal: Refused) -> None:
    if not future.done():
        future.set_exception(refusal)
