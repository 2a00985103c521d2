"""A gap in the numbers: after a loss nothing that may be on paper is given out again."""

import random

import pytest

from queue_server.contract.problems import Problem
from queue_server.queue import commands as cmd
from queue_server.queue.gap import generation_of
from queue_server.queue.numbers import split_number
from tests.queue.builders import Day
from tests.queue.test_tickets import refused, wanted


def skip(generation: str = "1-ab", lost: int = 50) -> cmd.SkipNumbers:
    return cmd.SkipNumbers(generation=generation, reason="restore", lost=lost)


def leased(day: Day, kiosk: str = "k1") -> list[str]:
    day.do(cmd.LeaseNumbers(kiosk=kiosk))
    ranges = day.state.leases[kiosk]["A"]
    return [f"A{serial:03d}" for first, last, _ in ranges for serial in range(first, last + 1)]


def test_numbers_go_on_at_the_next_hundred() -> None:
    day = Day()
    for _ in range(3):
        day.take()
    day.do(skip(lost=50))
    assert [day.take().number for _ in range(2)] == ["A101", "A102"]
    assert day.take("dat_dai").number[1:] == "101"
    day.do(skip("2-cd", lost=100))
    assert day.take().number == "A301"


def test_a_generation_leaves_one_gap() -> None:
    day = Day()
    day.do(skip())
    assert day.do(skip()) == []
    assert day.take().number == "A101"


@pytest.mark.parametrize("seed", range(20))
def test_no_number_that_may_be_on_paper_is_given_out_again(seed: int) -> None:
    """The office goes on from a part of its record; nobody after that gets a number that anybody got before."""
    draw = random.Random(seed)
    whole, part = Day(), Day()
    known, missing = draw.randint(0, 60), draw.randint(0, 90)
    paper: set[str] = set()
    for day, many in ((part, known), (whole, known + missing)):
        for place in range(many):
            if place % 7 == 3:
                paper |= set(leased(day, draw.choice(["k1", "k2"])))
            paper.add(day.take().number)
    part.do(skip(lost=missing))
    again = [part.take().number for _ in range(300)]
    held = {number for number in leased(part, "k2") if split_number(number)[1] > part.state.gaps[-1].lost["A"][1]}
    assert len(again) == len(set(again))
    assert not (set(again) | held) & paper
    assert not set(again) & held


def test_a_kiosk_hands_in_a_number_of_a_lease_that_was_lost() -> None:
    """The person holds the paper; whichever kiosk hands it in, once, it counts."""
    day = Day()
    day.do(skip(lost=50))
    hand_in = cmd.HandIn(kiosk="k2", number="A735", taken_at=day.now, wanted=wanted("ho_tich"))
    day.do(hand_in)
    assert refused(day, hand_in) is Problem.NUMBER_USED
    never = cmd.HandIn(kiosk="k2", number="A1201", taken_at=day.now, wanted=wanted("ho_tich"))
    assert refused(day, never) is Problem.NUMBER_NOT_LEASED


def test_a_number_is_of_the_generation_in_which_it_was_given_out() -> None:
    day = Day()
    old = day.take().visit
    (first, *_) = leased(day)
    day.do(skip("1-ab"))
    new = day.take().visit
    day.do(cmd.HandIn(kiosk="k1", number=first, taken_at=day.now, wanted=wanted("ho_tich")))
    after = next(n for n in leased(day, "k2") if n not in day.state.numbers)
    visits = day.state.visits
    assert (visits[old].generation, visits[new].generation) == ("", "1-ab")
    assert visits[day.state.numbers[first]].generation == ""
    assert generation_of(day.state, *split_number(after), leased=True) == "1-ab"


def test_a_new_day_begins_without_a_gap() -> None:
    day = Day()
    day.do(skip())
    day.do(cmd.CloseDay())
    day.do(cmd.OpenDay(day="20261124", config=day.state.setup))
    assert day.take().number == "A001"
    assert day.state.gaps == []
