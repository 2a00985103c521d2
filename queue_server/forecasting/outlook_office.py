"""The live office as the numbers of the forward run: lines, counters, people, what is learned and expected. Pure.

Seconds after the day's `origin`. No rule is decided here; a property test holds the run equal to the live office.
Left out until they stand in a line: people on hold, missed people, the second matter of a visit at a counter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import NormalDist

import numpy as np

from queue_server.forecasting.kernel import LONGEST_LINE, Flags, Floats, LineRule
from queue_server.forecasting.lookahead import HIGHEST_LEVEL, QUANTILES, Coming, Habits
from queue_server.forecasting.outlook_bands import LineKey, cut, cut_coming, usual_lines
from queue_server.forecasting.outlook_phases import phases, skilled
from queue_server.forecasting.outlook_scales import narrowed, scales, served_scales
from queue_server.forecasting.target_arrays import Ground
from queue_server.forecasting.target_draws import ABSENT, AWAY, FREE, SERVING, AtDesk, Waiting
from queue_server.forecasting.target_run import Scene
from queue_server.queue.config import MINUTE, ClassKind, OfficeConfig, Policy
from queue_server.queue.duration_bands import USUAL
from queue_server.queue.policy import Key, Rule, rule_of
from queue_server.queue.routing import ceiling, weighed_seconds
from queue_server.queue.state import CounterState, OfficeDay, Ticket
from queue_server.queue.states import CounterStatus

QUARTER = 15 * MINUTE
LEAST_REST = 30.0  # a service that has outlasted everything seen goes on at least this long
COMMON_CV = 0.6  # of service times nobody has learned yet
MISSED = 80.0  # two calls without an answer
PAUSE = 15 * MINUTE  # a pause nobody planned
NOT_COMING = 10 * MINUTE  # a counter that should have opened this long ago is not counted upon
BREAK_SLACK = 10 * MINUTE  # a pause begun this long before a planned break is that break


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What past days teach. Whatever is missing comes from the configuration."""

    seconds: Mapping[str, Sequence[float]] = field(
        default_factory=dict
    )  # service → evenly spaced quantiles, call → end
    pace: Mapping[str, float] = field(default_factory=dict)  # counter → its time for a service of 1
    no_show: Mapping[str, float] = field(default_factory=dict)  # class → share
    no_show_seconds: float = MISSED
    gap: float = 0.0  # between an end and the next call
    pause: float = PAUSE
    told: Mapping[str, Sequence[float]] = field(default_factory=dict)  # service → seconds told its latest people


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """People expected per service and quarter-hour from `begins` on, and the share of each class among them."""

    begins: datetime
    people: Mapping[str, Sequence[float]] = field(default_factory=dict)
    classes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who works when: breaks (begin, seconds), when a paused counter is back, later openings, ends of shifts."""

    breaks: Mapping[str, Sequence[tuple[datetime, float]]] = field(default_factory=dict)
    returns: Mapping[str, datetime] = field(default_factory=dict)
    opens: Mapping[str, datetime] = field(default_factory=dict)
    closes: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What stays the same between two looks at the office; build it once a day and after each learning."""

    config: OfficeConfig
    origin: datetime
    keys: tuple[LineKey, ...]
    habits: Habits  # lines of `keys`
    coming: Coming
    cut: Coming  # the same people, where lines are cut by duration band
    learned: Learned
    seed: int
    rule: Rule | None = None  # of `policies`, where the office calls by a score

    def seconds(self, at: datetime) -> float:
        """A moment as seconds after the origin."""
        return (at - self.origin).total_seconds()

    def fits(self, state: OfficeDay) -> bool:
        """Whether the day still has the services and classes that this was built for."""
        config = state.config
        return config is not None and (config.services, config.classes) == (self.config.services, self.config.classes)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveScene:
    """A scene with the names of its rows, and the office it was made from."""

    scene: Scene
    state: OfficeDay
    plan: Plan
    now: datetime
    tickets: tuple[str, ...]
    counters: tuple[str, ...]
    keys: tuple[LineKey, ...]
    counted: Flags  # known tickets whose wait will count for the target: the first matter of a visit not yet answered


