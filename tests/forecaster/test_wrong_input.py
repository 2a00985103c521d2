"""What no office should do, done to the whole product under each policy: office, journal, forecast, pages."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from math import isfinite
from pathlib import Path
from typing import Any

import pytest

from queue_server.forecaster.knowledge import Hours, known_now
from queue_server.forecaster.link import ForecastLink
from queue_server.forecaster.look import Memory, look
from queue_server.forecaster.past import Past
from queue_server.queue import commands as cmd
from queue_server.queue.policy import NAMES
from tests.http.house import House

COUNTER = "q1"


class Hall:
    """A house under one policy that looks ahead when it is told to, and whose every number can be read."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.memory = Memory()
        self.link = house.source.forecasts = ForecastLink(house.path.parent)
        house.office.foresee = house.source.foreseen

    def under(self, name: str) -> "Hall":
        assert self.house.post("/policy", {"name": name}, "manager").status_code == 200
        return self

    def look(self, **later: float) -> dict[str, Any]:
        """The forecaster's own look at the office, taken in by the server as its program would say it."""
        now = self.house.clock.now + timedelta(**later)
        state = self.house.office.state
        answer = look(state, known_now(state, Past(), Hours(), now), self.memory, now)
        self.link.take(json.dumps({**answer, "seq": 1, "cost_ms": 1.0}, allow_nan=False).encode())
        assert self.link.garbage == 0
        return answer

    def pages(self, token: str | None = None) -> None:
        """Every page and answer is there, with numbers that are numbers."""
        source, zone = self.house.source, next(iter(self.house.site.office.zones))
        views = [asdict(source.console(c)) for c in self.house.site.office.counters]
        views += [asdict(source.board(zone)), asdict(source.manager())]
        if token is not None:
            views.append(asdict(source.citizen(token)))
        for path in ("/state", "/forecast", "/reports/today", "/services"):
            got = self.house.get(path, "manager")
            assert got.status_code == 200, got.text
            views.append(got.json())
        for view in views:
            assert all(isfinite(number) for number in numbers(view)), view

    def whole(self) -> None:
        """The office works on, and what it remembers is what the journal says."""
        office = self.house.office
        assert (office.healthy, office.listener_failures, self.house.is_whole()) == (True, 0, True)


def numbers(part: Any) -> Iterator[float]:
    if isinstance(part, float | int):
        yield part
    elif isinstance(part, dict):
        for one in part.values():
            yield from numbers(one)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from numbers(one)


Opens = Callable[[], Hall]


@pytest.fixture
def opens(tmp_path: Path) -> Iterator[Opens]:
    made: list[House] = []

    def one() -> Hall:
        made.append(House(path=tmp_path / f"journal-{len(made)}.sqlite3").open())
        return Hall(made[-1])

    yield one
    for house in made:
        house.close()


@pytest.fixture
def hall(opens: Opens) -> Hall:
    return opens()


@pytest.mark.parametrize("policy", NAMES)
def test_an_office_without_a_past_and_a_day_of_one_ticket(hall: Hall, policy: str) -> None:
    hall.under(policy).look()
    hall.pages()
    hall.house.open_counter(COUNTER)
    mine = hall.house.take()
    assert 0 <= mine["wait"]["low"] <= mine["wait"]["high"]
    hall.look()
    hall.pages(mine["token"])
    called = hall.house.next(COUNTER)
    assert called is not None
    assert called["id"] == mine["id"]
    hall.look()
    assert hall.house.next(COUNTER) is None
    hall.look()
    hall.pages(mine["token"])
    hall.whole()


@pytest.mark.parametrize("policy", NAMES)
def test_a_skill_that_nobody_has_today(hall: Hall, policy: str) -> None:
    hall.under(policy).house.open_counter(COUNTER)
    services = hall.house.office.state.counters[COUNTER].services
    alien = next(s for s in hall.house.site.office.services if s not in services)
    mine = hall.house.take(alien)
    hall.house.take(services[0])
    answer = hall.look()
    assert alien not in answer["services"], "nobody promises what nobody can do"
    assert hall.house.get(f"/tickets/{mine['token']}").json()["wait"] is None
    hall.pages(mine["token"])
    got = hall.house.post(f"/counters/{COUNTER}/call", {"ticket": mine["number"]}, "officer")
    assert (got.status_code, got.json()["code"]) == (409, "skill-missing")
    called = hall.house.next(COUNTER)
    assert called is not None
    assert called["number"] != mine["number"]
    assert hall.house.next(COUNTER) is None
    hall.whole()


