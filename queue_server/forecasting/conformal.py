"""Intervals that keep their promise: conformal correction of two quantiles, learned as tickets are called. Pure.

Conformalised quantile regression (Romano, Patterson & Candès 2019), each end on its own so that a miss below
cannot pay for a miss above. The correction is a quantile of recent misses: those of the ticket's own service,
against a fixed weight of everybody's with a prediction of like size; plus an offset of the service that moves up
by each miss and down by each hit, so that it keeps its promise through a drifting day (adaptive conformal
inference: Gibbs & Candès 2021; as quantile tracking: Angelopoulos, Candès & Tibshirani 2023).
People of one day share one fate: a day weighs as so many of its tickets at most, and what the offset has learned of
one day holds only in part on the next.
Feed it in the order of calls: a wait is known when its ticket is called.
"""

import bisect
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SIZES = (5.0, 15.0, 40.0)  # minutes: predictions are pooled with those of like size
RENEW = 50  # scores after which the pooled ones are sorted anew
RENEW_OWN = 10  # scores of a service after which its quantile is taken anew
GRID = (np.arange(100) + 0.5) / 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How an interval follows. Scores are differences of logarithms: 0.1 is ten per cent of the wait."""

    missing: float = 0.1  # the share allowed outside each end
    kept: int = 1500  # last scores kept of each size
    own: int = 2000  # last scores kept of each service
    day: float = 30.0  # what the scores of one service and day weigh together at most
    weight: float = 150.0  # what everybody's scores weigh together against a service's own
    speed: float = 0.02  # how far a service's end moves when it was passed
    limit: float = 0.5  # how far it may move in all; feedback comes late, so it could overshoot
    overnight: float = 0.6  # the share of it that the next day begins with
    least: int = 20  # with fewer scores in all, `unknown` is added
    unknown: float = 0.7


@dataclass(slots=True)
class _End:
    """One end of the interval: scores are how far the truth lay beyond the predicted quantile."""

    setting: Setting
    scores: dict[str, deque[float]] = field(default_factory=dict)
    own: dict[str, deque[tuple[int, float]]] = field(default_factory=dict)  # day and score
    offset: dict[str, float] = field(default_factory=dict)
    _pooled: dict[str, Floats] = field(default_factory=dict)
    _age: dict[str, int] = field(default_factory=dict)
    _quantile: dict[str, dict[str, float]] = field(default_factory=dict)
    _own_age: dict[str, int] = field(default_factory=dict)

    def correction(self, group: str, size: str) -> float:
        """What must be added to the end so that it is passed as seldom as promised."""
        known = self._quantile.setdefault(group, {})
        if self._own_age.get(group, 0) >= RENEW_OWN:
            known.clear()
            self._own_age[group] = 0
        if size not in known:
            known[size] = self._joint(group, size)
        return known[size] + self.offset.get(group, 0.0)

    def learn(self, group: str, size: str, score: float, missed: bool, day: int) -> None:
        """Take in one called ticket of a day; `missed` says whether the announced end was passed."""
        setting = self.setting
        moved = self.offset.get(group, 0.0) + setting.speed * (missed - setting.missing)
        self.offset[group] = min(max(moved, -setting.limit), setting.limit)
        kept = self.scores.setdefault(size, deque(maxlen=setting.kept))
        kept.append(score)
        self.own.setdefault(group, deque(maxlen=setting.own)).append((day, score))
        self._age[size] = RENEW if len(kept) < RENEW else self._age.get(size, 0) + 1
        self._own_age[group] = self._own_age.get(group, 0) + 1

    def next_day(self) -> None:
        """Take over a share of each service's offset."""
        for group in self.offset:
            self.offset[group] *= self.setting.overnight

    def _joint(self, group: str, size: str) -> float:
        """The quantile of the service's scores and the pooled ones; the stated guess while there are none."""
        pooled, mine = self._pool(size), np.array(self.own.get(group, ())).reshape(-1, 2)
        if not len(pooled):
            return self.setting.unknown
        values = np.concatenate([mine[:, 1], pooled])
        _, of_day, counts = np.unique(mine[:, 0], return_inverse=True, return_counts=True)
        own = np.minimum(1.0, self.setting.day / np.maximum(counts, 1))[of_day]
        weights = np.concatenate([own, np.full(len(pooled), self.setting.weight / len(pooled))])
        order = np.argsort(values)
        reach = np.cumsum(weights[order])
        at = int(np.searchsorted(reach, (1.0 - self.setting.missing) * reach[-1]))
        return float(values[order][min(at, len(values) - 1)])

    def _pool(self, size: str) -> Floats:
        """A hundred quantiles of the scores of like predictions; of all while they are few; none before that."""
        if size not in self._pooled or self._age.get(size, 0) >= RENEW:
            scores = self.scores.get(size, deque())
            if len(scores) < self.setting.least:
                scores = deque(score for kept in self.scores.values() for score in kept)
            enough = len(scores) >= self.setting.least
            self._pooled[size] = np.quantile(np.array(scores), GRID) if enough else np.zeros(0)
            self._age[size] = 0
        return self._pooled[size]


