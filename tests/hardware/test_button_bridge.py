"""Foreign buttons on a real broker become our events."""

from hardware.buttons import FOUR_BUTTONS
from hardware.drivers.button_bridge import ButtonBridge, ForeignKeypad, one_button
from queue_server.contract.messages import KeypadEvent
from tests.hardware.conftest import Broker, Listener, eventually

ZIGBEE = "zigbee2mqtt/quay-3"
TASMOTA = "stat/quay-4/RESULT"


def events_of(listener: Listener, counter: str) -> list[str]:
    heard = listener.on(f"motcua/v1/s1/counter/{counter}/keypad/event")
    return [KeypadEvent.model_validate(event).button for event in heard]


def test_presses_of_two_makers_arrive_at_their_counters(broker: Broker, listener: Listener) -> None:
    listener.say(ZIGBEE, {"action": "single"}, retain=True)
    keypads = (one_button(ZIGBEE, "3"), ForeignKeypad(topic=TASMOTA, counter="4", gestures=FOUR_BUTTONS))
    bridge = ButtonBridge(broker.address, site="s1", keypads=keypads)
    bridge.start()
    eventually(lambda: bridge.link.connected, "the bridge connects")

    listener.say(ZIGBEE, {"action": "double", "battery": 80})
    listener.say(ZIGBEE, {"action": ""})
    listener.say(ZIGBEE, b"not json")
    listener.say(TASMOTA, {"Button4": {"Action": "SINGLE"}})
    listener.say("zigbee2mqtt/somebody-else", {"action": "single"})

    eventually(lambda: events_of(listener, "4"), "the second maker's press")
    bridge.stop()
    assert events_of(listener, "3") == ["recall"]
    assert events_of(listener, "4") == ["no-show"]
    assert bridge.link.errors == 0


def test_the_same_gesture_twice_is_two_presses(broker: Broker, listener: Listener) -> None:
    bridge = ButtonBridge(broker.address, site="s1", keypads=(one_button(ZIGBEE, "3"),))
    bridge.start()
    eventually(lambda: bridge.link.connected, "the bridge connects")

    listener.say(ZIGBEE, {"action": "single"})
    listener.say(ZIGBEE, {"action": "single"})

    eventually(lambda: len(events_of(listener, "3")) == 2, "both presses")
    bridge.stop()
    heard = listener.on("motcua/v1/s1/counter/3/keypad/event")
    assert [event["seq"] for event in heard] == [1, 2]
    assert len({event["id"] for event in heard}) == 2
