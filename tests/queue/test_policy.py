"""The other rules of calling, behind the same function and under the same bound."""

from datetime import timedelta

import pytest

from queue_server.contract.problems import Problem
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.queue.policy import NAMES
from queue_server.queue.reasons import REASONS, explain
from queue_server.queue.routing import choose
from tests.queue.builders import Day, an_office
from tests.queue.test_calls import refused


def a_day(name: str, **options: float) -> Day:
    return Day(an_office(policy=Policy(name=name, options=options))).open("3")


def test_first_come_first_served_knows_no_priority() -> None:
    day = a_day("fcfs")
    for class_id in (None, "elderly", None):
        day.take(class_id=class_id)
    assert day.numbers("3", 3) == ["A001", "A002", "A003"]


def test_accumulating_priority_grows_with_the_wait_of_both() -> None:
    day = a_day("accumulating")
    first = day.take()
    day.later(minutes=14)
    elderly = day.take(class_id="elderly")
    day.later(minutes=1)
    assert choose(day.state, "3", day.now).ticket == first.id  # type: ignore[union-attr]  # 15 of 15 against 1 of 1.5
    day.later(minutes=1)
    assert choose(day.state, "3", day.now).ticket == elderly.id  # type: ignore[union-attr]


def test_the_index_prefers_short_services_and_long_lines() -> None:
    day = a_day("index")
    day.take("dat_dai")
    for _ in range(3):
        day.take("ho_tich")
    chosen = choose(day.state, "3", day.later(minutes=3).now)
    assert chosen is not None
    assert chosen.ticket == "20261123-A001", "half as long, and three wait for it"


def test_a_line_is_as_long_as_the_people_who_may_be_called() -> None:
    day = a_day("index")
    day.take("ho_tich")
    for minutes in (40, 50, 60):
        day.do(
            cmd.IssueTicket(
                wanted=(cmd.Wanted(service="ho_tich"),), appointment_at=day.now + timedelta(minutes=minutes)
            )
        )
    day.later(minutes=3)
    assert day.state.waiting_count("ho_tich") == 4
    assert day.state.due_count("ho_tich", day.now.timestamp()) == 1
    day.later(minutes=41)
    assert day.state.due_count("ho_tich", day.now.timestamp()) == 3, "one is due, one may come ten minutes early"


def test_of_equal_scores_the_earlier_wait_goes_first_and_not_the_lower_number() -> None:
    day = a_day("accumulating")
    target = day.state.rule.targets["appointment"]
    booked = day.now + timedelta(minutes=15, seconds=1 - target)  # the next one comes a second later
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),), appointment_at=booked))
    ordinary = day.take("ho_tich")
    chosen = choose(day.state, "3", day.later(minutes=15).now)
    assert chosen is not None
    assert chosen.ticket == ordinary.id, "both have waited once what weighs one for their class"


def test_fair_end_of_the_slider_is_the_longest_wait() -> None:
    day = a_day("index", fair_fast=0.0)
    land = day.take("dat_dai")
    day.later(minutes=2)
    for _ in range(3):
        day.take("ho_tich")
    chosen = choose(day.state, "3", day.later(minutes=3).now)
    assert chosen is not None
    assert (chosen.ticket, chosen.code) == (land.id, "long_wait")


@pytest.mark.parametrize("name", NAMES)
def test_the_ceiling_stands_before_every_policy(name: str) -> None:
    day = a_day(name)
    old = day.take("dat_dai")
    day.later(minutes=44)
    for _ in range(4):
        day.take("ho_tich", class_id="elderly")
    day.later(minutes=1)
    chosen = choose(day.state, "3", day.now)
    assert chosen is not None
    assert (chosen.ticket, chosen.code) == (old.id, "ceiling")


@pytest.mark.parametrize("name", NAMES)
def test_every_reason_has_its_sentence(name: str) -> None:
    day = a_day(name)
    for service, class_id in (("ho_tich", None), ("dat_dai", "elderly"), ("ho_tich", "elderly"), ("dat_dai", None)):
        day.later(minutes=2).take(service, class_id)
    while (chosen := choose(day.state, "3", day.now)) is not None:
        assert chosen.code in REASONS
        words = explain(day.state.setup, 2, chosen.code, chosen.facts)
        assert "{" not in words["vi"] + words["en"]
        day.later(minutes=1).next("3")


def test_a_policy_that_is_none_is_refused() -> None:
    assert refused(Day(), cmd.ChangePolicy(policy=Policy(name="lottery"))) is Problem.POLICY_UNKNOWN
    bad = Policy(name="index", options={"fair_fast": float("nan")})
    assert refused(Day(), cmd.ChangePolicy(policy=bad)) is Problem.BODY_INVALID


def test_a_policy_changes_during_the_day() -> None:
    day = Day().open("1")
    day.take(), day.take(class_id="elderly")
    day.do(cmd.ChangePolicy(policy=Policy(name="fcfs")))
    assert day.numbers("1", 2) == ["A001", "A002"]
