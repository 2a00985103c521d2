"""A counter's number panel made of software, hearing MQTT."""

import threading
from collections.abc import Callable
from dataclasses import replace

from hardware.device_link import DeviceLink
from hardware.payloads import BadPayloadError
from hardware.simulated.panel_state import PanelState, heard_call, heard_presence, heard_state
from queue_server.contract.broker import BrokerAddress
from queue_server.contract.topics import topic


class Panel:
    """The panel of one counter; `state` is what it shows now, `rejected` counts messages it could not read."""

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
        self.device = device or f"panel-{counter}"
        self.state = PanelState(counter=counter)
        self.rejected = 0
        self._on_change = on_change
        self._one_message = threading.Lock()
        self._state_topic = topic(site, "counter_state", counter=counter)
        self._presence_topic = topic(site, "device_availability", device="server")
        self.link = DeviceLink(
            address,
            site=site,
            device=self.device,
            topics=(self._state_topic, topic(site, "call"), self._presence_topic),
            on_message=self._heard,
            on_connection=self._line_changed,
        )

    @property
    def text(self) -> str:
        """What stands on the panel."""
        return self.state.text

    def start(self) -> None:
        """Plug in."""
        self.link.start()

    def stop(self) -> None:
        """Plug out; what was last shown stays, marked as stale."""
        self.link.stop()
        self._line_changed()

    def _heard(self, where: str, payload: bytes, _retained: bool) -> None:
        with self._one_message:
            try:
                heard = {self._state_topic: heard_state, self._presence_topic: heard_presence}.get(where, heard_call)
                self.state = heard(self.state, payload)
            except BadPayloadError:
                self.rejected += 1
        self._tell()

    def _line_changed(self) -> None:
        with self._one_message:
            self.state = replace(self.state, stale=not self.link.connected)
        self._tell()

    def _tell(self) -> None:
        if self._on_change is not None:
            self._on_change()
