"""Will the target be kept? Probability for the next hour and for today, with hysteresis and a named cause. Pure.

Seconds throughout. The target is on the mean wait of visits (R-03); a warning comes before the mean has passed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np

from queue_server.forecasting.kernel import Flags, Floats
from queue_server.forecasting.outlook_office import LiveScene
from queue_server.forecasting.target_run import Played, means, share_over

HOUR = 3600.0
AMBER, RED = 0.30, 0.60  # the warning comes at or above
BACK = 0.10  # and goes when the probability is this much lower again
AFTER = 1.5 * HOUR  # played beyond the last hour asked about, so that its waits come to their end
LONGEST_RUN = 16 * HOUR


class Scope(StrEnum):
    """What the target is asked of: people who come in the next hour, or everybody of today."""

    HOUR = "hour"
    DAY = "day"


class Level(StrEnum):
    """How likely it is that the target is missed."""

    SAFE = "safe"
    AMBER = "amber"
    RED = "red"


class Cause(StrEnum):
    """Why the target is at risk: what, undone, would bring the wait down most."""

    ARRIVALS = "arrivals-over-forecast"
    COUNTER = "counter-away"
    SKILLS = "short-of-skills"
    LONG_SERVICES = "long-services"
    LOAD = "more-work-than-counters"
    NO_COUNTER = "no-counter-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The forecast of one scope. `low` and `high` hold 80 % of the futures; no people, no risk."""

    scope: Scope
    probability: float
    mean: float
    low: float
    high: float
    people: float  # expected to be counted
    service: str | None  # which adds most to the wait over the target
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A cause with what it is about; `effect` is how much lower the mean wait would be without it."""

    cause: Cause
    effect: float = 0.0
    counter: str | None = None
    service: str | None = None
    facts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAtRisk:
    """The mean wait is likely to pass the target."""

    scope: Scope
    level: Level
    service: str | None
    probability: float
    mean: float
    low: float
    high: float
    target: float
    cause: Cause
    counter: str | None = None
    facts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSafe:
    """The warning is over."""

    scope: Scope
    probability: float
    mean: float
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What has been said so far; keep it from one look to the next."""

    levels: Mapping[Scope, Level] = field(default_factory=dict)

    def level(self, scope: Scope) -> Level:
        """The level last said."""
        return self.levels.get(scope, Level.SAFE)


def level_after(before: Level, probability: float) -> Level:
    """Rises at 30 and 60 %, falls only 10 points below, so that a warning does not flutter."""
    if probability >= (RED - BACK if before is Level.RED else RED):
        return Level.RED
    if probability >= (AMBER - BACK if before is not Level.SAFE else AMBER):
        return Level.AMBER
    return Level.SAFE


def watched(before: Watch, risk: Risk, reason: Reason | None) -> tuple[Watch, TargetAtRisk | TargetSafe | None]:
    """What is to be said now: an event when the level has changed, else nothing."""
    was, now = before.level(risk.scope), level_after(before.level(risk.scope), risk.probability)
    after = Watch(levels={**before.levels, risk.scope: now})
    if now is was:
        return after, None
    if now is Level.SAFE:
        return after, TargetSafe(scope=risk.scope, probability=risk.probability, mean=risk.mean, target=risk.target)
    why = reason or Reason(cause=Cause.LOAD)
    event = TargetAtRisk(
        scope=risk.scope,
        level=now,
        service=risk.service,
        probability=risk.probability,
        mean=risk.mean,
        low=risk.low,
        high=risk.high,
        target=risk.target,
        cause=why.cause,
        counter=why.counter,
        facts=why.facts,
    )
    return after, event


def horizon(live: LiveScene, ends: datetime | None = None) -> float:
    """How far to play: through the hour, or to the end of the office's day, and until what then waits is served."""
    now = live.scene.now
    left = HOUR if ends is None else max(HOUR, (ends - live.now).total_seconds())
    return now + min(left + AFTER, LONGEST_RUN)


def concerned(live: LiveScene, played: Played, scope: Scope) -> Flags:
    """Whose waits count: known people not yet answered and people to come; of the hour, only those who come in it."""
    counted = np.concatenate([live.counted, np.ones(1, dtype=np.bool_)])
    order = np.minimum(played.crowd.order, len(live.counted))
    chosen = played.real & counted[order] & played.crowd.paced
    if scope is Scope.HOUR:
        now = played.now
        chosen &= (played.crowd.due > now) & (played.crowd.due <= now + HOUR)
    return np.asarray(chosen)


def mean_waits(live: LiveScene, played: Played, scope: Scope) -> tuple[Floats, Floats]:
    """Per future: the mean wait of the scope, and how many people it is the mean of."""
    chosen = concerned(live, played, scope)
    waits, people = means(played.waits, chosen), chosen.sum(axis=1).astype(np.float64)
    done = live.state.waits
    if scope is Scope.DAY and done:
        total = waits * people + live.state.wait_sum
        people = people + done
        waits = total / people
    return np.asarray(waits), people


def risk_of(live: LiveScene, played: Played, scope: Scope) -> Risk:
    """The probability that the mean wait of the scope passes the target in force."""
    target = live.state.setup.target
    waits, people = mean_waits(live, played, scope)
    low, high = (float(x) for x in np.quantile(waits, (0.1, 0.9))) if len(waits) else (0.0, 0.0)
    return Risk(
        scope=scope,
        probability=share_over(waits, target),
        mean=float(waits.mean()) if len(waits) else 0.0,
        low=low,
        high=high,
        people=float(people.mean()) if len(people) else 0.0,
        service=worst_service(live, played, concerned(live, played, scope), target),
        target=target,
    )


def worst_service(live: LiveScene, played: Played, chosen: Flags, target: float) -> str | None:
    """The service whose waits over the target add up to most; None when nobody is expected to wait over it."""
    over = np.where(chosen, np.maximum(0.0, played.waits - target), 0.0)
    sums = np.bincount(played.crowd.line.ravel(), weights=over.ravel(), minlength=len(live.keys))
    by_service: dict[str, float] = {}
    for (pool, _, _), total in zip(live.keys, sums, strict=True):
        by_service[pool] = by_service.get(pool, 0.0) + float(total)
    worst = max(by_service, key=by_service.__getitem__, default=None)
    return worst if worst is not None and by_service[worst] > 0.0 and not worst.startswith("counter:") else None
