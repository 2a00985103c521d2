"""What the forecaster keeps between two days: `forecast.json` in the data folder, written whole or not at all."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from queue_server.forecaster.files import replace_whole
from queue_server.forecaster.look import Memory
from queue_server.forecasting.advice import Effect, Pressed
from queue_server.forecasting.waits import Teller
from queue_server.logs import Log

log = Log(__name__)

KEPT = "forecast.json"
PRESSED = TypeAdapter(list[Pressed])
EFFECTS = TypeAdapter(dict[int, Effect])


def kept_path(data: Path) -> Path:
    """Where the scores and the learned intervals stand."""
    return data / KEPT


def save(data: Path, memory: Memory) -> None:
    """Replaces the file in one step; raises `OSError`."""
    teller = memory.teller.to_state()
    document = {
        "v": 1,
        "teller": teller,
        "nights": memory.nights,
        "day": memory.day,
        "seq": memory.seq,
        "pressed": PRESSED.dump_python([_carried_out(one) for one in memory.pressed], mode="json"),
        "effects": EFFECTS.dump_python(memory.effects, mode="json"),
    }
    replace_whole(kept_path(data), document)


def _carried_out(one: Pressed) -> Pressed:
    """The press without its commands: they have been given, and are not given again."""
    return replace(one, advice=replace(one.advice, move=replace(one.advice.move, commands=())))


def load(data: Path) -> Memory:
    """What was kept; a new office, or a file that nobody can read, begins anew and says so."""
    try:
        document = read(data)
        pressed = PRESSED.validate_python(document.get("pressed", []))
        return Memory(
            teller=Teller.from_state(document["teller"]),
            nights=list(document["nights"]),
            day=str(document.get("day", "")),
            seq=int(document.get("seq", 0)),
            pressed=pressed,
            effects=EFFECTS.validate_python(document.get("effects", {})),
            shifted={counter: at for one in pressed for counter, at in one.advice.move.breaks.items()},
        )
    except FileNotFoundError:
        return Memory()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("forecast-file-unreadable", file=kept_path(data), error=repr(error))
        return Memory()


def read(data: Path) -> dict[str, Any]:
    """The document as it stands; raises `OSError`, `ValueError` or `TypeError`."""
    return dict(json.loads(kept_path(data).read_text("utf-8")))
