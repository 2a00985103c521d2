"""Names inside a data folder."""

from pathlib import Path

JOURNAL = "journal.sqlite3"
ANCHOR = "anchor"
LOSSES = "losses.jsonl"


def journal_path(data: Path) -> Path:
    return data / JOURNAL


def anchor_path(data: Path, folder: Path | None = None) -> Path:
    """Where the end of the record is noted: a folder of its own, best on another disk, or the data folder."""
    return (folder or data) / ANCHOR


def losses_path(data: Path, folder: Path | None = None) -> Path:
    """What the record has lost, beside the anchor."""
    return (folder or data) / LOSSES
