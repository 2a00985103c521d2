"""What the kiosk must not forget: leased numbers, numbers issued alone, and what is still to be told to the server.

One SQLite file, every change durable before it counts. A number leaves the lease and enters the list of things to hand
in within one transaction: no kill, at any moment, can issue it twice or lose it.
"""

import json
import logging
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from kiosk.lease import Leased, choose
from kiosk.office_time import Heard

_log = logging.getLogger(__name__)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS leased (
    day TEXT NOT NULL, number TEXT NOT NULL, prefix TEXT NOT NULL, token TEXT NOT NULL, url TEXT NOT NULL,
    used INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (day, number)
) STRICT;
CREATE TABLE IF NOT EXISTS letters (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, day TEXT NOT NULL,
    body TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS letters_due ON letters (state, seq);
CREATE TABLE IF NOT EXISTS heard (
    id INTEGER PRIMARY KEY CHECK (id = 1), at TEXT NOT NULL, wall TEXT NOT NULL, steady REAL NOT NULL,
    boot TEXT NOT NULL
) STRICT;
"""

OTHER_DAY: Final = "day-other"  # the server's code for a number of a day that it is not on


class Kind(StrEnum):
    """What a letter to the server is about."""

    SETTLE = "settle"  # find out what became of a command, and cancel the number it brought
    HAND_IN = "hand-in"
    REPORT = "report"
    CANCEL = "cancel"


class Fate(StrEnum):
    """`OPEN`: a command under way right now; after a crash it is due. `REFUSED` letters stay for people to look at."""

    OPEN = "open"
    DUE = "due"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Something to tell the server. `key` is its idempotency key, `answer` what came back."""

    seq: int
    key: str
    kind: Kind
    day: str
    body: dict[str, Any]
    state: Fate
    tries: int
    answer: str


class Spool:
    """The file. May be used from several threads; opens on first use of `open`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._base: sqlite3.Connection | None = None
        self._places: tuple[tuple[int, int] | None, ...] = ()

    def open(self) -> None:
        """Make or open the file. Commands that were under way when the program ended are now to be settled."""
        self._connect().execute("UPDATE letters SET state = ? WHERE state = ?", (Fate.DUE, Fate.OPEN))

    def _connect(self) -> sqlite3.Connection:
        base = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None, timeout=5.0)
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA synchronous=FULL")
        base.executescript(_SCHEMA)
        self._base, self._places = base, self._files()
        return base

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._base is not None:
                self._base.close()
                self._base = None

    def begin(self, *, command_id: str, body: dict[str, Any], day: str) -> None:
        """Note that a ticket is about to be asked for, before the command leaves the house."""
        with self._change() as base:
            _write(base, key=command_id, kind=Kind.SETTLE, day=day, body=body, state=Fate.OPEN)

    def settled(self, command_id: str) -> None:
        """The command's end is known: its number is in the person's hand, or there never was one."""
        with self._change() as base:
            _mark(base, command_id, Fate.DONE)

    def unclear(self, command_id: str) -> None:
        """Nobody got a number, and the server may hold one under this command: to be settled."""
        with self._change() as base:
            _mark(base, command_id, Fate.DUE)

    def issue(
        self,
        *,
        command_id: str,
        prefixes: Sequence[str],
        bodies: Sequence[dict[str, Any]],
        day: str,
        unclear: bool,
    ) -> tuple[Leased, ...] | None:
        """Issue one leased number per prefix, and note all there is to tell; None when the lease has not got them all.

        `unclear`: the server may have issued a number to this command; it is cancelled before ours is handed in.
        """
        with self._change() as base:
            chosen = choose(_free(base, day), prefixes, day)
            if chosen is None:
                return None
            _mark(base, command_id, Fate.DUE if unclear else Fate.DONE)
            for leased, body in zip(chosen, bodies, strict=True):
                base.execute("UPDATE leased SET used = 1 WHERE day = ? AND number = ?", (day, leased.number))
                key = f"hand-in-{secrets.token_hex(16)}"  # nobody can use it up before us
                whole = body | {"number": leased.number, "day": day}
                _write(base, key=key, kind=Kind.HAND_IN, day=day, body=whole, state=Fate.DUE)
            return chosen

    def post(self, *, key: str, kind: Kind, day: str, body: dict[str, Any]) -> None:
        """Note something to tell the server; the same key again is the same letter."""
        with self._change() as base:
            _write(base, key=key, kind=kind, day=day, body=body, state=Fate.DUE)

    def due(self) -> tuple[Letter, ...]:
        """What is to be told, in the order in which it happened."""
        return self._letters("WHERE state = 'due' ORDER BY seq LIMIT 200")

    def all_letters(self) -> tuple[Letter, ...]:
        """Every letter, for people and tests to look at."""
        return self._letters("ORDER BY seq")

    def finish(self, seq: int, state: Fate, answer: str = "") -> None:
        """The letter has its end."""
        with self._change() as base:
            base.execute("UPDATE letters SET state = ?, answer = ? WHERE seq = ?", (state, answer, seq))

    def failed(self, seq: int) -> None:
        """The server could not take the letter; it stays due."""
        with self._change() as base:
            base.execute("UPDATE letters SET tries = tries + 1 WHERE seq = ?", (seq,))

    def ticket_of(self, number: str, day: str) -> tuple[Fate, str] | None:
        """The fate of a number's hand-in and, once done, its ticket id at the server."""
        found = self._letters(
            "WHERE kind = ? AND day = ? AND json_extract(body, '$.number') = ?", (Kind.HAND_IN, day, number)
        )
        return (found[0].state, found[0].answer) if found else None

    def keep_lease(self, numbers: Iterable[Leased], *, day: str) -> None:
        """Take over the lease as the server sees it; what was issued here stays issued.

        Numbers of that day that were refused while a wrong clock had the server on another one are due again.
        """
        held = tuple(numbers)
        with self._change() as base:
            base.execute(
                "UPDATE letters SET state = 'due', answer = '' "
                "WHERE kind = 'hand-in' AND state = 'refused' AND answer = ? AND day = ?",
                (OTHER_DAY, day),
            )
            base.execute("DELETE FROM leased WHERE used = 0 OR day <> ?", (day,))
            base.executemany(
                "INSERT OR IGNORE INTO leased (day, number, prefix, token, url) VALUES (?, ?, ?, ?, ?)",
                [(each.day, each.number, each.prefix, each.token, each.url) for each in held if each.day == day],
            )

    def free(self, day: str) -> tuple[Leased, ...]:
        """The numbers that may still be issued on that day."""
        with self._lock:
            return tuple(_free(self._opened(), day))

    def lease_day(self) -> str | None:
        """The day of the numbers at hand; None without any."""
        with self._lock:
            return self._opened().execute("SELECT max(day) FROM leased").fetchone()[0]  # type: ignore[no-any-return]

    def keep_time(self, heard: Heard) -> None:
        """Keep the server's time as it was heard last."""
        row = (heard.at.isoformat(), heard.wall.isoformat(), heard.steady, heard.boot)
        with self._change() as base:
            base.execute("INSERT OR REPLACE INTO heard (id, at, wall, steady, boot) VALUES (1, ?, ?, ?, ?)", row)

    def kept_time(self) -> Heard | None:
        """The server's time as it was heard last; None when it never was."""
        with self._lock:
            row = self._opened().execute("SELECT at, wall, steady, boot FROM heard").fetchone()
        if row is None:
            return None
        at, wall = (datetime.fromisoformat(text) for text in row[:2])
        return Heard(at=at, wall=wall, steady=row[2], boot=row[3])

    def forget_before(self, day: str) -> None:
        """Drop what earlier days have settled; refused letters stay."""
        with self._change() as base:
            base.execute("DELETE FROM letters WHERE state = 'done' AND day < ?", (day,))

    def _letters(self, where: str, values: tuple[Any, ...] = ()) -> tuple[Letter, ...]:
        query = f"SELECT seq, key, kind, day, body, state, tries, answer FROM letters {where}"  # noqa: S608  # own words only
        with self._lock:
            rows = self._opened().execute(query, values).fetchall()
        return tuple(
            Letter(
                seq=seq,
                key=key,
                kind=Kind(kind),
                day=day,
                body=json.loads(body),
                state=Fate(state),
                tries=tries,
                answer=answer,
            )
            for seq, key, kind, day, body, state, tries, answer in rows
        )

    def _files(self) -> tuple[tuple[int, int] | None, ...]:
        """Which files lie where ours should, by device and inode."""
        return tuple(_file_at(self._path.with_name(f"{self._path.name}{end}")) for end in ("", "-wal"))

    def _make_again(self, base: sqlite3.Connection) -> sqlite3.Connection:
        """A file that was deleted under us is still open: what it holds gets its name back before anything changes."""
        _log.error("the spool %s was deleted or replaced while the kiosk runs: made again", self._path)
        copy = self._path.with_name(f".{self._path.name}.again")
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(copy)) as again:
            base.backup(again)
        base.close()
        for end in ("-wal", "-shm"):
            self._path.with_name(f"{self._path.name}{end}").unlink(missing_ok=True)
        copy.replace(self._path)
        return self._connect()

    def _opened(self) -> sqlite3.Connection:
        if self._base is None:
            raise sqlite3.ProgrammingError("the spool is not open")
        return self._base

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction."""
        with self._lock:
            base = self._opened()
            if self._files() != self._places:
                base = self._make_again(base)
            base.execute("BEGIN IMMEDIATE")
            try:
                yield base
            except BaseException:
                base.execute("ROLLBACK")
                raise
            base.execute("COMMIT")


def _file_at(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _write(base: sqlite3.Connection, *, key: str, kind: Kind, day: str, body: dict[str, Any], state: Fate) -> None:
    base.execute(
        "INSERT OR IGNORE INTO letters (key, kind, day, body, state) VALUES (?, ?, ?, ?, ?)",
        (key, kind, day, json.dumps(body, ensure_ascii=False), state),
    )


def _mark(base: sqlite3.Connection, command_id: str, state: Fate) -> None:
    base.execute(
        "UPDATE letters SET state = ? WHERE key = ? AND kind = ? AND state IN ('open', 'due')",
        (state, command_id, Kind.SETTLE),
    )


def _free(base: sqlite3.Connection, day: str) -> list[Leased]:
    rows = base.execute("SELECT day, number, prefix, token, url FROM leased WHERE used = 0 AND day = ?", (day,))
    return [Leased(day=d, number=n, prefix=p, token=t, url=u) for d, n, p, t, u in rows]
