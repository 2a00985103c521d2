"""What the office does with a forecast: tickets, pages, the press of a manager; and what it does without one."""

import json

import pytest

from queue_server.contract.problems import Problem
from queue_server.forecaster.knowledge import Hours, known_now
from queue_server.forecaster.link import ForecastLink
from queue_server.forecaster.look import Memory, look
from queue_server.forecaster.past import Past
from queue_server.queue import commands as cmd
from queue_server.queue.expectation import Table
from queue_server.queue.states import CounterStatus
from tests.http.house import DAY, House, refused
from tests.queue.builders import Day

TOLD = [420.0, 700.0, 1290.0]


@pytest.fixture
def house(tmp_path):
    made = House(path=tmp_path / "journal.sqlite3").open()
    made.source.forecasts = ForecastLink(tmp_path)
    yield made
    made.close()


def say(house, **changes):
    said = {
        "at": house.clock.now.isoformat(), "day": DAY, "seq": 1, "tickets": {},
        "services": {"ho_tich": {"walk_in": TOLD, "elderly": [0.0, 60.0, 290.0]}}, "risks": [], "advice": [],
        "effects": [], "accuracy": [], "alerts": [], "cost_ms": 1.0,
    }  # fmt: skip
    house.source.forecasts.take(json.dumps(said | changes).encode())


def an_advice(*commands):
    return {
        "id": "open-counter-q2-080000", "kind": "open-counter", "text": {"vi": "Mở quầy 2", "en": "Open counter 2"},
        "effect": {"vi": "…", "en": "…"}, "saved": 40.0, "low": 20.0, "high": 60.0, "per_hour": 30.0,
        "commands": list(commands),
    }  # fmt: skip


def waiting_for(house, service):
    rows = house.get("/services").json()["services"]
    return next(row["wait"] for row in rows if row["id"] == service)


def test_a_long_matter_is_told_what_long_matters_wait(house):
    house.open_counter("q1")
    house.take()
    house.next("q1")
    house.source.forecasts.durations = Table(effects={"procedure:ket_hon": 1.5})
    say(house, matters={"ho_tich": {"walk_in": {"long": [600.0, 1200.0, 2400.0]}}})
    assert house.take()["wait"] == {"low": 5, "likely": 12, "high": 25}
    long = house.take(procedure="ket_hon")
    assert house.office.state.tickets[long["id"]].expected > 1.4 * house.office.state.setup.services["ho_tich"].typical
    assert long["wait"] == {"low": 10, "likely": 20, "high": 40}


def test_the_ticket_carries_what_the_forecast_says(house):
    house.open_counter("q1")
    house.take()
    house.next("q1")
    say(house)
    made = house.take()
    assert made["wait"] == {"low": 5, "likely": 12, "high": 25}
    ticket = house.office.state.tickets[made["id"]]
    assert [ticket.wait_low, ticket.wait_likely, ticket.wait_high] == TOLD
    house.restart()
    again = house.office.state.tickets[made["id"]]
    assert [again.wait_low, again.wait_likely, again.wait_high] == TOLD


def test_a_priority_class_is_told_its_own_wait(house):
    house.open_counter("q1")
    say(house)
    assert house.take(priority="elderly")["wait"]["high"] == 5


def test_a_lost_answer_is_repeated_though_the_forecast_has_moved(house):
    say(house)
    key = {"headers": {"idempotency-key": "once"}}
    first = house.post("/tickets", {"service": "ho_tich"}, "kiosk", **key).json()
    say(house, services={"ho_tich": {"walk_in": [0.0, 1.0, 2.0]}})
    again = house.post("/tickets", {"service": "ho_tich"}, "kiosk", **key)
    assert again.status_code == 201
    assert again.json()["number"] == first["number"]


def test_a_stale_forecast_is_not_told(house):
    house.open_counter("q1")
    house.take()
    house.next("q1")
    say(house)
    house.later(seconds=30)
    assert house.take()["wait"] != {"low": 5, "likely": 12, "high": 25}
    assert house.get("/forecast", "manager").json()["forecast_at"] is None


def test_yesterdays_forecast_is_not_told(house):
    say(house, day="20261122")
    assert house.source.forecast() is None


