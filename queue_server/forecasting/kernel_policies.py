"""The named policies over days of an office: what each learns from past days, and the waits it gives. Pure.

Nothing is tuned to the days tested: a policy that learns is fitted on the other folds of the days given.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from queue_server.forecasting.kernel import Floats, Ints, Lines, line_rule, office_floor, office_lines
from queue_server.forecasting.kernel_procedures import with_forecasts
from queue_server.forecasting.kernel_reference import Chooser, FloorNow, play_day_slowly
from queue_server.forecasting.kernel_tuning import Effort, Goal, Past, gather, tuned_rule, waits_under, worst_service
from queue_server.forecasting.lookahead import LookAhead, Settings, View, look_ahead
from queue_server.forecasting.office_days import Day, OfficeFacts
from queue_server.queue.policy import Rule, score_heads

NAMES = ("fcfs", "ratio", "accumulating", "index", "look-ahead")

DEAREST, STEEP, SEEN = 4.0, 4.0, 5.0  # see `Fairness`
BOOKED = "appointment"  # the class of an office-days file

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a policy is tried. Ceilings by class, minutes."""

    ceilings: Mapping[int, float] = field(default_factory=dict)
    goal: Goal = field(default_factory=Goal)
    effort: Effort = field(default_factory=Effort)
    settings: Settings = field(default_factory=Settings)
    favoured_price: float = 4.0  # look-ahead: a favoured minute of waiting against an ordinary one
    booked_price: float | None = None  # the same of appointments, where it is another
    worst: float = 1.2  # look-ahead: in worst services of FCFS, the mean wait from which a service costs more
    folds: int = 3
    bands: int = 3  # duration bands per service, where tickets carry what foretells it


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One entry per ticket, day after day."""

    waits: Floats
    classes: Ints
    services: Ints
    day: Ints


def play_policy(
    name: str, office: OfficeFacts, days: Sequence[Day], plan: Plan, *, progress: Progress | None = None
) -> Outcome:
    """Plays all days under a named policy; raises ValueError for a name that is none."""
    if name not in NAMES:
        raise ValueError(f"no policy is called {name!r}; there are {', '.join(NAMES)}")
    if name not in ("index", "look-ahead"):
        past = gather(office, office_lines(office), days, plan.ceilings)
        waits = waits_under(past, fixed_rule(name, office, plan.ceilings), by_arrival=name == "fcfs")
        return _outcome(days, waits)
    waits_of: dict[int, Floats] = {}
    folds = max(1, min(plan.folds, len(days)))
    for fold in range(folds):
        tested = [d for d in range(len(days)) if d % folds == fold]
        learned = [days[d] for d in range(len(days)) if d % folds != fold]
        forecast = with_forecasts([days[d] for d in tested], learned, office)
        teacher = Teacher.of(office, with_forecasts(learned, learned, office), plan, name=name)
        for d, day in zip(tested, forecast, strict=True):
            waits_of[d] = teacher.waits(day, seed=d)
            if progress:
                progress(len(waits_of), len(days))
    return _outcome(days, np.concatenate([waits_of[d] for d in range(len(days))]))


def _outcome(days: Sequence[Day], waits: Floats) -> Outcome:
    return Outcome(
        waits=waits,
        classes=np.array([t.cls for day in days for t in day.tickets], dtype=np.int64),
        services=np.array([t.service for day in days for t in day.tickets], dtype=np.int64),
        day=np.repeat(np.arange(len(days)), [len(day.tickets) for day in days]),
    )


def fixed_rule(name: str, office: OfficeFacts, ceilings: Mapping[int, float]) -> Rule:
    """The policies that need no past. `fcfs` is the plain yardstick, without ceilings."""
    favoured = range(1, len(office.classes))
    match name:
        case "fcfs":
            return Rule(name=name)
        case "ratio":
            return Rule(name=name, ratio=2, ceilings=ceilings)
        case "accumulating":
            return Rule(name=name, targets={0: 16.0} | dict.fromkeys(favoured, 1.0), ceilings=ceilings)
    raise ValueError(f"no fixed rule is called {name!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Teacher:
    """What past days have taught: the lines, the tuned rule, and the days for the sampler."""

    office: OfficeFacts
    lines: Lines
    rule: Rule
    past: Sequence[Day]
    plan: Plan
    name: str
    fair: "Fairness | None" = None

    @classmethod
    def of(cls, office: OfficeFacts, past: Sequence[Day], plan: Plan, *, name: str) -> "Teacher":
        """Learns duration bands and the tuned rule."""
        lines = banded_lines(office, past, plan.bands)
        played = gather(office, lines, past, plan.ceilings) if past else None
        rule = tuned_rule(played, office, plan.ceilings, goal=plan.goal, effort=plan.effort, name=name)
        fair = Fairness.of(office, past, played, rule, plan) if name == "look-ahead" and past else None
        return cls(office=office, lines=lines, rule=rule, past=past, plan=plan, name=name, fair=fair)

    def waits(self, day: Day, *, seed: int) -> Floats:
        """Waits of one day under the index or the look-ahead policy."""
        if self.name == "index":
            return waits_under(gather(self.office, self.lines, [day], self.plan.ceilings), self.rule)
        start, _ = play_day_slowly(self.office, day, self.lines, by_look_ahead(self.sight(seed)))
        due = np.array([t.due_from for t in day.tickets], dtype=np.float64)
        waits = np.asarray(np.maximum(0.0, np.array(start) - due))
        if self.fair:
            self.fair.note(np.array([t.service for t in day.tickets], dtype=np.int64), waits)
        return waits

    def sight(self, seed: int) -> LookAhead:
        """The sampled futures of one day."""
        booked = self.plan.favoured_price if self.plan.booked_price is None else self.plan.booked_price
        of_service = self.fair.prices() if self.fair else np.ones(len(self.office.services))
        of_class = [1.0, *(booked if c == BOOKED else self.plan.favoured_price for c in self.office.classes[1:])]
        return look_ahead(
            office=self.office,
            floor=office_floor(self.office, self.lines),
            lines=self.lines,
            base=self.rule,
            rule=line_rule(self.rule, self.lines),
            past=self.past,
            weight=np.array([of_class[cls] * of_service[service] for service, cls, _ in self.lines.keys]),
            settings=self.plan.settings,
            day_seed=seed,
        )


@dataclass(slots=True)
class Fairness:
    """What a minute of waiting for each service costs: more where the mean of the days so far is near the limit.

    It begins as if the base rule had called for `SEEN` days, and learns from the days that look-ahead has called.
    """

    limit: float  # minutes: the mean wait of a service from which its price rises
    people: Floats  # by service
    waited: Floats

    @classmethod
    def of(cls, office: OfficeFacts, past: Sequence[Day], played: Past | None, rule: Rule, plan: Plan) -> "Fairness":
        """From past days: the limit by first come, first served, the beginning by the base rule."""
        assert played is not None
        many, share = len(office.services), SEEN / len(past)
        plain = waits_under(gather(office, office_lines(office), past, {}), Rule(name="fcfs"), by_arrival=True)
        by_base = waits_under(played, rule)
        return cls(
            limit=plan.worst * worst_service(plain, played.services),
            people=np.asarray(share * np.bincount(played.services, minlength=many), dtype=np.float64),
            waited=np.asarray(share * np.bincount(played.services, weights=by_base, minlength=many), dtype=np.float64),
        )

    def note(self, services: Ints, waits: Floats) -> None:
        """Takes in a day that is over."""
        self.people += np.bincount(services, minlength=len(self.people))
        self.waited += np.bincount(services, weights=waits, minlength=len(self.people))

    def prices(self) -> Floats:
        """By service, 1 at least and `DEAREST` at most."""
        means = self.waited / np.maximum(1.0, self.people)
        return np.asarray(np.clip((means / max(self.limit, 1e-9)) ** STEEP, 1.0, DEAREST))


def banded_lines(office: OfficeFacts, past: Sequence[Day], bands: int) -> Lines:
    """Lines cut into duration bands of equal numbers where past tickets carry predictions; else one per service."""
    forecasts: list[list[tuple[float, float]]] = [[] for _ in office.services]
    for day in past:
        for t in day.tickets:
            if t.predicted is not None and not t.no_show:
                forecasts[t.service].append((t.predicted, t.minutes))
    if bands < 2 or any(len(seen) < 20 * bands for seen in forecasts):
        return office_lines(office)
    edges, minutes = [], []
    for seen in forecasts:
        told = np.array([p for p, _ in seen])
        took = np.array([m for _, m in seen])
        cuts = np.quantile(told, np.arange(1, bands) / bands)
        band = np.searchsorted(cuts, told, side="left")
        edges.append([float(cut) for cut in cuts])
        minutes.append(
            [float(took[band == b].mean()) if (band == b).any() else float(took.mean()) for b in range(bands)]
        )
    return office_lines(office, edges=edges, minutes=minutes)


def by_look_ahead(sight: LookAhead) -> Chooser:
    """A chooser that weighs futures wherever neither the ceilings nor the lack of a choice decide."""

    def choose(floor: FloorNow, c: int, lines: list[int]) -> int:
        heads = [floor.head(line) for line in lines]
        first = score_heads(sight.base, heads, run=floor.counters[c].run).best
        if any(head.waited > sight.base.ceiling(head.cls) for head in heads):
            return lines[first]
        tried = sight.candidates(lines, heads)
        if len(tried) == 1:
            return tried[0]
        arrived = bisect_right(floor.tickets, floor.now, key=lambda t: t.arrive)
        level = sight.level(floor.now, arrived)
        return sight.weigh(floor.now, c, tried, view_of(floor), level=level).lines[0]

    return choose


def view_of(floor: FloorNow) -> View:
    """What may be seen of the floor: nobody's minutes, nothing that has not happened yet."""
    waiting = sorted((i for line in floor.waiting for i in line), key=lambda i: (floor.since[i], i))
    seen = [_seen(floor, c) for c in range(len(floor.counters))]
    return View(
        key=np.array(waiting, dtype=np.int64),
        due=np.array([floor.since[i] for i in waiting], dtype=np.float64),
        ticket_line=np.array([floor.line_of[i] for i in waiting], dtype=np.int64),
        kind=np.array([kind for kind, _, _ in seen], dtype=np.int64),
        since=np.array([since for _, since, _ in seen], dtype=np.float64),
        until=np.array([until for _, _, until in seen], dtype=np.float64),
        line=np.array([max(0, now.serving) for now in floor.counters], dtype=np.int64),
        lunched=np.array([now.lunched for now in floor.counters], dtype=np.bool_),
        run=np.array([now.run for now in floor.counters], dtype=np.int64),
        services=len(floor.office.services),
    )


def _seen(floor: FloorNow, c: int) -> tuple[int, float, float]:
    """Kind, since and until of one counter, as `View` has them."""
    counter = floor.counters[c]
    if counter.idle:
        return 0, counter.idle_since, 0.0
    if counter.at_lunch:
        return 3, floor.now, counter.free_at
    if floor.now < counter.service_ends:
        return 1, counter.serving_since, 0.0
    return 2, counter.service_ends, 0.0
