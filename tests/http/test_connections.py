"""Strangers' connections on a real server: idle ones, half requests, slow bodies, unread answers, many live pages."""

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import uvicorn
from prometheus_client.parser import text_string_to_metric_families

from queue_server.http.connections import HEADER_LIMIT, PATIENCE, Connection, Connections, Stage
from queue_server.http.room import MOST, Doors, Room, StreamRoom, room_for
from queue_server.runtime import QuietServer
from tests.http.house import House

STRANGER, OTHER = "127.0.0.7", "127.0.0.8"  # addresses of this machine that nobody trusts
ROOM = Room(connections=40, connections_of_one=20, streams=20, streams_of_strangers=16, streams_of_one=10)
Story = Callable[["Server"], Awaitable[None]]
HALF = b"POST /api/v1/tickets HTTP/1.1\r\nhost: office.test\r\ncontent-le"
SLOW = b"POST /api/v1/tickets HTTP/1.1\r\nhost: office.test\r\ncontent-length: 50\r\n\r\n{"
LARGE = 30_000_000  # bytes, more than the buffers between two sockets


class Line:
    """One connection of a stranger."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ended(self) -> bytes:
        """All that came until the server closed."""
        try:
            return await asyncio.wait_for(self.reader.read(), 30)
        except ConnectionResetError:
            return b""

    async def ask(self, path: str, **headers: str) -> int:
        """The status of a request on a connection that stays open."""
        lines = [f"GET {path} HTTP/1.1", "host: office.test", *(f"{name}: {value}" for name, value in headers.items())]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 30)
        length = next((int(v[16:]) for v in head.lower().split(b"\r\n") if v.startswith(b"content-length:")), 0)
        if length:
            await self.reader.readexactly(length)
        return int(head.split(b" ")[1])

    def close(self) -> None:
        self.writer.transport.abort()


class Server:
    """A house behind uvicorn, as the runtime puts it together, with little room."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.doors: Doors = house.desk.doors
        self.lines: list[Line] = []

    async def line(self, address: str = STRANGER, sent: bytes = b"") -> Line:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0))
        made = Line(reader, writer)
        self.lines.append(made)
        if sent:
            writer.write(sent)
        return made

    async def get(self, path: str, address: str = OTHER, **headers: str) -> int:
        made = await self.line(address)
        try:
            return await made.ask(path, **headers)
        finally:
            made.close()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110  what is waited for is many things
                await asyncio.sleep(0.005)

    def sweep(self, after: float) -> None:
        """As if so many seconds had passed."""
        self.doors.connections.sweep(asyncio.get_running_loop().time() + after)

    def stages(self) -> list[Stage]:
        return [line.stage for line in self.server.server_state.connections]  # type: ignore[union-attr]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Server"]:
        config = uvicorn.Config(
            self.house.app, port=0, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1,
            http=partial(Connection, connections=self.doors.connections),  # type: ignore[arg-type]
        )  # fmt: skip
        self.server = QuietServer(config)
        running = asyncio.create_task(self.server.serve())
        await self.until(lambda: self.server.started or running.done())
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            for line in self.lines:
                line.close()
            await self.house.hub.close()
            self.server.should_exit = True
            await running


def told(house: House, story: Story, room: Room = ROOM) -> None:
    house.desk.doors.connections.budget = room.connections
    house.desk.doors.connections.share = room.connections_of_one
    house.desk.doors.streams.share = room.streams_of_one
    house.desk.doors.streams.open_to_all = room.streams_of_strangers

    async def all_of_it() -> None:
        async with Server(house).serving() as server:
            await story(server)

    house.run(asyncio.wait_for(all_of_it(), 60))


@pytest.mark.parametrize("sent", [b"", HALF, SLOW, b"\r\n" * 20], ids=["idle", "half", "slow body", "empty lines"])
def test_others_are_answered_beside_a_stranger_with_many_connections(house: House, sent: bytes) -> None:
    async def story(server: Server) -> None:
        lines = [await server.line(sent=sent) for _ in range(5 * ROOM.connections)]
        assert await server.get("/healthz") == 200
        assert await server.get("/healthz", STRANGER) == 200  # also an honest phone behind the same address
        await server.until(lambda: server.doors.connections.closed["address-share"] >= 4 * ROOM.connections)
        assert len(server.doors.connections) <= ROOM.connections_of_one + 2
        await asyncio.gather(*(line.ended() for line in lines[: 3 * ROOM.connections]))

    told(house, story)


