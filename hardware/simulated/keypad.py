"""An officer's keypad made of software, speaking MQTT."""

import itertools
import threading
import uuid
from collections.abc import Callable

from hardware.device_link import DeviceLink
from queue_server.contract.broker import BrokerAddress
from queue_server.contract.buttons import Button, button_event
from queue_server.contract.topics import topic


class Keypad:
    """The keypad of one counter.

    A press without a broker is lost and says so: an officer presses again, while a press delivered
    minutes later would call a person nobody waits for.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        site: str,
        counter: str,
        device: str = "",
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self.counter = counter
        self.device = device or f"keypad-{counter}"
        self.link = DeviceLink(address, site=site, device=self.device, on_connection=on_change)
        self._topic = topic(site, "keypad_event", counter=counter)
        self._seq = itertools.count(1)
        self._one_press = threading.Lock()

    def start(self) -> None:
        """Plug in."""
        self.link.start()

    def stop(self) -> None:
        """Plug out, with good-bye."""
        self.link.stop()

    def press(self, button: Button) -> str | None:
        """Press a button; the id of the press, or None when no broker took it."""
        press_id = str(uuid.uuid4())
        with self._one_press:
            event = button_event(button, press_id=press_id, seq=next(self._seq), boot=self.link.boot)
            taken = self.link.publish(self._topic, event)
        return press_id if taken else None
