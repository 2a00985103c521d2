"""The server's end: starts the forecasting program, reads its lines, starts it anew when it dies.

What it says is believed for twenty seconds; after that everybody falls back to the virtual schedule.
"""

import asyncio
import contextlib
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from queue_server.contract.views import AccuracyRow, AdviceRow, EffectRow, RiskRow
from queue_server.forecaster.server_time import APART, time_line
from queue_server.logs import Log
from queue_server.queue.duration_bands import NAMES, USUAL
from queue_server.queue.expectation import PRIORS, Table
from queue_server.queue.foreseen import Foreseen

log = Log(__name__)

Now = Callable[[], datetime]
FRESH = timedelta(seconds=20)
AHEAD = timedelta(seconds=5)  # a forecast from later than this came from another clock
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # before a program that died is started again
STEADY = 60.0  # seconds after which a start counts as a good one
LINE_LIMIT = 16 * 1024 * 1024
GRACE = 2.0
RESTING = "look-ahead is resting, the index calls"

Interval = tuple[float, float, float]  # low, likely, high; seconds
Alert = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An advice with the commands that carry it out, as plain values."""

    row: AdviceRow
    commands: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One look. `tickets`: seconds still to wait at `at`, as announced; `services`: service → class → a newcomer's;
    `matters`: the same → short or long, where such matters stand in lines of their own.

    `foresight`: counter → when it was weighed and whom it would best call; None while nothing looks ahead.
    """

    at: datetime
    day: str
    seq: int
    tickets: Mapping[str, Interval] = field(default_factory=dict)
    services: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    matters: Mapping[str, Mapping[str, Mapping[str, Interval]]] = field(default_factory=dict)
    risks: tuple[RiskRow, ...] = ()
    moves: tuple[Move, ...] = ()
    effects: tuple[EffectRow, ...] = ()
    accuracy: tuple[AccuracyRow, ...] = ()
    alerts: tuple[Mapping[str, Any], ...] = ()
    cost_ms: float = 0.0
    durations: Table | None = None  # only where it has changed since the line before
    foresight: Mapping[str, tuple[datetime, Foreseen]] | None = None

    def foreseen(self, counter: str, now: datetime) -> Foreseen | None:
        """Whom a counter would best call, while that is fresh."""
        at, seen = (self.foresight or {}).get(counter, (now, None))
        return seen if -AHEAD <= now - at <= FRESH else None

    def left(self, ticket: str, now: datetime) -> Interval | None:
        """Seconds that a ticket still waits as seen now: the band counts down with the clock."""
        told = self.tickets.get(ticket)
        if told is None:
            return None
        gone = max(0.0, (now - self.at).total_seconds())
        low, likely, high = (max(0.0, end - gone) for end in told)
        return low, likely, high

    def newcomer(self, service: str, class_id: str, band: int = USUAL) -> Interval | None:
        """Seconds that somebody who takes a number now will wait; None when nobody can say.

        A short or long matter of which nothing is said waits like a usual one.
        """
        own = self.matters.get(service, {}).get(class_id, {}).get(NAMES[band])
        return own or self.services.get(service, {}).get(class_id)