@pytest.mark.parametrize("sent", [b"", HALF, SLOW])
def test_many_addresses_together_leave_room_too(house: House, sent: bytes) -> None:
    async def story(server: Server) -> None:
        for number in range(4 * ROOM.connections):
            await server.line(f"127.0.1.{number % 16}", sent)
        for address in (OTHER, "127.0.0.1"):
            assert await server.get("/healthz", address) == 200
        assert server.doors.connections.closed["no-room"] > 0
        assert len(server.doors.connections) <= ROOM.connections

    told(house, story)


@pytest.mark.parametrize(
    ("sent", "stage", "answer"),
    [(b"", Stage.HEADERS, b"408"), (HALF, Stage.HEADERS, b""), (SLOW, Stage.BODY, b"")],
)
def test_who_does_not_go_on_is_closed(house: House, sent: bytes, stage: Stage, answer: bytes) -> None:
    async def story(server: Server) -> None:
        line = await server.line(sent=sent)
        await server.until(lambda: server.stages() == [stage])
        server.sweep(PATIENCE[stage] / 2)
        assert len(server.doors.connections) == 1
        server.sweep(PATIENCE[stage])
        assert answer in await line.ended()
        assert server.doors.connections.closed[f"slow-{stage}"] == 1
        assert len(server.doors.connections) == 0

    told(house, story)


def test_one_byte_now_and_then_does_not_help(house: House) -> None:
    async def story(server: Server) -> None:
        line = await server.line(sent=HALF)
        for _ in range(20):
            line.writer.write(b"n")
            await line.writer.drain()
        await server.until(lambda: server.stages() == [Stage.HEADERS])
        server.sweep(PATIENCE[Stage.HEADERS])
        await line.ended()
        assert server.doors.connections.closed["slow-headers"] == 1

    told(house, story)


def test_a_connection_kept_alive_is_not_immortal(house: House) -> None:
    async def story(server: Server) -> None:
        line = await server.line()
        assert await line.ask("/healthz") == 200
        assert await line.ask("/healthz") == 200
        line.writer.write(b"\r\n")  # stops uvicorn's own clock
        await server.until(lambda: server.stages() == [Stage.HEADERS])
        server.sweep(PATIENCE[Stage.HEADERS])
        await line.ended()
        assert len(server.doors.connections) == 0

    told(house, story)


def test_who_does_not_read_is_cut(house: House) -> None:
    async def large(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * LARGE})

    house.app = large  # type: ignore[assignment]  # an answer of any size

    async def story(server: Server) -> None:
        line = await server.line()
        line.reader._transport.pause_reading()  # type: ignore[attr-defined]
        line.writer.write(b"GET / HTTP/1.1\r\nhost: office.test\r\n\r\n")
        await server.until(lambda: server.stages() == [Stage.STALLED])
        server.sweep(PATIENCE[Stage.STALLED])
        await server.until(lambda: not server.stages())
        assert server.doors.connections.closed["slow-stalled"] == 1

    told(house, story)


def test_headers_without_end_are_refused(house: House) -> None:
    async def story(server: Server) -> None:
        line = await server.line(sent=b"GET / HTTP/1.1\r\nhost: office.test\r\nx: ")
        line.writer.write(b"y" * (HEADER_LIMIT + 1))
        assert b"431" in await line.ended()

    told(house, story)


def test_a_long_body_is_no_long_header(house: House) -> None:
    async def story(server: Server) -> None:
        body = b'{"service": "ho_tich", "channel": "phone", "language": "' + b"v" * 60_000 + b'"}'
        head = b"POST /api/v1/tickets HTTP/1.1\r\nhost: office.test\r\ncontent-type: application/json\r\n"
        line = await server.line(sent=head + b"content-length: %d\r\n\r\n" % len(body) + body)
        assert b" 422 " in await asyncio.wait_for(line.reader.readuntil(b"\r\n"), 30)

    told(house, story)


