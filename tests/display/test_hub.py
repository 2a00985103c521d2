"""The hub: what every listener gets, in which order, and what happens to slow and leaving ones."""

import asyncio

import pytest

from display.hub import BEAT, Hub, frame
from tests.display.loops import run_alone


class Client:
    """An ASGI client of one stream that can be held up, as a slow network holds a browser up."""

    def __init__(self, app, method="GET"):
        self.sent: list[bytes] = []
        self.start = None
        self.ended = False
        self.free = asyncio.Event()
        self.free.set()
        self._gone = asyncio.Event()
        self._news = asyncio.Event()
        self.task = asyncio.ensure_future(app({"type": "http", "method": method}, self._receive, self._send))

    async def _receive(self):
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        await self.free.wait()
        if message["type"] == "http.response.start":
            self.start = message
            return
        if message.get("body"):
            self.sent.append(message["body"])
            self._news.set()
        self.ended = self.ended or not message.get("more_body", False)

    async def until(self, data):
        while data not in b"".join(self.sent):
            self._news.clear()
            await self._news.wait()

    def hang_up(self):
        self._gone.set()


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


def run(story):
    run_alone(story())


def test_a_frame_holds_its_lines_and_cannot_be_split_by_its_text():
    assert frame("regions", "a\nb\r\nc\rd", "7") == b"event: regions\nid: 7\ndata: a\ndata: b\ndata: c\ndata: d\n\n"
    assert frame("x\ndata: forged", "y") == b"event: x data: forged\ndata: y\n\n"
    assert frame("x", "a\u2028b") == "event: x\ndata: a\u2028b\n\n".encode()


def test_a_listener_gets_the_first_frame_then_the_channel_only():
    async def story():
        hub = Hub()
        client = Client(hub.stream("board:a", lambda: b"first"))
        await settle()
        hub.publish("board:a", b"one")
        hub.publish("board:b", b"other")
        await settle()
        assert b"".join(client.sent) == b"firstone"
        headers = dict(client.start["headers"])
        assert headers[b"content-type"].startswith(b"text/event-stream")
        assert headers[b"cache-control"] == b"no-store"
        assert headers[b"x-accel-buffering"] == b"no"
        await hub.close()
        await client.task

    run(story)


def test_every_listener_gets_the_same_bytes_object():
    async def story():
        hub = Hub()
        clients = [Client(hub.stream("c", lambda: b"f")) for _ in range(50)]
        await settle()
        assert hub.listeners("c") == hub.total() == 50
        hub.publish("c", b"x")
        await settle()
        assert all(client.sent == [b"f", b"x"] for client in clients)
        await hub.close()
        await asyncio.gather(*(client.task for client in clients))
        assert hub.total() == 0

    run(story)


def test_an_awaitable_first_is_awaited():
    async def story():
        hub = Hub()

        async def first() -> bytes:
            await asyncio.sleep(0)
            return b"late"

        client = Client(hub.stream("c", first))
        await settle()
        assert client.sent == [b"late"]
        await hub.close()
        await client.task

    run(story)


def test_a_slow_listener_is_bounded_and_starts_again_from_the_whole():
    async def story():
        hub = Hub(limit=8)
        wholes = iter([b"all0;", b"all30;"])
        client = Client(hub.stream("c", lambda: next(wholes)))
        await settle()
        client.free.clear()
        hub.publish("c", b"held;")
        await settle()
        for n in range(1, 31):
            hub.publish("c", f"part{n};".encode())
        client.free.set()
        await settle()
        assert b"".join(client.sent) == b"all0;held;all30;"
        await hub.close()
        await client.task

    run(story)


def test_a_listener_that_keeps_up_within_the_limit_loses_nothing():
    async def story():
        hub = Hub(limit=8)
        client = Client(hub.stream("c", lambda: b"f;"))
        await settle()
        for n in range(8):
            hub.publish("c", f"{n};".encode())
        await settle()
        assert b"".join(client.sent) == b"f;0;1;2;3;4;5;6;7;"
        await hub.close()
        await client.task

    run(story)


def test_a_client_that_hangs_up_is_forgotten():
    async def story():
        hub = Hub()
        client = Client(hub.stream("c", lambda: b"f"))
        await settle()
        client.hang_up()
        await asyncio.wait_for(client.task, 1)
        assert hub.listeners("c") == 0
        hub.publish("c", b"nobody")

    run(story)


def test_a_client_whose_line_breaks_while_sending_is_forgotten():
    async def story():
        hub = Hub()

        async def broken(message):
            if message["type"] == "http.response.body":
                raise OSError("connection lost")

        async def silent():
            await asyncio.sleep(60)

        with pytest.raises(OSError, match="lost"):
            await hub.stream("c", lambda: b"f")({"type": "http", "method": "GET"}, silent, broken)
        assert hub.total() == 0

    run(story)


def test_one_timer_beats_for_all_channels_and_stops_with_the_last_listener():
    async def story():
        hub = Hub(heartbeat=0.01)
        clients = [Client(hub.stream(name, lambda: b"f")) for name in ("a", "b")]
        for client in clients:
            await client.until(BEAT)
        for client in clients:
            client.hang_up()
            await client.task
        before = len(asyncio.all_tasks())
        await asyncio.sleep(0.03)
        assert hub.total() == 0
        assert len(asyncio.all_tasks()) == before

    run(story)


def test_closing_ends_every_stream_and_new_ones_at_once():
    async def story():
        hub = Hub()
        client = Client(hub.stream("c", lambda: b"f"))
        await settle()
        await hub.close()
        await asyncio.wait_for(client.task, 1)
        late = Client(hub.stream("c", lambda: b"f"))
        await asyncio.wait_for(late.task, 1)
        assert client.ended
        assert late.ended
        assert late.sent == []

    run(story)


def test_head_gets_the_headers_only():
    async def story():
        hub = Hub()
        client = Client(hub.stream("c", lambda: b"f"), method="HEAD")
        await asyncio.wait_for(client.task, 1)
        assert client.sent == []
        assert client.ended

    run(story)
