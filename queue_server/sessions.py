"""Sessions of people who signed in on a page, and codes that sign in once: what a cookie opens stands and ends here.

A cookie holds a random value of no other use; the file knows only its hash. Everybody signs in again when it is lost.
"""

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from queue_server.auth import Tokens
from queue_server.contract.ports import SESSION, Identity
from queue_server.logs import Log

log = Log(__name__)

FILE = "sessions.sqlite3"
INVITATION = timedelta(hours=1)
_TABLE = """
create table if not exists sessions (
    id text primary key, role text not null, counter text, kiosk text, subject text not null,
    key text not null, code text not null, ends text not null
) strict, without rowid
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who signed in, with which code, under which key of this office, and until when."""

    who: Identity
    key: str
    code: str
    ends: datetime


class Sessions:
    """All sessions that run. Without a file they end with the program. `speed`: of the clock that `now` goes by."""

    def __init__(self, tokens: Tokens, path: Path | None = None, *, speed: float = 1.0) -> None:
        self._tokens = tokens
        self._speed = speed
        self._base = _opened(path)
        rows = self._base.execute("select id, role, counter, kiosk, subject, key, code, ends from sessions")
        self._running = {
            mark: Session(
                who=Identity(role=role, counter=counter, kiosk=kiosk, subject=subject),
                key=key,
                code=code,
                ends=datetime.fromisoformat(ends).replace(tzinfo=UTC),
            )
            for mark, role, counter, kiosk, subject, key, code, ends in rows
        }
        self._invitations: dict[str, tuple[Identity, datetime]] = {}

    def close(self) -> None:
        self._base.close()

    def invite(self, who: Identity, now: datetime) -> str:
        """A code that signs in once, within the hour, and only while this program runs."""
        code = secrets.token_urlsafe(24)
        self._invitations[_hash(code)] = (who, now + INVITATION * self._speed)
        return code

    def begin(self, code: str, now: datetime, running: str | None = None) -> str | None:
        """The value of a new session's cookie, for an access code or an invitation; None when it is neither.

        `running`: the cookie that came along. A link that is opened again goes on with the session it began.
        """
        if running and self.find(running, now) and self._running[_hash(running)].code == _hash(code):
            return running
        who = self._invited(code, now) or self._tokens.identify(code)
        if who is None:
            log.warning("sign-in-refused")
            return None
        value = secrets.token_urlsafe(24)
        self._forget_ended(now)
        self._keep(
            _hash(value), Session(who=who, key=self._key(who), code=_hash(code), ends=now + SESSION * self._speed)
        )
        return value

    def find(self, value: str, now: datetime) -> Identity | None:
        """Who is behind a cookie; None when its session has ended, or its key was changed."""
        session = self._running.get(_hash(value))
        return session.who if session and session.ends > now and session.key == self._key(session.who) else None

    def end(self, value: str) -> None:
        """From now on this cookie opens nothing, wherever a copy of it lies."""
        self._drop([_hash(value)])

    def _invited(self, code: str, now: datetime) -> Identity | None:
        who, ends = self._invitations.pop(_hash(code), (None, now))
        return who if ends > now else None

    def _key(self, who: Identity) -> str:
        return self._tokens.key_mark(who.role)

    def _keep(self, mark: str, session: Session) -> None:
        who = session.who
        self._base.execute(
            "insert into sessions (id, role, counter, kiosk, subject, key, code, ends) values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                mark, who.role, who.counter, who.kiosk, who.subject, session.key, session.code,
                session.ends.astimezone(UTC).replace(tzinfo=None).isoformat(),
            ),
        )  # fmt: skip
        self._running[mark] = session

    def _forget_ended(self, now: datetime) -> None:
        self._drop([mark for mark, session in self._running.items() if session.ends <= now])
        self._invitations = {mark: found for mark, found in self._invitations.items() if found[1] > now}

    def _drop(self, marks: list[str]) -> None:
        self._base.executemany("delete from sessions where id = ?", [(mark,) for mark in marks])
        for mark in marks:
            self._running.pop(mark, None)


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _opened(path: Path | None) -> sqlite3.Connection:
    """The file; one that cannot be read is put away, for sessions are no record."""
    if path is not None:
        path.touch(mode=0o600, exist_ok=True)
    try:
        return _with_table(path)
    except sqlite3.DatabaseError as error:
        if path is None or isinstance(error, sqlite3.OperationalError):
            raise
        log.warning("sessions-lost", error=str(error))
        path.unlink()
        return _with_table(path)


def _with_table(path: Path | None) -> sqlite3.Connection:
    base = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=5.0)
    base.execute("pragma synchronous = full")
    base.execute(_TABLE)
    return base
