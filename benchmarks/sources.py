"""The real data sets as files: packed or not, one or several, and a clear word where one is something else."""

import argparse
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from queue_server.forecasting import bank as calls
from queue_server.forecasting import warsaw as shops

WARSAW = ("office", "queue", "date", "minute", "called", "waiting", "open_counters", "vendor_minutes")
BANK = ("date", "type", "priority", "arr", "wait", "outcome", "server", "ser_time")


class SourceError(ValueError):
    """A file or a date that cannot be used; the message says which and why."""


def out_file(text: str) -> Path:
    """A file to write figures into; refused before hours of work where its folder is not there."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text} cannot be written: no such folder, or a folder itself")
    return path


@contextmanager
def opened(path: Path) -> Iterator[io.TextIOBase]:
    """A text file, unpacked when it is a gzip file."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as lines:
        yield lines


def warsaw(paths: Sequence[Path]) -> list[shops.Line]:
    """The queue-days of all files; a day that two files hold is taken from the later one."""
    found: dict[tuple[date, str], shops.Line] = {}
    for path in paths:
        found.update({(line.day, line.service): line for line in shops.read(_text(path, WARSAW))})
    return [found[key] for key in sorted(found)]


def bank(paths: Sequence[Path]) -> calls.Bank:
    """The calls of all files, which must have the same columns in the same order."""
    texts: list[str] = []
    for path in paths:
        text = _text(path, BANK)
        if texts and text[0] != texts[0]:
            raise SourceError(f"{path}: its columns are not those of {paths[0]}")
        texts += text[1:] if texts else text
    return calls.read(texts)


def check_dates(days: Sequence[date], test_from: date) -> None:
    """There must be days to learn from and days to test on."""
    if not days:
        raise SourceError("the file holds no day that can be read")
    first, last = min(days), max(days)
    if not first < test_from <= last:
        raise SourceError(
            f"--test-from {test_from}: the days are {first} to {last}; some must come before it, some not"
        )


def _text(path: Path, columns: Sequence[str]) -> list[str]:
    """The lines of a file that has these columns."""
    try:
        with opened(path) as text:
            lines = text.read().splitlines()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: {error}") from error
    header = lines[0].removeprefix("\ufeff").split(",") if lines else []
    missing = [name for name in columns if name not in header]
    if missing:
        raise SourceError(f"{path}: not a file of this source, it has no column {', '.join(missing)}")
    return lines