class Intervals:
    """The running correction of an office's intervals; one object for all its services."""

    def __init__(self, setting: Setting | None = None) -> None:
        self.setting = setting or Setting()
        self._low = _End(self.setting)
        self._high = _End(self.setting)
        self._day = 0

    def next_day(self) -> None:
        """A new day begins: tickets learned from now on share its fate."""
        self._day += 1
        self._low.next_day()
        self._high.next_day()

    def correct(self, low: float, high: float, *, group: str, size: str) -> tuple[float, float]:
        """The interval to announce for predicted quantiles `low` and `high` (same scale as the scores)."""
        below = low - self._low.correction(group, size)
        above = high + self._high.correction(group, size)
        return (below, above) if below <= above else ((below + above) / 2, (below + above) / 2)

    def learn(
        self, truth: float, *, predicted: tuple[float, float], shown: tuple[float, float], group: str, size: str
    ) -> None:
        """A ticket was called: `predicted` are the uncorrected quantiles, `shown` what `correct` gave."""
        if not np.isfinite([truth, *predicted, *shown]).all():
            return
        self._low.learn(group, size, predicted[0] - truth, truth < shown[0], self._day)
        self._high.learn(group, size, truth - predicted[1], truth > shown[1], self._day)

    def to_state(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"day": self._day} | {
            name: {
                "offset": dict(end.offset),
                "scores": {key: list(kept) for key, kept in end.scores.items()},
                "own": {key: [list(one) for one in kept] for key, kept in end.own.items()},
            }
            for name, end in (("low", self._low), ("high", self._high))
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], setting: Setting | None = None) -> "Intervals":
        """What `to_state` wrote."""
        made = cls(setting)
        made._day = int(state.get("day", 0))
        for name, end in (("low", made._low), ("high", made._high)):
            kept = state.get(name, {})
            end.offset.update({str(key): float(value) for key, value in kept.get("offset", {}).items()})
            for key, scores in kept.get("scores", {}).items():
                end.scores[str(key)] = deque(map(float, scores), maxlen=made.setting.kept)
            for key, scores in kept.get("own", {}).items():
                end.own[str(key)] = deque(map(_of_day, scores), maxlen=made.setting.own)
        return made


def _of_day(kept: Any) -> tuple[int, float]:
    """A service's kept score with its day; what was kept before days were is all of one day."""
    return (int(kept[0]), float(kept[1])) if isinstance(kept, list | tuple) else (0, float(kept))


def size_of(likely: float, sizes: Sequence[float] = SIZES) -> str:
    """The name of the size class of a predicted wait: its place among the bounds."""
    return str(bisect.bisect_right(sizes, likely))
