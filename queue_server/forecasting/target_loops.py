"""The compiled forward run of an office from one moment: who is called when, in many futures at once. Pure.

The lines, arrivals and calls are those of `kernel_loops`; what is added here is what a live office has and a reference
day has not: people sent to one counter, booked people who are called early only when nobody is due, several breaks,
counters that close. `target_reference` plays the same through `queue_server.queue` itself and a property test
holds both equal. Nothing is drawn here: randomness comes in as arrays. One unit of time throughout, whichever.
Import it where simulation is wanted; importing it loads the compiler.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from queue_server.forecasting.kernel import Flags, Floats, Ints
from queue_server.forecasting.kernel_loops import call, idle_counter, join


class _Future(NamedTuple):
    arrive: Floats
    due: Floats
    rank: Floats
    line: Ints
    order: Ints
    minutes: Floats
    paced: Flags
    pause: Floats


class _Place(NamedTuple):
    first: Ints
    last: Ints
    behind: Ints
    queue: Ints
    free_at: Floats
    idle: Flags
    idle_since: Floats
    run: Ints
    rested: Ints  # breaks taken


@njit(cache=True)
def _sooner(a: int, b: int, people: Any) -> Any:
    """Whether ticket a stands before ticket b; anybody stands before nobody (-1)."""
    if b < 0:
        return True
    return people.rank[a] < people.rank[b] or (people.rank[a] == people.rank[b] and people.order[a] < people.order[b])


@njit(cache=True)
def _first_duty(c: int, now: float, ground: Any, rule: Any, people: Any, place: Any) -> Any:
    """Line past its ceiling, own visitor's line, early line, and whether favoured and ordinary people are due."""
    late, own, early = -1, -1, -1
    most = 0.0
    favoured, ordinary = False, False
    for k in range(ground.reach_count[c]):
        line = ground.reach[c, k]
        ticket = place.first[line]
        if ticket < 0:
            continue
        waited = now - people.due[ticket]
        excess = waited - rule.ceiling[line]
        if excess >= 0.0 and (
            late < 0 or excess > most or (excess == most and people.order[ticket] < people.order[place.first[late]])
        ):
            late, most = line, excess
        if ground.early_last and waited < 0.0:
            if _sooner(ticket, place.first[early] if early >= 0 else -1, people):
                early = line
        elif ground.own[line]:
            if _sooner(ticket, place.first[own] if own >= 0 else -1, people):
                own = line
        elif ground.favoured[line]:
            favoured = True
        else:
            ordinary = True
    return late, own, early, favoured, ordinary


@njit(cache=True)
def whom(c: int, now: float, ground: Any, rule: Any, people: Any, place: Any) -> Any:
    """The line whose first ticket the counter calls now, or -1: `queue.routing.pick` in arrays."""
    late, own, early, favoured, ordinary = _first_duty(c, now, ground, rule, people, place)
    if late >= 0:
        return late
    if own >= 0:
        return own
    if not favoured and not ordinary:
        return early
    both = ground.bounded and favoured and ordinary
    turn = both and place.run[c] >= rule.ratio
    best = -1
    best_score = -np.inf
    for k in range(ground.reach_count[c]):
        line = ground.reach[c, k]
        ticket = place.first[line]
        if ticket < 0 or ground.own[line] or (both and ground.favoured[line] != turn):
            continue
        waited = now - people.due[ticket]
        if ground.early_last and waited < 0.0:
            continue
        queue = min(place.queue[ground.line_service[line]], len(rule.queue_power) - 1)
        score = (rule.head_start + max(0.0, waited) / rule.target[line]) * rule.queue_power[queue] * rule.gain[line]
        if score > best_score or (score == best_score and _sooner(ticket, place.first[best], people)):
            best, best_score = line, score
    return best


@njit(cache=True)
def _turn(
    c: int, now: float, ground: Any, rule: Any, people: Any, place: Any, start: Any, counter_of: Any
) -> None:  # fmt: skip
    """A counter has become free: a break when one is due, else the next ticket, else idle."""
    breaks = ground.break_at.shape[1]
    b = place.rested[c]
    if b < breaks and now >= ground.break_at[c, b]:
        place.rested[c] += 1
        place.idle[c] = False
        place.free_at[c] = now + ground.break_length[c, b]
        return
    if now >= ground.closes[c]:
        place.idle[c] = False
        place.free_at[c] = np.inf
        return
    line = whom(c, now, ground, rule, people, place)
    if line >= 0:
        call(c, line, now, ground, people, place, start, counter_of)
        place.idle_since[c] = np.inf
        return
    place.idle[c] = True
    place.idle_since[c] = min(place.idle_since[c], now)
    place.free_at[c] = min(ground.break_at[c, b] if b < breaks else np.inf, ground.closes[c])


@njit(cache=True)
def _play(
    cursor: int, until: float, ground: Any, rule: Any, people: Any, count: int, place: Any, start: Any, counter_of: Any
) -> None:  # fmt: skip
    """Runs until nothing is left to happen, or past `until`; an arrival comes before a counter free at that time."""
    counters = len(place.free_at)
    while True:
        c = 0
        for k in range(1, counters):
            if place.free_at[k] < place.free_at[c]:
                c = k
        arrival = people.arrive[cursor] if cursor < count else np.inf
        now = min(arrival, place.free_at[c])
        if now == np.inf or now > until:
            return
        if arrival <= place.free_at[c]:
            join(cursor, people, ground, place)
            taker = idle_counter(people.line[cursor], ground, place)
            cursor += 1
            if taker >= 0:
                line = whom(taker, now, ground, rule, people, place)
                call(taker, line, now, ground, people, place, start, counter_of)
                place.idle_since[taker] = np.inf
        else:
            _turn(c, now, ground, rule, people, place, start, counter_of)


@njit(cache=True)
def forward(
    ground: Any, rule: Any, crowd: Any, waiting: int, desks: Any, until: float, start: Any, counter_of: Any
) -> None:  # fmt: skip
    """Fills start[R, N] (inf: not called by `until`) and counter_of[R, N] of every ticket in every future."""
    lines, counters = len(ground.favoured), len(ground.closes)
    futures, room = crowd.due.shape
    for r in range(futures):
        people = _Future(
            crowd.arrive[r], crowd.due[r], crowd.due[r], crowd.line[r], crowd.order[r], crowd.minutes[r],
            crowd.paced[r], crowd.pause[r],
        )  # fmt: skip
        place = _Place(
            np.full(lines, -1), np.full(lines, -1), np.full(room, -1), np.zeros(ground.services, np.int64),
            desks.free_at[r].copy(), np.zeros(counters, np.bool_), desks.idle_since.copy(), desks.run.copy(),
            np.zeros(counters, np.int64),
        )  # fmt: skip
        start[r, :] = np.inf
        counter_of[r, :] = -1
        for i in range(waiting):
            join(i, people, ground, place)
        if counters > 0:
            _play(waiting, until, ground, rule, people, crowd.size[r], place, start[r], counter_of[r])
