"""Arrivals: a shape, a level, special days, and a day that goes differently."""

from datetime import date, timedelta

import numpy as np
import pytest

from queue_server.forecasting import features_arrivals as learned
from queue_server.forecasting.arrivals import (
    HIGHEST,
    QUARTERS,
    Calendar,
    DayCount,
    day_ahead,
    last_week,
    through_the_day,
)

MONDAY = date(2026, 3, 2)
HUMPS = np.array([max(0.0, 8 - abs(q - 36) / 2) + max(0.0, 6 - abs(q - 58) / 2) for q in range(QUARTERS)])


def weeks(count: int, seed: int = 1, *, level: float = 1.0, noisy: bool = True) -> list[DayCount]:
    """Working days; Mondays come half as many again."""
    rng = np.random.default_rng(seed)
    days = []
    for offset in range(7 * count):
        day = MONDAY + timedelta(days=offset)
        if day.weekday() < 5:
            mean = HUMPS * level * (1.5 if day.weekday() == 0 else 1.0)
            days.append(DayCount(day=day, counts=rng.poisson(mean).astype(float) if noisy else mean))
    return days


def wape(predicted, actual) -> float:
    return float(np.abs(predicted - actual).sum() / actual.sum())


def test_it_beats_the_same_weekday_last_week():
    history, truth = weeks(6), weeks(7)[30:]
    ours = sum(wape(day_ahead(history, one.day).mean, one.counts) for one in truth)
    naive = sum(wape(last_week(history, one.day), one.counts) for one in truth)
    assert ours < 0.85 * naive


def test_mondays_are_told_from_other_days():
    history = weeks(6)
    monday, tuesday = (day_ahead(history, MONDAY + timedelta(days=42 + k)).mean.sum() for k in (0, 1))
    assert 1.3 < monday / tuesday < 1.6


def test_the_interval_covers_four_quarter_hours_of_five():
    history = weeks(8)
    inside = []
    for at in range(20, len(history)):
        told, truth = day_ahead(history[:at], history[at].day), history[at].counts
        busy = told.mean > 1
        inside += list(((truth >= told.low) & (truth <= told.high))[busy])
    assert 0.78 <= np.mean(inside) <= 0.93


def test_a_saturday_of_its_own_shape_is_believed():
    evening = np.roll(HUMPS, 30)
    history = weeks(6, noisy=False)
    saturdays = [DayCount(day=MONDAY + timedelta(days=5 + 7 * k), counts=evening) for k in range(6)]
    told = day_ahead(history + saturdays, MONDAY + timedelta(days=47)).mean
    assert wape(told, evening * told.sum() / evening.sum()) < 0.25


def test_a_holiday_in_the_past_does_not_pull_the_level_down():
    history = weeks(6, noisy=False)
    broken = [one if at != 28 else DayCount(day=one.day, counts=one.counts * 0.01) for at, one in enumerate(history)]
    day = MONDAY + timedelta(days=43)
    assert day_ahead(broken, day).mean.sum() == pytest.approx(day_ahead(history, day).mean.sum(), rel=0.12)


def test_a_closed_day_has_nobody_and_the_day_after_is_known_to_be_busy():
    history = weeks(8, noisy=False)
    closed = frozenset({MONDAY + timedelta(days=9), MONDAY + timedelta(days=23), MONDAY + timedelta(days=58)})
    calendar = Calendar(closed=closed)
    seen = [
        DayCount(day=one.day, counts=one.counts * (1.6 if calendar.kind(one.day) == "after holiday" else 1.0))
        for one in history
        if one.day not in closed
    ]
    assert day_ahead(seen, MONDAY + timedelta(days=58), calendar).mean.sum() == 0
    after = day_ahead(seen, MONDAY + timedelta(days=59), calendar).mean.sum()
    plain = day_ahead(seen, MONDAY + timedelta(days=59), Calendar()).mean.sum()
    assert after > 1.1 * plain


def test_a_monday_after_a_closed_friday_is_the_day_after_the_holiday():
    calendar = Calendar(closed=frozenset({date(2026, 5, 1)}))
    assert calendar.kind(date(2026, 5, 4)) == "after holiday"
    assert calendar.kind(date(2026, 5, 5)) == "usual"


def test_a_busy_morning_raises_the_rest_of_the_day():
    morning = day_ahead(weeks(6), MONDAY + timedelta(days=43))
    double = np.round(morning.mean * 2)
    noon = through_the_day(morning, double, 48)
    assert noon.mean[48:].sum() > 1.4 * morning.mean[48:].sum()
    assert np.array_equal(noon.mean[:48], double[:48])
    assert noon.hour_from(50) > morning.hour_from(50)


