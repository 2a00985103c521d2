"""The record on the machine that follows: each entry checked as it comes, written with its tables, durable."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from queue_server.journal.anchor import Anchor, End
from queue_server.journal.codec import decode
from queue_server.journal.entry import Entry, chain_hash
from queue_server.journal.journal import Journal, JournalDamagedError
from queue_server.journal.projector import Statement, project
from queue_server.journal.replay import UNREADABLE
from queue_server.journal.schema import COLUMNS
from queue_server.queue.evolve import evolve
from queue_server.queue.state import OfficeDay
from queue_server.settings import anchor_path, journal_path


class NotOursError(JournalDamagedError):
    """What comes does not continue the record that lies here; to try again does not help."""


class Copy:
    """The journal of a machine that follows. `open` first."""

    def __init__(self, data: Path) -> None:
        self.journal = Journal(journal_path(data), Anchor(anchor_path(data)))
        self._state = OfficeDay()

    @property
    def end(self) -> End:
        """What lies on this machine's disk."""
        return End(self.journal.last_seq, self.journal.last_hash)

    def open(self) -> None:
        """Opens the file and folds its newest day; raises `JournalError`."""
        self.journal.open()
        if self.journal.loss is not None:
            raise NotOursError(f"{self.journal.loss}; then follow into an empty folder")
        day = self.journal.last_day()
        for at, event, *_ in self.journal.events(day) if day else ():
            evolve(self._state, event, at)

    def close(self) -> None:
        self.journal.close()

    def append(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Checks that the rows go on where the record here ends, and writes them; raises `NotOursError`."""
        entries: list[Entry] = []
        statements: list[Statement] = []
        end = self.end
        for row in rows:
            values = dict(zip(columns, row, strict=True))
            entry = self._checked(values, end)
            evolve(self._state, entry.event, entry.at)
            statements += project(self._state, entry.event, entry.at)
            entries.append(entry)
            end = End(entry.seq, entry.hash)
        if entries:
            self.journal.append(entries, statements)
            self.journal.last_seq, self.journal.last_hash = end.seq, end.hash

    def _checked(self, values: dict[str, Any], end: End) -> Entry:
        if values["seq"] != end.seq + 1 or values["prev_hash"] != end.hash:
            raise NotOursError(
                f"entry {values['seq']} does not follow entry {end.seq}, which is the newest here: another record. "
                "Nothing was written; see whom this machine follows, or follow into an empty folder"
            )
        if values["hash"] != chain_hash(values["prev_hash"], *(values[name] for name in COLUMNS[:-2])):
            raise NotOursError(
                f"entry {values['seq']} was changed after the office wrote it, or on its way; nothing of it was "
                "written. Run motcua journal verify on the office's machine"
            )
        try:
            event = decode(values["kind"], values["data"])
            at = datetime.fromisoformat(values["at"])
        except UNREADABLE as error:
            raise NotOursError(
                f"entry {values['seq']} ({values['kind']}) cannot be read by this program: {error!r}. "
                "Is the office's program newer? Update this machine too"
            ) from error
        return Entry(event=event, **{**values, "at": at})
