"""Look-ahead's price of a service that waits longer than it may: from the base rule's past, then from its own days."""

from dataclasses import replace

import numpy as np
import pytest

from queue_server.forecasting.kernel import office_lines
from queue_server.forecasting.kernel_policies import DEAREST, Fairness, Plan, play_policy
from queue_server.forecasting.kernel_tuning import Effort, gather, waits_under, worst_service
from queue_server.forecasting.lookahead import Settings
from queue_server.queue.policy import Rule
from tests.forecasting.test_kernel_offices import a_day, an_office

QUICK = Plan(
    ceilings={0: 60.0, 1: 20.0, 2: 20.0}, effort=Effort(rounds=2, brood=4), settings=Settings(futures=16), folds=2
)


def a_ledger(limit: float) -> Fairness:
    return Fairness(limit=limit, people=np.array([100.0, 100.0, 0.0]), waited=np.array([1000.0, 3000.0, 0.0]))


def test_only_a_service_past_its_limit_costs_more_and_never_without_end() -> None:
    assert a_ledger(30.0).prices().tolist() == [1.0, 1.0, 1.0]
    assert a_ledger(25.0).prices().tolist() == pytest.approx([1.0, (30.0 / 25.0) ** 4, 1.0])
    assert a_ledger(5.0).prices().tolist() == [DEAREST, DEAREST, 1.0]


def test_days_that_it_has_called_move_the_price() -> None:
    ledger = a_ledger(25.0)
    before = ledger.prices()[1]
    ledger.note(np.array([1] * 50, dtype=np.int64), np.zeros(50))
    assert 1.0 == ledger.prices()[1] < before
    ledger.note(np.array([2], dtype=np.int64), np.array([26.0]))
    assert ledger.prices()[2] > 1.0


def test_it_begins_with_what_past_days_would_have_waited() -> None:
    office = an_office(7)
    days = [a_day(office, seed) for seed in range(3)]
    lines, rule = office_lines(office), Rule(name="index", time_power=1.0)
    played = gather(office, lines, days, {})
    ledger = Fairness.of(office, days, played, rule, QUICK)
    plain = waits_under(gather(office, lines, days, {}), Rule(name="fcfs"), by_arrival=True)
    assert ledger.limit == pytest.approx(QUICK.worst * worst_service(plain, played.services))
    assert (ledger.waited.sum() / ledger.people.sum()) == pytest.approx(waits_under(played, rule).mean())


def worst_ratio(seed: int) -> float:
    """The worst service under a strict limit, to the same without one, on the days of one office."""
    office = an_office(seed)
    days = [a_day(office, seed, tickets=50) for seed in range(6)]
    plans = (replace(QUICK, ceilings={}, worst=worst) for worst in (0.3, 100.0))
    strict, loose = (play_policy("look-ahead", office, days, plan) for plan in plans)
    return worst_service(strict.waits, strict.services) / worst_service(loose.waits, loose.services)


def test_a_service_that_may_not_wait_longer_waits_less() -> None:
    """In the mean of many offices, where one may go either way: measured 0.965, and eight of twelve changed."""
    ratios = np.array([worst_ratio(seed) for seed in range(7, 19)])
    assert ratios.mean() < 0.995
    assert (ratios != 1.0).sum() >= 4
