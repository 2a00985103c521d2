"""Replays over HTTP: real past days, a real program for each, one at a time, and everything asked wrongly."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from queue_server.contract.problems import Problem
from tests.http.house import House, refused
from tests.http.past import write_past

FCFS = {"last": 5, "change": "policy", "policy": "fcfs"}
OPENED = {"day": "2026-11-20", "change": "open", "counter": "q6", "at": "08:30"}


@pytest.fixture(scope="module")
def old_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An office with five past days (on Wednesday nobody came) and one that runs."""
    journal = write_past(tmp_path_factory.mktemp("old") / "journal.sqlite3", empty=[2])
    made = House(path=journal).open()
    yield made
    made.close()


def asked(house: House, **changes: Any) -> httpx.Response:
    return house.post("/replay", {**OPENED, **changes}, "manager")


async def raced(house: House, *bodies: object) -> list[httpx.Response]:
    """The same moment, several requests."""
    return await asyncio.gather(*(
        house.client.post("/api/v1/replay", json=body, headers=house.headers("manager")) for body in bodies
    ))  # fmt: skip


def test_the_past_days_are_listed_without_the_one_that_runs(old_house: House) -> None:
    days = old_house.get("/replay/days", "manager").json()["days"]
    assert days == ["20261120", "20261119", "20261118", "20261117", "20261116"]


def test_another_policy_is_told_as_a_table_with_intervals(old_house: House) -> None:
    before = old_house.trace()
    got = old_house.post("/replay", FCFS, "manager")
    assert got.status_code == 200, got.text
    page = got.json()["page"]
    assert page["title"] == "Nếu gọi theo quy tắc fcfs"
    assert page["headline"].startswith("Trung bình mỗi lượt chờ ")
    assert [row["name"] for row in page["rows"][:1]] == ["Chờ trung bình (phút)"]
    assert any("18/11/2026" in note for note in page["notes"])
    elderly = next(row for row in page["rows"] if row["name"].startswith("Người cao tuổi"))
    assert elderly["tone"] == "more"
    assert len(got.json()["days"]) == 4
    assert old_house.trace() == before


def test_one_day_has_a_difference_but_no_interval(old_house: House) -> None:
    page = asked(old_house, language="en").json()["page"]
    assert page["title"] == "If counter 6 opens at 08:30"
    assert "One day alone can be chance. Please replay more days." in page["notes"]
    assert {row["tone"] for row in page["rows"]} == {"none"}


def test_a_counter_that_was_open_already_makes_no_difference(old_house: House) -> None:
    page = asked(old_house, counter="q1").json()["page"]
    assert page["headline"].endswith("phút: không khác.")


@pytest.mark.parametrize(
    "change",
    [
        {"change": "open", "counter": "q6", "at": "08:30", "until": "11:00"},
        {"change": "without", "counter": "q1"},
        {"change": "break", "counter": "q1", "at": "09:30", "minutes": 45},
        {"change": "policy", "policy": "accumulating"},
    ],
    ids=str,
)
def test_every_change_of_the_form_is_played(old_house: House, change: dict[str, Any]) -> None:
    got = old_house.post("/replay", {"day": "2026-11-19", **change}, "manager")
    assert got.status_code == 200, got.text
    assert got.json()["touched"] == 1


