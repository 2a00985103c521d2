"""Short matters may pass long ones of their service where the policy weighs the time at the counter, and only there."""

from dataclasses import replace
from math import inf, nan

import pytest

from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.queue.duration_bands import LONG, SHORT, USUAL, band_of, weighed
from queue_server.queue.state import Ticket
from tests.queue.builders import Day, an_office

SHORT_MATTER, LONG_MATTER = 240.0, 1500.0  # seconds; ten minutes are usual
WITHOUT_TIME = (
    Policy(),
    Policy(name="fcfs"),
    Policy(name="accumulating"),
    Policy(name="index", options={"fair_fast": 0.0}),
)
BY_TIME = Policy(name="index", options={"time_power": 1.0, "queue_power": 0.0}, ceiling_multiple=4)


def come(day: Day, seconds: float | None, service: str = "ho_tich", class_id: str | None = None) -> Ticket:
    """One more person, half a minute later, whose matter is expected to take so long."""
    expected = None if seconds is None else (seconds, 0.4)
    wanted = (cmd.Wanted(service=service, expected=expected),)
    [issued] = day.later(seconds=30).do(cmd.IssueTicket(wanted=wanted, class_id=class_id))
    return day.state.tickets[issued.ticket]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("expected", "band"),
    [
        (None, USUAL), (420.0, SHORT), (421.0, USUAL), (600.0, USUAL), (840.0, USUAL), (841.0, LONG), (inf, LONG),
        (nan, USUAL),
    ],
)  # fmt: skip
def test_the_band_is_told_by_the_usual_time_of_the_service(expected: float | None, band: int) -> None:
    assert band_of(expected, 600.0) == band


def test_without_a_usual_time_there_is_one_band() -> None:
    assert band_of(100.0, 0.0) == USUAL == band_of(100.0, nan)
    assert weighed(600.0)[USUAL] == 600.0
    assert weighed(600.0)[SHORT] < 0.7 * 600.0 < 1.4 * 600.0 < weighed(600.0)[LONG]


@pytest.mark.parametrize("policy", WITHOUT_TIME, ids=lambda p: p.name)
def test_without_a_weight_on_time_people_are_called_as_they_came(policy: Policy) -> None:
    day = Day(an_office(policy=policy)).open("1")
    people = [come(day, seconds) for seconds in (LONG_MATTER, None, SHORT_MATTER, LONG_MATTER, SHORT_MATTER)]
    assert [day.next("1") for _ in people] == people


def test_a_short_matter_passes_a_long_one_and_both_may_know_why() -> None:
    day = Day(an_office(policy=BY_TIME)).open("1")
    long, usual, short, second_short = (come(day, s) for s in (LONG_MATTER, None, SHORT_MATTER, SHORT_MATTER))
    day.later(minutes=5)
    assert day.next("1") is short
    assert short.reason == "short_service"
    assert [day.next("1") for _ in range(3)] == [second_short, usual, long]


def test_a_long_matter_past_its_ceiling_is_passed_by_nobody() -> None:
    day = Day(an_office(policy=BY_TIME)).open("1")
    long = come(day, LONG_MATTER)
    day.later(minutes=61)
    come(day, SHORT_MATTER)
    assert day.next("1") is long
    assert long.reason == "ceiling"


def test_another_policy_sorts_those_who_wait_into_other_lines() -> None:
    day = Day(an_office()).open("1")
    people = [come(day, s) for s in (LONG_MATTER, SHORT_MATTER, None)]
    assert set(day.state.lines["ho_tich"]) == {("walk_in", USUAL)}
    day.do(cmd.ChangePolicy(policy=BY_TIME))
    assert set(day.state.lines["ho_tich"]) == {("walk_in", band) for band in (SHORT, USUAL, LONG)}
    assert day.state.waiting_count("ho_tich") == 3
    day.do(cmd.ChangePolicy(policy=Policy()))
    assert [day.next("1") for _ in people] == people


def test_a_new_usual_time_of_the_service_sorts_them_too() -> None:
    day = Day(an_office(policy=BY_TIME)).open("1")
    come(day, LONG_MATTER)
    assert list(day.state.lines["ho_tich"]) == [("walk_in", LONG)]
    config = day.state.setup
    slower = replace(config.services["ho_tich"], typical=LONG_MATTER)
    day.do(cmd.ChangeSetup(config=replace(config, services={**config.services, "ho_tich": slower})))
    assert list(day.state.lines["ho_tich"]) == [("walk_in", USUAL)]


def test_people_sent_to_a_counter_are_called_as_they_were_sent() -> None:
    day = Day(an_office(policy=replace(BY_TIME, own_first=False))).open("1", "3")
    sent = [come(day, LONG_MATTER), come(day, SHORT_MATTER)]
    for ticket in sent:
        day.do(cmd.CallNumber(counter="3", ticket=ticket.id))
        day.do(cmd.Start(counter="3"))
        day.do(cmd.Transfer(counter="3", to_counter="1"))
        day.later(seconds=20)
    assert list(day.state.lines) == ["counter:1"]
    assert list(day.state.lines["counter:1"]) == [("walk_in", USUAL)]
    assert [day.next("1") for _ in sent] == sent


def test_who_goes_to_another_service_takes_no_band_along() -> None:
    day = Day(an_office(policy=BY_TIME)).open("3")
    ticket = come(day, SHORT_MATTER)
    day.next("3")
    day.do(cmd.Transfer(counter="3", to_service="dat_dai"))
    assert day.state.lines["dat_dai"] == {("walk_in", USUAL): [ticket.key]}


def test_everybody_waits_in_a_line_that_a_change_of_class_finds() -> None:
    day = Day(an_office(policy=BY_TIME)).open("1")
    ticket = come(day, SHORT_MATTER)
    day.do(cmd.ChangePriority(ticket=ticket.id, class_id="elderly"))
    assert list(day.state.lines["ho_tich"]) == [("elderly", SHORT)]
    day.do(cmd.CancelTicket(ticket=ticket.id))
    assert day.state.lines == {}
