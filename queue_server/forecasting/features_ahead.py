"""Running the real rule forward from one moment: sampled calls of everybody who waits, compiled by numba. Pure.

The same compiled floor that routes and is held equal to the reference (`kernel_loops`); only what nobody can know
is drawn: rests of services, minutes of the waiting, no-shows, pauses and the people who are still to come.
Import it where simulation is wanted; importing it loads the compiler.
"""

from typing import Any

import numpy as np
from numba import njit

from queue_server.forecasting.kernel import Fates, Floats, Floor, Ints, LineRule, Standing
from queue_server.forecasting.kernel_loops import join, play
from queue_server.forecasting.kernel_rollout import draw_arrivals, draw_counters, draw_ticket
from queue_server.forecasting.lookahead import Coming, Habits, View

STEP = 30.0  # minutes played before looking whether all who wait now have been called


@njit(cache=True)
def _futures(
    now: float, view: Any, level: float, floor: Any, rule: Any, habits: Any, coming: Any, seed: int, shuffles: Any,
    first: int,
) -> Any:  # fmt: skip
    """Minutes (clock) at which each waiting ticket is called, one column a future; exact from ticket `first` on."""
    futures = shuffles.shape[1]
    waiting = len(view.due)
    room = waiting + coming.arrive.shape[1]
    lines, counters = len(floor.favoured), len(view.kind)
    due = np.zeros(room)
    fates = Fates(
        np.zeros(room), due, due, np.zeros(room, np.int64), np.zeros(room), np.zeros(room, np.bool_), np.zeros(room)
    )
    morning = Standing(
        np.full(lines, -1), np.full(lines, -1), np.full(room, -1), np.zeros(view.services, np.int64),
        np.zeros(counters), np.zeros(counters, np.bool_), np.zeros(counters), np.zeros(counters, np.bool_),
        np.zeros(counters, np.int64),
    )  # fmt: skip
    for i in range(waiting):
        fates.due[i] = view.due[i]
        fates.line[i] = view.ticket_line[i]
        join(i, fates, floor, morning)
    called = np.empty((waiting, futures))
    start = np.empty(room)
    counter_of = np.empty(room, np.int64)
    for r in range(futures):
        for i in range(waiting):
            draw_ticket(i, view.key[i], view.ticket_line[i], seed, r, shuffles, habits, fates)
        draw_counters(now, view, seed, r, shuffles, floor, habits, morning)
        count = draw_arrivals(now, np.inf, level, waiting, r, coming, fates)
        trial = Standing(
            morning.first.copy(), morning.last.copy(), morning.behind.copy(), morning.queue.copy(),
            morning.free_at.copy(), morning.idle.copy(), morning.idle_since.copy(), morning.lunched.copy(),
            morning.run.copy(),
        )  # fmt: skip
        start[:count] = np.inf
        cursor, until = waiting, now
        left = True
        while left and until < now + 1440.0:
            until += STEP
            cursor = play(cursor, until, floor, rule, fates, count, trial, start, counter_of)
            left = False
            for i in range(first, waiting):
                left = left or start[i] == np.inf
        for i in range(waiting):
            called[i, r] = start[i]
    return called


def futures(
    now: float,
    view: View,
    *,
    floor: Floor,
    rule: LineRule,
    habits: Habits,
    coming: Coming,
    shuffles: Ints,
    level: float = 1.0,
    seed: int = 1,
    newest_only: bool = False,
) -> Floats:
    """(waiting, futures): sampled waits in minutes from each ticket's due time, 1,440 for "not today".

    `shuffles` (any, futures) are permutations, so that each ticket's drawn minutes are spread evenly over the
    futures. The same arguments give the same answer. With `newest_only` a future ends when the last ticket of
    the view is called, and only its row means anything.
    """
    if not len(view.due):
        return np.zeros((0, shuffles.shape[1]))
    called = _futures(
        now, view, level, floor, rule, habits, coming, seed, shuffles, len(view.due) - 1 if newest_only else 0
    )
    return np.asarray(np.clip(called - np.asarray(view.due)[:, None], 0.0, 1440.0))
