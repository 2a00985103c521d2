"""The server's line: what it does when the broker goes, when a callback fails, and under a flood."""

import asyncio
import ctypes
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from queue_server.contract.broker import BrokerAddress
from queue_server.contract.topics import pattern, topic
from queue_server.kit.mqtt import MqttClient, Received, Will
from queue_server.messaging.broker import Broker
from tests.messaging.conftest import SITE, Device, Lines, Running, until

PRESS = topic(SITE, "keypad_event", counter="1")
PRESSES = pattern(SITE, "keypad_event")
STATE = topic(SITE, "counter_state", counter="1")
PANEL_THERE = topic(SITE, "device_availability", device="panel-1")
SERVER_THERE = topic(SITE, "device_availability", device="server")


def server_of(broker: Broker) -> BrokerAddress:
    return broker.endpoint("server")


def test_it_connects_later_when_the_broker_is_late(own_broker: Broker, running: Running) -> None:
    endpoint = server_of(own_broker)
    own_broker.stop()

    async def story(lines: Lines) -> None:
        line = MqttClient(endpoint, loop=asyncio.get_running_loop())
        lines.open.append(line)
        line.start()
        await asyncio.sleep(0.05)
        assert not line.connected
        await asyncio.to_thread(own_broker.start)
        await until(lambda: line.connected)

    running(story)


def test_what_devices_say_arrives_on_the_loop(broker: Broker, device: Callable[..., Device], running: Running) -> None:
    async def story(lines: Lines) -> None:
        heard: list[tuple[Received, int]] = []

        def take(received: Received) -> None:
            heard.append((received, threading.get_ident()))

        ready = asyncio.Event()
        await lines.start(server_of(broker), subscriptions=(PRESSES,), on_message=take, on_connected=ready.set)
        await ready.wait()
        keypad = await asyncio.to_thread(device, broker.endpoint("keypad-1"))
        keypad.line.publish(PRESS, b"pressed", qos=1)
        await until(lambda: bool(heard))
        assert heard == [(Received(topic=PRESS, payload=b"pressed", retained=False), threading.get_ident())]

    running(story)


def test_a_callback_that_raises_does_not_stop_reception(
    broker: Broker, device: Callable[..., Device], running: Running
) -> None:
    async def story(lines: Lines) -> None:
        heard: list[bytes] = []
        ready = asyncio.Event()

        def take(received: Received) -> None:
            heard.append(received.payload)
            raise RuntimeError("a fault of ours")

        def connected() -> None:
            ready.set()
            raise RuntimeError("another one")

        line = await lines.start(server_of(broker), subscriptions=(PRESSES,), on_message=take, on_connected=connected)
        await ready.wait()
        keypad = await asyncio.to_thread(device, broker.endpoint("keypad-1"))
        for number in range(3):
            keypad.line.publish(PRESS, str(number), qos=1)
        await until(lambda: len(heard) == 3)
        assert line.counts.errors == 4
        assert line.connected

    running(story)


def test_a_line_that_breaks_from_within_is_started_again(
    broker: Broker, device: Callable[..., Device], running: Running
) -> None:
    async def story(lines: Lines) -> None:
        heard: list[bytes] = []
        connections: list[int] = []
        line = await lines.start(
            server_of(broker), subscriptions=(PRESSES,),
            on_message=lambda received: heard.append(received.payload), on_connected=lambda: connections.append(1),
        )  # fmt: skip
        await until(lambda: len(connections) == 1)
        break_the_line()
        await until(lambda: len(connections) == 2)
        assert line.counts.thread_restarts == 1
        keypad = await asyncio.to_thread(device, broker.endpoint("keypad-1"))
        keypad.line.publish(PRESS, b"still heard", qos=1)
        await until(lambda: heard == [b"still heard"])

    running(story)


def break_the_line() -> None:
    """Raises in the line's thread what would end it, as a fault inside a library may."""
    victims = [thread for thread in threading.enumerate() if thread.name == "mqtt-server"]
    assert len(victims) == 1
    ident = ctypes.c_ulong(victims[0].ident or 0)
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(SystemExit)) == 1


