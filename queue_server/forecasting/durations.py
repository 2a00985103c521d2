"""How long a ticket will hold its counter, as a distribution, learned one ticket at a time. Pure.

The logarithm of the minutes is the catalogue's, plus an effect of each known fact: procedure, case, papers, copies,
supplement, checklist, form, officer, hour. Every effect starts at its stated prior and moves as far as its
uncertainty allows (a Kalman filter with independent effects), so few data mean the catalogue and many data mean the
office. Minutes throughout; a lognormal law.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import erfc, exp, isfinite, log, sqrt
from statistics import NormalDist
from typing import Any

from queue_server.forecasting import scores
from queue_server.queue.expectation import LONGEST, PRIORS, SPREAD, Facts, believed, effects_of

SPREAD_WEIGHT = 10.0  # services that the stated spread weighs
FORGETTING = 1e-5  # variance an effect regains with each use: offices change
GRID = [(step + 0.5) / 20 for step in range(20)]
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A lognormal law of minutes: `centre` is the mean of the logarithm, `spread` its standard deviation."""

    centre: float
    spread: float

    @property
    def mean(self) -> float:
        """Expected minutes."""
        return min(exp(self.centre + self.spread**2 / 2), LONGEST)

    def quantile(self, share: float) -> float:
        """The minutes that `share` of such tickets do not exceed."""
        return min(exp(self.centre + self.spread * NORMAL.inv_cdf(min(max(share, 1e-6), 1 - 1e-6))), LONGEST)

    def beyond(self, minutes: float) -> float:
        """The chance that it takes longer."""
        return 0.5 * erfc((log(max(minutes, 1e-9)) - self.centre) / (self.spread * sqrt(2)))

    def rest(self, elapsed: float) -> float:
        """Expected minutes still to come after `elapsed`; a tenth of what it has taken where it is past belief."""
        past = min(max(elapsed, 0.0), 10 * LONGEST) if isfinite(elapsed) else 0.0
        alive = self.beyond(past)
        if alive < 0.005:
            return max(0.5, 0.1 * past)
        tail = 0.5 * erfc((log(max(past, 1e-9)) - self.centre - self.spread**2) / (self.spread * sqrt(2)))
        return max(exp(self.centre + self.spread**2 / 2) * tail / alive - past, 0.1)

    def crps(self, minutes: float) -> float:
        """Continuous ranked probability score of what it took (Baran & Lerch 2015, lognormal); 0 is perfect."""
        z = (log(max(minutes, 1e-9)) - self.centre) / self.spread
        mean = exp(self.centre + self.spread**2 / 2)
        above = NORMAL.cdf(z - self.spread) + NORMAL.cdf(self.spread / sqrt(2)) - 1.0
        return minutes * (2.0 * NORMAL.cdf(z) - 1.0) - 2.0 * mean * above

    def quantiles(self) -> list[float]:
        """Twenty evenly spaced quantiles, for samplers and scores."""
        return [self.quantile(share) for share in GRID]


@dataclass(slots=True)
class Durations:
    """All effects; serialisable."""

    effects: dict[str, tuple[float, float]] = field(default_factory=dict)  # name → mean, variance
    spreads: dict[str, tuple[float, float]] = field(default_factory=dict)  # procedure → sum of squares, weight

    def predict(self, facts: Facts) -> Duration:
        """The law of this ticket's minutes."""
        spread = self.spread(facts.kind)
        centre, doubt = log(believed(facts.typical)) - SPREAD**2 / 2, 0.0
        for name, amount in effects_of(facts):
            mean, variance = self._effect(name)
            centre += amount * mean
            doubt += amount * amount * variance
        return Duration(centre=centre, spread=sqrt(spread**2 + doubt))

    def learn(self, facts: Facts, minutes: float, *, finished: bool = True) -> None:
        """Take in a ticket that held its counter for `minutes`.

        An unfinished one counts as lasting as long as such tickets last once they have lasted this long, and
        teaches nothing while it is shorter than usual.
        """
        if not isfinite(minutes) or minutes <= 0:
            return
        law = self.predict(facts)
        if not finished:
            if law.beyond(minutes) > 0.5:
                return
            minutes += law.rest(minutes)
        residual = log(believed(minutes)) - law.centre
        whole = law.spread**2
        bounded = min(max(residual, -2.5 * law.spread), 2.5 * law.spread)
        for name, amount in effects_of(facts):
            mean, variance = self._effect(name)
            gain = variance * amount / whole
            self.effects[name] = (mean + gain * bounded, variance * (1 - gain * amount) + FORGETTING)
        squares, weight = self.spreads.get(facts.kind, (0.0, 0.0))
        doubt = max(whole - self.spread(facts.kind) ** 2, 0.0)
        self.spreads[facts.kind] = (0.995 * squares + max(bounded**2 - doubt, 0.0), 0.995 * weight + 1.0)

    def to_state(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "effects": {name: list(pair) for name, pair in self.effects.items()},
            "spreads": {name: list(pair) for name, pair in self.spreads.items()},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Durations":
        """What `to_state` wrote."""
        return cls(
            effects={name: (float(a), float(b)) for name, (a, b) in state.get("effects", {}).items()},
            spreads={name: (float(a), float(b)) for name, (a, b) in state.get("spreads", {}).items()},
        )

    def _effect(self, name: str) -> tuple[float, float]:
        return self.effects.get(name) or PRIORS[name.partition(":")[0]]

    def spread(self, kind: str) -> float:
        """Of the logarithm of the minutes of a procedure, or of a service without one."""
        squares, weight = self.spreads.get(kind, (0.0, 0.0))
        return sqrt((squares + SPREAD_WEIGHT * SPREAD**2) / (weight + SPREAD_WEIGHT))


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationScore:
    """Errors in minutes: ours and the catalogue mean's; CRPS of both; share inside the 80 % interval."""

    tickets: int
    mae: float
    catalogue_mae: float
    crps: float
    catalogue_crps: float
    coverage: float


def back_test(history: Iterable[tuple[Facts, float]], *, skip: int = 0) -> DurationScore:
    """Each ticket told from those before it; the first `skip` only teach."""
    model, fresh = Durations(), Durations()
    told: list[tuple[list[float], list[float], float, float, float]] = []
    for at, (facts, minutes) in enumerate(history):
        if at >= skip and isfinite(minutes) and minutes > 0:
            law, plain = model.predict(facts), fresh.predict(_bare(facts))
            told.append((law.quantiles(), plain.quantiles(), law.quantile(0.5), believed(facts.typical), minutes))
        model.learn(facts, minutes)
    if not told:
        return DurationScore(tickets=0, mae=0.0, catalogue_mae=0.0, crps=0.0, catalogue_crps=0.0, coverage=0.0)
    import numpy as np

    ours, plain_ones = np.array([one[0] for one in told]), np.array([one[1] for one in told])
    points, typical, truth = [one[2] for one in told], [one[3] for one in told], [one[4] for one in told]
    low = (ours[:, 1] + ours[:, 2]) / 2
    high = (ours[:, 17] + ours[:, 18]) / 2
    return DurationScore(
        tickets=len(told),
        mae=scores.mean_absolute_error(points, truth),
        catalogue_mae=scores.mean_absolute_error(typical, truth),
        crps=scores.continuous_ranked(ours, truth),
        catalogue_crps=scores.continuous_ranked(plain_ones, truth),
        coverage=scores.coverage(low, high, truth),
    )


def _bare(facts: Facts) -> Facts:
    return Facts(service=facts.service, procedure=facts.procedure, typical=facts.typical)
