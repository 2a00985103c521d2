"""Numbers taken by phone: a hall behind one address gets its numbers, a stranger with a script few of them."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from queue_server.contract.problems import Problem
from queue_server.http.phones import DEVICE_COOKIE, NUMBERS_PER_DEVICE, neighbourhood
from tests.http.conftest import Build
from tests.http.house import House, example, refused

SERVICES = ("ho_tich", "cu_tru", "chung_thuc", "dat_dai")


def take(house: House, service: str = "ho_tich", *, device: str | None = None, **more: Any) -> httpx.Response:
    """One request of a phone: of a new one, or of the device with this cookie."""
    house.client.cookies.clear()
    headers = more.pop("headers", {}) | ({"cookie": f"{DEVICE_COOKIE}={device}"} if device else {})
    return house.post("/tickets", {"service": service, "channel": "phone", **more}, headers=headers)


def device_of(got: httpx.Response) -> str:
    return got.cookies[DEVICE_COOKIE]


def test_thirty_phones_behind_one_address_get_their_numbers(house: House) -> None:
    got = [take(house) for _ in range(house.site.phone_numbers_per_address)]
    assert {answer.status_code for answer in got} == {201}
    assert len({device_of(answer) for answer in got}) == len(got)
    before = house.trace()
    refused(take(house), Problem.TOO_MANY_REQUESTS)
    assert house.trace() == before
    assert house.take()["number"] == "A031"  # nobody at a kiosk pays for it


def test_the_site_says_how_many_an_address_may_hold(build: Build) -> None:
    house = build(replace(example(), phone_numbers_per_address=2))
    assert [take(house).status_code for _ in range(3)] == [201, 201, 429]


def test_a_device_that_waits_is_shown_its_number(house: House) -> None:
    house.take()
    first = take(house)
    before = house.trace()
    again = take(house, device=device_of(first))
    assert (again.status_code, house.trace()) == (200, before)
    same = ("number", "token", "url", "visit", "id", "service", "people_ahead")
    assert [again.json()[name] for name in same] == [first.json()[name] for name in same]
    assert again.json().keys() == first.json().keys()


def test_a_device_holds_few_numbers(house: House) -> None:
    first = take(house)
    device = device_of(first)
    got = [take(house, service, device=device).status_code for service in SERVICES[1:]]
    assert got == [201] * (NUMBERS_PER_DEVICE - 1) + [429]
    assert take(house).status_code == 201  # another phone beside it


def test_numbers_given_back_make_room_later_only(build: Build) -> None:
    house = build(replace(example(), phone_numbers_per_address=1))
    first = take(house)
    house.post(f"/tickets/{first.json()['token']}/cancel", {})
    refused(take(house), Problem.TOO_MANY_REQUESTS)
    house.later(minutes=11)
    assert take(house).status_code == 201


def test_who_never_comes_gets_no_more_until_others_come(build: Build) -> None:
    house = build(replace(example(), phone_numbers_per_address=2))
    house.open_counter("q1")
    for _ in range(2):
        assert take(house).status_code == 201
        house.next("q1")
        assert house.post("/counters/q1/no-show", {}, "officer").status_code == 200
    house.later(hours=1)
    refused(take(house), Problem.TOO_MANY_REQUESTS)


def test_who_comes_makes_room_for_the_next(build: Build) -> None:
    house = build(replace(example(), phone_numbers_per_address=1))
    house.open_counter("q1")
    for _ in range(3):
        assert take(house).status_code == 201
        house.next("q1")
        for act in ("start", "finish"):
            assert house.post(f"/counters/q1/{act}", {}, "officer").status_code == 200


def test_a_lost_answer_may_be_asked_for_again(build: Build) -> None:
    house = build(replace(example(), phone_numbers_per_address=1))
    key = {"idempotency-key": "phone-1"}
    first, again = take(house, headers=key), take(house, headers=key)
    assert (first.json()["number"], again.json()["number"]) == ("A001", "A001")


@pytest.mark.parametrize("cookie", ["device-guessed", "", "A001", "a" * 5000, "127.0.0.1"])
def test_a_made_up_device_is_a_new_one(house: House, cookie: str) -> None:
    take(house)
    got = take(house, device=cookie)
    assert got.status_code == 201
    assert device_of(got) != cookie


def test_a_refused_number_costs_no_room(build: Build) -> None:
    house = build(replace(example(), phone_numbers_per_address=1))
    refused(take(house, "nobody"), Problem.SERVICE_UNKNOWN)
    assert take(house).status_code == 201


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_customer_of_ipv6_is_one_address(host: str, counted: str) -> None:
    assert neighbourhood(host) == counted


def test_priority_from_a_phone_waits_for_the_desk(house: House) -> None:
    house.open_counter("q1")
    first = house.take()
    claimed = take(house, priority="disabled").json()
    page = house.get(f"/tickets/{claimed['token']}").json()
    assert page["claimed_name"] == house.site.office.classes["disabled"].name
    assert page["people_ahead"] == 1
    row = next(row for row in house.get("/state", "officer 1").json()["tickets"] if row["id"] == claimed["id"])
    assert (row["class_id"], row["claimed"], row["priority"]) == ("walk_in", "disabled", False)
    body = {"ticket": claimed["id"], "priority": "disabled"}
    refused(house.post("/tickets/priority", body), Problem.NOT_SIGNED_IN)
    assert house.post("/tickets/priority", body, "officer 1").status_code == 200
    assert house.get(f"/tickets/{claimed['token']}").json()["claimed_name"] is None
    called = house.next("q1")
    assert called is not None
    assert (called["number"], first["number"]) == (claimed["number"], "A001")


def test_a_class_that_there_is_not_is_refused_from_a_phone_too(house: House) -> None:
    refused(take(house, priority="vip"), Problem.CLASS_UNKNOWN)


def test_priority_at_a_kiosk_counts_at_once(house: House) -> None:
    ticket = house.take(priority="disabled")
    row = next(row for row in house.get("/state", "officer 1").json()["tickets"] if row["id"] == ticket["id"])
    assert (row["class_id"], row["claimed"]) == ("disabled", None)
