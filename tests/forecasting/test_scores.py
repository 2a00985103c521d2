"""Scores by hand, and what they do when there is nothing to score."""

import numpy as np
import pytest

from queue_server.forecasting import scores

NAN = float("nan")


def test_mean_absolute_error_leaves_out_what_is_not_known():
    assert scores.mean_absolute_error([1, 2, NAN, 9], [2, 4, 5, NAN]) == 1.5


def test_bias_is_negative_when_too_little_was_promised():
    assert scores.bias([5, 5], [10, 6]) == -3.0


def test_coverage_counts_the_ends():
    assert scores.coverage([0, 0, 0], [5, 5, 5], [0, 5, 5.1]) == pytest.approx(2 / 3)


def test_coverage_of_the_long_waits_only():
    assert scores.coverage_over(15, [0, 0, 0], [10, 20, 18], [30, 20, 16]) == pytest.approx(2 / 3)


def test_small_services_are_counted_together():
    names = ["a", "a", "b", "c"]
    found = scores.coverage_by(names, [0] * 4, [1] * 4, [0.5, 2, 0.5, 3], least=2)
    assert found == {"a": 0.5, "others": 0.5}


def test_winkler_charges_a_miss_by_its_distance():
    assert scores.winkler([0], [10], [5]) == 10
    assert scores.winkler([0], [10], [13]) == pytest.approx(10 + 10 * 3)
    assert scores.winkler([2], [10], [0]) == pytest.approx(8 + 10 * 2)


def test_crps_of_a_sure_forecast_is_its_error():
    assert scores.continuous_ranked(np.full((1, 20), 4.0), [7.0]) == pytest.approx(3.0)


def test_crps_prefers_the_true_spread():
    truth = np.random.default_rng(1).normal(0, 1, 2000)
    grid = (np.arange(20) + 0.5) / 20
    law = np.array([np.quantile(truth, grid)] * 2000)
    assert scores.continuous_ranked(law, truth) < scores.continuous_ranked(law * 3, truth)
    assert scores.continuous_ranked(law, truth) < scores.continuous_ranked(law * 0.2, truth)


def test_wape_is_a_share_of_all_that_came():
    assert scores.weighted_percentage_error([8, 12], [10, 10]) == pytest.approx(0.2)


def test_nothing_to_score_is_zero_and_never_not_a_number():
    assert scores.mean_absolute_error([], []) == 0
    assert scores.coverage([], [], []) == 0
    assert scores.coverage_over(15, [0], [1], [2]) == 0
    assert scores.winkler([], [], []) == 0
    assert scores.mean_width([], []) == 0
    assert scores.weighted_percentage_error([1], [0]) == 0
    assert scores.continuous_ranked(np.zeros((0, 20)), []) == 0
    assert scores.coverage_by([], [], [], []) == {}
