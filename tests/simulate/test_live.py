"""The same people against a running server: what they ask for, they get."""

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from queue_server.cli import app
from queue_server.queue import commands as cmd
from queue_server.simulate.live import Player, Tally
from queue_server.simulate.people import HOUR, at_the_door, crowded, plan_day
from queue_server.simulate.play import processes
from queue_server.simulate.run import ending, procedures_of, said
from queue_server.site.loader import load_site
from tests.acceptance.program import Program

SPEED = 1200.0
# What may be refused: a recall sooner than the real seconds of the rule, and a wish that met a call on its way.
EXPECTED = {"recall-too-soon", "ticket-state"}


def test_a_morning_in_seconds(tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    site = load_site(None)
    plan = plan_day(site.office, 3, procedures_of(site))
    try:
        program.start()
        bearer = {"kiosk": program.token("kiosk", kiosk="kiosk-1"), "officer": program.token("officer")}

        async def morning() -> Player:
            async with httpx.AsyncClient(base_url=program.url) as client:
                player = Player(client, bearer, SPEED)
                try:
                    await asyncio.wait_for(player.play(processes(plan, "kiosk-1")), 4.0)
                except TimeoutError:
                    return player
            raise AssertionError("a whole day in four seconds")

        tally = asyncio.run(morning()).tally
        assert tally.issued > 20
        assert tally.called > 5
        assert tally.failed == 0
        assert set(tally.codes) <= EXPECTED, tally.codes
        with program.client("auditor") as auditor:
            today = auditor.get("/reports/today").json()
        assert today["issued"] >= tally.issued
        program.stop()
        assert program.problems() == []
    finally:
        program.clear_away()


@pytest.mark.parametrize(
    ("command", "path"),
    [
        (cmd.OpenCounter(counter="q1", officer="o"), "/counters/q1/open"),
        (cmd.Transfer(counter="q1", to_service="dat_dai"), "/counters/q1/transfer"),
        (cmd.Reinstate(ticket="20261123-A001"), "/tickets/by-number/A001/reinstate"),
        (cmd.CancelTicket(ticket="unknown"), "/tickets/-/cancel"),
    ],
)
def test_every_wish_has_its_call(command: cmd.Command, path: str) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"id": "x", "token": "t"})

    def wish():  # type: ignore[no-untyped-def]
        yield command

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://office") as client:
            await Player(client, {"officer": "token-o"}, 1.0).play([wish()])

    asyncio.run(run())
    assert [request.url.path for request in asked] == [f"/api/v1{path}"]
    assert asked[0].headers["idempotency-key"]


def test_an_unknown_wish_is_a_mistake() -> None:
    def wish():  # type: ignore[no-untyped-def]
        yield cmd.ReportDevice(device="d", problem=None)

    async def run() -> None:
        async with httpx.AsyncClient(base_url="http://office") as client:
            await Player(client, {}, 1.0).play([wish()])

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(run())
    assert "no call for ReportDevice" in str(caught.value.exceptions[0])


def test_what_was_refused_is_told_by_its_code() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(409, json={"code": "recall-too-soon"})

    def wish():  # type: ignore[no-untyped-def]
        yield cmd.Recall(counter="q1")
        yield cmd.Recall(counter="q1")

    async def run() -> str:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://office") as client:
            player = Player(client, {}, 1.0)
            await player.play([wish()])
            return said(player)

    assert asyncio.run(run()) == "0 numbers, 0 calls, 2 refused (2 recall-too-soon), 0 unanswered"


REPORT = {
    "issued": 40, "served": 30, "waiting": 4, "at_counters": 3, "missed": 2, "cancelled": 1,
    "mean_wait": 8.25, "over_target": 0.1, "target": 15.0,
}  # fmt: skip


def test_the_end_says_what_came_of_the_day_and_where_to_look() -> None:
    text = ending(REPORT, Tally(issued=40, called=36, refused=1, codes={"ticket-state": 1}), "http://office", over=True)
    assert text.splitlines()[1].startswith("The day is over.")
    for part in (
        "40, 30 of them served",
        "4 still waiting, 3 at a counter, 2 no-shows, 1 left",
        "8.2 minutes on average, 10% of the visits longer than 15 minutes",
        "1 refused (1 ticket-state), 0 unanswered",
        "http://office/manager",
    ):
        assert part in text
    nobody = ending(REPORT | {"mean_wait": None, "over_target": None}, Tally(), "http://office", over=False)
    assert "Ended early" in nobody
    assert "nobody yet" in nobody


def test_ctrl_c_ends_with_the_figures_of_the_day(tmp_path: Path) -> None:
    program = Program(tmp_path / "demo", speed=60.0)
    try:
        program.start()
        command = [sys.executable, "-m", "queue_server", "simulate", "--data", str(program.data), "--url", program.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            begun = child.stdout.readline()
            assert "It goes 60 times as fast as life. So does the office's clock" in begun
            child.send_signal(signal.SIGINT)
            said, _ = child.communicate(timeout=60)
        assert child.returncode == 0
        assert "Ended early" in said
        assert f"{program.url}/manager" in said
    finally:
        program.clear_away()


def test_a_crowd_at_the_door_is_the_first_hour_of_the_same_people() -> None:
    site = load_site(None)
    plan = plan_day(site.office, 3, procedures_of(site))
    busy = crowded(plan)
    assert at_the_door(busy) == sum(person.at < HOUR for person in plan.people) > at_the_door(plan)
    assert [replace(person, at=0.0) for person in busy.people] == [replace(person, at=0.0) for person in plan.people]
    assert [p.at for p in busy.people] == sorted(p.at for p in busy.people)


def test_no_server_is_said_plainly(tmp_path: Path, free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    result = CliRunner().invoke(app, ["simulate", "--url", url, "--data", str(tmp_path)])
    assert result.exit_code == 2
    assert f"no server at {url}: start one with ./scripts/run" in result.output
