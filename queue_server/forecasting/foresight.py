"""Whom a counter of the live office would best call now: each possible call played through sampled futures. Pure.

Rollout: of each service the base rule's favourite is called in the same futures (common random numbers), the rest of
the horizon goes on under the base rule with the site's skills, breaks and ceilings. The base rule's own choice is kept
unless another call is cheaper by a margin. Where a ceiling, an own visitor or nobody decides, nothing is foreseen.
Seconds; deterministic for a given seed and state; the budget is counted in simulated calls, never in time.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from queue_server.forecasting.kernel import Flags, Floats
from queue_server.forecasting.outlook_office import LiveScene
from queue_server.forecasting.target_arrays import Crowd, Desks, Question
from queue_server.forecasting.target_run import Drawn, drawn, loops
from queue_server.queue.config import MINUTE
from queue_server.queue.foreseen import Foreseen
from queue_server.queue.routing import favourites

HOUR = 60 * MINUTE
HORIZONS = (4 * HOUR, 2 * HOUR, HOUR)  # the longest that the budget allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How far and how often to look, and what waiting costs."""

    futures: int = 96
    batch: int = 16
    least: int = 8  # fewer futures than this say nothing
    budget: float = 6.0e6  # steps of simulated calls per decision, see `draw`
    candidates: int = 6
    drop: float = 1.0  # standard errors by which a dearer call leaves the race
    caution: float = 0.0  # standard errors by which another call must beat the base rule's choice, and
    margin: float = 60.0  # weighted seconds of everybody together
    past_ceiling: float = 4.0  # price of a second past the ceiling, beside that of the second itself
    worst: float = 1.0  # power of the price of a service: its mean wait against everybody's
    dearest: float = 4.0  # and no service costs more than this


SETTINGS = Settings()


class Lot(NamedTuple):
    """What one moment's decisions share: everybody's fates in every future, and today's waits so far."""

    drawn: Drawn
    called: Floats  # by place of the service: people called today
    waited: Floats  # and the seconds that they waited together
    steps: float  # of one future of one candidate


def draw(live: LiveScene, settings: Settings = SETTINGS) -> Lot:
    """Draws the futures, over the longest horizon at which the budget leaves half of those wanted to two candidates.

    One simulated call costs about as many steps as there are counters, lines of a counter, and ten more.
    """
    scene = live.scene
    futures = min(settings.futures, scene.futures)
    first = {name: column[:futures] for name, column in scene.coming._asdict().items()}
    scene = replace(scene, coming=scene.coming._replace(**first))
    lines = scene.ground.reach_count  # P × C: reservations only take lines away
    width = len(live.counters) + float(lines.mean() if lines.size else 0.0) + 10.0
    lot = drawn(scene, scene.now + HORIZONS[0])
    for seconds in HORIZONS:
        lot = shortened(lot, scene.now + seconds)
        steps = max(1.0, float(lot.crowd.size.mean()) * width)
        if settings.budget >= steps * futures:
            break
    return Lot(lot, *waited_today(live), steps)


def shortened(lot: Drawn, end: float) -> Drawn:
    """The same futures without who comes after `end`; those who come stand in the order of their coming."""
    coming = lot.crowd.arrive[:, lot.standing :]
    size = np.minimum(lot.crowd.size, lot.standing + (coming <= end).sum(axis=1))
    widest = int(size.max(initial=0))
    kept = lot.crowd._asdict().items()
    columns = {name: np.ascontiguousarray(column[:, :widest]) for name, column in kept if name != "size"}
    return replace(lot, until=end, crowd=lot.crowd._replace(**columns, size=size))


def waited_today(live: LiveScene) -> tuple[Floats, Floats]:
    """By place of the service in the scene: people called today, and the seconds that they waited together."""
    ground = live.scene.ground
    place = {pool: int(ground.line_service[line]) for line, (pool, _, _) in enumerate(live.keys)}
    people, seconds = np.zeros(ground.services), np.zeros(ground.services)
    for ticket in live.state.tickets.values():
        if ticket.waited is not None and ticket.service in place:
            people[place[ticket.service]] += 1.0
            seconds[place[ticket.service]] += ticket.waited
    return people, seconds


def foresee(live: LiveScene, lot: Lot, counter: str, settings: Settings = SETTINGS) -> Foreseen | None:
    """Whom the counter would best call now, against the base rule's choice; None where there is no choice."""
    state = live.state
    heads = favourites(state, state.counters[counter], live.now, settings.candidates)
    known = {ticket: place for place, ticket in enumerate(live.tickets)}
    if len(heads) < 2 or any(head.ticket not in known for head in heads):
        return None
    tickets = [head.ticket for head in heads]
    lines = [int(live.scene.known.line[known[t]]) for t in tickets]
    costs, waits = race(live, lot, live.counters.index(counter), lines, settings)
    if not costs.size:
        return None
    order = ranking(costs, settings)
    return Foreseen(
        ticket=tickets[order[0]],
        against=tickets[0],
        services=state.counters[counter].services,
        runner_up=tickets[order[1]] if len(order) > 1 else None,
        saved=float(np.nanmean(waits[0] - waits[order[0]])) / MINUTE,
        futures=costs.shape[1],
    )


