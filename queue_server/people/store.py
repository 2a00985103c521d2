"""The file of what is known of persons, `people.sqlite3`: each text sealed, found by a keyed mark, erased for good.

A text is written to disk before its id is given out, so no entry of the journal names an id that is not there. The key
lies in `people.key`. Without it the office works on: what was sealed with it reads as an id, and new texts get new ids.
"""

import asyncio
import hashlib
import hmac
import os
import re
import secrets
import sqlite3
import threading
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from queue_server.keys import give_to_owner, write_first
from queue_server.logs import Log

log = Log(__name__)

FILE = "people.sqlite3"
KEY = "people.key"
SCHEMA = 1  # raised with every new migration
NONCE = 12  # bytes
LOOK = 1.0  # seconds between two looks for what others changed


class Kind(StrEnum):
    """What a text is. The value begins its id: `officer:12-9f3a`, the last part tells the file."""

    OFFICER = "officer"
    NOTE = "note"


ID = re.compile(r"(officer|note):(\d+)-[0-9a-f]{4}")
UNREADABLE = {Kind.OFFICER: "cán bộ", Kind.NOTE: "ghi chú"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One text. `text` is None when it was erased or its key is lost."""

    id: str
    kind: Kind
    written_at: str
    text: str | None


class People:
    """All texts of an office, in memory as they read. May be used from several threads."""

    def __init__(self, data: Path | None = None) -> None:
        key = secrets.token_bytes(32) if data is None else load_key(data)
        self._seal = AESGCM(hmac.digest(key, b"seal", hashlib.sha256))
        self._marker = hmac.digest(key, b"mark", hashlib.sha256)
        self._key_mark = hmac.digest(key, b"name", hashlib.sha256).hex()[:16]
        self._lock = threading.Lock()
        self._base = _opened(data)
        self._file = self._base.execute("pragma application_id").fetchone()[0]
        self._ids: dict[bytes, str] = {}
        self._texts: dict[str, str] = {}
        self.unreadable = 0
        self._version = -1
        self.refresh()
        if self.unreadable:
            log.warning("people-key-lost", unreadable=self.unreadable)

    def health(self) -> str:
        """ "ok", or how many texts nobody can read any more."""
        if not self.unreadable:
            return "ok"
        return f"{self.unreadable} names and notes cannot be read: {KEY} is not the key they were sealed with"

    def close(self) -> None:
        with self._lock:
            self._base.close()

    def id_of(self, kind: Kind, text: str, now: datetime) -> str:
        """The id under which a text is known; new ones are on disk when it returns. An empty text stays empty."""
        if not text:
            return ""
        mark = hmac.digest(self._marker, f"{kind}:{text}".encode(), hashlib.sha256)
        with self._lock:
            known = self._ids.get(mark)
            return known or self._add(kind, text, mark, now)

    def _add(self, kind: Kind, text: str, mark: bytes, now: datetime) -> str:
        self._base.execute("begin immediate")
        try:
            newest = self._base.execute("select coalesce(max(number), 0) from people").fetchone()[0]
            found = self._base.execute("select id from people where mark = ?", (mark,)).fetchone()
            made = str(found[0]) if found else f"{kind}:{newest + 1}-{self._file:04x}"
            if not found:
                self._base.execute(
                    "insert into people (number, id, kind, mark, sealed, key, written_at) values (?, ?, ?, ?, ?, ?, ?)",
                    (newest + 1, made, kind, mark, self._sealed(made, text), self._key_mark, now.isoformat()),
                )
            self._base.execute("commit")
        except BaseException:
            self._base.execute("rollback")
            raise
        self._ids[mark], self._texts[made] = made, text
        return made

    def text(self, known: str) -> str:
        """What an id stands for; `cán bộ #12` when it was erased or its key is lost. Other texts stay as they are."""
        found = self._texts.get(known)
        if found is not None:
            return found
        ours = ID.fullmatch(known)
        return f"{UNREADABLE[Kind(ours[1])]} #{ours[2]}" if ours else known

    def rows(self) -> list[Row]:
        """Everything, oldest first."""
        with self._lock:
            found = self._base.execute("select id, kind, written_at from people order by number").fetchall()
        return [Row(id=i, kind=Kind(kind), written_at=at, text=self._texts.get(i)) for i, kind, at in found]

    def erase(self, known: str) -> bool:
        """Forgets what an id stands for, also in the file; False when there was nothing to forget."""
        with self._lock:
            done = self._base.execute(
                "update people set sealed = null, mark = null where id = ? and sealed is not null", (known,)
            )
            self._texts.pop(known, None)
            self._ids = {mark: one for mark, one in self._ids.items() if one != known}
            return done.rowcount == 1

    def refresh(self) -> None:
        """Reads what another program has changed, an erased name for instance."""
        with self._lock:
            version = self._base.execute("pragma data_version").fetchone()[0]
            if version == self._version:
                return
            self._version, self.unreadable = version, 0
            self._ids, self._texts = {}, {}
            for known, mark, sealed in self._base.execute("select id, mark, sealed from people where sealed not null"):
                text = self._opened_text(known, sealed)
                if text is None:
                    self.unreadable += 1
                else:
                    self._ids[mark], self._texts[known] = known, text

    def _sealed(self, known: str, text: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._seal.encrypt(nonce, text.encode(), known.encode())

    def _opened_text(self, known: str, sealed: bytes) -> str | None:
        try:
            return self._seal.decrypt(sealed[:NONCE], sealed[NONCE:], known.encode()).decode()
        except (InvalidTag, ValueError):
            return None


async def watch_people(people: People) -> None:
    """Forgets within a second what another program erased."""
    while True:
        await asyncio.sleep(LOOK)
        await asyncio.to_thread(people.refresh)


def load_key(data: Path) -> bytes:
    """The key of this folder's file; made when it is not there, readable by the folder's owner only."""
    if not (data / KEY).exists():
        write_first(data / KEY, secrets.token_hex(32))
    return bytes.fromhex((data / KEY).read_text().strip())


def _opened(data: Path | None) -> sqlite3.Connection:
    """The file; one that cannot be read is put aside, for it must not keep an office shut."""
    try:
        return _connected(data)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        if data is None:
            raise
        log.warning("people-file-spoilt", error=str(error), kept=f"{FILE}.spoilt")
        (data / FILE).replace(data / f"{FILE}.spoilt")
        return _connected(data)


def _connected(data: Path | None) -> sqlite3.Connection:
    """Every commit is on disk before it returns, and what is erased is written over."""
    path = None if data is None else data / FILE
    if path is not None and not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        give_to_owner(path)
    base = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=5.0)
    base.execute("pragma synchronous = full")
    base.execute("pragma secure_delete = on")
    verdict = base.execute("pragma quick_check").fetchone()[0]
    if verdict != "ok":
        base.close()
        raise sqlite3.DatabaseError(verdict)
    if base.execute("pragma user_version").fetchone()[0] != SCHEMA:
        _migrate(base)
    return base


def _migrate(base: sqlite3.Connection) -> None:
    """Loads sqlite-utils only when there is something to migrate: it takes a fifth of a second."""
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    migrations = Migrations("motcua.people")

    @migrations()
    def create_people(db: Database) -> None:
        table = db.table("people")
        columns = {"number": int, "id": str, "kind": str, "mark": bytes, "sealed": bytes, "key": str, "written_at": str}
        table.create(columns, pk="number", not_null={"id", "kind", "key", "written_at"})
        table.create_index(["id"], unique=True)
        table.create_index(["mark"], unique=True)

    migrations.apply(Database(base))
    base.execute(f"pragma application_id = {secrets.randbelow(0xFFFF) + 1}")  # ids of another file are none of ours
    base.execute(f"pragma user_version = {SCHEMA}")
