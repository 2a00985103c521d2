"""Calls of the "Anonymous Bank" (Technion, 1999): the reader. Pure. Times are seconds after midnight."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDay:
    """One day's calls in the order of their coming; one array each, same length.

    `left` is when the call stopped waiting (answered or hung up), `ended` when the agent was done;
    `agent` is -1 for calls that hung up. Types and agents are numbers into `Bank.types` and `Bank.agents`.
    """

    day: date
    kind: Ints
    priority: Ints
    came: Floats
    left: Floats
    ended: Floats
    agent: Ints

    @property
    def wait(self) -> Floats:
        """Seconds in the line."""
        return self.left - self.came

    @property
    def served(self) -> npt.NDArray[np.bool_]:
        """Whether an agent answered."""
        return self.agent >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """All days, with the names behind the numbers."""

    types: tuple[str, ...]
    agents: tuple[str, ...]
    days: tuple[BankDay, ...]


def read(lines: Iterable[str]) -> Bank:
    """The calls of a file. Rows that cannot be read or end before they begin are left out."""
    types: dict[str, int] = {}
    agents: dict[str, int] = {}
    rows: dict[date, list[tuple[float, ...]]] = defaultdict(list)
    for row in csv.DictReader(lines):
        try:
            day = date.fromisoformat(row["date"])
            came, wait = float(row["arr"]), float(row["wait"])
            took, answered = float(row["ser_time"] or 0), row["outcome"] == "AGENT"
            priority = int(row["priority"])
        except (KeyError, TypeError, ValueError):
            continue
        if wait < 0 or took < 0:
            continue
        kind = types.setdefault(row["type"], len(types))
        agent = agents.setdefault(row["server"], len(agents)) if answered else -1
        left = came + wait
        rows[day].append((came, kind, priority, left, left + took if answered else left, agent))
    days = tuple(_day(day, values) for day, values in sorted(rows.items()))
    return Bank(types=tuple(types), agents=tuple(agents), days=days)


def _day(day: date, values: list[tuple[float, ...]]) -> BankDay:
    table = np.array(sorted(values))
    came, kind, priority, left, ended, agent = table.T
    return BankDay(
        day=day, kind=kind.astype(np.int64), priority=priority.astype(np.int64), came=came, left=left, ended=ended,
        agent=agent.astype(np.int64),
    )  # fmt: skip
