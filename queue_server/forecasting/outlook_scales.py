"""How long each matter is expected to take, against the others of its line: waiting, and at the counters. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np

from queue_server.forecasting.kernel import Floats
from queue_server.forecasting.lookahead import Habits
from queue_server.forecasting.target_draws import Waiting
from queue_server.queue.state import OfficeDay, Ticket

Place = Mapping[tuple[str, str], int]  # pool and class → row of the habits
FARTHEST = 4.0  # a factor beyond this is not believed
NARROWEST = 0.5  # of the spread of the line; nor is a matter known better than this


def scales(people: Sequence[Ticket], place: Place, habits: Habits, predicted: Mapping[str, float]) -> Floats:
    """Of each waiting person: `predicted` seconds against the mean of the line, 1 where nothing is predicted."""
    rows = [place[t.pool, t.class_id] for t in people]
    return _against([predicted.get(t.id) for t in people], rows, habits)


def served_scales(state: OfficeDay, place: Place, habits: Habits, predicted: Mapping[str, float]) -> Floats:
    """The same of what is at each counter, 1 where nobody is."""
    at = [state.tickets[c.ticket] if c.ticket is not None else None for c in state.counters.values()]
    rows = [place[t.service, t.class_id] if t is not None else 0 for t in at]
    return _against([predicted.get(t.id) if t is not None else None for t in at], rows, habits)


def narrowed(
    known: Waiting, people: Sequence[Ticket], habits: Habits, scale: Floats, predicted: Mapping[str, float]
) -> Waiting:
    """Scales and powers of those who wait: a predicted matter spreads no more in logarithms than its ticket says.

    The mean stays what the scale says; a spread that is missing, no number or wider than the line's changes nothing.
    """
    spread = np.array([t.spread if t.id in predicted and t.spread else np.nan for t in people], dtype=np.float64)
    usual = np.log(np.maximum(habits.minutes, 1.0)).std(axis=1)[known.line]
    share = np.divide(spread, usual, out=np.ones(len(people)), where=usual > 0)
    power = np.clip(np.nan_to_num(share, nan=1.0), NARROWEST, 1.0)
    tables = habits.minutes[known.line]
    mean = (tables ** power[:, None]).mean(axis=1)
    factor = np.divide(tables.mean(axis=1), mean, out=np.ones(len(people)), where=(power < 1.0) & (mean > 0))
    return known._replace(scale=scale * factor, power=power)


def _against(told: Sequence[float | None], rows: Sequence[int], habits: Habits) -> Floats:
    usual = habits.minutes.mean(axis=1)
    found = [1.0 if one is None else one / usual[row] for one, row in zip(told, rows, strict=True)]
    return np.clip(np.nan_to_num(np.array(found, dtype=np.float64), nan=1.0), 1.0 / FARTHEST, FARTHEST)
