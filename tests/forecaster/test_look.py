"""Looks at a simulated rush: intervals, risk, advice, its effect, the display rule, and offices that know nothing."""

import json
from datetime import timedelta

import pytest

from queue_server.forecaster import look as looking
from queue_server.forecaster.knowledge import Hours, known_now
from queue_server.forecaster.link import parse
from queue_server.forecaster.look import Memory, learn, look, press
from queue_server.forecaster.past import Past
from queue_server.forecasting.announced import Announced, band
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import CounterStatus, TicketState
from queue_server.views.rows import forecast_wait
from tests.forecaster.builders import a_full_office, a_rush
from tests.forecasting.live import a_town
from tests.queue.builders import Day


@pytest.fixture(scope="module")
def rush():
    return a_rush()


@pytest.fixture(scope="module")
def seen(rush):
    memory = Memory()
    known = known_now(rush.state, Past(), Hours(), rush.now)
    return memory, known, look(rush.state, known, memory, rush.now)


def test_everybody_who_waits_is_told_an_interval(rush, seen):
    _, _, answer = seen
    assert set(answer["tickets"]) == {t.id for t in rush.state.waiting()}
    for low, likely, high in answer["tickets"].values():
        assert 0 <= low <= likely <= high <= 8 * 3600
        assert high > low


def test_who_came_last_is_told_more_than_who_came_first(rush, seen):
    _, _, answer = seen
    line = [t.id for t in sorted(rush.state.waiting(), key=lambda t: t.key) if t.class_id == "walk_in"]
    of_service = [i for i in line if rush.state.tickets[i].service == rush.state.tickets[line[0]].service]
    likely = [answer["tickets"][i][1] for i in of_service]
    assert likely[-1] > likely[0]


def test_a_newcomer_is_told_for_every_service_and_waits_longer_than_a_priority_one(rush, seen):
    memory, known, _ = seen
    again = look(rush.state, known, memory, rush.now + timedelta(seconds=2))
    assert set(again["services"]) == set(rush.state.setup.services)
    told = again["services"].values()
    for of_class in told:
        assert of_class["walk_in"][1] >= 0.9 * of_class["elderly"][1], "each is asked in futures of its own"
    assert sum(of["walk_in"][1] for of in told) > sum(of["elderly"][1] for of in told)


def test_short_and_long_matters_are_told_their_own_waits_where_they_stand_in_their_own_lines(seen):
    assert seen[2]["matters"] == {}, "turns and arrivals: whatever it takes, it waits as long"
    rush = a_rush()
    rush.do(cmd.ChangePolicy(policy=Policy(name="index", ceiling_multiple=6)))
    answer = look(rush.state, known_now(rush.state, Past(), Hours(), rush.now), Memory(), rush.now)
    assert set(answer["matters"]) == set(answer["services"]) == set(rush.state.setup.services)
    for service, classes in answer["matters"].items():
        short, usual, long = (
            classes["walk_in"]["short"],
            answer["services"][service]["walk_in"],
            classes["walk_in"]["long"],
        )
        assert short[1] <= usual[1] <= long[1]
    assert any(of["walk_in"]["short"][1] < of["walk_in"]["long"][1] - 60 for of in answer["matters"].values())


def test_the_rush_is_a_risk_with_a_cause_and_advice_that_can_be_carried_out(seen):
    _, _, answer = seen
    hour = next(r for r in answer["risks"] if r["scope"] == "hour")
    assert hour["level"] == "red"
    assert hour["cause"]
    assert hour["text"]["vi"].startswith("Người đến trong giờ tới")
    assert {a["kind"] for a in answer["alerts"]} == {"target-at-risk"}
    assert any(c["kind"] == "OpenCounter" for one in answer["advice"] for c in one["commands"])
    assert all(one["saved"] > 0 for one in answer["advice"])


def test_the_answer_travels_as_json_to_the_server(seen):
    _, _, answer = seen
    line = json.dumps({**answer, "seq": 7, "cost_ms": 1.0}, allow_nan=False)
    found = parse(line.encode())
    assert found.tickets.keys() == answer["tickets"].keys()
    assert [m.row.id for m in found.moves] == [a["id"] for a in answer["advice"]]


def test_an_alert_is_told_once(rush, seen):
    memory, known, _ = seen
    later = rush.now + timedelta(seconds=30)
    assert look(rush.state, known, memory, later)["alerts"] == []


def test_what_stands_on_the_paper_is_kept_while_it_still_fits(rush):
    memory = Memory()
    known = known_now(rush.state, Past(), Hours(), rush.now)
    first = look(rush.state, known, memory, rush.now)["tickets"]
    later = look(rush.state, known, memory, rush.now + timedelta(seconds=10))["tickets"]
    counted_down = [i for i in first if abs(first[i][1] - later[i][1] - 10) < 0.2 or first[i][1] < 10]
    assert len(counted_down) > 0.8 * len(first)


