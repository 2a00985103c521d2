"""The wait as the public sees it: rounded outward, never jumping about. Pure.

The rule. A ticket is told a band of minutes, rounded outward to five. "Now" is said only while a counter that can
serve it is idle; the band is never "0-0". The band counts down with the clock and is announced anew only when the
new interval excludes the moment that had been most likely (Armony, Shimkin & Whitt 2009: every change of an
announcement changes behaviour). Minutes on one clock throughout.
"""

from dataclasses import dataclass
from math import ceil, floor, isfinite

from queue_server.forecasting.waits import LONGEST
from queue_server.forecasting.waits_today import Estimate

STEP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What was announced: the moments between which the call is expected, and the likeliest."""

    low_at: float
    likely_at: float
    high_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What is shown: minutes from now, multiples of five; `now` means "go to the counter"."""

    low: int
    high: int
    now: bool = False


def announce(before: Announced | None, left: Estimate, now: float) -> Announced:
    """Keep the old announcement, or take the new one where it excludes the old likeliest moment.

    `left` is the wait still to come. A passed upper end is always renewed.
    """
    fresh = Announced(low_at=now + left.low, likely_at=now + left.likely, high_at=now + max(left.high, left.low))
    if before is None or not isfinite(before.likely_at):
        return fresh
    kept = fresh.low_at <= before.likely_at <= fresh.high_at and before.high_at > now
    return before if kept else fresh


def band(announced: Announced, now: float, *, idle: bool) -> Band:
    """The band to show at `now`; `idle` says that a counter which serves this ticket has nobody."""
    if idle:
        return Band(low=0, high=0, now=True)
    low, high = (_within(value - now) for value in (announced.low_at, announced.high_at))
    shown_low = STEP * floor(low / STEP)
    return Band(low=shown_low, high=max(STEP * ceil(high / STEP), shown_low + STEP))


def _within(minutes: float) -> float:
    return min(max(minutes, 0.0), LONGEST) if isfinite(minutes) else 0.0
