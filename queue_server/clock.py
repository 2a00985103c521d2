"""The office's clock: at a start the machine's clock rules, inside a run the seconds that have passed.

`now` is the anchor (the wall clock at the start) and the steady clock's seconds since. The wall clock is only
compared: where it differs by a little the office's clock runs slower or faster until both agree; where it differs by
much, nothing follows it until the next start, or until a person says so (`take`). Neither ever runs backwards.
A demonstration's clock (`demonstrate`) runs many times as fast and is compared with nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from queue_server.logs import Log

log = Log(__name__)

Wall = Callable[[], datetime]  # aware UTC, as the machine shows it
Steady = Callable[[], float]  # seconds; never steps, and runs on while the machine sleeps

NOTICED = timedelta(seconds=2)  # a difference that is worth a word
FOLLOWED = timedelta(minutes=2)  # up to here the office's clock follows by itself
RATE = 0.001  # of a second in a second, at most: no wait is wrong by more than that
SETTLE = 60.0  # seconds in which a tiny difference is made up


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def steady_now() -> float:
    """Seconds since the machine was started, those in which it slept included where the system counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class SteadyWall:
    """A steady clock made of a wall clock: it goes on as that does, and stands still where that steps back."""

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._seen = wall()
        self._passed = timedelta()

    def __call__(self) -> float:
        now = self._wall()
        self._passed += max(timedelta(), now - self._seen)
        self._seen = now
        return self._passed.total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Where the office's clock stood when the steady clock stood at `steady`, and how much faster it runs."""

    at: datetime
    steady: float
    rate: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Both clocks at one moment. `ahead`: how far the machine's clock is before the office's.

    `speed`: office seconds a second; a demonstration's clock, with another than 1, has nothing to agree with.
    """

    office: datetime
    wall: datetime
    speed: float = 1.0

    @property
    def ahead(self) -> timedelta:
        return self.wall - self.office

    @property
    def agrees(self) -> bool:
        return self.speed != 1.0 or abs(self.ahead) <= NOTICED

    @property
    def followed(self) -> bool:
        """Whether the office's clock makes the difference up by itself."""
        return self.speed != 1.0 or abs(self.ahead) <= FOLLOWED


class OfficeClock:
    """One run of an office. Without a steady clock of its own an injected wall clock drives both."""

    def __init__(self, wall: Wall = utc_now, steady: Steady | None = None) -> None:
        self.wall = wall
        self.speed = 1.0  # office seconds a second
        self.changes = 0  # how often the machine's clock came to differ, or to differ otherwise
        self._steady = steady or (steady_now if wall is utc_now else SteadyWall(wall))
        self._last = wall()
        self.anchor = Anchor(at=self._last, steady=self._steady())
        self._checked = Reading(office=self._last, wall=self._last)

    def now(self) -> datetime:
        """The office's moment; never before one that was given out."""
        anchor = self.anchor
        passed = (self._steady() - anchor.steady) * self.speed * (1.0 + anchor.rate)
        self._last = max(self._last, anchor.at + timedelta(seconds=passed))
        return self._last

    def read(self) -> Reading:
        """Both clocks now."""
        return Reading(office=self.now(), wall=self.wall(), speed=self.speed)

    def demonstrate(self, speed: float, at: datetime) -> None:
        """From this moment on the clock runs `speed` times as fast as the machine's."""
        self.speed = speed
        self.set_to(Anchor(at=at, steady=self._steady()))

    def check(self) -> Reading:
        """Compares the clocks: a change is counted and logged once, a small difference is made up from here on."""
        found, before = self.read(), self._checked
        if self.speed != 1.0:
            return found
        stepped = abs(found.ahead - before.ahead) > NOTICED
        if stepped or found.agrees != before.agrees:
            self.changes += 1
            tell = log.info if found.agrees else log.warning
            tell("wall-clock-agrees" if found.agrees else "wall-clock-differs", ahead=found.ahead, wall=found.wall)
        self._checked = found
        wanted = found.ahead.total_seconds() / SETTLE if found.followed else 0.0
        self.anchor = Anchor(at=found.office, steady=self._steady(), rate=min(RATE, max(-RATE, wanted)))
        return found

    def take(self) -> timedelta:
        """The office takes the machine's clock over at once; how far that moved it."""
        found = self.read()
        self.set_to(Anchor(at=found.wall, steady=self._steady()))
        self._checked = Reading(office=found.wall, wall=found.wall)
        log.warning("wall-clock-taken", moved=found.ahead, wall=found.wall)
        return found.ahead

    def set_to(self, anchor: Anchor) -> None:
        """Goes by another anchor, backwards too: after `take`, or back to before it when it could not be kept."""
        self.anchor = anchor
        self._last = anchor.at
