"""What is known of a Warsaw queue when a ticket is first seen: the learned predictor's columns. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from queue_server.forecasting.features_table import Asked, Table, tabulate
from queue_server.forecasting.warsaw import Line, Rebuilt, known_waits, seen_at, tickets

Floats = npt.NDArray[np.float64]

BIN = 15  # minutes
BINS = 24 * 60 // BIN
HORIZON = 600.0  # minutes; no estimate is longer
PRIOR = 6.0  # calls; how much belief the queue's past pace keeps against today's


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a queue called people on its busy days: sums by quarter-hour of the day, and its daily habits."""

    calls: Floats  # (BINS,) calls while somebody waited
    busy: Floats  # (BINS,) minutes while somebody waited
    counter_minutes: float
    waits: float
    people: float
    days: float
    last_call: float  # sum over days of the minute of the last call

    def __add__(self, other: "Pace") -> "Pace":
        """The sums of both."""
        return self._with(other, 1.0)

    def __sub__(self, other: "Pace") -> "Pace":
        """What remains when the other's days are taken out."""
        return self._with(other, -1.0)

    def _with(self, other: "Pace", sign: float) -> "Pace":
        return Pace(
            calls=self.calls + sign * other.calls,
            busy=self.busy + sign * other.busy,
            counter_minutes=self.counter_minutes + sign * other.counter_minutes,
            waits=self.waits + sign * other.waits,
            people=self.people + sign * other.people,
            days=self.days + sign * other.days,
            last_call=self.last_call + sign * other.last_call,
        )


def empty_pace() -> Pace:
    """The pace of a queue never seen."""
    return Pace(
        calls=np.zeros(BINS), busy=np.zeros(BINS), counter_minutes=0.0, waits=0.0, people=0.0, days=0.0, last_call=0.0
    )


