"""Board, console and citizen's page in every state of the office."""

from datetime import timedelta

import pytest

from queue_server.contract.problems import Problem, Refused
from queue_server.contract.views import BoardView, CitizenView, ConsoleView, CourtesyRow, Wait
from queue_server.queue import commands as cmd
from queue_server.queue.config import Counter, Policy
from queue_server.queue.state import OfficeDay
from queue_server.views import pages
from queue_server.views.rows import shown_wait
from tests.queue.builders import Day, an_office, name

NOTHING_SHUT: frozenset[str] = frozenset()


def two_zones() -> Day:
    """Counter 2 stands in zone b."""
    config = an_office()
    counters = {**config.counters, "2": Counter(id="2", label="2", services=("dat_dai",), zone="b")}
    return Day(an_office(counters=counters, zones={"main": name("Sảnh"), "b": name("Khu B")}))


def board(day: Day, zone: str = "main") -> BoardView:
    return pages.board(day.state, zone, day.now, closed=NOTHING_SHUT, speaks=True)


def console(day: Day, counter: str = "1") -> ConsoleView:
    return pages.console(day.state, counter, day.now, closed=NOTHING_SHUT)


def citizen(day: Day, number: str = "A001") -> CitizenView:
    return pages.citizen(day.state, day.state.numbers[number], day.now)


def test_the_board_shows_the_newest_call_first() -> None:
    day = Day().open("1", "3")
    for _ in range(3):
        day.take()
    day.next("1"), day.later(seconds=5).next("3")
    assert [(c.number, c.counter_label, c.time, c.serving) for c in board(day).calls] == [
        ("A002", "3", 1, False), ("A001", "1", 1, False),
    ]  # fmt: skip
    first = board(day).calls[1].id
    day.later(seconds=20).do(cmd.Recall(counter="1"))
    newest = board(day).calls[0]
    assert (newest.number, newest.time) == ("A001", 2)
    assert newest.id != first
    day.do(cmd.Start(counter="1"))
    assert board(day).calls[0].serving


def test_a_call_taken_back_or_missed_leaves_the_board() -> None:
    day = Day().open("1", "3")
    day.take(), day.take()
    day.next("1"), day.next("3")
    day.do(cmd.PutBack(counter="1"))
    day.do(cmd.NoShow(counter="3"))
    view = board(day)
    assert view.calls == ()
    assert view.missed == ("A002",)
    assert board(day.later(minutes=31)).missed == ()  # too late to report back


def test_each_zone_shows_its_own() -> None:
    day = two_zones().open("1", "2")
    day.take("ho_tich"), day.take("dat_dai")
    day.next("1"), day.next("2")
    assert [call.number for call in board(day).calls] == ["A001"]
    assert [call.number for call in board(day, "b").calls] == ["D001"]
    assert {call.number for call in board(day, "all").calls} == {"A001", "D001"}
    assert [row.id for row in board(day, "b").counters] == ["2"]
    assert board(day, "b").zone_name == name("Khu B")


def test_a_busy_zone_does_not_push_out_a_quiet_one() -> None:
    day = two_zones().open("1", "2")
    day.take("dat_dai")
    day.next("2")
    for _ in range(20):
        day.take("ho_tich")
        day.next("1")
    assert [call.number for call in board(day, "b").calls] == ["D001"]


def test_an_unknown_zone_and_counter_are_refused() -> None:
    day = Day()
    with pytest.raises(Refused) as caught:
        board(day, "nowhere")
    assert caught.value.code == Problem.NOT_FOUND
    with pytest.raises(Refused) as caught:
        console(day, "99")
    assert caught.value.code == Problem.COUNTER_UNKNOWN


def test_before_the_day_opens_there_is_nothing_to_show() -> None:
    day = Day()
    day.state = OfficeDay()
    for look in (board, console):
        with pytest.raises(Refused) as caught:
            look(day)
        assert caught.value.code in (Problem.DAY_CLOSED, Problem.COUNTER_UNKNOWN)


def test_an_empty_board() -> None:
    view = board(Day())
    assert (view.calls, view.missed, view.mean_wait, view.open, view.target) == ((), (), None, True, 15.0)
    assert {(row.state, row.waiting, row.wait) for row in view.services} == {("no-counter", 0, None)}


