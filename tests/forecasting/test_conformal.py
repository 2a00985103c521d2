"""Intervals keep their promise, per service and through a drifting day, and survive nonsense."""

import numpy as np
import pytest

from queue_server.forecasting.conformal import Intervals, Setting, size_of


def play(
    truths: np.ndarray, groups: list[str], intervals: Intervals, *, half: float, day: int | None = None
) -> list[bool]:
    """Announce and learn one after the other around a prediction of zero; whether each was covered.

    A new day begins after every `day` tickets.
    """
    inside = []
    for at, (truth, group) in enumerate(zip(truths, groups, strict=True)):
        if day and at % day == 0:
            intervals.next_day()
        low, high = intervals.correct(-half, half, group=group, size="1")
        inside.append(bool(low <= truth <= high))
        intervals.learn(float(truth), predicted=(-half, half), shown=(low, high), group=group, size="1")
    return inside


@pytest.mark.parametrize("half", [0.05, 0.5, 3.0])
def test_too_narrow_and_too_wide_quantiles_end_at_eighty_per_cent(half):
    truths = np.random.default_rng(1).normal(0, 1, 4000)
    inside = play(truths, ["a"] * 4000, Intervals(), half=half)
    assert np.mean(inside[1000:]) == pytest.approx(0.8, abs=0.02)


def test_each_end_is_passed_by_one_in_ten_even_when_errors_are_skewed():
    truths = np.random.default_rng(2).exponential(1.0, 4000)
    intervals = Intervals()
    below = above = 0
    for truth in truths:
        low, high = intervals.correct(0.5, 0.5, group="a", size="1")
        below, above = below + (truth < low), above + (truth > high)
        intervals.learn(float(truth), predicted=(0.5, 0.5), shown=(low, high), group="a", size="1")
    assert below / 4000 == pytest.approx(0.1, abs=0.02)
    assert above / 4000 == pytest.approx(0.1, abs=0.02)


def test_a_service_unlike_the_others_gets_its_own_width():
    rng = np.random.default_rng(3)
    groups = ["calm", "wild"] * 3000
    truths = rng.normal(0, [0.3, 2.0] * 3000)
    inside = play(truths, groups, Intervals(), half=0.5, day=120)
    assert np.mean(inside[2000::2]) == pytest.approx(0.8, abs=0.05)
    assert np.mean(inside[2001::2]) == pytest.approx(0.8, abs=0.05)


def test_coverage_holds_when_the_day_drifts():
    truths = np.concatenate([np.random.default_rng(4).normal(shift, 1, 500) for shift in (0, 0.5, 1, 1.5, 1, 0)])
    adaptive = play(truths, ["a"] * 3000, Intervals(), half=1.28)
    fixed = np.abs(truths) <= 1.28
    assert np.mean(adaptive) > np.mean(fixed) + 0.1
    assert np.mean(adaptive) == pytest.approx(0.8, abs=0.04)


def test_one_bad_day_widens_the_next_one_less_than_ten_bad_days_do():
    usual, bad = np.random.default_rng(6).normal(0, 1, 3000), np.random.default_rng(7).normal(0, 4, 300)
    widths = {}
    for days in (1, 10):
        intervals = Intervals()
        play(usual, ["other"] * 3000, intervals, half=1.28, day=300)
        play(bad, ["a"] * 300, intervals, half=1.28, day=300 // days)
        intervals.next_day()
        low, high = intervals.correct(-1.28, 1.28, group="a", size="2")
        widths[days] = high - low
    assert 1.2 * 2.56 < widths[1] < 0.8 * widths[10]


def test_what_an_end_learned_of_one_day_is_eased_overnight():
    intervals = Intervals()
    play(np.full(30, 9.0), ["a"] * 30, intervals, half=1.0)
    moved = intervals.to_state()["high"]["offset"]["a"]
    intervals.next_day()
    assert intervals.to_state()["high"]["offset"]["a"] == pytest.approx(Setting().overnight * moved)


def test_a_state_kept_before_days_were_is_still_read():
    old = {"high": {"own": {"a": [0.1, 0.2]}, "scores": {"1": [0.1] * 30}, "offset": {"a": 0.2}}, "low": {}}
    assert Intervals.from_state(old).to_state()["high"]["own"] == {"a": [[0, 0.1], [0, 0.2]]}


def test_the_first_ticket_of_a_new_office_gets_a_wide_interval():
    low, high = Intervals().correct(2.0, 2.0, group="new", size="0")
    assert high - low == pytest.approx(2 * Setting().unknown)


def test_ends_never_cross():
    intervals = Intervals(Setting(limit=5.0))
    for _ in range(400):
        shown = intervals.correct(-3, 3, group="a", size="1")
        intervals.learn(0.0, predicted=(-3, 3), shown=shown, group="a", size="1")
    low, high = intervals.correct(-0.1, 0.1, group="a", size="1")
    assert low <= high


@pytest.mark.parametrize("truth", [float("nan"), float("inf")])
def test_nonsense_teaches_nothing(truth):
    intervals = Intervals()
    intervals.learn(truth, predicted=(0, 1), shown=(0, 1), group="a", size="1")
    assert intervals.to_state() == Intervals().to_state()


def test_the_state_survives_the_night():
    intervals = Intervals()
    play(np.random.default_rng(5).normal(0, 1, 700), ["a", "b"] * 350, intervals, half=0.2)
    again = Intervals.from_state(intervals.to_state())
    assert again.to_state() == intervals.to_state()
    fresh = again.correct(0, 1, group="a", size="1")
    assert fresh == pytest.approx(intervals.correct(0, 1, group="a", size="1"), abs=0.1)


def test_sizes_part_short_from_long():
    assert [size_of(wait) for wait in (0, 4.9, 5, 14, 39, 400)] == ["0", "0", "1", "1", "2", "3"]
