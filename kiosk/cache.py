"""What the kiosk last heard, kept on disk, so that it starts without the server."""

import json
import os
from pathlib import Path
from typing import Any


class Cache:
    """One JSON file, replaced whole: after a power cut it is the old one or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, Any]:
        """What was kept; empty when there is nothing usable."""
        try:
            kept = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def save(self, kept: dict[str, Any]) -> None:
        """Keep this instead. Raises `OSError` when the disk does not take it."""
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(json.dumps(kept, ensure_ascii=False))  # json.dump encodes in Python, eight times slower
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
