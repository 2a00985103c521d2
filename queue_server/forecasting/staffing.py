"""Who should sit where and when: counters by half-hour, breaks, and what Erlang C would have asked for. Pure.

The office's own simulator plays sampled days under the rule in force; from everybody at work all day, the half-hour
that costs least is taken away again and again while the target still holds on nine days of ten. Waits may be carried
across half-hours, which is what the textbook cannot see. Minutes after opening; the same seed gives the same plan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from queue_server.forecasting import kernel
from queue_server.forecasting.erlang import counters_needed
from queue_server.forecasting.office_days import CounterFacts, Day, DayTicket, OfficeFacts
from queue_server.queue.policy import Rule

HALF_HOUR = 30.0
NEVER = 1e7  # a counter that has closed does not come back
LOOSEST = 5  # helpers that are tried when everybody at work is not enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One counter's presence from `begin` to `end`; a day with a break is two shifts of the same counter."""

    counter: int
    begin: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The mean wait to keep (minutes) and on which share of days."""

    minutes: float = 15.0
    days: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The shifts, the breaks, counters open by half-hour (`needed`), and Erlang C's for the same arrivals.

    `helpers` generalists had to be added to the office's counters; `reached` is False when even they are too few.
    """

    shifts: tuple[Shift, ...]
    breaks: tuple[tuple[int, float, float], ...]  # counter, begin, end
    needed: tuple[int, ...]
    skills: tuple[tuple[int, ...], ...]  # services covered in each half-hour
    erlang: tuple[int, ...]
    counter_hours: float
    erlang_hours: float
    mean_wait: float
    share_of_days: float
    helpers: int
    reached: bool


def resampled(day: Day, office: OfficeFacts, *, copies: int, seed: int) -> list[Day]:
    """The same arrivals with other service times: what "a day like yesterday" may have been."""
    rng = np.random.default_rng(seed)
    days = []
    for _ in range(copies):
        tickets = [replace(ticket, minutes=_drawn(office, ticket.service, rng)) for ticket in day.tickets]
        days.append(Day(weekday=day.weekday, tickets=tuple(tickets)))
    return days


def plan(
    office: OfficeFacts, days: Sequence[Day], rule: Rule, *, target: Target | None = None, horizon: float | None = None
) -> Plan:
    """The least presence that keeps the target on the given days; pass past days, forecasts or `resampled` ones."""
    target = target or Target()
    close = horizon or office.close_at
    erlang = erlang_plan(office, days, target.minutes, close)
    kept = [day for day in days if day.tickets]
    if not kept:
        return _plan(office, (), erlang, (0.0, 1.0), 0, reached=True, close=close)
    for helpers in range(LOOSEST + 1):
        staffed = _with_helpers(office, helpers)
        shifts = _best_breaks(staffed, kept, rule, _everybody(staffed, close))
        if _judge(staffed, kept, rule, shifts, target)[1] >= target.days:
            shifts = _thinned(staffed, kept, rule, shifts, target)
            judged = _judge(staffed, kept, rule, shifts, target)
            return _plan(staffed, shifts, erlang, judged, helpers, reached=True, close=close)
    judged = _judge(staffed, kept, rule, shifts, target)
    return _plan(staffed, shifts, erlang, judged, LOOSEST, reached=False, close=close)


def erlang_plan(office: OfficeFacts, days: Sequence[Day], minutes: float, close: float) -> tuple[int, ...]:
    """Erlang C for each half-hour on its own, as if all counters served everything."""
    needed = []
    for begin in np.arange(0.0, close, HALF_HOUR):
        inside = [t for day in days for t in day.tickets if begin <= t.due_from < begin + HALF_HOUR]
        service = float(np.mean([office.services[t.service].mean_minutes for t in inside])) if inside else 0.0
        needed.append(counters_needed(len(inside) / max(len(days), 1) / HALF_HOUR, service, minutes))
    return tuple(needed)


def mean_waits(office: OfficeFacts, days: Sequence[Day], rule: Rule, shifts: Sequence[Shift]) -> list[float]:
    """The mean wait of each day when the shifts are worked. Each shift is a counter that opens and closes once."""
    if not shifts:
        return [float(np.mean([office.close_at + 240.0 - ticket.due_from for ticket in day.tickets])) for day in days]
    worked = [replace(office.counters[one.counter], lunch_at=one.end, lunch_minutes=NEVER) for one in shifts]
    staffed = replace(office, counters=tuple(worked))
    lines = kernel.office_lines(staffed)
    floor, fast = kernel.office_floor(staffed, lines), kernel.line_rule(rule, lines)
    result = []
    for day in days:
        fates = kernel.day_fates(day, staffed, lines)
        standing = kernel.opening(floor, lines.services, len(day.tickets), ratio=fast.ratio)
        for number, one in enumerate(shifts):
            standing.idle[number] = one.begin <= 0.0
            standing.free_at[number] = one.end if one.begin <= 0.0 else one.begin
        start, counter = np.full(len(day.tickets), np.nan), np.full(len(day.tickets), -1, dtype=np.int64)
        kernel.loops().play(0, 2 * NEVER, floor, fast, fates, len(day.tickets), standing, start, counter)
        # Whoever is never called waits until long after closing: a plan without their skill must look bad.
        called = np.where(np.isfinite(start) & (start < NEVER), start, office.close_at + 240.0)
        result.append(float(np.maximum(called - fates.due, 0.0).mean()))
    return result


def _judge(
    office: OfficeFacts, days: Sequence[Day], rule: Rule, shifts: Sequence[Shift], target: Target
) -> tuple[float, float]:
    """The mean over days of the mean wait, and the share of days within the target."""
    waits = mean_waits(office, days, rule, shifts)
    return float(np.mean(waits)), float(np.mean([wait <= target.minutes for wait in waits]))


