"""What a disk does to the record: the write-ahead log ends too early, a byte has turned. Somebody must say so.

Every cut is made on a copy of the office's disk as it is after the story, while its program still runs.
"""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.storm.adapter import JournalError, Seen, seen

HEADER, FRAME = 32, 24  # bytes of a write-ahead log: before its frames, and before the page of each
JOURNAL, AHEAD = "journal.sqlite3", "journal.sqlite3-wal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """How many of each: `edges` None cuts at every frame edge of the write-ahead log."""

    edges: int | None = 0
    flips: int = 0  # bytes that turn, in the database or its log

    @classmethod
    def usual(cls, seed: int) -> "Cuts":
        """A few, in every fourth story: each costs a start."""
        return cls(edges=2, flips=2) if seed % 4 == 0 else cls()


def silent_losses(disk: Path, truth: list[str], cuts: Cuts, dice: random.Random) -> Iterator[tuple[str, str | None]]:
    """Each cut that was made, and what is wrong about what was said of it. `truth`: the hashes of all entries."""
    ahead = disk / AHEAD
    length = ahead.stat().st_size if ahead.exists() else 0
    for edge in _edges(ahead, length, cuts, dice):
        yield f"write-ahead log cut at byte {edge} of {length}", _said(disk, truth, cut=edge)
    for _ in range(cuts.flips):
        size = (disk / JOURNAL).stat().st_size
        at, flip = dice.randrange(size + length), dice.randrange(1, 256)
        name, place = (JOURNAL, at) if at < size else (AHEAD, at - size)
        yield f"byte {place} of {name} turned by {flip}", _said(disk, truth, turned=(name, place, flip))


def cut_off(disk: Path, frames: int) -> None:
    """The last frames of the write-ahead log never came to the disk, though it said so."""
    ahead = disk / AHEAD
    length = ahead.stat().st_size if ahead.exists() else 0
    if length > HEADER:
        each = FRAME + _page(ahead)
        with ahead.open("r+b") as file:
            file.truncate(max(HEADER, HEADER + ((length - HEADER) // each - frames) * each))


def _page(ahead: Path) -> int:
    with ahead.open("rb") as file:
        return int.from_bytes(file.read(12)[8:12])


def _edges(ahead: Path, length: int, cuts: Cuts, dice: random.Random) -> list[int]:
    if length <= HEADER:
        return []
    every = list(range(HEADER, length, FRAME + _page(ahead)))
    return every if cuts.edges is None else sorted(dice.sample(every, min(cuts.edges, len(every))))


def _said(
    disk: Path,
    truth: list[str],
    cut: int | None = None,
    turned: tuple[str, int, int] | None = None,
) -> str | None:
    copy = disk.with_name("cut")
    shutil.copytree(disk, copy, ignore=shutil.ignore_patterns("*-shm", "lock"))
    try:
        if cut is not None:
            with (copy / AHEAD).open("r+b") as file:
                file.truncate(cut)
        if turned is not None:
            name, place, flip = turned
            _turn(copy / name, place, flip)
        with seen(copy) as found:
            return _judged(found, truth)
    except (JournalError, sqlite3.DatabaseError):
        return None  # the start says that the file is damaged
    except Exception as error:  # noqa: BLE001  # a finding like any other
        return f"nobody expected {error!r}"
    finally:
        shutil.rmtree(copy)


def _turn(path: Path, place: int, flip: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ flip]))


def _judged(found: Seen, truth: list[str]) -> str | None:
    if found.hashes == truth:
        return "the start says that something is lost, and nothing is" if found.loss else None
    if found.loss or found.problems():
        return None
    missing = len(truth) - len(found.hashes)
    return f"{missing} entries are gone and neither start nor verify says so" if missing else "silently other entries"
