"""How long each matter is expected to take, against the others of its line: waiting, and at the counters. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np

from queue_server.forecasting.kernel import Floats
from queue_server.forecasting.lookahead import Habits
from queue_server.queue.state import OfficeDay, Ticket

Place = Mapping[tuple[str, str], int]  # pool and class → row of the habits
FARTHEST = 4.0  # a factor beyond this is not believed


def scales(people: Sequence[Ticket], place: Place, habits: Habits, predicted: Mapping[str, float]) -> Floats:
    """Of each waiting person: `predicted` seconds against the mean of the line, 1 where nothing is predicted."""
    rows = [place[t.pool, t.class_id] for t in people]
    return _against([predicted.get(t.id) for t in people], rows, habits)


def served_scales(state: OfficeDay, place: Place, habits: Habits, predicted: Mapping[str, float]) -> Floats:
    """The same of what is at each counter, 1 where nobody is."""
    at = [state.tickets[c.ticket] if c.ticket is not None else None for c in state.counters.values()]
    rows = [place[t.service, t.class_id] if t is not None else 0 for t in at]
    return _against([predicted.get(t.id) if t is not None else None for t in at], rows, habits)


def _against(told: Sequence[float | None], rows: Sequence[int], habits: Habits) -> Floats:
    usual = habits.minutes.mean(axis=1)
    found = [1.0 if one is None else one / usual[row] for one, row in zip(told, rows, strict=True)]
    return np.clip(np.nan_to_num(np.array(found, dtype=np.float64), nan=1.0), 1.0 / FARTHEST, FARTHEST)
