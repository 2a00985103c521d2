"""The network between the programs: HTTP as bytes over connections that may be late, doubled, cut or never come.

The client's side is a real transport under the real HTTP library. The server's side reads the one request of a
connection and hands it to the ASGI application, in the event loop of the program that listens.
"""

import asyncio
import json
import random
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from tests.storm.timeline import Host

App = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]

RETAINED = 0.05  # of a device's messages
FAULTS = ("message-late", "message-doubled", "message-lost", "answer-lost", "answer-late")


@dataclass(slots=True)
class Weather:
    """How bad a line is: the chance of each fault per request, and whether the line is up at all."""

    chances: dict[str, float] = field(default_factory=dict)
    up: bool = True


@dataclass(slots=True)
class Fate:
    """What happens to one request. Seconds; `answer` None: it never comes; `cut`: the line breaks instead."""

    reach: tuple[float, ...]  # when the request arrives, each time it does
    answer: float | None
    cut: bool = False


class Network:
    """Who listens where, and the lines between. `counts` are the faults that happened, by kind."""

    def __init__(self, dice: random.Random, count: Callable[[str], None]) -> None:
        self.dice = dice
        self.count = count
        self.listeners: dict[str, tuple[Host, App]] = {}
        self.serving: dict[Host, list[Line]] = {}
        self.weather: dict[str, Weather] = {}  # by the name of the client's program

    def listen(self, address: str, host: Host, app: App) -> None:
        """A server is there."""
        self.listeners[address] = (host, app)

    def gone(self, address: str) -> None:
        """A server is there no more."""
        self.listeners.pop(address, None)

    def died(self, host: Host) -> None:
        """A program is no more: who waits for its answer hears that the line is cut."""
        for address in [known for known, (listener, _) in self.listeners.items() if listener is host]:
            self.gone(address)
        for line in self.serving.pop(host, []):
            line.died()

    def worsen(self, client: str, chances: dict[str, float], *, down: bool) -> None:
        """A client's line goes bad."""
        self.weather[client] = Weather(dict(chances), up=not down)

    def mend(self, client: str) -> None:
        """A client's line is good again."""
        self.weather[client] = Weather()

    def calm(self) -> None:
        """No faults from now on."""
        for each in self.weather.values():
            each.chances.clear()
            each.up = True

    def publish(self, machine: Any, topic: str, payload: bytes) -> None:
        """A device's message by way of the broker: at least once, or not at all where the line is cut."""
        dice, kind = self.dice, self._kind(self.weather.setdefault("mqtt", Weather()))
        if kind is not None:
            self.count(kind)
        delays = {
            "message-late": [dice.uniform(1.0, 60.0)],
            "message-doubled": [0.02, dice.uniform(0.02, 5.0)],
            "message-lost": [],
        }.get(kind or "", [0.02])
        for delay in delays:
            machine.timeline.wire.call_later(delay, machine.message, topic, payload, False)
        if dice.random() < RETAINED:  # a broker that kept what nobody should keep tells it again
            self.count("message-retained")
            machine.timeline.wire.call_later(dice.uniform(1.0, 300.0), machine.message, topic, payload, True)

    async def connect(
        self, name: str, client: Host, factory: Callable[[], asyncio.Protocol], address: str, port: int
    ) -> Any:
        """As `loop.create_connection`; refused where nobody listens, in vain where the line is down."""
        weather = self.weather.setdefault(name, Weather())
        await asyncio.sleep(self.dice.uniform(0.0002, 0.003))
        if not weather.up:
            await asyncio.sleep(3600)
        if address not in self.listeners:
            raise ConnectionRefusedError(111, f"connect to {address}:{port}")
        protocol = factory()
        line = Line(self, name, client, protocol, address)
        protocol.connection_made(line)
        return line, protocol

    def fate(self, name: str) -> Fate:
        """Throws the dice for one request of a program or page."""
        dice, weather = self.dice, self.weather.setdefault(name, Weather())
        there, back = dice.uniform(0.0005, 0.01), dice.uniform(0.0005, 0.01)
        kind = self._kind(weather)
        if kind is not None:
            self.count(kind)
        if kind == "message-lost" or not weather.up:
            return Fate((), None, cut=dice.random() < 0.5)
        if kind == "message-late":
            return Fate((dice.choice((0.5, 2.5, 8.0, 40.0, 400.0)) * dice.uniform(0.5, 1.5),), back)
        if kind == "message-doubled":
            return Fate((there, there + dice.choice((0.0, 0.5, 5.0, 60.0)) * dice.random()), back)
        if kind == "answer-lost":
            return Fate((there,), None, cut=dice.random() < 0.5)
        if kind == "answer-late":
            return Fate((there,), dice.choice((1.0, 2.5, 6.0)) * dice.uniform(0.5, 1.5))
        return Fate((there,), back)

    def _kind(self, weather: Weather) -> str | None:
        drawn = self.dice.random()
        for kind in FAULTS:
            drawn -= weather.chances.get(kind, 0.0)
            if drawn < 0:
                return kind
        return None


