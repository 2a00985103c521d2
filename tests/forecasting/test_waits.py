"""What waiting people are told: the simulation when there is one, something honest when there is not."""

import json
from math import isfinite
from random import Random

import pytest

from queue_server.forecasting.waits import LONGEST, Estimate, Night, Predictor, Situation, Teller, Waiting, choose

NAN = float("nan")


def a_situation(now: float = 60.0, count: int = 3, *, able: int = 2, idle: bool = False) -> Situation:
    """`count` people waiting for one service, five minutes apart."""
    waiting = [
        Waiting(ticket=f"A{place}", service="dat-dai", due=now - 5.0 * (count - place), ahead=place)
        for place in range(count)
    ]
    return Situation(
        now=now, waiting=waiting, able={"dat-dai": able}, idle={"dat-dai": idle}, minutes={"dat-dai": 12.0}
    )


def test_people_told_together_are_told_what_each_would_be_told_alone():
    office = a_situation(count=4)
    random = Random(4)
    samples = {f"A{n}": [random.uniform(0, 90) for _ in range(many)] for n, many in enumerate((40, 40, 7, 40))}
    samples["A3"][5] = NAN
    together = Teller().estimates(office, samples=samples)
    alone = {t: Teller().estimates(office, samples={t: samples[t]})[t] for t in samples}
    assert together == alone
    assert together["A0"] != together["A1"]


def live(teller: Teller, random: Random, tickets: int, *, wrong: float = 1.0, night: bool = True) -> tuple[int, int]:
    """Tickets one by one, simulated with an error of `wrong`; returns those inside their interval, and all."""
    inside = 0
    for number in range(tickets):
        ticket = f"T{number}"
        one = Waiting(ticket=ticket, service="dat-dai", due=100.0, ahead=3)
        office = Situation(
            now=100.0, waiting=[one], able={"dat-dai": 2}, idle={"dat-dai": False}, minutes={"dat-dai": 12.0}
        )
        centre = random.uniform(8, 40)
        samples = [centre * wrong * random.lognormvariate(0, 0.3) for _ in range(50)]
        told = teller.estimates(office, samples={ticket: samples})[ticket]
        wait = centre * random.lognormvariate(0, 0.3)
        inside += told.low <= wait <= told.high
        teller.called(ticket, "dat-dai", wait)
    if night:
        teller.close_day()
    return inside, tickets


def test_the_simulation_speaks_when_there_are_samples():
    told = Teller().estimates(a_situation(), samples={"A2": [10, 12, 14, 16, 18, 20]})
    assert told["A2"].by is Predictor.SIMULATION
    assert told["A2"].low < 10
    assert told["A2"].high > 20
    assert told["A0"].by is Predictor.QL


def test_a_new_office_without_simulation_is_told_people_ahead_times_minutes_and_widely():
    told = Teller().estimates(a_situation(count=1, now=60.0))["A0"]
    assert told.by is Predictor.QL
    assert told.likely == pytest.approx(5 + 12.0 / 2)
    assert told.high > 2 * told.likely


def test_the_interval_ends_at_eighty_per_cent_even_when_the_simulation_is_half_wrong():
    teller, random = Teller(), Random(1)
    live(teller, random, 400, wrong=0.5)
    inside, count = live(teller, random, 800, wrong=0.5)
    assert inside / count == pytest.approx(0.8, abs=0.04)


def test_nobody_is_told_less_than_they_have_waited():
    office = a_situation(count=1)
    late = Situation(
        now=office.now + 200, waiting=office.waiting, able=office.able, idle=office.idle, minutes=office.minutes
    )
    told = Teller().estimates(late, samples={"A0": [5.0] * 20})["A0"]
    assert told.low >= 205
    assert told.left(205.0).low == 0


def test_the_night_takes_a_predictor_that_has_earned_it_and_not_before():
    better = Night(tickets=300, inside=240, error=900, errors={"simulation": 1500, "learned": 900}, counts={
        "simulation": 300, "learned": 300,
    })  # fmt: skip
    few = Night(tickets=50, inside=40, error=90, errors={"simulation": 250, "learned": 50}, counts={
        "simulation": 50, "learned": 50,
    })  # fmt: skip
    near = Night(tickets=300, inside=240, error=900, errors={"simulation": 1000, "learned": 990}, counts={
        "simulation": 300, "learned": 300,
    })  # fmt: skip
    assert choose([better], Predictor.SIMULATION) is Predictor.LEARNED
    assert choose([few], Predictor.SIMULATION) is Predictor.SIMULATION
    assert choose([near], Predictor.SIMULATION) is Predictor.SIMULATION
    assert choose([], Predictor.LES) is Predictor.LES


