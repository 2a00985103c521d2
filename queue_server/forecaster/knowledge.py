"""What past days and today so far teach the forward run: durations, paces, no-shows, breaks, arrivals. Pure.

Everything is shrunk to the site's own figures, so an office on its first day gets wide answers and no exception.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np

from queue_server.forecaster.next_hour import NextHour, office_days, with_next_hour
from queue_server.forecaster.past import Past, PastTicket, Period
from queue_server.forecasting import arrivals
from queue_server.forecasting.lookahead import HIGHEST_LEVEL, duration_table
from queue_server.forecasting.outlook_office import COMMON_CV, QUARTER, Expected, Learned, Plan, basis
from queue_server.forecasting.target_look import Known
from queue_server.queue.config import MINUTE, OfficeConfig
from queue_server.queue.state import OfficeDay, Ticket
from queue_server.queue.states import TicketState

PRIOR_SERVICES = 20  # services that the site's own minutes weigh
PRIOR_PACE = 60 * MINUTE  # of work, until a counter's own pace counts for half
SEEN = 3000  # services of one kind that are remembered
LATEST = 200  # people of a service whose matters tell what is to come
SHORTEST, LONGEST = 5.0, 4 * 3600.0  # what is outside is a slip of the finger
GAP_LIMIT = 3 * MINUTE  # a longer pause between two people is a break or nobody to call
BREAK = 20 * MINUTE  # a shorter pause is nothing to plan with
HABIT_DAYS = 3  # days before a habit is believed
LATELY = timedelta(hours=2)  # what tells of the rest of a first day
FUTURES = 100
ONE_MORE = timedelta(hours=2)  # an office without closing time is looked at this far


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What the site file says of time: its zone, the calendar, and the day's last closing by date."""

    timezone: str = "Asia/Ho_Chi_Minh"
    calendar: arrivals.Calendar = field(default_factory=lambda: arrivals.Calendar(weekend=frozenset()))
    closes: Mapping[date, datetime] = field(default_factory=dict)

    def midnight(self, day: str) -> datetime:
        """The beginning of an office day."""
        return datetime.combine(as_date(day), time(), ZoneInfo(self.timezone))


def as_date(day: str) -> date:
    """The date of an office day (YYYYMMDD)."""
    return date(int(day[:4]), int(day[4:6]), int(day[6:]))


def known_now(
    state: OfficeDay, past: Past, hours: Hours, now: datetime, *, next_hour: NextHour | None = None,
    futures: int = FUTURES,
) -> Known:  # fmt: skip
    """All that a look needs; make it anew every few minutes, today teaches too. The day must be open."""
    config = state.setup
    today = tickets_of(state)
    expected, morning = expected_of(state, past, hours, now)
    level = level_of(morning, today, hours, now)
    coming = corrected(state, expected, past, hours, now, next_hour, level)
    made = basis(config, learned(config, (*past.tickets, *today)), coming, futures=futures)
    ends = hours.closes.get(as_date(state.day))
    if ends is None or ends <= now:
        ends = last_arrival(expected, now)
    return Known(
        basis=made,
        expected=expected,
        plan=habits_of(past.periods, hours, state.day, config),
        ends=ends,
        level=dict.fromkeys(config.services, level),
    )


def tickets_of(state: OfficeDay) -> tuple[PastTicket, ...]:
    """Today's tickets in the form of past ones."""
    return tuple(as_past(state.day, t) for t in sorted(state.tickets.values(), key=lambda one: one.taken_at))


def as_past(day: str, t: Ticket) -> PastTicket:
    """A ticket of today in the form of a past one."""
    return PastTicket(
        day=day,
        service=t.service,
        class_id=t.class_id,
        counter=t.counter,
        missed=t.state is TicketState.MISSED,
        taken_at=t.taken_at,
        called_at=t.called_at,
        ended_at=t.ended_at,
        handled=(t.ended_at - t.called_at).total_seconds() if t.ended_at and t.called_at and t.answered else None,
        waited=t.waited,
        procedure=t.procedure,
        matter=t.matter,
        expected=t.expected,
    )


def outlasting(state: OfficeDay, now: datetime) -> tuple[PastTicket, ...]:
    """What is at a counter and has outlasted what was expected of it; `handled` is how long it has lasted so far.

    Also without a press of *start*: an absent person is put down long before.
    """
    found = []
    for counter in state.counters.values():
        t = state.tickets[counter.ticket] if counter.ticket is not None else None
        if t is None or t.called_at is None:
            continue
        lasted = (now - t.called_at).total_seconds()
        if lasted > (t.expected or state.setup.services[t.service].typical):
            found.append(replace(as_past(state.day, t), handled=lasted))
    return tuple(found)


