"""The kiosk's line to the broker: live waits in, its own state out, a last will. Never in the way of a number."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from queue_server.contract.topics import pattern, topic

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the broker is and who we are to it; TLS with the system's authorities when `tls`."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: bool = False

    def __repr__(self) -> str:
        """Without the password."""
        return f"Broker({self.host!r}, {self.port}, {self.username!r})"


class DeviceLink:
    """paho in its own thread. `heard` is called in the event loop with (topic, payload)."""

    def __init__(
        self,
        *,
        broker: Broker,
        site: str,
        kiosk: str,
        will: dict[str, Any],
        heard: Callable[[str, bytes], None],
    ) -> None:
        self._broker = broker
        self._site = site
        self._own = topic(site, "kiosk_state", kiosk=kiosk)
        self._heard = heard
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last = ""
        self.failures = 0
        # an id of our own choice would let a second program with the same settings throw us out again and again
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        self._client.will_set(self._own, json.dumps(will), qos=1, retain=True)
        self._client.max_queued_messages_set(20)
        self._client.on_connect = self._connected
        self._client.on_message = self._received
        if broker.username:
            self._client.username_pw_set(broker.username, broker.password)
        if broker.tls:
            self._client.tls_set()

    def start(self) -> None:
        """Connect in the background, again and again until `stop`."""
        self._loop = asyncio.get_running_loop()
        self._client.reconnect_delay_set(1, 15)
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=15)
        self._client.loop_start()

    def say(self, state: dict[str, Any]) -> None:
        """Publish our own state, retained; kept for the next connection when there is none."""
        self._last = json.dumps(state)
        if self._client.is_connected():
            self._client.publish(self._own, self._last, qos=1, retain=True)

    def stop(self, farewell: dict[str, Any]) -> None:
        """Say farewell and leave."""
        if self._client.is_connected():
            sent = self._client.publish(self._own, json.dumps(farewell), qos=1, retain=True)
            try:
                sent.wait_for_publish(1.0)
            except (RuntimeError, ValueError) as problem:
                _log.info("farewell not sent: %s", problem)
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("the broker refuses this kiosk: %s", reason)
            return
        client.subscribe(pattern(self._site, "service_state"), qos=1)
        if self._last:
            client.publish(self._own, self._last, qos=1, retain=True)

    def _received(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._guarded, message.topic, bytes(message.payload))
        except RuntimeError as problem:  # the loop has ended before us
            _log.info("message dropped: %s", problem)

    def _guarded(self, name: str, payload: bytes) -> None:
        try:
            self._heard(name, payload)
        except Exception:  # noqa: BLE001  # one bad message must not cost the next one
            self.failures += 1
            _log.exception("message on %s", name)
