"""The next hour's arrivals, corrected by what the office's own days taught about such moments. Pure.

Four simple forecasts are each corrected by boosted trees, in units of what chance alone makes, from how today has gone
against the evening's forecast over several spans, in all and by service; the median of the four speaks. Learned each
night from past days, each seen with the forecast it would have had; without ten such days there is no correction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from queue_server.forecasting.arrivals import QUARTERS, Calendar, DayCount, Forecast, day_ahead, through_the_day
from queue_server.forecasting.learned import Forest, Growth, fit

Floats = npt.NDArray[np.float64]

SPANS = (1, 2, 4, 8, 16)  # quarter-hours looked back
CALM = 3.0  # arrivals added to both sides of a ratio
BASES = 4
PLAIN_COLUMNS = 17  # of a row, before those of the signals
LEAST_DAYS = 10
USUAL_DAYS = 14  # last days whose mean is a signal's usual
STEADY = (30.0, 60.0)  # arrivals that the level of one hour, of two hours, starts with
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
GROWTH = Growth(trees=300, rate=0.04, depth=5, least_leaf=30, shrink=10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """What the evening before knows of a day: its forecast, and the totals of the last days beside theirs."""

    morning: Forecast
    weekday: int
    same: Floats  # (96,) mean of the last three of this weekday
    recent: Floats  # (96,) mean of the last three days of like volume
    special: bool
    signals: Mapping[str, Floats]  # (96,) each: their means over the last days


def evening(history: Sequence[DayCount], today: DayCount, calendar: Calendar) -> Evening:
    """The knowledge of the evening before `today`, of which only the date is used."""
    past = [one for one in history if one.day < today.day]
    morning = day_ahead(past, today.day, calendar)
    like = [one.counts for one in past if one.day.weekday() == today.day.weekday()][-3:]
    total = float(morning.mean.sum())
    near = [one.counts for one in past if 0.6 * total < one.counts.sum() < total / 0.6][-3:]
    return Evening(
        morning=morning,
        weekday=today.day.weekday(),
        same=np.mean(like, axis=0) if like else morning.mean,
        recent=np.mean(near, axis=0) if near else morning.mean,
        special=calendar.kind(today.day) != "usual",
        signals={name: _usual(past, name) for name in today.signals},
    )


def _usual(past: Sequence[DayCount], name: str) -> Floats:
    """A signal's mean over the last days that have it."""
    known = [one.signals[name] for one in past[-USUAL_DAYS:] if name in one.signals]
    return np.asarray(np.mean(known, axis=0)) if known else np.zeros(QUARTERS)


def bases(known: Evening, counts: Floats, quarter: int) -> list[float]:
    """Four simple forecasts of the hour that begins with `quarter`, the one to fall back on first.

    The evening's forecast at today's level; the evening's as it stood; the last days of like volume at the level of
    the last hour; those of this weekday at the level of the last two hours.
    """
    found = [through_the_day(known.morning, counts, quarter).hour_from(quarter), known.morning.hour_from(quarter)]
    for usual, span, steady in ((known.recent, 4, STEADY[0]), (known.same, 8, STEADY[1])):
        lately = slice(max(quarter - span, 0), quarter)
        level = (counts[lately].sum() + steady) / (usual[lately].sum() + steady)
        found.append(max(float(usual[quarter : quarter + 4].sum() * level), 1.0))
    return found


def row(known: Evening, today: DayCount, quarter: int) -> list[float]:
    """The columns of one moment: logarithms of ratios of what came to what was expected, and the time."""
    counts, mean = today.counts, known.morning.mean
    hour = float(mean[quarter : quarter + 4].sum())
    columns = [float(quarter), float(known.weekday), float(known.special), np.log(hour + 1)]
    columns.append(np.log((counts[:quarter].sum() + 60) / (mean[:quarter].sum() + 60)))
    for span in SPANS:
        begin = max(quarter - span, 0)
        columns.append(np.log((counts[begin:quarter].sum() + CALM) / (mean[begin:quarter].sum() + CALM)))
    for other in (known.same, known.recent):
        columns.append(np.log((other[quarter : quarter + 4].sum() + CALM) / (hour + CALM)))
        begin = max(quarter - 4, 0)
        columns.append(np.log((counts[begin:quarter].sum() + CALM) / (other[begin:quarter].sum() + CALM)))
    columns.append(np.log(counts[max(quarter - 4, 0) : quarter].sum() + 1))
    columns.append(np.log(counts[:quarter].sum() + 1))
    columns.append(through_the_day(known.morning, counts, quarter).hour_from(quarter))
    for name in sorted(known.signals):
        begin, came = max(quarter - 4, 0), today.signals[name]
        columns.append(np.log((came[begin:quarter].sum() + CALM) / (known.signals[name][begin:quarter].sum() + CALM)))
        columns.append(np.log(came[max(quarter - 1, 0) : quarter].sum() + 1))
    return columns


