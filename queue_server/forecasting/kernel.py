"""The office floor as arrays, and the fast event loop behind one function. Pure.

Minutes throughout. `play_day` runs whole days under a heads-only rule; the compiled loops live in
`kernel_loops` and are imported at the first use, so that importing this module costs no compiler.
`kernel_reference` is the same office in plain Python; a property test holds the two equal event by event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from queue_server.forecasting.office_days import Day, OfficeFacts
from queue_server.queue.policy import SHORTEST, Rule

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# For compiled functions that make no arrays: numba would count references to every array of the tuples at every call,
# which costs ten times what the calls themselves do. Whoever calls them holds the arrays.
HOT: dict[str, Any] = {"cache": True, "_nrt": False}

LONGEST_LINE = 1024  # entries of the table of queue powers; a longer queue counts as this long


class Floor(NamedTuple):
    """Counters (C) and lines (L). A line holds the tickets of one service, one class and one duration band."""

    reach: Ints  # C × L: lines a counter serves, padded with -1
    reach_count: Ints  # C
    serves: Flags  # C × L
    flexibility: Ints  # C: number of services
    speed: Floats  # C: a service of one minute takes this long
    lunch_at: Floats  # C
    lunch_minutes: Floats  # C
    line_service: Ints  # L
    favoured: Flags  # L: priority or appointment


class LineRule(NamedTuple):
    """A heads-only rule spread over the lines, so that the loops only add, divide and multiply."""

    head_start: float
    target: Floats  # L
    gain: Floats  # L: price of the service × minutes^-time_power
    ceiling: Floats  # L: minutes, inf where there is none
    queue_power: Floats  # LONGEST_LINE
    ratio: int  # ordinary calls between two favoured ones; 0: no such bound


class Fates(NamedTuple):
    """Tickets (N) in order of arrival, and what will happen to each."""

    arrive: Floats
    due: Floats  # the wait counts from here
    rank: Floats  # place within its line: smaller goes first
    line: Ints
    minutes: Floats  # at a counter of speed 1
    paced: Flags  # False: takes `minutes` at any counter (a no-show)
    pause: Floats  # the counter is held this long afterwards


class Standing(NamedTuple):
    """Where everybody is at one moment; the loops change it in place."""

    first: Ints  # L: first ticket of a line, -1 when empty
    last: Ints  # L
    behind: Ints  # N: the next ticket of the same line, -1 at the end
    queue: Ints  # S: waiting per service
    free_at: Floats  # C: next moment the counter acts; an idle one: its lunch, or inf
    idle: Flags  # C
    idle_since: Floats  # C
    lunched: Flags  # C
    run: Ints  # C: ordinary calls since its last favoured one


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lines of an office: (service, class, band), the expected minutes of each, and the bands' upper edges."""

    keys: tuple[tuple[int, int, int], ...]
    minutes: tuple[float, ...]
    edges: tuple[tuple[float, ...], ...]  # per service, of the predicted minutes
    services: int

    def of(self, service: int, cls: int, predicted: float | None) -> int:
        """The line of a ticket."""
        band = 0 if predicted is None else sum(predicted > edge for edge in self.edges[service])
        return self.keys.index((service, cls, band))


def office_lines(
    office: OfficeFacts,
    *,
    edges: Sequence[Sequence[float]] = (),
    minutes: Sequence[Sequence[float]] = (),
) -> Lines:
    """One line per service and class, or one per duration band where `edges` cuts a service into several.

    `minutes[service][band]` are the expected minutes of a band; without it those of the service.
    """
    cut = tuple(tuple(e) for e in edges) or tuple(() for _ in office.services)
    keys, typical = [], []
    for service, facts in enumerate(office.services):
        for cls in range(len(office.classes)):
            for band in range(len(cut[service]) + 1):
                keys.append((service, cls, band))
                typical.append(minutes[service][band] if minutes else facts.mean_minutes)
    return Lines(keys=tuple(keys), minutes=tuple(typical), edges=cut, services=len(office.services))


