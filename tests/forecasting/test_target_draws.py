"""The crowd of a future: who stands in line, who is known to come, and who was sampled, in one order of arrival."""

from random import Random

import numpy as np
import pytest

from queue_server.forecasting.target_draws import crowd
from queue_server.forecasting.target_run import Scene
from tests.forecasting.test_target_probes import FUTURES, a_scene

LONG = 5000.0


def plainly(scene: Scene, r: int, until: float) -> list[tuple[float, float, int, int]]:
    """Arrival, due, line and order of everybody of one future, by sorting."""
    known, coming = scene.known, scene.coming
    sampled = [
        (coming.arrive[r, k], coming.due[r, k], coming.line[r, k], len(known.key) + k)
        for k in range(coming.number[r])
        if scene.now < coming.arrive[r, k] <= until and coming.mark[r, k] < scene.level[coming.line[r, k]]
    ]
    mine = [(known.arrive[i], known.due[i], known.line[i], i) for i in range(len(known.key))]
    return sorted([*mine, *sampled], key=lambda row: (max(row[0], scene.now), row[3]))


@pytest.mark.parametrize("seed", range(30))
def test_everybody_comes_in_the_order_of_a_plain_sort(seed: int) -> None:
    scene = a_scene(random := Random(seed)).scene
    until = scene.now + random.choice((60.0, 900.0, LONG))
    level = np.array([random.choice((0.0, 0.4, 1.0, 1.6)) for _ in scene.level])
    scene.level[:] = level
    found, standing = crowd(scene.now, until, scene.known, scene.coming, level, scene.habits, seed=scene.seed)

    assert standing == (scene.known.arrive <= scene.now).sum()
    for r in range(FUTURES):
        many = found.size[r]
        columns = (found.arrive, found.due, found.line, found.order)
        rows = list(zip(*(column[r, :many].tolist() for column in columns), strict=True))
        assert rows == plainly(scene, r, until)
        assert np.isinf(found.arrive[r, many:]).all()


def test_a_sampled_person_keeps_his_own_fate() -> None:
    scene = a_scene(Random(7)).scene
    found, _ = crowd(scene.now, scene.now + LONG, scene.known, scene.coming, scene.level, scene.habits, seed=1)
    many = len(scene.known.key)
    row, column = np.nonzero((np.arange(found.due.shape[1]) < found.size[:, None]) & (found.order >= many))
    assert len(row) > 20
    place = found.order[row, column] - many
    for name in ("minutes", "paced", "pause"):
        assert np.array_equal(getattr(found, name)[row, column], getattr(scene.coming, name)[row, place])


def test_a_known_person_has_the_same_fate_whoever_else_comes() -> None:
    scene = next(s for s in (a_scene(Random(n)).scene for n in range(99)) if len(s.known.key) > 5)
    one, _ = crowd(scene.now, scene.now + LONG, scene.known, scene.coming, scene.level, scene.habits, seed=1)
    nobody = np.zeros(len(scene.level))
    other, _ = crowd(scene.now, scene.now + 60.0, scene.known, scene.coming, nobody, scene.habits, seed=1)
    for person in range(len(scene.known.key)):
        assert np.array_equal(one.minutes[one.order == person], other.minutes[other.order == person])
