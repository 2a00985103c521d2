"""What the forecaster keeps between two days: `forecast.json` in the data folder, written whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any

from queue_server.forecaster.look import Memory
from queue_server.forecasting.waits import Teller
from queue_server.logs import Log

log = Log(__name__)

KEPT = "forecast.json"


def kept_path(data: Path) -> Path:
    """Where the scores and the learned intervals stand."""
    return data / KEPT


def save(data: Path, memory: Memory) -> None:
    """Replaces the file in one step; raises `OSError`."""
    teller = memory.teller.to_state()
    document = {"v": 1, "teller": teller, "nights": memory.nights, "day": memory.day, "seq": memory.seq}
    replace_whole(kept_path(data), document)


def replace_whole(path: Path, document: object) -> None:
    """Writes beside the file and puts it in its place: a killed program leaves the old one. Raises `OSError`."""
    half = path.with_name(f"{path.name}.new")
    with half.open("w", encoding="utf-8") as out:
        json.dump(document, out, ensure_ascii=False, allow_nan=False)
        out.flush()
        os.fsync(out.fileno())
    half.replace(path)


def load(data: Path) -> Memory:
    """What was kept; a new office, or a file that nobody can read, begins anew and says so."""
    try:
        document = read(data)
        return Memory(
            teller=Teller.from_state(document["teller"]),
            nights=list(document["nights"]),
            day=str(document.get("day", "")),
            seq=int(document.get("seq", 0)),
        )
    except FileNotFoundError:
        return Memory()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("forecast-file-unreadable", file=kept_path(data), error=repr(error))
        return Memory()


def read(data: Path) -> dict[str, Any]:
    """The document as it stands; raises `OSError`, `ValueError` or `TypeError`."""
    return dict(json.loads(kept_path(data).read_text("utf-8")))