def test_nothing_is_queued_without_a_broker(
    own_broker: Broker, device: Callable[..., Device], running: Running
) -> None:
    async def story(lines: Lines) -> None:
        connections: list[int] = []
        line = await lines.start(server_of(own_broker), on_connected=lambda: connections.append(1))
        await asyncio.to_thread(own_broker.stop)
        await until(lambda: not line.connected)
        assert [line.publish(STATE, b"old", True) for _ in range(50)] == [False] * 50
        assert line.counts.refused == 50
        await asyncio.to_thread(own_broker.start)
        await until(lambda: line.connected and len(connections) == 2)
        panel = await asyncio.to_thread(device, own_broker.endpoint("panel-1"), STATE)
        assert line.publish(STATE, b"new", True)
        await until(lambda: bool(panel.heard))
        assert panel.heard_on(STATE) == [b"new"]

    running(story)


def test_after_a_killed_broker_it_listens_again_and_says_so(
    own_broker: Broker, device: Callable[..., Device], running: Running
) -> None:
    async def story(lines: Lines) -> None:
        heard: list[bytes] = []
        told: list[str] = []
        await lines.start(
            server_of(own_broker), subscriptions=(PRESSES,), on_message=lambda received: heard.append(received.payload),
            on_connected=lambda: told.append("connected"), on_disconnected=lambda: told.append("lost"),
        )  # fmt: skip
        await until(lambda: told == ["connected"])
        assert own_broker.pid is not None
        os.kill(own_broker.pid, signal.SIGKILL)
        await until(lambda: told == ["connected", "lost", "connected"])
        keypad = await asyncio.to_thread(device, own_broker.endpoint("keypad-1"))
        keypad.line.publish(PRESS, b"pressed", qos=1)
        await until(lambda: heard == [b"pressed"])

    running(story)


def test_a_flood_arrives_whole_and_in_order(broker: Broker, device: Callable[..., Device], running: Running) -> None:
    async def story(lines: Lines) -> None:
        panel = await asyncio.to_thread(device, broker.endpoint("panel-1"), STATE)
        line = await lines.start(server_of(broker))
        said = [str(number).encode() for number in range(200)]
        assert all(line.publish(STATE, payload) for payload in said)
        await until(lambda: len(panel.heard_on(STATE)) >= 200)
        assert panel.heard_on(STATE)[-200:] == said

    running(story)


def test_more_than_the_window_is_refused_and_said(own_broker: Broker, running: Running) -> None:
    async def story(lines: Lines) -> None:
        line = await lines.start(server_of(own_broker), window=10)
        assert own_broker.pid is not None
        os.kill(own_broker.pid, signal.SIGSTOP)  # it takes nothing and says nothing
        try:
            taken = [line.publish(STATE, b"x") for _ in range(15)]
        finally:
            os.kill(own_broker.pid, signal.SIGCONT)
        assert taken == [True] * 10 + [False] * 5

    running(story)


def test_a_message_that_is_too_long_is_dropped(mosquitto_without_limits: BrokerAddress, running: Running) -> None:
    async def story(lines: Lines) -> None:
        heard: list[bytes] = []
        ready = asyncio.Event()
        line = await lines.start(
            mosquitto_without_limits, subscriptions=(PRESSES,),
            on_message=lambda received: heard.append(received.payload), on_connected=ready.set,
        )  # fmt: skip
        await ready.wait()
        for length in (16 * 1024 + 1, 16 * 1024):
            line.publish(PRESS, b"x" * length)
        await until(lambda: bool(heard))
        assert [len(payload) for payload in heard] == [16 * 1024]
        assert line.counts.oversized == 1

    running(story)


@pytest.fixture
def mosquitto_without_limits(mosquitto: object) -> BrokerAddress:
    """The site's own broker may let longer messages through than ours does."""
    return BrokerAddress(
        host=mosquitto.host, port=mosquitto.port,
        user=mosquitto.username, password=mosquitto.password,
    )  # fmt: skip