def basis(
    config: OfficeConfig,
    learned: Learned,
    expected: Expected,
    *,
    futures: int = 100,
    seed: int = 1,
    rule: Rule | None = None,
) -> Basis:
    """Lines, durations and sampled arrivals of one day; expected services or classes the office lacks are left out."""
    keys = usual_lines(config)
    habits = Habits(
        minutes=np.array([duration_table(config, learned, service) for service, _, _ in keys]).reshape(-1, QUANTILES),
        no_show=np.array([min(1.0, max(0.0, learned.no_show.get(cls, 0.0))) for _, cls, _ in keys]),
        no_show_minutes=learned.no_show_seconds,
        pause_share=1.0 if learned.gap > 0 else 0.0,
        pause=np.full(QUANTILES, max(0.0, learned.gap)),
    )
    coming = arrivals(keys, habits, expected, futures=futures, seed=seed)
    return Basis(
        config=config, origin=expected.begins, keys=keys, habits=habits, coming=coming,
        cut=cut_coming(coming, keys, habits, config, learned.told, seed=seed), learned=learned, seed=seed, rule=rule,
    )  # fmt: skip


def duration_table(config: OfficeConfig, learned: Learned, service: str) -> Floats:
    """Evenly spaced quantiles of call → end; a lognormal around the site's own figure where nothing is learned."""
    known = np.sort([s for s in learned.seconds.get(service, ()) if np.isfinite(s) and s >= 0.0])
    if len(known):
        return np.asarray(np.quantile(known, np.linspace(0, 1, QUANTILES)))
    spread = float(np.sqrt(np.log1p(COMMON_CV**2)))
    normal = NormalDist()
    levels = (np.arange(QUANTILES) + 0.5) / QUANTILES
    z = np.array([normal.inv_cdf(float(u)) for u in levels])
    return np.asarray(max(1.0, config.services[service].typical) * np.exp(spread * z - spread**2 / 2))


def arrivals(keys: Sequence[LineKey], habits: Habits, expected: Expected, *, futures: int, seed: int) -> Coming:
    """Poisson arrivals of a whole day at HIGHEST_LEVEL times what is expected, to be thinned to today's level."""
    rng = np.random.default_rng([seed, 20])
    total = sum(share for share in expected.classes.values() if share > 0) or 1.0
    cells = [
        (line, slot, rate * max(0.0, share) / total)
        for line, (service, cls, _) in enumerate(keys)
        for slot, rate in enumerate(expected.people.get(service, ()))
        if rate > 0 and np.isfinite(rate) and (share := expected.classes.get(cls, 0.0)) > 0
    ]
    lines = np.array([c[0] for c in cells], dtype=np.int64)
    slots = np.array([c[1] for c in cells], dtype=np.float64)
    means = HIGHEST_LEVEL * np.array([c[2] for c in cells], dtype=np.float64)
    drawn = rng.poisson(means, size=(futures, len(cells))) if cells else np.zeros((futures, 0), dtype=np.int64)
    size = drawn.sum(axis=1)
    shape = (futures, max(1, int(size.max(initial=0))))
    arrive, line = np.full(shape, np.inf), np.zeros(shape, dtype=np.int64)
    for r in range(futures):
        at = (np.repeat(slots, drawn[r]) + rng.random(size[r])) * QUARTER
        order = np.argsort(at)
        arrive[r, : size[r]] = at[order]
        line[r, : size[r]] = np.repeat(lines, drawn[r])[order]
    x = rng.random(shape) * (QUANTILES - 1)
    k = np.minimum(x.astype(np.int64), QUANTILES - 2)
    table = habits.minutes
    minutes = table[line, k] + (x - k) * (table[line, k + 1] - table[line, k]) if len(keys) else np.zeros(shape)
    paced = rng.random(shape) >= (habits.no_show[line] if len(keys) else 0.0)
    return Coming(
        arrive, arrive.copy(), line, np.where(paced, minutes, habits.no_show_minutes), paced,
        np.full(shape, habits.pause[0]), rng.random(shape) * HIGHEST_LEVEL, size.astype(np.int64),
    )  # fmt: skip


def live_scene(
    state: OfficeDay,
    known: Basis,
    plan: Plan,
    now: datetime,
    *,
    level: Mapping[str, float] | None = None,
    predicted: Mapping[str, float] | None = None,
) -> LiveScene:
    """The office at `now`. `level`: service → how busy today is against what was expected (1 where missing).

    `predicted`: ticket → seconds that its matter is expected to take, where more is known than its service.
    A clock that has jumped makes no negative times: who seems to come from the future has just come.
    """
    config = state.setup
    own = sorted({(t.pool, *state.lane(t)) for t in state.waiting() if t.pinned})
    keys, habits = cut(known.keys, known.habits) if state.by_band else (known.keys, known.habits)
    keys = (*keys, *own)
    place = {key: line for line, key in enumerate(keys)}
    people = [t for t in state.waiting() if (t.pool, *state.lane(t)) in place]
    people.sort(key=lambda t: (t.since, t.order))
    at = known.seconds(now)
    busy = level or {}
    habits, told = _with_own(habits, known, own, people), predicted or {}
    waiting = _waiting(people, place, state, known, at)
    scene = Scene(
        now=at,
        ground=_ground(state, keys, plan, known, now),
        rule=line_rule(config, state.policy, keys, known.rule, habits.minutes.mean(axis=1)),
        known=narrowed(waiting, people, habits, scales(people, waiting.line, habits, told), told),
        desks=_desks(state, place, plan, known, now)._replace(scale=served_scales(state, place, habits, told)),
        habits=habits,
        coming=known.cut if state.by_band else known.coming,
        level=np.array([min(HIGHEST_LEVEL, max(0.0, busy.get(pool, 1.0))) for pool, _, _ in keys]),
        seed=known.seed,
        least=LEAST_REST,
    )
    return LiveScene(
        scene=scene,
        state=state,
        plan=plan,
        now=now,
        tickets=tuple(t.id for t in people),
        counters=tuple(state.counters),
        keys=keys,
        counted=_counted(state, people),
    )


