"""What the forecasting program says, and what becomes of its lines: late, cut, doubled, not understood, or none at all.

It foresees by the dice: the office has to bear what is wrong, out of date or of another day.
"""

import json
import random
from datetime import datetime
from typing import Any

from tests.storm.adapter_site import COUNTERS, SERVICES, either

CHOOSE = either("queue_server.queue.routing:choose")

EVERY = 12.0  # seconds between two lines: the office believes one for twenty
FATES = ("forecast-late", "forecast-cut", "forecast-doubled", "forecast-garbage", "forecast-failed")
GARBAGE = (b"Traceback (most recent call last):\n", b"[]\n", b"{}\n", b"\xff\xfe\n", b"null\n")
LOOK_AHEAD = "look-ahead"


def said(program: Any, dice: random.Random) -> tuple[bytes, dict[str, str]]:
    """A line about the office as it is now, and whom it names for each counter."""
    state, now = program.state, program.now()
    waiting = [ticket.id for ticket in state.waiting()]
    likely = round(dice.uniform(60.0, 3000.0), 1)
    band = [likely / 2, likely, likely * 2]
    classes = {"walk_in": band, "elderly": band}
    best = {counter: _best(state, counter, now, waiting, dice) for counter in COUNTERS} if waiting else None
    line = {
        "at": now.isoformat(), "day": state.day, "seq": 0, "tickets": dict.fromkeys(waiting, band),
        "services": dict.fromkeys(SERVICES, classes),
        "risks": [], "advice": [], "effects": [], "accuracy": [], "alerts": [], "cost_ms": 1.0,
        "foresight": best,
    }  # fmt: skip
    return json.dumps(line).encode() + b"\n", {counter: str(row["ticket"]) for counter, row in (best or {}).items()}


def _best(state: Any, counter: str, now: datetime, waiting: list[str], dice: random.Random) -> dict[str, Any]:
    base = CHOOSE(state, counter, now)
    return {
        "at": now.isoformat(), "ticket": dice.choice(waiting), "against": base.ticket if base else waiting[0],
        "services": list(state.counters[counter].services), "runner_up": dice.choice((None, *waiting)),
        "saved": round(dice.uniform(-5.0, 30.0), 1), "futures": 16,
    }  # fmt: skip


def fated(line: bytes, dice: random.Random, chances: dict[str, float]) -> tuple[str | None, list[tuple[float, bytes]]]:
    """What befalls a line, and what comes of it: each after how many seconds, and its bytes."""
    kind = next((kind for kind in FATES if dice.random() < chances.get(kind, 0.0)), None)
    match kind:
        case "forecast-late":
            return kind, [(dice.choice((3.0, 15.0, 60.0, 900.0)) * dice.uniform(0.5, 1.5), line)]
        case "forecast-cut":
            return kind, [(0.0, line[: dice.randrange(len(line))])]
        case "forecast-doubled":
            return kind, [(0.0, line), (dice.uniform(0.0, 30.0), line)]
        case "forecast-garbage":
            return kind, [(0.0, dice.choice(GARBAGE))]
        case "forecast-failed":
            return kind, [(0.0, b'{"failed": "no knowledge yet"}\n')]
        case _:
            return None, [(0.0, line)]
