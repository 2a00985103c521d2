"""The compiled rollouts: each candidate call played forward through the same sampled futures. Pure.

Import it through `lookahead` only. Randomness is a hash of (seed, ticket, purpose), so that a ticket has the
same fate under every candidate (common random numbers) and the same state always gives the same answer.
"""

from typing import Any

import numpy as np
from numba import njit

from queue_server.forecasting.kernel import HOT, Fates, Standing
from queue_server.forecasting.kernel_loops import call, join, play


@njit(**HOT)
def mix(value: Any) -> Any:
    """Splitmix64's finaliser: 64 well-mixed bits of a 64-bit key."""
    z = np.uint64(value) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(**HOT)
def uniform(seed: int, key: Any, purpose: int) -> float:
    """A number in [0, 1) that depends on its three arguments alone."""
    bits = mix(np.uint64(seed) ^ mix(np.uint64(key) ^ mix(np.uint64(purpose))))
    return np.float64(bits >> np.uint64(11)) / 9007199254740992.0


@njit(**HOT)
def stratum(seed: int, key: Any, purpose: int, r: Any, shuffles: Any) -> Any:
    """The r-th of the evenly spread draws of one ticket: over all futures each stratum occurs once."""
    futures = shuffles.shape[1]
    row = shuffles[np.int64(mix(np.uint64(seed) ^ mix(np.uint64(key))) % np.uint64(shuffles.shape[0]))]
    return (row[r] + uniform(seed, key, purpose * 1000003 + r)) / futures


@njit(**HOT)
def quantile(table: Any, u: float) -> Any:
    """Linear interpolation in a table of evenly spaced quantiles."""
    x = u * (len(table) - 1)
    k = min(int(x), len(table) - 2)
    return table[k] + (x - k) * (table[k + 1] - table[k])


@njit(**HOT)
def share_below(table: Any, value: float) -> Any:
    """The inverse of `quantile`: the share of the distribution below a value."""
    k = np.searchsorted(table, value)
    if k <= 0:
        return 0.0
    if k >= len(table):
        return 1.0
    return (k - 1 + (value - table[k - 1]) / max(1e-9, table[k] - table[k - 1])) / (len(table) - 1)


@njit(**HOT)
def draw_pause(seed: int, key: Any, r: Any, habits: Any) -> Any:
    """The minutes a counter is held after a ticket."""
    u = uniform(seed, key, 7000 + r)
    if u >= habits.pause_share:
        return 0.0
    return quantile(habits.pause, u / habits.pause_share)


@njit(**HOT)
def draw_ticket(slot: int, key: Any, line: Any, seed: int, r: Any, shuffles: Any, habits: Any, fates: Any) -> None:
    """One future of a waiting ticket: shown or not, its minutes, the pause after it."""
    fates.line[slot] = line
    fates.paced[slot] = uniform(seed, key, 5000 + r) >= habits.no_show[line]
    fates.minutes[slot] = habits.no_show_minutes
    if fates.paced[slot]:
        fates.minutes[slot] = quantile(habits.minutes[line], stratum(seed, key, 1, r, shuffles))
    fates.pause[slot] = draw_pause(seed, key, r, habits)


@njit(**HOT)
def rest_of_service(
    line: Any, elapsed: float, speed: float, seed: int, key: Any, r: Any, shuffles: Any, habits: Any
) -> Any:
    """Minutes that a service in progress still takes, given that it has lasted `elapsed`."""
    table = habits.minutes[line]
    gone = share_below(table, elapsed / speed)
    if gone >= 0.995:
        # Beyond everything seen: as long again as a tenth of what it has taken, never nothing.
        return max(0.5, 0.1 * elapsed)
    u = gone + (1.0 - gone) * stratum(seed, key, 2, r, shuffles)
    return max(0.0, quantile(table, u) * speed - elapsed)


