"""The same people against a running server: what they ask for, they get."""

import asyncio
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from queue_server.cli import app
from queue_server.queue import commands as cmd
from queue_server.simulate.live import Player
from queue_server.simulate.people import plan_day
from queue_server.simulate.play import processes
from queue_server.simulate.run import procedures_of, said
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

    assert asyncio.run(run()) == "0 tickets, 0 calls, 2 refused (2 recall-too-soon), 0 unanswered"


def test_no_server_is_said_plainly(tmp_path: Path, free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    result = CliRunner().invoke(app, ["simulate", "--url", url, "--data", str(tmp_path)])
    assert result.exit_code == 2
    assert f"no server at {url}: start one with ./scripts/run" in result.output
