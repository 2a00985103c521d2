"""The reference office replayed: what each ticket could have been told when it was issued. Pure.

Walks through days under a rule. At each issue the office is seen as the product sees it (who waits, who serves
whom since when, never a future minute), run forward, and put beside what delay-history predictors would say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from queue_server.forecasting import kernel
from queue_server.forecasting.features_table import Asked
from queue_server.forecasting.kernel import Fates, Floats, Floor, Ints, LineRule, Lines
from queue_server.forecasting.lookahead import Coming, Habits, View, learn_habits, sample_arrivals
from queue_server.forecasting.office_days import Day, OfficeFacts
from queue_server.queue.policy import Rule

LEARNED_FROM = 40  # the last days that habits and arrivals are learned from
IDLE, SERVING, PAUSING, AWAY = 0, 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What one day's forward runs need: the floor, the rule in force, and what past days teach."""

    floor: Floor
    rule: LineRule
    habits: Habits
    coming: Coming
    expected: Floats  # cumulative expected arrivals by minute after opening
    steadiness: float  # arrivals that the belief in a usual day weighs; large where days are alike
    shuffles: Ints

    def level(self, now: float, arrived: int) -> float:
        """How busy today is against usual: the mean of a gamma-Poisson after what has come."""
        usual = float(self.expected[min(max(int(now), 0), len(self.expected) - 1)])
        return min(1.6, (self.steadiness + arrived) / (self.steadiness + usual))


def outlook(office: OfficeFacts, lines: Lines, rule: LineRule, past: Sequence[Day], *, runs: int, seed: int) -> Outlook:
    """Learn habits and arrivals from past days and draw the futures of one day."""
    habits = learn_habits(past, office, lines)
    rng = np.random.default_rng(seed)
    arrivals = np.sort([t.arrive for day in past for t in day.tickets])
    return Outlook(
        floor=kernel.office_floor(office, lines),
        rule=rule,
        habits=habits,
        coming=sample_arrivals(past, lines, habits, runs, rng),
        expected=np.searchsorted(arrivals, np.arange(int(office.close_at) + 2)) / max(1, len(past)),
        steadiness=steadiness([len(day.tickets) for day in past]),
        shuffles=np.array([rng.permutation(runs) for _ in range(512)], dtype=np.int64),
    )


