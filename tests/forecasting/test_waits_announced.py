"""The public band: rounded outward to five minutes, calm, and never "0-0"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.forecasting.announced import Announced, Band, announce, band
from queue_server.forecasting.waits import Estimate, Predictor

MINUTES = st.floats(min_value=0, max_value=600)


def left(low: float, likely: float, high: float) -> Estimate:
    return Estimate(low=low, likely=likely, high=high, by=Predictor.SIMULATION)


def test_it_is_rounded_outward_to_five():
    assert band(announce(None, left(12, 17, 21), 0), 0, idle=False) == Band(low=10, high=25)
    assert band(announce(None, left(10, 12, 15), 0), 0, idle=False) == Band(low=10, high=15)


def test_it_is_never_nought_to_nought():
    assert band(announce(None, left(0, 0, 0), 0), 0, idle=False) == Band(low=0, high=5)


def test_now_is_said_only_while_a_counter_is_idle():
    announced = announce(None, left(12, 17, 21), 0)
    assert band(announced, 0, idle=True).now
    assert not band(announce(None, left(0, 0, 0), 0), 0, idle=False).now


def test_a_new_interval_that_holds_the_old_likeliest_moment_changes_nothing():
    first = announce(None, left(10, 20, 30), 0)
    assert announce(first, left(14, 17, 22), 2) is first


def test_a_new_interval_that_excludes_it_is_announced():
    first = announce(None, left(10, 20, 30), 0)
    second = announce(first, left(25, 30, 45), 2)
    assert second == Announced(low_at=27, likely_at=32, high_at=47)


def test_the_band_counts_down_with_the_clock():
    announced = announce(None, left(12, 17, 21), 100)
    assert band(announced, 110, idle=False) == Band(low=0, high=15)


def test_a_band_that_has_run_out_is_renewed():
    first = announce(None, left(0, 3, 5), 0)
    second = announce(first, left(0, 4, 8), 6)
    assert second.high_at == 14


@given(low=MINUTES, likely=MINUTES, high=MINUTES, now=st.floats(0, 1000), later=st.floats(0, 600))
def test_every_band_is_sane(low, likely, high, now, later):
    low, likely, high = sorted((low, likely, high))
    shown = band(announce(None, left(low, likely, high), now), now + later, idle=False)
    assert shown.low % 5 == shown.high % 5 == 0
    assert 0 <= shown.low < shown.high
    assert shown.low <= max(low - later, 0) + 1e-6
    assert shown.high >= min(high, 480) - later - 1e-6


@given(steps=st.lists(st.floats(min_value=8, max_value=22), min_size=1, max_size=60))
def test_a_steady_wait_is_announced_once(steps):
    announced = announce(None, left(5, 15, 25), 0)
    first = announced
    for wobble in steps:
        announced = announce(announced, left(wobble - 8, wobble, wobble + 8), 0)
    assert announced is first


@pytest.mark.parametrize("now", [float("nan"), float("inf"), -1e9])
def test_a_clock_that_jumps_shows_something_bounded(now):
    shown = band(announce(None, left(5, 10, 15), 0), now, idle=False)
    assert 0 <= shown.low < shown.high <= 485
