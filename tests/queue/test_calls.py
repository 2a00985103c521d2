"""Who is called, by whom, and what may follow."""

from datetime import timedelta

import pytest

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import Policy, Rules
from queue_server.queue.states import TicketState
from tests.queue.builders import Day, an_office


def refused(day: Day, command: cmd.Command) -> Problem:
    """The code of a refusal; a refusal changes nothing."""
    before = day.state.version
    with pytest.raises(Refused) as caught:
        day.do(command)
    assert day.state.version == before
    return caught.value.code


def test_people_are_called_in_order_of_arrival_and_by_skill() -> None:
    day = Day().open("1", "2")
    day.take("ho_tich"), day.take("dat_dai"), day.take("ho_tich")
    assert day.numbers("1", 3) == ["A001", "A002", None]
    assert day.numbers("2", 2) == ["D001", None]


def test_one_priority_person_is_called_for_two_ordinary_ones() -> None:
    day = Day().open("1")
    for _ in range(5):
        day.take()
    for _ in range(3):
        day.take(class_id="elderly")
    assert day.numbers("1", 8) == ["A006", "A001", "A002", "A007", "A003", "A004", "A008", "A005"]


def test_the_ratio_is_a_setting() -> None:
    day = Day(an_office(policy=Policy(ordinary_per_priority=1))).open("1")
    for _ in range(3):
        day.take()
    for _ in range(2):
        day.take(class_id="elderly")
    assert day.numbers("1", 5) == ["A004", "A001", "A005", "A002", "A003"]


def test_priority_people_are_all_called_when_nobody_else_waits() -> None:
    day = Day().open("1")
    day.take(class_id="elderly"), day.take(class_id="elderly")
    assert day.numbers("1", 2) == ["A001", "A002"]


def test_a_person_past_the_ceiling_goes_before_any_priority() -> None:
    day = Day().open("1")
    old = day.take()
    day.later(minutes=45)  # 3 × 15 minutes: the ceiling of walk-ins
    day.take(class_id="elderly")
    called = day.do(cmd.CallNext(counter="1"))[0]
    assert isinstance(called, ev.TicketCalled)
    assert (called.ticket, called.reason) == (old.id, "ceiling")
    assert called.runner_up is not None


def test_the_largest_excess_goes_first_among_those_past_their_ceiling() -> None:
    day = Day().open("1")
    ordinary = day.take()
    day.later(minutes=28)
    elderly = day.take(class_id="elderly")
    day.later(minutes=20)  # ordinary 48 of 45 minutes, elderly 20 of 15
    assert day.next("1") is elderly
    assert day.next("1") is ordinary


def test_every_call_keeps_its_reason_and_runner_up() -> None:
    day = Day().open("1")
    day.take(), day.take(class_id="elderly")
    day.next("1")
    called = next(e for e, _ in day.log if isinstance(e, ev.TicketCalled))
    assert called.reason == "priority_turn"
    assert called.facts == {"class": "elderly", "waited": 0.0, "ordinary_run": None}
    assert called.runner_up == "20261123-A001"


def test_an_officer_may_call_one_number_and_the_journal_says_so() -> None:
    day = Day().open("1")
    first, second = day.take(), day.take()
    called = day.do(cmd.CallNumber(counter="1", ticket=second.id))[0]
    assert isinstance(called, ev.TicketCalled)
    assert (called.reason, called.runner_up) == ("officer_choice", first.id)


def test_call_number_needs_the_skill() -> None:
    day = Day().open("1")
    land = day.take("dat_dai")
    assert refused(day, cmd.CallNumber(counter="1", ticket=land.id)) is Problem.SKILL_MISSING


def test_a_counter_serves_one_person_at_a_time() -> None:
    day = Day().open("1")
    day.take(), day.take()
    day.do(cmd.CallNext(counter="1"))
    assert refused(day, cmd.CallNext(counter="1")) is Problem.COUNTER_BUSY


@pytest.mark.parametrize("command", [cmd.Recall, cmd.Start, cmd.Finish, cmd.NoShow, cmd.Hold, cmd.PutBack])
def test_an_idle_counter_has_nothing_to_do(command: type[cmd.Recall]) -> None:
    day = Day().open("1")
    assert refused(day, command(counter="1")) is Problem.COUNTER_IDLE