def test_the_will_is_said_when_the_server_stops(
    broker: Broker, device: Callable[..., Device], running: Running
) -> None:
    async def story(lines: Lines) -> None:
        monitor = await asyncio.to_thread(device, broker.endpoint("monitor"), SERVER_THERE)
        will = Will(topic=SERVER_THERE, payload=b"gone")
        line = await lines.start(server_of(broker), will=will)
        assert line.publish(SERVER_THERE, b"there", True)
        await until(lambda: monitor.heard_on(SERVER_THERE) == [b"there"])
        await asyncio.to_thread(line.stop)
        await until(lambda: monitor.heard_on(SERVER_THERE) == [b"there", b"gone"])
        assert not line.publish(SERVER_THERE, b"late", True)

    running(story)


def test_a_refused_password_is_said_once_and_tried_again(
    broker: Broker, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(lines: Lines) -> None:
        line = MqttClient(replace(server_of(broker), password="old"), loop=asyncio.get_running_loop())
        lines.open.append(line)
        line.start()
        await until(lambda: line.counts.failures == 2)
        told = [record.getMessage() for record in caplog.records if record.name.endswith("kit.mqtt")]
        assert told == ["the broker refuses server: Not authorized"]
        assert not line.connected
        assert line.counts.connections == 0
        assert "old" not in repr(line.counts) + repr(server_of(broker))

    running(story)


def test_two_programs_with_one_account_and_a_forger_leave_each_other_alone(
    broker: Broker, device: Callable[..., Device], running: Running
) -> None:
    async def story(lines: Lines) -> None:
        heard: list[bytes] = []
        ready = asyncio.Event()
        first = await lines.start(
            server_of(broker), subscriptions=(PRESSES,),
            on_message=lambda received: heard.append(received.payload), on_connected=ready.set,
        )  # fmt: skip
        await ready.wait()
        second = await lines.start(server_of(broker))
        await asyncio.to_thread(device, broker.endpoint("monitor"), client_id="server")
        keypad = await asyncio.to_thread(device, broker.endpoint("keypad-1"), client_id="keypad-1")
        keypad.line.publish(PRESS, b"pressed", qos=1)
        await until(lambda: heard == [b"pressed"])
        assert (first.counts.connections, second.counts.connections) == (1, 1)
        assert first.connected
        assert second.connected

    running(story)


def test_a_will_that_comes_late_is_contradicted_at_once(
    broker: Broker, device: Callable[..., Device], running: Running
) -> None:
    """A connection that broke unseen still has its will; the broker says it after we are back."""

    async def story(lines: Lines) -> None:
        monitor = await asyncio.to_thread(device, broker.endpoint("monitor"), PANEL_THERE)
        gone, there = b'{"online":false,"boot":"b"}', b'{"online":true,"boot":"b"}'
        will = Will(topic=PANEL_THERE, payload=gone)
        line = MqttClient(
            broker.endpoint("panel-1"), loop=asyncio.get_running_loop(), will=will,
            on_connected=lambda: line.publish(PANEL_THERE, there, True) and None,
        )  # fmt: skip
        lines.open.append(line)
        line.start()
        await until(lambda: monitor.heard_on(PANEL_THERE) == [there])
        late = await asyncio.to_thread(device, broker.endpoint("panel-1"))
        late.say(PANEL_THERE, b'{"online":false,"boot":"a"}', retained=True)
        await until(lambda: monitor.heard_on(PANEL_THERE)[-1] == there and len(monitor.heard_on(PANEL_THERE)) == 3)
        assert line.publish(PANEL_THERE, gone, True)  # our own word stands
        late.say(PANEL_THERE, b'{"online":false,"boot":"a"}', retained=True)
        late.say(PANEL_THERE, b"rubbish", retained=True)
        await until(lambda: monitor.heard_on(PANEL_THERE)[-1] == b"rubbish")
        assert len(monitor.heard_on(PANEL_THERE)) == 6

    running(story)


def test_stop_before_start_and_twice_does_no_harm(broker: Broker, running: Running) -> None:
    async def story(lines: Lines) -> None:
        MqttClient(server_of(broker), loop=asyncio.get_running_loop()).stop()
        line = await lines.start(server_of(broker))
        await asyncio.to_thread(line.stop)
        await asyncio.to_thread(line.stop)
        assert not line.connected

    running(story)
