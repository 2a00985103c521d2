"""The MQTT door: the broker we start or are given, commands and keypads in, state and calls out."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from queue_server.journal.entry import Entry
from queue_server.messaging.acl import users_of
from queue_server.messaging.broker import Broker
from queue_server.messaging.client import MqttClient
from queue_server.messaging.endpoint import Endpoint, endpoint_from_url
from queue_server.office import Office
from queue_server.options import ConfigError
from queue_server.source import OfficeSource


class MqttDoor:
    """Owns broker and client. `committed` is called on the event loop after each batch."""

    def __init__(
        self,
        office: Office,
        source: OfficeSource,
        *,
        data: Path,
        port: int,
        url: str | None,
        devices: tuple[str, ...] = (),
    ) -> None:
        self.office = office
        self.source = source
        site = source.site
        boards = {b.id: b.zone for b in site.boards.values()}
        users = users_of(counters=site.office.counters, kiosks=site.kiosks, boards=boards, devices=devices)
        self.broker = None if url else Broker(data, port, users, site=site.id)
        try:
            self._external = endpoint_from_url(url) if url else None
        except ValueError as error:
            raise ConfigError(str(error)) from error
        self.client: MqttClient | None = None

    @property
    def connected(self) -> bool:
        return self.client is not None and self.client.connected

    def endpoint(self, user: str | None = None) -> Endpoint:
        if self._external is not None:
            return self._external
        assert self.broker is not None
        return self.broker.endpoint(user) if user else self.broker.endpoint()

    def start_broker(self) -> None:
        if self.broker is not None:
            self.broker.start()

    def connect(self, loop: asyncio.AbstractEventLoop) -> None:
        self.client = MqttClient(self.endpoint(), loop=loop)
        self.client.start()

    def committed(self, entries: Sequence[Entry]) -> None:
        pass

    def stop(self) -> None:
        if self.client is not None:
            self.client.stop()
        if self.broker is not None:
            self.broker.stop()
