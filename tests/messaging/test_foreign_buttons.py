"""Only a live press of a button that the site knows is a press."""

import pytest

from queue_server.contract.buttons import Button
from queue_server.messaging.foreign_buttons import BRIDGE, REPLAY, ForeignButton, ForeignButtons

TASMOTA = ForeignButton(topic="stat/button3/RESULT", counter="3")
ZIGBEE = ForeignButton(topic="zigbee2mqtt/nut-1", counter="1")
PRESSED = [(TASMOTA, b'{"Button1":{"Action":"SINGLE"}}'), (ZIGBEE, b'{"action":"single","linkquality":90}')]


@pytest.mark.parametrize(("button", "payload"), PRESSED)
def test_a_live_press_counts_and_a_retained_one_does_not(button: ForeignButton, payload: bytes) -> None:
    buttons = ForeignButtons([TASMOTA, ZIGBEE])
    assert buttons.press(button.topic, payload, retained=True, now=1.0) is None
    assert buttons.press(button.topic, payload, retained=False, now=1.0) == (button, Button.NEXT)
    assert buttons.press("stat/stranger/RESULT", payload, retained=False, now=1.0) is None


@pytest.mark.parametrize("state", [b'{"state":"online"}', b"online"])
def test_what_zigbee2mqtt_says_again_after_its_start_is_no_press(state: bytes) -> None:
    buttons = ForeignButtons([TASMOTA, ZIGBEE])
    (_, tasmota), (_, zigbee) = PRESSED
    assert buttons.press(BRIDGE, state, retained=True, now=5.0) is None  # it runs since long ago
    assert buttons.press(ZIGBEE.topic, zigbee, retained=False, now=5.1) == (ZIGBEE, Button.NEXT)
    assert buttons.press(BRIDGE, state, retained=False, now=10.0) is None
    assert buttons.press(ZIGBEE.topic, zigbee, retained=False, now=10.0 + REPLAY * 0.99) is None
    assert buttons.press(TASMOTA.topic, tasmota, retained=False, now=10.1) == (TASMOTA, Button.NEXT)
    assert buttons.press(ZIGBEE.topic, zigbee, retained=False, now=10.0 + REPLAY) == (ZIGBEE, Button.NEXT)


def test_the_bridge_is_heard_only_where_a_zigbee_button_is() -> None:
    assert ForeignButtons([TASMOTA]).topics == (TASMOTA.topic,)
    assert ForeignButtons([TASMOTA, ZIGBEE]).topics == (TASMOTA.topic, ZIGBEE.topic, BRIDGE)
