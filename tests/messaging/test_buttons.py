"""Three makers' buttons, one meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.contract.buttons import FOUR_BUTTONS, Button, button_event, from_tasmota, from_zigbee2mqtt
from queue_server.contract.messages import KeypadEvent


@pytest.mark.parametrize("button", list(Button))
def test_every_button_is_understood_by_the_server(button: Button) -> None:
    event = button_event(button, press_id="0123456789ab", seq=1, boot="b")

    assert KeypadEvent.model_validate(event).button == button.value


@pytest.mark.parametrize(
    ("payload", "button"),
    [
        (b'{"Button1":{"Action":"SINGLE"}}', Button.NEXT),
        (b'{"Button1":{"Action":"DOUBLE"}}', Button.RECALL),
        (b'{"Button1":{"Action":"HOLD"}}', Button.NO_SHOW),
        (b'{"Button1":{"Action":"TRIPLE"}}', None),
        (b'{"Button2":{"Action":"SINGLE"}}', None),
        (b'{"Button1":{"Action":7}}', None),
        (b'{"Button1":"SINGLE"}', None),
        (b'{"POWER":"ON"}', None),
        (b"[]", None),
        (b"\xff\xfe", None),
        (b"", None),
    ],
)
def test_tasmota(payload: bytes, button: Button | None) -> None:
    assert from_tasmota("stat/quay-3/RESULT", payload) is button


@pytest.mark.parametrize(
    ("payload", "button"),
    [
        (b'{"action":"single","battery":90}', Button.NEXT),
        (b'{"action":"double"}', Button.RECALL),
        (b'{"action":"hold"}', Button.NO_SHOW),
        (b'{"action":"long"}', Button.NO_SHOW),
        (b'{"action":""}', None),
        (b'{"action":null}', None),
        (b'{"action":"release"}', None),
        (b'{"battery":90}', None),
        (b"online", None),
    ],
)
def test_zigbee2mqtt(payload: bytes, button: Button | None) -> None:
    assert from_zigbee2mqtt("zigbee2mqtt/quay-3", payload) is button


def test_remotes_with_several_buttons() -> None:
    assert from_zigbee2mqtt("zigbee2mqtt/q", b'{"action":"2_single"}', FOUR_BUTTONS) is Button.RECALL
    assert from_zigbee2mqtt("zigbee2mqtt/q", b'{"action":"right_hold"}', FOUR_BUTTONS) is Button.HOLD
    assert from_tasmota("stat/q/RESULT", b'{"Button4":{"Action":"SINGLE"}}', FOUR_BUTTONS) is Button.NO_SHOW


def test_the_plain_action_topic_of_zigbee2mqtt() -> None:
    assert from_zigbee2mqtt("zigbee2mqtt/quay-3/action", b"single") is Button.NEXT


@pytest.mark.parametrize("topic", ["stat/q/POWER", "tele/q/LWT", "zigbee2mqtt/bridge/state", "stat/a/b/RESULT", ""])
def test_other_topics_are_nobodys_buttons(topic: str) -> None:
    assert from_tasmota(topic, b'{"Button1":{"Action":"SINGLE"}}') is None
    assert from_zigbee2mqtt(topic, b'{"action":"single"}') is None


@given(st.binary(max_size=80))
def test_no_payload_whatever_breaks_the_mapping(payload: bytes) -> None:
    from_tasmota("stat/q/RESULT", payload)
    from_zigbee2mqtt("zigbee2mqtt/q", payload)
    from_zigbee2mqtt("zigbee2mqtt/q/action", payload)
