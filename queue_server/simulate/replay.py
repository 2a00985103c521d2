"""What a past day would have been with a change: another policy, a counter more, other breaks. Pure.

The people (when they came, for what, how long each matter took, who was absent) and the officers' hours are the
journal's; the calls are made anew by the rules of `queue_server.queue`. Both sides of a comparison are played, so that
they differ in the change alone; each day is its own pair.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from statistics import mean
from zoneinfo import ZoneInfo

from queue_server.forecasting.paired import Difference, difference
from queue_server.journal.entry import Entry
from queue_server.journal.replay import UNREADABLE
from queue_server.journal.replay import replay as fold
from queue_server.queue.config import OfficeConfig, Policy
from queue_server.queue.state import OfficeDay
from queue_server.simulate.replay_day import Recorded, ReplayError, Shift, recorded
from queue_server.simulate.replay_play import play_again

EXTRA_OFFICER = "extra"
Breaks = Mapping[str, tuple[tuple[time, float], ...]]  # counter → (begin, minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One more counter, by the office's own clock; open until the office's last counter closes unless told."""

    counter: str
    opens: time
    closes: time | None = None
    services: tuple[str, ...] | None = None  # None: what the site file says


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is different. Everything that is left out stays as it was on the day."""

    name: str = ""
    policy: Policy | None = None
    extra: tuple[Extra, ...] = ()
    breaks: Breaks | None = None  # in place of a counter's own
    services: Mapping[str, tuple[str, ...]] | None = None  # counter → services, all day
    without: tuple[str, ...] = ()  # counters that do not open


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How people waited on one day. Minutes per visit; 0 where nobody was served."""

    day: str
    visits: int
    unserved: int
    mean: float
    p90: float
    over: float  # share over the target
    by_service: dict[str, float] = field(default_factory=dict)
    by_class: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Several days with and without a change, and how near the replay came to what happened."""

    change: Change
    actual: tuple[Figures, ...]
    before: tuple[Figures, ...]
    after: tuple[Figures, ...]
    mean: Difference
    p90: Difference
    over: Difference
    skipped: tuple[str, ...] = ()  # days that could not be played, and why
    left_out: tuple[str, ...] = ()  # the same days, as YYYYMMDD
    empty: tuple[str, ...] = ()  # days on which nobody came: they say nothing about waiting
    touched: int = 0  # days on which the change is a change at all

    @property
    def fidelity(self) -> float:
        """Mean wait of the unchanged replay minus that of the real days, minutes."""
        pairs = list(zip(self.before, self.actual, strict=True))
        return mean(b.mean - a.mean for b, a in pairs) if pairs else 0.0


def compare(days: Sequence[Sequence[Entry]], change: Change) -> Comparison:
    """Plays each day as it was and with the change. Days never opened, without people or with entries missing are named
    and left out.

    Raises `ReplayError` when the change names a counter or service that the office does not have.
    """
    actual, before, after, skipped, left_out, empty, touched = [], [], [], [], [], [], 0
    for entries in days:
        try:
            day = recorded(entries)
            really = figures(fold(entries))
        except UNREADABLE as error:  # a `ReplayError` among them
            reason = error if isinstance(error, ReplayError) else f"entries are missing or cannot be read ({error!r})"
            skipped.append(f"{entries[0].day if entries else 'empty day'}: {reason}")
            left_out += [entries[0].day] if entries else []
            continue
        if not day.visitors:
            empty.append(day.day)
            continue
        other = changed(day, change)
        touched += other != day
        actual.append(really)
        before.append(figures(play_again(day)))
        after.append(figures(play_again(other)))
    pairs = list(zip(before, after, strict=True))
    return Comparison(
        change=change,
        actual=tuple(actual),
        before=tuple(before),
        after=tuple(after),
        mean=difference([a.mean - b.mean for b, a in pairs]),
        p90=difference([a.p90 - b.p90 for b, a in pairs]),
        over=difference([a.over - b.over for b, a in pairs]),
        skipped=tuple(skipped),
        left_out=tuple(left_out),
        empty=tuple(empty),
        touched=touched,
    )


def with_change(entries: Sequence[Entry], change: Change) -> OfficeDay:
    """The office day that would have been; `Change()` plays it unchanged."""
    return play_again(changed(recorded(entries), change))


def changed(day: Recorded, change: Change) -> Recorded:
    """The recorded day with the change made; raises `ReplayError` when it does not fit the office."""
    _check(day.config, change)
    config = day.config
    policies = day.policies
    if change.policy is not None:
        config, policies = replace(config, policy=change.policy), ()
    shifts = [s for s in day.shifts if s.counter not in change.without]
    change = replace(change, breaks=_within_reach(change.breaks, day))
    shifts = [_rearranged(s, day, change) for s in shifts]
    for extra in change.extra:
        shifts = _with_extra(shifts, extra, day)
    return replace(day, config=config, shifts=tuple(shifts), policies=policies)


def _check(config: OfficeConfig, change: Change) -> None:
    named = {e.counter for e in change.extra} | set(change.breaks or ()) | set(change.services or ())
    unknown = sorted((named | set(change.without)) - config.counters.keys())
    if unknown:
        raise ReplayError(f"the office has no counter {', '.join(unknown)}")
    wanted = {s for listed in (change.services or {}).values() for s in listed}
    wanted |= {s for e in change.extra for s in e.services or ()}
    missing = sorted(wanted - config.services.keys())
    if missing:
        raise ReplayError(f"the office has no service {', '.join(missing)}")


def _seconds(day: Recorded, at: time) -> float:
    """A time of the office's day as seconds after its opening."""
    local = day.opens.astimezone(ZoneInfo(day.config.timezone))
    moment = datetime.combine(local.date(), at, ZoneInfo(day.config.timezone))
    return max(0.0, (moment - day.opens).total_seconds())


