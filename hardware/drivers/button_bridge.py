"""Tasmota and Zigbee2MQTT buttons on the site's broker, passed on as keypad events of our own."""

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from hardware.buttons import ONE_BUTTON, Button, Gestures, button_event, from_tasmota, from_zigbee2mqtt
from hardware.device_link import DeviceLink
from queue_server.contract.broker import BrokerAddress
from queue_server.contract.topics import topic


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKeypad:
    """One maker's device: the topic it speaks on, the counter it stands on, what its gestures mean."""

    topic: str
    counter: str
    gestures: Mapping[str, Button]


class ButtonBridge:
    """Passes presses on while the broker is there. Retained messages are no presses and are dropped."""

    def __init__(
        self,
        address: BrokerAddress,
        *,
        site: str,
        keypads: tuple[ForeignKeypad, ...],
        device: str = "button-bridge",
    ) -> None:
        self._site = site
        self._keypads = {keypad.topic: keypad for keypad in keypads}
        self._seq = 0
        self._one_press = threading.Lock()
        self.link = DeviceLink(address, site=site, device=device, topics=tuple(self._keypads), on_message=self._heard)

    def start(self) -> None:
        """Begin to listen."""
        self.link.start()

    def stop(self) -> None:
        """Stop listening."""
        self.link.stop()

    def _heard(self, where: str, payload: bytes, retained: bool) -> None:
        keypad = self._keypads.get(where)
        if keypad is None or retained:
            return
        button = from_tasmota(where, payload, keypad.gestures) or from_zigbee2mqtt(where, payload, keypad.gestures)
        if button is None:
            return
        with self._one_press:
            self._seq += 1
            event = button_event(button, press_id=str(uuid.uuid4()), seq=self._seq, boot=self.link.boot)
        self.link.publish(topic(self._site, "keypad_event", counter=keypad.counter), event)


def one_button(topic_name: str, counter: str, gestures: Gestures = ONE_BUTTON) -> ForeignKeypad:
    """A single button: press calls the next, double press recalls, long press is a no-show."""
    return ForeignKeypad(topic=topic_name, counter=counter, gestures=gestures)
