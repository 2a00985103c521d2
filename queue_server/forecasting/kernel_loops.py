"""The compiled event loop of the office floor. Pure; import it through `kernel.loops()` only.

The arrays are those of `kernel.Floor`, `LineRule`, `Fates` and `Standing`.
"""

from typing import Any

import numpy as np
from numba import njit

from queue_server.forecasting.kernel import HOT, Fates, Standing


@njit(**HOT)
def join(ticket: int, fates: Any, floor: Any, standing: Any) -> None:
    """Puts a ticket into its line, by rank; equal ranks stay in the order of joining."""
    line = fates.line[ticket]
    rank = fates.rank[ticket]
    standing.queue[floor.line_service[line]] += 1
    last = standing.last[line]
    if last < 0:
        standing.first[line] = ticket
        standing.last[line] = ticket
        standing.behind[ticket] = -1
        return
    if fates.rank[last] <= rank:
        standing.behind[last] = ticket
        standing.last[line] = ticket
        standing.behind[ticket] = -1
        return
    ahead = -1
    here = standing.first[line]
    while fates.rank[here] <= rank:
        ahead = here
        here = standing.behind[here]
    standing.behind[ticket] = here
    if ahead < 0:
        standing.first[line] = ticket
    else:
        standing.behind[ahead] = ticket


@njit(**HOT)
def both_kinds(c: int, floor: Any, standing: Any) -> bool:
    """Whether favoured and ordinary tickets both wait for this counter."""
    favoured = False
    ordinary = False
    for k in range(floor.reach_count[c]):
        line = floor.reach[c, k]
        if standing.first[line] >= 0:
            if floor.favoured[line]:
                favoured = True
            else:
                ordinary = True
    return favoured and ordinary


@njit(**HOT)
def pick(c: int, now: float, floor: Any, rule: Any, fates: Any, standing: Any) -> int:
    """The line whose first ticket the counter calls now, or -1: `policies.score_heads` in arrays."""
    best = -1
    best_score = -np.inf
    best_excess = 0.0
    best_rank = np.inf
    bounded = rule.ratio > 0 and both_kinds(c, floor, standing)
    turn = bounded and standing.run[c] >= rule.ratio
    for k in range(floor.reach_count[c]):
        line = floor.reach[c, k]
        ticket = standing.first[line]
        if ticket < 0:
            continue
        waited = now - fates.due[ticket]
        rank = fates.rank[ticket]
        excess = waited - rule.ceiling[line]
        if excess > 0.0:
            if excess > best_excess or (excess == best_excess and rank < best_rank):
                best, best_excess, best_rank = line, excess, rank
            continue
        if best_excess > 0.0 or (bounded and floor.favoured[line] != turn):
            continue
        queue = min(standing.queue[floor.line_service[line]], len(rule.queue_power) - 1)
        score = (rule.head_start + max(0.0, waited) / rule.target[line]) * rule.queue_power[queue] * rule.gain[line]
        if score > best_score or (score == best_score and rank < best_rank):
            best, best_score, best_rank = line, score, rank
    return best


@njit(**HOT)
def call(c: int, line: int, now: float, floor: Any, fates: Any, standing: Any, start: Any, counter_of: Any) -> None:
    """Counter c calls the first ticket of a line: it leaves the line and holds the counter."""
    ticket = standing.first[line]
    standing.first[line] = standing.behind[ticket]
    if standing.first[line] < 0:
        standing.last[line] = -1
    standing.queue[floor.line_service[line]] -= 1
    minutes = fates.minutes[ticket]
    if fates.paced[ticket]:
        minutes *= floor.speed[c]
    start[ticket] = now
    counter_of[ticket] = c
    standing.idle[c] = False
    standing.free_at[c] = now + minutes + fates.pause[ticket]
    if floor.favoured[line]:
        standing.run[c] = 0
    else:
        standing.run[c] += 1


@njit(**HOT)
def idle_counter(line: int, floor: Any, standing: Any) -> int:
    """The idle counter that takes an arrival: fewest services, then longest idle; -1 when none fits."""
    best = -1
    for c in range(len(standing.idle)):
        if not standing.idle[c] or not floor.serves[c, line]:
            continue
        if (
            best < 0
            or floor.flexibility[c] < floor.flexibility[best]
            or (floor.flexibility[c] == floor.flexibility[best] and standing.idle_since[c] < standing.idle_since[best])
        ):
            best = c
    return best


@njit(**HOT)
def turn_to(c: int, now: float, floor: Any, rule: Any, fates: Any, standing: Any, start: Any, counter_of: Any) -> None:
    """A counter has become free: lunch when it is due, else the next ticket, else idle."""
    if not standing.lunched[c] and now >= floor.lunch_at[c]:
        standing.lunched[c] = True
        standing.idle[c] = False
        standing.free_at[c] = now + floor.lunch_minutes[c]
        return
    line = pick(c, now, floor, rule, fates, standing)
    if line >= 0:
        call(c, line, now, floor, fates, standing, start, counter_of)
        return
    standing.idle[c] = True
    standing.idle_since[c] = now
    standing.free_at[c] = np.inf if standing.lunched[c] else floor.lunch_at[c]


@njit(**HOT)
def play(
    cursor: int, until: float, floor: Any, rule: Any, fates: Any, count: int, standing: Any, start: Any, counter_of: Any
) -> int:
    """Runs the floor until nothing is left to happen, or past minute `until`; returns the next arrival's index.

    An arrival comes before a counter that becomes free at the same minute.
    """
    counters = len(standing.free_at)
    while True:
        c = 0
        for k in range(1, counters):
            if standing.free_at[k] < standing.free_at[c]:
                c = k
        arrival = fates.arrive[cursor] if cursor < count else np.inf
        now = min(arrival, standing.free_at[c])
        if now == np.inf or now > until:
            return cursor
        if arrival <= standing.free_at[c]:
            join(cursor, fates, floor, standing)
            taker = idle_counter(fates.line[cursor], floor, standing)
            cursor += 1
            if taker >= 0:
                line = pick(taker, now, floor, rule, fates, standing)
                call(taker, line, now, floor, fates, standing, start, counter_of)
        else:
            turn_to(c, now, floor, rule, fates, standing, start, counter_of)


@njit(cache=True)
def play_many(
    edges: Any, floor: Any, rule: Any, fates: Any, services: int, ratio: int, start: Any, counter_of: Any
) -> None:
    """Plays day after day: tickets edges[d] … edges[d+1] are one day, each beginning with an empty floor."""
    counters, lines = floor.serves.shape
    for d in range(len(edges) - 1):
        a, b = edges[d], edges[d + 1]
        day = Fates(
            fates.arrive[a:b], fates.due[a:b], fates.rank[a:b], fates.line[a:b],
            fates.minutes[a:b], fates.paced[a:b], fates.pause[a:b],
        )  # fmt: skip
        standing = Standing(
            np.full(lines, -1), np.full(lines, -1), np.full(b - a, -1), np.zeros(services, np.int64),
            floor.lunch_at.copy(), np.ones(counters, np.bool_), np.zeros(counters), np.zeros(counters, np.bool_),
            np.full(counters, ratio),
        )  # fmt: skip
        play(0, np.inf, floor, rule, day, b - a, standing, start[a:b], counter_of[a:b])