def _within_reach(breaks: Breaks | None, day: Recorded) -> Breaks | None:
    """The breaks of counters that worked at one of their moments; the others keep what they had."""
    return breaks and {
        counter: planned
        for counter, planned in breaks.items()
        if any(
            s.counter == counter and s.opens <= _seconds(day, at) < s.closes for s in day.shifts for at, _ in planned
        )
    }


def _rearranged(shift: Shift, day: Recorded, change: Change) -> Shift:
    if change.services and shift.counter in change.services:
        shift = replace(shift, services=change.services[shift.counter], reskills=())
    if change.breaks is not None and shift.counter in change.breaks:
        planned = [(_seconds(day, at), minutes * 60.0) for at, minutes in change.breaks[shift.counter]]
        inside = tuple(sorted(b for b in planned if shift.opens <= b[0] < shift.closes))
        shift = replace(shift, breaks=inside)
    return shift


def _with_extra(shifts: Sequence[Shift], extra: Extra, day: Recorded) -> list[Shift]:
    """A counter that worked already works from the earlier of both openings to the later of both ends."""
    opens = _seconds(day, extra.opens)
    last = max((s.closes for s in day.shifts), default=opens)
    closes = max(opens, last if extra.closes is None else _seconds(day, extra.closes))
    services = extra.services or day.config.counters[extra.counter].services
    overlapping = [s for s in shifts if s.counter == extra.counter and s.opens <= closes and opens <= s.closes]
    others = [s for s in shifts if s not in overlapping]
    first = overlapping[0] if overlapping else None
    made = Shift(
        counter=extra.counter,
        officer=first.officer if first else EXTRA_OFFICER,
        opens=min([opens, *(s.opens for s in overlapping)]),
        closes=max([closes, *(s.closes for s in overlapping)]),
        services=extra.services or (first.services if first else services),
        breaks=tuple(b for s in overlapping for b in s.breaks),
        reskills=tuple(r for s in overlapping for r in s.reskills),
        gap=first.gap if first else mean([s.gap for s in day.shifts]) if day.shifts else 0.0,
    )
    return sorted([*others, made], key=lambda shift: (shift.opens, shift.counter))


def figures(state: OfficeDay) -> Figures:
    """The waits of a day per visit (R-01), by its first service and class."""
    waits: list[float] = []
    by_service: dict[str, list[float]] = {}
    by_class: dict[str, list[float]] = {}
    for visit in state.visits.values():
        if visit.waited is None:
            continue
        first = state.tickets[visit.tickets[0]]
        minutes = visit.waited / 60.0
        waits.append(minutes)
        by_service.setdefault(first.service, []).append(minutes)
        by_class.setdefault(first.class_id, []).append(minutes)
    target = state.config.target / 60.0 if state.config else 15.0
    ordered = sorted(waits)
    return Figures(
        day=state.day,
        visits=len(waits),
        unserved=len(state.visits) - len(waits),
        mean=mean(waits) if waits else 0.0,
        p90=ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))] if ordered else 0.0,
        over=sum(w > target for w in waits) / len(waits) if waits else 0.0,
        by_service={s: mean(w) for s, w in sorted(by_service.items())},
        by_class={c: mean(w) for c, w in sorted(by_class.items())},
    )
