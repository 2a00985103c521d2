"""The end of the record, noted outside the database: the number and hash of the newest entry that is on disk.

The note is written after each durable batch and brought to disk at most a second later, so it may lag behind the
journal and never runs ahead of it. A journal that ends before its note has lost entries.
"""

import os
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path

from queue_server.logs import Log

log = Log(__name__)

LAG = 0.5  # seconds until a note is brought to disk
SLOT = 512  # bytes: a disk writes a sector whole or not at all
SLOTS = 2  # written in turn, so that a torn one leaves the one before


@dataclass(frozen=True, slots=True)
class End:
    """Where a journal ends: the number and the hash of its newest entry."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A journal does not hold what its anchor says was on disk; `GONE` where the anchor is gone with it."""

    ends: int  # the newest entry that is there
    anchored: End

    @property
    def missing(self) -> int:
        """How many entries are gone from the end; 0 where another record stands in their place."""
        return max(0, self.anchored.seq - self.ends)

    def __str__(self) -> str:
        cure = "keep a copy of the data folder as it is, and look for them in the newest backup"
        if self == GONE:
            return (
                "the record of this office is gone, and the note of its end with it: what else lies in the folder "
                f"shows that an office worked here, all of whose entries are lost; {cure}"
            )
        if self.missing:
            return (
                f"the record ends at entry {self.ends}, but entry {self.anchored.seq} was on disk already: "
                f"{self.missing} entries are lost from its end; {cure}"
            )
        return (
            f"entry {self.anchored.seq} is not the one that this office wrote: the journal was replaced by another, "
            f"and the entries after the point where they part are lost; {cure}"
        )


GONE = Loss(ends=0, anchored=End(0, ""))


class Anchor:
    """The note of one journal. `open` before `write`; `write` belongs to the one writer thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.healthy = True
        self._file: int | None = None
        self._place: tuple[int, int] | None = None
        self._count = 0
        self._written = threading.Event()
        self._closing = threading.Event()
        self._syncer: threading.Thread | None = None

    @property
    def descriptor(self) -> int:
        """The open file; raises `ValueError` when it is not open."""
        if self._file is None:
            raise ValueError(f"{self.path} is not open")
        return self._file

    def read(self) -> End | None:
        """The note; None where there is none. Raises `ValueError` for a file that holds something else."""
        newest = self._newest()
        return newest[1] if newest else None

    def open(self) -> None:
        """Makes folder and file where there are none. Raises `OSError`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            newest = self._newest()
        except ValueError:
            newest = None
        self._count = newest[0] if newest else 0
        self._file = self._made()
        self._closing.clear()
        self._syncer = threading.Thread(target=self._sync, name="anchor", daemon=True)
        self._syncer.start()

    def write(self, end: End) -> None:
        """Notes the end of a batch that is on disk. A note that fails costs nobody their answer: it is logged."""
        if self._file is None:
            return
        self._count += 1
        try:
            self._make_again()
            os.pwrite(self._file, _line(self._count, end), SLOT * (self._count % SLOTS))
        except OSError as error:
            self.failed(error)
        else:
            self.healthy = True
            self._written.set()

    def _made(self) -> int:
        """The file, open, there where it was not."""
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        os.posix_fallocate(file, 0, SLOT * SLOTS)
        self._place = file_at(self.path)
        return file

    def _make_again(self) -> None:
        """A note that somebody deleted or replaced under the running program is not written into nowhere."""
        if file_at(self.path) == self._place:
            return
        fresh = self._made()
        log.error("anchor-gone", file=self.path, because="deleted or replaced while the office works: made again")
        os.dup2(fresh, self.descriptor)  # the syncer may be at work on it
        os.close(fresh)

    def close(self) -> None:
        """Brings the last note to disk."""
        if self._file is None or self._syncer is None:
            return
        self._closing.set()
        self._written.set()
        self._syncer.join()
        self._bring_to_disk()
        os.close(self._file)
        self._file = self._syncer = None

    def failed(self, error: OSError) -> None:
        """The end cannot be noted: it is logged once, and costs nobody their answer."""
        if self.healthy:
            log.error("anchor-not-written", file=self.path, error=str(error))
        self.healthy = False

    def _newest(self) -> tuple[int, End] | None:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        notes = [note for i in range(SLOTS) if (note := _note(content[i * SLOT : (i + 1) * SLOT]))]
        if not notes and content.strip(b"\0"):
            raise ValueError(f"{self.path} holds no end of a journal")
        return max(notes, key=lambda note: note[0], default=None)

    def _sync(self) -> None:
        while not self._closing.is_set():
            self._written.wait()
            self._closing.wait(LAG)
            self._written.clear()
            self._bring_to_disk()

    def _bring_to_disk(self) -> None:
        try:
            os.fdatasync(self.descriptor)
        except OSError as error:
            self.failed(error)


def file_at(path: Path) -> tuple[int, int] | None:
    """Which file lies at a path, by device and inode; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def loss(ends: End, anchored: End | None, hash_at_anchor: str | None) -> Loss | None:
    """What a journal lacks that ends so and holds this hash where its anchor stands; None where it is whole. Pure."""
    if anchored is None or hash_at_anchor == anchored.hash:
        return None
    return Loss(ends=ends.seq, anchored=anchored)


def _line(count: int, end: End) -> bytes:
    text = f"{count} {end.seq} {end.hash}"
    return f"{text} {zlib.crc32(text.encode()):08x}\n".encode()


def _note(slot: bytes) -> tuple[int, End] | None:
    """The note in a slot; None for an empty or torn one."""
    parts = slot.split(b"\n", 1)[0].split(b" ")
    try:
        count, seq, digest, check = (part.decode("ascii") for part in parts)
        whole = f"{zlib.crc32(f'{count} {seq} {digest}'.encode()):08x}" == check
        return (int(count), End(int(seq), digest)) if whole else None
    except ValueError:
        return None