def test_services_say_whether_somebody_can_be_served() -> None:
    day = Day().open("1")
    states = {row.id: row.state for row in board(day).services}
    assert states == {"ho_tich": "open", "dat_dai": "no-counter", "noi_bo": "no-counter"}
    shut = pages.board(day.state, "main", day.now, closed=frozenset({"ho_tich"}), speaks=False)
    row = shut.services[0]
    assert (row.state, row.wait) == ("closed", None)
    day.do(cmd.PauseCounter(counter="1"))
    assert board(day).services[0].state == "no-counter"
    day.do(cmd.CloseDay())
    assert ({row.state for row in board(day).services}, board(day).open) == ({"closed"}, False)


def test_the_console_of_a_free_counter_says_who_is_next_and_why() -> None:
    day = Day().open("1")
    assert (console(day).next, console(day).waiting, console(day).current) == (None, (), None)
    day.take(), day.take("dat_dai"), day.take(class_id="elderly")
    day.later(minutes=5)
    view = console(day)
    assert [row.number for row in view.waiting] == ["A001", "A002"]
    assert view.next is not None
    assert (view.next.number, view.next.code, view.next.runner_up) == ("A002", "priority_turn", "A001")
    assert "Người cao tuổi".lower() in view.next.reason["vi"]
    assert round(view.waiting[0].waited, 2) == round(5 + 2 / 60, 2)
    assert [each for each, _ in view.classes] == ["walk_in", "elderly"]


def test_the_console_says_to_whom_people_are_left() -> None:
    day = Day(an_office(policy=Policy(least_flexible_first=True, grace=20.0))).open("1", "3")
    assert console(day, "3").courtesy is None
    day.take()
    day.later(seconds=0.5)
    view = console(day, "3")
    assert (view.next, view.courtesy) == (None, CourtesyRow(seconds=20, counters=("1",)))
    view = console(day.later(seconds=20), "3")
    assert (view.next is not None, view.courtesy) == (True, None)
    day.do(cmd.PauseCounter(counter="3"))
    day.take()
    assert console(day, "3").courtesy is None


def test_the_console_while_somebody_is_at_the_counter() -> None:
    day = Day().open("1")
    day.take(), day.take()
    day.later(minutes=16).next("1")
    view = console(day)
    assert view.current is not None
    assert (view.current.number, view.current.state, view.current.calls) == ("A001", "called", 1)
    assert (view.current.over_target, round(view.current.waited, 1), view.recalls_left) == (True, 16.0, 3)
    assert (view.counter.doing, view.counter.number) == ("called", "A001")
    day.later(seconds=20).do(cmd.Recall(counter="1"))
    assert console(day).recalls_left == 2
    day.do(cmd.Start(counter="1"))
    day.later(minutes=3)
    current = console(day).current
    assert current is not None
    assert (current.state, round(current.handled or 0, 1), console(day).counter.doing) == ("serving", 3.3, "serving")


def test_the_console_of_a_paused_counter_calls_nobody() -> None:
    day = Day().open("1")
    day.take()
    day.do(cmd.PauseCounter(counter="1", reason="Nghỉ trưa"))
    view = console(day)
    assert (view.next, view.counter.status, view.counter.pause_reason) == (None, "paused", "Nghỉ trưa")
    assert len(view.waiting) == 1


def test_who_rests_and_who_missed_stand_aside() -> None:
    day = Day().open("1", "2")
    day.take(), day.take(), day.take("dat_dai")
    day.next("1")
    day.do(cmd.Hold(counter="1", reason="Tờ khai"))
    day.next("1")
    day.do(cmd.NoShow(counter="1"))
    view = console(day)
    assert [(row.number, row.note) for row in view.held] == [("A001", "Tờ khai")]
    assert [row.number for row in view.missed] == ["A002"]
    assert (console(day, "2").held, console(day, "2").missed) == ((), ())
    assert [row.number for row in console(day, "3").held] == ["A001"]  # the service is theirs too
    assert console(day.later(minutes=31)).missed == ()


def test_people_sent_to_a_counter_wait_there() -> None:
    day = Day().open("1", "2")
    day.take()
    day.next("1")
    day.do(cmd.Transfer(counter="1", to_counter="2", note="bản gốc"))
    assert [(row.number, row.note) for row in console(day, "2").waiting] == [("A001", "bản gốc")]
    assert console(day).waiting == ()
    assert console(day, "2").next.code == "own_visitor"  # type: ignore[union-attr]


