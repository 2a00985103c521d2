"""The office's own model: learned from what the teller saw, told back to it."""

from random import Random

import numpy as np

from queue_server.forecasting import features_live
from queue_server.forecasting.learned import Growth
from queue_server.forecasting.waits import Predictor, Situation, Teller, Waiting

SMALL = Growth(trees=40, rate=0.2, depth=4, least_leaf=20)


def a_moment(number: int, ahead: int) -> Situation:
    one = Waiting(ticket=f"T{number}", service="s", due=500.0, ahead=ahead)
    return Situation(now=500.0, waiting=[one], able={"s": 2}, idle={"s": False}, minutes={"s": 10.0})


def a_year(teller: Teller, tickets: int) -> None:
    """An office twice as slow as its simulation believes when more than four are ahead."""
    random = Random(1)
    for number in range(tickets):
        ahead = random.randint(0, 8)
        believed = 4.0 * (ahead + 1)
        teller.estimates(a_moment(number, ahead), samples={f"T{number}": [believed * k / 10 for k in range(5, 16)]})
        teller.called(f"T{number}", "s", believed * (2.0 if ahead > 4 else 1.0) * random.lognormvariate(0, 0.2))


def test_the_model_learns_what_the_simulation_does_not_know():
    teller = Teller()
    a_year(teller, 1500)
    lessons = teller.take_lessons()
    assert len(lessons) == 1500
    assert teller.take_lessons() == []
    model = features_live.learn(lessons, growth=SMALL)
    assert model is not None
    samples = {"T1": [36.0 * k / 10 for k in range(5, 16)]}
    told = features_live.tell(model, teller.rows(a_moment(1, 8), samples=samples))
    low, likely, high = told["T1"]
    assert 55 < likely < 90
    assert low < likely < high
    teller.chosen = Predictor.LEARNED
    assert teller.estimates(a_moment(1, 8), samples=samples, learned=told)["T1"].by is Predictor.LEARNED


def test_few_lessons_teach_nothing():
    teller = Teller()
    a_year(teller, 50)
    assert features_live.learn(teller.take_lessons()) is None
    assert features_live.learn([]) is None


def test_what_nobody_knows_is_not_a_number_and_is_borne():
    row = features_live.columns(
        minute=500.0, ahead=3, able=0, typical=float("inf"), waiting=9, points={"les": 4.0}, ends=None
    )
    assert len(row) == len(features_live.NAMES)
    assert np.isnan(row[features_live.NAMES.index("typical")])
    assert features_live.tell(features_live.learn([(row, 5.0)] * 1000, growth=SMALL), {"A": row})["A"][1] > 0


def test_nobody_waiting_is_told_nothing():
    office = Situation(now=0.0, waiting=[], able={}, idle={}, minutes={})
    assert Teller().rows(office) == {}
