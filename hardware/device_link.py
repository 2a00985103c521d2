"""A device's line to the broker: the only module here that knows paho. Owns one thread."""

import logging
import ssl
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from hardware.payloads import encode
from hardware.ports import BrokerAddress
from queue_server.contract.topics import topic

_log = logging.getLogger(__name__)
_KEEPALIVE: Final = 12
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 15.0
_STOP_TRIES: Final = 15
_QUEUE_LIMIT: Final = 50

Received = Callable[[str, bytes, bool], None]


class DeviceLink:
    """Says that the device is there, takes its last will along, hears its topics, and comes back by itself.

    `on_message(topic, payload, retained)` and `on_connection()` run in the link's own thread; what they raise is
    logged and counted in `errors`, because paho's thread would die of it and still call itself connected.
    `presence()` adds facts to the availability message.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        site: str,
        device: str,
        on_message: Received | None = None,
        on_connection: Callable[[], None] | None = None,
        presence: Callable[[], Mapping[str, object]] = dict,
    ) -> None:
        self.device = device
        self.site = site
        self.availability_topic = topic(site, "device_availability", device=device)
        self.boot = uuid.uuid4().hex
        self.errors = 0
        self.refusals = 0
        self._address = address
        self._subscriptions: tuple[str, ...] = ()
        self._on_message = on_message
        self._on_connection = on_connection
        self._presence = presence
        self._stopping = threading.Event()
        self._online = threading.Event()
        self._was_online = False
        self._one_presence = threading.Lock()
        self._client: mqtt.Client | None = None
        self._thread: threading.Thread | None = None

    @property
    def connected(self) -> bool:
        """True while the broker has accepted us and the thread that would notice its loss is alive."""
        return self._online.is_set() and self._thread is not None and self._thread.is_alive()

    def listen_to(self, *topics: str) -> None:
        """Topics to hear from the next connection on."""
        self._subscriptions = topics

    def start(self) -> None:
        """Begin to connect; returns at once, also when the broker is away."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name=f"mqtt-{self.device}", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Say good-bye (a last will is only for those who cannot) and end the thread."""
        thread = self._thread
        if thread is None:
            return
        self._stopping.set()
        if self._client is not None and self._online.is_set():
            with suppress(RuntimeError):
                self._send_presence(self._client, online=False).wait_for_publish(timeout=1.0)
        for _ in range(_STOP_TRIES):
            if self._client is not None:
                self._client.disconnect()
            thread.join(timeout=0.2)
            if not thread.is_alive():
                break
        self._online.clear()
        self._client = self._thread = None

    def refresh(self) -> None:
        """Publish the availability again because `presence()` has changed; done anyway on every connection."""
        if self._client is not None and self._online.is_set():
            self._send_presence(self._client, online=True)

    def publish(self, where: str, payload: Mapping[str, object]) -> bool:
        """Send an event with QoS 1; False, and never later, when there is no broker to take it."""
        if self._client is None or not self.connected:
            return False
        return self._client.publish(where, encode(payload), qos=1).rc is mqtt.MQTT_ERR_SUCCESS

    def _new_client(self) -> mqtt.Client:
        client = mqtt.Client(
            callback_api_version=CallbackAPIVersion.VERSION2,
            # The same name each time: the broker then ends a dead session of ours before its last will can lie.
            client_id=self.device,
            protocol=mqtt.MQTTv311,
            clean_session=True,
            reconnect_on_failure=False,
        )
        client.username_pw_set(self._address.username, self._address.password)
        if self._address.tls_ca is not None:
            client.tls_set(ca_certs=str(self._address.tls_ca))
        client.max_queued_messages_set(_QUEUE_LIMIT)
        will = encode({"v": 1, "online": False, "boot": self.boot})
        client.will_set(self.availability_topic, will, qos=1, retain=True)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        client.connect_async(self._address.host, self._address.port, keepalive=_KEEPALIVE)
        return client

    def _run(self) -> None:
        """A new client for each connection: what an old one still held would arrive late and surprise somebody."""
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            self._client = client = self._new_client()
            try:
                client.loop_forever()
            except ssl.SSLError as untrusted:
                self.refusals += 1
                _log.warning("no trust between %s and the broker: %s", self.device, str(untrusted))
            except OSError as away:
                _log.info("no broker for %s yet: %s", self.device, away)
            except Exception:  # noqa: BLE001 - the thread's boundary: it must outlive anything paho raises
                self.errors += 1
                _log.exception("the mqtt line of %s broke", self.device)
            pause = _FIRST_PAUSE if self._was_online else min(pause * 2, _LONGEST_PAUSE)
            self._was_online = False
            self._online.clear()
            self._stopping.wait(pause)

    def _connected(
        self, client: mqtt.Client, _data: Any, _flags: mqtt.ConnectFlags, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            self.refusals += 1
            _log.warning("the broker refuses %s: %s", self.device, reason)
            return
        self._guarded(self._greet, client)

    def _greet(self, client: mqtt.Client) -> None:
        if self._subscriptions:
            client.subscribe([(topic, 1) for topic in self._subscriptions])
        self._was_online = True
        self._online.set()
        self._send_presence(client, online=True)
        if self._on_connection is not None:
            self._on_connection()

    def _disconnected(
        self, _client: mqtt.Client, _data: Any, _flags: mqtt.DisconnectFlags, reason: ReasonCode, _properties: Any
    ) -> None:
        self._online.clear()
        if not self._stopping.is_set():
            _log.warning("%s lost the broker: %s", self.device, reason)
        if self._on_connection is not None:
            self._guarded(self._on_connection)

    def _received(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if self._on_message is not None:
            self._guarded(self._on_message, message.topic, message.payload, message.retain)

    def _send_presence(self, client: mqtt.Client, *, online: bool) -> mqtt.MQTTMessageInfo:
        # Asked for and sent under one lock, so that two threads cannot leave the older news retained.
        with self._one_presence:
            payload: dict[str, object] = {"v": 1, "online": online, "boot": self.boot}
            if online:
                payload |= self._presence()
            return client.publish(self.availability_topic, encode(payload), qos=1, retain=True)

    def _guarded(self, callback: Callable[..., None], *arguments: Any) -> None:
        try:
            callback(*arguments)
        except Exception:  # noqa: BLE001 - the callback's boundary, see the class
            self.errors += 1
            _log.exception("a callback of %s failed", self.device)
