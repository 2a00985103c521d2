"""The line of a program to the broker: the only module that knows paho. Owns one thread."""

import asyncio
import json
import logging
import ssl
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from queue_server.contract.broker import BrokerAddress

_log = logging.getLogger(__name__)

KEEPALIVE: Final = 12  # seconds; a pulled cable shows within 1.5 of it
MESSAGE_LIMIT: Final = 16 * 1024  # bytes of one incoming message
WINDOW: Final = 1_000  # messages sent and not yet acknowledged; more are refused
INBOX: Final = 2_000  # messages handed over and not yet taken up; more are dropped
FAREWELL: Final = 1.0  # seconds for the last word
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between two attempts to connect
STEADY: Final = 10.0  # seconds a connection must last to be tried again without a growing pause
_STOP_TRIES: Final = 10


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
    overflowed: int = 0  # dropped: the program could not keep up
    errors: int = 0  # exceptions caught at the edge of a callback
    connections: int = 0
    failures: int = 0  # attempts to connect that did not get through
    thread_restarts: int = 0


class MqttClient:
    """Publishes and hears in a thread of its own; callbacks run on `loop`, or in that thread without one.

    Each connection has a client of paho's of its own, so that nothing an old one still held arrives late, and an id
    that nobody can guess, so that two programs with one account do not throw each other off. The client also hears the
    topic of its will: when the broker says there that we are gone although we are here, because the will belonged to a
    connection that broke unseen or to an earlier life, `on_connected` runs once more and puts it right.
    `on_connected` runs after each connection once the topics are subscribed: the moment to send all state. Without a
    connection nothing is queued, because state is sent again and an old event is worth nothing.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        loop: asyncio.AbstractEventLoop | None = None,
        subscriptions: tuple[str, ...] = (),
        on_message: Callable[[Received], None] | None = None,
        on_connected: Callable[[], None] | None = None,
        on_disconnected: Callable[[], None] | None = None,
        will: Will | None = None,
        window: int = WINDOW,
    ) -> None:
        self.counts = LineCounts()
        self._address = address
        self._loop = loop
        own = (will.topic,) if will is not None and will.topic not in subscriptions else ()
        self._subscriptions = (*subscriptions, *own)
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
        self._end = ""
        self._said = b""  # what we said last of our own presence
        self._client: mqtt.Client | None = None
        self._thread: threading.Thread | None = None

    @property
    def connected(self) -> bool:
        """True while the broker has accepted us and the thread that would notice its loss is alive."""
        return self._online.is_set() and self._thread is not None and self._thread.is_alive()

    @property
    def complaint(self) -> str:
        """Why the last attempt to connect failed; empty while connected."""
        return self._complaint

    def start(self) -> None:
        """Begin to connect and return at once, also when the broker is away.

        Raises `OSError` when the certificate authority cannot be read.
        """
        if self._thread is not None:
            return
        if self._address.ca is not None:
            self._address.ca.read_bytes()  # its fault names the file, that of the TLS library does not
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name=f"mqtt-{self._address.user}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Say the will as good-bye and end the thread. Takes up to three seconds: call it off the loop."""
        thread = self._thread
        if thread is None:
            return
        self._stopping.set()
        client = self._client
        if self._will is not None and client is not None and self.connected:
            with suppress(RuntimeError, ValueError):
                last = client.publish(self._will.topic, self._will.payload, qos=1, retain=True)
                last.wait_for_publish(FAREWELL)
        for _ in range(_STOP_TRIES):
            if self._client is not None:
                self._client.disconnect()
            thread.join(timeout=0.2)
            if not thread.is_alive():
                break
        self._online.clear()
        self._client = self._thread = None

    def publish(self, topic: str, payload: bytes, retained: bool = False) -> bool:
        """Send with QoS 1; False, and never later, when there is no connection or too much is on its way."""
        client = self._client
        if self._will is not None and topic == self._will.topic:
            self._said = payload
        if client is None or not self.connected or self._stopping.is_set():
            self.counts.refused += 1
            return False
        sent = client.publish(topic, payload, qos=1, retain=retained).rc is mqtt.MQTT_ERR_SUCCESS
        if sent:
            self.counts.published += 1
        else:
            self.counts.refused += 1
        return sent

    def _run(self) -> None:
        pause = SHORTEST_PAUSE
        while not self._stopping.is_set():
            began = time.monotonic()
            client = self._client = self._new_paho()
            try:
                client.loop_forever()
            except ssl.SSLError as untrusted:
                cure = (
                    "ask for it by the name in its certificate (MOTCUA_MQTT)"
                    if "mismatch" in str(untrusted) or "not valid for" in str(untrusted)
                    else "put its authority into /usr/local/share/ca-certificates and run update-ca-certificates"
                )
                self._complain(f"no trust between us and the broker at {self._place}: {untrusted}; {cure}")
            except OSError as away:
                self._complain(f"no connection to the broker at {self._place}: {away}")
            except BaseException:  # noqa: BLE001 - the boundary of the thread: the line must outlive it
                self.counts.thread_restarts += 1
                _log.exception("the line to the broker broke, starting it again")
            lasted = time.monotonic() - began if self._online.is_set() else 0.0
            self._ended(client)
            pause = SHORTEST_PAUSE if lasted >= STEADY else pause
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    @property
    def _place(self) -> str:
        return f"{self._address.host}:{self._address.port}"

    def _new_paho(self) -> mqtt.Client:
        client = mqtt.Client(
            callback_api_version=CallbackAPIVersion.VERSION2,
            client_id=f"{self._address.user or 'motcua'}-{uuid.uuid4().hex[:12]}",
            protocol=mqtt.MQTTv311,
            clean_session=True,
            reconnect_on_failure=False,
        )
        if self._address.user:
            client.username_pw_set(self._address.user, self._address.password)
        if self._address.tls:
            client.tls_set(ca_certs=str(self._address.ca) if self._address.ca else None)
        client.max_inflight_messages_set(self._window)
        client.max_queued_messages_set(self._window)
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        client.connect_async(self._address.host, self._address.port, keepalive=KEEPALIVE)
        return client

    def _connected(
        self, client: mqtt.Client, _data: Any, _flags: mqtt.ConnectFlags, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            self._refused = True  # the end of the connection follows and needs no second word
            self._complain(f"the broker refuses {self._address.user}: {reason}")
            return
        self._guarded(self._greet, client)

    def _greet(self, client: mqtt.Client) -> None:
        self.counts.connections += 1
        self._complaint = self._end = ""
        self._online.set()
        if self._subscriptions:
            client.subscribe([(topic, 1) for topic in self._subscriptions])
        else:
            self._tell(self._on_connected)

    def _subscribed(self, _client: mqtt.Client, _data: Any, _mid: int, reasons: list[ReasonCode], _props: Any) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            _log.error("the broker refuses a subscription of %s: %s", self._address.user, ", ".join(refused))
        self._guarded(self._tell, self._on_connected)

    def _disconnected(
        self, _client: mqtt.Client, _data: Any, _flags: mqtt.DisconnectFlags, reason: ReasonCode, _properties: Any
    ) -> None:
        self._end = str(reason)

    def _ended(self, client: mqtt.Client) -> None:
        """A connection, or an attempt at one, is over."""
        left = client.socket()
        if left is not None:
            left.close()
        if self._online.is_set():
            self._online.clear()
            if not self._stopping.is_set():
                _log.warning("the line to the broker is lost: %s", self._end or "no word from it")
            self._guarded(self._tell, self._on_disconnected)
        elif not self._refused and self._end:  # it ended before it had begun
            self._complain(f"no connection to the broker at {self._place}: {self._end}")
        self._refused, self._end = False, ""

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
        will = self._will
        if will is not None and message.topic == will.topic:  # said in our own name
            if not message.retain and self._is_slandered(bytes(message.payload)):
                self._tell(self._on_connected)
            return
        self.counts.received += 1
        if len(message.payload) > MESSAGE_LIMIT:
            self.counts.oversized += 1
            return
        received = Received(topic=message.topic, payload=bytes(message.payload), retained=message.retain)
        if self._loop is None:
            self._hand_over(received)
        elif not self._room.acquire(blocking=False):
            self.counts.overflowed += 1
        else:
            try:
                self._loop.call_soon_threadsafe(self._deliver, received)
            except RuntimeError:  # the loop has ended before us
                self._room.release()

    def _is_slandered(self, payload: bytes) -> bool:
        """Somebody says that we are gone, and we did not say so ourselves."""
        return _says_gone(payload) and not _says_gone(self._said) and not self._stopping.is_set()

    def _deliver(self, received: Received) -> None:
        self._room.release()
        self._hand_over(received)

    def _hand_over(self, received: Received) -> None:
        if self._on_message is not None:
            self._guarded(self._on_message, received)

    def _tell(self, listener: Callable[[], None] | None) -> None:
        if listener is None:
            return
        if self._loop is None:
            self._guarded(listener)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._guarded, listener)

    def _guarded(self, callback: Callable[..., None], *arguments: Any) -> None:
        try:
            callback(*arguments)
        except Exception:  # noqa: BLE001 - the boundary of a thread: an exception here would end it unseen
            self.counts.errors += 1
            _log.exception("a callback of the line to the broker failed")


def _says_gone(presence: bytes) -> bool:
    """Whether a word about presence, JSON with `online`, says that somebody is not there."""
    try:
        said = json.loads(presence)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("online") is False
