"""Open connections: a share for each address, time-outs for whoever sends or reads slowly, and what was closed why.

Uvicorn waits for ever for the rest of a request. Here each connection tells its stage, and one that does not move on
is closed; when an address or the whole office has no room, the oldest unfinished one makes way for the next.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from queue_server.logs import Log

log = Log(__name__)

OWN_MACHINE = frozenset({"127.0.0.1", "::1"})  # its own programs, and the proxy before them
HEADER_LIMIT = 32 * 1024  # bytes before a request has its headers
SAY_EVERY = 60.0  # seconds between two lines about the same thing


class Stage(StrEnum):
    """Where a connection is with its request."""

    HEADERS = "headers"
    BODY = "body"
    WORKING = "working"  # the office answers, or streams
    STALLED = "stalled"  # the other side does not read
    IDLE = "idle"  # kept alive between two requests


PATIENCE: dict[Stage, float] = {Stage.HEADERS: 10.0, Stage.BODY: 20.0, Stage.STALLED: 30.0, Stage.IDLE: 60.0}
ANSWERS = {
    408: b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    503: b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
}


@dataclass(slots=True)
class Connections:
    """All open connections. `budget` in all, `share` of one address; addresses of `trusted` have no share.

    Everything runs on the event loop; `now` is its clock in seconds.
    """

    budget: int
    share: int
    trusted: frozenset[str] = OWN_MACHINE
    closed: Counter[str] = field(default_factory=Counter)  # reason → connections
    _unfinished: dict[str, dict["Connection", float]] = field(default_factory=dict)  # address → since when, in order
    _open: Counter[str] = field(default_factory=Counter)
    _said: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return self._open.total()

    def admit(self, connection: "Connection", now: float) -> bool:
        """Room for one more, if need be by closing the longest unfinished one; False when there is none."""
        address = connection.address
        reason, crowded = "", address
        if address not in self.trusted and self._open[address] >= self.share:
            reason = "address-share"
        elif len(self) >= self.budget:
            reason, crowded = "no-room", max(self._unfinished, key=self._open.__getitem__, default=address)
        if reason:
            oldest = next(iter(self._unfinished.get(crowded, ())), None)
            self._note(reason, crowded, now)
            if oldest is None:
                connection.refuse(503)
                return False
            self.leave(oldest)
            oldest.refuse(503)
        self._open[address] += 1
        self._unfinished.setdefault(address, {})[connection] = now
        return True

    def moved(self, connection: "Connection", now: float) -> None:
        """The connection has reached another stage."""
        waiting = self._unfinished.setdefault(connection.address, {})
        waiting.pop(connection, None)
        if connection.stage in PATIENCE:
            waiting[connection] = now
        elif not waiting:
            del self._unfinished[connection.address]

    def leave(self, connection: "Connection") -> None:
        """The connection is closed; a second time changes nothing."""
        if connection.counted:
            connection.counted = False
            address = connection.address
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
            waiting = self._unfinished.get(address, {})
            waiting.pop(connection, None)
            if not waiting:
                self._unfinished.pop(address, None)

    def sweep(self, now: float) -> None:
        """Closes whoever has not moved on in time."""
        late = [
            connection
            for waiting in self._unfinished.values()
            for connection, since in waiting.items()
            if now - since >= PATIENCE[connection.stage]
        ]
        for connection in late:
            if connection.stage is not Stage.IDLE:
                self._note(f"slow-{connection.stage}", connection.address, now)
            self.leave(connection)
            connection.refuse(408)

    def too_long(self, connection: "Connection", now: float) -> None:
        """Headers without end."""
        self._note("long-headers", connection.address, now)
        self.leave(connection)
        connection.refuse(431)

    async def watch(self, every: float = 1.0) -> None:
        """Sweeps until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(every)
            self.sweep(loop.time())

    def _note(self, reason: str, address: str, now: float) -> None:
        self.closed[reason] += 1
        if now - self._said.get(reason, -SAY_EVERY) >= SAY_EVERY:
            self._said[reason] = now
            log.warning(
                "connection-closed", reason=reason, why=WORDS[reason], address=address,
                its_connections=self._open[address], open=len(self), closed_so_far=self.closed[reason],
            )  # fmt: skip


WORDS = {
    "address-share": "one address holds its share of connections; its oldest unfinished one makes way for each new one",
    "no-room": "no room for more connections; the oldest unfinished one makes way for each new one",
    "slow-headers": "a connection was closed that sent no whole request in time",
    "slow-body": "a connection was closed whose request came too slowly",
    "slow-stalled": "a connection was closed whose other side reads nothing",
    "long-headers": "a connection was closed whose request has headers without end",
}


class Connection(HttpToolsProtocol):
    """Uvicorn's connection, which tells `Connections` where it is."""

    def __init__(self, *arguments: Any, connections: Connections, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.known = connections
        self.stage = Stage.HEADERS
        self.address = ""
        self.counted = False
        self._coming = Stage.HEADERS  # how far the request has come; WORKING when it is whole
        self._header_bytes = 0
        self._unread = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self.counted = self.known.admit(self, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        self.known.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self.counted:  # on its way out
            return
        if self.stage is Stage.IDLE:
            self._came(Stage.HEADERS)
        super().data_received(data)
        if self._coming is Stage.HEADERS:  # still
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_LIMIT:
                self.known.too_long(self, self.loop.time())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._came(Stage.HEADERS)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._header_bytes = 0
        self._came(Stage.BODY)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._came(Stage.WORKING)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._tell()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = True
        self._tell()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread = False
        self._tell()

    def refuse(self, status: int) -> None:
        """Closes the connection, with a word where an answer may stand."""
        if self.stage is Stage.STALLED:  # what it does not read would keep it open
            self.transport.abort()
            return
        if self.stage is Stage.HEADERS and _answered(self.cycle):
            self.transport.write(ANSWERS[status])
        self.transport.close()

    def _came(self, stage: Stage) -> None:
        self._coming = stage
        self._tell()

    def _tell(self) -> None:
        stage = self._stage()
        if stage is not self.stage and self.counted:
            self.stage = stage
            self.known.moved(self, self.loop.time())

    def _stage(self) -> Stage:
        if self._unread:
            return Stage.STALLED
        if self._coming is not Stage.WORKING:
            return self._coming
        return Stage.IDLE if _answered(self.cycle) else Stage.WORKING


def _answered(cycle: RequestResponseCycle | None) -> bool:
    return cycle is None or cycle.response_complete