def line_rule(
    config: OfficeConfig,
    policy: Policy,
    keys: Sequence[LineKey],
    rule: Rule | None = None,
    minutes: Floats | None = None,
) -> LineRule:
    """The policy in force in the loops' form: order of arrival within a kind, ordinary and favoured by the ratio.

    With a `rule` (services and classes numbered as the configuration lists them) its score decides, on the expected
    `minutes` of each line.
    """
    bound = np.array([ceiling(config, policy, cls) for _, cls, _ in keys], dtype=np.float64)
    services, classes = list(config.services), list(config.classes)
    places: list[Key] = [services.index(pool) if pool in config.services else -1 for pool, _, _ in keys]
    kinds: list[Key] = [classes.index(cls) for _, cls, _ in keys]
    if rule is None and policy.name != "ratio":
        rule, places, kinds = rule_of(config, policy), [pool for pool, _, _ in keys], [cls for _, cls, _ in keys]
        minutes = np.array([weighed_seconds(config, pool, band) for pool, _, band in keys])
    rule = rule or Rule(name="ratio", ratio=policy.ordinary_per_priority)
    usual = np.ones(len(keys)) if minutes is None else np.maximum(minutes, 1e-9)
    gain = [rule.price(place) * float(m) ** -rule.time_power for place, m in zip(places, usual, strict=True)]
    return LineRule(
        head_start=rule.head_start,
        target=np.array([rule.target(kind) for kind in kinds], dtype=np.float64),
        gain=np.array(gain, dtype=np.float64),
        ceiling=bound,
        queue_power=np.arange(LONGEST_LINE, dtype=np.float64) ** rule.queue_power,
        ratio=rule.ratio,
    )


def _counted(state: OfficeDay, people: Sequence[Ticket]) -> Flags:
    seen: set[str] = set()
    found = []
    for ticket in people:
        found.append(state.visits[ticket.visit].answered_at is None and ticket.visit not in seen)
        seen.add(ticket.visit)
    return np.array(found, dtype=np.bool_)


def _waiting(
    people: Sequence[Ticket], place: Mapping[LineKey, int], state: OfficeDay, known: Basis, now: float
) -> Waiting:
    """Since when each wait counts, and from when each may be called: booked people a little before their time."""
    booked = {c.id for c in state.setup.classes.values() if c.kind is ClassKind.APPOINTMENT}
    due = np.array([known.seconds(t.since) for t in people], dtype=np.float64)
    ahead = np.array([state.early if t.class_id in booked else 0.0 for t in people], dtype=np.float64)
    return Waiting(
        key=np.array([t.order for t in people], dtype=np.int64),
        arrive=np.maximum(due - ahead, now),
        due=due,
        line=np.array([place[t.pool, *state.lane(t)] for t in people], dtype=np.int64),
        scale=np.ones(len(people)),
        power=np.ones(len(people)),
    )


def _with_own(habits: Habits, known: Basis, own: Sequence[LineKey], people: Sequence[Ticket]) -> Habits:
    """Durations of the lines of people sent to one counter: those of the service the first of them comes for."""
    if not own:
        return habits
    services = [next(t.service for t in people if (t.pool, t.class_id) == key[:2]) for key in own]
    rows = [duration_table(known.config, known.learned, service) for service in services]
    missed = [known.learned.no_show.get(cls, 0.0) for _, cls, _ in own]
    return habits._replace(
        minutes=np.concatenate([habits.minutes, np.array(rows)]), no_show=np.concatenate([habits.no_show, missed])
    )


