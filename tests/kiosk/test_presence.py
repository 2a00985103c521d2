"""The kiosk's word over MQTT, and the office's to the kiosk, with a real broker."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from kiosk.device_link import DeviceLink
from kiosk.main import KioskOptions, Parts, Presence, assemble
from kiosk.presence import Order, hear, last_will, own_state
from queue_server.contract.broker import BrokerAddress
from queue_server.contract.topics import topic
from tests.kiosk.gallery import a_person, screens, starter_world
from tests.kiosk.standin import TOKEN, running

SITE = "tan-loi"
AT = datetime(2026, 9, 21, 1, 12, tzinfo=UTC)
NAME = topic(SITE, "service_state", service="ho_tich")


def payload(seq: int, waiting: int = 9, epoch: int = 1, **changes: Any) -> bytes:
    wait = {"low": 20, "likely": 25, "high": 30}
    state = {
        "v": 1,
        "epoch": epoch,
        "seq": seq,
        "service": "ho_tich",
        "waiting": waiting,
        "wait": wait,
        "counters": ["7"],
    }
    return json.dumps(state | changes).encode()


def test_news_of_a_service_are_taken_over() -> None:
    world, order = hear(starter_world(), {}, site=SITE, topic=NAME, payload=payload(5))
    service = world.services["ho_tich"]
    assert (service.waiting, service.wait_low, service.wait_high, service.counters) == (9, 20, 30, ("7",))
    assert service.prefix == "A"
    assert order == {"ho_tich": Order(epoch=1, seq=5)}


@pytest.mark.parametrize(
    ("epoch", "seq", "counts"), [(1, 4, False), (1, 5, False), (1, 6, True), (2, 0, True), (0, 99, False)]
)
def test_order_is_by_epoch_and_sequence(epoch: int, seq: int, counts: bool) -> None:
    world, order = hear(starter_world(), {}, site=SITE, topic=NAME, payload=payload(5))
    later, _ = hear(world, order, site=SITE, topic=NAME, payload=payload(seq, waiting=1, epoch=epoch))
    assert (later.services["ho_tich"].waiting == 1) is counts


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (NAME, b"\xff\xfe"),
        (NAME, b"[]"),
        (NAME, b"{}"),
        (NAME, b'{"epoch": "x", "seq": 1}'),
        (NAME, b'{"epoch": 1, "seq": 9, "wait": 7}'),
        (topic(SITE, "service_state", service="unheard-of"), payload(9)),
        ("motcua/v1/other/service/ho_tich/state", payload(9)),
        ("", b""),
    ],
)
def test_garbage_changes_nothing(name: str, data: bytes) -> None:
    before = starter_world()
    assert hear(before, {}, site=SITE, topic=name, payload=data) == (before, {})


def test_the_kiosk_s_word_holds_nothing_about_a_person() -> None:
    for name, state in screens(portrait=True, language="en"):
        said = own_state(state, kiosk="kiosk-1", at=AT, printer=None)
        assert set(said) == {"v", "at", "kiosk", "online", "doing", "server", "printer"}, name
    assert own_state(a_person().state, kiosk="kiosk-1", at=AT, printer=None)["doing"] == "resting"
    assert last_will(kiosk="kiosk-1")["online"] is False


class Listener:
    """Somebody at the broker who remembers what was said."""

    def __init__(self, broker: Any) -> None:
        self.heard: list[dict[str, Any]] = []
        self._ready = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self.client.username_pw_set(broker.username, broker.password)
        self.client.on_message = self._hear
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()
        self.client.subscribe(topic(SITE, "kiosk_state", kiosk="kiosk-1"), qos=1)
        assert self._ready.wait(10)

    def _hear(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.payload:  # an empty one clears the retained word away after a test
            self.heard.append(json.loads(message.payload))

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def listener(mosquitto: Any) -> Iterator[Listener]:
    made = Listener(mosquitto)
    yield made
    made.client.publish(topic(SITE, "kiosk_state", kiosk="kiosk-1"), b"", retain=True).wait_for_publish(5)
    made.close()


async def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.02)


def test_live_waits_come_in_and_the_kiosk_is_seen(mosquitto: Any, listener: Listener, tmp_path: Path) -> None:
    broker = BrokerAddress(
        host=mosquitto.host, port=mosquitto.port, user=mosquitto.username, password=mosquitto.password
    )

    async def story(parts: Parts) -> None:
        presence = Presence(broker=broker, kiosk="kiosk-1", parts=parts)
        await parts.sync.round()
        await until(lambda: any(said["online"] and said["server"] == "up" for said in listener.heard))
        listener.client.publish(NAME, b"not json", qos=1)
        listener.client.publish(NAME, payload(5), qos=1)
        await until(lambda: parts.driver.state.world.services["ho_tich"].waiting == 9)
        await asyncio.to_thread(presence.leave)
        await until(lambda: not listener.heard[-1]["online"])
        await parts.close()

    async def told() -> None:
        with running() as standin:
            await story(assemble(KioskOptions(url=standin.url, kiosk="kiosk-1", token=TOKEN, data=tmp_path)))

    asyncio.run(told())


def test_a_listener_that_breaks_does_not_break_the_line(mosquitto: Any, listener: Listener) -> None:
    broker = BrokerAddress(
        host=mosquitto.host, port=mosquitto.port, user=mosquitto.username, password=mosquitto.password
    )
    got: list[bytes] = []

    def heard(_: str, data: bytes) -> None:
        got.append(data)
        raise ValueError("boom")

    async def told() -> None:
        link = DeviceLink(broker=broker, site=SITE, kiosk="kiosk-1", will=last_will(kiosk="kiosk-1"), heard=heard)
        link.start()
        link.say({"v": 1, "online": True})
        await until(lambda: bool(listener.heard))
        for seq in range(3):
            listener.client.publish(NAME, payload(seq), qos=1)
        await until(lambda: len(got) == 3)
        assert link.failures == 3
        await asyncio.to_thread(link.stop)

    asyncio.run(told())
    assert "let-me-test" not in repr(broker)