@pytest.mark.parametrize("policy", NAMES)
def test_a_counter_that_never_finishes(hall: Hall, policy: str) -> None:
    hall.under(policy).house.open_counter(COUNTER, "q2")
    hall.house.take()
    hall.house.next(COUNTER)
    hall.house.post(f"/counters/{COUNTER}/start", {}, "officer")
    for hours in (1, 3, 8):
        hall.house.later(hours=hours)
        mine = hall.house.take()
        low, likely, high = hall.look()["services"]["ho_tich"]["walk_in"]
        assert 0.0 <= low <= likely <= high
        hall.pages(mine["token"])
        called = hall.house.next("q2")
        assert called is not None, "the others are served all the same"
    hall.whole()


@pytest.mark.parametrize("policy", NAMES)
def test_a_clock_that_jumps(hall: Hall, policy: str) -> None:
    hall.under(policy).house.open_counter(COUNTER)
    tokens = [hall.house.take()["token"]]
    for hours in (-5, 6, -0.5):
        hall.house.later(hours=hours)
        tokens.append(hall.house.take()["token"])
        hall.look()
        hall.look(hours=-2)  # the forecaster's own clock may be another
        hall.pages(tokens[-1])
        assert all(t.since <= hall.house.office.now() for t in hall.house.office.state.waiting())
    called = [hall.house.next(COUNTER) for _ in range(5)]
    assert [c["number"] for c in called if c] == ["A001", "A002", "A003", "A004"], "in the order in which they came"
    hall.whole()


def test_ten_thousand_tickets_at_once(hall: Hall) -> None:
    services = list(hall.house.site.office.services)
    hall.house.open_counter(*hall.house.site.office.counters)

    async def everybody() -> None:
        wishes = [cmd.IssueTicket(wanted=(cmd.Wanted(service=services[n % 5]),)) for n in range(10_000)]
        await asyncio.gather(*(hall.house.office.do(wish) for wish in wishes))

    hall.house.run(everybody())
    assert len(hall.house.office.state.tickets) == 10_000
    for policy in NAMES:
        hall.under(policy)
        if policy == NAMES[-1]:  # it asks most of a look
            assert hall.look()["tickets"], (
                "whoever is called within the hours that are played; the others by the schedule"
            )
        hall.pages()
        called = hall.house.next(COUNTER)
        assert called is not None
    assert len(hall.house.office.state.tickets) == 10_000
    hall.whole()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"classes": {"elderly": {"target_minutes": 1, "ceiling_minutes": 2}}}, "classes.elderly.ceiling"),
        ({"classes": {"elderly": {"target_minutes": 10, "ceiling_minutes": 5}}}, "classes.elderly.ceiling"),
        ({"classes": {"elderly": {"target_minutes": 60}}}, "classes.elderly.ceiling"),
        (
            {"reservations": [{"kind": "service", "counters": ["q5"], "services": ["ho_tich"]}]},
            "reservations.0.services",
        ),
    ],
    ids=["below-the-shortest-service", "below-its-target", "above-ordinary-people", "nobody-has-the-skill"],
)
@pytest.mark.parametrize("policy", NAMES)
def test_a_policy_that_contradicts_itself_changes_nothing(
    hall: Hall, policy: str, body: dict[str, Any], field: str
) -> None:
    hall.under(policy).house.open_counter(COUNTER)
    mine = hall.house.take()
    before = hall.house.trace()
    got = hall.house.post("/policy", body, "manager")
    assert (got.status_code, field in [row["field"] for row in got.json()["errors"]]) == (422, True), got.text
    assert hall.house.trace() == before
    called = hall.house.next(COUNTER)
    assert called is not None
    assert called["id"] == mine["id"]
    hall.whole()
