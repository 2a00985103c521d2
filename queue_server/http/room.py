"""How many connections and streams this process has room for, by the files it may open, and who holds them."""

import resource
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from queue_server.http.connections import OWN_MACHINE, Connections
from queue_server.logs import Log

log = Log(__name__)

SPARE_FILES = 640  # journal, broker, logs, clips, and connections that are on their way out
WANTED_FILES = 65536
ENOUGH = 4096  # files with which an office of any size has room
MOST = 8000  # connections
SAY_EVERY = 100  # refused streams between two lines in the log


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Connections in all and of one address; streams in all, of strangers, and of one address."""

    connections: int
    connections_of_one: int
    streams: int
    streams_of_strangers: int
    streams_of_one: int


def room_for(files: int) -> Room:
    """Room by the limit of open files: streams leave a third of the connections free, strangers a tenth of the streams.

    Phones in the hall share one address, so one address has room for some two hundred with a live page each.
    """
    connections = max(64, min(MOST, files - SPARE_FILES, files * 3 // 4))
    streams = min(2000, connections * 2 // 3)
    return Room(
        connections=connections,
        connections_of_one=max(32, min(800, connections // 2)),
        streams=streams,
        streams_of_strangers=streams * 9 // 10,
        streams_of_one=max(16, min(400, streams // 2)),
    )


def raise_file_limit() -> int:
    """Raises this process's limit of open files as far as it may, and says when that is too low."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = WANTED_FILES if hard == resource.RLIM_INFINITY else max(soft, min(hard, WANTED_FILES))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    except (OSError, ValueError):  # kept by the system
        files = soft
    if files < ENOUGH:
        log.warning(
            "few-files", why="live pages beyond the limit of open files are refused: raise LimitNOFILE of the service",
            files=files, wanted=ENOUGH, connections=room_for(files).connections, streams=room_for(files).streams,
        )  # fmt: skip
    return files


@dataclass(slots=True)
class StreamRoom:
    """Streams without a token: of one address `share`, of all `open_to_all`. Whoever brings a token is let in."""

    share: int
    open_to_all: int
    trusted: frozenset[str] = OWN_MACHINE
    refused: Counter[str] = field(default_factory=Counter)  # reason → streams
    _open: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return self._open.total()

    def full(self, address: str) -> str | None:
        """Why one more stream of this address is not opened; None when it is."""
        if len(self) >= self.open_to_all:
            return "no-room"
        return "address-share" if address not in self.trusted and self._open[address] >= self.share else None

    def opened(self, address: str) -> None:
        self._open[address] += 1

    def ended(self, address: str) -> None:
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def refuse(self, address: str, reason: str) -> None:
        """Counts, and says so now and then."""
        self.refused[reason] += 1
        if self.refused[reason] % SAY_EVERY == 1:
            log.warning(
                "live-page-refused", reason=reason, why="too many live pages are open", address=address,
                its_streams=self._open[address], streams=len(self), refused_so_far=self.refused[reason],
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doors:
    """Who is connected, and who listens."""

    connections: Connections
    streams: StreamRoom

    @classmethod
    def of(cls, room: Room) -> Self:
        return cls(
            Connections(room.connections, room.connections_of_one),
            StreamRoom(room.streams_of_one, room.streams_of_strangers),
        )