def race(live: LiveScene, lot: Lot, c: int, lines: list[int], settings: Settings) -> tuple[Floats, Floats]:
    """Costs and seconds waited, candidate lines × futures; not-a-number from where a line had left the race.

    After every batch clearly dearer calls leave; it ends when only the first, the base rule's own, is left.
    """
    many, drawn_futures = len(lines), len(lot.drawn.crowd.size)
    futures = min(drawn_futures, int(settings.budget // (lot.steps * many)))
    if futures < min(settings.least, drawn_futures):
        return np.zeros((0, 0)), np.zeros((0, 0))
    costs, waits = np.full((many, futures), np.nan), np.full((many, futures), np.nan)
    alive, done, weight = list(range(many)), 0, np.zeros(0)
    while done < futures and len(alive) > 1:
        rows = slice(done, min(futures, done + settings.batch))
        people = _futures(lot.drawn.crowd, rows)
        for k in alive:
            waited = played(live, lot, c, lines[k], people, lot.drawn.desks.free_at[rows])
            if not weight.size:
                weight = weights(live, lot, people, waited, settings)
            over = np.maximum(0.0, waited - live.scene.rule.ceiling[people.line])
            costs[k, rows] = (waited * weight[people.line] + settings.past_ceiling * over).sum(axis=1)
            waits[k, rows] = waited.sum(axis=1)
        done = rows.stop
        gain, doubt = _against_first(costs[:, :done])
        alive = [0, *(k for k in alive[1:] if gain[k] > -settings.drop * doubt[k])]
    return costs[:, :done], waits[:, :done]


def ranking(costs: Floats, settings: Settings) -> list[int]:
    """The candidates that ended the race, best first: the first one, unless another is cheaper by the margin."""
    gain, doubt = _against_first(costs)
    stayed = ~np.isnan(costs[:, -1])
    stayed[0] = True
    sure = gain - settings.caution * doubt - settings.margin
    sure[0] = 0.0
    return [int(k) for k in np.argsort(-sure, kind="stable") if stayed[k]]


def played(live: LiveScene, lot: Lot, c: int, line: int, people: Crowd, acts: Floats) -> Floats:
    """Everybody's wait after counter `c` has called the head of `line`; who is never called has waited to the end."""
    scene, until = live.scene, lot.drawn.until
    asked = Question(
        now=scene.now, until=until, known=len(scene.known.key), ends=False,
        probes=np.zeros(len(scene.level), dtype=np.bool_), counter=c, line=line,
    )  # fmt: skip
    desks = Desks(free_at=acts, idle_since=lot.drawn.desks.idle_since, run=lot.drawn.desks.run)
    start, probed = np.empty(people.due.shape), np.empty((len(people.size), len(scene.level)))
    counter = np.empty(people.due.shape, dtype=np.int64)
    loops().forward(scene.ground, scene.rule, people, lot.drawn.standing, desks, asked, start, counter, probed)
    waited = np.maximum(0.0, np.minimum(start, until) - people.due)
    return np.asarray(np.where(_real(people), waited, 0.0))


def _futures(people: Crowd, rows: slice) -> Crowd:
    """Some of the futures."""
    chosen = {name: column[rows] for name, column in people._asdict().items()}
    return people._replace(**chosen)


def _real(people: Crowd) -> Flags:
    return np.asarray(np.arange(people.due.shape[1]) < people.size[:, None])


def weights(live: LiveScene, lot: Lot, people: Crowd, waited: Floats, settings: Settings) -> Floats:
    """L: what a second of waiting costs: more where less was promised, and where today's mean wait is longer.

    `people`, `waited`: the first futures of the base rule's own choice, which tell what is still to come.
    """
    config, policy, ground = live.state.setup, live.state.policy, live.scene.ground
    terms = [config.terms(policy, cls) for _, cls, _ in live.keys]
    ordinary = max(1.0, config.terms(policy, config.default_class).target)
    promised = [ordinary / max(1.0, one.target) for one in terms]
    claim = [one.weight for one in terms]
    real = _real(people)
    service, futures = ground.line_service[people.line[real]], len(waited)
    count = lot.called + np.bincount(service, minlength=ground.services) / futures
    seconds = lot.waited + np.bincount(service, weights=waited[real], minlength=ground.services) / futures
    mean = float(seconds.sum() / max(1.0, count.sum()))
    ratio = (seconds / np.maximum(1.0, count)) / max(MINUTE, mean)
    price = np.clip(ratio, 1.0, settings.dearest) ** settings.worst
    return np.asarray(np.array(promised) * np.array(claim) * price[ground.line_service])


def _against_first(costs: Floats) -> tuple[Floats, Floats]:
    """Mean saving of each row against row 0, and its standard error, over the futures it was played in."""
    saving = costs[0] - costs
    played_in = np.maximum(1, (~np.isnan(saving)).sum(axis=1))
    return np.nanmean(saving, axis=1), np.nanstd(saving, axis=1) / np.sqrt(played_in)
