"""What the record has lost, as it was seen at starts: one line a loss, kept until a person has confirmed it."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from queue_server.journal.anchor import GONE, End, Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedLoss:
    """A loss, when it was seen and when somebody confirmed it (ISO 8601)."""

    seen_at: str
    loss: Loss
    confirmed_at: str | None = None

    def __str__(self) -> str:
        state = f"confirmed {self.confirmed_at}" if self.confirmed_at else "not confirmed yet"
        return f"seen {self.seen_at}, {state}: {self.loss}"


class Losses:
    """The file of losses. `path` need not exist; a line that nobody can read is left out."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> list[NotedLoss]:
        """Every loss, oldest first. Raises `OSError`."""
        try:
            lines = self.path.read_text("utf-8", errors="replace").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [noted for line in lines if (noted := _noted(line)) is not None]

    def open_ones(self) -> list[NotedLoss]:
        """Those that nobody has confirmed."""
        return [noted for noted in self.all() if noted.confirmed_at is None]

    def confirmed(self) -> list[Loss]:
        """What a person has taken note of."""
        return [noted.loss for noted in self.all() if noted.confirmed_at is not None]

    def add(self, loss: Loss, seen_at: datetime) -> None:
        """Notes a loss once, however often the program starts before it is cured. Raises `OSError`."""
        noted = self.all()
        if any(known.loss == loss and not (loss == GONE and known.confirmed_at) for known in noted):
            return
        self._write([*noted, NotedLoss(seen_at=seen_at.isoformat(timespec="seconds"), loss=loss)])

    def confirm(self, at: datetime) -> int:
        """Marks all as seen by a person; returns how many were new to them. Raises `OSError`."""
        fresh = len(self.open_ones())
        moment = at.isoformat(timespec="seconds")
        self._write(noted if noted.confirmed_at else replace(noted, confirmed_at=moment) for noted in self.all())
        return fresh

    def _write(self, losses: Iterable[NotedLoss]) -> None:
        half = self.path.with_name(f"{self.path.name}.new")
        with half.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(asdict(noted)) + "\n" for noted in losses)
            out.flush()
            os.fsync(out.fileno())
        half.replace(self.path)


def _noted(line: str) -> NotedLoss | None:
    try:
        row: dict[str, Any] = json.loads(line)
        lost = row["loss"]
        anchored = End(int(lost["anchored"]["seq"]), str(lost["anchored"]["hash"]))
        return NotedLoss(
            seen_at=str(row["seen_at"]),
            loss=Loss(ends=int(lost["ends"]), anchored=anchored),
            confirmed_at=row.get("confirmed_at"),
        )
    except (ValueError, KeyError, TypeError):
        return None
