"""The compiled floor against its plain reference, and what holds under every rule."""

import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_server.forecasting.kernel import day_fates, line_rule, office_floor, office_lines, play_day
from queue_server.forecasting.kernel_reference import by_rule, play_day_slowly
from queue_server.forecasting.kernel_tuning import Effort, Goal, gather, search, tuned_rule, waits_under, worst_service
from queue_server.forecasting.office_days import Day, OfficeFacts
from queue_server.queue.policy import Rule
from tests.forecasting.test_kernel_offices import a_day, an_office

unhurried = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

rules = st.builds(
    Rule,
    name=st.just("any"),
    head_start=st.sampled_from((0.0, 0.5, 2.0)),
    queue_power=st.sampled_from((0.0, 0.5, 1.7)),
    time_power=st.sampled_from((-0.6, 0.0, 0.5, 1.0)),
    ratio=st.sampled_from((0, 0, 1, 2)),
    targets=st.sampled_from(({}, {0: 15.0, 1: 1.5, 2: 1.5})),
    ceilings=st.sampled_from(({}, {0: 20.0, 1: 6.0, 2: 6.0}, {0: 5.0, 1: 5.0, 2: 30.0})),
    prices=st.sampled_from(({}, {0: 2.0, 1: 0.3})),
)


@pytest.fixture
def office() -> OfficeFacts:
    return an_office(7)


def overtaken(office: OfficeFacts, day: Day, start: list[float], counter: list[int], rule: Rule) -> list[str]:
    """Every call that passed somebody past their ceiling who fitted the counter, against the hard bound."""
    faults = []
    for b, called in enumerate(day.tickets):
        skills = office.counters[counter[b]].skills
        excess = start[b] - called.due_from - rule.ceiling(called.cls)
        for a, left in enumerate(day.tickets):
            if left.arrive > start[b] or start[a] <= start[b] or left.service not in skills:
                continue
            other = start[b] - left.due_from - rule.ceiling(left.cls)
            if other > max(0.0, excess):
                faults.append(f"ticket {b} was called at {start[b]:.2f} before ticket {a}")
    return faults


@unhurried
@given(rule=rules, seed=st.integers(0, 10_000), by_arrival=st.booleans())
def test_compiled_and_plain_floor_agree_event_by_event(rule: Rule, seed: int, by_arrival: bool) -> None:
    office = an_office(seed % 7)
    day = a_day(office, seed)
    lines = office_lines(office)
    fates = day_fates(day, office, lines, by_arrival=by_arrival)
    start, counter = play_day(office_floor(office, lines), line_rule(rule, lines), fates, lines.services)
    plain = play_day_slowly(office, day, lines, by_rule(rule), ratio=rule.ratio, by_arrival=by_arrival)
    assert (start.tolist(), counter.tolist()) == plain


@unhurried
@given(rule=rules, seed=st.integers(0, 10_000))
def test_past_its_ceiling_a_ticket_is_overtaken_by_nobody_within_theirs(rule: Rule, seed: int) -> None:
    office = an_office(seed % 7)
    day = a_day(office, seed)
    start, counter = play_day_slowly(office, day, office_lines(office), by_rule(rule), ratio=rule.ratio)
    assert overtaken(office, day, start, counter, rule) == []


def test_the_check_of_the_hard_bound_sees_a_breach(office: OfficeFacts) -> None:
    strict = Rule(name="tight", ceilings={0: 5.0, 1: 5.0, 2: 5.0})
    loose = Rule(name="longest", head_start=1.0, queue_power=1.0, time_power=1.0, targets=dict.fromkeys(range(3), 1e9))
    day = a_day(office, 3, tickets=120)
    start, counter = play_day_slowly(office, day, office_lines(office), by_rule(loose))
    assert overtaken(office, day, start, counter, strict)


@unhurried
@given(rule=rules, seed=st.integers(0, 10_000))
def test_everybody_is_served_once_in_order_of_their_line(rule: Rule, seed: int) -> None:
    office = an_office(seed % 7)
    day = a_day(office, seed)
    start, counter = play_day_slowly(office, day, office_lines(office), by_rule(rule), ratio=rule.ratio)
    lines = defaultdict(list)
    for number, ticket in enumerate(day.tickets):
        assert ticket.arrive <= start[number] < np.inf
        assert ticket.service in office.counters[counter[number]].skills
        lines[ticket.service, ticket.cls].append((ticket.due_from, start[number], ticket.arrive))
    for line in lines.values():
        for (due, called, _), (later_due, later_called, later_arrive) in itertools.combinations(sorted(line), 2):
            assert called <= later_called or later_called < max(due, later_arrive) or due == later_due


def test_days_played_together_are_the_days_played_alone(office: OfficeFacts) -> None:
    lines, rule = office_lines(office), Rule(name="index", head_start=0.5, queue_power=0.5, time_power=0.5)
    days = [a_day(office, seed) for seed in range(4)]
    together = waits_under(gather(office, lines, days, {}), rule)
    alone = np.concatenate([waits_under(gather(office, lines, [day], {}), rule) for day in days])
    assert together.tolist() == alone.tolist()


def test_the_least_flexible_idle_counter_takes_an_arrival(office: OfficeFacts) -> None:
    lines = office_lines(office)
    day = a_day(office, 2, tickets=1)
    _, counter = play_day(
        office_floor(office, lines), line_rule(Rule(name="fcfs"), lines), day_fates(day, office, lines), lines.services
    )
    fitting = [c for c in office.counters if day.tickets[0].service in c.skills]
    assert len(office.counters[counter[0]].skills) == min(len(c.skills) for c in fitting)


def test_a_tuned_rule_beats_plain_order_on_its_own_past(office: OfficeFacts) -> None:
    past = gather(office, office_lines(office), [a_day(office, seed) for seed in range(6)], {0: 60.0, 1: 20.0, 2: 20.0})
    rule = tuned_rule(past, office, past.ceilings, goal=Goal(favoured=9.0), effort=Effort(rounds=12), name="index")
    fcfs = waits_under(past, Rule(name="fcfs"), by_arrival=True)
    assert waits_under(past, rule).mean() < fcfs.mean()
    assert rule.ceilings == past.ceilings
    again = tuned_rule(past, office, past.ceilings, goal=Goal(favoured=9.0), effort=Effort(rounds=12), name="index")
    assert rule == again


def test_without_a_past_the_middle_of_the_search_space_is_taken(office: OfficeFacts) -> None:
    rule = tuned_rule(None, office, {0: 60.0}, goal=Goal(), effort=Effort(), name="index")
    assert rule.prices == dict.fromkeys(range(3), 1.0)
    assert rule.time_power == pytest.approx(0.25)


def test_the_search_finds_the_bottom_of_a_bowl() -> None:
    wanted = np.array([1.0, -2.0, 0.5])
    found = search(lambda x: float(((x - wanted) ** 2).sum()), 3, Effort(rounds=60))
    assert found == pytest.approx(wanted, abs=0.05)


def test_the_worst_service_is_the_one_that_waits_longest() -> None:
    assert worst_service(np.array([1.0, 3.0, 10.0, 0.0]), np.array([0, 0, 2, 2])) == 5.0
