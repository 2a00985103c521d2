"""Follows the journal with a read-only connection and keeps its own office day by the same `evolve`."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from queue_server.forecaster.past import Past, read_only, read_past
from queue_server.journal.codec import decode
from queue_server.queue.events import Event
from queue_server.queue.evolve import evolve
from queue_server.queue.state import OfficeDay

_END = "select seq, day from journal order by seq desc limit 1"
_BEGIN = "select min(seq) from journal where day = ?"
_MORE = "select seq, day, at, kind, data from journal where seq >= ? order by seq"


class Follower:
    """`news` yields what is new, already folded into `state`; a new day begins a new state."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = OfficeDay()
        self.day = ""
        self.seq = 0
        self._connection: sqlite3.Connection | None = None

    def news(self) -> Iterator[tuple[OfficeDay, Event, datetime]]:
        """Entries after the last one seen; the first time those of the newest day. Raises `sqlite3.Error`."""
        connection = self._open()
        end = connection.execute(_END).fetchone()
        if end is None or end[0] == self.seq:
            return
        if self.seq == 0 or end[0] < self.seq:  # a first look, or a journal restored from a backup
            self.state, self.day = OfficeDay(), str(end[1])
            self.seq = int(connection.execute(_BEGIN, (self.day,)).fetchone()[0]) - 1
        with closing(connection.execute(_MORE, (self.seq + 1,))) as found:
            for seq, day, at, kind, data in found:
                if day != self.day:
                    self.state, self.day = OfficeDay(), day
                event, moment = decode(kind, data), datetime.fromisoformat(at)
                evolve(self.state, event, moment)
                self.seq = seq
                yield self.state, event, moment

    def past(self) -> Past:
        """The days before the one followed; nothing where no day has begun. Raises `sqlite3.Error`."""
        return read_past(self._open(), self.day) if self.day else Past()

    def forget(self) -> None:
        """After an error: the next look opens the file anew and reads the day from its beginning."""
        self.close()
        self.seq = 0

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = read_only(self.path)
        return self._connection
