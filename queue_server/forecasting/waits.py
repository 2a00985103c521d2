"""What a waiting person is told: low, likely and high minutes, by the predictor that has earned it. Pure.

Samples of the real rule run forward are the first choice, a model learned from the office's past and the classic
delay-history predictors stand beside it; every announcement is scored when its ticket is called, and each night the
best of the last fortnight is chosen. Minutes throughout; a wait counts from the ticket's due time.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log
from typing import Any

import numpy as np

from queue_server.forecasting.conformal import Intervals, size_of
from queue_server.forecasting.features_live import Lesson, columns
from queue_server.forecasting.waits_today import PENDING, Estimate, Predictor, Today, Told, today_from, today_state

UNIT = 3.0  # minutes added before logarithms, so that short waits do not rule
LONGEST = 480.0  # nothing longer is ever promised or shown
NIGHTS = 14
ENOUGH = 200  # scored tickets before a predictor may be chosen
CLEARLY = 0.98  # a newcomer must be this much better to be taken
FEW_RUNS = 5  # samples of a wait that make a distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One waiting ticket: `due` is the minute its wait counts from, `ahead` the people before it in its service."""

    ticket: str
    service: str
    due: float
    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The office at the minute `now` of the day.

    By service: counters open that can serve it, whether one of them is idle, and its usual minutes.
    """

    now: float
    waiting: Sequence[Waiting]
    able: Mapping[str, int]
    idle: Mapping[str, bool]
    minutes: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One day's score: tickets, share within the interval, and each predictor's summed absolute error and count."""

    tickets: int
    inside: int
    error: float
    errors: Mapping[str, float]
    counts: Mapping[str, int]

    @property
    def coverage(self) -> float:
        """The share of tickets called within what they were told."""
        return self.inside / self.tickets if self.tickets else 0.0

    @property
    def mean_error(self) -> float:
        """Mean absolute error of the announced likely wait, minutes."""
        return self.error / self.tickets if self.tickets else 0.0