WRONG: list[tuple[dict[str, Any], Problem]] = [
    ({"day": "2026-11-01"}, Problem.DAY_UNKNOWN),
    ({"day": "2026-11-23"}, Problem.DAY_UNKNOWN),  # runs
    ({"day": "2026-11-18"}, Problem.DAY_EMPTY),
    ({"day": "yesterday"}, Problem.BODY_INVALID),
    ({"day": "9999-12-31"}, Problem.DAY_UNKNOWN),
    ({"day": None}, Problem.BODY_INVALID),
    ({"last": 5}, Problem.BODY_INVALID),
    ({"counter": "q99"}, Problem.COUNTER_UNKNOWN),
    ({"counter": "q6 --data=/"}, Problem.BODY_INVALID),
    ({"counter": "--help"}, Problem.COUNTER_UNKNOWN),
    ({"counter": "q6@08:30"}, Problem.BODY_INVALID),
    ({"counter": "q6,q5"}, Problem.BODY_INVALID),
    ({"at": "25:00"}, Problem.BODY_INVALID),
    ({"at": "8:30"}, Problem.BODY_INVALID),
    ({"at": "08:30\n"}, Problem.BODY_INVALID),
    ({"at": None}, Problem.BODY_INVALID),
    ({"until": "08:30"}, Problem.BODY_INVALID),
    ({"minutes": 30}, Problem.BODY_INVALID),
    ({"change": "everything"}, Problem.BODY_INVALID),
    ({"change": "break"}, Problem.BODY_INVALID),
    ({"change": "break", "minutes": 481}, Problem.BODY_INVALID),
    ({"language": "fr"}, Problem.BODY_INVALID),
    ({"data": "/etc"}, Problem.BODY_INVALID),
    ({"change": "policy", "counter": None, "at": None, "policy": "best"}, Problem.POLICY_UNKNOWN),
    ({"change": "policy", "counter": None, "at": None, "policy": "look-ahead"}, Problem.REPLAY_IMPOSSIBLE),
    ({"change": "break", "counter": "q6", "at": "23:00", "minutes": 30}, Problem.REPLAY_IDLE),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code"), WRONG, ids=str)
def test_what_cannot_be_replayed_is_said(old_house: House, changes: dict[str, Any], code: Problem) -> None:
    got = asked(old_house, **changes)
    refused(got, code)
    assert len(got.content) < 2_000


def test_a_new_office_has_no_past(house: House) -> None:
    assert house.get("/replay/days", "manager").json() == {"days": []}
    refused(house.post("/replay", FCFS, "manager"), Problem.DAY_UNKNOWN)


def test_one_at_a_time_and_the_next_may_follow(old_house: House) -> None:
    first, second = old_house.run(raced(old_house, OPENED, OPENED))
    assert first.status_code == 200
    refused(second, Problem.REPLAY_BUSY)
    assert asked(old_house).status_code == 200


def test_a_replay_past_its_limit_is_stopped_and_said(old_house: House) -> None:
    old_house.replays.limit = 0.05  # no program starts that fast
    refused(asked(old_house), Problem.REPLAY_TOO_LONG)
    assert old_house.replays.pid is None
    old_house.replays.limit = 60.0
    assert asked(old_house).status_code == 200


async def started(house: House, body: object) -> "asyncio.Task[httpx.Response]":
    """A request whose program runs."""
    asking = asyncio.ensure_future(
        house.client.post("/api/v1/replay", json=body, headers=house.headers("manager"))
    )  # fmt: skip
    async with asyncio.timeout(10):
        while house.replays.pid is None:  # noqa: ASYNC110  nobody tells when a program starts
            await asyncio.sleep(0.005)
    return asking


def test_it_is_a_program_of_its_own_that_lets_others_go_first(old_house: House) -> None:
    async def niceness() -> int:
        asking = await started(old_house, OPENED)
        pid = old_house.replays.pid
        assert pid is not None
        nice = os.getpriority(os.PRIO_PROCESS, pid)
        assert (await asking).status_code == 200
        return nice

    assert old_house.run(niceness()) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)


def test_who_leaves_makes_room_for_the_next(old_house: House) -> None:
    async def leave() -> None:
        asking = await started(old_house, FCFS)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    old_house.run(leave())
    assert asked(old_house).status_code == 200


def test_a_server_that_stops_waits_for_no_replay(tmp_path: Path) -> None:
    house = House(path=write_past(tmp_path / "journal.sqlite3", range(2))).open()

    async def stop() -> httpx.Response:
        asking = await started(house, {**FCFS, "last": 2})
        await house.replays.stop()
        assert house.replays.pid is None
        return await asking

    refused(house.run(stop()), Problem.STORAGE_FAILED)
    refused(house.post("/replay", {**FCFS, "last": 2}, "manager"), Problem.STORAGE_FAILED)
    house.close()
