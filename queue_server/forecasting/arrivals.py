"""How many people will come: day-ahead and through the day, per service and quarter-hour, with an interval. Pure.

Day-ahead: the usual shape of the day x the level of late x the weekday x the kind of day, all with exponential
weights and shrinkage, so a week of history is enough to say something and none at all gives zero with a wide end.
Through the day the level follows what has come (gamma-Poisson), the last hour a little more. Quarter-hours are
counted from midnight, 96 a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

QUARTERS = 96
AGE = 0.97  # weight of a day against the day after it, in the shape
LEVEL_AGE = 0.8  # the same in the level
STEADY = 60.0  # arrivals that today's level starts with
STEADY_HOUR = 30.0  # arrivals that the last hour starts with
HIGHEST = 4.0  # no day or hour is believed to be busier than this times the usual
MIXTURES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)  # how much a weekday's own shape may count
TRIED = 6  # last days of a weekday that choose among them
NEVER_SEEN = 8.0  # upper end a quarter-hour where nothing is known


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """One past day: arrivals by quarter-hour (96,). A day the office was closed is simply not there.

    `signals` are other counts of the day by quarter-hour: the arrivals of one service, those who gave up.
    """

    day: date
    counts: Floats
    signals: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Days that are not like others: closed ones, and the kinds of open ones ("before holiday", "pension day")."""

    closed: frozenset[date] = frozenset()
    kinds: Mapping[date, str] = field(default_factory=dict)
    weekend: frozenset[int] = frozenset({5, 6})  # weekdays, Monday is 0

    def kind(self, day: date) -> str:
        """The day's own kind, "after holiday" on the first working day after a closed weekday, or "usual"."""
        if day in self.kinds:
            return self.kinds[day]
        before = day - timedelta(days=1)
        while before.weekday() in self.weekend and before not in self.closed:
            before -= timedelta(days=1)
        return "after holiday" if before in self.closed else "usual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Expected arrivals by quarter-hour with the 80 % interval; all (96,). `spread` is the day level's variance."""

    mean: Floats
    low: Floats
    high: Floats
    spread: float

    def hour_from(self, quarter: int) -> float:
        """The expected arrivals of the four quarter-hours from `quarter` on."""
        return float(self.mean[max(quarter, 0) : max(quarter, 0) + 4].sum())


def day_ahead(history: Sequence[DayCount], day: date, calendar: Calendar | None = None) -> Forecast:
    """What the evening before says about `day`; history may be in any order, days from `day` on are ignored."""
    calendar = calendar or Calendar()
    past = sorted((one for one in history if one.day < day), key=lambda one: one.day)
    if day in calendar.closed:
        return forecast(np.zeros(QUARTERS), 0.0)
    if not past:
        nothing = np.zeros(QUARTERS)
        return Forecast(mean=nothing, low=nothing, high=np.full(QUARTERS, NEVER_SEEN), spread=1.0)
    counts = np.array([_clean(one.counts) for one in past])
    totals = counts.sum(axis=1)
    kinds = [calendar.kind(one.day) for one in past]
    groups = [f"{one.day.weekday()} {kind}" for one, kind in zip(past, kinds, strict=True)]
    levels, expected = _levels(totals, groups, f"{day.weekday()} {calendar.kind(day)}")
    return forecast(expected * _shape(counts, _like(past, calendar, day)), _spread(levels))


def forecast(mean: Floats, spread: float) -> Forecast:
    """The interval around expected counts: Poisson, widened by the variance of the day's level."""
    variance = mean + spread * mean * mean
    deviation = np.sqrt(variance)
    return Forecast(
        mean=mean,
        low=np.floor(np.maximum(mean - 1.2816 * deviation, 0.0)),
        high=np.ceil(mean + 1.2816 * deviation),
        spread=spread,
    )


def through_the_day(morning: Forecast, counts: Floats, quarter: int) -> Forecast:
    """The rest of the day as seen at the beginning of `quarter`; `counts` (96,) are today's, known before it."""
    at = min(max(quarter, 0), QUARTERS)
    known = _clean(counts)[:at]
    usual = morning.mean[:at]
    level = (known.sum() + STEADY) / (usual.sum() + STEADY)
    lately = (known[-4:].sum() + STEADY_HOUR) / (usual[-4:].sum() * level + STEADY_HOUR)
    factor = min(level * float(np.sqrt(lately)), HIGHEST)
    mean = morning.mean.copy()
    mean[at:] *= factor
    # What has come tells the level of the day; the more has come, the less of the doubt is left.
    spread = morning.spread / (1.0 + morning.spread * float(usual.sum()))
    ahead = forecast(mean, spread + 0.01)
    low, high = ahead.low, ahead.high
    low[:at], high[:at], mean[:at] = known, known, known
    return Forecast(mean=mean, low=low, high=high, spread=spread)