def test_nothing_in_the_first_quarter_hour_changes_little():
    morning = day_ahead(weeks(6), MONDAY + timedelta(days=43))
    assert through_the_day(morning, np.zeros(QUARTERS), 22).mean.sum() > 0.9 * morning.mean.sum()


def test_a_crowd_does_not_explode_the_forecast():
    morning = day_ahead(weeks(6), MONDAY + timedelta(days=43))
    crowd = np.full(QUARTERS, 10_000.0)
    assert through_the_day(morning, crowd, 40).mean[40:].sum() <= HIGHEST * morning.mean[40:].sum() + 1e-6


def test_an_empty_history_says_nothing_with_a_wide_end():
    told = day_ahead([], MONDAY)
    assert told.mean.sum() == 0
    assert told.high.min() > 0


def test_one_day_of_history_is_repeated():
    only = [DayCount(day=MONDAY, counts=HUMPS)]
    assert day_ahead(only, MONDAY + timedelta(days=1)).mean.sum() == pytest.approx(HUMPS.sum(), rel=0.01)
    assert np.array_equal(last_week(only, MONDAY + timedelta(days=1)), HUMPS)


@pytest.mark.parametrize("counts", [np.zeros(QUARTERS), np.full(QUARTERS, np.nan), np.zeros(3), -np.ones(QUARTERS)])
def test_strange_counts_give_finite_forecasts(counts):
    history = [DayCount(day=MONDAY + timedelta(days=k), counts=counts) for k in range(5)]
    told = day_ahead(history, MONDAY + timedelta(days=7))
    now = through_the_day(told, counts, 40)
    assert all(np.isfinite(values).all() for values in (told.mean, told.high, now.mean, now.low, now.high))


def test_tomorrow_s_figures_are_never_used_today():
    history = weeks(4)
    assert np.array_equal(day_ahead(history, history[12].day).mean, day_ahead(history[:12], history[12].day).mean)


def test_the_correction_learns_a_habit_of_the_office():
    """On days with a late morning, the afternoon makes up for it; the plain update believes the opposite."""
    rng = np.random.default_rng(5)
    days = []
    for one in weeks(14, noisy=False):
        late = rng.random() < 0.5
        shape = HUMPS * np.where(np.arange(QUARTERS) < 46, 0.4 if late else 1.4, 1.7 if late else 0.6)
        days.append(DayCount(day=one.day, counts=rng.poisson(shape * 3).astype(float)))
    calendar = Calendar()
    correction = learned.learn([days[:-10]], calendar)
    assert correction is not None
    assert max(correction.shares) > 0
    errors = {True: 0.0, False: 0.0}
    for at in range(len(days) - 10, len(days)):
        known = learned.evening(days[:at], days[at], calendar)
        for quarter in range(44, 60):
            truth = days[at].counts[quarter : quarter + 4].sum()
            for use in (True, False):
                told = learned.next_hour(known, days[at], quarter, correction if use else None)
                errors[use] += abs(told - truth)
    assert errors[True] < 0.8 * errors[False]


def test_there_is_no_correction_without_ten_days():
    assert learned.learn([weeks(1)], Calendar()) is None
    assert learned.open_quarters([]) == (0, 0)


def test_a_service_that_foretells_the_next_hour_is_heard():
    """People of service "b" bring others along an hour later; in all, nothing shows it."""
    rng = np.random.default_rng(6)
    days = []
    for one in weeks(14, noisy=False):
        b = np.where(one.counts > 0, rng.choice([0.0, 8.0], QUARTERS // 4).repeat(4), 0.0)
        counts = one.counts * 2 + np.roll(b, 4) * 3
        days.append(DayCount(day=one.day, counts=counts, signals={"b": b}))
    errors = {}
    for name, line in (("b", days), ("none", [DayCount(day=one.day, counts=one.counts) for one in days])):
        correction = learned.learn([line[:-10]], Calendar())
        errors[name] = sum(
            abs(
                learned.next_hour(learned.evening(line[:at], line[at], Calendar()), line[at], quarter, correction)
                - line[at].counts[quarter : quarter + 4].sum()
            )
            for at in range(len(line) - 10, len(line))
            for quarter in range(30, 64)
        )
    assert errors["b"] < 0.8 * errors["none"]


def test_what_comes_after_the_moment_changes_nothing():
    days = weeks(8)
    correction = learned.learn([days[:-1]], Calendar())
    later = DayCount(day=days[-1].day, counts=np.where(np.arange(QUARTERS) < 40, days[-1].counts, 99.0))
    told = [
        learned.next_hour(learned.evening(days[:-1], today, Calendar()), today, 40, correction)
        for today in (days[-1], later)
    ]
    assert told[0] == told[1]
