"""Score predictors on a past in which everything happens in its true order. Pure.

Trained strictly before the test, calibrated on the training days (each third predicted by a model that saw only
the other two), corrected in the order of calls: what is announced to a test ticket knows only what had happened
when it was asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from queue_server.forecasting.conformal import Intervals, Setting, size_of
from queue_server.forecasting.learned import Growth, WaitModel, fit_waits

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]

FOLDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Tickets with what was known when they asked; all arrays have one entry (or row) a ticket.

    `asked_at` and `called_at` are on one clock over all days, `unit` and `sizes` are in the wait's unit.
    """

    rows: Floats
    wait: Floats
    day: Ints
    asked_at: Floats
    called_at: Floats
    service: Names
    unit: float
    sizes: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The test tickets (their places in the past) and what would have been announced to them."""

    test: Ints
    low: Floats
    likely: Floats
    high: Floats


def in_order(past: Past, chosen: Ints) -> Iterator[tuple[bool, int]]:
    """Asked (True) and called (False) of the chosen tickets as they happened; at the same time, calls first."""
    moments = np.concatenate([past.asked_at[chosen], past.called_at[chosen]])
    asked = np.repeat([True, False], len(chosen))
    places = np.tile(chosen, 2)
    for at in np.lexsort((asked, moments)):
        yield bool(asked[at]), int(places[at])


def announce(past: Past, quantiles: Floats, chosen: Ints, setting: Setting | None = None) -> tuple[Floats, Floats]:
    """Ends of the corrected intervals (log scale) of the chosen tickets; `quantiles` (all, 3) are log waits."""
    running = Intervals(setting)
    shown = np.full((len(past.wait), 2), np.nan)
    truth = np.log(past.wait + past.unit)
    likely = np.exp(quantiles[:, 1]) - past.unit
    today = None
    for asked, at in in_order(past, chosen):
        if asked and past.day[at] != today:
            today = past.day[at]
            running.next_day()
        group, size = str(past.service[at]), size_of(float(likely[at]), past.sizes)
        low, high = float(quantiles[at, 0]), float(quantiles[at, 2])
        if asked:
            shown[at] = running.correct(low, high, group=group, size=size)
        else:
            ends = (float(shown[at, 0]), float(shown[at, 1]))
            running.learn(float(truth[at]), predicted=(low, high), shown=ends, group=group, size=size)
    return shown[:, 0], shown[:, 1]


def run(past: Past, test_from: int, *, growth: Growth | None = None, setting: Setting | None = None) -> Scored:
    """Train before the ordinal day `test_from`, then announce every later ticket in its turn."""
    train, test = past.day < test_from, np.flatnonzero(past.day >= test_from)
    quantiles = np.zeros((len(past.wait), 3))
    days = np.unique(past.day[train])
    for part in range(FOLDS):
        kept_out = train & np.isin(past.day, days[part::FOLDS])
        if kept_out.any():
            quantiles[kept_out] = _fitted(past, train & ~kept_out, growth).predict(past.rows[kept_out])
    model = _fitted(past, train, growth)
    quantiles[test] = model.predict(past.rows[test])
    low, high = announce(past, quantiles, np.arange(len(past.wait)), setting)
    return Scored(
        test=test,
        likely=model.from_log(quantiles[test, 1]),
        low=model.from_log(low[test]),
        high=model.from_log(high[test]),
    )


def _fitted(past: Past, chosen: npt.NDArray[np.bool_], growth: Growth | None) -> WaitModel:
    return fit_waits(past.rows[chosen], past.wait[chosen], unit=past.unit, growth=growth)
