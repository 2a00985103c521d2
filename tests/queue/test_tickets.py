"""Taking, giving back, postponing, handing in."""

from datetime import timedelta

import pytest

from queue_server.contract.problems import Problem
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import Rules
from queue_server.queue.rules_day import unused_leased
from queue_server.queue.rules_tickets import MOST_PRINT_FAILURES
from queue_server.queue.states import TicketState
from tests.queue.builders import MONDAY, Day, an_office
from tests.queue.test_calls import refused


def wanted(*services: str) -> tuple[cmd.Wanted, ...]:
    return tuple(cmd.Wanted(service=s) for s in services)


def test_numbers_run_per_prefix_and_start_at_one() -> None:
    day = Day()
    assert [day.take("ho_tich").number, day.take("dat_dai").number, day.take("ho_tich").number] == [
        "A001", "D001", "A002",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (cmd.IssueTicket(wanted=()), Problem.SERVICE_UNKNOWN),
        (cmd.IssueTicket(wanted=wanted("x")), Problem.SERVICE_UNKNOWN),
        (cmd.IssueTicket(wanted=wanted("noi_bo")), Problem.SERVICE_NOT_OFFERED),
        (cmd.IssueTicket(wanted=wanted("dat_dai"), channel="phone"), Problem.SERVICE_NOT_OFFERED),
        (cmd.IssueTicket(wanted=wanted("ho_tich", "ho_tich")), Problem.BODY_INVALID),
        (cmd.IssueTicket(wanted=wanted("ho_tich"), class_id="vip"), Problem.CLASS_UNKNOWN),
        (cmd.IssueTicket(wanted=wanted("ho_tich"), class_id="appointment"), Problem.TIME_INVALID),
        (
            cmd.IssueTicket(wanted=wanted("ho_tich"), appointment_at=MONDAY + timedelta(days=2)),
            Problem.TIME_INVALID,
        ),
        (cmd.CancelTicket(ticket="x"), Problem.TICKET_UNKNOWN),
        (cmd.LeaseNumbers(kiosk="x"), Problem.KIOSK_UNKNOWN),
        (cmd.RequestHelp(kiosk="x"), Problem.KIOSK_UNKNOWN),
        (cmd.GiveHelp(help="x"), Problem.HELP_UNKNOWN),
        (cmd.OpenCounter(counter="9", officer="o"), Problem.COUNTER_UNKNOWN),
        (cmd.OpenCounter(counter="1", officer="o", services=("x",)), Problem.SERVICE_UNKNOWN),
        (cmd.CallNext(counter="1"), Problem.COUNTER_CLOSED),
        (cmd.ResumeCounter(counter="1"), Problem.COUNTER_NOT_PAUSED),
        (cmd.CloseCounter(counter="1"), Problem.COUNTER_CLOSED),
        (cmd.PauseCounter(counter="1"), Problem.COUNTER_CLOSED),
        (cmd.ReskillCounter(counter="1", services=("ho_tich",)), Problem.COUNTER_CLOSED),
        (cmd.OpenDay(day="20261123", config=an_office()), Problem.ALREADY_OPEN),
    ],
)
def test_what_does_not_exist_is_refused_by_name(command: cmd.Command, code: Problem) -> None:
    assert refused(Day(), command) is code


def test_an_appointment_waits_from_its_booked_time() -> None:
    day = Day().open("1")
    booked = day.now + timedelta(minutes=30)
    ticket = day.take(appointment_at=booked)
    assert (ticket.class_id, ticket.since, ticket.channel) == ("appointment", booked, "appointment")
    assert day.next("1") is None, "ten minutes early at the earliest"
    assert day.later(minutes=21).next("1") is ticket
    assert ticket.waited == 0


def test_an_early_appointment_lets_those_who_wait_go_first() -> None:
    day = Day().open("1")
    early = day.take(appointment_at=day.now + timedelta(minutes=5))
    walk_in = day.take()
    assert day.next("1") is walk_in
    assert day.next("1") is early
    assert early.reason == "appointment_early"


def test_who_comes_too_late_for_a_booking_is_an_ordinary_visitor() -> None:
    day = Day()
    late = day.take(appointment_at=day.now - timedelta(minutes=16))
    assert (late.class_id, late.since) == ("walk_in", late.taken_at)


def test_a_postponed_person_is_not_called_before_the_time() -> None:
    day = Day().open("1")
    first, second = day.take(), day.take()
    day.do(cmd.PostponeTicket(ticket=first.id, minutes=10))
    assert day.next("1") is second
    assert day.next("1") is None
    assert day.later(minutes=11).next("1") is first