def test_a_simulation_that_is_far_off_loses_its_place_overnight():
    teller = Teller()
    random = Random(2)
    for number in range(300):
        one = Waiting(ticket=f"T{number}", service="s", due=0.0, ahead=1)
        office = Situation(now=0.0, waiting=[one], able={"s": 1}, idle={}, minutes={"s": 10.0})
        teller.estimates(office, samples={one.ticket: [200.0] * 20})
        teller.called(one.ticket, "s", 20 + random.random())
    night = teller.close_day()
    assert night.tickets == 300
    assert teller.chosen in (Predictor.LES, Predictor.LAST_TEN, Predictor.QL)


def test_the_learned_model_speaks_once_chosen_and_the_simulation_stands_in_for_it():
    teller = Teller()
    teller.chosen = Predictor.LEARNED
    told = teller.estimates(a_situation(), samples={"A1": [9.0] * 20}, learned={"A0": (20.0, 5.0, 10.0)})
    assert told["A0"].by is Predictor.LEARNED
    assert told["A1"].by is Predictor.SIMULATION


def test_yesterday_s_accuracy_is_kept_for_the_manager():
    teller = Teller()
    live(teller, Random(3), 300)
    night = teller.nights[-1]
    assert 0.7 < night.coverage < 0.95
    assert 0 < night.mean_error < 15
    assert Night(tickets=0, inside=0, error=0, errors={}, counts={}).coverage == 0


def test_what_was_learned_survives_a_restart():
    teller = Teller()
    live(teller, Random(4), 400)
    again = Teller.from_state(json.loads(json.dumps(teller.to_state())))
    assert again.chosen is teller.chosen
    assert list(again.nights) == list(teller.nights)
    samples = {"A0": [10.0, 11, 12, 13, 14, 15]}
    first, second = (one.estimates(a_situation(count=1), samples=samples)["A0"] for one in (teller, again))
    assert second.high == pytest.approx(first.high, rel=0.1)
    assert Teller.from_state({}).chosen is Predictor.SIMULATION


def test_a_ticket_that_left_teaches_nothing():
    teller = Teller()
    teller.estimates(a_situation(), samples={"A0": [9.0] * 9})
    teller.gone("A0")
    teller.called("A0", "dat-dai", 10.0)
    assert teller.close_day().tickets == 0


def test_a_day_of_one_ticket():
    teller = Teller()
    teller.estimates(a_situation(count=1))
    teller.called("A0", "dat-dai", 7.0)
    assert teller.close_day().tickets == 1
    assert teller.chosen is Predictor.SIMULATION


def test_an_empty_office_and_an_empty_day():
    teller = Teller()
    assert teller.estimates(a_situation(count=0)) == {}
    assert teller.close_day().tickets == 0


def test_ten_thousand_tickets_at_once_are_all_told_something_finite():
    told = Teller().estimates(a_situation(count=10_000, now=50_000.0))
    assert len(told) == 10_000
    assert all(isfinite(one.low) and 0 <= one.low <= one.likely <= one.high <= LONGEST for one in told.values())


@pytest.mark.parametrize("now", [-1e9, 1e12, NAN])
def test_a_clock_that_jumps_gives_bounded_minutes(now):
    office = a_situation(now=60.0)
    jumped = Situation(now=now, waiting=office.waiting, able={}, idle={}, minutes={"dat-dai": NAN})
    for one in Teller().estimates(jumped, samples={"A0": [NAN] * 20, "A1": [1.0]}).values():
        assert 0 <= one.low <= one.likely <= one.high <= LONGEST


def test_a_service_that_no_counter_serves_is_told_a_long_wide_wait():
    told = Teller().estimates(a_situation(count=10, able=0))
    assert told["A9"].likely > 100
    assert told["A9"].high > 1.5 * told["A9"].low


@pytest.mark.parametrize("wait", [NAN, float("inf"), -5.0])
def test_an_impossible_wait_breaks_nothing(wait):
    teller = Teller()
    teller.estimates(a_situation())
    teller.called("A0", "dat-dai", wait)
    assert all(isfinite(one.high) for one in teller.estimates(a_situation()).values())


def test_what_is_left_counts_down_and_stops_at_zero():
    told = Estimate(low=10, likely=20, high=30, by=Predictor.SIMULATION)
    assert told.left(15) == Estimate(low=0, likely=5, high=15, by=Predictor.SIMULATION)
    assert told.left(NAN) == told
    assert told.left(-3) == told
