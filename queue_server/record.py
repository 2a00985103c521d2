"""The record while the office works: what it has lost, whether its file is sound, and where it ends, for outside."""

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from queue_server.generation import FILE as GENERATION
from queue_server.journal.anchor import GONE, Anchor, Loss
from queue_server.journal.entry import Entry
from queue_server.journal.journal import CURE, Journal, JournalDamagedError, JournalError, journal_error
from queue_server.journal.losses import Losses
from queue_server.journal.replay import UNREADABLE
from queue_server.journal.soundness import unsound
from queue_server.kit.program import program
from queue_server.logs import Log
from queue_server.messaging.epoch import FILE as EPOCH
from queue_server.office import Office
from queue_server.queue.events import DayClosed, DayOpened
from queue_server.sessions import FILE as SESSIONS
from queue_server.settings import anchor_path, journal_path, losses_path
from queue_server.syslog import Receiver, Syslog

log = Log(__name__)
digests = Log("queue_server.digest")

CHECK_AFTER = 20.0  # seconds after a start: the first people come first
WATCH = 1.0  # seconds between two looks whether the files are still there
STARTED = (EPOCH, SESSIONS, GENERATION)  # made by a start or after a loss, never before the first one


class Record:
    """Watches over one office's journal. `opened` when its journal is open, `close` before it is closed."""

    def __init__(
        self, data: Path, folder: Path | None = None, to: Receiver | None = None, check_after: float = CHECK_AFTER
    ) -> None:
        self.journal = Journal(journal_path(data), Anchor(anchor_path(data, folder)))
        self.losses = Losses(losses_path(data, folder))
        self.damage = ""
        self.unnoted = ""  # a loss whose note could not be written
        self._check_after = check_after
        self.gone = ""
        # Asked before the other parts of a start make their files.
        self._worked_here = not self.journal.has_table() and any((data / name).exists() for name in STARTED)
        self._stopping = threading.Event()
        self._syslog = Syslog(to) if to is not None else None
        if self._syslog is not None:
            digests.add(self._syslog)

    def opened(self) -> None:
        """Says what the record has lost, keeps it until a person confirms, and looks through the file in a while."""
        if self.journal.loss is None and self._worked_here:
            self.journal.loss = GONE
        if self.journal.loss is not None:
            log.error("record-lost-its-end", loss=str(self.journal.loss))
            self._note(self.journal.loss)
        elif self.journal.last_seq == 0:
            log.warning("new-office", because=f"{self.journal.path.parent} holds no record yet: an empty one begins")
        threading.Thread(target=self._look_through, name="record", daemon=True).start()
        threading.Thread(target=self._watch, name="record-files", daemon=True).start()

    def _note(self, loss: Loss) -> None:
        try:
            self.losses.add(loss, datetime.now(UTC))
        except OSError as error:
            self.unnoted = f"{loss} (this cannot be noted in {self.losses.path}: {error.strerror})"
            log.warning("loss-not-noted", file=self.losses.path, error=str(error))

    def committed(self, entries: Sequence[Entry]) -> None:
        """A line for the machine's log, which goes to another machine where that is set up, at a day's two ends."""
        for entry in entries:
            if isinstance(entry.event, DayOpened | DayClosed):
                digests.info("record-digest", day=entry.day, at=entry.kind, end=f"{entry.seq}:{entry.hash}")

    def health(self) -> str:
        """ "ok", or one sentence."""
        if self.damage:
            return self.damage
        if self.unnoted:
            return self.unnoted
        try:
            lost = self.losses.open_ones()
        except OSError as error:
            return f"{self.losses.path} cannot be read: {error.strerror}"
        if lost:
            return f"{lost[-1].loss}; then: {program()} journal losses --confirm"
        if self.journal.anchor is not None and not self.journal.anchor.healthy:
            return (
                f"the end of the record cannot be noted in {self.journal.anchor.path}: is that disk there, not full, "
                "and open to the service? Then start again"
            )
        return "ok"

    def _watch(self) -> None:
        while not self._stopping.wait(WATCH):
            if file := self.journal.displaced():
                self._rescue(file)
                return

    def _rescue(self, file: Path) -> None:
        """What was deleted under us is still open: a copy of it is the whole record, as long as we run."""
        copy = self.journal.path.with_name(f"rescued-{self.journal.last_seq}.sqlite3")
        self.gone = f"{file} was deleted or replaced under the running server: nothing new is taken."
        try:
            self.journal.rescue(copy)
        except (sqlite3.Error, JournalError) as error:
            self.gone += f" It could not be copied ({error}). Stop the server, then restore the newest backup"
        else:
            self.gone += (
                f" All of it stands in {copy.name}: stop the server, then make that the {self.journal.path.name}"
            )
        log.error("journal-gone", problem=self.gone)

    def close(self) -> None:
        """Ends the look through the file, and the way to another machine's log."""
        self._stopping.set()
        if self._syslog is not None:
            digests.remove(self._syslog)
            self._syslog.close()

    def _look_through(self) -> None:
        if self._stopping.wait(self._check_after):
            return
        try:
            with closing(sqlite3.connect(f"{self.journal.path.absolute().as_uri()}?mode=ro", uri=True)) as file:
                file.set_progress_handler(self._stopping.is_set, 10_000)
                problem = unsound(file)
        except sqlite3.Error as error:
            problem = "" if self._stopping.is_set() else str(error)
        if problem:
            self.damage = f"the database is damaged ({problem}); {program()} journal verify says what to do"
            log.error("record-damaged", problem=problem)


def load_day(office: Office) -> None:
    """Brings the newest day into memory; raises `JournalDamagedError` where its entries cannot be read."""
    path = office.journal.path
    try:
        office.load()
    except sqlite3.Error as error:
        raise journal_error(path, error) from error
    except UNREADABLE as error:
        raise JournalDamagedError(f"{path} is damaged: the newest day cannot be read ({error!r}). {CURE}.") from error
