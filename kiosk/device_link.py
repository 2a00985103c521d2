"""The kiosk's line to the broker: live waits in, its own state out, a last will. Never in the way of a number."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

from queue_server.contract.broker import BrokerAddress
from queue_server.contract.topics import pattern, topic
from queue_server.kit.mqtt import MqttClient, Received, Will

_WINDOW: Final = 20


class DeviceLink:
    """`heard` is called on the event loop with (topic, payload); `will` is what is said when the kiosk is off."""

    def __init__(
        self,
        *,
        broker: BrokerAddress,
        site: str,
        kiosk: str,
        will: dict[str, Any],
        heard: Callable[[str, bytes], None],
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._own = topic(site, "kiosk_state", kiosk=kiosk)
        self._heard = heard
        self._last = b""
        self._line = MqttClient(
            broker,
            loop=loop or asyncio.get_running_loop(),
            subscriptions=(pattern(site, "service_state"),),
            on_message=self._received,
            on_connected=self._say_again,
            will=Will(topic=self._own, payload=json.dumps(will).encode()),
            window=_WINDOW,
        )

    @property
    def failures(self) -> int:
        """Exceptions of `heard`, caught and logged."""
        return self._line.counts.errors

    def start(self) -> None:
        """Connect in the background, again and again until `stop`."""
        self._line.start()

    def say(self, state: dict[str, Any]) -> None:
        """Publish our own state, retained; kept for the next connection when there is none."""
        self._last = json.dumps(state).encode()
        self._line.publish(self._own, self._last, retained=True)

    def stop(self) -> None:
        """Say that the kiosk is off, and leave. Takes up to three seconds."""
        self._line.stop()

    def _say_again(self) -> None:
        if self._last:
            self._line.publish(self._own, self._last, retained=True)

    def _received(self, message: Received) -> None:
        self._heard(message.topic, message.payload)
