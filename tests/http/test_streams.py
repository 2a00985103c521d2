"""`GET /events`: the whole state first, then every entry in order, for whoever may see it."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self

from queue_server.contract.problems import Problem
from queue_server.queue import commands as cmd
from tests.http.house import House, refused

TAKE = cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),))


def events_of(text: str) -> list[tuple[str, str | None, Any]]:
    """(event, id, data) of each whole frame."""
    found = []
    for frame in text.split("\n\n")[:-1]:
        parts = dict(line.split(": ", 1) for line in frame.split("\n"))
        found.append((parts["event"], parts.get("id"), json.loads(parts["data"])))
    return found


class Listener:
    """An open stream, spoken to as an ASGI server would."""

    def __init__(self, house: House, who: str) -> None:
        self.house, self.text, self.status = house, "", 0
        self.headers: dict[bytes, bytes] = {}
        self.gone, self.flowing = asyncio.Event(), asyncio.Event()
        self.flowing.set()
        self.heard = asyncio.Event()
        token = house.cast[who].encode()
        self.scope = {
            "type": "http", "method": "GET", "path": "/api/v1/events", "raw_path": b"/api/v1/events",
            "query_string": b"", "headers": [(b"host", b"office.test"), (b"authorization", b"Bearer " + token)],
            "scheme": "http", "server": ("office.test", 80), "client": ("127.0.0.1", 1), "http_version": "1.1",
            "root_path": "", "extensions": {},
        }  # fmt: skip

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.house.app(self.scope, self.receive, self.send))
        await self.until(lambda: "\n\n" in self.text)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.gone.set()
        await asyncio.wait_for(self.task, 5)

    async def receive(self) -> dict[str, object]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.flowing.wait()
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.text += message.get("body", b"").decode()
            self.heard.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.heard.clear()
                await self.heard.wait()

    @property
    def events(self) -> list[tuple[str, str | None, Any]]:
        return events_of(self.text)


def test_the_state_first_then_each_event_in_order(house: House) -> None:
    house.open_counter("q1")
    house.take()

    async def story() -> None:
        async with Listener(house, "board") as listener:
            assert listener.status == 200
            assert listener.headers[b"content-type"].startswith(b"text/event-stream")
            ((name, _, state),) = listener.events
            assert (name, state["seq"], [t["number"] for t in state["tickets"]]) == (
                "state", house.journal.last_seq, ["A001"],
            )  # fmt: skip
            await house.office.do(cmd.CallNext(counter="q1"))
            await house.office.do(cmd.CallNext(counter="q1", finish_current=True))
            for _ in range(3):
                await house.office.do(TAKE)
            await listener.until(lambda: len(listener.events) == 7)
            kinds = [name for name, _, _ in listener.events[1:]]
            assert kinds == ["TicketCalled", "ServiceStarted", "ServiceFinished", *["TicketIssued"] * 3]
            ids = [int(number or 0) for _, number, _ in listener.events[1:]]
            assert ids == list(range(state["seq"] + 1, state["seq"] + 7))
            assert listener.events[1][2]["data"] == {"ticket": "20261123-A001", "counter": "q1", "waited": 0.0}

    house.run(story())


def test_a_listener_that_comes_again_has_missed_nothing(house: House) -> None:
    async def story() -> None:
        async with Listener(house, "officer 1") as listener:
            await house.office.do(TAKE)
            await listener.until(lambda: len(listener.events) == 2)
        await house.office.do(TAKE)
        async with Listener(house, "officer 1") as listener:
            (_, _, state) = listener.events[0]
            assert len(state["tickets"]) == 2
            assert house.hub.total() == 1
        assert house.hub.total() == 0

    house.run(story())


def test_a_slow_listener_is_shown_the_whole_again(house: House) -> None:
    async def story() -> None:
        async with Listener(house, "board") as listener:
            listener.flowing.clear()
            for _ in range(300):  # more frames than are kept for one listener
                await house.office.do(TAKE)
            listener.text = ""
            listener.flowing.set()
            await listener.until(lambda: "A300" in listener.text)
            (again,) = [data for name, _, data in listener.events if name == "state"]
            assert len(again["tickets"]) == 300
            await house.office.do(TAKE)
            await listener.until(lambda: "A301" in listener.text)

    house.run(story())


def test_hostile_text_stays_inside_its_frame(house: House) -> None:
    house.open_counter("q1")

    async def story() -> None:
        async with Listener(house, "auditor") as listener:
            await house.office.do(cmd.PauseCounter(counter="q1", reason="x\n\nevent: state\ndata: {}\n\n"))
            await listener.until(lambda: len(listener.events) == 2)
            assert [name for name, _, _ in listener.events] == ["state", "CounterPaused"]
            assert listener.events[1][2]["data"]["reason"].startswith("x\n\nevent")

    house.run(story())


def test_strangers_hear_nothing(house: House) -> None:
    refused(house.get("/events"), Problem.NOT_SIGNED_IN)
    refused(house.get("/events", "kiosk"), Problem.FORBIDDEN)
