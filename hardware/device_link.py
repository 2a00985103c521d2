"""A device's line to the broker: it says that the device is there, and takes its last will along."""

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Final

from hardware.payloads import encode
from queue_server.contract.broker import BrokerAddress
from queue_server.contract.topics import topic
from queue_server.kit.mqtt import MqttClient, Received, Will

_WINDOW: Final = 50


class DeviceLink:
    """Announces a device, hears its topics, and comes back by itself.

    `on_message(topic, payload, retained)` and `on_connection()` run in the line's own thread. `presence()` adds facts
    to the availability message.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        site: str,
        device: str,
        topics: tuple[str, ...] = (),
        on_message: Callable[[str, bytes, bool], None] | None = None,
        on_connection: Callable[[], None] | None = None,
        presence: Callable[[], Mapping[str, object]] = dict,
    ) -> None:
        self.device = device
        self.site = site
        self.availability_topic = topic(site, "device_availability", device=device)
        self.boot = uuid.uuid4().hex
        self._on_message = on_message
        self._on_connection = on_connection
        self._presence = presence
        self._one_presence = threading.Lock()
        self.line = MqttClient(
            address,
            subscriptions=topics,
            on_message=self._heard,
            on_connected=self._greet,
            on_disconnected=on_connection,
            will=Will(topic=self.availability_topic, payload=self._availability(online=False)),
            window=_WINDOW,
        )

    @property
    def connected(self) -> bool:
        """True while the broker has accepted us."""
        return self.line.connected

    @property
    def refusals(self) -> int:
        """How often there was no way to the broker: away, not trusted, or it does not let us in."""
        return self.line.counts.failures

    @property
    def errors(self) -> int:
        """Exceptions of callbacks, caught and logged."""
        return self.line.counts.errors

    def start(self) -> None:
        """Begin to connect; returns at once, also when the broker is away."""
        self.line.start()

    def stop(self) -> None:
        """Say good-bye (a last will is only for those who cannot) and end the thread."""
        self.line.stop()

    def refresh(self) -> None:
        """Publish the availability again because `presence()` has changed; done anyway on every connection."""
        # Asked for and sent under one lock, so that two threads cannot leave the older news retained.
        with self._one_presence:
            self.line.publish(self.availability_topic, self._availability(online=True), retained=True)

    def publish(self, where: str, payload: Mapping[str, object]) -> bool:
        """Send an event with QoS 1; False, and never later, when there is no broker to take it."""
        return self.line.publish(where, encode(payload))

    def _greet(self) -> None:
        self.refresh()
        if self._on_connection is not None:
            self._on_connection()

    def _heard(self, message: Received) -> None:
        if self._on_message is not None:
            self._on_message(message.topic, message.payload, message.retained)

    def _availability(self, *, online: bool) -> bytes:
        payload: dict[str, object] = {"v": 1, "online": online, "boot": self.boot}
        return encode({**payload, **self._presence()} if online else payload)