@njit(**HOT)
def draw_counters(
    now: float, view: Any, seed: int, r: Any, shuffles: Any, floor: Any, habits: Any, standing: Any
) -> None:
    """When each counter will be free in one future."""
    for c in range(len(view.kind)):
        standing.idle[c] = view.kind[c] == 0
        standing.idle_since[c] = view.since[c]
        standing.lunched[c] = view.lunched[c]
        standing.run[c] = view.run[c]
        key = 900000007 + 7919 * c + np.int64(view.since[c] * 64.0)
        if view.kind[c] == 0:
            standing.free_at[c] = np.inf if view.lunched[c] else max(now, floor.lunch_at[c])
        elif view.kind[c] == 1:
            rest = rest_of_service(view.line[c], now - view.since[c], floor.speed[c], seed, key, r, shuffles, habits)
            standing.free_at[c] = now + rest + draw_pause(seed, key, r, habits)
        elif view.kind[c] == 2:
            gone = share_below(habits.pause, now - view.since[c])
            u = gone + (1.0 - gone) * uniform(seed, key, 8000 + r)
            standing.free_at[c] = max(now, view.since[c] + quantile(habits.pause, u))
        else:
            standing.free_at[c] = max(now, view.until[c])


@njit(**HOT)
def draw_arrivals(now: float, until: float, level: float, waiting: int, r: Any, coming: Any, fates: Any) -> int:
    """Appends the sampled arrivals after `now`, thinned to today's level; returns the number of tickets."""
    count = waiting
    for i in range(np.searchsorted(coming.arrive[r, : coming.number[r]], now, side="right"), coming.number[r]):
        if coming.mark[r, i] >= level:
            continue
        if coming.arrive[r, i] > until:
            break
        fates.arrive[count] = coming.arrive[r, i]
        fates.due[count] = coming.due[r, i]
        fates.line[count] = coming.line[r, i]
        fates.minutes[count] = coming.minutes[r, i]
        fates.paced[count] = coming.paced[r, i]
        fates.pause[count] = coming.pause[r, i]
        count += 1
    return count


@njit(**HOT)
def total_cost(count: int, until: float, fates: Any, start: Any, weight: Any) -> float:
    """Weighted minutes of waiting; those not called by `until` have waited up to it."""
    cost = 0.0
    for i in range(count):
        cost += weight[fates.line[i]] * max(0.0, min(start[i], until) - fates.due[i])
    return cost


@njit(cache=True)
def _copied(here: Any) -> Any:
    """The floor once more, for one candidate to be tried on."""
    return Standing(
        here.first.copy(), here.last.copy(), here.behind.copy(), here.queue.copy(), here.free_at.copy(),
        here.idle.copy(), here.idle_since.copy(), here.lunched.copy(), here.run.copy(),
    )  # fmt: skip


@njit(cache=True)
def roll(
    now: float,
    c: int,
    candidates: Any,
    view: Any,
    until: float,
    level: float,
    floor: Any,
    rule: Any,
    habits: Any,
    coming: Any,
    weight: Any,
    seed: int,
    shuffles: Any,
    begin: int,
    costs: Any,
) -> None:
    """Fills costs[candidate, future] for futures `begin` onward: counter c calls the candidate's first ticket now."""
    waiting = len(view.due)
    room = waiting + coming.arrive.shape[1]
    lines = len(floor.favoured)
    counters = len(view.kind)
    due = np.zeros(room)
    fates = Fates(
        np.zeros(room), due, due, np.zeros(room, np.int64), np.zeros(room), np.zeros(room, np.bool_), np.zeros(room)
    )
    here = Standing(
        np.full(lines, -1), np.full(lines, -1), np.full(room, -1), np.zeros(view.services, np.int64),
        np.zeros(counters), np.zeros(counters, np.bool_), np.zeros(counters), np.zeros(counters, np.bool_),
        np.zeros(counters, np.int64),
    )  # fmt: skip
    for i in range(waiting):
        fates.due[i] = view.due[i]
        fates.line[i] = view.ticket_line[i]
        join(i, fates, floor, here)
    start = np.empty(room)
    counter_of = np.empty(room, np.int64)
    for f in range(costs.shape[1]):
        r = begin + f
        for i in range(waiting):
            draw_ticket(i, view.key[i], view.ticket_line[i], seed, r, shuffles, habits, fates)
        draw_counters(now, view, seed, r, shuffles, floor, habits, here)
        count = draw_arrivals(now, until, level, waiting, r, coming, fates)
        for k in range(len(candidates)):
            trial = _copied(here)
            start[:count] = np.inf
            call(c, candidates[k], now, floor, fates, trial, start, counter_of)
            play(waiting, until, floor, rule, fates, count, trial, start, counter_of)
            costs[k, f] = total_cost(count, until, fates, start, weight)
