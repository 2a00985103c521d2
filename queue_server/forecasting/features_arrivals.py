"""The next hour's arrivals, corrected by what the office's own days taught about such moments. Pure.

Boosted trees, in units of what chance alone makes, on how today has gone against the evening's forecast over several
spans. Learned each night from past days, each seen with the forecast it would have had; without ten such days there
is no correction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from queue_server.forecasting.arrivals import Calendar, DayCount, Forecast, day_ahead, through_the_day
from queue_server.forecasting.learned import Forest, Growth, fit

Floats = npt.NDArray[np.float64]

SPANS = (1, 2, 4, 8, 16)  # quarter-hours looked back
CALM = 3.0  # arrivals added to both sides of a ratio
LEAST_DAYS = 10
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
    )


def row(known: Evening, counts: Floats, quarter: int) -> list[float]:
    """The columns of one moment: logarithms of ratios of what came to what was expected, and the time."""
    mean = known.morning.mean
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
    return columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What past days taught; `share` of it is believed, as it has earned on days it was not learned from."""

    forest: Forest
    share: float


def next_hour(known: Evening, counts: Floats, quarter: int, correction: Correction | None) -> float:
    """The arrivals of the hour that begins with `quarter`; `counts` (96,) are today's before it."""
    plain = through_the_day(known.morning, counts, quarter).hour_from(quarter)
    if correction is None or not correction.share:
        return plain
    moved = correction.forest.predict(np.array([row(known, counts, quarter)]))
    return float(_moved(np.array([plain]), moved, correction.share)[0])


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
    early = [one for one in moments if one[0] < held_out]
    late = [one for one in moments if one[0] >= held_out]
    rows, plain, truth = _joined(late)
    moved = _fitted(early).predict(rows)
    errors = [float(np.abs(_moved(plain, moved, share) - truth).sum()) for share in SHARES]
    share = SHARES[int(np.argmin(errors))]
    return Correction(forest=_fitted(moments), share=share)


Moments = tuple[date, list[list[float]], list[float], list[float]]


def _moments(line: Sequence[DayCount], at: int, calendar: Calendar) -> Moments:
    """One day's moments: its date, the columns, the plain forecast of the next hour and the truth."""
    known = evening(line[:at], line[at], calendar)
    counts = line[at].counts
    first, last = open_quarters(line[:at])
    quarters = range(first, last - 3)
    return (
        line[at].day,
        [row(known, counts, quarter) for quarter in quarters],
        [through_the_day(known.morning, counts, quarter).hour_from(quarter) for quarter in quarters],
        [float(counts[quarter : quarter + 4].sum()) for quarter in quarters],
    )


def _joined(moments: Sequence[Moments]) -> tuple[Floats, Floats, Floats]:
    return (
        np.array([one for day in moments for one in day[1]]),
        np.array([one for day in moments for one in day[2]]),
        np.array([one for day in moments for one in day[3]]),
    )


def _fitted(moments: Sequence[Moments]) -> Forest:
    rows, plain, truth = _joined(moments)
    return fit(rows, (truth - plain) / np.sqrt(plain + CALM), growth=GROWTH)
