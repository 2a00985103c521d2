"""Opening hours at the kiosk, and the phone channel that a site may open."""

from dataclasses import replace
from datetime import UTC, datetime

from queue_server.contract.problems import Problem
from tests.http.conftest import Build
from tests.http.house import House, example, refused, with_hours

EVENING = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # 19:00 local
AFTERNOON = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # 14:00
NOON = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)  # 11:30:00, when it shuts


def test_after_hours_kiosk_and_phone_give_no_number(build: Build) -> None:
    house = build(with_hours(example()))
    house.take()
    house.clock.now = EVENING
    before = house.trace()
    refused(house.post("/tickets", {"service": "ho_tich"}, "kiosk"), Problem.OFFICE_CLOSED)
    refused(house.post("/tickets", {"service": "ho_tich", "channel": "phone"}), Problem.OFFICE_CLOSED)
    assert house.trace() == before
    about = house.get("/kiosks/kiosk-1", "kiosk").json()
    assert (about["open"], about["hours"]["en"]) == (False, "Today: 07:30–11:30, 13:30–17:00")
    assert about["opens_at"] == "2026-11-24T07:30:00+07:00"
    services = house.get("/services").json()
    assert (services["open"], {row["state"] for row in services["services"]}) == (False, {"closed"})


def test_a_repeat_after_closing_gets_the_answer_it_missed(build: Build) -> None:
    house = build(with_hours(example()))
    first = house.post("/tickets", {"service": "ho_tich"}, "kiosk", headers={"idempotency-key": "closing-time"})
    house.clock.now = EVENING
    again = house.post("/tickets", {"service": "ho_tich"}, "kiosk", headers={"idempotency-key": "closing-time"})
    assert (again.status_code, again.json()["number"]) == (201, first.json()["number"])


def test_after_hours_officers_still_serve_who_waits(build: Build) -> None:
    house = build(with_hours(example()))
    house.take()
    house.clock.now = EVENING
    house.open_counter("q1")
    assert house.next("q1") is not None
    desk = house.post("/tickets", {"service": "ho_tich", "channel": "desk"}, "officer 1")
    assert desk.status_code == 201  # staff may help a latecomer


def test_a_service_keeps_its_own_hours(build: Build) -> None:
    house = build(with_hours(example()))
    house.take("chung_thuc")
    house.clock.now = AFTERNOON
    refused(house.post("/tickets", {"service": "chung_thuc"}, "kiosk"), Problem.OFFICE_CLOSED)
    both = {"service": "ho_tich", "also": [{"service": "chung_thuc"}]}
    refused(house.post("/tickets", both, "kiosk"), Problem.OFFICE_CLOSED)
    states = {row["id"]: row["state"] for row in house.get("/services").json()["services"]}
    assert (states["chung_thuc"], states["ho_tich"]) == ("closed", "no-counter")


def test_closing_is_on_the_minute(build: Build) -> None:
    house = build(with_hours(example()))
    house.clock.now = NOON.replace(minute=29, second=58)
    assert house.post("/tickets", {"service": "ho_tich"}, "kiosk").status_code == 201
    house.clock.now = NOON
    refused(house.post("/tickets", {"service": "ho_tich"}, "kiosk"), Problem.OFFICE_CLOSED)


def phone(service: str = "ho_tich") -> dict[str, object]:
    return {"service": service, "channel": "phone"}


def test_a_phone_cannot_claim_an_appointment(house: House) -> None:
    before = house.trace()
    body = phone() | {"appointment_at": house.clock.now.isoformat()}
    refused(house.post("/tickets", body), Problem.NOT_SIGNED_IN)
    assert house.trace() == before
    assert house.post("/tickets", {**body, "channel": "kiosk"}, "kiosk").status_code == 201


def test_a_phone_takes_only_what_phones_may(house: House) -> None:
    before = house.trace()
    closed_to_phones = [s.id for s in house.site.office.services.values() if not s.phone]
    refused(house.post("/tickets", phone(closed_to_phones[0])), Problem.SERVICE_NOT_OFFERED)
    refused(house.post("/tickets", {"service": "ho_tich", "channel": "desk"}), Problem.NOT_SIGNED_IN)
    refused(house.post("/tickets", {"service": "ho_tich"}), Problem.NOT_SIGNED_IN)
    assert house.trace() == before


def test_a_site_that_did_not_open_the_phone_channel(build: Build) -> None:
    house = build(replace(example(), phone_channel=False))
    before = house.trace()
    refused(house.post("/tickets", phone()), Problem.NOT_SIGNED_IN)
    assert house.trace() == before


def test_a_closed_day_issues_nothing(house: House) -> None:
    from queue_server.queue.commands import CloseDay

    house.open_counter("q1")
    house.take()
    house.run(house.office.do(CloseDay()))
    before = house.trace()
    refused(house.post("/tickets", {"service": "ho_tich"}, "kiosk"), Problem.DAY_CLOSED)
    refused(house.post("/counters/q1/open", {}, "officer 1"), Problem.DAY_CLOSED)
    assert house.trace() == before
    assert house.get("/state", "board").json()["open"] is False