class Teller:
    """The office's running knowledge of its waits. Feed `called` in order; ask `estimates` as often as wanted."""

    def __init__(self) -> None:
        self.chosen = Predictor.SIMULATION
        self.nights: deque[Night] = deque(maxlen=NIGHTS)
        self._intervals: dict[str, Intervals] = {}
        self._waits: dict[str, deque[float]] = {}
        self._told: dict[str, Told] = {}
        self._lessons: deque[Lesson] = deque(maxlen=PENDING)
        self._today = Today()

    def estimates(
        self,
        office: Situation,
        *,
        samples: Mapping[str, Sequence[float]] | None = None,
        learned: Mapping[str, tuple[float, float, float]] | None = None,
    ) -> dict[str, Estimate]:
        """An estimate for each waiting ticket.

        `samples[ticket]` are sampled whole waits from forward runs, `learned[ticket]` the learned quantiles; where
        the chosen predictor has nothing to say, the next best that has says it, at last people ahead x minutes.
        """
        heads = _heads(office)
        simulated = _all_quantiles(samples or {})
        result = {}
        for one in office.waiting:
            elapsed = _finite(office.now - one.due)
            points = self._points(one, office, heads[one.service])
            given = {} if samples is None else {Predictor.SIMULATION: simulated.get(one.ticket)}
            if learned is not None and one.ticket in learned:
                given[Predictor.LEARNED] = _ordered(learned[one.ticket])
            learnable = dict(points)
            points |= {str(by): ends[1] for by, ends in given.items() if ends is not None}
            by, low, likely, high = self._pick(points, given)
            shown = self._interval(by, one.service, low, likely, high)
            estimate = _bounded(shown, likely, elapsed, by)
            result[one.ticket] = estimate
            if one.ticket not in self._told:
                row = self._columns(one, office, learnable, given.get(Predictor.SIMULATION))
                told = Told(one.service, (_log(low), _log(high)), shown, size_of(likely), estimate, points, row)
                self._remember(one.ticket, told)
        return result

    def called(self, ticket: str, service: str, wait: float) -> None:
        """A ticket was called after `wait` minutes: it teaches the intervals and is scored."""
        if not isfinite(wait):
            self._told.pop(ticket, None)
            return
        wait = min(max(wait, 0.0), LONGEST)
        self._waits.setdefault(service, deque(maxlen=10)).append(wait)
        told = self._told.pop(ticket, None)
        if told is None:
            return
        self._intervals_of(told.estimate.by).learn(
            _log(wait), predicted=told.predicted, shown=told.shown, group=told.service, size=told.size
        )
        self._lessons.append((told.columns, wait))
        today = self._today
        today.tickets += 1
        today.inside += told.estimate.low <= wait <= told.estimate.high
        today.error += abs(told.estimate.likely - wait)
        for by, point in told.points.items():
            today.errors[by] = today.errors.get(by, 0.0) + abs(point - wait)
            today.counts[by] = today.counts.get(by, 0) + 1

    def rows(
        self, office: Situation, *, samples: Mapping[str, Sequence[float]] | None = None
    ) -> dict[str, tuple[float, ...]]:
        """What the office's own model must know of each waiting ticket (`features_live.tell`)."""
        heads = _heads(office)
        return {
            one.ticket: self._columns(
                one,
                office,
                self._points(one, office, heads[one.service]),
                None if samples is None else _quantiles(samples.get(one.ticket)),
            )
            for one in office.waiting
        }

    def take_lessons(self) -> list[Lesson]:
        """The called tickets since the last time, for the nightly learning."""
        taken = list(self._lessons)
        self._lessons.clear()
        return taken

    def gone(self, ticket: str) -> None:
        """A ticket left unserved: nothing is learned from it."""
        self._told.pop(ticket, None)

    def close_day(self) -> Night:
        """Close the day's score, choose tomorrow's predictor, ease the intervals; delay history starts anew."""
        today = self._today
        night = Night(
            tickets=today.tickets, inside=today.inside, error=today.error, errors=dict(today.errors),
            counts=dict(today.counts),
        )  # fmt: skip
        if night.tickets:
            self.nights.append(night)
        self._today = Today()
        self._waits.clear()
        self._told.clear()
        for intervals in self._intervals.values():
            intervals.next_day()
        self.chosen = choose(self.nights, self.chosen)
        return night

    def to_state(self) -> dict[str, Any]:
        """What must survive the night, as plain JSON values."""
        return {
            "chosen": str(self.chosen),
            "nights": [
                {
                    "tickets": night.tickets, "inside": night.inside, "error": night.error,
                    "errors": dict(night.errors), "counts": dict(night.counts),
                }
                for night in self.nights
            ],
            "intervals": {by: kept.to_state() for by, kept in self._intervals.items()},
            "today": today_state(self._today, self._told, self._waits, self._lessons),
        }  # fmt: skip

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Teller":
        """The teller that `to_state` wrote; an empty state is a new office."""
        made = cls()
        made.chosen = Predictor(state.get("chosen", Predictor.SIMULATION))
        made.nights.extend(Night(**night) for night in state.get("nights", ()))
        made._intervals = {by: Intervals.from_state(kept) for by, kept in state.get("intervals", {}).items()}
        if "today" in state:
            made._today, made._told, made._waits, made._lessons = today_from(state["today"])
        return made

    def _points(self, one: Waiting, office: Situation, head: float) -> dict[str, float]:
        """What the classic predictors say of this ticket."""
        able = max(office.able.get(one.service, 0), 1)
        minutes = _finite(office.minutes.get(one.service, 10.0)) or 10.0
        elapsed = _finite(office.now - one.due)
        points = {str(Predictor.QL): min(elapsed + (max(one.ahead, 0) + 1) * minutes / able, LONGEST)}
        last = self._waits.get(one.service)
        if last:
            points[Predictor.LES] = last[-1]
            points[Predictor.LAST_TEN] = sum(last) / len(last)
        if one.ahead > 0 or last:
            points[Predictor.HOL] = max(_finite(office.now - head), 0.0)
        return points

    def _columns(
        self,
        one: Waiting,
        office: Situation,
        points: Mapping[str, float],
        ends: tuple[float, float, float] | None,
    ) -> tuple[float, ...]:
        return columns(
            minute=office.now,
            ahead=one.ahead,
            able=office.able.get(one.service, 0),
            typical=office.minutes.get(one.service, 10.0),
            waiting=len(office.waiting),
            points=points,
            ends=ends,
        )

    def _pick(
        self, points: Mapping[str, float], given: Mapping[Predictor, tuple[float, float, float] | None]
    ) -> tuple[Predictor, float, float, float]:
        """The predictor to speak and its raw quantiles."""
        for by in (self.chosen, Predictor.SIMULATION, Predictor.LEARNED):
            ends = given.get(by)
            if ends is not None:
                return by, *ends
            if by in points:
                break
        by = self.chosen if self.chosen in points else Predictor.QL
        return by, points[by] / 2, points[by], points[by] * 2

    def _interval(self, by: Predictor, service: str, low: float, likely: float, high: float) -> tuple[float, float]:
        return self._intervals_of(by).correct(_log(low), _log(high), group=service, size=size_of(likely))

    def _intervals_of(self, by: Predictor) -> Intervals:
        return self._intervals.setdefault(str(by), Intervals())

    def _remember(self, ticket: str, told: Told) -> None:
        if len(self._told) >= PENDING:
            self._told.pop(next(iter(self._told)))
        self._told[ticket] = told