def steadiness(totals: Sequence[int]) -> float:
    """The shape of the gamma that makes daily totals vary as they did; by moments, 30 where days tell too little."""
    if len(totals) < 5:
        return 30.0
    mean, spread = float(np.mean(totals)), float(np.var(totals, ddof=1))
    return float(np.clip(mean * mean / max(spread - mean, 1e-6), 30.0, 1e6))


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A day under the rule: when each ticket was called and where, and its arrays."""

    fates: Fates
    start: Floats
    counter: npt.NDArray[np.int64]
    ends: Floats  # of the service
    free: Floats  # of the counter, after the pause


def played(office: OfficeFacts, day: Day, lines: Lines, floor: Floor, rule: LineRule) -> Played:
    """Play one day."""
    fates = kernel.day_fates(day, office, lines)
    start, counter = kernel.play_day(floor, rule, fates, lines.services)
    speed = np.where(fates.paced, floor.speed[counter], 1.0)
    ends = start + fates.minutes * speed
    return Played(fates=fates, start=start, counter=counter, ends=ends, free=ends + fates.pause)


def seen(day: Played, floor: Floor, now: float, tickets: int, services: int) -> View:
    """The office at `now` when `tickets` have been issued, as the product would see it."""
    issued = np.arange(tickets)
    waiting = issued[day.start[:tickets] > now]
    counters = len(floor.speed)
    kind = np.zeros(counters, dtype=np.int64)
    since, until = np.zeros(counters), np.zeros(counters)
    line = np.zeros(counters, dtype=np.int64)
    lunched = np.zeros(counters, dtype=np.bool_)
    run = np.zeros(counters, dtype=np.int64)
    for c in range(counters):
        own = np.flatnonzero((day.counter == c) & (day.start <= now))
        own = own[np.argsort(day.start[own], kind="stable")]
        favoured = np.flatnonzero(floor.favoured[day.fates.line[own]])
        run[c] = len(own) - 1 - favoured[-1] if len(favoured) else len(own)
        # A counter takes its lunch at the first moment it is free at or after its time.
        before = own[day.start[own] < floor.lunch_at[c]]
        begins = max(float(floor.lunch_at[c]), float(day.free[before].max(initial=0.0)))
        lunched[c] = now >= begins
        last = own[-1] if len(own) else -1
        if last >= 0 and now < day.free[last]:
            serving = now < day.ends[last]
            kind[c], since[c] = (SERVING, day.start[last]) if serving else (PAUSING, day.ends[last])
            line[c] = day.fates.line[last]
        elif lunched[c] and now < begins + floor.lunch_minutes[c]:
            kind[c], since[c], until[c] = AWAY, begins, begins + floor.lunch_minutes[c]
        else:
            since[c] = max(float(day.free[last]) if last >= 0 else 0.0, begins if lunched[c] else 0.0)
    return View(
        key=waiting, due=day.fates.due[waiting], ticket_line=day.fates.line[waiting], kind=kind, since=since,
        until=until, line=line, lunched=lunched, run=run, services=services,
    )  # fmt: skip


def _told(day: Played, lines: Lines, ticket: int, now: float) -> dict[str, float]:
    """What the delay-history predictors say: of the same service, by order of calls."""
    service = np.array([lines.keys[line][0] for line in day.fates.line[: ticket + 1]])
    mine = service == service[ticket]
    start, due = day.start[: ticket + 1], day.fates.due[: ticket + 1]
    past = np.flatnonzero(mine & (start <= now))
    past = past[np.argsort(start[past], kind="stable")]
    waits = np.maximum(start[past] - due[past], 0.0)
    line = np.flatnonzero(mine & (start > now))
    head = max(now - float(due[line].min()), 0.0) if len(line) else np.nan
    return {
        "les": float(waits[-1]) if len(waits) else np.nan,
        "hol": head,
        "last_ten": float(waits[-10:].mean()) if len(waits) else np.nan,
        "ahead": float(len(line) - 1),
    }


def day_asked(
    ordinal: int, day: Played, ahead: Outlook, lines: Lines, queue_length: Floats
) -> list[tuple[Asked, Floats]]:
    """Each ticket that was not served at once: what could be known at its issue, and its sampled waits.

    `queue_length` (services,) are minutes one person ahead costs: mean service over counters with the skill.
    """
    from queue_server.forecasting import features_ahead

    found = []
    for ticket in range(len(day.start)):
        now = float(day.fates.arrive[ticket])
        if day.start[ticket] <= now:
            continue
        view = seen(day, ahead.floor, now, ticket + 1, lines.services)
        waits = features_ahead.futures(
            now, view, floor=ahead.floor, rule=ahead.rule, habits=ahead.habits, coming=ahead.coming,
            shuffles=ahead.shuffles, level=ahead.level(now, ticket + 1), seed=ordinal, newest_only=True,
        )  # fmt: skip
        service = lines.keys[day.fates.line[ticket]][0]
        told = _told(day, lines, ticket, now)
        told["queue_length"] = (told["ahead"] + 1) * float(queue_length[service])
        told["called_at"] = float(day.start[ticket])
        wait = max(float(day.start[ticket] - day.fates.due[ticket]), 0.0)
        asked = Asked(day=ordinal, asked_at=now, wait=wait, service=str(service), columns=told)
        found.append((asked, waits[-1]))
    return found


def office_asked(
    office: OfficeFacts, days: Sequence[Day], rule: Rule, *, skip: int, runs: int
) -> list[tuple[Asked, Floats]]:
    """All days after the first `skip`, each with the habits of the days before it."""
    lines = kernel.office_lines(office)
    floor, fast = kernel.office_floor(office, lines), kernel.line_rule(rule, lines)
    able = np.array([max(1, sum(s in c.skills for c in office.counters)) for s in range(len(office.services))])
    queue_length = np.array([facts.mean_minutes for facts in office.services]) / able
    found = []
    for ordinal in range(skip, len(days)):
        past = days[max(0, ordinal - LEARNED_FROM) : ordinal]
        ahead = outlook(office, lines, fast, past, runs=runs, seed=ordinal)
        found += day_asked(ordinal, played(office, days[ordinal], lines, floor, fast), ahead, lines, queue_length)
    return found
