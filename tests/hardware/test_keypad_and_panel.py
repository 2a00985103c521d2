"""Keypad and panel on a real broker, also when it goes away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hardware.device_link import DeviceLink
from hardware.simulated.keypad import Keypad
from hardware.simulated.panel import Panel
from hardware.simulated.panel_state import AWAY
from queue_server.contract.buttons import Button
from queue_server.contract.messages import KeypadEvent
from tests.hardware.conftest import Broker, Listener, eventually

EVENTS = "motcua/v1/s1/counter/3/keypad/event"
KEYPAD_HERE = "motcua/v1/s1/device/keypad-3/availability"
STATE = "motcua/v1/s1/counter/3/state"
CALL = "motcua/v1/s1/call"


Device = TypeVar("Device", Keypad, Panel, DeviceLink)


@contextmanager
def plugged_in(device: Device) -> Iterator[Device]:
    device.start()
    try:
        yield device
    finally:
        device.stop()


@pytest.fixture
def keypad(broker: Broker) -> Iterator[Keypad]:
    with plugged_in(Keypad(broker.address, site="s1", counter="3")) as device:
        eventually(lambda: device.link.connected, "the keypad connects")
        yield device


@pytest.fixture
def panel(broker: Broker) -> Iterator[Panel]:
    with plugged_in(Panel(broker.address, site="s1", counter="3")) as device:
        eventually(lambda: device.link.connected, "the panel connects")
        yield device


def test_each_press_is_one_event_the_server_understands(keypad: Keypad, listener: Listener) -> None:
    ids = [keypad.press(button) for button in (Button.NEXT, Button.RECALL, Button.NO_SHOW)]

    eventually(lambda: len(listener.on(EVENTS)) == 3, "three events")
    events = [KeypadEvent.model_validate(event) for event in listener.on(EVENTS)]
    assert [event.id for event in events] == ids
    assert [event.button for event in events] == ["next", "recall", "no-show"]
    assert [event.seq for event in events] == [1, 2, 3]
    assert {event.boot for event in events} == {keypad.link.boot}


def test_a_press_is_never_retained(keypad: Keypad, listener: Listener, broker: Broker) -> None:
    keypad.press(Button.NEXT)
    eventually(lambda: listener.on(EVENTS), "the event")

    late = Listener(broker.address)
    eventually(lambda: late.on(KEYPAD_HERE), "what is retained")
    late.close()
    assert late.on(EVENTS) == []


def test_presence_is_retained_and_good_bye_is_said(keypad: Keypad, broker: Broker) -> None:
    listener = Listener(broker.address)
    eventually(lambda: listener.last_on(KEYPAD_HERE).get("online") is True, "online")
    assert listener.last_on(KEYPAD_HERE) == {"v": 1, "online": True, "boot": keypad.link.boot}

    keypad.stop()

    eventually(lambda: listener.last_on(KEYPAD_HERE).get("online") is False, "offline")
    listener.close()


def test_a_pulled_plug_is_told_by_the_last_will(keypad: Keypad, listener: Listener) -> None:
    client = keypad.link.line._client
    assert client is not None
    client.socket().close()

    eventually(lambda: {"v": 1, "online": False, "boot": keypad.link.boot} in listener.on(KEYPAD_HERE), "the last will")
    eventually(lambda: listener.last_on(KEYPAD_HERE).get("online") is True, "the keypad is back")


def test_a_press_without_a_broker_is_lost_and_not_kept_for_later(
    keypad: Keypad, broker: Broker, listener: Listener
) -> None:
    broker.stop()
    eventually(lambda: not keypad.link.connected, "the loss is noticed")
    assert keypad.press(Button.NEXT) is None

    broker.start()
    eventually(lambda: keypad.link.connected, "the keypad comes back")
    eventually(lambda: keypad.press(Button.RECALL) and listener.on(EVENTS), "an event after the return")
    assert {event["button"] for event in listener.on(EVENTS)} == {"recall"}


def test_a_press_into_a_dead_line_does_not_arrive_late(keypad: Keypad, broker: Broker) -> None:
    broker.freeze()
    assert keypad.press(Button.NEXT) is not None
    broker.stop()
    eventually(lambda: not keypad.link.connected, "the loss is noticed")

    broker.start()
    listener = Listener(broker.address)
    eventually(lambda: keypad.link.connected, "the keypad comes back")
    eventually(lambda: keypad.press(Button.RECALL) and listener.on(EVENTS), "an event after the return")
    listener.close()
    assert {event["button"] for event in listener.on(EVENTS)} == {"recall"}


def test_the_last_will_of_an_earlier_life_is_contradicted(broker: Broker, listener: Listener) -> None:
    """The keypad was switched off and on again before the broker noticed the end of the first connection."""
    first_life = mqtt.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
    first_life.will_set(KEYPAD_HERE, b'{"v":1,"online":false,"boot":"first"}', qos=1, retain=True)
    first_life.connect(broker.address.host, broker.address.port)
    first_life.loop_start()
    eventually(first_life.is_connected, "the first life connects")

    with plugged_in(Keypad(broker.address, site="s1", counter="3")) as keypad:
        here = {"v": 1, "online": True, "boot": keypad.link.boot}
        eventually(lambda: listener.on(KEYPAD_HERE) == [here], "the new life")
        first_life.socket().close()
        gone = {"v": 1, "online": False, "boot": "first"}
        eventually(lambda: listener.on(KEYPAD_HERE) == [here, gone, here], "the will and the word against it")
    first_life.loop_stop()


def test_a_keypad_may_be_there_before_the_broker(broker: Broker) -> None:
    broker.stop()
    with plugged_in(Keypad(broker.address, site="s1", counter="3")) as keypad:
        assert keypad.press(Button.NEXT) is None
        broker.start()
        eventually(lambda: keypad.link.connected, "the keypad connects")


def test_the_panel_shows_what_was_retained_before_it_started(broker: Broker, listener: Listener) -> None:
    listener.say(STATE, {"v": 1, "status": "open", "number": "A012", "called_at": None}, retain=True)

    with plugged_in(Panel(broker.address, site="s1", counter="3")) as panel:
        eventually(lambda: panel.text == "A012", "the number")


def test_the_panel_follows_the_counter(panel: Panel, listener: Listener) -> None:
    for status, number, text in (
        ("open", "A012", "A012"),
        ("paused", None, "TẠM NGƯNG"),
        ("closed", None, "ĐÓNG"),
    ):
        listener.say(STATE, {"v": 1, "status": status, "number": number, "called_at": None}, retain=True)
        eventually(lambda text=text: panel.text == text, text)


def test_the_panel_says_when_nobody_is_behind_the_broker(panel: Panel, listener: Listener) -> None:
    listener.say(STATE, {"v": 1, "status": "open", "number": "A012", "called_at": None}, retain=True)
    for online, text in ((False, AWAY), (True, "A012")):
        listener.say("motcua/v1/s1/device/server/availability", {"v": 1, "online": online}, retain=True)
        eventually(lambda text=text: panel.text == text, text)


def test_the_panel_blinks_on_calls_and_recalls(panel: Panel, listener: Listener) -> None:
    for counter in ("3", "4", "3"):
        listener.say(CALL, {"data": {"number": "A012", "counter": counter}})

    eventually(lambda: panel.state.calls == 2, "two blinks")


def test_bad_messages_are_counted_and_the_panel_lives_on(panel: Panel, listener: Listener) -> None:
    for payload in (b"{", b"[]", b"\xff\xfe", {"status": "on fire"}):
        listener.say(STATE, payload)
    listener.say(CALL, b"not json")
    listener.say(STATE, {"v": 1, "status": "open", "number": "A013", "called_at": None})

    eventually(lambda: panel.text == "A013", "the good message after the bad ones")
    assert panel.rejected == 5
    assert panel.link.errors == 0


def test_the_panel_keeps_the_number_with_a_mark_while_the_broker_is_away(
    panel: Panel, broker: Broker, listener: Listener
) -> None:
    listener.say(STATE, {"v": 1, "status": "open", "number": "A012", "called_at": None}, retain=True)
    eventually(lambda: panel.text == "A012", "the number")

    broker.stop()
    eventually(lambda: panel.text == "A012 ⋯", "the mark")

    broker.start()
    eventually(lambda: panel.text == "A012", "the mark goes")


def test_a_callback_that_fails_does_not_kill_the_line(broker: Broker, listener: Listener) -> None:
    heard: list[bytes] = []

    def fragile(_topic: str, payload: bytes, _retained: bool) -> None:
        heard.append(payload)
        raise RuntimeError("a broken driver")

    link = DeviceLink(broker.address, site="s1", device="fragile", topics=("t",), on_message=fragile)
    with plugged_in(link):
        eventually(lambda: link.connected, "the link connects")
        listener.say("t", b"1")
        listener.say("t", b"2")
        eventually(lambda: heard == [b"1", b"2"], "both messages")
        assert link.errors == 2
        assert link.connected
