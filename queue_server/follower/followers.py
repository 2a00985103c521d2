"""The office's end: who follows, how far behind they are, and what they have not got yet.

Nothing here is read on the event loop: entries come from the file, through a connection and a thread of their own.
"""

import asyncio
import json
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from queue_server.contract.follower import FollowerRow
from queue_server.contract.problems import Problem, Refused
from queue_server.follower.files import FOLLOWERS, OfficeFiles, digest
from queue_server.generation import Generation, count_of
from queue_server.journal.anchor import End
from queue_server.journal.entry import Entry
from queue_server.journal.schema import COLUMNS, SCHEMA
from queue_server.keys import written
from queue_server.logs import Log

log = Log(__name__)

PATIENCE = 1.0  # seconds until an answer without entries
GATHER = 0.05  # seconds in which entries come together into one answer
MOST = 1000  # entries an answer
LOOK = 1.0  # seconds between two looks at the other files
SILENT = timedelta(seconds=10)  # without a question: whoever followed is lost
FAR = 5.0  # seconds behind that are worth a word
_AFTER = f"select {', '.join(COLUMNS)} from journal where seq > ? order by seq limit {MOST}"  # noqa: S608  our own names


@dataclass(slots=True)
class Follower:
    """One machine: where it will be reached as an office, what it has on its disk, and when it last asked."""

    seen_at: datetime
    seq: int = 0
    due: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=MOST))  # end of a batch, when it was


class Followers:
    """Everybody who follows one office. On the event loop, but for what it hands to its own thread."""

    def __init__(
        self,
        files: OfficeFiles,
        journal: Path,
        *,
        office: str,
        now: Callable[[], datetime],
        steady: Callable[[], float],
    ) -> None:
        self._files = files
        self._journal = journal
        self._office = office
        self._now, self._steady = now, steady
        self._grown = asyncio.Event()
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="followers")
        self._base: sqlite3.Connection | None = None
        self._marks: tuple[float, dict[str, str]] = (-LOOK, {})
        self._end = 0
        self.generation: Generation | None = None
        self.known = {address: Follower(seen_at=at) for address, at in read_followers(files.data).items()}

    def start(self, end: int, generation: Generation | None) -> None:
        """The office opens: `end` is the number of its newest entry."""
        self._end, self.generation = end, generation

    def committed(self, entries: Sequence[Entry]) -> None:
        """Entries are on disk: wakes whoever waits for them."""
        self._end, moment = entries[-1].seq, self._steady()
        for follower in self.known.values():
            if len(follower.due) < MOST:
                follower.due.append((self._end, moment))
        self._grown.set()
        self._grown = asyncio.Event()

    def identity(self) -> dict[str, object]:
        """Which office this is."""
        name = self.generation.name if self.generation else ""
        return {"office": self._office, "generation": count_of(self.generation), "name": name}

    async def after(self, end: End, files: str, address: str) -> dict[str, object]:
        """What comes after `end`, which the asker has on its disk; waits a while where there is nothing yet.

        Raises `Refused` where our record does not hold that end.
        """
        self._heard(address, end.seq)
        if end.seq == self._end:
            await self._wait()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, self._read, end, files)

    async def content(self, name: str) -> bytes:
        """One of the other files; raises `Refused`."""
        found = await asyncio.get_running_loop().run_in_executor(self._reader, self._files.content, name)
        if found is None:
            raise Refused(Problem.NOT_FOUND, name)
        return found

    def row(self) -> FollowerRow:
        """The follower that is nearest, for the page."""
        now = self._now()
        there = [follower for follower in self.known.values() if now - follower.seen_at < SILENT]
        if there:
            return FollowerRow(behind=min(map(self._behind, there)))
        last = max((follower.seen_at for follower in self.known.values()), default=None)
        return FollowerRow(lost_since=last)

    def health(self) -> dict[str, str]:
        """The part `follower`; none in an office that nobody ever followed."""
        if not self.known:
            return {}
        row = self.row()
        if row.behind is None:
            return {"follower": f"the second machine has not asked since {row.lost_since:%Y-%m-%d %H:%M:%S %Z}"}
        return {"follower": "ok" if row.behind < FAR else f"the second machine is {row.behind:.0f} seconds behind"}

    def close(self) -> None:
        """Notes when each was last here."""
        self._note()
        self._reader.shutdown(wait=True)
        if self._base is not None:
            self._base.close()

    def _behind(self, follower: Follower) -> float:
        return round(self._steady() - follower.due[0][1], 1) if follower.due else 0.0

    def _heard(self, address: str, seq: int) -> None:
        follower = self.known.get(address)
        if follower is None or self._now() - follower.seen_at >= SILENT:
            log.info("follower-came", address=address, seq=seq, behind=self._end - seq)
            follower = self.known.setdefault(address, Follower(seen_at=self._now()))
            follower.seen_at = self._now()
            self._note()
        follower.seen_at, follower.seq = self._now(), seq
        while follower.due and follower.due[0][0] <= seq:
            follower.due.popleft()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._grown.wait(), PATIENCE)
        except TimeoutError:
            return
        await asyncio.sleep(GATHER)

    def _note(self) -> None:
        text = json.dumps({address: follower.seen_at.isoformat() for address, follower in self.known.items()})
        path = self._files.data / FOLLOWERS
        try:
            written(path.with_name(f".{FOLLOWERS}.part"), text).replace(path)
        except OSError as error:
            log.warning("followers-not-noted", error=str(error))

    def _read(self, end: End, files: str) -> dict[str, object]:
        base = self._open()
        if end.seq and self._hash(base, end.seq) != end.hash:
            raise Refused(
                Problem.RECORD_PARTED,
                f"the record here ends at entry {self._end} and does not hold your entry {end.seq}",
            )
        marks = self._look()
        return {
            **self.identity(),
            "journal_schema": SCHEMA,
            "end": self._end,
            "columns": COLUMNS,
            "entries": base.execute(_AFTER, (end.seq,)).fetchall(),
            "files": None if digest(marks) == files else marks,
            "site": self._files.site,
        }

    def _open(self) -> sqlite3.Connection:
        if self._base is None:
            uri = f"{self._journal.absolute().as_uri()}?mode=ro"
            self._base = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)
        return self._base

    def _look(self) -> dict[str, str]:
        moment = self._steady()
        if moment - self._marks[0] >= LOOK:
            self._marks = (moment, self._files.marks())
        return self._marks[1]

    @staticmethod
    def _hash(base: sqlite3.Connection, seq: int) -> str | None:
        row = base.execute("select hash from journal where seq = ?", (seq,)).fetchone()
        return str(row[0]) if row else None


def read_followers(data: Path) -> dict[str, datetime]:
    """Where machines that followed this office are reached, and when each last asked."""
    try:
        known: dict[str, Any] = json.loads((data / FOLLOWERS).read_text())
        return {address: datetime.fromisoformat(at) for address, at in known.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        log.warning("followers-unreadable", error=str(error))
        return {}
