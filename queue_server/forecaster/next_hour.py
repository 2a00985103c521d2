"""The arrivals of the next hour, corrected by what the nightly fit learned of the office's own days. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

import numpy as np

from queue_server.forecasting import features_arrivals
from queue_server.forecasting.arrivals import QUARTERS, Calendar, DayCount, Floats

HOUR = 4  # quarter-hours
MOST = 3.0  # times more or fewer than the level says is not believed
DAYS = 120  # newest that teach


@dataclass(frozen=True, slots=True, kw_only=True)
class NextHour:
    """A correction and the services whose last hour it looks at; others that came later are counted in the whole."""

    services: tuple[str, ...]
    correction: features_arrivals.Correction

    def to_state(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"services": list(self.services), "correction": self.correction.to_state()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "NextHour":
        """What `to_state` wrote; raises `KeyError`, `TypeError` or `ValueError`."""
        services = tuple(str(one) for one in state["services"])
        columns = features_arrivals.columns(len(services))
        return cls(
            services=services,
            correction=features_arrivals.Correction.from_state(state["correction"], columns),
        )


def office_days(counts: Mapping[str, Sequence[DayCount]], services: Sequence[str]) -> list[DayCount]:
    """Service → its days, as days of the whole office with a signal for each of `services`."""
    nobody = np.zeros(QUARTERS)
    by_day: dict[date, dict[str, Floats]] = {}
    for service, days in counts.items():
        for one in days:
            by_day.setdefault(one.day, {})[service] = one.counts
    return [
        DayCount(
            day=day,
            counts=np.sum(list(found.values()), axis=0),
            signals={service: found.get(service, nobody) for service in services},
        )
        for day, found in sorted(by_day.items())
    ]


def learn(counts: Mapping[str, Sequence[DayCount]], calendar: Calendar) -> NextHour | None:
    """What the newest past days teach; nothing where there are too few."""
    services = tuple(sorted(counts))
    correction = features_arrivals.learn([office_days(counts, services)[-DAYS:]], calendar)
    return None if correction is None else NextHour(services=services, correction=correction)


def with_next_hour(
    people: Mapping[str, Sequence[float]], told: NextHour, past: Sequence[DayCount], today: DayCount,
    calendar: Calendar, *, quarter: int, level: float,
) -> dict[str, tuple[float, ...]]:  # fmt: skip
    """`people` with the hour from `quarter` on brought to what the correction tells; shares of services stay.

    They are thinned to `level` later, so they are brought to that much less.
    """
    usual = level * sum(sum(rates[quarter : quarter + HOUR]) for rates in people.values())
    if usual <= 0.0:
        return {s: tuple(rates) for s, rates in people.items()}
    known = features_arrivals.evening(past, today, calendar)
    ratio = features_arrivals.next_hour(known, today, quarter, told.correction) / usual
    factor = min(max(ratio, 1.0 / MOST), MOST) if isfinite(ratio) else 1.0
    return {
        s: tuple(rate * factor if quarter <= q < quarter + HOUR else rate for q, rate in enumerate(rates))
        for s, rates in people.items()
    }