def _heads(office: Situation) -> dict[str, float]:
    """The earliest due time of each service's waiting people."""
    heads: dict[str, float] = {}
    for one in office.waiting:
        heads[one.service] = min(heads.get(one.service, one.due), one.due)
    return heads


def choose(nights: Sequence[Night] | deque[Night], current: Predictor) -> Predictor:
    """The predictor with the least mean error over the nights; the current one unless another is clearly better."""
    means: dict[str, float] = {}
    for by in Predictor:
        count = sum(night.counts.get(by, 0) for night in nights)
        if count >= ENOUGH:
            means[by] = sum(night.errors.get(by, 0.0) for night in nights) / count
    if not means:
        return current
    best = min(means, key=lambda by: means[by])
    if current in means and means[best] > CLEARLY * means[current]:
        return current
    return Predictor(best)


def _log(wait: float) -> float:
    return log(min(max(wait, 0.0), LONGEST) + UNIT)


def _finite(value: float) -> float:
    """A clock that jumped or a missing figure counts as nothing."""
    return max(value, 0.0) if isfinite(value) else 0.0


def _quantiles(samples: Sequence[float] | None) -> tuple[float, float, float] | None:
    """The 10, 50 and 90 per cent of sampled waits; none from too few."""
    if samples is None:
        return None
    values = np.asarray(samples, dtype=np.float64)
    values = values[np.isfinite(values)]
    if len(values) < FEW_RUNS:
        return None
    low, likely, high = np.quantile(np.clip(values, 0.0, LONGEST), (0.1, 0.5, 0.9))
    return float(low), float(likely), float(high)


def _all_quantiles(samples: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, float, float] | None]:
    """The same of many tickets; those with equally many samples, all finite, are sorted together."""
    found: dict[str, tuple[float, float, float] | None] = {}
    alike: dict[int, list[str]] = {}
    for ticket, values in samples.items():
        alike.setdefault(len(values), []).append(ticket)
    for count, tickets in alike.items():
        table = np.array([samples[ticket] for ticket in tickets], dtype=np.float64)
        whole = np.isfinite(table).all() and count >= FEW_RUNS
        if whole:
            ends = np.quantile(np.clip(table, 0.0, LONGEST), (0.1, 0.5, 0.9), axis=1).T.tolist()
            found |= {ticket: (low, likely, high) for ticket, (low, likely, high) in zip(tickets, ends, strict=True)}
        else:
            found |= {ticket: _quantiles(samples[ticket]) for ticket in tickets}
    return found


def _ordered(quantiles: tuple[float, float, float]) -> tuple[float, float, float] | None:
    if not all(isfinite(value) for value in quantiles):
        return None
    low, likely, high = sorted(min(max(value, 0.0), LONGEST) for value in quantiles)
    return low, likely, high


def _bounded(shown: tuple[float, float], likely: float, elapsed: float, by: Predictor) -> Estimate:
    """The interval in minutes: never below what has been waited already, never beyond the longest."""
    floor = min(elapsed, LONGEST)
    low, high = (min(max(exp(end) - UNIT, floor), LONGEST) for end in shown)
    return Estimate(low=low, likely=min(max(likely, low), high), high=high, by=by)
