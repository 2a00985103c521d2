"""Tasmota and Zigbee2MQTT buttons that the site put on its counters: which press is meant, and where. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from queue_server.contract.buttons import ONE_BUTTON, Button, from_tasmota, from_zigbee2mqtt

BRIDGE: Final = "zigbee2mqtt/bridge/state"
REPLAY: Final = 10.0  # seconds after Zigbee2MQTT's start in which it may say again what it knew


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignButton:
    """One maker's button: the topic it speaks on, the counter it stands on, what its gestures mean."""

    topic: str
    counter: str
    gestures: Mapping[str, Button] = field(default_factory=lambda: ONE_BUTTON)

    @property
    def zigbee(self) -> bool:
        """Whether it speaks through Zigbee2MQTT."""
        return self.topic.startswith("zigbee2mqtt/")

    @property
    def name(self) -> str:
        """The device's own name."""
        return self.topic.split("/")[1]


class ForeignButtons:
    """Tells live presses from what a broker or a starting Zigbee2MQTT says again.

    `now` is in seconds of a clock that only goes forward.
    """

    def __init__(self, buttons: Iterable[ForeignButton]) -> None:
        self._buttons = {button.topic: button for button in buttons}
        self._quiet_until = 0.0

    @property
    def topics(self) -> tuple[str, ...]:
        """What must be heard."""
        bridge = (BRIDGE,) if any(button.zigbee for button in self._buttons.values()) else ()
        return (*self._buttons, *bridge)

    def knows(self, topic: str) -> bool:
        """Whether a message on this topic is for us."""
        return topic in self._buttons or topic == BRIDGE

    def press(self, topic: str, payload: bytes, *, retained: bool, now: float) -> tuple[ForeignButton, Button] | None:
        """The button and what it means; None for all that is no live press. Asking takes note of a Zigbee start."""
        if topic == BRIDGE:
            if not retained and b"online" in payload:
                self._quiet_until = now + REPLAY
            return None
        button = self._buttons.get(topic)
        if button is None or retained or (button.zigbee and now < self._quiet_until):
            return None
        read = from_zigbee2mqtt if button.zigbee else from_tasmota
        meant = read(topic, payload, button.gestures)
        return (button, meant) if meant else None
