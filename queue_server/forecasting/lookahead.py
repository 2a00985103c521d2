"""Look-ahead routing: each candidate call is played forward through sampled futures of the office. Pure.

Rollout (Bertsekas): the base rule goes on after the call in question; the candidate whose futures cost least is
called. Minutes throughout; deterministic for a given seed and state.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from queue_server.forecasting.kernel import Flags, Floats, Floor, Ints, LineRule, Lines
from queue_server.forecasting.office_days import Day, OfficeFacts
from queue_server.queue.policy import Head, Rule, score

QUANTILES = 65
SHUFFLES = 512
HIGHEST_LEVEL = 1.6  # arrivals are sampled for a day this much busier than usual, then thinned to today's


class View(NamedTuple):
    """What is seen at the moment of a decision: tickets waiting (N) and counters (C)."""

    key: Ints  # N: any number that stays with the ticket
    due: Floats  # N: the wait counts from here
    ticket_line: Ints  # N
    kind: Ints  # C: 0 idle, 1 serving, 2 pausing after a service, 3 away until `until`
    since: Floats  # C
    until: Floats  # C
    line: Ints  # C: line of the ticket being served
    lunched: Flags  # C
    run: Ints  # C: ordinary calls since its last favoured one
    services: int


class Habits(NamedTuple):
    """What past days teach: evenly spaced quantiles of service minutes per line, no-shows, pauses."""

    minutes: Floats  # L × QUANTILES, at a counter of speed 1
    no_show: Floats  # L: share
    no_show_minutes: float
    pause_share: float
    pause: Floats  # QUANTILES


class Coming(NamedTuple):
    """Sampled arrivals of a whole day, R futures; `mark` in [0, HIGHEST_LEVEL) thins them."""

    arrive: Floats
    due: Floats
    line: Ints
    minutes: Floats
    paced: Flags
    pause: Floats
    mark: Floats
    number: Ints  # R


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How far and how often to look."""

    futures: int = 128
    batch: int = 32
    horizon: float = 240.0  # minutes
    budget: float = 1.6e6  # steps of simulated calls per decision, see `affordable`
    drop: float = 1.0  # standard errors by which a dearer line leaves the race
    caution: float = 0.0  # standard errors by which another line must beat the base rule's choice
    candidates: int = 12
    seed: int = 1


