"""What officers' buttons mean, whoever made them: our keypad, Tasmota or Zigbee2MQTT. Pure."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Button(StrEnum):
    """The keys of a counter keypad, as they travel."""

    NEXT = "next"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"
    HOLD = "hold"
    PAUSE = "pause"


Gestures = Mapping[str, Button]

ONE_BUTTON: Final[Gestures] = {
    "1_single": Button.NEXT,
    "1_double": Button.RECALL,
    "1_hold": Button.NO_SHOW,
}
FOUR_BUTTONS: Final[Gestures] = {
    "1_single": Button.NEXT,
    "2_single": Button.RECALL,
    "3_single": Button.FINISH,
    "4_single": Button.NO_SHOW,
    "1_hold": Button.PAUSE,
    "2_hold": Button.HOLD,
    "3_hold": Button.START,
}

_TASMOTA_TOPIC: Final = re.compile(r"stat/[^/]+/RESULT\Z")
_TASMOTA_KEY: Final = re.compile(r"Button([1-9]\d?)\Z")
_TASMOTA_ACTION: Final = {"SINGLE": "single", "DOUBLE": "double", "TRIPLE": "triple", "HOLD": "hold"}
_ZIGBEE_TOPIC: Final = re.compile(r"zigbee2mqtt/[^/]+(/action)?\Z")
_ZIGBEE_ACTION: Final = re.compile(r"(?:([1-9]\d?|left|right|both)_)?(single|double|triple|hold|long)\Z")
_ZIGBEE_NUMBER: Final = {None: "1", "left": "1", "right": "2", "both": "3"}


def button_event(button: Button, *, press_id: str, seq: int, boot: str) -> dict[str, object]:
    """The payload of one press; (`boot`, `seq`) tells a repeated delivery from a second press."""
    return {"v": 1, "id": press_id, "button": button.value, "seq": seq, "boot": boot}


def from_tasmota(topic: str, payload: bytes, gestures: Gestures = ONE_BUTTON) -> Button | None:
    """The button behind `stat/<device>/RESULT {"Button1":{"Action":"SINGLE"}}`; None for anything else.

    Tasmota sends this form with `SetOption73 1`.
    """
    if not _TASMOTA_TOPIC.match(topic):
        return None
    for key, value in _object(payload).items():
        named = _TASMOTA_KEY.match(key)
        action = value.get("Action") if isinstance(value, dict) else None
        if named and isinstance(action, str) and action.upper() in _TASMOTA_ACTION:
            return gestures.get(f"{named[1]}_{_TASMOTA_ACTION[action.upper()]}")
    return None


def from_zigbee2mqtt(topic: str, payload: bytes, gestures: Gestures = ONE_BUTTON) -> Button | None:
    """The button behind `zigbee2mqtt/<device> {"action":"single"}`, also "2_single" and "left_double".

    None for anything else, among it the empty action that follows each press.
    """
    topic_form = _ZIGBEE_TOPIC.match(topic)
    if not topic_form:
        return None
    action: object = payload.decode("utf-8", "replace") if topic_form[1] else _object(payload).get("action")
    named = _ZIGBEE_ACTION.match(action) if isinstance(action, str) else None
    if not named:
        return None
    number = _ZIGBEE_NUMBER.get(named[1], named[1])
    return gestures.get(f"{number}_{'hold' if named[2] == 'long' else named[2]}")


def _object(payload: bytes) -> dict[str, object]:
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
