"""Slips, printers and a real broker for the hardware tests."""

import getpass
import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from PIL import Image

from hardware.drivers.network_printer import NetworkPrinter, PrinterTimeouts
from hardware.layout import TicketSlip, draw_ticket
from hardware.simulated.virtual_printer import Knobs, VirtualPrinter
from queue_server.contract.broker import BrokerAddress

MONDAY_AT_EIGHT = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def a_slip(**changes: object) -> TicketSlip:
    """An ordinary ticket, but for what the test changes."""
    ordinary: dict[str, object] = {
        "unit_name": "Trung tâm Phục vụ hành chính công phường Tân An",
        "number": "A012",
        "service_name": "Hộ tịch – Chứng thực",
        "counters": ("3", "4"),
        "people_ahead": 4,
        "wait_low": 10,
        "wait_high": 15,
        "issued_at": MONDAY_AT_EIGHT,
        "url": "http://192.168.1.20:8080/t/0q9wYx8aSdfKJ3hd92kLmN",
    }
    return TicketSlip(**(ordinary | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def ticket() -> Image.Image:
    """A whole ticket, about 110 mm long."""
    return draw_ticket(a_slip())


@pytest.fixture
async def printer(tmp_path: Path) -> AsyncIterator[VirtualPrinter]:
    """A healthy virtual printer, faster than any real one."""
    device = VirtualPrinter(tmp_path / "paper", knobs=Knobs(speed_mm_s=5_000))
    await device.start()
    yield device
    await device.stop()


@pytest.fixture
def driver(printer: VirtualPrinter) -> NetworkPrinter:
    """The real driver on the virtual printer, with short patience."""
    return NetworkPrinter(printer.host, printer.port, timeouts=QUICK)


QUICK = PrinterTimeouts(connect=2.0, answer=0.4, idle=0.6, job=2.0)


def free_port() -> int:
    """A TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Broker:
    """A real Mosquitto on a port of its own, which can be stopped and started again."""

    def __init__(self, folder: Path, *, extra: str = "", anonymous: bool = True) -> None:
        self.address = BrokerAddress(host="127.0.0.1", port=free_port())
        self._folder = folder
        self._extra = extra
        self._anonymous = anonymous
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.address.port} 127.0.0.1\nallow_anonymous {str(self._anonymous).lower()}\n"
            f"set_tcp_nodelay true\nuser {getpass.getuser()}\n{self._extra}"
        )
        command = ["/usr/sbin/mosquitto", "-c", str(config)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        eventually(self._listens, "the broker listens")

    def freeze(self) -> None:
        """Stop answering without closing a connection, as behind a pulled cable."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.address.port)) == 0


class Listener:
    """A subscriber to everything, who remembers what came."""

    def __init__(self, address: BrokerAddress) -> None:
        self.heard: list[mqtt.MQTTMessage] = []
        self._subscribed = threading.Event()
        self.client = mqtt.Client(callback_api_version=CallbackAPIVersion.VERSION2)
        self.client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.client.on_message = lambda _client, _data, message: self.heard.append(message)
        self.client.username_pw_set(address.user, address.password)
        self.client.connect_async(address.host, address.port)
        self.client.loop_start()
        assert self._subscribed.wait(20)

    def on(self, topic: str) -> list[dict[str, Any]]:
        """The payloads heard on a topic, oldest first."""
        return [json.loads(message.payload) for message in tuple(self.heard) if message.topic == topic]

    def last_on(self, topic: str) -> dict[str, Any]:
        """The last payload heard on a topic, or an empty one."""
        return (self.on(topic) or [{}])[-1]

    def say(self, topic: str, payload: object, *, retain: bool = False) -> None:
        """Publish a payload as JSON, or bytes as they are."""
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.client.publish(topic, data, qos=1, retain=retain).wait_for_publish(20)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def listener(broker: Broker) -> Iterator[Listener]:
    """Somebody who hears everything on the broker."""
    curious = Listener(broker.address)
    yield curious
    curious.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running broker without passwords."""
    running = Broker(tmp_path / "broker")
    running.start()
    yield running
    running.stop()


def eventually(holds: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Wait until something holds; fail with its name when it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"never happened: {what}")
        time.sleep(0.01)
