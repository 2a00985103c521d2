"""Rollouts: what they may know, that they are the same for the same state, and that they choose sensibly."""

from dataclasses import replace

import numpy as np
import pytest

from queue_server.forecasting.kernel import line_rule, office_floor, office_lines
from queue_server.forecasting.kernel_policies import Plan, Teacher, banded_lines, by_look_ahead, play_policy
from queue_server.forecasting.kernel_procedures import with_forecasts, with_procedures
from queue_server.forecasting.kernel_reference import play_day_slowly
from queue_server.forecasting.kernel_tuning import Effort
from queue_server.forecasting.lookahead import (
    QUANTILES,
    LookAhead,
    Settings,
    View,
    duration_table,
    learn_habits,
    look_ahead,
)
from queue_server.forecasting.office_days import CounterFacts, Day, OfficeFacts, ServiceFacts
from queue_server.queue.policy import Rule
from tests.forecasting.test_kernel import overtaken
from tests.forecasting.test_kernel_offices import a_day, an_office

CEILINGS = {0: 25.0, 1: 8.0, 2: 8.0}
PLAIN = Rule(name="look-ahead", targets={0: 15.0, 1: 1.5, 2: 1.5}, ceilings=CEILINGS)


def a_sight(office: OfficeFacts, *, rule: Rule = PLAIN, seed: int = 1, **settings: float) -> LookAhead:
    lines = office_lines(office)
    return look_ahead(
        office=office,
        floor=office_floor(office, lines),
        lines=lines,
        base=rule,
        rule=line_rule(rule, lines),
        past=[a_day(office, s) for s in range(20, 26)],
        weight=np.array([4.0 if cls else 1.0 for _, cls, _ in lines.keys]),
        settings=replace(Settings(futures=32, batch=16, seed=seed), **settings),  # type: ignore[arg-type]
        day_seed=1,
    )


def starts(office: OfficeFacts, day: Day, sight: LookAhead) -> tuple[list[float], list[int]]:
    return play_day_slowly(office, day, sight.lines, by_look_ahead(sight))


def one_counter() -> OfficeFacts:
    """One counter, a service of two minutes and one of forty."""
    services = (ServiceFacts(mean_minutes=2.0, cv=0.3), ServiceFacts(mean_minutes=40.0, cv=0.3))
    counter = CounterFacts(skills=(0, 1), speed=1.0, lunch_at=1e6, lunch_minutes=0.0)
    return OfficeFacts(
        services=services, counters=(counter,), classes=("walk_in",), no_show_minutes=1.0, close_at=180.0
    )


def a_view(office: OfficeFacts, services: list[int], due: list[float]) -> View:
    counters = len(office.counters)
    return View(
        key=np.arange(len(due)),
        due=np.array(due),
        ticket_line=np.array(services, dtype=np.int64),
        kind=np.zeros(counters, dtype=np.int64),
        since=np.zeros(counters),
        until=np.zeros(counters),
        line=np.zeros(counters, dtype=np.int64),
        lunched=np.ones(counters, dtype=np.bool_),
        run=np.zeros(counters, dtype=np.int64),
        services=len(office.services),
    )


def test_ten_short_services_go_before_a_long_one() -> None:
    office = one_counter()
    lines = office_lines(office)
    rule = Rule(name="look-ahead")
    sight = look_ahead(
        office=office, floor=office_floor(office, lines), lines=lines, base=rule, rule=line_rule(rule, lines),
        past=[], weight=np.ones(2), settings=Settings(futures=32), day_seed=1,
    )  # fmt: skip
    view = a_view(office, [1] + [0] * 10, [0.0] + [1.0] * 10)
    weighed = sight.weigh(5.0, 0, [1, 0], view)
    assert weighed.lines == (0, 1)
    assert weighed.costs[0] < weighed.costs[1] == 0.0


def test_the_same_state_and_seed_give_the_same_day() -> None:
    office, day = an_office(7), a_day(an_office(7), 5)
    assert starts(office, day, a_sight(office)) == starts(office, day, a_sight(office))