def last_week(history: Sequence[DayCount], day: date) -> Floats:
    """The rule of thumb to beat: the same weekday one week before, or the nearest week that was open."""
    known = {one.day: one for one in history if one.day < day}
    for weeks in range(1, 9):
        there = known.get(day - timedelta(weeks=weeks))
        if there is not None:
            return _clean(there.counts)
    return _clean(known[max(known)].counts) if known else np.zeros(QUARTERS)


def _clean(counts: Floats) -> Floats:
    """Counts of exactly one day: never negative, never not-a-number."""
    given = np.nan_to_num(np.asarray(counts, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)[:QUARTERS]
    return np.maximum(np.pad(given, (0, QUARTERS - len(given))), 0.0)


def _levels(totals: Floats, groups: Sequence[str], group: str) -> tuple[Floats, float]:
    """Each past day's total over its group's usual one, times the whole office's; and what to expect of `group`.

    Medians and a bounded step, so that a day of lost data or an unknown holiday does not pull the level down.
    """
    whole = float(np.median(totals)) or float(totals.mean())
    usual = {name: _usual(totals, groups, name, whole) for name in {*groups, group}}
    ratios = np.array([total / max(usual[name], 1e-9) for total, name in zip(totals, groups, strict=True)])
    level = 1.0
    for ratio in ratios:
        level += (1 - LEVEL_AGE) * (min(max(ratio, 0.6 * level), level / 0.6) - level)
    return ratios * whole, level * usual[group]


def _usual(totals: Floats, groups: Sequence[str], name: str, whole: float) -> float:
    """The usual total of a weekday and kind of day: its median, shrunk by two days to the kind's, then the office's."""
    own = totals[[one == name for one in groups]]
    kind = name.partition(" ")[2]
    like = totals[[one.partition(" ")[2] == kind for one in groups]]
    base = float(np.median(like)) if len(like) else whole
    return (float(np.median(own)) * len(own) + 2 * base) / (len(own) + 2) if len(own) else base


def _like(past: Sequence[DayCount], calendar: Calendar, day: date) -> npt.NDArray[np.int64]:
    """The past days of the same kind: of a special kind all, of usual days those of the same weekday."""
    kind = calendar.kind(day)
    special = kind not in ("usual", "after holiday")
    same = [
        at
        for at, one in enumerate(past)
        if calendar.kind(one.day) == kind and (special or one.day.weekday() == day.weekday())
    ]
    if not same and not special:
        same = [at for at, one in enumerate(past) if one.day.weekday() == day.weekday()]
    return np.array(same, dtype=np.int64)


def _shape(counts: Floats, same: npt.NDArray[np.int64]) -> Floats:
    """The share of a day's arrivals in each quarter-hour: the days like it mixed with all days, smoothed.

    The mixture is the one that would have told the last days like it best, so a Saturday unlike other days is
    believed to be so, and a Tuesday like them profits from all.
    """
    weights = AGE ** np.arange(len(counts))[::-1]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0) * weights[:, None]
    pooled = _smooth(shares.sum(0))
    if not len(same):
        return pooled
    everybody, own = shares.sum(0), shares[same].sum(0)
    losses = np.zeros(len(MIXTURES))
    for at in same[-TRIED:] if len(same) > 1 else ():
        others, own_others = _smooth(everybody - shares[at]), _smooth(own - shares[at])
        for index, share in enumerate(MIXTURES):
            mixed = share * own_others + (1 - share) * others
            losses[index] -= float((counts[at] * np.log(mixed + 1e-6)).sum())
    share = MIXTURES[int(np.argmin(losses))] if len(same) > 1 else 0.5
    return share * _smooth(own) + (1 - share) * pooled


def _smooth(shape: Floats) -> Floats:
    """Three quarter-hours averaged, summing to one."""
    smooth = np.convolve(shape, [0.25, 0.5, 0.25], "same")
    return np.asarray(smooth / max(smooth.sum(), 1e-9))


def _spread(levels: Floats) -> float:
    """The squared coefficient of variation of the day's level beyond what chance alone makes."""
    if len(levels) < 3:
        return 0.1
    mean = float(np.median(levels))
    if mean <= 0:
        return 0.1
    deviation = 1.4826 * float(np.median(np.abs(levels - mean)))
    return float(np.clip((deviation**2 - mean) / (mean * mean), 0.002, 1.0))
