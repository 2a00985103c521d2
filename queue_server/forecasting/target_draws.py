"""What nobody can know, drawn: minutes, absences, pauses and people still to come, the same for the same seed. Pure.

Every number is a hash of (seed, whom it is about, purpose, future). So a person has the same fate in every variant of
the office that is tried (common random numbers), and keeps it from one refresh to the next. Over the futures each
draw is spread evenly: every stratum occurs once.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from queue_server.forecasting.kernel import Floats, Ints
from queue_server.forecasting.lookahead import Coming, Habits
from queue_server.forecasting.target_arrays import Crowd

SPREADS = 4096  # different orders in which strata are met
MINUTES, SHOWN, PAUSED, PAUSE, REST = 1, 2, 3, 4, 5  # purposes

FREE, SERVING, RESTING, AWAY, ABSENT = 0, 1, 2, 3, 4


class Waiting(NamedTuple):
    """People known now, in the order of their numbers."""

    key: Ints  # any number that stays with the ticket
    arrive: Floats  # when they may be called: later than now for those who asked to be called later
    due: Floats
    line: Ints
    scale: Floats  # how long this matter is expected to take, against others of its line
    power: Floats  # of what is drawn, before the scale: below 1 where the matter tells more than its line; 1 elsewhere

    def of(self, places: NDArray[Any]) -> "Waiting":
        """Some of them, by place or by flag."""
        return Waiting(*(column[places] for column in self))


class AtDesk(NamedTuple):
    """What is seen of the counters (C)."""

    kind: Ints  # FREE, SERVING, RESTING (a pause after a service), AWAY until `until`, ABSENT
    since: Floats  # of the kind
    until: Floats
    line: Ints  # of the ticket being served
    idle_since: Floats
    run: Ints
    scale: Floats  # how long the matter being served is expected to take, against others of its line


def mixed(value: NDArray[Any]) -> NDArray[np.uint64]:
    """Splitmix64's finaliser, element by element."""
    with np.errstate(over="ignore"):
        z = value.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))


@lru_cache(maxsize=8)
def spreads(futures: int) -> Ints:
    """SPREADS permutations of the futures."""
    rng = np.random.default_rng(futures)
    return np.array([rng.permutation(futures) for _ in range(SPREADS)], dtype=np.int64)


def uniforms(seed: int, keys: Ints, purpose: int, futures: int) -> Floats:
    """(futures, keys): numbers in [0, 1), each stratum once per key."""
    base = mixed(np.asarray(keys, dtype=np.int64).astype(np.uint64) ^ mixed(np.array([seed * 1009 + purpose])))
    turned = (base >> np.uint64(40)).astype(np.int64)[:, None]
    rows = (spreads(futures)[(base % np.uint64(SPREADS)).astype(np.int64)] + turned) % futures
    jitter = mixed(base[:, None] + mixed(np.arange(futures))[None, :]) >> np.uint64(11)
    return np.asarray(((rows + jitter / 9007199254740992.0) / futures).T)


def at_quantile(tables: Floats, u: Floats) -> Floats:
    """Linear interpolation in evenly spaced quantiles: tables (N, Q) at u (R, N)."""
    last = tables.shape[1] - 1
    x = u * last
    k = np.minimum(x.astype(np.int64), last - 1)
    columns = np.arange(tables.shape[0])
    low = tables[columns, k]
    return np.asarray(low + (x - k) * (tables[columns, k + 1] - low))


def share_below(table: Floats, value: float) -> float:
    """The inverse of `at_quantile` for one table."""
    k = int(np.searchsorted(table, value))
    if k <= 0:
        return 0.0
    if k >= len(table):
        return 1.0
    return float((k - 1 + (value - table[k - 1]) / max(1e-9, table[k] - table[k - 1])) / (len(table) - 1))


def rest_of(table: Floats, elapsed: float, u: Floats, *, least: float) -> Floats:
    """What is left of something that has lasted `elapsed`; past everything seen a tenth of it more, never nothing."""
    gone = share_below(table, elapsed)
    if gone >= 0.995:
        return np.full(len(u), max(least, 0.1 * elapsed))
    drawn = at_quantile(table[None, :], (gone + (1.0 - gone) * u)[:, None])[:, 0]
    return np.asarray(np.maximum(0.0, drawn - elapsed))


def pauses(seed: int, keys: Ints, futures: int, habits: Habits) -> Floats:
    """(futures, keys): how long a counter is held after each ticket."""
    taken = uniforms(seed, keys, PAUSED, futures) < habits.pause_share
    length = at_quantile(
        np.broadcast_to(habits.pause, (len(keys), len(habits.pause))), uniforms(seed, keys, PAUSE, futures)
    )
    return np.asarray(np.where(taken, length, 0.0))


def free_at(
    now: float, desks: AtDesk, habits: Habits, speed: Floats, *, seed: int, futures: int, least: float
) -> Floats:
    """(futures, counters): when each counter acts next."""
    found = np.full((futures, len(desks.kind)), np.inf)
    keys = np.array([900_000_007 + 7919 * c + int(s * 64.0) for c, s in enumerate(desks.since)], dtype=np.int64)
    u = uniforms(seed, keys, REST, futures)
    after = pauses(seed, keys, futures, habits)
    for c, kind in enumerate(desks.kind):
        elapsed = max(0.0, now - float(desks.since[c]))
        if kind == FREE:
            found[:, c] = now
        elif kind == SERVING:
            usual = habits.minutes[desks.line[c]] * desks.scale[c]
            rest = rest_of(usual, elapsed / speed[c], u[:, c], least=least) * speed[c]
            found[:, c] = np.maximum(now + rest + after[:, c], desks.until[c])
        elif kind == RESTING:
            found[:, c] = now + rest_of(habits.pause, elapsed, u[:, c], least=least)
        elif kind == AWAY:
            found[:, c] = max(now, float(desks.until[c]))
    return found


def crowd(
    now: float, until: float, known: Waiting, coming: Coming, level: Floats, habits: Habits, *, seed: int
) -> tuple[Crowd, int]:
    """Everybody who matters until `until`, and how many of them stand in line now.

    `level` (lines,): how busy today is against usual; `coming` is thinned to it. Each future of `coming` is in order
    of arrival.
    """
    from queue_server.forecasting import target_merge

    futures = coming.arrive.shape[0]
    order = np.argsort(np.maximum(known.arrive, now), kind="stable")
    known = known.of(order)
    shown = uniforms(seed, known.key, SHOWN, futures) >= habits.no_show[known.line]
    drawn = at_quantile(habits.minutes[known.line], uniforms(seed, known.key, MINUTES, futures))
    told = known.power != 1.0
    drawn[:, told] **= known.power[told]
    drawn *= known.scale
    standing = target_merge.Standing(
        arrive=known.arrive, due=known.due, line=known.line,
        order=order.astype(np.int64), minutes=np.where(shown, drawn, habits.no_show_minutes), paced=shown,
        pause=pauses(seed, known.key, futures, habits),
    )  # fmt: skip
    comers, many = target_merge.come(now, until, coming, level)
    found = room_for(len(order) + many)
    target_merge.merge(standing, coming, comers, many, found)
    return found, int((known.arrive <= now).sum())


def room_for(size: Ints) -> Crowd:
    """A crowd that is still to be filled."""
    shape = (len(size), int(size.max(initial=0)))
    return Crowd(
        arrive=np.empty(shape), due=np.empty(shape), line=np.empty(shape, np.int64), order=np.empty(shape, np.int64),
        minutes=np.empty(shape), paced=np.empty(shape, np.bool_), pause=np.empty(shape), size=size,
    )  # fmt: skip
