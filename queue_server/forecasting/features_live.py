"""What is known of a ticket in the running office: the columns the office's own model learns from. Pure.

The teller keeps them for each ticket and hands them over with its wait (`Teller.take_lessons`); the nightly process
fits a `WaitModel` on the lessons of the last months and the day's `learned` quantiles come from it.
"""

from collections.abc import Mapping, Sequence
from math import isfinite, nan

import numpy as np

from queue_server.forecasting.learned import Growth, WaitModel, fit_waits

UNIT = 3.0  # minutes
LEAST_LESSONS = 1000  # about a fortnight of a small office; fewer teach noise
NAMES = ("minute", "ahead", "able", "typical", "waiting", "les", "last_ten", "hol", "ql", "low", "likely", "high")

Lesson = tuple[tuple[float, ...], float]  # columns, wait in minutes


def columns(
    *,
    minute: float,
    ahead: int,
    able: int,
    typical: float,
    waiting: int,
    points: Mapping[str, float],
    ends: tuple[float, float, float] | None,
) -> tuple[float, ...]:
    """One ticket's row in the order of `NAMES`; what nobody knows is not-a-number, which trees can bear.

    `minute` is that of the day, `points` are the classic predictors' waits, `ends` the simulation's quantiles.
    """
    told = [points.get(name, nan) for name in ("les", "last_ten", "hol", "ql")]
    row = (minute, float(ahead), float(able), typical, float(waiting), *told, *(ends or (nan, nan, nan)))
    return tuple(value if isfinite(value) else nan for value in row)


def learn(lessons: Sequence[Lesson], *, growth: Growth | None = None) -> WaitModel | None:
    """The office's own model, or None while there are fewer than a thousand lessons. Loads the compiler."""
    kept = [(row, wait) for row, wait in lessons if len(row) == len(NAMES) and isfinite(wait)]
    if len(kept) < LEAST_LESSONS:
        return None
    return fit_waits(np.array([row for row, _ in kept]), np.array([wait for _, wait in kept]), unit=UNIT, growth=growth)


def tell(model: WaitModel, rows: Mapping[str, tuple[float, ...]]) -> dict[str, tuple[float, float, float]]:
    """The model's low, likely and high of each ticket, for `Teller.estimates(learned=…)`."""
    if not rows:
        return {}
    ends = model.from_log(model.predict(np.array(list(rows.values()))))
    return {
        ticket: (float(low), float(likely), float(high)) for ticket, (low, likely, high) in zip(rows, ends, strict=True)
    }
