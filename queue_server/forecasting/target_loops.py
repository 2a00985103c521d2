"""The compiled forward run of a live office. Pure; import it through `target_run.loops()` only.

The lines and calls are those of `kernel_loops`; what is added here is what a live office has and a reference
day has not: people sent to one counter, booked people who are called early only when nobody is due, several breaks,
counters that close. `target_reference` plays the same through `queue_server.queue` itself and a property test
holds both equal. Nothing is drawn here: randomness comes in as arrays. One unit of time throughout, whichever.
Import it where simulation is wanted; importing it loads the compiler.

A probe is one more person who comes now: it is noted when it would be called, and takes no counter, so that nobody
else waits for it and every line can be asked in one run. What it changes before its own call is the length of its
service's queue, which it is counted in only where it is weighed itself.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from queue_server.forecasting.kernel import HOT, Flags, Floats, Ints
from queue_server.forecasting.kernel_loops import call, idle_counter, join


class _Floor(NamedTuple):
    """The ground as it is in one phase."""

    reach: Ints
    reach_count: Ints
    serves: Flags
    flexibility: Ints
    speed: Floats
    line_service: Ints
    favoured: Flags
    own: Flags
    break_at: Floats
    break_length: Floats
    closes: Floats
    bounded: bool
    early_last: bool
    lean: bool
    begins: float  # counters act before people who come at this very moment: other lines have opened to them
    ends: float  # exclusive


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
    """Where everybody is; the arrays are used again in every future."""

    first: Ints
    last: Ints
    behind: Ints
    head_due: Floats  # L: of the first ticket of a line, inf where nobody stands
    head_order: Ints  # L
    queue: Ints
    free_at: Floats
    idle: Flags
    idle_since: Floats
    run: Ints
    rested: Ints  # breaks taken
    probe: Floats  # L: when a probe would be called; inf until then, -inf where none is asked for


@njit(**HOT)
def _sooner(a: int, b: int, place: Any) -> Any:
    """Whether the head of line a stands before that of line b; anybody stands before nobody (-1)."""
    if b < 0:
        return True
    if place.head_due[a] != place.head_due[b]:
        return place.head_due[a] < place.head_due[b]
    return place.head_order[a] < place.head_order[b]


@njit(**HOT)
def _score(line: int, waited: float, ground: Any, rule: Any, place: Any) -> Any:
    queue = min(place.queue[ground.line_service[line]], len(rule.queue_power) - 1)
    return (rule.head_start + max(0.0, waited) / rule.target[line]) * rule.queue_power[queue] * rule.gain[line]


@njit(**HOT)
def _before(line: int, score: float, other: int, best: float, place: Any) -> Any:
    """Whether a line goes before another of its kind: the higher score, of equals who stands before."""
    return score > best or (score == best and _sooner(line, other, place))


@njit(**HOT)
def _late(c: int, now: float, ground: Any, rule: Any, place: Any) -> Any:
    """The line whose head is furthest past its ceiling, of equals who stands before; or -1."""
    late, most = -1, 0.0
    for k in range(ground.reach_count[c]):
        line = ground.reach[c, k]
        excess = now - place.head_due[line] - rule.ceiling[line]  # of an empty line: minus infinity
        if excess >= most and (excess > most or _sooner(line, late, place)):
            late, most = line, excess
    return late


@njit(**HOT)
def whom(c: int, now: float, ground: Any, rule: Any, place: Any) -> Any:
    """The line whose first ticket the counter calls now, or -1: `queue.routing.pick` in arrays."""
    late = _late(c, now, ground, rule, place)
    if late >= 0:
        return late
    own, early, favoured, ordinary = -1, -1, -1, -1
    favoured_score, ordinary_score = -np.inf, -np.inf
    for k in range(ground.reach_count[c]):
        line = ground.reach[c, k]
        if place.head_due[line] == np.inf:
            continue
        waited = now - place.head_due[line]
        if ground.early_last and waited < 0.0:
            early = line if _sooner(line, early, place) else early
        elif ground.own[line]:
            own = line if _sooner(line, own, place) else own
        else:
            score = _score(line, waited, ground, rule, place)
            if not ground.favoured[line]:
                if _before(line, score, ordinary, ordinary_score, place):
                    ordinary, ordinary_score = line, score
            elif _before(line, score, favoured, favoured_score, place):
                favoured, favoured_score = line, score
    if own >= 0:
        return own
    if favoured < 0 or ordinary < 0:
        only = max(favoured, ordinary)
        return only if only >= 0 else early
    if ground.bounded:
        return favoured if place.run[c] >= rule.ratio else ordinary
    return favoured if _before(favoured, favoured_score, ordinary, ordinary_score, place) else ordinary


@njit(**HOT)
def _led(line: int, people: Any, place: Any) -> None:
    """Notes who stands first in a line after it has changed."""
    ticket = place.first[line]
    if ticket < 0:
        place.head_due[line] = np.inf
    else:
        place.head_due[line] = people.due[ticket]
        place.head_order[line] = people.order[ticket]


@njit(**HOT)
def _called(
    c: int, line: int, now: float, ground: Any, people: Any, place: Any, start: Any, counter_of: Any
) -> Any:  # fmt: skip
    """Counter c calls the first ticket of a line; returns the order of the ticket."""
    ticket = place.first[line]
    call(c, line, now, ground, people, place, start, counter_of)
    place.idle_since[c] = np.inf
    _led(line, people, place)
    return people.order[ticket]


@njit(**HOT)
def _probed(c: int, now: float, asked: Any, ground: Any, rule: Any, place: Any) -> Any:
    """Notes the probes that counter c would call now if they were people; returns how many."""
    found = 0
    for k in range(ground.reach_count[c]):
        line = ground.reach[c, k]
        due, order = place.head_due[line], place.head_order[line]
        if place.probe[line] != np.inf or due < asked.now or (due == asked.now and order < asked.known):
            continue
        service = ground.line_service[line]
        place.head_due[line], place.head_order[line] = asked.now, asked.known
        place.queue[service] += 1
        if whom(c, now, ground, rule, place) == line:
            place.probe[line] = now
            found += 1
        place.queue[service] -= 1
        place.head_due[line], place.head_order[line] = due, order
    return found


@njit(**HOT)
def _rests(c: int, now: float, ground: Any, place: Any) -> Any:
    """Whether a counter that has become free goes into its break, or home, instead of calling."""
    b = place.rested[c]
    if b < ground.break_at.shape[1] and now >= ground.break_at[c, b]:
        place.rested[c] += 1
        place.idle[c] = False
        place.free_at[c] = now + ground.break_length[c, b]
        return True
    if now >= ground.closes[c]:
        place.idle[c] = False
        place.free_at[c] = np.inf
        return True
    return False


@njit(**HOT)
def _idles(c: int, now: float, ground: Any, place: Any) -> None:
    """A counter that has nobody to call: it acts next at its break or its end, or when somebody comes."""
    b = place.rested[c]
    rest = ground.break_at[c, b] if b < ground.break_at.shape[1] else np.inf
    place.idle[c] = True
    place.idle_since[c] = min(place.idle_since[c], now)
    place.free_at[c] = min(rest, ground.closes[c])


@njit(**HOT)
def _soonest(free_at: Any, ground: Any) -> Any:
    """The counter that acts next; of equals the first, or where the office is lean the one with fewest services."""
    c, least = 0, free_at[0]
    for k in range(1, len(free_at)):
        if free_at[k] < least:
            c, least = k, free_at[k]
    if ground.lean:
        for k in range(len(free_at)):
            if free_at[k] == least and ground.flexibility[k] < ground.flexibility[c]:
                c = k
    return c


@njit(**HOT)
def _wake(begins: float, place: Any) -> None:
    """Another phase begins: whoever idles looks again."""
    for c in range(len(place.idle)):
        if place.idle[c]:
            place.free_at[c] = min(place.free_at[c], begins)


@njit(**HOT)
def _play(
    cursor: int, left: int, probes: int, asked: Any, ground: Any, rule: Any, people: Any, count: int, place: Any,
    start: Any, counter_of: Any,
) -> Any:  # fmt: skip
    """Runs until the phase ends, nothing is left to ask, or past `until`; an arrival goes before a counter of its time.

    `left` people and `probes` probes end the run when they are called; a run that is to go on has `left` below 0.
    Gives back the next to come, and who and what is left.
    """
    idlers = place.idle.sum()
    c = _soonest(place.free_at, ground)
    while left != 0 or probes > 0:
        arrival = people.arrive[cursor] if cursor < count else np.inf
        now = min(arrival, place.free_at[c])
        if now == np.inf or now > asked.until or now >= ground.ends:
            break
        if arrival <= place.free_at[c] and place.free_at[c] != ground.begins:
            line = people.line[cursor]
            join(cursor, people, ground, place)
            _led(line, people, place)
            cursor += 1
            c = idle_counter(line, ground, place) if idlers > 0 else -1
            if c >= 0:
                idlers -= 1
                line = whom(c, now, ground, rule, place)
                left -= _called(c, line, now, ground, people, place, start, counter_of) < asked.known
        else:
            idlers -= place.idle[c]
            if not _rests(c, now, ground, place):
                if probes > 0:
                    probes -= _probed(c, now, asked, ground, rule, place)
                line = whom(c, now, ground, rule, place)
                if line >= 0:
                    left -= _called(c, line, now, ground, people, place, start, counter_of) < asked.known
                else:
                    _idles(c, now, ground, place)
                    idlers += 1
        c = _soonest(place.free_at, ground)
    return cursor, left, probes


@njit(cache=True)
def _phase(p: int, ground: Any) -> Any:
    """The ground in phase p."""
    return _Floor(
        ground.reach[p], ground.reach_count[p], ground.serving[p], ground.flexibility, ground.speed,
        ground.line_service, ground.favoured, ground.own, ground.break_at, ground.break_length, ground.closes,
        ground.bounded, ground.early_last, ground.lean, ground.phase_at[p],
        ground.phase_at[p + 1] if p + 1 < len(ground.phase_at) else np.inf,
    )  # fmt: skip


@njit(cache=True)
def _empty(lines: int, counters: int, room: int, services: int) -> Any:
    return _Place(
        np.empty(lines, np.int64), np.empty(lines, np.int64), np.empty(room, np.int64), np.empty(lines),
        np.empty(lines, np.int64), np.empty(services, np.int64), np.empty(counters), np.empty(counters, np.bool_),
        np.empty(counters), np.empty(counters, np.int64), np.empty(counters, np.int64), np.empty(lines),
    )  # fmt: skip


@njit(cache=True)
def _begin(r: int, desks: Any, asked: Any, place: Any) -> None:
    """Nobody in any line, every counter as it is now."""
    place.first[:] = -1
    place.last[:] = -1
    place.head_due[:] = np.inf
    place.queue[:] = 0
    place.free_at[:] = desks.free_at[r]
    place.idle[:] = False
    place.idle_since[:] = desks.idle_since
    place.run[:] = desks.run
    place.rested[:] = 0
    for line in range(len(asked.probes)):
        place.probe[line] = np.inf if asked.probes[line] else -np.inf


@njit(cache=True)
def forward(
    ground: Any, rule: Any, crowd: Any, waiting: int, desks: Any, asked: Any, start: Any, counter_of: Any, probed: Any
) -> None:  # fmt: skip
    """Fills start[R, N] (inf: not called) and counter_of[R, N] of every ticket, probed[R, L] of every probe."""
    lines, counters = len(ground.favoured), len(ground.closes)
    futures, room = crowd.due.shape
    place = _empty(lines, counters, room, ground.services)
    start[:] = np.inf
    counter_of[:] = -1
    for r in range(futures):
        people = _Future(
            crowd.arrive[r], crowd.due[r], crowd.due[r], crowd.line[r], crowd.order[r], crowd.minutes[r],
            crowd.paced[r], crowd.pause[r],
        )  # fmt: skip
        _begin(r, desks, asked, place)
        for i in range(waiting):
            join(i, people, ground, place)
            _led(people.line[i], people, place)
        left = asked.known if asked.ends else -1
        if asked.counter >= 0:
            left -= (
                _called(
                    asked.counter, asked.line, asked.now, ground, people, place, start[r], counter_of[r]
                ) < asked.known
            )  # fmt: skip
        cursor, probes = waiting, asked.probes.sum()
        for p in range(len(ground.phase_at) if counters > 0 else 0):
            if ground.phase_at[p] > asked.until:
                break
            floor = _phase(p, ground)
            _wake(floor.begins, place)
            cursor, left, probes = _play(
                cursor, left, probes, asked, floor, rule, people, crowd.size[r], place, start[r], counter_of[r]
            )
        probed[r] = place.probe
