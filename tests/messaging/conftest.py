"""An office's private broker, and devices that speak to it with their own names."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from queue_server.contract.broker import BrokerAddress
from queue_server.kit.mqtt import MqttClient
from queue_server.messaging.acl import User, users_of
from queue_server.messaging.broker import Broker

SITE = "lien-chieu"
LIMIT = 20.0  # seconds; only a real fault takes so long


def office_users() -> tuple[User, ...]:
    return users_of(counters=("1", "2"), kiosks=("kiosk-1",), boards={"board-1": "main"}, devices=("printer-1",))


@dataclass
class Device:
    """A plain MQTT program with one user's name, as an independent witness of what the broker does."""

    endpoint: BrokerAddress
    client_id: str = ""
    heard: list[tuple[str, bytes, bool]] = field(default_factory=list)
    refused: str | None = None
    line: mqtt.Client = field(init=False)
    losses: int = 0

    def plug_in(self, *topics: str) -> "Device":
        self.line = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=self.client_id)
        if self.endpoint.user:
            self.line.username_pw_set(self.endpoint.user, self.endpoint.password)
        ready: list[bool] = []

        def connected(line: mqtt.Client, _data: Any, _flags: Any, reason: Any, _props: Any) -> None:
            if reason.is_failure:
                self.refused = str(reason)
            elif topics:
                line.subscribe([(topic, 1) for topic in topics])
            else:
                ready.append(True)

        def lost(*_arguments: Any) -> None:
            self.losses += 1

        self.line.on_connect = connected
        self.line.on_disconnect = lost
        self.line.on_subscribe = lambda *_: ready.append(True)
        self.line.on_message = lambda _line, _data, said: self.heard.append((said.topic, said.payload, said.retain))
        self.line.connect(self.endpoint.host, self.endpoint.port)
        self.line.loop_start()
        wait_for(lambda: bool(ready) or self.refused is not None)
        return self

    def say(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        self.line.publish(topic, payload, qos=1, retain=retained).wait_for_publish(LIMIT)

    def heard_on(self, topic: str) -> list[bytes]:
        return [payload for where, payload, _ in self.heard if where == topic]

    def plug_out(self) -> None:
        self.line.disconnect()
        self.line.loop_stop()


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds; fails after a generous time, so that only a real fault is ever seen."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


async def until(condition: Callable[[], bool]) -> None:
    """The same on the event loop."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.005)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One broker for the tests of a module that do it no harm."""
    running = Broker(tmp_path_factory.mktemp("office"), 0, office_users(), site=SITE)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that a test may kill."""
    running = Broker(tmp_path, 0, office_users(), site=SITE)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def device() -> Iterator[Callable[..., Device]]:
    """Makes devices and unplugs them at the end."""
    made: list[Device] = []

    def make(endpoint: BrokerAddress, *topics: str, client_id: str = "") -> Device:
        made.append(Device(endpoint=endpoint, client_id=client_id))
        return made[-1].plug_in(*topics)

    yield make
    for each in made:
        each.plug_out()


class Lines:
    """Starts lines of the server and stops them at the end."""

    def __init__(self) -> None:
        self.open: list[MqttClient] = []

    async def start(self, endpoint: BrokerAddress, **settings: Any) -> MqttClient:
        line = MqttClient(endpoint, loop=asyncio.get_running_loop(), **settings)
        self.open.append(line)
        line.start()
        await until(lambda: line.connected)
        return line


async def stopped(lines: Lines) -> None:
    for line in lines.open:
        await asyncio.to_thread(line.stop)


@dataclass
class Running:
    """Runs a test's coroutine with lines that are stopped afterwards, whatever happens."""

    def __call__(self, story: Callable[[Lines], Any]) -> None:
        async def whole() -> None:
            lines = Lines()
            try:
                await story(lines)
            finally:
                await stopped(lines)

        asyncio.run(whole())


@pytest.fixture
def running() -> Running:
    return Running()
