"""What was served by word of mouth is told to a real office over HTTP."""

from datetime import timedelta

import pytest

from queue_server.contract.problems import Problem
from tests.http.house import House, refused

KEY = {"idempotency-key": "by-mouth-1"}
WAY = "/counters/q1/served-by-mouth"


def at(house: House, ago: float) -> str:
    return (house.clock.now - timedelta(minutes=ago)).isoformat()


def test_one_act_closes_a_number_and_a_repeat_changes_nothing(house: House) -> None:
    house.take("ho_tich")
    house.later(minutes=20)
    body = {"ticket": "a1", "at": at(house, 5)}
    told = house.post(WAY, body, "officer 1", headers=KEY)
    assert (told.status_code, told.json()["number"], told.json()["state"]) == (200, "A001", "served")
    again = house.post(WAY, body, "officer 1", headers=KEY)
    assert again.json() == told.json()
    refused(house.post(WAY, body, "officer 1", headers={"idempotency-key": "by-mouth-2"}), Problem.TICKET_STATE)
    refused(house.post(WAY, body, "officer 2"), Problem.FORBIDDEN)
    assert house.get("/reports/today", "manager").json()["mean_wait"] == pytest.approx(15, abs=0.1)
    assert house.is_whole()


def test_a_number_that_its_kiosk_still_holds_is_said_so(house: House) -> None:
    number = house.post("/kiosks/kiosk-1/lease", {}, "kiosk").json()["numbers"][0]["number"]
    house.later(minutes=20)
    refused(house.post(WAY, {"ticket": number, "at": at(house, 5)}, "officer 1"), Problem.NUMBER_NOT_HANDED_IN)
    refused(house.post(WAY, {"ticket": "Z999", "at": at(house, 5)}, "officer 1"), Problem.TICKET_UNKNOWN)
    refused(house.post(WAY, {"ticket": "A001", "at": "2026-11-23T08:15:00"}, "officer 1"), Problem.BODY_INVALID)


def test_answers_say_what_a_transfer_and_a_closing_leave_behind(house: House) -> None:
    house.open_counter("q1")
    house.take("ho_tich")
    house.take("ho_tich")
    house.next("q1")
    body = {"service": "dat_dai", "return_to_sender": True}
    sent = house.post("/counters/q1/transfer", body, "officer 1").json()
    assert sent["warnings"] == [{"code": "service-unserved", "people": 1, "services": ["dat_dai"]}]
    closed = house.post("/counters/q1/close", {}, "officer 1").json()
    assert [(one["code"], one["people"]) for one in closed["warnings"]] == [
        ("service-unserved", 1),
        ("returns-here", 1),
    ]
    assert house.post("/counters/q1/open", {}, "officer 1").json()["warnings"] == []
