"""The journal file: one writer, durable batches, a hash chain. SQLite through sqlite-utils."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from queue_server.journal.codec import decode, encode
from queue_server.journal.entry import GENESIS, VERSION, Entry, Origin, chain_hash, kind_of_citizen
from queue_server.journal.projector import Statement
from queue_server.journal.schema import COLUMNS, SCHEMA
from queue_server.queue.events import Event

_INSERT = f"insert into journal ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))})"
AFTER_ALL = "99999999"  # later than any day
_SELECT = f"select {', '.join(COLUMNS)} from journal"


class JournalError(Exception):
    """The journal cannot be opened or written; the text says what to do."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the settings of the journal: WAL, every commit on disk before it returns."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma journal_size_limit = 16777216")
    return connection


class Journal:
    """Appends and reads entries. `append` belongs to the one writer thread, the readers have their own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self.last_seq = 0
        self.last_hash = GENESIS

    def open(self) -> None:
        """Creates or opens the file and brings its tables up to date; raises `JournalError`."""
        try:
            self._writer = connect(self.path)
            if not self._is_current():
                self._migrate()
            self._reader = connect(self.path)
            self.reload_end()
        except sqlite3.Error as error:
            raise JournalError(f"{self.path}: {error}. Is the folder writable, the disk not full?") from error

    def open_to_read(self) -> None:
        """For looking only, also while a server writes; nothing is created. Raises `JournalError`."""
        try:
            self._reader = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5.0
            )
            self.reload_end()
        except sqlite3.Error as error:
            raise JournalError(f"{self.path} cannot be read: {error}. Is --data right?") from error

    def _is_current(self) -> bool:
        assert self._writer is not None
        return bool(self._writer.execute("pragma user_version").fetchone()[0] == SCHEMA)

    def _migrate(self) -> None:
        """Loads sqlite-utils only when there is something to migrate: it takes a fifth of a second."""
        from sqlite_utils import Database

        from queue_server.journal.migrations import migrations

        assert self._writer is not None
        migrations.apply(Database(self._writer))
        self._writer.execute(f"pragma user_version = {SCHEMA}")

    def close(self) -> None:
        for connection in (self._writer, self._reader):
            if connection is not None:
                connection.close()
        self._writer = self._reader = None

    @property
    def reader(self) -> sqlite3.Connection:
        if self._reader is None:
            raise JournalError(f"{self.path} is not open")
        return self._reader

    def reload_end(self) -> None:
        """Reads the end of the chain from the file, after opening and after a failed write."""
        row = self.reader.execute("select seq, hash from journal order by seq desc limit 1").fetchone()
        self.last_seq, self.last_hash = row or (0, GENESIS)

    def append(self, entries: Sequence[Entry], rows: Sequence[Statement]) -> None:
        """Writes entries and projections in one durable transaction; raises `sqlite3.Error` and writes nothing."""
        writer = self._writer
        if writer is None:
            raise sqlite3.OperationalError("the journal is closed")
        writer.execute("begin immediate")
        try:
            writer.executemany(_INSERT, [entry_row(entry) for entry in entries])
            for sql, values in rows:
                writer.execute(sql, values)
            writer.execute("commit")
        except BaseException:
            if writer.in_transaction:
                writer.execute("rollback")
            raise

    def chain(self, event: Event, at: datetime, origin: Origin) -> Entry:
        """Gives an event its place after the last entry handed out; the caller appends in this order."""
        kind, data = type(event).__name__, encode(event)
        ticket, visit, counter = (getattr(event, name, None) for name in ("ticket", "visit", "counter"))
        digest = chain_hash(
            self.last_hash, self.last_seq + 1, origin.day, at.isoformat(), kind, VERSION, origin.command_id,
            origin.digest, origin.actor, origin.device, ticket, visit, counter, data,
        )  # fmt: skip
        made = Entry(
            seq=self.last_seq + 1,
            day=origin.day,
            at=at,
            kind=kind,
            data=data,
            event=event,
            command_id=origin.command_id,
            digest=origin.digest,
            actor=origin.actor,
            device=origin.device,
            ticket=ticket,
            visit=visit,
            counter=counter,
            prev_hash=self.last_hash,
            hash=digest,
        )
        self.last_seq, self.last_hash = made.seq, made.hash
        return made

    def last_day(self) -> str | None:
        """The office day of the newest entry."""
        row = self.reader.execute("select day from journal order by seq desc limit 1").fetchone()
        return str(row[0]) if row else None

    def days(self) -> list[str]:
        """All office days, oldest first."""
        return [row[0] for row in self.reader.execute("select distinct day from journal order by day")]

    def last_days(self, many: int, before: str) -> list[str]:
        """The newest office days before one (YYYYMMDD), newest first: one step of the index each."""
        found: list[str] = []
        while len(found) < many and before:
            row = self.reader.execute("select max(day) from journal where day < ?", (before,)).fetchone()
            before = row[0] or ""
            found += [before] if before else []
        return found

    def newest_day(self) -> str:
        """The latest office day that was not abandoned; empty without one."""
        last = "select data from journal where day = ? and kind = 'DayClosed' order by seq desc limit 1"
        day = AFTER_ALL
        while found := self.last_days(1, day):
            day = found[0]
            row = self.reader.execute(last, (day,)).fetchone()
            if row is None or '"abandoned":true' not in row[0]:
                return day
        return ""

    def has_day(self, day: str) -> bool:
        """Whether anything happened on an office day (YYYYMMDD)."""
        return self.reader.execute("select 1 from journal where day = ? limit 1", (day,)).fetchone() is not None

    def day(self, day: str) -> Iterator[Entry]:
        """The entries of a day in order."""
        return map(_entry, self.reader.execute(f"{_SELECT} where day = ? order by seq", (day,)))

    def entries(self) -> Iterator[Entry]:
        """Every entry, oldest first."""
        return map(_entry, self.reader.execute(f"{_SELECT} order by seq"))

    def events(self, day: str) -> Iterator[tuple[datetime, Event, str | None, str, str | None]]:
        """Moment, event, command id, digest and actor of each entry of a day: what a start needs, read quickly."""
        found = self.reader.execute(
            "select at, kind, data, command_id, digest, actor from journal where day = ? order by seq", (day,)
        )
        for at, kind, data, command_id, digest, actor in found:
            yield datetime.fromisoformat(at), decode(kind, data), command_id, digest or "", actor

    def after(self, seq: int, limit: int = 1000) -> list[Entry]:
        """Entries after a cursor, for consumers that catch up."""
        found = self.reader.execute(f"{_SELECT} where seq > ? order by seq limit ?", (seq, limit))
        return [_entry(row) for row in found]

    def command(self, command_id: str, actor: str) -> list[Entry]:
        """The entries that a command of this actor made, however long ago; empty when it made none."""
        first = self.reader.execute(
            f"{_SELECT} where command_id = ? and actor in (?, ?) order by actor = ? desc",
            (command_id, actor, kind_of_citizen(actor), actor),
        ).fetchone()
        if first is None:
            return []
        made = [_entry(first)]
        for row in self.reader.execute(f"{_SELECT} where seq > ? order by seq", (made[0].seq,)):
            entry = _entry(row)
            if entry.command_id is not None or entry.digest != made[0].digest:
                break
            made.append(entry)
        return made

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Rows of a query on the projections."""
        with closing(self.reader.execute(sql, tuple(values))) as cursor:
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]


def entry_row(entry: Entry) -> tuple[object, ...]:
    """The columns of an entry, in the order of COLUMNS."""
    return (
        entry.seq, entry.day, entry.at.isoformat(), entry.kind, entry.version, entry.command_id, entry.digest,
        entry.actor, entry.device, entry.ticket, entry.visit, entry.counter, entry.data, entry.prev_hash, entry.hash,
    )  # fmt: skip


def _entry(row: Sequence[Any]) -> Entry:
    values = dict(zip(COLUMNS, row, strict=True))
    values["at"] = datetime.fromisoformat(values["at"])
    return Entry(event=decode(values["kind"], values["data"]), **values)
