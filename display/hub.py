"""Server-sent events to many listeners: each frame is encoded once and handed out as bytes. Bare ASGI."""

import asyncio
import inspect
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
First = Callable[[], bytes] | Callable[[], Awaitable[bytes]]

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
# A named event and not a comment: scripts in a page cannot see comments, and must see that the line is alive.
BEAT = b"event: beat\ndata: 1\n\n"


def frame(event: str, data: str, id: str | None = None) -> bytes:  # noqa: A002 - the wire's own word
    """One event on the wire. `data` may hold line breaks; `event` and `id` lose theirs."""
    lines = [f"event: {_one_line(event)}"]
    if id is not None:
        lines.append(f"id: {_one_line(id)}")
    # The three line ends of the format, not str.splitlines: U+2028 and its kin are data.
    lines.extend(f"data: {line}" for line in data.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return ("\n".join(lines) + "\n\n").encode()


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\0", "")


class _Listener:
    """One open stream: frames not yet sent, and whether it has to start again from the first frame."""

    __slots__ = ("frames", "gone", "limit", "restart", "wake")

    def __init__(self, limit: int) -> None:
        self.frames: deque[bytes] = deque()
        self.limit = limit
        self.restart = True
        self.gone = False
        self.wake = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Queues a frame. A listener that is too slow drops what it missed and is later shown the whole again."""
        if len(self.frames) >= self.limit:
            self.frames.clear()
            self.restart = True
        self.frames.append(data)
        self.wake.set()

    def leave(self) -> None:
        self.gone = True
        self.wake.set()


class Hub:
    """Channels of listeners. `heartbeat` in seconds, one timer for all; `limit` frames per listener.

    All methods are called on the event loop. Behind FastAPI give `stream(…)` to a Starlette `Route`: it is an ASGI
    application, not a `Response`.
    """

    def __init__(self, heartbeat: float = 15.0, limit: int = 8) -> None:
        self._heartbeat = heartbeat
        self._limit = limit
        self._channels: dict[str, set[_Listener]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def publish(self, channel: str, frame: bytes) -> None:
        """Hands a frame to every listener of a channel; costs nothing when nobody listens."""
        for listener in self._channels.get(channel, ()):
            listener.put(frame)

    def listeners(self, channel: str) -> int:
        """How many streams a channel has open."""
        return len(self._channels.get(channel, ()))

    def total(self) -> int:
        """How many streams are open in all."""
        return sum(len(found) for found in self._channels.values())

    def stream(self, channel: str, first: First, limit: int | None = None) -> App:
        """An ASGI application: sends `first()`, then the frames of the channel until the client leaves.

        A plain `first` is called in the same step in which the listener is registered, so no frame is missed or
        comes out of order. It is called again when a slow listener lost frames: frames replace parts, `first` all.
        """

        async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                raise RuntimeError("an event stream answers HTTP only")
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body", "body": b""})
                return
            listener = _Listener(limit or self._limit)
            watch = asyncio.ensure_future(_until_disconnect(receive, listener))
            self._join(channel, listener)
            try:
                await self._feed(listener, first, send)
            finally:
                self._leave(channel, listener)
                watch.cancel()

        return application

    async def close(self) -> None:
        """Ends every stream, so that the server can stop. New streams end at once."""
        self._closed = True
        self._stop_timer()
        for found in self._channels.values():
            for listener in found:
                listener.leave()
        for _ in range(100):
            if not self._channels:
                return
            await asyncio.sleep(0.01)

    async def _feed(self, listener: _Listener, first: First, send: Send) -> None:
        while not (listener.gone or self._closed):
            if listener.restart:
                listener.restart = False
                listener.frames.clear()  # older than what `first` is about to show
                answer = first()
                body = await answer if inspect.isawaitable(answer) else answer
            elif listener.frames:
                body = b"".join(listener.frames)
                listener.frames.clear()
            else:
                listener.wake.clear()
                await listener.wake.wait()
                continue
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _join(self, channel: str, listener: _Listener) -> None:
        self._channels.setdefault(channel, set()).add(listener)
        if self._timer is None and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(self._heartbeat, self._beat)

    def _leave(self, channel: str, listener: _Listener) -> None:
        found = self._channels[channel]
        found.discard(listener)
        if not found:
            del self._channels[channel]
        if not self._channels:
            self._stop_timer()

    def _beat(self) -> None:
        for channel in self._channels:
            self.publish(channel, BEAT)
        self._timer = asyncio.get_running_loop().call_later(self._heartbeat, self._beat)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def _until_disconnect(receive: Receive, listener: _Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.leave()
