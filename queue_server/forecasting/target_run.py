"""One forward run of an office and what it says about waiting: the engine of risk and advice. Pure.

A scene is an office at one moment as arrays; `play` runs all its futures under the rule in force. The unit of time is
the scene's own (seconds for the live office, minutes for the reference days).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from queue_server.forecasting.kernel import Flags, Floats, Ints, LineRule
from queue_server.forecasting.lookahead import Coming, Habits
from queue_server.forecasting.target_arrays import Crowd, Desks, Ground, Question
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
class Drawn:
    """What was drawn for a scene up to `until`: people and counters of every future. Runs of variants share it."""

    scene: Scene
    until: float
    crowd: Crowd
    standing: int
    desks: Desks


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """All futures of a scene up to `until`: R × N; padding beyond `crowd.size` is not `real`."""

    now: float
    until: float
    lot: Drawn
    crowd: Crowd
    start: Floats
    counter: Ints
    standing: int
    probed: Floats  # R × L: when a person who comes now would be called; inf where nobody asked or never

    @property
    def real(self) -> Flags:
        """Which places of the arrays hold a person."""
        return np.asarray(np.arange(self.start.shape[1]) < self.crowd.size[:, None])

    @property
    def waits(self) -> Floats:
        """Waits from the due time; who is not called by `until` is counted up to it."""
        return np.asarray(np.maximum(0.0, np.minimum(self.start, self.until) - self.crowd.due))


def drawn(scene: Scene, until: float, like: Drawn | None = None) -> Drawn:
    """Draws every future of a scene; what was drawn for a variant of it is taken over where it is the same."""
    before = like if like is not None and like.scene.now == scene.now and like.scene.seed == scene.seed else None
    if before is not None and before.until == until and _same_people(scene, before.scene):
        people, standing = before.crowd, before.standing
    else:
        people, standing = crowd(
            scene.now, until, scene.known, scene.coming, scene.level, scene.habits, seed=scene.seed
        )  # fmt: skip
    if before is not None and _same_desks(scene, before.scene):
        acts = before.desks.free_at
    else:
        acts = free_at(
            scene.now, scene.desks, scene.habits, scene.ground.speed, seed=scene.seed, futures=scene.futures,
            least=scene.least,
        )  # fmt: skip
    desks = Desks(free_at=acts, idle_since=scene.desks.idle_since, run=scene.desks.run)
    return Drawn(scene=scene, until=until, crowd=people, standing=standing, desks=desks)


def _same_people(one: Scene, other: Scene) -> bool:
    """Whether nothing was replaced that people are drawn from; nobody changes arrays in place."""
    return all(
        a is b
        for a, b in (
            (one.known, other.known), (one.coming, other.coming), (one.level, other.level), (one.habits, other.habits)
        )
    )  # fmt: skip


def _same_desks(one: Scene, other: Scene) -> bool:
    return (
        one.desks is other.desks
        and one.habits is other.habits
        and one.ground.speed is other.ground.speed
        and (one.futures, one.least) == (other.futures, other.least)
    )


def play(
    scene: Scene, until: float, *, probes: Flags | None = None, ends: bool = False, lot: Drawn | None = None,
    call: tuple[int, int] | None = None,
) -> Played:  # fmt: skip
    """Runs every future of a scene.

    `probes`: lines that are asked when one more person would be called. `ends`: no further than until everybody
    known now, and every probe, is called. `lot`: drawn for a variant of this scene; what is the same is not drawn
    again. `call`: counter and line of a call that is made first, whatever the rule says.
    """
    lot = drawn(scene, until, lot)
    people, lines = lot.crowd, len(scene.level)
    start, probed = np.empty(people.due.shape), np.empty((len(people.due), lines))
    counter = np.empty(people.due.shape, dtype=np.int64)
    none = np.zeros(lines, dtype=np.bool_)
    first = (-1, -1) if call is None else call
    asked = Question(
        now=scene.now, until=until, known=len(scene.known.key), ends=ends, probes=none if probes is None else probes,
        counter=first[0], line=first[1],
    )  # fmt: skip
    loops().forward(scene.ground, scene.rule, people, lot.standing, lot.desks, asked, start, counter, probed)
    return Played(
        now=scene.now, until=until, lot=lot, crowd=people, start=start, counter=counter, standing=lot.standing,
        probed=np.where(np.isneginf(probed), np.inf, probed),
    )  # fmt: skip


def play_calls(scene: Scene, until: float, counter: int, lines: Sequence[int]) -> list[Played]:
    """The same futures once for each line whose head the counter may call now, whatever the rule says.

    Everybody has the same fate in each, so that two of them can be compared future by future. The counter must be
    free, and somebody must stand in each line.
    """
    lot = drawn(scene, until)
    return [play(scene, until, lot=lot, call=(counter, line)) for line in lines]


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