def columns(signals: int) -> int:
    """How many columns a `row` has beside so many signals."""
    return PLAIN_COLUMNS + 2 * signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What past days taught of each of the `bases`; `shares` of it are believed, as earned on days not learned from."""

    forests: tuple[Forest, ...]
    shares: tuple[float, ...]

    def to_state(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"forests": [one.to_state() for one in self.forests], "shares": list(self.shares)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: int) -> "Correction":
        """What `to_state` wrote, for rows of `columns`; raises `KeyError`, `TypeError` or `ValueError`."""
        shares = tuple(float(one) for one in state["shares"])
        forests = tuple(Forest.from_state(one) for one in state["forests"])
        if len(shares) != BASES or len(forests) != BASES:
            raise ValueError(f"a correction of {len(forests)} forests and {len(shares)} shares, not {BASES}")
        if any(one.feature.max(initial=-1) >= columns for one in forests):
            raise ValueError(f"a correction that looks at more than {columns} columns")
        return cls(forests=forests, shares=shares)


def next_hour(known: Evening, today: DayCount, quarter: int, correction: Correction | None) -> float:
    """The arrivals of the hour that begins with `quarter`; of `today` only what came before it is used."""
    plain = bases(known, today.counts, quarter)
    if correction is None:
        return plain[0]
    columns = np.array([row(known, today, quarter)])
    moved = [
        _moved(np.array([base]), forest.predict(columns), share)
        for base, forest, share in zip(plain, correction.forests, correction.shares, strict=True)
    ]
    return float(np.median(moved))


def _moved(plain: Floats, moved: Floats, share: float) -> Floats:
    return np.asarray(np.maximum(plain + share * moved * np.sqrt(plain + CALM), 0.0))


def open_quarters(history: Sequence[DayCount]) -> tuple[int, int]:
    """The first quarter-hour that ever saw an arrival, and the one after the last."""
    seen = np.flatnonzero(np.sum([one.counts for one in history], axis=0) > 0) if history else np.zeros(0)
    return (int(seen[0]), int(seen[-1]) + 1) if len(seen) else (0, 0)


def learn(series: Sequence[Sequence[DayCount]], calendar: Calendar, *, after: int = 5) -> Correction | None:
    """The correction from the past days of one or several lines; each line's first `after` days only count as past.

    Learned on the first four fifths of the days, tried on the rest, then learned anew on all.
    """
    moments = [_moments(line, at, calendar) for line in series for at in range(after, len(line))]
    days = sorted({day for day, _, _, _ in moments})
    if len(moments) < LEAST_DAYS or len(days) < 5:
        return None
    held_out = days[-max(1, len(days) // 5)]
    early = _joined([one for one in moments if one[0] < held_out])
    late = _joined([one for one in moments if one[0] >= held_out])
    every = _joined(moments)
    shares = tuple(_share(early, late, at) for at in range(late[1].shape[1]))
    return Correction(forests=tuple(_fitted(every, at) for at in range(len(shares))), shares=shares)


Moments = tuple[date, list[list[float]], list[list[float]], list[float]]
Joined = tuple[Floats, Floats, Floats]  # columns, bases, truth; one row a moment


def _share(early: Joined, late: Joined, base: int) -> float:
    """How much of a base's correction, learned on the early days, helps on the late ones."""
    rows, plain, truth = late
    moved = _fitted(early, base).predict(rows)
    errors = [float(np.abs(_moved(plain[:, base], moved, share) - truth).sum()) for share in SHARES]
    return SHARES[int(np.argmin(errors))]


def _moments(line: Sequence[DayCount], at: int, calendar: Calendar) -> Moments:
    """One day's moments: its date, the columns, the simple forecasts of the next hour and the truth."""
    known, today = evening(line[:at], line[at], calendar), line[at]
    first, last = open_quarters(line[:at])
    quarters = range(first, last - 3)
    return (
        today.day,
        [row(known, today, quarter) for quarter in quarters],
        [bases(known, today.counts, quarter) for quarter in quarters],
        [float(today.counts[quarter : quarter + 4].sum()) for quarter in quarters],
    )


def _joined(moments: Sequence[Moments]) -> Joined:
    return (
        np.array([one for day in moments for one in day[1]]),
        np.array([one for day in moments for one in day[2]]),
        np.array([one for day in moments for one in day[3]]),
    )


def _fitted(joined: Joined, base: int) -> Forest:
    rows, plain, truth = joined
    return fit(rows, (truth - plain[:, base]) / np.sqrt(plain[:, base] + CALM), growth=GROWTH)
