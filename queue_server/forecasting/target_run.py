"""One forward run of an office and what it says about waiting: the engine of risk and advice. Pure.

A scene is an office at one moment as arrays; `play` runs all its futures under the rule in force. The unit of time is
the scene's own (seconds for the live office, minutes for the reference days).
"""

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from queue_server.forecasting.kernel import Flags, Floats, Ints, LineRule
from queue_server.forecasting.lookahead import Coming, Habits
from queue_server.forecasting.target_arrays import Crowd, Desks, Ground
from queue_server.forecasting.target_draws import AtDesk, Waiting, crowd, free_at

_NORMAL = NormalDist()
SMOOTHING = 1.06  # Silverman's factor: 200 futures say more than 200 times yes or no


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything a forward run needs."""

    now: float
    ground: Ground
    rule: LineRule
    known: Waiting
    desks: AtDesk
    habits: Habits
    coming: Coming
    level: Floats  # L: how busy today is against usual
    seed: int
    least: float  # the shortest rest of a service that has outlasted everything seen

    @property
    def futures(self) -> int:
        """How many futures are drawn."""
        return int(self.coming.arrive.shape[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """All futures of a scene up to `until`: R × N; padding beyond `crowd.size` is not `real`."""

    now: float
    until: float
    crowd: Crowd
    start: Floats
    counter: Ints
    standing: int

    @property
    def real(self) -> Flags:
        """Which places of the arrays hold a person."""
        return np.asarray(np.arange(self.start.shape[1]) < self.crowd.size[:, None])

    @property
    def waits(self) -> Floats:
        """Waits from the due time; who is not called by `until` is counted up to it."""
        return np.asarray(np.maximum(0.0, np.minimum(self.start, self.until) - self.crowd.due))


def play(scene: Scene, until: float) -> Played:
    """Runs every future of a scene."""
    people, standing = crowd(
        scene.now, until, scene.known, scene.coming, scene.level, scene.habits, seed=scene.seed
    )  # fmt: skip
    desks = Desks(
        free_at=free_at(
            scene.now, scene.desks, scene.habits, scene.ground.speed, seed=scene.seed, futures=scene.futures,
            least=scene.least,
        ),
        idle_since=scene.desks.idle_since,
        run=scene.desks.run,
    )  # fmt: skip
    start = np.full(people.due.shape, np.inf)
    counter = np.full(people.due.shape, -1, dtype=np.int64)
    loops().forward(scene.ground, scene.rule, people, standing, desks, until, start, counter)
    return Played(now=scene.now, until=until, crowd=people, start=start, counter=counter, standing=standing)


def means(values: Floats, chosen: Flags, *, empty: float = 0.0) -> Floats:
    """Mean of the chosen values of each future; `empty` where nobody is chosen."""
    counts = chosen.sum(axis=1)
    sums = np.where(chosen, values, 0.0).sum(axis=1)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), empty))


def share_over(values: Floats, limit: float) -> float:
    """Probability that a value passes the limit, from a sample, smoothed by a normal kernel; 0 for no sample."""
    if not len(values):
        return 0.0
    spread = float(values.std())
    if spread < 1e-9:
        return float(values.mean() > limit)
    width = SMOOTHING * spread * len(values) ** -0.2
    return float(np.mean([_below((value - limit) / width) for value in values]))


def _below(z: float) -> float:
    return _NORMAL.cdf(z)


def changed(scene: Scene, **parts: Any) -> Scene:
    """The scene with some of the ground's parts replaced."""
    return replace(scene, ground=scene.ground._replace(**parts))


def loops() -> Any:
    """The compiled loops; the first call imports numba, which takes a second, and compiles where no cache is."""
    from queue_server.forecasting import target_loops

    return target_loops
