"""A ticket's minutes: the catalogue at first, the office's own experience in time, and never nonsense."""

import json
from math import isfinite
from random import Random

import numpy as np
import pytest

from queue_server.forecasting.durations import Duration, Durations, back_test
from queue_server.queue.expectation import Facts

PROCEDURES = (("khai-sinh", 12.0, 9.0), ("dat-dai", 15.0, 26.0), ("chung-thuc", 6.0, 5.0))
BIRTH = Facts(procedure="khai-sinh", typical=12.0)


def an_office(count: int, seed: int = 1) -> list[tuple[Facts, float]]:
    """Tickets whose true minutes depend on procedure, papers, checklist, form and officer."""
    random = Random(seed)
    history = []
    for _ in range(count):
        name, typical, true = random.choice(
            (("khai-sinh", 12.0, 9.0), ("dat-dai", 15.0, 26.0), ("chung-thuc", 6.0, 5.0))
        )
        papers, complete = random.randint(1, 12), random.random() < 0.7
        filled, officer = random.random() < 0.6, random.choice("AB")
        minutes = true * (papers / 5) ** 0.3 * (1.0 if complete else 1.5) * (1.0 if filled else 1.25)
        minutes *= (0.8 if officer == "A" else 1.2) * random.lognormvariate(-0.06, 0.35)
        facts = Facts(
            procedure=name, typical=typical, papers=papers, checklist_complete=complete, form_filled=filled,
            officer=officer, hour=random.randint(8, 16),
        )  # fmt: skip
        history.append((facts, minutes))
    return history


def test_a_new_office_says_what_the_catalogue_says_and_is_unsure():
    law = Durations().predict(BIRTH)
    assert law.mean == pytest.approx(12.0, rel=0.15)
    assert law.quantile(0.9) > 3 * law.quantile(0.1)


def test_it_beats_the_catalogue_and_keeps_its_interval():
    score = back_test(an_office(3000), skip=500)
    assert score.tickets == 2500
    assert score.mae < 0.6 * score.catalogue_mae
    assert score.crps < 0.6 * score.catalogue_crps
    assert 0.76 <= score.coverage <= 0.86


def test_forty_tickets_are_already_better_than_the_catalogue():
    score = back_test(an_office(300), skip=40)
    assert score.mae < score.catalogue_mae


def test_one_long_ticket_moves_little_and_many_move_much():
    once, often = Durations(), Durations()
    once.learn(BIRTH, 40.0)
    for _ in range(100):
        often.learn(BIRTH, 40.0)
    assert 12.0 < once.predict(BIRTH).quantile(0.5) < 18.0
    assert often.predict(BIRTH).quantile(0.5) == pytest.approx(40.0, rel=0.15)


def test_what_one_procedure_teaches_hardly_touches_another():
    model = Durations()
    for _ in range(50):
        model.learn(BIRTH, 40.0)
    other = Facts(procedure="chung-thuc", typical=6.0)
    assert model.predict(other).quantile(0.5) < 10.0
    assert model.predict(BIRTH).quantile(0.5) > 30.0


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"papers": 2}, {"papers": 20}),
        ({"checklist_complete": True}, {"checklist_complete": False}),
        ({"form_filled": True}, {"form_filled": False}),
        ({"supplement": True}, {"supplement": False}),
        ({"copies": 0}, {"copies": 30}),
    ],
)
def test_the_kiosk_s_facts_matter_from_the_first_day(better, worse):
    quick = Facts(procedure="x", typical=10.0, **better)
    slow = Facts(procedure="x", typical=10.0, **worse)
    assert Durations().predict(quick).mean < Durations().predict(slow).mean


def test_a_service_in_progress_counts_once_it_is_longer_than_usual():
    model = Durations()
    before = model.predict(BIRTH).quantile(0.5)
    model.learn(BIRTH, 3.0, finished=False)
    assert model.predict(BIRTH).quantile(0.5) == before
    model.learn(BIRTH, 50.0, finished=False)
    assert model.predict(BIRTH).quantile(0.5) > before


def test_the_rest_of_a_service_grows_when_it_does_not_end():
    law = Duration(centre=2.3, spread=0.6)
    assert law.rest(0.0) == pytest.approx(law.mean, rel=0.01)
    assert law.rest(20.0) > 1.0
    assert law.rest(600.0) == pytest.approx(60.0)
    assert law.rest(-5.0) == law.rest(0.0)


@pytest.mark.parametrize("minutes", [0.0, -3.0, float("nan"), float("inf")])
def test_impossible_minutes_teach_nothing(minutes):
    model = Durations()
    model.learn(BIRTH, minutes)
    assert model.to_state() == Durations().to_state()


@pytest.mark.parametrize("typical", [0.0, -1.0, float("nan"), 1e9])
def test_an_impossible_catalogue_still_gives_minutes(typical):
    law = Durations().predict(Facts(procedure="x", typical=typical, papers=-3, copies=10**9))
    assert all(isfinite(value) and value > 0 for value in (law.mean, law.quantile(0.1), law.quantile(0.9)))


def test_a_counter_left_running_overnight_does_not_spoil_the_model():
    model = Durations()
    for _ in range(50):
        model.learn(BIRTH, 12.0)
    model.learn(BIRTH, 900.0)
    assert model.predict(BIRTH).quantile(0.5) < 16.0


def test_the_state_is_plain_json():
    model = Durations()
    for facts, minutes in an_office(50):
        model.learn(facts, minutes)
    again = Durations.from_state(json.loads(json.dumps(model.to_state())))
    assert again.predict(BIRTH) == model.predict(BIRTH)


def test_no_history_scores_nothing():
    assert back_test([]).tickets == 0


@pytest.mark.parametrize("minutes", [0.5, 4.0, 9.0, 30.0, 200.0])
def test_crps_is_the_integral_of_the_squared_distance_of_both_distributions(minutes: float) -> None:
    law = Duration(centre=2.2, spread=0.5)
    grid = np.linspace(1e-6, 600.0, 600_001)
    below = np.array([1.0 - law.beyond(float(x)) for x in grid[::20]])
    gap = (below - (grid[::20] >= minutes)) ** 2
    assert law.crps(minutes) == pytest.approx(float(np.trapezoid(gap, grid[::20])), abs=0.02)