def test_postponing_has_a_limit_in_times_and_minutes() -> None:
    day = Day(an_office(rules=Rules(postpone_limit=1)))
    ticket = day.take()
    assert refused(day, cmd.PostponeTicket(ticket=ticket.id, minutes=61)) is Problem.TIME_INVALID
    assert refused(day, cmd.PostponeTicket(ticket=ticket.id, minutes=float("nan"))) is Problem.TIME_INVALID
    day.do(cmd.PostponeTicket(ticket=ticket.id, minutes=10))
    assert refused(day, cmd.PostponeTicket(ticket=ticket.id, minutes=10)) is Problem.POSTPONE_LIMIT


def test_a_ticket_given_back_is_never_called_and_giving_back_twice_is_quiet() -> None:
    day = Day().open("1")
    ticket = day.take()
    assert day.do(cmd.CancelTicket(ticket=ticket.id))
    assert day.do(cmd.CancelTicket(ticket=ticket.id)) == []
    assert day.next("1") is None


def test_a_person_at_a_counter_cannot_give_the_ticket_back() -> None:
    day = Day().open("1")
    ticket = day.take()
    day.next("1")
    assert refused(day, cmd.CancelTicket(ticket=ticket.id)) is Problem.TICKET_STATE


def test_staff_may_correct_the_class_and_the_wait_stays() -> None:
    day = Day().open("1")
    day.take()
    ticket = day.take()
    since = ticket.since
    day.do(cmd.ChangePriority(ticket=ticket.id, class_id="elderly"))
    assert (ticket.class_id, ticket.since) == ("elderly", since)
    assert day.next("1") is ticket


def test_a_kiosk_leases_numbers_that_nobody_else_gets() -> None:
    day = Day(an_office(rules=Rules(lease_size=3)))
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    day.do(cmd.LeaseNumbers(kiosk="k2"))
    assert unused_leased(day.state, "k1", "A") == ["A701", "A702", "A703"]
    assert unused_leased(day.state, "k2", "A") == ["A704", "A705", "A706"]
    assert day.do(cmd.LeaseNumbers(kiosk="k1")) == [], "nothing used, nothing more"


def test_a_handed_in_number_joins_by_its_true_time() -> None:
    day = Day().open("1")
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    taken = day.now
    later = day.later(minutes=10).take()
    day.do(cmd.HandIn(kiosk="k1", number="A701", taken_at=taken, wanted=wanted("ho_tich")))
    first = day.next("1")
    assert first is not None
    assert (first.number, first.taken_at) == ("A701", taken)
    assert day.next("1") is later


def test_a_handed_in_number_must_be_leased_and_unused() -> None:
    day = Day()
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    hand_in = cmd.HandIn(kiosk="k1", number="A701", taken_at=day.now, wanted=wanted("ho_tich"))
    day.do(hand_in)
    assert refused(day, hand_in) is Problem.NUMBER_USED
    for number in ("A001", "A799", "D701"):
        wrong = cmd.HandIn(kiosk="k1", number=number, taken_at=day.now, wanted=wanted("ho_tich"))
        assert refused(day, wrong) is Problem.NUMBER_NOT_LEASED
    assert refused(day, cmd.HandIn(kiosk="k2", number="A702", taken_at=day.now, wanted=wanted("ho_tich"))) is (
        Problem.NUMBER_NOT_LEASED
    )


@pytest.mark.parametrize("minutes", [-600, 600])
def test_a_wrong_clock_of_a_kiosk_is_kept_within_the_day(minutes: int) -> None:
    day = Day()
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    day.later(minutes=5)
    taken = day.now + timedelta(minutes=minutes)
    day.do(cmd.HandIn(kiosk="k1", number="A701", taken_at=taken, wanted=wanted("ho_tich")))
    ticket = next(iter(day.state.tickets.values()))
    assert MONDAY <= ticket.since <= day.now


def test_the_order_of_the_day_skips_leased_numbers() -> None:
    day = Day(an_office(rules=Rules(lease_size=2)))
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    day.state.serials["A"] = 700  # as after seven hundred tickets
    assert [day.take().number, day.take().number] == ["A703", "A704"]


def test_a_visit_is_rated_once_after_it_was_served() -> None:
    day = Day().open("1")
    ticket = day.take()
    assert refused(day, cmd.RateVisit(ticket=ticket.id, score=4)) is Problem.FEEDBACK_TOO_EARLY
    day.next("1")
    day.do(cmd.Finish(counter="1"))
    assert refused(day, cmd.RateVisit(ticket=ticket.id, score=5)) is Problem.BODY_INVALID
    day.do(cmd.RateVisit(ticket=ticket.id, score=4, reasons=("thai_do",)))
    assert refused(day, cmd.RateVisit(ticket=ticket.id, score=1)) is Problem.FEEDBACK_GIVEN


def test_a_print_that_fails_leaves_the_ticket_valid() -> None:
    day = Day().open("1")
    ticket = day.take()
    day.do(cmd.ReportPrint(ticket=ticket.id, problem="paper-out"))
    assert ticket.printed is False
    assert day.next("1") is ticket


