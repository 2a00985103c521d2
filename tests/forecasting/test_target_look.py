"""One look at the office, as the forecasting process takes it."""

import pickle
from datetime import timedelta

import pytest

from queue_server.forecasting import outlook_office as oo
from queue_server.forecasting.target import Level, Scope, TargetAtRisk, TargetSafe, Watch
from queue_server.forecasting.target_look import Known, look
from queue_server.queue import commands as cmd
from queue_server.queue.state import OfficeDay
from tests.forecasting.live import a_morning, expected, usual
from tests.queue.builders import MONDAY, Day

CLOSING = MONDAY + timedelta(hours=8)


def known_of(day: Day, share: float = 0.9, futures: int = 40) -> Known:
    arrivals = expected(usual(share))
    basis = oo.basis(day.state.setup, oo.Learned(), arrivals, futures=futures)
    return Known(basis=basis, expected=arrivals, ends=CLOSING)


@pytest.fixture(scope="module")
def crowded() -> Day:
    return a_morning("134", rate=usual(0.9), minutes=75)


def test_a_crowded_office_is_warned_once_with_cause_and_advice(crowded: Day) -> None:
    known = known_of(crowded)
    first = look(crowded.state, known, crowded.now, watch=Watch())
    assert {event.scope for event in first.events} == {Scope.HOUR, Scope.DAY}
    assert all(isinstance(event, TargetAtRisk) for event in first.events)
    assert set(first.reasons) == set(first.risks) == set(Scope)
    assert first.advice
    again = look(crowded.state, known, crowded.now, watch=first.watch, advice=False)
    assert again.events == ()
    assert again.advice == ()
    assert again.risks == first.risks


def test_the_warning_ends_when_counters_have_opened_and_the_lines_are_gone(crowded: Day) -> None:
    known = known_of(crowded, 0.3)
    quiet = a_morning("123456", rate=usual(0.3), minutes=30)
    before = Watch(levels={Scope.HOUR: Level.RED, Scope.DAY: Level.AMBER})
    found = look(quiet.state, known, quiet.now, watch=before)
    assert [type(event) for event in found.events] == [TargetSafe, TargetSafe]
    assert found.advice == ()


def test_a_machine_under_pressure_plays_fewer_futures_and_says_so(crowded: Day) -> None:
    found = look(crowded.state, known_of(crowded), crowded.now, watch=Watch(), futures=3, advice=False)
    assert found.futures == 16
    assert found.risks[Scope.HOUR].probability > 0.5


def test_a_day_that_is_not_open_or_closed_says_nothing_and_forgets_nothing(crowded: Day) -> None:
    watch = Watch(levels={Scope.HOUR: Level.RED})
    known = known_of(crowded)
    assert look(OfficeDay(), known, crowded.now, watch=watch).watch is watch
    closed = Day(crowded.state.setup)
    closed.do(cmd.CloseDay())
    assert look(closed.state, known, closed.now, watch=watch).risks == {}


def test_the_hour_alone_costs_less_and_says_the_same(crowded: Day) -> None:
    known = known_of(crowded)
    hour = look(crowded.state, known, crowded.now, watch=Watch(), day=False, advice=False)
    both = look(crowded.state, known, crowded.now, watch=Watch(), advice=False)
    assert set(hour.risks) == {Scope.HOUR}
    assert hour.risks[Scope.HOUR] == both.risks[Scope.HOUR]


def test_longer_matters_in_the_lines_raise_the_risk(crowded: Day) -> None:
    calm = a_morning("12345", rate=usual(1.2), minutes=90, seed=3)
    known = known_of(calm, 0.7)
    waiting = {t.id: 3.0 * calm.state.setup.services[t.service].typical for t in calm.state.waiting()}
    longer = Known(basis=known.basis, expected=known.expected, ends=CLOSING, predicted=waiting)
    plain = look(calm.state, known, calm.now, watch=Watch(), advice=False, day=False)
    slow = look(calm.state, longer, calm.now, watch=Watch(), advice=False, day=False)
    assert waiting
    assert slow.risks[Scope.HOUR].mean > plain.risks[Scope.HOUR].mean


def test_everything_travels_to_another_process_and_back(crowded: Day) -> None:
    known = known_of(crowded)
    there = pickle.loads(pickle.dumps((crowded.state, known)))
    found = look(there[0], there[1], crowded.now, watch=Watch())
    back = pickle.loads(pickle.dumps(found))
    assert back.risks == look(crowded.state, known, crowded.now, watch=Watch(), advice=False).risks
    assert [each.move for each in back.advice] == [each.move for each in found.advice]


def test_a_single_ticket_is_no_accident() -> None:
    day = Day(a_morning("").state.setup)
    day.do(cmd.OpenCounter(counter="1", officer="o1"))
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)))
    arrivals = oo.Expected(begins=MONDAY)
    basis = oo.basis(day.state.setup, oo.Learned(), arrivals, futures=20)
    found = look(day.state, Known(basis=basis, expected=arrivals), day.now, watch=Watch())
    assert found.risks[Scope.DAY].probability == 0.0
    assert found.risks[Scope.DAY].people == 1.0
