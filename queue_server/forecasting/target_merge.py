"""People known and people to come in one order of arrival, compiled. Pure; imported where futures are drawn."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from queue_server.forecasting.kernel import Flags, Floats, Ints


class Standing(NamedTuple):
    """People known now (K), by the moment from which they may be called, who stands in line first."""

    arrive: Floats
    due: Floats
    line: Ints
    order: Ints
    minutes: Floats  # R × K
    paced: Flags  # R × K
    pause: Floats  # R × K


@njit(cache=True)
def come(now: float, until: float, coming: Any, level: Any) -> Any:
    """Who comes while it matters: R × N places among the sampled, and how many they are.

    They were sampled for a day busier than any, and are thinned to today's level.
    """
    futures, room = coming.arrive.shape
    places, many = np.empty((futures, room), np.int64), np.zeros(futures, np.int64)
    for r in range(futures):
        line, mark, mine = coming.line[r], coming.mark[r], places[r]
        first, last = np.searchsorted(coming.arrive[r, : coming.number[r]], np.array([now, until]), side="right")
        found = 0
        for k in range(first, last):
            mine[found] = k
            found += mark[k] < level[line[k]]
        many[r] = found
    return places, many


@njit(cache=True)
def _turns(known: Any, arrive: Any, comers: Any, order: Any) -> None:
    """Fills `order`: people known (from 0) and to come (from their number on) as they come, known ones first."""
    many = len(known)
    i, at = 0, 0
    for k in comers:
        while i < many and known[i] <= arrive[k]:
            order[at] = i
            i, at = i + 1, at + 1
        order[at] = many + k
        at += 1
    while i < many:
        order[at] = i
        i, at = i + 1, at + 1


@njit(cache=True)
def _fill(order: Any, known: Any, sampled: Any, nobody: Any, out: Any) -> None:
    many = len(known)
    for at in range(len(order)):
        place = order[at]
        out[at] = known[place] if place < many else sampled[place - many]
    out[len(order) :] = nobody


@njit(cache=True)
def merge(known: Any, coming: Any, comers: Any, many: Any, out: Any) -> None:
    """Fills a crowd of the right size; of those who come at the same moment a known person goes first."""
    order = np.empty(out.due.shape[1], np.int64)
    for r in range(len(many)):
        turn = order[: out.size[r]]
        _turns(known.arrive, coming.arrive[r], comers[r, : many[r]], turn)
        _fill(turn, known.arrive, coming.arrive[r], np.inf, out.arrive[r])
        _fill(turn, known.due, coming.due[r], np.inf, out.due[r])
        _fill(turn, known.line, coming.line[r], 0, out.line[r])
        _fill(turn, known.minutes[r], coming.minutes[r], 0.0, out.minutes[r])
        _fill(turn, known.paced[r], coming.paced[r], False, out.paced[r])
        _fill(turn, known.pause[r], coming.pause[r], 0.0, out.pause[r])
        for at, place in enumerate(turn):
            out.order[r, at] = known.order[place] if place < len(known.order) else place
        out.order[r, len(turn) :] = len(known.order)