def test_recalls_have_a_gap_and_a_limit() -> None:
    day = Day(an_office(rules=Rules(recall_limit=2, recall_gap=10))).open("1")
    day.take()
    day.do(cmd.CallNext(counter="1"))
    assert refused(day.later(seconds=5), cmd.Recall(counter="1")) is Problem.CALL_TOO_SOON
    for time in (2, 3):
        recalled = day.later(seconds=10).do(cmd.Recall(counter="1"))[0]
        assert isinstance(recalled, ev.TicketRecalled)
        assert recalled.time == time
    assert refused(day.later(seconds=10), cmd.Recall(counter="1")) is Problem.CALL_LIMIT


def test_a_started_person_cannot_be_recalled_or_missed() -> None:
    day = Day().open("1")
    day.take()
    day.do(cmd.CallNext(counter="1"))
    day.do(cmd.Start(counter="1"))
    assert refused(day.later(minutes=1), cmd.Recall(counter="1")) is Problem.TICKET_STATE
    assert refused(day, cmd.NoShow(counter="1")) is Problem.TICKET_STATE


def test_finishing_a_called_person_implies_the_start() -> None:
    day = Day().open("1")
    ticket = day.take()
    day.do(cmd.CallNext(counter="1"))
    started, finished = day.later(minutes=4).do(cmd.Finish(counter="1"))
    assert isinstance(started, ev.ServiceStarted)
    assert started.implied
    assert isinstance(finished, ev.ServiceFinished)
    assert ticket.state is TicketState.SERVED


def test_a_missed_person_reports_back_behind_three_others() -> None:
    day = Day().open("1")
    missed = day.take()
    for _ in range(5):
        day.take()
    day.do(cmd.CallNext(counter="1"))
    day.do(cmd.NoShow(counter="1"))
    day.later(minutes=5).do(cmd.Reinstate(ticket=missed.id))
    assert day.numbers("1", 6) == ["A002", "A003", "A004", "A001", "A005", "A006"]


def test_reporting_back_too_late_is_refused() -> None:
    day = Day().open("1")
    missed = day.take()
    day.do(cmd.CallNext(counter="1"))
    day.do(cmd.NoShow(counter="1"))
    assert refused(day.later(minutes=31), cmd.Reinstate(ticket=missed.id)) is Problem.REINSTATE_TOO_LATE


def test_a_missed_person_may_be_called_directly() -> None:
    day = Day().open("1")
    missed = day.take()
    day.do(cmd.CallNext(counter="1"))
    day.do(cmd.NoShow(counter="1"))
    events = day.do(cmd.CallNumber(counter="1", ticket=missed.id))
    assert [type(e) for e in events] == [ev.TicketReinstated, ev.TicketCalled]


def test_a_held_person_frees_the_counter_and_comes_back_without_a_wait() -> None:
    day = Day().open("1")
    held, other = day.take(), day.take()
    day.next("1")
    day.do(cmd.Hold(counter="1", reason="điền tờ khai"))
    assert day.next("1") is other
    assert refused(day, cmd.ResumeTicket(counter="1", ticket=held.id)) is Problem.COUNTER_BUSY
    day.do(cmd.Finish(counter="1"))
    day.do(cmd.ResumeTicket(counter="1", ticket=held.id))
    assert (held.state, held.counter) == (TicketState.SERVING, "1")


def test_a_transferred_person_keeps_the_time_already_waited() -> None:
    day = Day().open("1", "2")
    sent = day.take("ho_tich")
    day.later(minutes=12).next("1")
    day.take("dat_dai")
    day.later(minutes=10).do(cmd.Transfer(counter="1", to_service="dat_dai"))
    assert (day.now - sent.since).total_seconds() == 12 * 60
    assert day.next("2") is sent


def test_a_no_show_gives_the_person_time_to_come_after_each_call() -> None:
    day = Day(an_office(rules=Rules(no_show_after=30, recall_gap=10))).open("1")
    ticket = day.take()
    day.do(cmd.CallNext(counter="1"))
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            day.later(seconds=29).do(cmd.NoShow(counter="1"))
        assert refusal.value.code is Problem.NO_SHOW_TOO_SOON
        day.do(cmd.Recall(counter="1"))
    day.later(seconds=30).do(cmd.NoShow(counter="1"))
    assert ticket.state is TicketState.MISSED


def test_only_who_waits_alone_is_the_only_one() -> None:
    day = Day(an_office(policy=Policy(name="index"))).open("1")
    people = [day.take() for _ in range(3)]
    for _ in people:
        day.do(cmd.CallNext(counter="1", finish_current=True))
    reasons = [event.reason for event, _ in day.log if isinstance(event, ev.TicketCalled)]
    assert reasons == ["arrival_order", "arrival_order", "only_one"]