def pace_of(line: Line) -> Pace:
    """One day's sums."""
    gaps, gone = np.diff(line.minute), np.diff(line.left)
    busy = (line.waiting[:-1] > 0) & (gaps <= 16)
    bins = np.clip(line.minute[:-1] // BIN, 0, BINS - 1).astype(int)
    _, waits = known_waits(line)
    called = np.flatnonzero(gone > 0)
    known = waits[~np.isnan(waits)]
    return Pace(
        calls=np.asarray(np.bincount(bins[busy], gone[busy], BINS), dtype=np.float64),
        busy=np.asarray(np.bincount(bins[busy], gaps[busy], BINS), dtype=np.float64),
        counter_minutes=float((gaps * line.open_counters[:-1])[busy].sum()),
        waits=float(known.sum()),
        people=float(len(known)),
        days=1.0,
        last_call=float(line.minute[called[-1] + 1]) if len(called) else float(line.minute[-1]),
    )


def curve(pace: Pace) -> Floats:
    """Calls a minute by quarter-hour, each shrunk to its neighbours and to the queue's whole day."""
    whole = (pace.calls.sum() + 1.0) / (pace.busy.sum() + 10.0)
    kernel = np.array([0.5, 1.0, 0.5])
    calls = np.convolve(pace.calls, kernel, "same") + 4.0
    busy = np.convolve(pace.busy, kernel, "same") + 4.0 / whole
    return np.asarray(calls / busy)


def drain(rates: Floats, minute: float, people: Floats) -> Floats:
    """Minutes until `people` are called when the pace follows `rates` (calls a minute by quarter-hour)."""
    first = int(np.clip(minute // BIN, 0, BINS - 1))
    lengths = np.full(BINS - first, float(BIN))
    lengths[0] = (first + 1) * BIN - minute
    reach = np.concatenate(([0.0], np.cumsum(rates[first:] * lengths)))
    ends = np.concatenate(([0.0], np.cumsum(lengths)))
    return np.asarray(np.minimum(np.interp(people, reach, ends, right=HORIZON), HORIZON))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """An office's whole hall on one day, at its snapshots: waiting people and people called so far."""

    minute: Floats
    waiting: Floats
    left: Floats


def crowds(lines: Iterable[Line]) -> dict[tuple[str, int], Crowd]:
    """The hall of every office and day."""
    groups: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.office, line.day.toordinal()].append(line)
    result = {}
    for key, members in groups.items():
        minute = np.unique(np.concatenate([line.minute for line in members]))
        places = [np.searchsorted(line.minute, minute, side="right") - 1 for line in members]
        known = [np.where(at >= 0, 1.0, 0.0) for at in places]
        waiting = sum(line.waiting[at] * ok for line, at, ok in zip(members, places, known, strict=True))
        left = sum(line.left[at] * ok for line, at, ok in zip(members, places, known, strict=True))
        result[key] = Crowd(minute=minute, waiting=np.asarray(waiting), left=np.asarray(left))
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a line's features are computed from: the line and what its calls taught, by ticket number."""

    line: Line
    times: Floats
    waits: Floats
    seen: npt.NDArray[np.int64]
    crowd: Crowd
    past: Pace
    rates: Floats


def day_of(line: Line, crowd: Crowd, past: Pace) -> Day:
    """Everything about one line that does not depend on the ticket."""
    times, waits = known_waits(line)
    return Day(line=line, times=times, waits=waits, seen=seen_at(line), crowd=crowd, past=past, rates=curve(past))


def _before(minutes: Floats, totals: Floats, now: float, window: float) -> float:
    """The increase of `totals` over the last `window` minutes."""
    here = int(np.searchsorted(minutes, now, side="right")) - 1
    there = int(np.searchsorted(minutes, now - window, side="right")) - 1
    return float(totals[here] - totals[max(there, 0)])


def _state(day: Day, k: int) -> dict[str, float]:
    """The columns that all tickets of one snapshot share."""
    line = day.line
    now = float(line.minute[k])
    head = int(line.left[k]) + 1
    stretch = slice(max(0, k - 6), k + 1)
    changed = np.flatnonzero(np.diff(line.left[: k + 1]) > 0)
    at = int(np.searchsorted(day.crowd.minute, now, side="right") - 1)
    row = {
        "minute": now,
        "weekday": float(line.day.weekday()),
        "waiting": float(line.waiting[k]),
        "open": float(line.open_counters[k]),
        "open_30": float(line.open_counters[stretch].mean()),
        "vendor": float(line.vendor_minutes[k]),
        "vendor_30": float(line.vendor_minutes[stretch].mean()),
        "hol": now - float(line.minute[day.seen[head]]) if head < len(day.seen) and day.seen[head] >= 0 else np.nan,
        "since_call": now - float(line.minute[changed[-1] + 1]) if len(changed) else 999.0,
        "since_open": now - float(line.minute[changed[0]]) if len(changed) else -1.0,
        "came_today": float(line.came[k]),
        "left_today": float(line.left[k]),
        "hall_waiting": float(day.crowd.waiting[at] - line.waiting[k]),
        "hall_calls_30": _before(day.crowd.minute, day.crowd.left, now, 31.0),
    }
    for window in (15, 30, 60, 120):  # a minute longer, since snapshots are not quite five minutes apart
        row[f"calls_{window}"] = _before(line.minute, line.left, now, window + 1.0)
    for window in (15, 60):
        row[f"came_{window}"] = _before(line.minute, line.came, now, window + 1.0)
    return row | _called_lately(day, k) | _pace_today(day, k) | _habit(day, now)


def _called_lately(day: Day, k: int) -> dict[str, float]:
    """The waits of those called last."""
    known = day.waits[1 : int(day.line.left[k]) + 1]
    known = known[~np.isnan(known)]
    if not len(known):
        return dict.fromkeys(("les", "last_ten", "trend"), np.nan)
    return {
        "les": float(known[-1]),
        "last_ten": float(known[-10:].mean()),
        "trend": float(known[-3:].mean() - known[-10:].mean()),
    }


def _pace_today(day: Day, k: int) -> dict[str, float]:
    """How fast people are called today against the queue's habit: the whole day so far, and the last hour."""
    line = day.line
    busy = np.asarray(line.waiting[:k] > 0)
    bins = np.clip(line.minute[:k] // BIN, 0, BINS - 1).astype(int)
    expected = day.rates[bins] * np.diff(line.minute[: k + 1])
    done = np.diff(line.left[: k + 1])
    lately = busy & np.asarray(line.minute[:k] >= line.minute[k] - 60)
    return {
        "factor": float((done[busy].sum() + PRIOR) / (expected[busy].sum() + PRIOR)),
        "factor_60": float((done[lately].sum() + PRIOR / 2) / (expected[lately].sum() + PRIOR / 2)),
    }


def _habit(day: Day, now: float) -> dict[str, float]:
    """What the queue's other days say."""
    past, here = day.past, int(now // BIN)
    return {
        "usual_wait": past.waits / past.people if past.people else np.nan,
        "usual_people": past.people / past.days if past.days else np.nan,
        "usual_pace": float(past.calls.sum() / past.busy.sum()) if past.busy.sum() else np.nan,
        "pace_here": float(day.rates[min(here, BINS - 1)]),
        "pace_next": float(day.rates[min(here + 2, BINS - 1)]),
        "pace_later": float(day.rates[min(here + 6, BINS - 1)]),
        "to_close": past.last_call / past.days - now if past.days else np.nan,
        "per_counter": float(past.calls.sum() / past.counter_minutes) if past.counter_minutes > 0 else np.nan,
    }


def _ticket(day: Day, ticket: Rebuilt, state: dict[str, float]) -> dict[str, float]:
    """The columns of one ticket's place in the line."""
    line, now = day.line, state["minute"]
    people = ticket.ahead + 1.0
    last = int(line.left[ticket.at])
    back = []
    for share in (0.5, 1.0, 2.0):
        number = last - round(people * share) + 1
        then = day.times[number] if number >= 1 else np.nan
        back.append(now - then if number >= 1 else np.nan)
    hourly, daily = max(state["calls_60"], 0.5) / 60, max(state["left_today"], 0.5) / max(state["since_open"], 10.0)
    half = max(state["calls_30"], 0.5) / 30
    plain = float(drain(day.rates, now, np.array([people]))[0])
    today = float(drain(day.rates * state["factor"], now, np.array([people]))[0])
    lately = float(drain(day.rates * np.sqrt(state["factor"] * state["factor_60"]), now, np.array([people]))[0])
    pace = state["per_counter"] * max(state["open_30"], 0.5)
    return {
        "ahead": float(ticket.ahead),
        "share": people / max(state["waiting"], 1.0),
        "back_half": back[0],
        "back": back[1],
        "back_double": back[2] / 2,
        "by_half_hour": min(people / half, HORIZON),
        "by_hour": min(people / hourly, HORIZON),
        "by_day": min(people / daily, HORIZON),
        "by_vendor": people * state["vendor_30"] / max(state["open_30"], 1.0),
        "by_counters": min(people / pace, HORIZON) if pace > 0 else np.nan,
        "drain": plain,
        "drain_today": today,
        "drain_lately": lately,
        "before_me": now - float(line.minute[day.seen[ticket.number - 1]])
        if day.seen[ticket.number - 1] >= 0
        else -1.0,
    }


def table(lines: Sequence[Line], train_until: int) -> Table:
    """Every ticket's columns. A queue's past is its other days before the ordinal day `train_until`."""
    halls = crowds(lines)
    own = {(line.service, line.day.toordinal()): pace_of(line) for line in lines if line.day.toordinal() < train_until}
    total: dict[str, Pace] = defaultdict(empty_pace)
    for (service, _), pace in own.items():
        total[service] = total[service] + pace
    found: list[Asked] = []
    for line in lines:
        ordinal = line.day.toordinal()
        past = total[line.service]
        if (line.service, ordinal) in own:
            past = past - own[line.service, ordinal]
        found += _asked(day_of(line, halls[line.office, ordinal], past))
    return tabulate(found)


def _asked(day: Day) -> Iterator[Asked]:
    """The tickets of one line with their columns; what one snapshot's tickets share is computed once."""
    states: dict[int, dict[str, float]] = {}
    for ticket in tickets(day.line):
        if ticket.at not in states:
            states[ticket.at] = _state(day, ticket.at)
        state = states[ticket.at]
        yield Asked(
            day=day.line.day.toordinal(), asked_at=state["minute"], wait=ticket.wait, service=day.line.service,
            columns=state | _ticket(day, ticket, state),
        )  # fmt: skip
