"""Backup and restore of a data folder: one archive with everything that is not made anew, checked before it counts.

Memory is constant and every copy is made on the target's own disk, however many years the journal holds.
"""

import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath

from queue_server.journal.anchor import Anchor, End
from queue_server.journal.journal import Journal, JournalError
from queue_server.journal.made_anew import is_made_anew
from queue_server.journal.verify import verify
from queue_server.settings import ANCHOR, JOURNAL, LOSSES, anchor_path, losses_path

DATABASE = b"SQLite format 3\0"
OUTSIDE = "outside"  # folder of the archive for what lies outside the data folder: site file, catalogues, certificates
UNREADABLE = (OSError, EOFError, zlib.error, tarfile.TarError)


def backup(data: Path, target: Path, outside: tuple[Path, ...] = (), anchor: Path | None = None) -> Path:
    """Writes a consistent copy of the data folder, and files outside it, into one archive; the server may run on.

    `anchor`: the folder of the anchor and the losses, where that is not the data folder. Raises `JournalError`; the
    target appears whole or not at all.
    """
    if not (data / JOURNAL).is_file():
        raise JournalError(f"{data / JOURNAL} is not there: nothing to back up. Is --data right?")
    target.parent.mkdir(parents=True, exist_ok=True)
    anchored = _anchored(anchor_path(data, anchor))
    losses = losses_path(data, anchor)
    with _workshop(target.parent) as folder:
        copies = {name: _copied(data / name, folder / str(number)) for number, name in enumerate(databases(data))}
        end = check(copies[JOURNAL])
        note_end(folder / ANCHOR, anchored if anchored and anchored.seq > end.seq else end)
        part = folder / target.name
        lost = {LOSSES: losses} if losses.is_file() else {}
        _pack(data, {**copies, **lost, ANCHOR: folder / ANCHOR}, outside, part)
        part.replace(target)
    return target


def members(data: Path) -> list[str]:
    """The files of a data folder that belong into its backup, by their path inside it."""
    files = (path.relative_to(data) for path in sorted(data.rglob("*")) if path.is_file() and not path.is_symlink())
    return [name.as_posix() for name in files if not is_made_anew(name)]


def databases(data: Path) -> list[str]:
    """Those that are SQLite files: they are copied by SQLite, whoever writes to them meanwhile."""
    found = []
    for name in members(data):
        with (data / name).open("rb") as file:
            if name == JOURNAL or file.read(len(DATABASE)) == DATABASE:
                found.append(name)
    return found


def check(path: Path) -> End:
    """Verifies a journal file; raises `JournalError` with the first problem, returns where it ends."""
    journal = Journal(path)
    journal.open()
    try:
        verdict = verify(journal)
        end = End(journal.last_seq, journal.last_hash)
    finally:
        journal.close()
    if verdict.problems:
        raise JournalError(f"{path.name}: {verdict.problems[0]}")
    return end


def note_end(path: Path, end: End) -> None:
    """Notes where a journal ends that is copied or restored."""
    anchor = Anchor(path)
    anchor.open()
    anchor.write(end)
    anchor.close()


def restore(source: Path, data: Path) -> int:
    """Unpacks a backup into a data folder that holds no journal yet; returns the number of entries.

    Raises `JournalError`, and then the folder is as it was.
    """
    if any(data.glob(JOURNAL + "*")):  # also its write-ahead log, which would be taken for the restored one's
        raise JournalError(f"{data} already holds a journal; restore into an empty folder")
    fresh = not data.exists()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with _workshop(data) as folder:
            _unpack(source, folder)
            end = check(folder / JOURNAL)
            if not (folder / ANCHOR).is_file():
                note_end(folder / ANCHOR, end)
            _move(folder, data)
    except BaseException:
        if fresh:
            shutil.rmtree(data, ignore_errors=True)
        raise
    return end.seq


@contextmanager
def _workshop(place: Path) -> Iterator[Path]:
    """A folder that only we read, on the disk where the result will lie."""
    with tempfile.TemporaryDirectory(prefix=".motcua-", dir=place) as folder:
        yield Path(folder)


def _anchored(path: Path) -> End | None:
    try:
        return Anchor(path).read()
    except ValueError:
        return None


def _copied(source: Path, copy: Path) -> Path:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
    shutil.copystat(source, copy)
    return copy


def _pack(data: Path, copies: dict[str, Path], outside: tuple[Path, ...], part: Path) -> None:
    """The archive holds the keys, so only its owner may read it."""
    with (
        os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive,
    ):
        beside = {f"{OUTSIDE}/{name}": path.resolve() for name, path in outside_names(outside).items()}
        inside = {name: data / name for name in (*members(data), *copies)}
        for name, path in {**inside, **copies, **beside}.items():  # of a restored folder, `outside` lies inside
            archive.add(path, name, recursive=False)
        file.flush()
    with part.open("rb") as written:
        os.fsync(written.fileno())


def outside_names(outside: tuple[Path, ...]) -> dict[str, Path]:
    """Names for files from outside, as they lie around the first of them, the site file, which names the others."""
    names = {}
    for path in outside:
        beside = path.is_relative_to(outside[0].parent) and ".." not in path.relative_to(outside[0].parent).parts
        names[path.relative_to(outside[0].parent).as_posix() if beside else path.name] = path
    return names


def _unpack(source: Path, folder: Path) -> None:
    try:
        _take_out(source, folder)
    except UNREADABLE as error:
        raise JournalError(f"{source} is not a backup: {error}") from error
    if not (folder / JOURNAL).is_file():
        raise JournalError(f"{source} holds no journal")


def _take_out(source: Path, folder: Path) -> None:
    """Takes out plain files only, none of them beyond the folder; raises `tarfile.TarError` for anything else."""
    with tarfile.open(source, "r:gz") as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if not member.isreg() or name.is_absolute() or ".." in name.parts or not name.parts:
                raise tarfile.ReadError(f"it holds {member.name!r}, which no backup of ours does")
            content = archive.extractfile(member)
            assert content is not None  # a regular file has content
            place = folder / name
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                shutil.copyfileobj(content, out)


def _move(folder: Path, data: Path) -> None:
    """The journal comes last: a restore that was cut off leaves no folder that looks whole."""
    names = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    for name in sorted(names, key=lambda name: name == Path(JOURNAL)):
        (data / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / name).replace(data / name)