class Line(asyncio.Transport):
    """The client's end of one connection: sends one request, gets one answer."""

    def __init__(self, network: Network, name: str, client: Host, protocol: asyncio.Protocol, address: str) -> None:
        super().__init__()
        self._name = name
        self._network = network
        self._client = client
        self._protocol: Any = protocol
        self._address = address
        self._sent = bytearray()
        self._closed = False
        self._answered = False

    def write(self, data: Any) -> None:
        self._sent += data
        request = parse(bytes(self._sent))
        if request is not None:
            self._sent.clear()
            self._send(request)

    def _send(self, request: "Request") -> None:
        network = self._network
        fate = network.fate(self._name)
        for delay in fate.reach:
            self._client.timeline.wire.call_later(delay, self._arrive, request, fate)
        if not fate.reach and fate.cut:
            self._client.call_later(1.0, self._cut)

    def _arrive(self, request: "Request", fate: Fate) -> None:
        listener = self._network.listeners.get(self._address)
        if listener is None:
            self._client.call_soon(self._cut)
            return
        server, app = listener
        back = fate.answer if not self._answered else None
        self._answered = True
        self._network.serving.setdefault(server, []).append(self)
        server.create_task(self._serve(server, app, request, back, cut=fate.cut))

    async def _serve(self, server: Host, app: App, request: "Request", back: float | None, *, cut: bool) -> None:
        answer = await served(app, request, self._name)
        self._network.serving[server].remove(self)
        if back is not None:
            self._client.call_later(back, self._hear, answer)
        elif cut:
            self._client.call_later(0.01, self._cut)

    def died(self) -> None:
        """The server's program is no more: the line breaks."""
        self._client.call_soon(self._cut)

    def _hear(self, answer: bytes) -> None:
        if not self._closed:
            self._protocol.data_received(answer)

    def _cut(self) -> None:
        if not self._closed:
            self._closed = True
            self._protocol.connection_lost(ConnectionResetError(104, "reset"))

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._client.call_soon(self._protocol.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        return self._closed

    def pause_reading(self) -> None:
        """Bytes come only when they are asked for."""

    def resume_reading(self) -> None:
        """As above."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is kept back."""

    def can_write_eof(self) -> bool:
        return False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return Plug(self._address) if name == "socket" else default


@dataclass(frozen=True, slots=True)
class Plug:
    """What a library asks of the socket itself."""

    address: str
    family: int = socket.AF_INET

    def getsockname(self) -> tuple[str, int]:
        return "10.0.0.100", 40000

    def getpeername(self) -> tuple[str, int]:
        return self.address, 80

    def fileno(self) -> int:
        return -1

    def setsockopt(self, *_: Any) -> None:
        """There is nothing to set."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it came over the line."""

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def parse(data: bytes) -> Request | None:
    """The request of these bytes once it is whole."""
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return None
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.decode().split(" ")
    headers = tuple(
        (name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)
    )
    length = int(dict(headers).get(b"content-length", b"0"))
    return Request(method, target, headers, body[:length]) if len(body) >= length else None


async def served(app: App, request: Request, client: str) -> bytes:
    """What the application answers, as bytes; the line is closed after it."""
    path, _, query = request.target.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": list(request.headers), "client": (client, 0), "server": ("office", 80), "state": {},
    }  # fmt: skip
    received = asyncio.Event()
    start: dict[str, Any] = {}
    parts: list[bytes] = []

    async def receive() -> Any:
        if not received.is_set():
            received.set()
            return {"type": "http.request", "body": request.body, "more_body": False}
        await asyncio.sleep(86400)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    body = b"".join(parts)
    kept = [(name, value) for name, value in start["headers"] if name.lower() not in (b"content-length", b"connection")]
    lines = [b"HTTP/1.1 %d -" % start["status"], *(name + b": " + value for name, value in kept)]
    length = [] if start["status"] in (204, 304) else [b"content-length: %d" % len(body)]
    return b"\r\n".join([*lines, *length, b"connection: close", b"", b""]) + body


def parse_answer(data: bytes) -> tuple[int, Any] | None:
    """Status and JSON of an answer once it is whole."""
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return None
    first, *lines = head.split(b"\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    length = int(headers.get(b"content-length", b"0"))
    if len(body) < length:
        return None
    return int(first.split(b" ")[1]), json.loads(body) if length else None