def learned(config: OfficeConfig, tickets: Sequence[PastTicket]) -> Learned:
    """Durations per service, paces per counter, no-shows per class, and the gap between two people."""
    seen: dict[str, list[float]] = {}
    for t in tickets:
        if t.handled is not None and SHORTEST <= t.handled <= LONGEST:
            seen.setdefault(t.service, []).append(t.handled)
    seconds = {
        service: tuple(
            duration_table(seen.get(service, [])[-SEEN:], max(1.0, one.typical), COMMON_CV, prior=PRIOR_SERVICES)
        )
        for service, one in config.services.items()
    }
    usual = {service: float(np.mean(table)) for service, table in seconds.items()}
    return Learned(
        seconds=seconds,
        pace=paces(config, tickets, usual),
        no_show={c: no_shows(t for t in tickets if t.class_id == c) for c in config.classes},
        gap=gap(tickets),
        told=told_lately(tickets),
    )


def told_lately(tickets: Iterable[PastTicket]) -> dict[str, list[float]]:
    """Service → seconds that its latest people's matters were expected to take."""
    told: dict[str, list[float]] = {}
    for t in tickets:
        if t.expected is not None:
            told.setdefault(t.service, []).append(t.expected)
    return {service: found[-LATEST:] for service, found in told.items()}


def paces(config: OfficeConfig, tickets: Iterable[PastTicket], usual: Mapping[str, float]) -> dict[str, float]:
    """A counter's time for a service that takes 1: work done over work expected, both with an hour added."""
    spent: dict[str, float] = {}
    due: dict[str, float] = {}
    for t in tickets:
        if t.counter in config.counters and t.handled and t.handled <= LONGEST and t.service in usual:
            spent[t.counter] = spent.get(t.counter, 0.0) + t.handled
            due[t.counter] = due.get(t.counter, 0.0) + usual[t.service]
    return {c: (spent[c] + PRIOR_PACE) / (due[c] + PRIOR_PACE) for c in spent}


def no_shows(tickets: Iterable[PastTicket]) -> float:
    """The share of called people who did not come."""
    called = [t.missed for t in tickets if t.called_at is not None]
    return (sum(called) + 1.0) / (len(called) + 25.0)


def gap(tickets: Iterable[PastTicket]) -> float:
    """Usual seconds between one person's end and the next call at a counter; a few where nobody knows."""
    by_counter: dict[tuple[str, str], list[PastTicket]] = {}
    for t in tickets:
        if t.counter and t.called_at and t.ended_at:
            by_counter.setdefault((t.day, t.counter), []).append(t)
    gaps = []
    for served in by_counter.values():
        served.sort(key=lambda t: t.called_at or t.taken_at)
        for one, after in pairwise(served):
            if one.ended_at and after.called_at:
                gaps.append((after.called_at - one.ended_at).total_seconds())
    known = [g for g in gaps if 0.0 <= g <= GAP_LIMIT]
    return median(known) if len(known) >= PRIOR_SERVICES else 5.0


