"""The journal file: one writer, durable batches, a hash chain. SQLite through sqlite-utils."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from queue_server.journal.anchor import Anchor, End, Loss, file_at, loss
from queue_server.journal.codec import decode, encode
from queue_server.journal.entry import GENESIS, VERSION, Entry, Origin, chain_hash, kind_of_citizen
from queue_server.journal.projector import Statement
from queue_server.journal.schema import COLUMNS, SCHEMA
from queue_server.kit.program import program
from queue_server.logs import Log
from queue_server.queue.events import Event

log = Log(__name__)

_INSERT = f"insert into journal ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))})"
AFTER_ALL = "99999999"  # later than any day
_SELECT = f"select {', '.join(COLUMNS)} from journal"
LOST = "lost"  # the write-ahead log of a journal that ends too early is kept under this name


DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
CURE = (
    f"Keep a copy of the data folder, then restore the newest backup into an empty one ({program()} restore); "
    f"{program()} journal verify says what is damaged"
)


class JournalError(Exception):
    """The journal cannot be opened or written; the text says what to do."""


class JournalDamagedError(JournalError):
    """The file is there and cannot be used; to start again does not help."""


def journal_error(path: Path | None, error: sqlite3.Error) -> JournalError:
    """What SQLite's error means for whoever looks after the office."""
    file = path or "the database"
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED:
        return JournalDamagedError(f"{file} is damaged: {error}. {CURE}.")
    return JournalError(f"{file}: {error}. Is the folder writable, the disk not full?")


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

    def __init__(self, path: Path, anchor: Anchor | None = None) -> None:
        self.path = path
        self.anchor = anchor
        self.loss: Loss | None = None  # what the anchor says is missing, seen when the file was opened
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._places: dict[Path, tuple[int, int] | None] = {}
        self.last_seq = 0
        self.last_hash = GENESIS

    def open(self) -> None:
        """Creates or opens the file and brings its tables up to date; raises `JournalError`.

        What its anchor says is missing stands in `loss` then, and the write-ahead log is kept before SQLite trims it.
        """
        try:
            self._check_end()
            self._writer = connect(self.path)
            if not self._is_current():
                self._migrate()
            self._reader = connect(self.path)
            self.reload_end()
            self._places = {path: file_at(path) for path in (self.path, self.path.with_name(f"{self.path.name}-wal"))}
        except sqlite3.Error as error:
            self.close()
            raise journal_error(self.path, error) from error
        if self.anchor is not None:
            self._open_anchor(self.anchor)

    def open_to_read(self) -> None:
        """For looking only, also while a server writes; nothing is created. Raises `JournalError`."""
        try:
            try:
                self._read_with("mode=ro")
            except sqlite3.OperationalError as error:
                self._refuse_unread_log(error)
                self._read_with("mode=ro&immutable=1")  # SQLite shares a file with writers only where it may write
        except sqlite3.OperationalError as error:
            self.close()
            raise JournalError(f"{self.path} cannot be read: {error}. Is --data right?") from error
        except sqlite3.Error as error:
            self.close()
            raise journal_error(self.path, error) from error

    def _read_with(self, how: str) -> None:
        uri = f"{self.path.absolute().as_uri()}?{how}"
        self._reader = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5.0)
        self.reload_end()

    def _refuse_unread_log(self, error: sqlite3.OperationalError) -> None:
        """In a folder that takes no files the journal is read as it lies there; not without its newest entries."""
        if os.access(self.path.absolute().parent, os.W_OK, effective_ids=True) or not self.path.is_file():
            raise error
        ahead = self.path.with_name(f"{self.path.name}-wal")
        if ahead.is_file() and ahead.stat().st_size:
            raise JournalError(
                f"{self.path} cannot be read in a folder that takes no files: its newest entries stand in "
                f"{ahead.name}. Copy the folder to where you may write, and read it there"
            ) from error

    @staticmethod
    def _open_anchor(anchor: Anchor) -> None:
        """Its disk may be away or full: the office opens all the same, and says that its end is not noted."""
        try:
            anchor.open()
        except OSError as error:
            anchor.failed(error)

    def _check_end(self) -> None:
        """Compares the file with its anchor before anything is written."""
        try:
            anchored = self.anchor.read() if self.anchor else None
        except (ValueError, OSError) as error:
            log.warning("anchor-unreadable", error=str(error))
            return
        if anchored is None:
            return
        self.loss = Loss(ends=0, anchored=anchored)
        if self.has_table():
            with Journal(self.path).reading() as journal:
                self.loss = journal.lacks(anchored)
        ahead = self.path.with_name(f"{self.path.name}-wal")
        if self.loss is not None and ahead.is_file() and ahead.stat().st_size:
            shutil.copy2(ahead, ahead.with_name(f"{LOST}-{anchored.seq}.wal"))

    def has_table(self) -> bool:
        """Whether the file is a journal at all: without its write-ahead log it may be an empty database."""
        if not self.path.is_file():
            return False
        with closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=5.0)) as file:
            return file.execute("select 1 from sqlite_master where name = 'journal'").fetchone() is not None

    def lacks(self, anchored: End | None) -> Loss | None:
        """What this file lacks of a record that had come to `anchored`."""
        if anchored is None:
            return None
        row = self.reader.execute("select hash from journal where seq = ?", (anchored.seq,)).fetchone()
        return loss(End(self.last_seq, self.last_hash), anchored, row[0] if row else None)

    @contextmanager
    def reading(self) -> "Iterator[Journal]":
        """The file open for looking, closed again at the end."""
        self.open_to_read()
        try:
            yield self
        finally:
            self.close()

    def _is_current(self) -> bool:
        """Whether the tables are those of this program; refuses a file that a newer one has written."""
        assert self._writer is not None
        found = int(self._writer.execute("pragma user_version").fetchone()[0])
        if found > SCHEMA:
            self.close()
            raise JournalDamagedError(
                f"{self.path} was written by a newer version (schema {found}; this one knows up to {SCHEMA}), "
                "and was left as it is. Install that version again, or restore the backup made before the update"
            )
        return found == SCHEMA

    def _migrate(self) -> None:
        """Loads sqlite-utils only when there is something to migrate: it takes a fifth of a second."""
        from sqlite_utils import Database

        from queue_server.journal.migrations import migrations

        assert self._writer is not None
        migrations.apply(Database(self._writer))
        self._writer.execute(f"pragma user_version = {SCHEMA}")

    def close(self) -> None:
        if self.anchor is not None:
            self.anchor.close()
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

    def displaced(self) -> Path | None:
        """A file of the journal that was deleted or replaced while we have it open: nothing in it outlives us."""
        return next((path for path, place in self._places.items() if file_at(path) != place), None)

    def _refuse_displaced(self) -> None:
        if gone := self.displaced():
            raise sqlite3.OperationalError(f"{gone.name} was deleted or replaced under the running server")

    def rescue(self, target: Path) -> None:
        """Copies what the open file holds, also when it has no name any more. Raises `sqlite3.Error`."""
        with closing(sqlite3.connect(target)) as copy:
            self.reader.backup(copy)

    def append(self, entries: Sequence[Entry], rows: Sequence[Statement]) -> None:
        """Writes entries and projections in one durable transaction; raises `sqlite3.Error` where they are not kept."""
        writer = self._writer
        if writer is None:
            raise sqlite3.OperationalError("the journal is closed")
        self._refuse_displaced()
        writer.execute("begin immediate")
        try:
            writer.executemany(_INSERT, [entry_row(entry) for entry in entries])
            for sql, values in rows:
                writer.execute(sql, values)
            writer.execute("commit")
            self._refuse_displaced()  # what went into a file without a name is not acknowledged
        except BaseException:
            if writer.in_transaction:
                writer.execute("rollback")
            raise
        if self.anchor is not None and entries:
            self.anchor.write(End(entries[-1].seq, entries[-1].hash))

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

    def last_at(self) -> datetime | None:
        """The moment of the newest entry, by the clock it was written under."""
        row = self.reader.execute("select at from journal order by seq desc limit 1").fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def newest_at(self) -> datetime | None:
        """The latest moment of the latest office day, which a wrong clock may have written."""
        row = self.reader.execute("select max(at) from journal where day = (select max(day) from journal)").fetchone()
        return datetime.fromisoformat(row[0]) if row and row[0] else None

    def last_day(self) -> str | None:
        """The office day of the newest entry."""
        row = self.reader.execute("select day from journal order by seq desc limit 1").fetchone()
        return str(row[0]) if row else None

    def end_of(self, day: str) -> End | None:
        """The newest entry of an office day; None where nothing happened on it."""
        row = self.reader.execute("select seq, hash from journal where day = ? order by seq desc", (day,)).fetchone()
        return End(*row) if row else None

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
