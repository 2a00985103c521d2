"""What an office has besides its record, for the machine that follows: everything that belongs into a backup."""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path, PurePosixPath

from queue_server.journal.backup import DATABASE, OUTSIDE, members, outside_names
from queue_server.keys import give_to_owner
from queue_server.settings import ANCHOR, JOURNAL, LOSSES

FOLLOWERS = "followers.json"  # of an office: who follows it
FOLLOWING = "following.json"  # of a machine that follows: whom
# The record comes entry by entry; the rest speaks of one machine only.
OF_ONE_MACHINE = (JOURNAL, ANCHOR, LOSSES, FOLLOWERS, FOLLOWING, "epoch", "*.wal")


class OfficeFiles:
    """The files of one office: of its data folder, and its site file with what that names."""

    def __init__(self, data: Path, outside: tuple[Path, ...] = ()) -> None:
        self.data = data
        self.outside = {f"{OUTSIDE}/{name}": path for name, path in outside_names(outside).items()}
        self.site = next(iter(self.outside), None)

    def marks(self) -> dict[str, str]:
        """Each file by name, with a mark that changes when it does."""
        inside = {name: self.data / name for name in members(self.data) if is_followed(name)}
        marks = {name: _mark(path) for name, path in {**inside, **self.outside}.items()}
        return {name: mark for name, mark in marks.items() if mark}

    def content(self, name: str) -> bytes | None:
        """A file as it is now, a database as of one moment; None where there is none of that name."""
        path = self.outside.get(name, self.data / name)
        if name not in self.marks():
            return None
        with path.open("rb") as file:
            begin = file.read(len(DATABASE))
            if begin != DATABASE:
                return begin + file.read()
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
            return base.serialize()


def is_followed(name: str) -> bool:
    """Whether a file of the data folder is kept by the machine that follows."""
    return not any(fnmatch(name, pattern) for pattern in OF_ONE_MACHINE)


def digest(marks: Mapping[str, str]) -> str:
    """One short text for all marks."""
    return sha256(repr(sorted(marks.items())).encode()).hexdigest()[:16]


def put(data: Path, name: str, content: bytes) -> None:
    """Writes a file that came, whole or not at all, for the folder's owner only; raises `ValueError` for a bad name."""
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts or not is_followed(name):
        raise ValueError(f"{name!r} is no name of a file to follow")
    place = data / parts
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = place.with_name(f".{place.name}.part")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    give_to_owner(half)
    half.replace(place)


def _mark(path: Path) -> str:
    try:
        known = path.stat()
    except OSError:
        return ""
    return f"{known.st_size}-{known.st_mtime_ns}"
