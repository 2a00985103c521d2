"""The plan: reproducible, within the target, cheaper than everybody all day; and Erlang's own figures."""

import numpy as np
import pytest

from queue_server.forecasting import erlang
from queue_server.forecasting.office_days import CounterFacts, Day, DayTicket, OfficeFacts, ServiceFacts
from queue_server.forecasting.staffing import Shift, Target, as_day, mean_waits, plan, resampled
from queue_server.queue.policy import Rule

RULE = Rule(name="fcfs", targets={0: 1.0})


def an_office(counters: int = 3, services: int = 2) -> OfficeFacts:
    every = tuple(range(services))
    return OfficeFacts(
        services=tuple(ServiceFacts(mean_minutes=8.0, cv=0.5) for _ in every),
        counters=tuple(
            CounterFacts(skills=every, speed=1.0, lunch_at=120.0 + 30.0 * k, lunch_minutes=30.0)
            for k in range(counters)
        ),
        classes=("walk_in",),
        no_show_minutes=1.5,
        close_at=300.0,
    )


def a_day(per_quarter: float, seed: int = 1) -> Day:
    expected = [[per_quarter] * 18, [per_quarter / 2] * 18]
    return as_day(an_office(), expected, seed=seed)


@pytest.fixture(scope="module")
def quiet_plan():
    office = an_office()
    return office, plan(office, resampled(a_day(1.2), office, copies=10, seed=3), RULE)


def test_the_target_is_kept_with_less_than_everybody(quiet_plan):
    _, made = quiet_plan
    assert made.reached
    assert made.helpers == 0
    assert made.share_of_days >= 0.9
    assert made.mean_wait <= 15
    assert made.counter_hours < 3 * 4.5


def test_the_same_seed_gives_the_same_plan(quiet_plan):
    office, made = quiet_plan
    assert plan(office, resampled(a_day(1.2), office, copies=10, seed=3), RULE) == made


def test_the_counters_by_half_hour_are_those_of_the_shifts(quiet_plan):
    _, made = quiet_plan
    for half, needed in enumerate(made.needed):
        begin = 30.0 * half
        assert needed == len({one.counter for one in made.shifts if one.begin < begin + 30 and one.end > begin})
        assert bool(needed) == bool(made.skills[half])


def test_nobody_works_during_their_own_break(quiet_plan):
    _, made = quiet_plan
    for counter, begin, end in made.breaks:
        assert not [one for one in made.shifts if one.counter == counter and one.begin < end and one.end > begin]


def test_too_many_people_ask_for_helpers_and_say_so():
    office = an_office(counters=1)
    made = plan(office, [a_day(3.0, seed) for seed in range(4)], RULE, target=Target(minutes=15.0, days=0.75))
    assert made.helpers > 0 or not made.reached


def test_a_skill_that_nobody_has_cannot_be_staffed_around():
    office = an_office()
    blind = tuple(CounterFacts(skills=(0,), speed=1.0, lunch_at=400.0, lunch_minutes=0.0) for _ in range(3))
    without = OfficeFacts(
        services=office.services, counters=blind, classes=office.classes, no_show_minutes=1.5, close_at=300.0
    )
    shifts = [Shift(counter=k, begin=0.0, end=300.0) for k in range(3)]
    assert mean_waits(without, [a_day(1.0)], RULE, shifts)[0] > 60


def test_a_later_opening_makes_people_wait():
    office = an_office()
    early, late = (
        mean_waits(office, [a_day(1.0)], RULE, [Shift(counter=k, begin=begin, end=300.0) for k in range(3)])[0]
        for begin in (0.0, 90.0)
    )
    assert late > early + 5


def test_no_tickets_need_nobody():
    made = plan(an_office(), [], RULE)
    assert made.shifts == ()
    assert set(made.needed) == {0}
    assert made.reached


def test_a_day_of_one_ticket_needs_one_counter_at_most_at_a_time():
    ticket = DayTicket(arrive=60.0, due_from=60.0, service=0, cls=0, minutes=5.0, no_show=False, pause_after=0.0)
    made = plan(an_office(), [Day(weekday=0, tickets=(ticket,))], RULE)
    assert made.reached
    assert max(made.needed) == 1
    assert made.counter_hours <= 1.0


def test_resampling_keeps_arrivals_and_the_mean_of_the_minutes():
    office, day = an_office(), a_day(4.0)
    copies = resampled(day, office, copies=40, seed=1)
    assert [t.arrive for t in copies[0].tickets] == [t.arrive for t in day.tickets]
    assert np.mean([t.minutes for one in copies for t in one.tickets]) == pytest.approx(8.0, rel=0.05)
    assert copies == resampled(day, office, copies=40, seed=1)


def test_erlang_c_agrees_with_the_single_server_and_with_tables():
    assert erlang.waiting_chance(1, 0.8) == pytest.approx(0.8)
    assert erlang.mean_wait(1, 0.08, 10.0) == pytest.approx(40.0)
    assert erlang.waiting_chance(2, 1.0) == pytest.approx(1 / 3)
    assert erlang.waiting_chance(10, 8.0) == pytest.approx(0.4092, abs=1e-3)


def test_erlang_c_of_an_overloaded_pool_never_ends():
    assert erlang.mean_wait(2, 1.0, 10.0) == float("inf")
    assert erlang.waiting_chance(2, 5.0) == 1.0


def test_the_counters_needed_are_the_fewest_that_do():
    needed = erlang.counters_needed(0.5, 10.0, 15.0)
    assert erlang.mean_wait(needed, 0.5, 10.0) <= 15.0 < erlang.mean_wait(needed - 1, 0.5, 10.0)
    assert erlang.counters_needed(0.0, 10.0, 15.0) == 0
    assert erlang.mean_wait(3, 0.0, 10.0) == 0.0
