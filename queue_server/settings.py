"""Names inside a data folder."""

from pathlib import Path

JOURNAL = "journal.sqlite3"


def journal_path(data: Path) -> Path:
    return data / JOURNAL