def _ground(state: OfficeDay, keys: Sequence[LineKey], plan: Plan, known: Basis, now: datetime) -> Ground:
    config, counters = state.setup, list(state.counters.values())
    pools = {pool: place for place, pool in enumerate(dict.fromkeys(pool for pool, _, _ in keys))}
    serves = np.array(
        [[pool in c.services or pool == f"counter:{c.id}" for pool, _, _ in keys] for c in counters], dtype=np.bool_
    ).reshape(len(counters), len(keys))
    breaks = [_breaks(c, plan, known, now) for c in counters]
    width = max((len(b) for b in breaks), default=0)
    at = np.full((len(counters), width), np.inf)
    length = np.zeros((len(counters), width))
    for c, found in enumerate(breaks):
        for b, (begin, seconds) in enumerate(found):
            at[c, b], length[c, b] = begin, seconds
    phase_at, barred = phases(state, keys, known.origin, now)
    ground = Ground(
        phase_at=phase_at,
        reach=np.zeros((0, 0, 0), dtype=np.int64),
        reach_count=np.zeros((0, 0), dtype=np.int64),
        serving=barred,
        serves=serves,
        barred=barred,
        flexibility=np.array([len(c.services) for c in counters], dtype=np.int64),
        speed=np.array([known.learned.pace.get(c.id, 1.0) for c in counters], dtype=np.float64),
        line_service=np.array([pools[pool] for pool, _, _ in keys], dtype=np.int64),
        favoured=np.array([config.classes[cls].kind is not ClassKind.ORDINARY for _, cls, _ in keys], dtype=np.bool_),
        own=np.array([state.policy.own_first and p not in config.services for p, _, _ in keys], dtype=np.bool_),
        break_at=at,
        break_length=length,
        closes=np.array([known.seconds(plan.closes[c.id]) if c.id in plan.closes else np.inf for c in counters]),
        bounded=state.policy.name == "ratio" if known.rule is None else known.rule.ratio > 0,
        early_last=True,
        services=len(pools),
        lean=state.policy.least_flexible_first,
    )
    return skilled(ground, serves)


def _breaks(counter: CounterState, plan: Plan, known: Basis, now: datetime) -> list[tuple[float, float]]:
    """Planned breaks that are still to come; one that was begun, or that is over by the clock, is not."""
    found = []
    for begin, seconds in plan.breaks.get(counter.id, ()):
        over = (now - begin).total_seconds() > seconds
        changed = counter.since is not None and (begin - counter.since).total_seconds() < BREAK_SLACK
        taken = changed and (counter.status is CounterStatus.PAUSED or now >= begin)
        if not over and not taken:
            found.append((known.seconds(begin), max(0.0, seconds)))
    return sorted(found)


def _desks(state: OfficeDay, place: Mapping[LineKey, int], plan: Plan, known: Basis, now: datetime) -> AtDesk:
    rows = [_desk(c, state, place, plan, known, now) for c in state.counters.values()]
    ratio = state.policy.ordinary_per_priority
    run = [ratio if c.ordinary_run is None else c.ordinary_run for c in state.counters.values()]
    idle = [
        known.seconds(c.idle_since) if c.idle_since and c.status is CounterStatus.OPEN else np.inf
        for c in state.counters.values()
    ]
    return AtDesk(
        kind=np.array([row[0] for row in rows], dtype=np.int64),
        since=np.array([row[1] for row in rows], dtype=np.float64),
        until=np.array([row[2] for row in rows], dtype=np.float64),
        line=np.array([row[3] for row in rows], dtype=np.int64),
        idle_since=np.array(idle, dtype=np.float64),
        run=np.array(run, dtype=np.int64),
        scale=np.ones(len(rows)),
    )


def _desk(
    counter: CounterState, state: OfficeDay, place: Mapping[LineKey, int], plan: Plan, known: Basis, now: datetime
) -> tuple[int, float, float, int]:
    """Kind, since, until and line of one counter."""
    at = known.seconds(now)
    back = at
    if counter.status is CounterStatus.PAUSED:
        begun = known.seconds(counter.since) if counter.since else at
        planned = plan.returns.get(counter.id)
        back = known.seconds(planned) if planned else begun + known.learned.pause
        if back <= at:  # overdue: a tenth of the pause more, at least a minute
            back = at + max(MINUTE, 0.1 * (at - begun))
    if counter.ticket is not None:
        ticket = state.tickets[counter.ticket]
        line = place[ticket.service, ticket.class_id, USUAL]
        since = min(at, known.seconds(ticket.called_at or now))
        return SERVING, since, back if counter.status is CounterStatus.PAUSED else 0.0, line
    if counter.status is CounterStatus.OPEN:
        return FREE, at, 0.0, 0
    if counter.status is CounterStatus.PAUSED:
        return AWAY, at, back, 0
    opens = plan.opens.get(counter.id)
    if opens is None or at - known.seconds(opens) > NOT_COMING:
        return ABSENT, at, 0.0, 0
    return AWAY, at, max(at, known.seconds(opens)), 0