class Weighed(NamedTuple):
    """Candidate lines with the mean cost of their futures, cheapest first."""

    lines: tuple[int, ...]
    costs: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAhead:
    """Everything one day's decisions need; build it once a day with `look_ahead`."""

    floor: Floor
    lines: Lines
    base: Rule
    rule: LineRule  # the same, spread over the lines
    habits: Habits
    coming: Coming
    weight: Floats  # L: cost of one minute of waiting
    expected: Floats  # cumulative expected arrivals by minute after opening
    settings: Settings
    shuffles: Ints = field(repr=False)

    def level(self, now: float, arrived: int) -> float:
        """How busy today is against usual: gamma-Poisson with the weight of 60 arrivals before the first."""
        usual = float(self.expected[min(max(int(now), 0), len(self.expected) - 1)])
        return min(HIGHEST_LEVEL, (60.0 + arrived) / (60.0 + usual))

    def weigh(self, now: float, counter: int, lines: Sequence[int], view: View, *, level: float = 1.0) -> Weighed:
        """Costs of calling the first ticket of each line against that of `lines[0]`, the base rule's own choice.

        A race: after every batch of futures, lines that are clearly dearer drop out; it ends when only the base
        rule's choice is left. Another line wins only when it is cheaper by `caution` standard errors.
        """
        from queue_server.forecasting import kernel_rollout

        s = self.settings
        futures, horizon = self.affordable(len(view.due), len(lines))
        # A mean over few futures misleads more than it helps: then another line must win clearly.
        caution = s.caution if 4 * futures >= s.futures else max(1.0, s.caution)
        costs = np.zeros((len(lines), futures))
        alive = list(range(len(lines)))
        done = 0
        while done < futures and len(alive) > 1:
            batch = np.zeros((len(alive), min(s.batch, futures - done)))
            kernel_rollout.roll(
                now, counter, np.array([lines[k] for k in alive], dtype=np.int64), view, now + horizon, level,
                self.floor, self.rule, self.habits, self.coming, self.weight, s.seed, self.shuffles, done, batch,
            )  # fmt: skip
            costs[alive, done : done + batch.shape[1]] = batch
            done += batch.shape[1]
            gain, doubt = _against_first(costs[:, :done])
            alive = [0] + [k for k in alive[1:] if gain[k] > -s.drop * doubt[k]]
        if len(alive) == 1 or not done:
            return Weighed(tuple(lines), (0.0,) * len(lines))
        gain, doubt = _against_first(costs[:, :done])
        sure = {k: float(gain[k] - caution * doubt[k]) if k else 0.0 for k in alive}
        order = sorted(range(len(lines)), key=lambda k: (-sure.get(k, -np.inf), k))
        return Weighed(tuple(lines[k] for k in order), tuple(-sure.get(k, -np.inf) for k in order))

    def affordable(self, waiting: int, candidates: int) -> tuple[int, float]:
        """Futures and horizon that fit the budget: the longest horizon that leaves half of the futures wanted.

        One simulated call costs about as many steps as there are counters, lines of a counter, and ten more.
        """
        s = self.settings
        minutes = float(len(self.expected))
        rate = float(self.expected[-1]) / max(1.0, minutes)
        steps = len(self.floor.speed) + float(self.floor.reach_count.mean()) + 10.0
        futures, horizon = s.batch, s.horizon
        for horizon in (s.horizon, s.horizon / 2, s.horizon / 4):
            calls = waiting + rate * min(horizon, minutes)
            futures = int(s.budget // max(1.0, calls * candidates * steps))
            if 2 * futures >= s.futures:
                break
        return min(s.futures, max(8, futures)), horizon

    def candidates(self, lines: Sequence[int], heads: Sequence[Head]) -> list[int]:
        """The lines worth trying: those the base rule likes best, its own choice first, at most `candidates`."""
        scored = sorted(zip(lines, heads, strict=True), key=lambda pair: (-score(self.base, pair[1]), pair[1].rank))
        return [line for line, _ in scored[: self.settings.candidates]]


def _against_first(costs: Floats) -> tuple[Floats, Floats]:
    """Mean saving of each row against row 0, and its standard error."""
    saving = costs[0] - costs
    return saving.mean(axis=1), saving.std(axis=1) / np.sqrt(costs.shape[1])


def look_ahead(
    *,
    office: OfficeFacts,
    floor: Floor,
    lines: Lines,
    base: Rule,
    rule: LineRule,
    past: Sequence[Day],
    weight: Floats,
    settings: Settings,
    day_seed: int,
) -> LookAhead:
    """Learns habits and arrivals from past days and samples the futures of one day."""
    habits = learn_habits(past, office, lines)
    rng = np.random.default_rng([settings.seed, day_seed])
    shuffles = np.array([rng.permutation(settings.futures) for _ in range(SHUFFLES)], dtype=np.int64)
    minutes = np.arange(int(office.close_at) + 2)
    arrivals = np.sort([t.arrive for day in past for t in day.tickets])
    return LookAhead(
        floor=floor,
        lines=lines,
        base=base,
        rule=rule,
        habits=habits,
        coming=sample_arrivals(past, lines, habits, settings.futures, rng),
        weight=weight,
        expected=np.searchsorted(arrivals, minutes) / max(1, len(past)),
        settings=settings,
        shuffles=shuffles,
    )


def learn_habits(past: Sequence[Day], office: OfficeFacts, lines: Lines) -> Habits:
    """Service minutes, no-shows and pauses of past days; a lognormal of the stated mean and cv fills thin lines."""
    tickets = [t for day in past for t in day.tickets]
    seen: dict[tuple[int, int], list[float]] = {}
    for t in tickets:
        if not t.no_show:
            service, _, band = lines.keys[lines.of(t.service, t.cls, t.predicted)]
            seen.setdefault((service, band), []).append(t.minutes)
    rows = []
    for (service, _, band), mean in zip(lines.keys, lines.minutes, strict=True):
        rows.append(duration_table(seen.get((service, band), []), mean, office.services[service].cv))
    missed = [sum(t.no_show for t in tickets if t.cls == cls) for cls in range(len(office.classes))]
    issued = [sum(t.cls == cls for t in tickets) for cls in range(len(office.classes))]
    pauses = np.sort([t.pause_after for t in tickets if t.pause_after > 0])
    return Habits(
        minutes=np.array(rows),
        no_show=np.array([(missed[c] + 1.0) / (issued[c] + 25.0) for _, c, _ in lines.keys]),
        no_show_minutes=office.no_show_minutes,
        pause_share=len(pauses) / max(1, len(tickets)),
        pause=np.quantile(pauses, np.linspace(0, 1, QUANTILES)) if len(pauses) else np.zeros(QUANTILES),
    )


def duration_table(seen: Sequence[float], mean: float, cv: float, *, prior: int = 20) -> Floats:
    """Quantiles of service minutes: those seen, mixed with `prior` evenly spaced draws of a lognormal."""
    spread = float(np.sqrt(np.log1p(cv * cv)))
    grid = (np.arange(prior) + 0.5) / prior
    assumed = np.exp(np.log(mean) - spread * spread / 2 + spread * _normal_quantiles(grid))
    mixed = np.concatenate([np.asarray(seen, dtype=np.float64), assumed])
    # Middles of equal shares: the extremes would weigh far more than they occur. The mean is put right after.
    table = np.asarray(np.quantile(mixed, (np.arange(QUANTILES) + 0.5) / QUANTILES), dtype=np.float64)
    return np.asarray(table * float(mixed.mean()) / float(table.mean()))


def _normal_quantiles(u: Floats) -> Floats:
    return np.array([NormalDist().inv_cdf(float(x)) for x in u])


def sample_arrivals(
    past: Sequence[Day], lines: Lines, habits: Habits, futures: int, rng: np.random.Generator
) -> Coming:
    """R Poisson days at HIGHEST_LEVEL times the past's mean: each arrival is one of the past's, moved a little."""
    pool = [t for day in past for t in day.tickets]
    arrive = np.array([t.arrive for t in pool])
    ahead = np.array([t.due_from - t.arrive for t in pool])
    line = np.array([lines.of(t.service, t.cls, t.predicted) for t in pool], dtype=np.int64)
    counts = rng.poisson(HIGHEST_LEVEL * len(pool) / max(1, len(past)), size=futures)
    shape = (futures, max(1, int(counts.max())))
    out = Coming(
        np.full(shape, np.inf), np.full(shape, np.inf), np.zeros(shape, np.int64), np.zeros(shape),
        np.ones(shape, np.bool_), np.zeros(shape), np.full(shape, np.inf), counts.astype(np.int64),
    )  # fmt: skip
    for r, n in enumerate(counts):
        chosen = rng.integers(len(pool), size=n) if n else np.zeros(0, np.int64)
        moved = np.maximum(0.0, arrive[chosen] + rng.uniform(-5, 5, size=n))
        chosen = chosen[np.argsort(moved)]
        out.arrive[r, :n] = np.sort(moved)
        out.due[r, :n] = out.arrive[r, :n] + ahead[chosen]
        out.line[r, :n] = line[chosen]
        levels = rng.uniform(size=n) * (QUANTILES - 1)
        low = levels.astype(np.int64)
        table = habits.minutes[line[chosen]]
        step = np.arange(n)
        shown = rng.uniform(size=n) >= habits.no_show[line[chosen]]
        drawn = table[step, low] + (levels - low) * (table[step, low + 1] - table[step, low])
        out.paced[r, :n] = shown
        out.minutes[r, :n] = np.where(shown, drawn, habits.no_show_minutes)
        paused = rng.uniform(size=n) < habits.pause_share
        out.pause[r, :n] = np.where(paused, rng.choice(habits.pause, size=n), 0.0)
        out.mark[r, :n] = rng.uniform(0, HIGHEST_LEVEL, size=n)
    return out