@pytest.mark.parametrize("ends", [(5.0, 4.0, 9.0), (float("nan"),) * 3, (0.0, 1.0, float("inf")), (-1.0, 0.0, 1.0)])
def test_the_rules_take_no_odd_interval(ends):
    day = Day().open("1")
    event = day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),), told={"ho_tich": ends}))[0]
    plain = Day().open("1").do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)))[0]
    assert (event.wait_low, event.wait_likely, event.wait_high) == (plain.wait_low, plain.wait_likely, plain.wait_high)


def test_boards_and_phones_show_the_forecast_and_fall_back(house):
    house.open_counter("q1")
    house.take()
    house.next("q1")
    mine = house.take()
    without = waiting_for(house, "ho_tich")
    say(house, tickets={mine["id"]: [400.0, 800.0, 1400.0]})
    assert waiting_for(house, "ho_tich") == {"low": 5, "likely": 12, "high": 25}
    assert house.get(f"/tickets/{mine['token']}").json()["wait"] == {"low": 5, "likely": 13, "high": 25}
    house.later(minutes=1)
    assert waiting_for(house, "ho_tich") == without


def test_now_is_said_only_while_a_counter_has_nobody(house):
    house.open_counter("q1")
    say(house)
    assert waiting_for(house, "ho_tich")["likely"] == 0
    house.take()
    house.next("q1")
    say(house, services={"ho_tich": {"walk_in": [0.0, 1.0, 20.0]}})
    assert waiting_for(house, "ho_tich") == {"low": 0, "likely": 1, "high": 5}


def test_a_press_opens_the_counter_and_a_repeat_does_not_fail(house):
    say(house, advice=[an_advice({"kind": "OpenCounter", "counter": "q2", "officer": "", "services": None})])
    key = {"headers": {"idempotency-key": "press"}}
    shown = house.get("/forecast", "manager").json()["advice"]
    assert "commands" not in shown[0]
    for _ in range(2):
        assert house.post(f"/advice/{shown[0]['id']}/apply", {}, "manager", **key).status_code == 200
    counter = house.office.state.counters["q2"]
    assert (counter.status, counter.officer) == (CounterStatus.OPEN, "manager")
    refused(house.post("/advice/nobody-said-so/apply", {}, "manager"), Problem.NOT_FOUND)


def test_a_refused_move_says_why(house):
    house.open_counter("q1")
    say(house, advice=[an_advice({"kind": "ResumeCounter", "counter": "q1"})])
    before = house.trace()
    got = house.post("/advice/open-counter-q2-080000/apply", {}, "manager")
    assert got.status_code == 409
    assert house.trace() == before


def test_a_move_of_which_one_part_is_refused_does_nothing(house):
    house.open_counter("q1", "q2")
    close = {"kind": "CloseCounter", "counter": "q1"}
    say(house, advice=[an_advice(close, {"kind": "OpenCounter", "counter": "q2", "officer": "o", "services": None})])
    before = house.trace()
    refused(house.post("/advice/open-counter-q2-080000/apply", {}, "manager"), Problem.COUNTER_TAKEN)
    assert house.trace() == before
    house.post("/counters/q2/close", {}, "officer")
    assert house.post("/advice/open-counter-q2-080000/apply", {}, "manager").status_code == 200
    assert [house.office.state.counters[c].status for c in ("q1", "q2")] == [CounterStatus.CLOSED, CounterStatus.OPEN]


def test_every_advice_of_a_real_look_can_be_carried_out(house):
    house.open_counter("q1")
    for _ in range(25):
        house.take()
    house.next("q1")
    house.later(minutes=10)
    now = house.clock.now
    known = known_now(house.office.state, Past(), Hours(), now)
    answer = look(house.office.state, known, Memory(), now)
    house.source.forecasts.take(json.dumps({**answer, "seq": 1, "cost_ms": 1.0}).encode())
    best = next(a for a in answer["advice"] if a["kind"] == "open-counter")
    assert house.post(f"/advice/{best['id']}/apply", {}, "manager").status_code == 200
    opened = house.office.state.counters[best["commands"][0]["counter"]]
    assert opened.status is CounterStatus.OPEN


def test_without_a_forecast_the_office_is_ready_and_says_so(house):
    house.desk.health = lambda: {"journal": "ok", "forecast": house.source.forecasts.health(house.clock.now)}
    got = house.get("/readyz")
    assert got.status_code == 200
    assert "virtual schedule" in got.json()["parts"]["forecast"]
