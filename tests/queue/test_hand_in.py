"""Numbers that a kiosk issued alone: when they count from, and of which day they are."""

from datetime import timedelta

import pytest

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from tests.queue.builders import DAY, Day


def hand_in(day: Day, number: str, ago: timedelta, of: str | None = DAY) -> None:
    wanted = (cmd.Wanted(service="ho_tich"),)
    day.do(cmd.HandIn(kiosk="k1", number=number, taken_at=day.now - ago, wanted=wanted, day=of))


@pytest.mark.parametrize("ago", [timedelta(days=400), timedelta(days=1), timedelta(hours=2)])
def test_a_slow_clock_gains_nobody_a_place(ago: timedelta) -> None:
    """Who came before the kiosk had the number is called before whoever got it."""
    day = Day().open("1")
    honest = day.later(minutes=60).take()
    day.later(minutes=1).do(cmd.LeaseNumbers(kiosk="k1"))
    day.later(minutes=5)
    hand_in(day, "A701", ago)
    assert day.state.tickets[f"{DAY}-A701"].since == day.now - timedelta(minutes=5)
    day.do(cmd.CallNext(counter="1"))
    assert day.state.counters["1"].ticket == honest.id


def test_a_fast_clock_costs_nobody_the_wait() -> None:
    day = Day().open("1")
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    hand_in(day.later(minutes=5), "A701", -timedelta(days=1))
    assert day.state.tickets[f"{DAY}-A701"].since == day.now


def test_each_lease_bounds_its_own_numbers() -> None:
    day = Day()
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    size = day.state.setup.rules.lease_size
    early = day.now
    day.later(minutes=30)
    for serial in range(701, 701 + size // 2 + 1):
        hand_in(day, f"A{serial}", timedelta(hours=9))
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    late = day.now
    day.later(minutes=30)
    hand_in(day, f"A{700 + size}", timedelta(hours=9))
    hand_in(day, f"A{701 + size}", timedelta(hours=9))
    assert day.state.tickets[f"{DAY}-A{700 + size}"].since == early
    assert day.state.tickets[f"{DAY}-A{701 + size}"].since == late


def test_a_number_of_another_day_is_refused_and_one_without_a_day_is_taken() -> None:
    day = Day()
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    with pytest.raises(Refused) as refusal:
        hand_in(day, "A702", timedelta(), of="20261122")
    assert refusal.value.code is Problem.DAY_OTHER
    hand_in(day, "A702", timedelta(), of=None)
    assert f"{DAY}-A702" in day.state.tickets


def test_a_day_that_opens_again_takes_what_kiosks_were_leased_of_it_before() -> None:
    """The clock was years ahead for a while: the day was closed, another opened and abandoned, and it opens again."""
    day = Day()
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    leased, config = dict(day.state.leased), day.state.setup
    day.do(cmd.CloseDay())
    day.do(cmd.OpenDay(day="20361123", config=config))
    day.do(cmd.CloseDay(abandoned=True))
    day.do(cmd.OpenDay(day=DAY, config=config, leased=leased))
    hand_in(day, "A702", timedelta())
    assert f"{DAY}-A702" in day.state.tickets
    with pytest.raises(Refused):
        hand_in(day, "A702", timedelta())
    with pytest.raises(Refused):
        hand_in(day, f"A{leased['A'] + 1}", timedelta())
