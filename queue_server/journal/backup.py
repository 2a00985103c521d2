"""Backup and restore of a data folder: one file, checked before it counts."""

import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from contextlib import closing
from pathlib import Path

from queue_server.journal.journal import Journal, JournalError
from queue_server.journal.replay import verify

JOURNAL = "journal.sqlite3"
KEPT = ("secret", "keys.json", "people.sqlite3")  # beside the journal: the keys, erasable personal data


def backup(data: Path, target: Path) -> Path:
    """Writes a consistent copy of the data folder into one archive, also while the server runs."""
    source = data / JOURNAL
    if not source.is_file():
        raise JournalError(f"{source} is not there: nothing to back up. Is --data right?")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / JOURNAL
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
        check(copy)
        part = target.with_suffix(target.suffix + ".part")
        try:
            _pack(copy, data, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return target


def _pack(journal: Path, data: Path, part: Path) -> None:
    """The archive holds the key of the tokens, so only its owner may read it."""
    with (
        os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
        tarfile.open(fileobj=file, mode="w:gz") as archive,
    ):
        archive.add(journal, JOURNAL)
        for name in KEPT:
            if (data / name).is_file():
                archive.add(data / name, name)


def restore(source: Path, data: Path) -> int:
    """Unpacks a backup into a data folder that holds no journal yet; returns the number of entries."""
    if any(data.glob(JOURNAL + "*")):  # also its write-ahead log, which would be taken for the restored one's
        raise JournalError(f"{data} already holds a journal; restore into an empty folder")
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(source, "r:gz") as archive:
                archive.extractall(folder, filter="data")
        except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
            raise JournalError(f"{source} is not a backup: {error}") from error
        unpacked = Path(folder) / JOURNAL
        if not unpacked.is_file():
            raise JournalError(f"{source} holds no journal")
        entries = check(unpacked)
        data.mkdir(parents=True, exist_ok=True)
        for name in (*KEPT, JOURNAL):
            if (Path(folder) / name).is_file():
                part = data / f".{name}.part"
                shutil.copy2(Path(folder) / name, part)
                part.replace(data / name)
    return entries


def check(path: Path) -> int:
    """Verifies a journal file; raises `JournalError` with the first problem, returns the number of entries."""
    journal = Journal(path)
    journal.open()
    try:
        verdict = verify(journal)
    finally:
        journal.close()
    if verdict.problems:
        raise JournalError(f"{path.name}: {verdict.problems[0]}")
    return verdict.entries