def office_floor(office: OfficeFacts, lines: Lines) -> Floor:
    """The floor of an office; class 0 is the ordinary one."""
    counters = office.counters
    serves = np.array([[key[0] in c.skills for key in lines.keys] for c in counters], dtype=np.bool_)
    reach = np.full(serves.shape, -1, dtype=np.int64)
    for c in range(len(counters)):
        ids = np.flatnonzero(serves[c])
        reach[c, : len(ids)] = ids
    return Floor(
        reach=reach,
        reach_count=serves.sum(axis=1).astype(np.int64),
        serves=serves,
        flexibility=np.array([len(c.skills) for c in counters], dtype=np.int64),
        speed=np.array([c.speed for c in counters], dtype=np.float64),
        lunch_at=np.array([c.lunch_at for c in counters], dtype=np.float64),
        lunch_minutes=np.array([c.lunch_minutes for c in counters], dtype=np.float64),
        line_service=np.array([key[0] for key in lines.keys], dtype=np.int64),
        favoured=np.array([key[1] > 0 for key in lines.keys], dtype=np.bool_),
    )


def line_rule(rule: Rule, lines: Lines) -> LineRule:
    """A rule of `policies` in the loops' form; the same floating-point operations in the same order."""
    services = [key[0] for key in lines.keys]
    classes = [key[1] for key in lines.keys]
    gains = [rule.price(s) * max(SHORTEST, m) ** -rule.time_power for s, m in zip(services, lines.minutes, strict=True)]
    return LineRule(
        head_start=rule.head_start,
        target=np.array([rule.target(c) for c in classes], dtype=np.float64),
        gain=np.array(gains, dtype=np.float64),
        ceiling=np.array([rule.ceiling(c) for c in classes], dtype=np.float64),
        queue_power=np.array([float(max(1, q)) ** rule.queue_power for q in range(LONGEST_LINE)], dtype=np.float64),
        ratio=rule.ratio,
    )


def day_fates(day: Day, office: OfficeFacts, lines: Lines, *, by_arrival: bool = False) -> Fates:
    """A day's tickets as arrays. `by_arrival` lets waits count from arrival (the yardstick's plain FCFS)."""
    tickets = day.tickets
    due = np.array([t.due_from for t in tickets], dtype=np.float64)
    arrive = np.array([t.arrive for t in tickets], dtype=np.float64)
    return Fates(
        arrive=arrive,
        due=arrive if by_arrival else due,
        rank=arrive if by_arrival else due,
        line=np.array([lines.of(t.service, t.cls, t.predicted) for t in tickets], dtype=np.int64),
        minutes=np.array([office.no_show_minutes if t.no_show else t.minutes for t in tickets], dtype=np.float64),
        paced=np.array([not t.no_show for t in tickets], dtype=np.bool_),
        pause=np.array([t.pause_after for t in tickets], dtype=np.float64),
    )


def opening(floor: Floor, services: int, tickets: int, *, ratio: int = 0) -> Standing:
    """The morning: nobody waits, every counter idle and ready to call a favoured ticket."""
    counters, lines = floor.serves.shape
    return Standing(
        first=np.full(lines, -1, dtype=np.int64),
        last=np.full(lines, -1, dtype=np.int64),
        behind=np.full(tickets, -1, dtype=np.int64),
        queue=np.zeros(services, dtype=np.int64),
        free_at=floor.lunch_at.copy(),
        idle=np.ones(counters, dtype=np.bool_),
        idle_since=np.zeros(counters, dtype=np.float64),
        lunched=np.zeros(counters, dtype=np.bool_),
        run=np.full(counters, ratio, dtype=np.int64),
    )


def play_day(floor: Floor, rule: LineRule, fates: Fates, services: int) -> tuple[Floats, Ints]:
    """Start minute and counter of every ticket of a day under a heads-only rule."""
    count = len(fates.arrive)
    start = np.full(count, np.nan)
    counter = np.full(count, -1, dtype=np.int64)
    standing = opening(floor, services, count, ratio=rule.ratio)
    loops().play(0, np.inf, floor, rule, fates, count, standing, start, counter)
    return start, counter


def loops() -> Any:
    """The compiled loops; the first call imports numba (and compiles, where no cache exists yet)."""
    from queue_server.forecasting import kernel_loops

    return kernel_loops
