"""How long each matter is expected to take, against the others of its line: waiting, and at the counters. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np

from queue_server.forecasting.kernel import Floats, Ints
from queue_server.forecasting.lookahead import Habits
from queue_server.forecasting.outlook_bands import NARROWEST, LineKey
from queue_server.forecasting.target_draws import Waiting
from queue_server.queue.duration_bands import USUAL
from queue_server.queue.state import OfficeDay, Ticket

Place = Mapping[LineKey, int]  # line → row of the habits
FARTHEST = 4.0  # a factor beyond this is not believed


def scales(people: Sequence[Ticket], rows: Ints, habits: Habits, predicted: Mapping[str, float]) -> Floats:
    """Of each waiting person: `predicted` seconds against the mean of its row, 1 where nothing is predicted."""
    return _against([predicted.get(t.id) for t in people], rows, habits)


def served_scales(state: OfficeDay, place: Place, habits: Habits, predicted: Mapping[str, float]) -> Floats:
    """The same of what is at each counter, 1 where nobody is."""
    at = [state.tickets[c.ticket] if c.ticket is not None else None for c in state.counters.values()]
    rows = np.array([place[t.service, t.class_id, USUAL] if t is not None else 0 for t in at], dtype=np.int64)
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


def _against(told: Sequence[float | None], rows: Ints, habits: Habits) -> Floats:
    usual = habits.minutes.mean(axis=1)
    found = [1.0 if one is None else one / usual[row] for one, row in zip(told, rows, strict=True)]
    return np.clip(np.nan_to_num(np.array(found, dtype=np.float64), nan=1.0), 1.0 / FARTHEST, FARTHEST)