def test_the_same_print_report_again_is_no_news() -> None:
    day = Day().open("1")
    ticket = day.take()
    failed = cmd.ReportPrint(ticket=ticket.id, problem="paper-out")
    assert len(day.do(failed)) == 1
    assert [day.do(failed) for _ in range(50)] == [[]] * 50
    assert len(day.do(cmd.ReportPrint(ticket=ticket.id, problem="jam"))) == 1, "another problem is news"
    assert len(day.do(cmd.ReportPrint(ticket=ticket.id))) == 1
    assert len(day.do(cmd.ReportPrint(ticket=ticket.id, problem="jam"))) == 1, "again after paper is news"


def test_print_reports_in_ever_new_words_are_few_entries() -> None:
    day = Day().open("1")
    ticket = day.take()
    entries = 0
    for turn in range(500):
        entries += len(day.do(cmd.ReportPrint(ticket=ticket.id, problem=f"error {turn}")))
        entries += len(day.do(cmd.ReportPrint(ticket=ticket.id)))
    assert entries <= 2 * MOST_PRINT_FAILURES
    assert ticket.printed is True, "paper that came out is always believed"


def test_help_is_called_once_until_it_is_given() -> None:
    day = Day()
    (called,) = day.do(cmd.RequestHelp(kiosk="k1"))
    assert isinstance(called, ev.HelpRequested)
    assert day.do(cmd.RequestHelp(kiosk="k1")) == []
    day.do(cmd.GiveHelp(help=called.help))
    assert day.do(cmd.GiveHelp(help=called.help)) == []
    assert day.do(cmd.RequestHelp(kiosk="k1"))


def test_the_day_ends_with_nobody_left_in_the_air() -> None:
    day = Day().open("1", "2")
    served, waiting, called = day.take(), day.take(), day.take("dat_dai")
    day.next("1")
    day.do(cmd.Start(counter="1"))
    day.do(cmd.CallNext(counter="2"))
    day.do(cmd.CloseDay())
    assert [t.state for t in (served, waiting, called)] == [
        TicketState.SERVED, TicketState.EXPIRED, TicketState.EXPIRED,
    ]  # fmt: skip
    assert all(c.ticket is None and str(c.status) == "closed" for c in day.state.counters.values())
    assert refused(day, cmd.IssueTicket(wanted=wanted("ho_tich"))) is Problem.DAY_CLOSED
    day.later(minutes=60 * 24).do(cmd.OpenDay(day="20261124", config=an_office()))
    assert day.take().number == "A001"


def test_a_changed_site_file_takes_over_unless_it_drops_what_is_in_use() -> None:
    day = Day().open("1")
    day.take()
    longer = an_office(rules=Rules(recall_limit=9))
    day.do(cmd.ChangeSetup(config=longer))
    assert day.state.setup.rules.recall_limit == 9
    assert day.do(cmd.ChangeSetup(config=longer)) == []
    without = an_office(services={k: v for k, v in an_office().services.items() if k != "ho_tich"})
    assert refused(day, cmd.ChangeSetup(config=without)) is Problem.BODY_INVALID


def test_a_paused_counter_finishes_but_calls_nobody() -> None:
    day = Day().open("1")
    day.take(), day.take()
    day.next("1")
    day.do(cmd.PauseCounter(counter="1", reason="Nghỉ"))
    assert refused(day, cmd.CloseCounter(counter="1")) is Problem.COUNTER_BUSY
    events = day.do(cmd.Finish(counter="1"))
    assert events
    assert refused(day, cmd.CallNext(counter="1")) is Problem.COUNTER_PAUSED
    assert refused(day, cmd.PauseCounter(counter="1")) is Problem.COUNTER_PAUSED
    day.do(cmd.ResumeCounter(counter="1"))
    assert day.next("1") is not None


def test_a_counter_learns_a_service_while_open() -> None:
    day = Day().open("1")
    land = day.take("dat_dai")
    assert day.next("1") is None
    day.do(cmd.ReskillCounter(counter="1", services=("ho_tich", "dat_dai")))
    assert day.next("1") is land


def test_another_officer_cannot_take_an_open_counter() -> None:
    day = Day().open("1")
    assert refused(day, cmd.OpenCounter(counter="1", officer="somebody")) is Problem.COUNTER_TAKEN
    assert refused(day, cmd.OpenCounter(counter="1", officer="officer-1")) is Problem.ALREADY_OPEN


def test_people_ahead_and_wait_are_stated_at_issue() -> None:
    day = Day()
    alone = day.take()
    assert (alone.people_ahead, alone.wait_low) == (0, None), "no counter is open: no promise"
    day.open("1")
    second = day.take()
    assert second.people_ahead == 1
    assert second.wait_low is not None
    assert second.wait_high is not None
    assert 0 < second.wait_low < second.wait_high