CAN = {"waiting": ("postpone", "cancel"), "missed": ("cancel",), "served": ("feedback",)}


def test_a_citizen_through_every_state() -> None:
    day = Day().open("1")
    ticket = day.take()

    def state() -> tuple[str, str | None]:
        view = citizen(day)
        assert view.can == CAN.get(view.state, ())
        return view.state, view.counter_label

    assert state() == ("waiting", None)
    day.next("1")
    assert state() == ("called", "1")
    day.do(cmd.NoShow(counter="1"))
    assert state() == ("missed", None)
    day.do(cmd.Reinstate(ticket=ticket.id))
    assert state() == ("waiting", None)
    day.next("1")
    day.do(cmd.Start(counter="1"))
    assert state() == ("serving", "1")
    day.do(cmd.Hold(counter="1"))
    assert state() == ("held", "1")
    day.do(cmd.ResumeTicket(counter="1", ticket=ticket.id))
    day.do(cmd.Finish(counter="1"))
    assert state() == ("served", None)
    day.do(cmd.RateVisit(ticket=ticket.id, score=4))
    assert citizen(day).can == ()
    other = day.take()
    day.do(cmd.CancelTicket(ticket=other.id))
    assert citizen(day, "A002").state == "cancelled"
    day.take()
    day.do(cmd.CloseDay())
    assert (citizen(day, "A003").state, citizen(day, "A003").can) == ("expired", ())


def test_people_ahead_are_those_who_stand_before_me() -> None:
    day = Day()
    for _ in range(4):
        day.take()
    assert [citizen(day, f"A00{n}").people_ahead for n in range(1, 5)] == [0, 1, 2, 3]
    day.take(class_id="elderly")
    assert [citizen(day, f"A00{n}").people_ahead for n in range(1, 6)] == [1, 2, 3, 4, 0]
    day.open("1").next("1")
    assert [citizen(day, f"A00{n}").people_ahead for n in range(1, 5)] == [0, 1, 2, 3]


def test_staff_see_from_when_somebody_may_be_called() -> None:
    day = Day().open("1")
    ticket = day.take()
    day.do(cmd.PostponeTicket(ticket=ticket.id, minutes=10))
    (row,) = console(day).waiting
    assert (row.due_at, console(day).next) == (day.now + timedelta(minutes=10), None)
    (row,) = console(day.later(minutes=10)).waiting
    assert (row.due_at, console(day).next is not None) == (None, True)


def test_postponing_twice_leaves_only_giving_back() -> None:
    day = Day()
    ticket = day.take()
    for _ in range(2):
        day.do(cmd.PostponeTicket(ticket=ticket.id, minutes=10))
    assert citizen(day).can == ("cancel",)


def test_the_ticket_that_matters_comes_first() -> None:
    day = Day().open("2")
    day.take("ho_tich+dat_dai")
    view = citizen(day)
    assert (view.service_name["vi"], view.others) == ("Hộ tịch", ((name("Đất đai"), "waiting"),))
    day.next("2")
    view = citizen(day)
    assert (view.service_name["vi"], view.state, view.counter_label) == ("Đất đai", "called", "2")
    assert view.others == ((name("Hộ tịch"), "waiting"),)


def test_without_an_open_counter_no_wait_is_promised() -> None:
    day = Day()
    day.take()
    assert citizen(day).wait is None
    assert citizen(day).counters == ("1", "3")  # where it may be, by the site file
    day.open("3")
    view = citizen(day)
    assert view.counters == ("3",)
    assert view.wait is not None
    assert 0 <= view.wait.low <= view.wait.likely <= view.wait.high


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [((0, 0, 0), (0, 0, 5)), ((61, 119, 240), (0, 2, 5)), ((300, 301, 301), (5, 5, 10)), ((599, 700, 900), (5, 12, 15)),
     ((601, 1000, 1799), (10, 17, 30))],
)  # fmt: skip
def test_waits_are_rounded_outward(seconds: tuple[float, float, float], shown: tuple[int, int, int]) -> None:
    assert shown_wait(*seconds) == Wait(low=shown[0], likely=shown[1], high=shown[2])
    assert shown_wait(None, 1.0, 2.0) is None
