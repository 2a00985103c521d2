"""Calls that the forecast foresaw: published at every look, taken in by every door, and what happens without."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from queue_server.forecaster import ahead
from queue_server.forecaster.knowledge import Hours, known_now
from queue_server.forecaster.link import ForecastLink
from queue_server.forecaster.look import Memory, look
from queue_server.forecaster.past import Past
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.queue.routing import choose
from queue_server.queue.states import CounterStatus
from tests.forecaster.builders import a_full_office
from tests.forecaster.test_in_the_office import say
from tests.http.house import House

LOOK_AHEAD = Policy(name="look-ahead")
SENTENCE = "Nhìn trước: gọi số này thì mọi người cộng lại chờ ít hơn khoảng 5 phút so với gọi "


@pytest.fixture
def house(tmp_path):
    made = House(path=tmp_path / "journal.sqlite3").open()
    made.source.forecasts = ForecastLink(tmp_path)
    made.office.foresee = made.source.foreseen
    made.run(made.office.do(cmd.ChangePolicy(policy=LOOK_AHEAD)))
    made.open_counter("q1")
    for service in ("ho_tich", "ho_tich", "chung_thuc"):
        made.take(service)
    made.later(minutes=3)
    yield made
    made.close()


def proposal(house, counter="q1", **changes):
    """What would be best after the base rule's choice: the head of the other line."""
    state, now = house.office.state, house.clock.now
    base = choose(state, counter, now).ticket
    other = next(t.id for t in state.waiting() if t.service != state.tickets[base].service)
    row = {
        "ticket": other, "against": base, "services": list(state.counters[counter].services), "runner_up": base,
        "saved": 4.8, "futures": 64, "at": now.isoformat(), "seq": state.version,
    }  # fmt: skip
    return {**row, **changes}


def called(house, **more):
    return house.post("/counters/q1/call-next", {}, "officer 1", **more).json()


def test_the_console_shows_and_the_call_makes_the_same_choice(house):
    row = proposal(house)
    say(house, foresight={"q1": row})
    shown = house.source.console("q1").next
    got = called(house)
    assert got["id"] == row["ticket"]
    assert (got["number"], got["reason"]["code"]) == (shown.number, "look_ahead")
    assert got["reason"]["vi"].startswith(SENTENCE)
    assert shown.reason["vi"].startswith(SENTENCE)
    assert got["runner_up"] == shown.runner_up == house.office.state.tickets[row["against"]].number
    facts = house.office.state.tickets[row["ticket"]].facts
    assert (facts["saved"], facts["against"]) == (4.8, row["against"])


def test_a_call_is_the_same_after_a_restart(house):
    row = proposal(house)
    say(house, foresight={"q1": row})
    key = {"headers": {"idempotency-key": "once"}}
    first = called(house, **key)
    say(house, foresight={})
    assert called(house, **key) == first
    house.restart()
    assert called(house, **key) == first
    assert house.office.state.tickets[row["ticket"]].reason == "look_ahead"


def test_finish_and_next_and_devices_call_by_look_ahead_too(house):
    row = proposal(house)
    say(house, foresight={"q1": row})
    outcome = house.run(house.office.do(cmd.CallNext(counter="q1", finish_current=True), actor="device:q1"))
    assert outcome.events[0].ticket == row["ticket"]


@pytest.mark.parametrize(
    "change",
    [
        {"ticket": "20261123-X999"}, {"services": ["ho_tich"]}, {"against": "20261123-X999"},
        {"at": "2026-11-23T00:00:00+00:00"},
    ],
)  # fmt: skip
def test_what_does_not_fit_any_more_leaves_the_call_to_the_base_rule(house, change):
    base = choose(house.office.state, "q1", house.clock.now)
    say(house, foresight={"q1": proposal(house, **change)})
    got = called(house)
    assert (got["id"], got["reason"]["code"]) == (base.ticket, base.code)


