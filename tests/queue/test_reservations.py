"""Counters kept for some people at some hours, and people left to the counter that can do nothing else."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from queue_server.queue import commands as cmd
from queue_server.queue.config import MINUTE, ClassTerms, Policy, Reservation, ReservationKind
from queue_server.queue.outlook import outlook
from queue_server.queue.policy import NAMES
from queue_server.queue.reasons import explain
from queue_server.queue.reservations import holding, moments
from queue_server.queue.routing import Courtesy, choose, courtesy
from queue_server.queue.state import OfficeDay
from tests.queue.builders import MONDAY, Day, an_office

COUNTER, SERVICE = ReservationKind.COUNTER, ReservationKind.SERVICE
MORNING = {"begins": 8 * 60, "ends": 9 * 60}  # the tests' Monday begins at 08:00


def kept(kind: ReservationKind = COUNTER, counters: str = "3", **more: object) -> Reservation:
    return Reservation(kind=kind, counters=tuple(counters), **{**MORNING, **more})  # type: ignore[arg-type]


def a_day(*reservations: Reservation, **policy: object) -> Day:
    return Day(an_office(policy=Policy(reservations=reservations, **policy))).open("1", "2", "3")  # type: ignore[arg-type]


def called(day: Day, counter: str) -> str | None:
    chosen = choose(day.state, counter, day.now)
    return None if chosen is None else day.state.tickets[chosen.ticket].number


@pytest.mark.parametrize("name", NAMES)
def test_a_counter_keeps_to_its_service_and_only_in_its_hour(name: str) -> None:
    day = a_day(kept(services=("dat_dai",)), name=name)
    day.take("ho_tich")
    assert called(day, "3") is None
    day.now = MONDAY + timedelta(minutes=59, seconds=59)
    assert called(day, "3") is None, "not even past the ceiling: these are not its people"
    day.now = MONDAY + timedelta(hours=1)
    assert called(day, "3") == "A001", "the end is exclusive"


def test_a_counter_keeps_to_a_class_and_with_both_to_what_fits_both() -> None:
    day = a_day(kept(classes=("elderly",)))
    day.take("ho_tich"), day.take("dat_dai", "elderly")
    assert day.numbers("3", 2) == ["D001", None]
    day = a_day(kept(services=("ho_tich",), classes=("elderly",)))
    day.take("ho_tich"), day.take("dat_dai", "elderly"), day.take("ho_tich", "elderly")
    assert day.numbers("3", 2) == ["A002", None]


def test_a_service_is_called_only_at_its_counter() -> None:
    day = a_day(kept(SERVICE, "1", services=("ho_tich",)))
    day.take("ho_tich"), day.take("dat_dai")
    assert called(day, "3") == "D001"
    assert called(day, "1") == "A001"


def test_two_reservations_of_one_counter_narrow_each_other() -> None:
    day = a_day(kept(services=("ho_tich", "dat_dai")), kept(services=("dat_dai", "noi_bo")))
    day.take("ho_tich"), day.take("dat_dai")
    assert day.numbers("3", 2) == ["D001", None]


def test_a_reservation_holds_on_its_days_alone() -> None:
    day = a_day(kept(services=("dat_dai",), days=(1, 2)))
    day.take("ho_tich")
    assert called(day, "3") == "A001", "it is Monday"


def test_the_hours_are_those_of_the_office() -> None:
    config = an_office(policy=Policy(reservations=(kept(services=("dat_dai",)),)), timezone="UTC")
    day = Day(config).open("3")
    day.take("ho_tich")
    assert called(day, "3") == "A001", "01:00 in this office"


def test_whoever_was_sent_to_the_counter_is_called_there_all_the_same() -> None:
    day = a_day(kept(services=("dat_dai",)))
    day.take("ho_tich")
    day.next("1")
    day.do(cmd.Transfer(counter="1", to_counter="3"))
    assert called(day, "3") == "A001"


def test_an_officer_may_still_call_by_hand_and_it_is_written_down() -> None:
    day = a_day(kept(services=("dat_dai",)))
    ticket = day.take("ho_tich")
    day.do(cmd.CallNumber(counter="3", ticket=ticket.id))
    assert (ticket.reason, ticket.counter, ticket.facts["reserved"]) == ("officer_choice", "3", True)
    assert "dành cho người khác" in explain(day.state.setup, 2, ticket.reason, ticket.facts)["vi"]
    other = day.take("dat_dai")
    day.do(cmd.Finish(counter="3"))
    day.do(cmd.CallNumber(counter="3", ticket=other.id))
    assert "reserved" not in other.facts


def test_only_counters_that_may_call_are_counted_upon() -> None:
    day = a_day(kept(services=("dat_dai",)), kept(SERVICE, "3", services=("dat_dai",), begins=9 * 60, ends=10 * 60))
    at_nine = day.now + timedelta(hours=1)
    assert [c.id for c in day.state.open_counters("ho_tich", day.now)] == ["1"]
    assert [c.id for c in day.state.open_counters("ho_tich", at_nine)] == ["1", "3"]
    assert [c.id for c in day.state.open_counters("dat_dai", at_nine)] == ["3"]
    assert outlook(day.state, "noi_bo", "walk_in", day.now).likely is None, "nobody may call for it now"
    assert outlook(day.state, "noi_bo", "walk_in", at_nine).likely == 0.0


def test_terms_of_a_policy_replace_those_of_the_site() -> None:
    day = a_day(classes={"walk_in": ClassTerms(target=10 * MINUTE, ceiling=12 * MINUTE)})
    day.take("ho_tich")
    day.later(minutes=11).take("ho_tich", "elderly")
    assert called(day, "1") == "A002"
    day.later(minutes=1)
    assert called(day, "1") == "A001", "twelve minutes are the walk-in's ceiling now"


@pytest.mark.parametrize("name", ["accumulating", "index"])
def test_a_heavier_class_has_the_larger_claim(name: str) -> None:
    terms = {"walk_in": ClassTerms(target=15 * MINUTE), "elderly": ClassTerms(target=15 * MINUTE, weight=0.1)}
    day = a_day(name=name, classes=terms, options={"favour": 1.0})
    day.take("ho_tich", "elderly"), day.later(minutes=5).take("ho_tich")
    day.later(minutes=4)
    assert called(day, "1") == "A002"
    heavy = {**terms, "elderly": replace(terms["elderly"], weight=2.0)}
    day.do(cmd.ChangePolicy(policy=Policy(name=name, classes=heavy, options={"favour": 1.0})))
    assert called(day, "1") == "A001"


def test_own_visitors_go_first_unless_the_policy_says_otherwise() -> None:
    for own_first, number in ((True, "A002"), (False, "A001")):
        day = a_day(own_first=own_first)
        first, own = day.take("ho_tich"), day.take("ho_tich")
        day.do(cmd.CallNumber(counter="1", ticket=own.id))
        day.do(cmd.Transfer(counter="1", to_counter="3"))
        assert called(day, "3") == number
        assert first.number == "A001"


@pytest.mark.parametrize("name", NAMES)
def test_an_own_visitor_without_the_first_turn_is_scored_as_everybody(name: str) -> None:
    day = a_day(name=name, own_first=False)
    day.take("dat_dai")
    day.next("2")
    day.do(cmd.Transfer(counter="2", to_counter="1"))
    assert day.numbers("1", 2) == ["D001", None]


def test_the_flexible_counter_leaves_people_to_the_one_that_can_do_less() -> None:
    day = a_day(least_flexible_first=True, grace=20.0)
    day.take("ho_tich")
    assert called(day, "3") is None, "counter 1 is idle and can do nothing else"
    assert called(day, "1") == "A001"
    assert called(day.later(seconds=19), "3") is None
    assert called(day.later(seconds=1), "3") == "A001", "nobody waits longer than the grace for it"


def test_a_counter_that_leaves_everybody_says_to_whom_and_for_how_long() -> None:
    day = a_day(least_flexible_first=True, grace=20.0)
    three = day.state.counter("3")
    assert courtesy(day.state, three, day.now) is None, "nobody waits"
    day.take("ho_tich")
    day.later(seconds=8)
    day.take("ho_tich")
    assert courtesy(day.state, three, day.now) == Courtesy(11.0, ("1",)), "as long as for the first of the line"
    assert courtesy(day.state, day.state.counter("1"), day.now) is None
    day.take("noi_bo", channel="officer")
    assert courtesy(day.state, three, day.now) is None, "somebody whom no other counter can serve"
    assert day.next("3") is not None
    day.do(cmd.Finish(counter="3"))
    assert courtesy(day.state, three, day.now) == Courtesy(10.0, ("1",))
    day.later(seconds=10)
    assert called(day, "3") is not None
    assert courtesy(day.state, three, day.now) is None
    calm = a_day()
    calm.take("ho_tich")
    assert courtesy(calm.state, calm.state.counter("3"), calm.now) is None, "a policy without courtesy leaves nobody"


def test_nobody_is_left_to_a_counter_that_is_busy_paused_reserved_or_closed() -> None:
    away: list[tuple[cmd.Command, ...]] = [
        (cmd.PauseCounter(counter="1"),),
        (cmd.CloseCounter(counter="1"),),
        (cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)), cmd.CallNext(counter="1")),
        (cmd.ReskillCounter(counter="1", services=("dat_dai",)),),
    ]
    for commands in away:
        day = a_day(least_flexible_first=True)
        day.later(minutes=1)
        for command in commands:
            day.do(command)
        ticket = day.take("ho_tich")
        assert called(day, "3") == ticket.number, commands
    day = a_day(kept(counters="1", classes=("elderly",)), least_flexible_first=True)
    day.take("ho_tich")
    assert called(day, "3") == "A001"


def test_past_the_ceiling_nobody_is_left_to_anybody() -> None:
    day = a_day(least_flexible_first=True, grace=60.0)
    ticket = day.take("ho_tich")
    day.next("1")
    day.do(cmd.PutBack(counter="1"))
    day.later(minutes=44, seconds=30)
    day.do(cmd.CallNumber(counter="1", ticket=ticket.id))
    day.do(cmd.PutBack(counter="1"))
    assert called(day, "3") is None
    assert called(day.later(seconds=30), "3") == ticket.number


def test_the_windows_of_appointments_are_those_of_the_policy() -> None:
    day = a_day(appointment_early=5 * MINUTE, appointment_late=1 * MINUTE)
    booked = day.now + timedelta(minutes=6)
    day.take("ho_tich", appointment_at=booked)
    assert called(day, "1") is None
    assert called(day.later(minutes=1), "1") == "A001"
    late = day.later(minutes=10).take("ho_tich", appointment_at=day.now - timedelta(minutes=2))
    assert late.class_id == "walk_in", "two minutes are too late here"


def test_a_written_policy_is_read_as_it_was() -> None:
    from queue_server.journal.codec import decode, encode

    whole = Policy(
        name="index",
        options={"fair_fast": 0.2},
        classes={"elderly": ClassTerms(target=300.0, ceiling=1200.0, weight=2.0)},
        reservations=(kept(counters="2", services=("dat_dai",), days=(0, 4)),),
        own_first=False,
        least_flexible_first=True,
        grace=5.0,
        appointment_early=60.0,
        appointment_late=0.0,
    )
    day = Day()
    events = day.do(cmd.ChangePolicy(policy=whole))
    assert [decode(type(e).__name__, encode(e)) for e in events] == events
    assert day.state.policy == whole
    opened = Day(an_office(policy=whole)).log[0][0]
    assert decode("DayOpened", encode(opened)) == opened


def test_an_entry_of_before_reads_with_what_held_then() -> None:
    from queue_server.journal.codec import decode
    from queue_server.queue.evolve import evolve

    old = decode("PolicyChanged", '{"name": "ratio", "ordinary_per_priority": 3, "ceiling_multiple": 2.0}')
    state: OfficeDay = evolve(Day().state, old, MONDAY)
    assert state.policy == Policy(ordinary_per_priority=3, ceiling_multiple=2.0)
    assert (state.policy.own_first, state.policy.reservations) == (True, ())


def test_the_moments_at_which_something_changes() -> None:
    policy = Policy(
        reservations=(
            kept(services=("dat_dai",), begins=540, ends=600),
            kept(services=("dat_dai",), begins=570, ends=1440, days=(1,)),
        )
    )
    zone, day = "Asia/Ho_Chi_Minh", timedelta(days=1)
    local = [at + timedelta(hours=7) for at in moments(policy, zone, MONDAY, MONDAY + day)]
    assert [f"{at:%a %H:%M}" for at in local] == ["Mon 09:00", "Mon 10:00"]
    assert moments(Policy(), zone, MONDAY, MONDAY + day) == []
    assert moments(policy, zone, MONDAY + day, MONDAY) == []


def test_a_moment_between_two_turns_holds_what_held_at_the_first() -> None:
    policy = Policy(reservations=(kept(services=("dat_dai",)), kept(SERVICE, "1", services=("ho_tich",), days=(0, 2))))
    zone, end = "Asia/Ho_Chi_Minh", MONDAY + timedelta(days=8)
    all_moments = [MONDAY, *moments(policy, zone, MONDAY, end), end]
    for begin, then in pairwise(all_moments):
        middle = begin + (then - begin) / 2
        assert holding(policy, zone, begin) == holding(policy, zone, middle)
    assert {len(holding(policy, zone, at)) for at in all_moments[:-1]} == {0, 1, 2}