def _everybody(office: OfficeFacts, close: float) -> tuple[Shift, ...]:
    """All counters from opening to closing but for their break."""
    shifts = []
    for number, counter in enumerate(office.counters):
        begin, end = counter.lunch_at, counter.lunch_at + counter.lunch_minutes
        if counter.lunch_minutes > 0 and begin > 0 and end < close:
            shifts += [Shift(counter=number, begin=0.0, end=begin), Shift(counter=number, begin=end, end=close)]
        else:
            shifts.append(Shift(counter=number, begin=0.0, end=close))
    return tuple(shifts)


def _with_helpers(office: OfficeFacts, helpers: int) -> OfficeFacts:
    every = tuple(range(len(office.services)))
    middle = HALF_HOUR * round(office.close_at / 2 / HALF_HOUR)
    extra = CounterFacts(skills=every, speed=1.0, lunch_at=middle, lunch_minutes=45.0)
    return replace(office, counters=office.counters + (extra,) * helpers)


def _best_breaks(office: OfficeFacts, days: Sequence[Day], rule: Rule, shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
    """Each counter's break moved, one after the other, to the half-hour where it costs the waiting least."""
    for number in range(len(office.counters)):
        own = [at for at, one in enumerate(shifts) if one.counter == number]
        if len(own) != 2:
            continue
        first, second = own
        length = shifts[second].begin - shifts[first].end
        trials = []
        for moved in (-2, -1, 0, 1, 2):
            begin = shifts[first].end + moved * HALF_HOUR
            if begin < 120.0 or begin + length > shifts[second].end - 60.0:
                continue
            trial = list(shifts)
            trial[first] = replace(shifts[first], end=begin)
            trial[second] = replace(shifts[second], begin=begin + length)
            trials.append((float(np.mean(mean_waits(office, days, rule, trial))), abs(moved), tuple(trial)))
        if trials:
            shifts = min(trials, key=lambda one: one[:2])[2]
    return shifts


def _thinned(
    office: OfficeFacts, days: Sequence[Day], rule: Rule, shifts: tuple[Shift, ...], target: Target
) -> tuple[Shift, ...]:
    """Half-hours taken away while the target holds, the cheapest first."""
    while True:
        allowed = []
        for trial in _smaller(shifts):
            mean, share = _judge(office, days, rule, trial, target)
            if share >= target.days:
                allowed.append((mean, trial))
        if not allowed:
            return shifts
        shifts = min(allowed, key=lambda one: one[0])[1]


def _smaller(shifts: tuple[Shift, ...]) -> Iterator[tuple[Shift, ...]]:
    """Every way to take half an hour from one end of one shift; a shift under an hour goes whole."""
    for at, one in enumerate(shifts):
        rest = shifts[:at], shifts[at + 1 :]
        if one.end - one.begin < 2 * HALF_HOUR:
            yield rest[0] + rest[1]
            continue
        yield (*rest[0], replace(one, begin=one.begin + HALF_HOUR), *rest[1])
        yield (*rest[0], replace(one, end=one.end - HALF_HOUR), *rest[1])


def _plan(
    office: OfficeFacts, shifts: Sequence[Shift], erlang: tuple[int, ...], judged: tuple[float, float], helpers: int,
    *, reached: bool, close: float,
) -> Plan:  # fmt: skip
    breaks = []
    for number in range(len(office.counters)):
        own = sorted((one.begin, one.end) for one in shifts if one.counter == number)
        breaks += [(number, a[1], b[0]) for a, b in pairwise(own)]
    halves = np.arange(0.0, close, HALF_HOUR)
    here = [[one for one in shifts if one.begin < h + HALF_HOUR and one.end > h] for h in halves]
    return Plan(
        shifts=tuple(sorted(shifts, key=lambda one: (one.counter, one.begin))),
        breaks=tuple(breaks),
        needed=tuple(len({one.counter for one in present}) for present in here),
        skills=tuple(
            tuple(sorted({s for one in present for s in office.counters[one.counter].skills})) for present in here
        ),
        erlang=erlang,
        counter_hours=sum(one.end - one.begin for one in shifts) / 60.0,
        erlang_hours=sum(erlang) * HALF_HOUR / 60.0,
        mean_wait=judged[0],
        share_of_days=judged[1],
        helpers=helpers,
        reached=reached,
    )


def as_day(office: OfficeFacts, counts: Sequence[Sequence[float]], *, seed: int, weekday: int = 0) -> Day:
    """One sampled day of walk-ins from expected arrivals, (services, quarter-hours after opening)."""
    rng = np.random.default_rng(seed)
    tickets = []
    for service, expected in enumerate(counts):
        for quarter, mean in enumerate(expected):
            for _ in range(int(rng.poisson(max(mean, 0.0)))):
                at = 15.0 * (quarter + float(rng.random()))
                minutes = _drawn(office, service, rng)
                tickets.append(
                    DayTicket(
                        arrive=at,
                        due_from=at,
                        service=service,
                        cls=0,
                        minutes=minutes,
                        no_show=False,
                        pause_after=0.0,
                    )
                )
    return Day(weekday=weekday, tickets=tuple(sorted(tickets, key=lambda one: one.arrive)))


def _drawn(office: OfficeFacts, service: int, rng: np.random.Generator) -> float:
    """Service minutes of the stated mean and variation."""
    facts = office.services[service]
    spread = float(np.sqrt(np.log1p(facts.cv**2)))
    return float(np.exp(rng.normal(np.log(facts.mean_minutes) - spread**2 / 2, spread)))