def test_without_a_fresh_forecast_look_ahead_rests_and_says_so(house):
    link, base = house.source.forecasts, choose(house.office.state, "q1", house.clock.now)
    say(house, foresight={"q1": proposal(house)})
    assert not house.source.resting()
    assert link.health(house.clock.now, look_ahead=True) == "ok"
    house.later(seconds=25)
    assert house.source.resting()
    assert house.source.console("q1").resting
    assert house.source.manager().resting
    assert "look-ahead is resting" in link.health(house.clock.now, look_ahead=True)
    assert "look-ahead" not in link.health(house.clock.now)
    assert called(house)["id"] == base.ticket


def test_a_forecaster_that_does_not_look_ahead_is_named(house):
    say(house)
    assert house.source.resting()
    assert house.source.forecasts.health(house.clock.now, look_ahead=True).startswith("look-ahead is resting")
    house.run(house.office.do(cmd.ChangePolicy(policy=Policy(name="index"))))
    assert not house.source.resting()


@pytest.mark.parametrize("wrong", [{"saved": float("inf")}, {"at": "2026-11-23T00:00:00"}, {"services": 3}])
def test_a_foresight_that_cannot_be_read_spoils_the_line_only(house, wrong):
    say(house, foresight={})
    row = {**proposal(house), **wrong}
    say(house, foresight={"q1": row})
    assert house.source.forecasts.garbage == 1
    assert house.source.forecast().foresight == {}


def looked(day, memory, now=None):
    now = now or day.now
    known = known_now(day.state, Past(), Hours(), now)
    return look(day.state, known, memory, now)


def test_a_real_look_foresees_what_the_rules_then_call(tmp_path):
    day = a_full_office(6, 40)
    day.do(cmd.ChangePolicy(policy=Policy(name="look-ahead", ceiling_multiple=8)))
    link = ForecastLink(tmp_path)
    answer = looked(day, Memory())
    link.take(json.dumps({**answer, "seq": 1, "cost_ms": 1.0}).encode())
    assert link.garbage == 0
    found = link.latest(day.now)
    departs = 0
    for counter in answer["foresight"]:
        seen = found.foreseen(counter, day.now)
        choice = choose(day.state, counter, day.now, seen)
        assert choice.ticket == seen.ticket
        departs += choice.code == "look_ahead"
    assert departs > 0


def test_under_any_other_policy_nothing_is_foreseen():
    day = a_full_office(4, 20)
    memory = Memory()
    assert looked(day, memory)["foresight"] is None
    assert memory.ahead == {}


def test_counters_take_turns_and_old_foresights_go(monkeypatch):
    monkeypatch.setattr(ahead, "PER_LOOK", 3)
    day = a_full_office(6, 30)
    day.do(cmd.ChangePolicy(policy=Policy(name="look-ahead", ceiling_multiple=8)))
    memory = Memory()
    assert set(looked(day, memory)["foresight"]) <= {"1", "2", "3"}
    looked(day, memory, day.now + timedelta(seconds=2))
    assert set(memory.ahead) == {"1", "2", "3", "4", "5", "6"}
    looked(day, memory, day.now + timedelta(seconds=21))
    assert all(one.at > day.now for one in memory.ahead.values())
    day.do(cmd.PauseCounter(counter="5"))
    looked(day, memory, day.now + timedelta(seconds=21))
    paused = [c.id for c in day.state.counters.values() if c.status is not CounterStatus.OPEN]
    assert not set(paused) & set(memory.ahead)


def test_a_counter_with_nobody_is_weighed_first(monkeypatch):
    monkeypatch.setattr(ahead, "PER_LOOK", 1)
    day = a_full_office(6, 30)
    day.do(cmd.ChangePolicy(policy=replace(LOOK_AHEAD, ceiling_multiple=8)))
    day.do(cmd.Finish(counter="4"))
    assert ahead.turn(day.state, {}) == ["4"]
