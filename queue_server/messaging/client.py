"""The server's line to the broker: the only module here that knows paho."""

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from queue_server.messaging.endpoint import Endpoint

_log = logging.getLogger(__name__)

KEEPALIVE: Final = 12  # seconds; a pulled cable shows within 1.5 of it
MESSAGE_LIMIT: Final = 16 * 1024  # bytes of one incoming message
WINDOW: Final = 1_000  # messages sent and not yet acknowledged; more are refused
INBOX: Final = 2_000  # messages handed over and not yet taken up; more are dropped
WATCH_EVERY: Final = 1.0  # seconds
FAREWELL: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message from the broker; `retained` ones were said before we listened."""

    topic: str
    payload: bytes
    retained: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What the broker says in our name, retained, when we are gone; said by ourselves when we stop."""

    topic: str
    payload: bytes


@dataclass(slots=True, kw_only=True)
class LineCounts:
    """What happened on the line since the start, for the figures of operations."""

    received: int = 0
    published: int = 0
    refused: int = 0  # not sent: no connection, or the window is full
    oversized: int = 0
    overflowed: int = 0  # dropped: the server could not keep up
    errors: int = 0  # exceptions caught at the edge of a callback
    connections: int = 0
    failures: int = 0  # attempts to connect that did not get through
    thread_restarts: int = 0


