"""Probes, early ends and forced calls of the forward run: each says what a run that really does it would say."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from queue_server.forecasting import outlook_office as oo
from queue_server.forecasting.target_run import Scene, drawn, play, play_calls
from queue_server.queue import commands as cmd
from tests.forecasting.test_target_reference import BY_HEADS, a_busy_day
from tests.queue.builders import MONDAY

FUTURES = 6


def a_scene(random: Random, **more: Any) -> oo.LiveScene:
    """A random office with people still to come, seen now."""
    day = a_busy_day(random, **more)
    people = {service: (random.choice((0.0, 2.0, 5.0)),) * 24 for service in day.state.setup.services}
    expected = oo.Expected(begins=MONDAY, people=people, classes={"walk_in": 0.8, "elderly": 0.2})
    known = oo.basis(day.state.setup, oo.Learned(gap=20.0), expected, futures=FUTURES)
    breaks = {c: [(day.now + timedelta(minutes=random.randint(1, 40)), 600.0)] for c in "13" if random.random() < 0.5}
    return oo.live_scene(day.state, known, oo.Plan(breaks=breaks), day.now)


def with_one_more(scene: Scene, line: int) -> Scene:
    """The scene with somebody who has just come, at the end of a line."""
    more = {"key": 10**9, "arrive": scene.now, "due": scene.now, "line": line, "scale": 1.0, "power": 1.0}
    known = scene.known._asdict()
    grown = {name: np.append(known[name], np.array(more[name], dtype=known[name].dtype)) for name in known}
    return replace(scene, known=scene.known._replace(**grown))


def starts_of_known(played, many: int) -> np.ndarray:
    table = np.full((FUTURES, many), np.inf)
    row, column = np.nonzero(played.real & (played.crowd.order < many))
    table[row, played.crowd.order[row, column]] = played.start[row, column]
    return table


@pytest.mark.parametrize("seed", range(40))
def test_a_probe_is_called_when_a_real_person_would_be(seed: int) -> None:
    live = a_scene(Random(seed), names=BY_HEADS)  # a real person makes the line longer, a probe does not
    scene, until = live.scene, live.scene.now + 7200.0
    lines = [n for n, (pool, _, _) in enumerate(live.keys) if not pool.startswith("counter:")]
    asked = np.zeros(len(live.keys), dtype=np.bool_)
    asked[lines] = True
    probed = play(scene, until, probes=asked).probed

    many = len(scene.known.key)
    for line in lines:
        really = starts_of_known(play(with_one_more(scene, line), until), many + 1)[:, many]
        assert np.array_equal(probed[:, line], really)


@pytest.mark.parametrize("seed", range(20))
def test_probes_disturb_nobody_and_an_early_end_takes_nothing_from_who_waits(seed: int) -> None:
    scene = a_scene(Random(seed)).scene
    until, many = scene.now + 7200.0, len(scene.known.key)
    asked = np.ones(len(scene.level), dtype=np.bool_)
    plain = play(scene, until)
    probing = play(scene, until, probes=asked)
    short = play(scene, until, probes=asked, ends=True)

    assert np.array_equal(plain.start, probing.start)
    assert np.array_equal(starts_of_known(plain, many), starts_of_known(short, many))
    assert np.array_equal(probing.probed, short.probed)
    assert np.isinf(plain.probed).all()


def test_an_early_end_calls_nobody_after_the_last_who_waits() -> None:
    scene = a_scene(Random(3)).scene
    played = play(scene, scene.now + 7200.0, ends=True)
    last = starts_of_known(played, len(scene.known.key)).max(axis=1)
    called = np.where(np.isfinite(played.start), played.start, 0.0)
    assert (called.max(axis=1) <= last).all()
    assert np.isinf(played.start[played.real]).any()


@pytest.mark.parametrize("seed", range(30))
def test_a_forced_call_of_the_rules_own_choice_changes_nothing(seed: int) -> None:
    day = a_busy_day(random := Random(seed))
    counter = random.choice("123")
    day.do(cmd.OpenCounter(counter=counter, officer="x")) if day.state.counters[counter].officer is None else None
    known = oo.basis(day.state.setup, oo.Learned(), oo.Expected(begins=MONDAY), futures=FUTURES)
    scene = oo.live_scene(day.state, known, oo.Plan(), day.now).scene
    # Only this counter is free now: its own choice is the first call of all.
    kind = np.where(scene.desks.kind == 0, 1, scene.desks.kind)
    place = list(day.state.counters).index(counter)
    kind[place] = 0
    scene = replace(scene, desks=scene.desks._replace(kind=kind))
    until = scene.now + 7200.0
    plain = play(scene, until)
    first = np.flatnonzero((plain.start[0] == scene.now) & (plain.counter[0] == place))
    if len(first):
        line = int(plain.crowd.line[0, first[0]])
        forced = play_calls(scene, until, place, [line])[0]
        assert np.array_equal(plain.start, forced.start)
        assert np.array_equal(plain.counter, forced.counter)


def test_candidates_of_one_counter_are_played_in_the_same_futures() -> None:
    scene = next(s for s in (a_scene(Random(n)).scene for n in range(99)) if 0 in s.desks.kind and two_lines(s))
    place = int(np.flatnonzero(scene.desks.kind == 0)[0])
    lines = two_lines(scene)[:2]
    one, other = play_calls(scene, scene.now + 7200.0, place, lines)
    assert one.crowd is other.crowd
    for line, played in zip(lines, (one, other), strict=True):
        head = (played.start == scene.now) & (played.counter == place)
        assert head.any(axis=1).all()
        assert (played.crowd.line[head] == line).all()


def two_lines(scene: Scene) -> list[int]:
    """The lines in which somebody may be called now, if there are two of them."""
    found = sorted(set(scene.known.line[scene.known.arrive <= scene.now].tolist()))
    return found if len(found) > 1 else []


def variants(scene: Scene) -> list[Scene]:
    """The scene with each part changed that a move or an undone cause changes."""
    desks, known = scene.desks, scene.known
    quicker = scene.ground._replace(speed=scene.ground.speed * 0.5)
    return [
        scene,
        replace(scene, ground=scene.ground._replace(closes=scene.ground.closes - 600.0)),
        replace(scene, ground=quicker),
        replace(scene, desks=desks._replace(kind=np.zeros_like(desks.kind))),
        replace(scene, known=known.of(np.arange(len(known.key)) % 2 == 0)),
        replace(scene, level=scene.level * 0.5),
        replace(scene, seed=scene.seed + 1),
        replace(scene, habits=scene.habits._replace(minutes=scene.habits.minutes * 2.0)),
    ]


@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize("until", [3600.0, 5400.0])
def test_a_variant_takes_over_only_what_is_the_same(place: int, until: float) -> None:
    scene = next(s for s in (a_scene(Random(n)).scene for n in range(99)) if len(s.known.key) > 5)
    lot = drawn(scene, scene.now + 3600.0)
    variant = variants(scene)[place]
    anew = play(variant, scene.now + until)
    again = play(variant, scene.now + until, lot=lot)
    assert np.array_equal(again.start, anew.start)
    assert np.array_equal(again.counter, anew.counter)
    assert (again.crowd is lot.crowd) == (place in (0, 1, 2, 3) and until == 3600.0)
    assert (again.lot.desks.free_at is lot.desks.free_at) == (place in (0, 1, 4, 5))