def test_live_pages_have_a_share_and_tokens_a_reserve(house: House) -> None:
    room = Room(connections=200, connections_of_one=100, streams=60, streams_of_strangers=25, streams_of_one=10)

    async def story(server: Server) -> None:
        page = "/api/v1/events"

        async def open_stream(address: str, **headers: str) -> int:
            return await (await server.line(address)).ask(page, **headers)

        house.desk.doors.streams.opened(STRANGER)
        for _ in range(room.streams_of_one - 1):
            house.desk.doors.streams.opened(STRANGER)
        assert await open_stream(STRANGER) == 429
        for number in range(room.streams_of_strangers - room.streams_of_one):
            house.desk.doors.streams.opened(f"192.0.2.{number}")
        assert await open_stream(OTHER) == 429
        assert await open_stream(STRANGER, authorization=f"Bearer {house.cast['officer']}") == 200
        assert dict(server.doors.streams.refused) == {"address-share": 1, "no-room": 1}

    told(house, story, room)


def test_figures_tell_of_it(house: House) -> None:
    async def story(server: Server) -> None:
        for _ in range(2 * ROOM.connections):
            await server.line()
        await server.until(lambda: server.doors.connections.closed["address-share"] > 0)
        got = await house.client.get("/metrics")
        found = {family.name: family for family in text_string_to_metric_families(got.text)}
        closed = {s.labels["reason"]: s.value for s in found["motcua_connections_closed"].samples}
        assert closed["address-share"] > 0
        assert found["motcua_connections"].samples[0].value == len(server.doors.connections)

    told(house, story)


@pytest.mark.parametrize("files", [256, 1024, 4096, 20_000, 65_536, 10**6])
def test_the_room_fits_into_the_files(files: int) -> None:
    room = room_for(files)
    assert room.connections <= min(MOST, max(64, files * 3 // 4))
    assert room.streams_of_one < room.streams_of_strangers < room.streams < room.connections
    assert room.connections_of_one <= room.connections // 2


def test_a_hall_of_phones_behind_one_address_has_room() -> None:
    room = room_for(4096)
    assert room.streams_of_one >= 200
    assert room.connections_of_one >= 2 * 200


@pytest.mark.parametrize(("hard", "warned"), [(700, True), (9000, False)])
def test_the_program_raises_its_own_limit_and_says_when_it_is_low(hard: int, warned: bool) -> None:
    story = (
        "import resource;"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard}));"
        "from queue_server.http.room import raise_file_limit;"
        "print(raise_file_limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    got = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, check=True)
    assert got.stdout.split() == [str(hard)] * 2
    assert ("LimitNOFILE" in got.stderr) is warned


def test_books_are_kept_right_whatever_happens() -> None:
    """Random comings, goings and stages: what is counted is what is open."""

    class Loose:
        """As much of a connection as is counted."""

        def __init__(self, address: str) -> None:
            self.address, self.stage, self.counted = address, Stage.HEADERS, False

        def refuse(self, status: int) -> None:
            del status

    for seed in range(200):
        draw = random.Random(seed)
        known = Connections(budget=draw.randint(1, 12), share=draw.randint(1, 6))
        everyone: list[Any] = []
        for now in range(300):
            here = [each for each in everyone if each.counted]
            if draw.random() < 0.5 or not here:
                made: Any = Loose(f"192.0.2.{draw.randint(1, 4)}")
                everyone.append(made)
                made.counted = known.admit(made, float(now))
            elif draw.random() < 0.6:
                moved = draw.choice(here)
                moved.stage = draw.choice(list(Stage))
                known.moved(moved, float(now))
            elif draw.random() < 0.5:
                known.leave(draw.choice(here))
            else:
                known.sweep(float(now))
            here = [each for each in everyone if each.counted]
            assert len(known) == len(here) <= known.budget
            unfinished = {c for waiting in known._unfinished.values() for c in waiting}
            assert unfinished == {each for each in here if each.stage in PATIENCE}
            assert all(sum(e.address == a for e in here) <= known.share for a in {e.address for e in here})


def test_streams_are_counted_up_and_down() -> None:
    room = StreamRoom(share=2, open_to_all=3)
    assert room.full("a") is None
    room.opened("a")
    room.opened("a")
    assert (room.full("a"), room.full("b")) == ("address-share", None)
    room.opened("b")
    assert room.full("c") == "no-room"
    room.ended("a")
    assert (len(room), room.full("a")) == (2, None)