class MqttClient:
    """Publishes and hears in paho's own thread; every callback to us runs on `loop`.

    `on_connected` runs after each connection once the topics are subscribed again: the moment to send all state.
    Without a connection nothing is queued, because state is sent again and an old event is worth nothing.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        loop: asyncio.AbstractEventLoop,
        subscriptions: tuple[str, ...] = (),
        on_message: Callable[[Received], None] | None = None,
        on_connected: Callable[[], None] | None = None,
        on_disconnected: Callable[[], None] | None = None,
        will: Will | None = None,
        window: int = WINDOW,
    ) -> None:
        self.counts = LineCounts()
        self._endpoint = endpoint
        self._loop = loop
        self._subscriptions = subscriptions
        self._on_message = on_message
        self._on_connected = on_connected
        self._on_disconnected = on_disconnected
        self._will = will
        self._window = window
        self._room = threading.BoundedSemaphore(INBOX)
        self._online = threading.Event()
        self._stopping = threading.Event()
        self._refused = False
        self._complaint = ""
        self._client: mqtt.Client | None = None
        self._network: threading.Thread | None = None
        self._watcher: threading.Thread | None = None

    @property
    def connected(self) -> bool:
        """True while the broker has accepted us and the thread that would notice its loss is alive."""
        return self._online.is_set() and self._network is not None and self._network.is_alive()

    def start(self) -> None:
        """Begin to connect and return at once, also when the broker is away.

        Raises `OSError` when the certificate authority cannot be read.
        """
        if self._watcher is not None:
            return
        if self._endpoint.ca is not None:
            self._endpoint.ca.read_bytes()  # its fault names the file, that of the TLS library does not
        self._stopping.clear()
        self._open()
        self._watcher = threading.Thread(target=self._watch, name="mqtt-watch", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Say good-bye and end both threads. Takes up to two seconds: call it off the loop, or at its very end."""
        self._stopping.set()
        client, watcher = self._client, self._watcher
        if client is None or watcher is None:
            return
        watcher.join()
        if self._will is not None and self.connected:
            last = client.publish(self._will.topic, self._will.payload, qos=1, retain=True)
            if last.rc is mqtt.MQTT_ERR_SUCCESS:
                last.wait_for_publish(FAREWELL)
        client.disconnect()
        client.loop_stop()
        self._online.clear()
        self._client = self._network = self._watcher = None

    def publish(self, topic: str, payload: bytes, retained: bool = False) -> bool:
        """Send with QoS 1; False, and never later, when there is no connection or too much is on its way."""
        client = self._client
        if client is None or not self.connected:
            self.counts.refused += 1
            return False
        sent = client.publish(topic, payload, qos=1, retain=retained).rc is mqtt.MQTT_ERR_SUCCESS
        if sent:
            self.counts.published += 1
        else:
            self.counts.refused += 1
        return sent

    def _open(self) -> None:
        client = self._client = self._new_paho()
        before = set(threading.enumerate())
        client.connect_async(self._endpoint.host, self._endpoint.port, keepalive=KEEPALIVE)
        client.loop_start()
        started = [each for each in threading.enumerate() if each not in before and each.name.startswith("paho-mqtt")]
        self._network = started[0] if started else None

    def _new_paho(self) -> mqtt.Client:
        client = mqtt.Client(
            callback_api_version=CallbackAPIVersion.VERSION2,
            client_id=f"{self._endpoint.user}-{uuid.uuid4().hex[:8]}",
            protocol=mqtt.MQTTv311,
            clean_session=True,
        )
        client.username_pw_set(self._endpoint.user, self._endpoint.password)
        if self._endpoint.tls:
            client.tls_set(ca_certs=str(self._endpoint.ca) if self._endpoint.ca else None)
        client.max_inflight_messages_set(self._window)
        client.max_queued_messages_set(self._window)
        client.reconnect_delay_set(min_delay=1, max_delay=10)
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        client.on_connect = self._connected
        client.on_connect_fail = self._failed
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        return client

    def _watch(self) -> None:
        """paho's thread can die while paho still calls itself connected, so somebody has to look."""
        while not self._stopping.wait(WATCH_EVERY):
            if self._network is None or not self._network.is_alive():
                self._guarded(self._reopen)

    def _reopen(self) -> None:
        self.counts.thread_restarts += 1
        _log.error("the thread of the line to the broker died, starting it again")
        self._online.clear()
        dead = self._client.socket() if self._client is not None else None
        if dead is not None:
            dead.close()
        self._open()

    def _connected(
        self, client: mqtt.Client, _data: Any, _flags: mqtt.ConnectFlags, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            self._refused = True  # the end of the connection follows and needs no second word
            self._complain(f"the broker refuses {self._endpoint.user}: {reason}")
            return
        self._guarded(self._greet, client)

    def _greet(self, client: mqtt.Client) -> None:
        # What was on its way when the connection broke is older than what on_connected will send.
        client.drop_out_messages()
        self.counts.connections += 1
        self._complaint = ""
        self._online.set()
        if self._subscriptions:
            client.subscribe([(topic, 1) for topic in self._subscriptions])
        else:
            self._tell(self._on_connected)

    def _subscribed(self, _client: mqtt.Client, _data: Any, _mid: int, reasons: list[ReasonCode], _props: Any) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            _log.error("the broker refuses a subscription of %s: %s", self._endpoint.user, ", ".join(refused))
        self._guarded(self._tell, self._on_connected)

    def _disconnected(
        self, client: mqtt.Client, data: Any, _flags: mqtt.DisconnectFlags, reason: ReasonCode, _properties: Any
    ) -> None:
        if not self._online.is_set():
            if not self._refused:  # it ended before it had begun
                self._failed(client, data)
            self._refused = False
            return
        self._online.clear()
        if not self._stopping.is_set():
            _log.warning("the line to the broker is lost: %s", reason)
        self._guarded(self._tell, self._on_disconnected)

    def _failed(self, _client: mqtt.Client, _data: Any) -> None:
        self._complain(f"no connection to the broker at {self._endpoint.host}:{self._endpoint.port}")

    def _complain(self, sentence: str) -> None:
        """Count a failed attempt; say it once, not with every attempt of a long night."""
        if self._stopping.is_set():
            return
        self.counts.failures += 1
        if sentence != self._complaint:
            self._complaint = sentence
            _log.error("%s", sentence)

    def _received(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._guarded(self._take, message)

    def _take(self, message: mqtt.MQTTMessage) -> None:
        self.counts.received += 1
        if len(message.payload) > MESSAGE_LIMIT:
            self.counts.oversized += 1
            return
        received = Received(topic=message.topic, payload=bytes(message.payload), retained=message.retain)
        if not self._room.acquire(blocking=False):
            self.counts.overflowed += 1
            return
        try:
            self._loop.call_soon_threadsafe(self._deliver, received)
        except RuntimeError:  # the loop has ended before us
            self._room.release()

    def _deliver(self, received: Received) -> None:
        self._room.release()
        if self._on_message is not None:
            self._guarded(self._on_message, received)

    def _tell(self, listener: Callable[[], None] | None) -> None:
        if listener is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._guarded, listener)

    def _guarded(self, callback: Callable[..., None], *arguments: Any) -> None:
        try:
            callback(*arguments)
        except Exception:  # noqa: BLE001 - the boundary of a thread: an exception here would end it unseen
            self.counts.errors += 1
            _log.exception("a callback of the line to the broker failed")