def parse(line: bytes) -> Forecast:
    """One line of the program; raises `ValueError` for anything else, also for a number that is none."""
    try:
        said = orjson.loads(line)
        return Forecast(
            at=_moment(said["at"]),
            day=str(said["day"]),
            seq=int(said["seq"]),
            tickets={str(ticket): _interval(ends) for ticket, ends in said["tickets"].items()},
            services={str(service): _intervals(classes) for service, classes in said["services"].items()},
            matters={
                str(service): {str(c): _intervals(bands) for c, bands in classes.items()}
                for service, classes in said.get("matters", {}).items()
            },
            risks=tuple(RiskRow(**row) for row in said["risks"]),
            moves=tuple(_move(row) for row in said["advice"]),
            effects=tuple(EffectRow(**{**row, "at": _moment(row["at"])}) for row in said["effects"]),
            accuracy=tuple(AccuracyRow(**row) for row in said["accuracy"]),
            alerts=tuple(dict(row) for row in said["alerts"]),
            cost_ms=float(said["cost_ms"]),
            durations=_table(said.get("durations")),
            foresight=_foresight(said.get("foresight")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a forecast: {error!r}") from error


def failure(line: bytes) -> str:
    """Why the program could not look, when the line says that it could not."""
    try:
        said = orjson.loads(line)
    except ValueError:
        return ""
    return str(said.get("failed", "")) if isinstance(said, dict) else ""


def _intervals(said: Mapping[str, Any]) -> dict[str, Interval]:
    return {str(name): _interval(ends) for name, ends in said.items()}


def _move(row: dict[str, Any]) -> Move:
    return Move(row=AdviceRow(**{k: v for k, v in row.items() if k != "commands"}), commands=tuple(row["commands"]))


def _table(said: dict[str, Any] | None) -> Table | None:
    if said is None:
        return None
    effects = {str(name): float(mean) for name, mean in said["effects"].items()}
    spreads = {str(kind): float(spread) for kind, spread in said["spreads"].items()}
    if not {name.partition(":")[0] for name in effects} <= PRIORS.keys():
        raise ValueError("an effect of a kind that nobody knows")
    if not all(map(math.isfinite, (*effects.values(), *spreads.values()))) or min(spreads.values(), default=0.0) < 0.0:
        raise ValueError("an effect that is no number")
    return Table(effects=effects, spreads=spreads, matters=bool(said["matters"]))


def _foresight(rows: dict[str, dict[str, Any]] | None) -> dict[str, tuple[datetime, Foreseen]] | None:
    return None if rows is None else {str(c): (_moment(row["at"]), _foreseen(row)) for c, row in rows.items()}


def _foreseen(row: dict[str, Any]) -> Foreseen:
    saved = float(row["saved"])
    if not math.isfinite(saved):
        raise ValueError(f"no saving: {saved}")
    return Foreseen(
        ticket=str(row["ticket"]),
        against=str(row["against"]),
        services=tuple(str(service) for service in row["services"]),
        runner_up=None if row["runner_up"] is None else str(row["runner_up"]),
        saved=saved,
        futures=int(row["futures"]),
    )


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a moment without its zone")
    return at


def _interval(ends: Any) -> Interval:
    low, likely, high = (float(end) for end in ends)
    if not (math.isfinite(high) and 0.0 <= low <= likely <= high):
        raise ValueError(f"no interval: {ends}")
    return low, likely, high


class ForecastLink:
    """Keeps the newest forecast. `run` lives on the event loop until cancelled; the constructor does nothing."""

    def __init__(
        self, data: Path, site: Path | None = None, *, alert: Alert | None = None, now: Now | None = None
    ) -> None:
        self.data = data
        self.site = site
        self.started = 0
        self.garbage = 0
        self._alert, self._now = alert, now
        self.durations: Table | None = None  # what was learned stays true when the program stops
        self.failed = ""  # why the program runs and cannot look
        self._newest: Forecast | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The program's process, while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def latest(self, now: datetime) -> Forecast | None:
        """The newest forecast while it is fresh."""
        newest = self._newest
        if newest is None or not -AHEAD <= now - newest.at <= FRESH:
            return None
        return newest

    def health(self, now: datetime, *, look_ahead: bool = False) -> str:
        """Says "ok", or why there is no forecast. The office works without one. `look_ahead`: it calls by that."""
        newest = self.latest(now)
        if newest is not None:
            return RESTING if look_ahead and newest.foresight is None else "ok"
        why = "the forecaster does not run" if self.pid is None else "no forecast for 20 seconds"
        if self.failed:
            why = f"the forecaster cannot look ahead: {self.failed}"
        return f"{why}; waits come from the virtual schedule" + (f"; {RESTING}" if look_ahead else "")

    def take(self, line: bytes) -> None:
        """Takes in one line; what cannot be read is counted and logged."""
        try:
            found = parse(line)
        except ValueError as error:
            if reason := failure(line):
                self.failed = reason
                return
            self.garbage += 1
            log.warning("forecast-not-understood", error=str(error)[:200], size=len(line))
            return
        self._newest = found
        self._tell_time(found.at)
        self.failed = ""
        self.durations = found.durations or self.durations
        for row in found.alerts:
            if self._alert is not None:
                self._alert(str(row.get("kind", "")), {k: v for k, v in row.items() if k != "kind"})

    def _tell_time(self, seen: datetime) -> None:
        """A forecast of another time than the office's shows that the program's clock is another one."""
        now = self._now() if self._now else seen
        if abs(now - seen) > APART:
            self._write(time_line(now))

    def applied(self, advice: str, at: datetime, by: str) -> None:
        """Tells the program that an advice was carried out, so that it is measured."""
        said = orjson.dumps({"applied": advice, "at": at.isoformat(), "by": by}) + b"\n"
        self._write(said)

    def _write(self, line: bytes) -> None:
        if self._process is not None and self._process.stdin is not None and self.pid is not None:
            self._process.stdin.write(line)

    async def run(self) -> None:
        """Starts the program, reads it, starts it again a little later each time it dies at once."""
        pause = FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self._once()
            except OSError as error:
                log.warning("forecaster-not-started", error=str(error))
            steady = loop.time() - began > STEADY
            if steady or pause < LONGEST_PAUSE:  # after that it is known; `/readyz` goes on saying so
                pause = FIRST_PAUSE if steady else min(LONGEST_PAUSE, 2 * pause)
                log.warning("forecaster-ended", started=self.started, again_in=pause)
            await asyncio.sleep(pause)

    async def _once(self) -> None:
        command = [sys.executable, "-m", "queue_server.forecaster", "--data", str(self.data)]
        command += ["--site", str(self.site)] if self.site else []
        command += ["--now", self._now().isoformat()] if self._now else []
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, start_new_session=True, limit=LINE_LIMIT
        )
        self.started += 1
        try:
            await self._read(self._process)
        finally:
            await self._end(self._process)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # a line without end: what is left of it will be garbage too
                self.garbage += 1
                continue
            if not line:
                return
            self.take(line)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), GRACE)
        except (TimeoutError, asyncio.CancelledError):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
