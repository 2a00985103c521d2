"""Past days of the journal as days of the kernel, and the office that worked them. Pure; minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

import numpy as np

from queue_server.forecaster.knowledge import Hours, as_date, gap, habits_of, learned
from queue_server.forecaster.past import Past, PastTicket, Period
from queue_server.forecasting.office_days import CounterFacts, Day, DayTicket, OfficeFacts, ServiceFacts
from queue_server.forecasting.office_tuning import OfficePast, class_ids
from queue_server.queue.config import MINUTE, ClassKind, OfficeConfig

DAYS = 60
ABSENT = 1.5  # minutes that an unanswered call takes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """Minutes after the moment of the day when the office usually begins."""

    hours: Hours
    begins: float

    def at(self, day: str, moment: datetime) -> float:
        return (moment - self.hours.midnight(day)).total_seconds() / MINUTE - self.begins


def office_past(config: OfficeConfig, past: Past, hours: Hours, *, most: int = DAYS) -> OfficePast:
    """The newest `most` days that had somebody called; services that no counter serves now are left out."""
    days = past.days[-most:]
    kept = [t for t in past.tickets if t.day in set(days) and t.called_at is not None and t.service in config.services]
    periods = [p for p in past.periods if p.day in set(days)]
    clock = _Clock(hours=hours, begins=_begins(kept, periods, hours))
    facts = _facts(config, kept, periods, clock, days[-1] if days else "")
    served = {skill for counter in facts.counters for skill in counter.skills}
    place = {s: n for n, s in enumerate(config.services)}
    by_day: dict[str, list[DayTicket]] = {}
    pause = min(5.0, gap(kept) / MINUTE)
    speeds = {c: facts.counters[n].speed for n, c in enumerate(_present(config, periods, len(days)))}
    for t in kept:
        if place[t.service] in served:
            by_day.setdefault(t.day, []).append(_ticket(config, t, clock, facts, speeds, pause))
    return OfficePast(
        config=config,
        facts=facts,
        days=tuple(
            Day(weekday=as_date(day).weekday(), tickets=tuple(sorted(found, key=lambda t: t.arrive)))
            for day, found in sorted(by_day.items())
        ),
    )


def _begins(tickets: Sequence[PastTicket], periods: Sequence[Period], hours: Hours) -> float:
    """The usual first opening of a counter, or the first number taken where no opening is known."""
    first: dict[str, float] = {}
    moments = [(p.day, p.began) for p in periods] or [(t.day, t.taken_at) for t in tickets]
    for day, moment in moments:
        minute = (moment - hours.midnight(day)).total_seconds() / MINUTE
        first[day] = min(first.get(day, minute), minute)
    return median(first.values()) if first else 0.0


def _present(config: OfficeConfig, periods: Sequence[Period], days: int) -> tuple[str, ...]:
    """Counters that were open on at least half of the days; all of them where nobody knows."""
    seen: dict[str, set[str]] = {}
    for p in periods:
        if p.status == "open":
            seen.setdefault(p.counter, set()).add(p.day)
    found = tuple(c for c in config.counters if 2 * len(seen.get(c, ())) >= max(1, days))
    return found or tuple(config.counters)


def _facts(
    config: OfficeConfig, tickets: Sequence[PastTicket], periods: Sequence[Period], clock: _Clock, day: str
) -> OfficeFacts:
    known = learned(config, tickets)
    place = {s: n for n, s in enumerate(config.services)}
    breaks = habits_of(periods, clock.hours, day, config).breaks if day else {}
    counters = []
    for counter in _present(config, periods, len({t.day for t in tickets})):
        begin, seconds = breaks[counter][0] if counter in breaks else (None, 0.0)
        counters.append(
            CounterFacts(
                skills=tuple(sorted(place[s] for s in config.counters[counter].services if s in place)),
                speed=known.pace.get(counter, 1.0),
                lunch_at=clock.at(day, begin) if begin else 0.0,
                lunch_minutes=seconds / MINUTE,
            )
        )
    return OfficeFacts(
        services=tuple(_service(known.seconds[s]) for s in config.services),
        counters=tuple(counters),
        classes=class_ids(config),
        no_show_minutes=ABSENT,
        close_at=max((clock.at(t.day, t.taken_at) for t in tickets), default=0.0),
    )


def _service(seconds: Sequence[float]) -> ServiceFacts:
    table = np.asarray(seconds) / MINUTE
    return ServiceFacts(mean_minutes=float(table.mean()), cv=float(table.std() / table.mean()))


def _ticket(
    config: OfficeConfig, t: PastTicket, clock: _Clock, facts: OfficeFacts, speeds: Mapping[str, float], pause: float
) -> DayTicket:
    """What came, and what it took at a counter of usual pace; a matter that never ended takes the usual time."""
    service = list(config.services).index(t.service)
    kind = config.classes[t.class_id].kind if t.class_id in config.classes else ClassKind.ORDINARY
    arrive = max(0.0, clock.at(t.day, t.taken_at))
    due = arrive
    if kind is ClassKind.APPOINTMENT and t.called_at and t.waited is not None:
        due = max(arrive, clock.at(t.day, t.called_at) - t.waited / MINUTE)
    minutes = facts.services[service].mean_minutes
    if t.handled is not None:
        minutes = max(0.1, t.handled / MINUTE / speeds.get(t.counter or "", 1.0))
    return DayTicket(
        arrive=arrive,
        due_from=due,
        service=service,
        cls=0 if kind is ClassKind.ORDINARY else facts.classes.index(t.class_id),
        minutes=minutes,
        no_show=t.missed,
        pause_after=pause,
        predicted=(t.expected or config.services[t.service].typical) / MINUTE,
    )
