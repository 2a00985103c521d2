"""Somebody served by word of mouth while the server was away is told afterwards, in one act."""

from datetime import timedelta

import pytest

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.by_mouth import BY_MOUTH
from queue_server.queue.state import Ticket
from queue_server.queue.states import TicketState
from queue_server.views.figures import handled, hour_figures, visit_waits
from tests.queue.builders import MONDAY, Day


def by_mouth(day: Day, counter: str, ticket: Ticket, ago: float) -> list[ev.Event]:
    at = day.now - timedelta(minutes=ago)
    return day.do(cmd.ServeByMouth(counter=counter, ticket=ticket.id, at=at))


def test_the_wait_ends_at_the_moment_that_is_told() -> None:
    day = Day().open("1")
    ticket = day.take()
    taken = day.now
    day.later(minutes=30)
    by_mouth(day, "1", ticket, ago=18)
    assert (ticket.state, ticket.counter, ticket.reason) == (TicketState.SERVED, "1", BY_MOUTH)
    assert ticket.ended_at == taken + timedelta(minutes=12)
    assert visit_waits(day.state) == [12 * 60]
    assert handled(day.state.tickets.values()) == []  # nobody knows how long it took
    assert sum(hour.called for hour in hour_figures(day.state)) == 1
    assert (day.state.counters["1"].served, day.state.waits) == (1, 1)
    assert day.next("1") is None


@pytest.mark.parametrize("opened", [True, False])
def test_the_counter_need_not_be_open(opened: bool) -> None:
    day = Day().open(*(["1"] if opened else []))
    ticket = day.take()
    by_mouth(day.later(minutes=5), "1", ticket, ago=0)
    assert ticket.state is TicketState.SERVED


@pytest.mark.parametrize(("ago", "fits"), [(12, False), (10.9, True), (5, True), (-0.9, True), (-2, False)])
def test_the_moment_lies_between_taking_and_now_to_the_minute(ago: float, fits: bool) -> None:
    day = Day()
    ticket = day.take()
    day.later(minutes=10)
    if not fits:
        with pytest.raises(Refused) as refusal:
            by_mouth(day, "1", ticket, ago)
        assert refusal.value.code is Problem.TIME_INVALID
        return
    by_mouth(day, "1", ticket, ago)
    assert ticket.ended_at is not None
    assert ticket.taken_at <= ticket.ended_at <= day.now
    assert ticket.waited is not None
    assert ticket.waited >= 0


def test_a_number_handed_in_afterwards_may_have_been_served_before_it_was_known() -> None:
    day = Day()
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    day.later(minutes=40)
    wanted = (cmd.Wanted(service="ho_tich"),)
    day.do(cmd.HandIn(kiosk="k1", number="A701", taken_at=MONDAY + timedelta(minutes=10), wanted=wanted))
    ticket = next(iter(day.state.tickets.values()))
    by_mouth(day, "1", ticket, ago=5)
    assert ticket.waited == 25 * 60


def test_who_was_called_before_the_server_went_keeps_that_wait() -> None:
    day = Day().open("1")
    ticket = day.take()
    day.later(minutes=4).next("1")
    by_mouth(day.later(minutes=30), "1", ticket, ago=20)
    assert (ticket.waited, ticket.ended_at) == (4 * 60, MONDAY + timedelta(minutes=14, seconds=1))
    assert day.state.counters["1"].ticket is None


def test_nobody_is_ended_at_another_counter() -> None:
    day = Day().open("1")
    ticket = day.take()
    day.next("1")
    with pytest.raises(Refused) as refusal:
        by_mouth(day.later(minutes=5), "3", ticket, ago=1)
    assert refusal.value.code is Problem.COUNTER_WRONG
    day.do(cmd.Start(counter="1"))
    by_mouth(day.later(minutes=5), "1", ticket, ago=1)
    assert handled([ticket]) == [9 * 60]  # called before the server went: that is known


def test_held_and_missed_people_are_ended_too() -> None:
    day = Day().open("1")
    held, missed = day.take(), day.take()
    day.next("1")
    day.do(cmd.Hold(counter="1"))
    day.next("1")
    day.do(cmd.NoShow(counter="1"))
    day.later(minutes=20)
    by_mouth(day, "1", held, ago=5)
    by_mouth(day, "1", missed, ago=6)
    assert {held.state, missed.state} == {TicketState.SERVED}
    assert not day.state.aside
    assert missed.called_at is None  # nobody came then
    assert missed.waited == pytest.approx((missed.ended_at - missed.since).total_seconds())  # type: ignore[operator]


def test_the_other_matters_of_the_visit_go_on() -> None:
    day = Day().open("1", "2")
    first = day.take("ho_tich+dat_dai")
    by_mouth(day.later(minutes=10), "1", first, ago=3)
    called = day.next("2")
    assert called is not None
    assert (called.number, called.service) == (first.number, "dat_dai")


def test_the_same_number_is_told_once() -> None:
    day = Day()
    ticket = day.take()
    by_mouth(day.later(minutes=5), "1", ticket, ago=1)
    with pytest.raises(Refused) as refusal:
        by_mouth(day, "1", ticket, ago=1)
    assert refusal.value.code is Problem.TICKET_STATE
