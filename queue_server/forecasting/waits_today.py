"""What was told today and how it did so far, so that a program that starts anew goes on where it was. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from math import isfinite, nan
from typing import Any

from queue_server.forecasting.features_live import Lesson

PENDING = 20_000  # announcements kept for scoring; the oldest go first


class Predictor(StrEnum):
    """Ways to tell a wait."""

    SIMULATION = "simulation"
    LEARNED = "learned"
    LES = "les"  # the wait of the last of the service to be called
    HOL = "hol"  # the wait so far of the service's first
    QL = "ql"  # people ahead x mean service / counters: the virtual schedule of last resort
    LAST_TEN = "last_ten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The whole wait from the due time: 80 % of such tickets are called between `low` and `high`."""

    low: float
    likely: float
    high: float
    by: Predictor

    def left(self, elapsed: float) -> "Estimate":
        """The same as seen after `elapsed` minutes of waiting."""
        gone = max(elapsed, 0.0) if isfinite(elapsed) else 0.0
        ends = [max(value - gone, 0.0) for value in (self.low, self.likely, self.high)]
        return Estimate(low=ends[0], likely=ends[1], high=ends[2], by=self.by)


@dataclass(slots=True)
class Told:
    """What one ticket was told first, kept until it is called."""

    service: str
    predicted: tuple[float, float]
    shown: tuple[float, float]
    size: str
    estimate: Estimate
    points: dict[str, float]
    columns: tuple[float, ...]


@dataclass(slots=True)
class Today:
    """The score of the day so far; minutes."""

    tickets: int = 0
    inside: int = 0
    error: float = 0.0
    errors: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


Parts = tuple[Today, dict[str, Told], dict[str, deque[float]], deque[Lesson]]


def today_state(
    today: Today, told: Mapping[str, Told], waits: Mapping[str, Sequence[float]], lessons: Sequence[Lesson]
) -> dict[str, Any]:
    """The day so far as plain JSON values; what nobody knows is null."""
    return {
        "score": asdict(today),
        "told": {ticket: {**asdict(one), "columns": _plain(one.columns)} for ticket, one in told.items()},
        "waits": {service: list(last) for service, last in waits.items()},
        "lessons": [[_plain(row), wait] for row, wait in lessons],
    }


def today_from(state: Mapping[str, Any]) -> Parts:
    """What `today_state` wrote. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    return (
        Today(**state["score"]),
        {ticket: _told(one) for ticket, one in state["told"].items()},
        {service: deque(last, maxlen=10) for service, last in state["waits"].items()},
        deque(((_numbers(row), float(wait)) for row, wait in state["lessons"]), maxlen=PENDING),
    )


def _told(one: Mapping[str, Any]) -> Told:
    ends = one["estimate"]
    return Told(
        service=str(one["service"]),
        predicted=(float(one["predicted"][0]), float(one["predicted"][1])),
        shown=(float(one["shown"][0]), float(one["shown"][1])),
        size=str(one["size"]),
        estimate=Estimate(**{**ends, "by": Predictor(ends["by"])}),
        points={str(by): float(point) for by, point in one["points"].items()},
        columns=_numbers(one["columns"]),
    )


def _plain(row: Sequence[float]) -> list[float | None]:
    return [value if isfinite(value) else None for value in row]


def _numbers(row: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(nan if value is None else float(value) for value in row)