def test_what_has_not_happened_yet_changes_no_choice() -> None:
    office, day = an_office(7), a_day(an_office(7), 5)
    usual, _ = starts(office, day, a_sight(office))
    middle = sorted(usual)[len(usual) // 2]
    other = replace(
        day,
        tickets=tuple(
            t if begun < middle else replace(t, minutes=t.minutes * 3, no_show=False, pause_after=0.0)
            for t, begun in zip(day.tickets, usual, strict=True)
        ),
    )
    changed, _ = starts(office, other, a_sight(office))
    assert [s for s in changed if s <= middle] == [s for s in usual if s <= middle]
    assert changed != usual


def test_the_hard_bound_holds_under_look_ahead() -> None:
    for seed in range(4):
        office = an_office(seed)
        day = a_day(office, seed, tickets=70)
        start, counter = starts(office, day, a_sight(office))
        assert overtaken(office, day, start, counter, PLAIN) == []


def test_caution_without_end_is_the_base_rule() -> None:
    office, day = an_office(7), a_day(an_office(7), 5)
    timid, _ = starts(office, day, a_sight(office, caution=1e12))
    bold, _ = starts(office, day, a_sight(office))
    base = Teacher(office=office, lines=office_lines(office), rule=PLAIN, past=[], plan=Plan(), name="index")
    waits = np.maximum(0.0, np.array(timid) - np.array([t.due_from for t in day.tickets]))
    assert waits.tolist() == base.waits(day, seed=0).tolist()
    assert bold != timid


def test_a_full_hall_gets_fewer_and_shorter_futures() -> None:
    sight = a_sight(an_office(7))
    assert sight.affordable(10, 2) == (32, 240.0)
    assert sight.affordable(5_000, 6) == (8, 60.0)


def test_a_busy_morning_raises_the_level_within_bounds() -> None:
    sight = a_sight(an_office(7))
    assert sight.level(0.0, 0) == pytest.approx(1.0, abs=0.05)
    assert sight.level(60.0, 10_000) == 1.6
    assert sight.level(150.0, 0) < 0.6


def test_thin_lines_take_the_stated_mean_and_spread() -> None:
    table = duration_table([], 12.0, 0.6)
    assert len(table) == QUANTILES
    assert np.all(np.diff(table) >= 0)
    assert table.mean() == pytest.approx(12.0, rel=0.1)
    assert duration_table([3.0] * 5000, 12.0, 0.6).mean() == pytest.approx(3.0, rel=0.02)


def test_habits_are_those_of_the_past_days() -> None:
    office = an_office(7)
    past = [a_day(office, seed) for seed in range(30)]
    habits = learn_habits(past, office, office_lines(office))
    assert habits.no_show == pytest.approx([0.1] * 9, abs=0.04)
    assert habits.pause_share == pytest.approx(0.25, abs=0.04)
    assert habits.pause.max() == 4.0


def test_a_past_without_days_still_answers() -> None:
    office = an_office(7)
    plan = Plan(ceilings=CEILINGS, effort=Effort(rounds=1), settings=Settings(futures=16, batch=16), folds=2)
    outcome = play_policy("look-ahead", office, [a_day(office, 1, tickets=12)], plan)
    assert np.isfinite(outcome.waits).all()


def test_forecasts_cut_services_into_bands_that_differ() -> None:
    office = an_office(7)
    days = with_procedures([a_day(office, seed) for seed in range(12)], office)
    told = with_forecasts(days, days, office)
    errors = [(t.predicted or 0) - t.minutes for day in told for t in day.tickets]
    plain = [office.services[t.service].mean_minutes - t.minutes for day in told for t in day.tickets]
    assert np.abs(errors).mean() < 0.7 * np.abs(plain).mean()
    lines = banded_lines(office, told, 3)
    for service in range(3):
        minutes = [m for key, m in zip(lines.keys, lines.minutes, strict=True) if key[0] == service and key[1] == 0]
        assert minutes == sorted(minutes)
        assert len(minutes) == 3


def test_an_unknown_policy_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="accumulating"):
        play_policy("lottery", an_office(7), [], Plan())
