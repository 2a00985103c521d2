"""The target: how likely it is to be missed, when to say so, and why."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest

from queue_server.forecasting import outlook_office as oo
from queue_server.forecasting.target import (
    Cause,
    Level,
    Reason,
    Risk,
    Scope,
    TargetAtRisk,
    TargetSafe,
    Watch,
    horizon,
    level_after,
    risk_of,
    watched,
)
from queue_server.forecasting.target_cause import Surplus, expected_between, reason_of, surplus
from queue_server.forecasting.target_run import play, share_over
from queue_server.queue import commands as cmd
from queue_server.queue.state import OfficeDay
from tests.forecasting.live import a_morning, an_even_morning, expected, usual
from tests.queue.builders import MONDAY, Day

CLOSING = MONDAY + timedelta(hours=8)


def look(day: Day, share: float = 0.8, plan: oo.Plan | None = None, futures: int = 60) -> tuple[oo.LiveScene, oo.Basis]:
    known = oo.basis(day.state.setup, oo.Learned(), expected(usual(share)), futures=futures)
    return oo.live_scene(day.state, known, plan or oo.Plan(), day.now), known


def risk(day: Day, share: float = 0.8, scope: Scope = Scope.HOUR, plan: oo.Plan | None = None) -> Risk:
    live, _ = look(day, share, plan)
    ends = CLOSING if scope is Scope.DAY else None
    return risk_of(live, play(live.scene, horizon(live, ends)), scope)


def a_risk(probability: float, scope: Scope = Scope.HOUR) -> Risk:
    return Risk(
        scope=scope, probability=probability, mean=900.0, low=600.0, high=1200.0, people=30.0, service="dat_dai",
        target=900.0,
    )  # fmt: skip


def told(probabilities: Sequence[float]) -> list[str]:
    """What is said, look by look."""
    watch, said = Watch(), []
    for probability in probabilities:
        watch, event = watched(watch, a_risk(probability), Reason(cause=Cause.COUNTER, counter="3"))
        said.append(event.level.value if isinstance(event, TargetAtRisk) else "safe" if event else "-")
    return said


def test_the_warning_rises_at_30_and_60_percent_and_falls_10_points_below() -> None:
    assert told([0.29, 0.30, 0.21, 0.29, 0.60, 0.55, 0.51, 0.49, 0.25, 0.19, 0.25]) == [
        "-", "amber", "-", "-", "red", "-", "-", "amber", "-", "safe", "-",
    ]  # fmt: skip


def test_a_probability_that_flutters_about_the_threshold_warns_once() -> None:
    assert told([0.29, 0.31] * 10).count("amber") == 1


@pytest.mark.parametrize("before", list(Level))
def test_no_level_is_ever_left_by_less_than_ten_points(before: Level) -> None:
    for probability in np.linspace(0, 1, 101):
        after = level_after(before, float(probability))
        assert level_after(after, float(probability)) is after


def test_scopes_are_watched_apart() -> None:
    watch, event = watched(Watch(), a_risk(0.7, Scope.DAY), None)
    assert isinstance(event, TargetAtRisk)
    assert event.cause is Cause.LOAD
    assert (watch.level(Scope.DAY), watch.level(Scope.HOUR)) == (Level.RED, Level.SAFE)


def test_the_warning_carries_its_cause_and_ends_with_its_own_event() -> None:
    watch, event = watched(Watch(), a_risk(0.4), Reason(cause=Cause.COUNTER, counter="3", facts={"counters": 1.0}))
    assert isinstance(event, TargetAtRisk)
    assert (event.cause, event.counter, event.service, event.facts) == (
        Cause.COUNTER,
        "3",
        "dat_dai",
        {"counters": 1.0},
    )
    _, event = watched(watch, a_risk(0.1), None)
    assert event == TargetSafe(scope=Scope.HOUR, probability=0.1, mean=900.0, target=900.0)


def test_a_quiet_office_is_safe_and_a_crowded_one_is_not() -> None:
    quiet, crowded = a_morning(rate=usual(0.4)), a_morning("134", rate=usual(0.9))
    assert risk(quiet, 0.4).probability < 0.05
    found = risk(crowded, 0.9)
    assert found.probability > 0.6
    assert found.low < found.mean < found.high
    assert found.service is not None


def test_the_warning_comes_while_the_waits_of_the_past_are_still_fine() -> None:
    day = a_morning("12345", rate=usual(0.7), minutes=45)
    past = day.state.wait_sum / day.state.waits
    for counter in "24":
        if day.state.counters[counter].ticket:
            day.do(cmd.Finish(counter=counter))
        day.do(cmd.CloseCounter(counter=counter))
    assert past < 300.0
    assert risk(day, 0.9).probability > 0.6


def test_the_day_remembers_the_waits_it_has_seen() -> None:
    day = a_morning(rate=usual(0.4))
    before = risk(day, 0.4, Scope.DAY)
    day.state.wait_sum += 1200.0 * 500
    day.state.waits += 500
    after = risk(day, 0.4, Scope.DAY)
    assert before.probability < 0.05
    assert after.probability > 0.95


def test_the_same_office_gives_the_same_answer() -> None:
    day = a_morning()
    assert risk(day) == risk(day)


def test_arrivals_over_the_forecast_are_named() -> None:
    day = a_morning(rate=usual(1.3), minutes=90)
    live, known = look(day, 0.6)
    played = play(live.scene, horizon(live))
    past = surplus(day.state, known, expected(usual(0.6)), day.now)
    found = reason_of(live, played, Scope.HOUR, past, None)
    assert found.cause is Cause.ARRIVALS
    assert found.facts["people"] > 5
    assert found.effect > 0


def test_a_paused_counter_is_named() -> None:
    day = a_morning(rate=usual(0.8), minutes=60)
    day.do(cmd.PauseCounter(counter="5", reason="họp"))
    live, _ = look(day, 0.8, oo.Plan(returns={"5": day.now + timedelta(hours=2)}))
    found = reason_of(live, play(live.scene, horizon(live)), Scope.HOUR, Surplus(), "dat_dai")
    assert (found.cause, found.counter) == (Cause.COUNTER, "5")


def test_a_counter_that_should_have_opened_is_named() -> None:
    day = a_morning("1234", rate=usual(0.85), minutes=60)
    live, _ = look(day, 0.85, oo.Plan(opens={"5": MONDAY}))
    found = reason_of(live, play(live.scene, horizon(live)), Scope.HOUR, Surplus(), "dat_dai")
    assert (found.cause, found.counter) == (Cause.COUNTER, "5")


def test_a_service_that_never_ends_is_named_with_its_counter() -> None:
    day = a_morning("45", rate={"dat_dai": 1.2}, minutes=60)
    stuck = next(c for c in day.state.counters.values() if c.ticket)
    day.later(minutes=120)
    for counter in day.state.counters.values():
        if counter.ticket and counter.id != stuck.id:
            day.do(cmd.CallNext(counter=counter.id, finish_current=True))
    known = oo.basis(day.state.setup, oo.Learned(), expected({"dat_dai": 1.2}), futures=60)
    live = oo.live_scene(day.state, known, oo.Plan(), day.now)
    found = reason_of(live, play(live.scene, horizon(live)), Scope.HOUR, Surplus(), "dat_dai")
    assert (found.cause, found.counter, found.service) == (Cause.LONG_SERVICES, stuck.id, "dat_dai")


def test_one_service_short_of_skills_is_named() -> None:
    crowd = usual(0.4) | {"dat_dai": 2.0}  # one counter ends 0.75 of them in a quarter-hour; the others are at rest
    day = an_even_morning("1235", rate=crowd, minutes=75)
    known = oo.basis(day.state.setup, oo.Learned(), expected(crowd), futures=60)
    live = oo.live_scene(day.state, known, oo.Plan(), day.now)
    played = play(live.scene, horizon(live))
    found = reason_of(live, played, Scope.HOUR, Surplus(), risk_of(live, played, Scope.HOUR).service)
    assert (found.cause, found.service, found.facts) == (Cause.SKILLS, "dat_dai", {"counters": 1.0})


def test_nobody_at_work_is_named_first_of_all() -> None:
    day = Day(a_morning("").state.setup)
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)))
    live, _ = look(day)
    assert reason_of(live, play(live.scene, horizon(live)), Scope.DAY, Surplus(), None).cause is Cause.NO_COUNTER


def test_the_surplus_counts_people_and_work_of_the_last_two_hours() -> None:
    day = Day(a_morning("").state.setup)
    day.do(cmd.OpenCounter(counter="1", officer="o1"))
    day.later(minutes=10)
    for _ in range(5):
        day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)))
    day.do(cmd.CallNext(counter="1"))
    day.later(minutes=20).do(cmd.Finish(counter="1"))
    _, known = look(day)
    past = surplus(day.state, known, expected({"ho_tich": 2.0}), day.now)
    assert past.people["ho_tich"] == pytest.approx(5 - 2.0 * 2)
    assert past.work["ho_tich"] == pytest.approx(20 * 60 - known.habits.minutes[0].mean())


def test_quarter_hours_are_counted_by_the_part_that_lies_in_the_span() -> None:
    arrivals = expected({"ho_tich": 4.0}, quarters=3)
    begin = MONDAY + timedelta(minutes=10)
    assert expected_between(arrivals, "ho_tich", begin, begin + timedelta(minutes=10)) == pytest.approx(8 / 3)
    assert expected_between(arrivals, "ho_tich", begin, begin + timedelta(hours=5)) == pytest.approx(4 * 35 / 15)


def test_an_office_without_people_is_at_no_risk() -> None:
    day = Day(a_morning("").state.setup)
    known = oo.basis(day.state.setup, oo.Learned(), oo.Expected(begins=MONDAY), futures=20)
    live = oo.live_scene(day.state, known, oo.Plan(), day.now)
    for scope in Scope:
        found = risk_of(live, play(live.scene, horizon(live)), scope)
        assert (found.probability, found.mean, found.people, found.service) == (0.0, 0.0, 0.0, None)


def test_all_counters_closed_is_a_risk_and_never_nan() -> None:
    day = Day(a_morning("").state.setup)
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)))
    found = risk(day, scope=Scope.DAY)
    assert found.probability == 1.0
    assert np.isfinite([found.mean, found.low, found.high]).all()


def test_a_clock_that_jumps_gives_finite_answers() -> None:
    day = a_morning()
    for hours in (-30.0, -1.0, 1.0, 30.0):
        known = oo.basis(day.state.setup, oo.Learned(), expected(usual()), futures=10)
        live = oo.live_scene(day.state, known, oo.Plan(), day.now + timedelta(hours=hours))
        for scope in Scope:
            found = risk_of(live, play(live.scene, horizon(live, CLOSING)), scope)
            assert np.isfinite([found.probability, found.mean, found.low, found.high]).all()


def test_a_day_that_is_not_open_yet_is_no_accident() -> None:
    day = a_morning()
    known = oo.basis(day.state.setup, oo.Learned(), expected(usual()), futures=5)
    assert not known.fits(OfficeDay())
    assert known.fits(day.state)


@pytest.mark.parametrize(("values", "share"), [([], 0.0), ([900.0] * 5, 0.0), ([901.0] * 5, 1.0)])
def test_the_share_over_a_limit_of_a_thin_sample(values: list[float], share: float) -> None:
    assert share_over(np.array(values), 900.0) == share


def test_the_share_over_a_limit_is_smooth() -> None:
    values = np.random.default_rng(1).normal(900.0, 100.0, 200)
    assert share_over(values, 900.0) == pytest.approx(0.5, abs=0.06)
    assert share_over(values, 950.0) < share_over(values, 949.0) < share_over(values, 900.0)
