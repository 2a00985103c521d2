"""The lines of a live office cut by duration band, and into which of them people to come will go. Pure; seconds.

Only where the policy in force cuts them (`queue.duration_bands`). Usual bands come first, so that a line has the same
place in both.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from queue_server.forecasting.kernel import Floats
from queue_server.forecasting.lookahead import Coming, Habits
from queue_server.queue.config import OfficeConfig
from queue_server.queue.duration_bands import BANDS, USUAL, band_of

LineKey = tuple[str, str, int]  # pool (a service, or `counter:3`), class, duration band
FEWEST = 20  # latest people of a service that tell what is to come
NARROWEST = 0.5  # of the spread of a service; no matter is known better than this

ORDER = (USUAL, *(band for band in BANDS if band != USUAL))


def usual_lines(config: OfficeConfig) -> tuple[LineKey, ...]:
    """One line for each service and class."""
    return tuple((service, cls, USUAL) for service in config.services for cls in config.classes)


def cut(keys: Sequence[LineKey], habits: Habits) -> tuple[tuple[LineKey, ...], Habits]:
    """The same lines once for each band; what they teach is that of the service."""
    many = len(ORDER)
    return (
        tuple((pool, cls, band) for band in ORDER for pool, cls, _ in keys),
        habits._replace(minutes=np.tile(habits.minutes, (many, 1)), no_show=np.tile(habits.no_show, many)),
    )


def cut_coming(
    coming: Coming, keys: Sequence[LineKey], habits: Habits, config: OfficeConfig, told: Mapping[str, Sequence[float]],
    *, seed: int,
) -> Coming:  # fmt: skip
    """People to come, each with a matter like one of the latest `told` (service → expected seconds).

    A service that too few came for stays in its usual band. All matters of a service together keep its mean, and
    nearly its spread.
    """
    line, minutes = coming.line.copy(), coming.minutes.copy()
    draws = np.random.default_rng([seed, 21]).random(line.shape)
    for place, (service, _, _) in enumerate(keys):
        known = np.sort([s for s in told.get(service, ()) if np.isfinite(s) and s > 0.0])
        mine = coming.line == place
        if len(known) < FEWEST or not mine.any():
            continue
        bands = np.array([ORDER.index(band_of(s, config.services[service].typical)) for s in known])
        chosen = (draws[mine] * len(known)).astype(np.int64)
        line[mine] = place + len(keys) * bands[chosen]
        scale = known[chosen] / known.mean()
        taken = _narrowed(coming.minutes[mine], habits.minutes[place], known) * scale
        minutes[mine] = np.where(coming.paced[mine], taken, coming.minutes[mine])
    return coming._replace(line=line, minutes=minutes)


def _narrowed(minutes: Floats, table: Floats, known: Floats) -> Floats:
    """Minutes drawn from a service's table with what lies between its matters taken out; the mean stays."""
    spread = float(np.log(np.maximum(table, 1.0)).std())
    within = spread**2 - float(np.log(known).std()) ** 2
    power = max(NARROWEST, np.sqrt(max(0.0, within)) / spread) if spread > 0.0 else 1.0
    mean = float((table**power).mean())
    return minutes**power * (float(table.mean()) / mean if mean > 0.0 else 1.0)
