"""Waits of Warsaw's one-stop shops, rebuilt from five-minute snapshots of each queue. Pure.

A snapshot shows the number called last and how many wait. The rebuilding counts people, not numbers, because
some queues call several series: of two snapshots in a row, the called number's step is the people called, if it
is a plausible step, and the change of the waiting count settles how many came. First come, first served is
assumed within a queue. A ticket's time starts at the first snapshot that shows it waiting (so everything known
at that moment was really known) and ends when its place in the line is called, placed evenly within its gap.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LARGEST_STEP = 40  # a larger step of the called number is another series, not people called
LONGEST_GAP = 16.0  # minutes between snapshots; across a longer one nothing is timed


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One queue on one day: snapshots, and the people that came and were called by each (cumulative)."""

    office: str
    queue: str
    day: date
    minute: Floats
    called: Floats
    waiting: Floats
    open_counters: Floats
    vendor_minutes: Floats
    came: Floats
    left: Floats

    @property
    def service(self) -> str:
        """The queue's name among all offices."""
        return f"{self.office}/{self.queue}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """One ticket: `at` the snapshot that first showed it, `ahead` the people before it, `wait` in minutes."""

    number: int
    at: int
    ahead: int
    called_at: float
    wait: float


def read(lines: Iterable[str]) -> list[Line]:
    """The queue-days of a snapshot file in the order of days; broken rows are left out."""
    rows: dict[tuple[str, str, str], list[tuple[float, ...]]] = defaultdict(list)
    for row in csv.DictReader(lines):
        try:
            numbers = [float(row[name]) for name in ("minute", "called", "waiting")]
            numbers.append(float(row["open_counters"] or 0))
            vendor = float(row["vendor_minutes"] or -1)
        except (KeyError, TypeError, ValueError):
            continue
        rows[row["date"], row["office"], row["queue"]].append((*numbers, vendor))
    return [_line(key, values) for key, values in sorted(rows.items())]


def _line(key: tuple[str, str, str], values: list[tuple[float, ...]]) -> Line:
    table = np.array(sorted(set(values)))
    table = table[np.concatenate(([True], np.diff(table[:, 0]) > 0))]  # one snapshot a minute
    minute, called, waiting, open_counters, vendor = table.T
    came, left = _flows(called, np.maximum(waiting, 0))
    return Line(
        day=date.fromisoformat(key[0]), office=key[1], queue=key[2], minute=minute, called=called,
        waiting=np.maximum(waiting, 0), open_counters=open_counters, vendor_minutes=vendor, came=came, left=left,
    )  # fmt: skip


def _flows(called: Floats, waiting: Floats) -> tuple[Floats, Floats]:
    """People that came and that were called up to each snapshot; came - left is always the waiting count."""
    step, change = np.diff(called), np.diff(waiting)
    plausible = (step >= 0) & (step <= LARGEST_STEP)
    gone = np.maximum(np.where(plausible, step, 0), -change)
    left = np.concatenate(([0.0], np.cumsum(gone)))
    return left + waiting, left


def call_times(line: Line) -> Floats:
    """When each ticket, counted from 1, was called (minutes); not-a-number where it cannot be told.

    Tickets that vanish after the last call of the day went home unserved and have no call.
    """
    times = np.full(int(line.came[-1]) + 1, np.nan)
    moved = np.flatnonzero(np.diff(line.called) != 0)
    for k in range(1, int(moved[-1]) + 2 if len(moved) else 0):
        before, after = int(line.left[k - 1]), int(line.left[k])
        gap = line.minute[k] - line.minute[k - 1]
        if after == before or gap > LONGEST_GAP:
            continue
        share = (np.arange(after - before) + 0.5) / (after - before)
        times[before + 1 : after + 1] = line.minute[k - 1] + share * gap
    return times


def seen_at(line: Line) -> npt.NDArray[np.int64]:
    """The snapshot that first showed each ticket waiting, -1 if none did or a long gap hid its coming."""
    seen = np.full(int(line.came[-1]) + 1, -1, dtype=np.int64)
    for k in range(1, len(line.minute)):
        first, last = int(max(line.came[k - 1], line.left[k])), int(line.came[k])
        if last > first and line.minute[k] - line.minute[k - 1] <= LONGEST_GAP:
            seen[first + 1 : last + 1] = k
    return seen


def tickets(line: Line) -> Iterator[Rebuilt]:
    """The tickets that were seen waiting and whose call can be told, in the order of their numbers."""
    times, seen = call_times(line), seen_at(line)
    for number in range(1, len(times)):
        at = int(seen[number])
        if at < 0 or np.isnan(times[number]):
            continue
        wait = float(times[number] - line.minute[at])
        yield Rebuilt(
            number=number, at=at, ahead=number - int(line.left[at]) - 1, called_at=float(times[number]), wait=wait
        )


def known_waits(line: Line) -> tuple[Floats, Floats]:
    """For every ticket its call time and wait as known at its call; called unseen counts as no wait."""
    times, seen = call_times(line), seen_at(line)
    start = np.where(seen >= 0, line.minute[np.maximum(seen, 0)], times)
    return times, np.where(np.isnan(times), np.nan, times - start)