def test_somebody_booked_for_later_is_no_company() -> None:
    day = Day(an_office(policy=Policy(name="index"))).open("1")
    now, later = day.now + timedelta(minutes=1), day.now + timedelta(hours=2)
    for booked in (now, later):
        day.take(appointment_at=booked)
    day.later(minutes=2)
    assert day.next("1") is not None
    assert next(e.reason for e, _ in day.log if isinstance(e, ev.TicketCalled)) == "only_one"


def test_a_transfer_to_a_counter_waits_for_that_counter_only() -> None:
    day = Day().open("1", "2", "3")
    sent = day.take("ho_tich")
    day.next("1")
    day.do(cmd.Transfer(counter="1", to_counter="2"))
    assert day.next("3") is None
    assert day.next("2") is sent
    assert sent.reason == "own_visitor"


def test_a_person_sent_with_return_comes_back_to_the_sender() -> None:
    day = Day().open("1", "2")
    sent = day.take("ho_tich")
    day.next("1")
    day.do(cmd.Transfer(counter="1", to_service="dat_dai", return_to_sender=True))
    assert day.next("2") is sent
    day.do(cmd.Finish(counter="2"))
    assert (sent.state, sent.pinned, sent.service) == (TicketState.WAITING, "1", "ho_tich")
    assert day.next("1") is sent
    day.do(cmd.Finish(counter="1"))
    assert sent.state is TicketState.SERVED


def test_people_kept_for_a_counter_are_freed_when_it_closes() -> None:
    day = Day().open("1", "2", "3")
    sent = day.take("ho_tich")
    day.next("1")
    day.do(cmd.Transfer(counter="1", to_counter="2"))
    day.do(cmd.CloseCounter(counter="2"))
    assert day.next("3") is sent


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (cmd.Transfer(counter="1"), Problem.TRANSFER_NOWHERE),
        (cmd.Transfer(counter="1", to_service="dat_dai", to_counter="2"), Problem.TRANSFER_NOWHERE),
        (cmd.Transfer(counter="1", to_counter="1"), Problem.TRANSFER_NOWHERE),
        (cmd.Transfer(counter="1", to_counter="2"), Problem.COUNTER_CLOSED),
        (cmd.Transfer(counter="1", to_counter="9"), Problem.COUNTER_UNKNOWN),
        (cmd.Transfer(counter="1", to_service="x"), Problem.SERVICE_UNKNOWN),
    ],
)
def test_a_transfer_needs_one_place_that_exists(change: cmd.Transfer, code: Problem) -> None:
    day = Day().open("1")
    day.take()
    day.next("1")
    assert refused(day, change) is code


def test_a_call_by_mistake_is_undone_and_keeps_the_place() -> None:
    day = Day().open("1")
    first = day.take()
    day.take()
    day.do(cmd.CallNext(counter="1"))
    day.do(cmd.PutBack(counter="1"))
    assert (first.state, first.called_at) == (TicketState.WAITING, None)
    assert day.state.recent_calls == []
    assert day.next("1") is first


def test_a_visit_with_two_services_is_called_once_at_a_time() -> None:
    day = Day().open("1", "2")
    both = day.take("ho_tich+dat_dai")
    second = day.state.tickets[f"{both.id}-2"]
    assert (both.number, second.number) == ("A001", "A001")
    assert day.next("1") is both
    assert day.next("2") is None, "the person is at counter 1"
    assert refused(day, cmd.CallNumber(counter="2", ticket=second.id)) is Problem.VISIT_AT_COUNTER
    day.later(minutes=10).do(cmd.Finish(counter="1"))
    assert day.next("2") is second
    assert second.waited is not None
    assert second.waited < 5, "time at the first counter is no waiting time of the second"


def test_the_wait_of_a_visit_is_counted_once() -> None:
    day = Day().open("1", "2")
    day.take("ho_tich+dat_dai")
    day.later(minutes=6).next("1")
    day.later(minutes=5).next("1")
    day.later(minutes=3).next("2")
    day.next("2")
    assert day.state.waits == 1
    assert day.state.wait_sum == 6 * 60


def test_the_wait_ends_with_the_call_that_is_answered() -> None:
    day = Day().open("1")
    ticket = day.take()
    day.later(minutes=5).do(cmd.CallNext(counter="1"))
    day.do(cmd.NoShow(counter="1"))
    day.later(minutes=5).do(cmd.Reinstate(ticket=ticket.id))
    day.later(minutes=2).next("1")
    day.do(cmd.Start(counter="1"))
    assert day.state.waits == 1
    assert ticket.answered
