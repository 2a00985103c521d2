"""Quantile trees find what is there, keep their quantile, and can be written down."""

import subprocess
import sys

import numpy as np
import pytest

from queue_server.forecasting.learned import Forest, Growth, WaitModel, bin_edges, constant, fit, fit_waits, to_bins

SMALL = Growth(trees=60, rate=0.15, depth=4, least_leaf=20)


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, np.ndarray]:
    """A thousand tickets whose wait bends with one column and spreads with another."""
    rng = np.random.default_rng(1)
    rows = rng.random((3000, 5))
    waits = 20 * np.abs(rows[:, 0] - 0.5) + rng.exponential(2 + 8 * rows[:, 1])
    return rows, waits


def test_it_beats_the_plain_median(world):
    rows, waits = world
    forest = fit(rows[:2000], waits[:2000], growth=SMALL)
    plain = np.abs(np.median(waits[:2000]) - waits[2000:]).mean()
    assert np.abs(forest.predict(rows[2000:]) - waits[2000:]).mean() < 0.92 * plain


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_the_asked_share_lies_below(world, quantile):
    rows, waits = world
    forest = fit(rows[:2000], waits[:2000], quantile, growth=SMALL)
    assert np.mean(waits[2000:] <= forest.predict(rows[2000:])) == pytest.approx(quantile, abs=0.06)


def test_the_same_seed_gives_the_same_forest(world):
    rows, waits = world
    first, second = (fit(rows[:600], waits[:600], growth=SMALL) for _ in range(2))
    assert first.to_state() == second.to_state()


def test_a_forest_can_be_written_down(world):
    rows, waits = world
    forest = fit(rows[:600], waits[:600], growth=SMALL)
    again = Forest.from_state(forest.to_state())
    assert np.array_equal(again.predict(rows), forest.predict(rows))
    alone = Forest.from_state(constant(3.0).to_state())
    assert alone.predict(rows[:2]).tolist() == [3.0, 3.0]


def test_few_rows_give_the_plain_quantile():
    forest = fit(np.ones((5, 2)), np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    assert forest.predict(np.zeros((1, 2)))[0] == 3.0


def test_no_rows_give_zero_and_no_table_gives_nothing():
    assert fit(np.zeros((0, 3)), np.zeros(0)).predict(np.zeros((1, 3)))[0] == 0.0
    assert len(constant(1.0).predict(np.zeros((0, 3)))) == 0


def test_missing_figures_are_a_value_like_any_other(world):
    rows, waits = world
    holes = rows.copy()
    holes[::3, 0] = np.nan
    predicted = fit(holes, waits, growth=SMALL).predict(holes)
    assert np.isfinite(predicted).all()


def test_bins_keep_order_and_equal_values_together():
    column = np.array([[1.0], [1.0], [2.0], [5.0], [9.0]])
    binned = to_bins(column, bin_edges(column))[:, 0].astype(int)
    assert binned[0] == binned[1] < binned[2] < binned[3] < binned[4]


def test_a_constant_column_has_no_edges():
    assert len(bin_edges(np.full((50, 1), 7.0))[0]) == 0


def test_the_three_quantiles_never_cross_and_waits_are_never_negative(world):
    rows, waits = world
    model = fit_waits(rows, waits, unit=3.0, growth=SMALL)
    ends = model.from_log(model.predict(rows))
    assert (np.diff(ends, axis=1) >= 0).all()
    assert (ends >= 0).all()
    again = WaitModel.from_state(model.to_state())
    assert np.array_equal(again.predict(rows[:20]), model.predict(rows[:20]))


def test_telling_waits_loads_no_compiler():
    code = (
        "import sys, queue_server.forecasting.learned, queue_server.forecasting.waits, "
        "queue_server.forecasting.announced, queue_server.forecasting.durations; "
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