def day_counts(tickets: Iterable[PastTicket], hours: Hours) -> dict[str, list[arrivals.DayCount]]:
    """Service → what came on each past day by quarter-hour; a day of the office is one of every service."""
    zone = ZoneInfo(hours.timezone)
    counts: dict[tuple[str, str], arrivals.Floats] = {}
    days: dict[str, None] = {}
    services: dict[str, None] = {}
    for t in tickets:
        local = t.taken_at.astimezone(zone)
        days[t.day] = services[t.service] = None
        row = counts.setdefault((t.service, t.day), np.zeros(arrivals.QUARTERS))
        row[local.hour * 4 + local.minute // 15] += 1
    nobody = np.zeros(arrivals.QUARTERS)
    return {
        s: [arrivals.DayCount(day=as_date(d), counts=counts.get((s, d), nobody)) for d in sorted(days)]
        for s in services
    }


def day_ahead(past: Past, hours: Hours, day: date) -> dict[str, arrivals.Forecast]:
    """Service → arrivals of a day from the days before it; empty without history."""
    return {s: arrivals.day_ahead(counts, day, hours.calendar) for s, counts in day_counts(past.tickets, hours).items()}


def expected_of(
    state: OfficeDay, past: Past, hours: Hours, now: datetime
) -> tuple[Expected, dict[str, arrivals.Forecast]]:
    """Who is expected, and the morning's forecast; on a first day the rate of the last two hours goes on."""
    begins = hours.midnight(state.day)
    today = tickets_of(state)
    forecasts = day_ahead(past, hours, as_date(state.day))
    people = {s: tuple(float(x) for x in f.mean) for s, f in forecasts.items()}
    if not past.tickets:
        people = _as_lately(state, today, hours, begins, now)
    shares = dict.fromkeys(state.setup.classes, 0.0) | {state.setup.default_class: 1.0}
    for t in (*past.tickets, *today):
        if t.class_id in shares:
            shares[t.class_id] += 1.0
    return Expected(begins=begins, people=people, classes=shares), forecasts


def _as_lately(
    state: OfficeDay, today: Sequence[PastTicket], hours: Hours, begins: datetime, now: datetime
) -> dict[str, tuple[float, ...]]:
    since = max(now - LATELY, state.opened_at or now - LATELY)
    quarters = max(1.0, (now - since).total_seconds() / QUARTER)
    first = max(0, int(((state.opened_at or now) - begins).total_seconds() // QUARTER))
    closes = hours.closes.get(as_date(state.day)) or now + ONE_MORE
    last = min(arrivals.QUARTERS, max(first, -int(-(closes - begins).total_seconds() // QUARTER)))
    rates = {s: sum(t.service == s and t.taken_at > since for t in today) / quarters for s in state.setup.services}
    return {s: tuple(rate if first <= q < last else 0.0 for q in range(arrivals.QUARTERS)) for s, rate in rates.items()}


def level_of(
    morning: Mapping[str, arrivals.Forecast], today: Sequence[PastTicket], hours: Hours, now: datetime
) -> float:
    """How busy the rest of today is against what was expected in the morning."""
    if not morning:
        return 1.0
    zone = ZoneInfo(hours.timezone)
    local = now.astimezone(zone)
    quarter = local.hour * 4 + local.minute // 15
    counts = np.zeros(arrivals.QUARTERS)
    for t in today:
        at = t.taken_at.astimezone(zone)
        counts[at.hour * 4 + at.minute // 15] += 1
    total = np.sum([f.mean for f in morning.values()], axis=0)
    whole = arrivals.Forecast(mean=total, low=total, high=total, spread=0.1)
    rest = float(total[quarter:].sum())
    if rest <= 0:
        return 1.0
    after = arrivals.through_the_day(whole, counts, quarter)
    return float(min(HIGHEST_LEVEL, max(0.0, float(after.mean[quarter:].sum()) / rest)))


def corrected(
    state: OfficeDay, expected: Expected, past: Past, hours: Hours, now: datetime, told: NextHour | None, level: float
) -> Expected:
    """The people to come, those of the next hour as the nightly fit corrects them; what was expected stays as it is.

    Only of the office that taught it: not without past days.
    """
    if told is None or not past.tickets:
        return expected
    local = now.astimezone(ZoneInfo(hours.timezone))
    days = office_days(day_counts(past.tickets, hours), told.services)
    came = office_days(day_counts(tickets_of(state), hours), told.services)
    nothing = np.zeros(arrivals.QUARTERS)
    today = arrivals.DayCount(day=as_date(state.day), counts=nothing, signals=dict.fromkeys(told.services, nothing))
    people = with_next_hour(
        expected.people, told, days, came[0] if came else today, hours.calendar,
        quarter=local.hour * 4 + local.minute // 15, level=level,
    )  # fmt: skip
    return replace(expected, people=people)


def last_arrival(expected: Expected, now: datetime) -> datetime:
    """When the last people are expected, at least two hours from now: the end of a day without closing time."""
    last = max((q for rates in expected.people.values() for q, rate in enumerate(rates) if rate > 0.01), default=0)
    return max(now + ONE_MORE, expected.begins + timedelta(seconds=(last + 1) * QUARTER))


def habits_of(periods: Sequence[Period], hours: Hours, day: str, config: OfficeConfig) -> Plan:
    """Breaks and openings that a counter keeps on at least half of its days become today's plan."""
    begins = hours.midnight(day)
    pauses: dict[str, dict[str, tuple[float, float]]] = {}
    opens: dict[str, dict[str, float]] = {}
    for p in periods:
        if p.counter not in config.counters:
            continue
        began = (p.began - hours.midnight(p.day)).total_seconds()
        opens.setdefault(p.counter, {}).setdefault(p.day, began)
        length = (p.ended - p.began).total_seconds() if p.ended else 0.0
        if p.status == "paused" and length >= BREAK and length > pauses.get(p.counter, {}).get(p.day, (0.0, 0.0))[1]:
            pauses.setdefault(p.counter, {})[p.day] = (began, length)
    breaks = {}
    for counter, found in pauses.items():
        if len(found) >= HABIT_DAYS and 2 * len(found) >= len(opens[counter]):
            begin, length = (median(one[k] for one in found.values()) for k in (0, 1))
            breaks[counter] = ((begins + timedelta(seconds=begin), length),)
    return Plan(
        breaks=breaks,
        opens={
            c: begins + timedelta(seconds=median(found.values()))
            for c, found in opens.items()
            if len(found) >= HABIT_DAYS
        },
    )
