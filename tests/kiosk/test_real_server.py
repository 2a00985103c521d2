"""The kiosk against the real queue server, as a program of its own: what the stand-in promises must hold there."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiosk import events as ev
from kiosk.events import AskForTicket, TicketTaken
from kiosk.lease import office_day
from kiosk.main import KioskOptions, Parts, assemble
from kiosk.spool import Fate
from kiosk.state import Screen
from kiosk.taking import ticket_body
from kiosk.world import Wanted

ROOT = Path(__file__).parents[2]
BIRTH = Wanted(service="ho_tich", procedure="khai_sinh", ready=True, papers=3, cases=())
COLLECT = Wanted(service="tra_ket_qua")


@dataclass
class Office:
    """A running server of the example office."""

    url: str
    token: str
    manager: str

    def waiting(self) -> list[str]:
        """Numbers that stand in the queue, as the server tells them."""
        answer = httpx.get(f"{self.url}/api/v1/state", headers={"Authorization": f"Bearer {self.manager}"})
        answer.raise_for_status()
        return sorted(numbers_in(answer.json()))


def numbers_in(state: Any) -> set[str]:
    """The numbers of waiting tickets anywhere in the server's state."""
    match state:
        case {"number": str(number), "state": "waiting"}:
            return {number}
        case dict():
            return set().union(*(numbers_in(each) for each in state.values()))
        case list():
            return set().union(*(numbers_in(each) for each in state))
        case _:
            return set()


def motcua(*words: str) -> list[str]:
    return [sys.executable, "-m", "queue_server", *words]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    data = tmp_path_factory.mktemp("office")
    from tests.conftest import take_free_ports

    port, mqtt_port = take_free_ports(2)
    command = motcua("server", "--data", str(data), "--port", str(port), "--mqtt-port", str(mqtt_port))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            line = next(line for line in child.stdout if line.startswith("ready "))
            tokens = [
                subprocess.run(
                    motcua("token", *role, "--data", str(data)), cwd=ROOT, capture_output=True, text=True, check=True
                ).stdout.strip()
                for role in (("kiosk", "--kiosk", "kiosk-1"), ("manager",))
            ]
            yield Office(line.split()[1].rstrip("/"), *tokens)
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(20)


def at_office(office: Office, folder: Path, story: Callable[[Parts], Awaitable[None]], *, url: str = "") -> None:
    async def told() -> None:
        options = KioskOptions(url=url or office.url, kiosk="kiosk-1", token=office.token, data=folder)
        parts = assemble(options)
        try:
            await story(parts)
        finally:
            await parts.close()

    asyncio.run(told())


async def take(parts: Parts, ask: AskForTicket) -> TicketTaken:
    async for event in parts.effects.run(ask, parts.sync.world):
        assert isinstance(event, TicketTaken), event
        return event
    raise AssertionError("no answer")


def test_the_kiosk_understands_the_real_office(office: Office, tmp_path: Path) -> None:
    async def story(parts: Parts) -> None:
        await parts.sync.round()
        world = parts.driver.state.world
        assert world.server_up
        assert len(world.procedures) > 100
        assert world.office.open
        assert [each.id for each in world.office.classes][:2] == ["elderly", "pregnant"]
        assert parts.sync.site == "tan-loi"
        assert len(parts.spool.free(office_day(parts.sync.time.now()))) >= 100
        assert {known.service for known in world.procedures.values()} - {None} <= set(world.services)

    at_office(office, tmp_path, story)


def test_a_number_is_taken_and_given_back(office: Office, tmp_path: Path) -> None:
    async def story(parts: Parts) -> None:
        await parts.sync.round()
        taken = await take(parts, AskForTicket("real-1", (BIRTH, COLLECT), "elderly", "en"))
        assert not taken.ticket.provisional
        assert taken.ticket.number in office.waiting()
        again = await take(parts, AskForTicket("real-1", (BIRTH, COLLECT), "elderly", "en"))
        assert again.ticket.number == taken.ticket.number, "the same command id is the same number"
        async for _ in parts.effects.run(ev.GiveBack(taken.ticket), parts.sync.world):
            pass
        await parts.sync.round()
        assert taken.ticket.number not in office.waiting()

    at_office(office, tmp_path, story)


def test_leased_numbers_are_handed_in_and_unclear_ones_settled(office: Office, tmp_path: Path, free_port: int) -> None:
    before = office.waiting()

    async def away(parts: Parts) -> None:
        ask = AskForTicket("real-2", (BIRTH,), None, "vi")
        taken = await take(parts, ask)
        assert taken.ticket.provisional
        numbers.append(taken.ticket.number)
        day = office_day(parts.sync.time.now())
        parts.spool.begin(command_id="real-3", body=ticket_body(ask), day=day)
        parts.spool.unclear("real-3")

    async def back(parts: Parts) -> None:
        await parts.server.take(ticket_body(AskForTicket("real-3", (BIRTH,), None, "vi")), key="real-3")
        await parts.sync.round()
        assert [letter.kind for letter in parts.spool.all_letters() if letter.state is not Fate.DONE] == []

    numbers: list[str] = []
    at_office(office, tmp_path, lambda parts: parts.sync.round())
    at_office(office, tmp_path, away, url=f"http://127.0.0.1:{free_port}")
    at_office(office, tmp_path, back)
    assert sorted(set(office.waiting()) - set(before)) == numbers


def test_help_and_search_reach_the_real_office(office: Office, tmp_path: Path) -> None:
    async def story(parts: Parts) -> None:
        await parts.sync.round()
        parts.driver.handle(ev.AskHelp())
        await parts.driver.settle()
        assert parts.driver.state.screen in (Screen.HELP, Screen.ATTRACT)
        found = await parts.effects._search("con moi sinh", parts.sync.world)
        assert "khai_sinh" in found[:3]

    at_office(office, tmp_path, story)
