"""The whole policy over HTTP: read, tried out, refused with its fields, put in force."""

from dataclasses import replace

import pytest

from queue_server.contract.problems import Problem
from queue_server.queue.config import Policy
from tests.http.conftest import Build
from tests.http.house import House, example, with_hours


def kept(house: House, **more: object) -> dict[str, object]:
    """A reservation of the example office's first counter to its own first service."""
    counter = next(iter(house.site.office.counters.values()))
    return {"kind": "counter", "counters": [counter.id], "classes": [house.site.office.default_class], **more}


def wrong_fields(answer: dict[str, object]) -> list[str]:
    return [row["field"] for row in answer["errors"]]  # type: ignore[index, attr-defined]


def test_what_is_read_may_be_sent_back(house: House) -> None:
    now = house.get("/policy", "manager").json()
    assert house.post("/policy", now, "manager").json() == now
    assert house.get("/state", "auditor").json()["policy"] == now


def test_what_is_left_out_stays(house: House) -> None:
    house.post("/policy", {"reservations": [kept(house, hours="08:00-09:00", days=["mon"])]}, "manager")
    left = house.post("/policy", {"own_first": False}, "manager").json()
    assert [row["hours"] for row in left["reservations"]] == ["08:00-09:00"]
    assert left["own_first"] is False


def test_terms_and_windows_hold_from_now_on(house: House) -> None:
    elderly = {"target_minutes": 6, "ceiling_minutes": 12, "weight": 2}
    got = house.post("/policy", {"classes": {"elderly": elderly}, "appointment_early_minutes": 5}, "manager").json()
    assert (got["classes"]["elderly"], got["appointment_early_minutes"]) == (elderly, 5)


def test_a_trial_says_what_would_change_and_changes_nothing(house: House) -> None:
    before = house.get("/policy", "manager").json()
    body = {"ordinary_per_priority": 4, "least_flexible_first": True, "reservations": [kept(house)]}
    got = house.post("/policy/check", body, "manager").json()
    assert got["errors"] == []
    assert len(got["changes"]) == 3
    assert "4 lượt thường" in got["changes"][0]["vi"]
    assert house.get("/policy", "manager").json() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"classes": {"elderly": {"target_minutes": 20, "ceiling_minutes": 10}}}, "classes.elderly.ceiling"),
        ({"classes": {"vip": {"target_minutes": 20}}}, "classes.vip"),
        (
            {"reservations": [{"kind": "counter", "counters": ["q99"], "classes": ["elderly"]}]},
            "reservations.0.counters",
        ),
        ({"options": {"price:bay": 2}}, "options"),
    ],
)
def test_a_contradiction_is_refused_with_its_field(house: House, body: dict[str, object], field: str) -> None:
    before = house.get("/policy", "manager").json()
    got = house.post("/policy", body, "manager")
    assert (got.status_code, got.json()["code"]) == (422, Problem.BODY_INVALID)
    assert field in wrong_fields(got.json())
    assert field in wrong_fields(house.post("/policy/check", body, "manager").json())
    assert house.get("/policy", "manager").json() == before


@pytest.mark.parametrize(
    "reservation",
    [
        {"hours": "9-10"},
        {"hours": "25:00-26:00"},
        {"days": ["someday"]},
        {"kind": "nobody"},
        {"counters": "q1"},
    ],
)
def test_a_reservation_that_is_none_is_refused(house: House, reservation: dict[str, object]) -> None:
    got = house.post("/policy", {"reservations": [kept(house, **reservation)]}, "manager")
    assert (got.status_code, got.json()["code"]) == (422, Problem.BODY_INVALID)


def test_hours_that_run_backwards_are_refused(house: House) -> None:
    got = house.post("/policy", {"reservations": [kept(house, hours="10:00-09:00")]}, "manager")
    assert wrong_fields(got.json()) == ["reservations.0.hours"]


def test_a_service_kept_to_a_counter_that_is_shut_at_the_hour_is_refused(build: Build) -> None:
    site = with_hours(example())
    one, other = (c.id for c in site.office.counters.values() if "ho_tich" in c.services)
    hours = {**site.counter_hours, one: site.service_hours["chung_thuc"], other: site.hours}
    house = build(replace(site, counter_hours=hours))
    kept_to = {"kind": "service", "counters": [one], "services": ["ho_tich"]}
    for path in ("/policy", "/policy/check"):
        (wrong,) = house.post(path, {"reservations": [kept_to]}, "manager").json()["errors"]
        assert wrong["field"] == "reservations.0.services"
        assert wrong["message"].startswith("Monday, 13:30–17:00: no counter may call")
    morning = {"reservations": [{**kept_to, "hours": "07:30-11:30"}]}
    assert house.post("/policy", morning, "manager").status_code == 200


def test_a_policy_of_the_site_file_may_be_sent_back(build: Build) -> None:
    site = example()
    office = replace(site.office, policy=Policy(name="ratio", ordinary_per_priority=0, ceiling_multiple=50))
    house = build(replace(site, office=office))
    now = house.get("/policy", "manager").json()
    assert house.post("/policy", now, "manager").json() == now