@pytest.mark.parametrize("ends", [(0.0, 60.0, 200.0), (700.0, 900.0, 1500.0), (301.0, 310.0, 599.0), (0.0, 0.0, 0.0)])
@pytest.mark.parametrize("idle", [True, False])
def test_the_server_rounds_as_the_display_rule_says(ends, idle):
    rule = band(Announced(low_at=ends[0] / 60, likely_at=ends[1] / 60, high_at=ends[2] / 60), 0.0, idle=idle)
    shown = forecast_wait(ends, idle=idle)
    if idle:
        assert rule.now
        assert (shown.low, shown.likely) == (0, 0)
    else:
        assert (shown.low, shown.high) == (rule.low, rule.high)
        assert shown.likely > 0


def test_a_pressed_advice_is_measured_an_hour_later(rush):
    memory = Memory()
    known = known_now(rush.state, Past(), Hours(), rush.now)
    answer = look(rush.state, known, memory, rush.now)
    name = answer["advice"][0]["id"]
    assert press(memory, name, rush.now, "manager")
    assert not press(memory, "nobody-said-so", rush.now, None)
    early = look(rush.state, known, memory, rush.now + timedelta(seconds=1))["effects"]
    assert [e["actual"] for e in early] == [None]
    day = Day(a_town())
    day.now = rush.now
    for counter in "123456":
        day.do(cmd.OpenCounter(counter=counter, officer="x"))
    for _ in range(20):
        day.later(minutes=2).take("ho_tich")
        day.next("1")
    done = look(day.state, known, memory, rush.now + timedelta(hours=1, minutes=5))["effects"]
    assert done[0]["actual"] is not None
    assert done[0]["verdict"]["vi"]


def test_calls_teach_and_the_closed_day_is_scored(rush):
    memory, state = Memory(), OfficeDay()
    known = known_now(rush.state, Past(), Hours(), rush.now)
    look(rush.state, known, memory, rush.now)
    waiting = {t.id for t in rush.state.waiting()}
    state = rush.state
    called = 0
    for counter in state.counters.values():
        if counter.status is CounterStatus.OPEN:
            for event in rush.do(cmd.CallNext(counter=counter.id, finish_current=True)):
                learn(memory, state, event, rush.now)
                called += getattr(event, "ticket", None) in waiting and type(event).__name__ == "TicketCalled"
    assert called > 0
    looking.close_day(memory, "20261123")
    assert memory.nights[-1]["tickets"] == called
    assert 0 <= memory.nights[-1]["inside"] <= 1
    assert {"les", "ql", "simulation"} & memory.nights[-1]["errors"].keys()


def test_an_office_on_its_first_morning_has_wide_intervals():
    day = Day().open("1", "2", "3")
    for _ in range(6):
        day.take("ho_tich")
    known = known_now(day.state, Past(), Hours(), day.now)
    answer = look(day.state, known, Memory(), day.now)
    low, likely, high = answer["services"]["ho_tich"]["walk_in"]
    assert high - low > 10 * 60
    assert low < likely < high


def test_nobody_and_nothing_is_no_exception():
    day = Day()
    known = known_now(day.state, Past(), Hours(), day.now)
    answer = look(day.state, known, Memory(), day.now)
    assert (answer["tickets"], answer["services"], answer["advice"]) == ({}, {}, [])
    assert look(OfficeDay(), None, Memory(), day.now)["risks"] == []


def test_without_an_open_counter_nobody_is_promised_anything():
    day = Day()
    ticket = day.take("ho_tich")
    known = known_now(day.state, Past(), Hours(), day.now)
    answer = look(day.state, known, Memory(), day.now)
    assert ticket.state is TicketState.WAITING
    assert answer["tickets"] == {}


def test_a_clock_that_jumped_makes_no_odd_numbers():
    day = Day().open("1")
    day.take("ho_tich")
    for now in (day.now - timedelta(hours=3), day.now + timedelta(hours=7)):
        known = known_now(day.state, Past(), Hours(), now)
        json.dumps(look(day.state, known, Memory(), now), allow_nan=False)


def test_more_people_are_played_in_fewer_futures():
    day = a_full_office(8, 800)
    known = known_now(day.state, Past(), Hours(), day.now)
    memory = Memory()
    memory.looked_at = day.now
    answer = look(day.state, known, memory, day.now)
    assert answer["futures"] == 60_000 // len(list(day.state.waiting()))
    assert len(answer["tickets"]) == 800
