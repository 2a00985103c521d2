"""What each counter may call from when: skills, less what the reservations of the hour take away. Pure.

A forward run passes through phases; a phase begins where another set of reservations holds.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from queue_server.forecasting.kernel import Flags, Floats
from queue_server.forecasting.outlook_bands import LineKey
from queue_server.forecasting.target_arrays import Ground
from queue_server.queue.reservations import holding, moments, reach
from queue_server.queue.state import OfficeDay

AHEAD = timedelta(hours=24)  # no forward run looks further


def phases(state: OfficeDay, keys: Sequence[LineKey], origin: datetime, now: datetime) -> tuple[Floats, Flags]:
    """When each phase begins (seconds after the origin, the first long ago), and what is barred in it.

    Phases × counters × lines. People sent to one counter are never barred.
    """
    policy, counters = state.policy, list(state.counters)
    begins = [now, *moments(policy, state.setup.timezone, now, now + AHEAD)]
    barred = np.zeros((len(begins), len(counters), len(keys)), dtype=np.bool_)
    services = state.setup.services
    for phase, begin in enumerate(begins):
        held = holding(policy, state.setup.timezone, begin)
        for place, counter in enumerate(counters if held else ()):
            may = reach(held, counter)
            barred[phase, place] = [pool in services and not may.allows(pool, cls) for pool, cls, _ in keys]
    at = [-np.inf, *((begin - origin).total_seconds() for begin in begins[1:])]
    return np.array(at, dtype=np.float64), barred


def skilled(ground: Ground, serves: Flags) -> Ground:
    """The ground with other skills: `serves` (counters, lines), and for each phase the lines that the loops walk."""
    serving = serves[None] & ~ground.barred
    lists = np.full(serving.shape, -1, dtype=np.int64)
    for phase, counters in enumerate(serving):
        for counter, mine in enumerate(counters):
            ids = np.flatnonzero(mine)
            lists[phase, counter, : len(ids)] = ids
    count = serving.sum(axis=2).astype(np.int64)
    return ground._replace(serves=serves, serving=serving, reach=lists, reach_count=count)
