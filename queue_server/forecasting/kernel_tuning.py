"""Fits a heads-only rule to an office by playing its own past days. Pure.

The search is a covariance-matrix adaptation evolution strategy (Hansen & Ostermeier 2001) over a dozen numbers with
bounds; nothing in it is particular to one office. Minutes throughout; deterministic for a given seed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from queue_server.forecasting.kernel import (
    Fates,
    Floats,
    Floor,
    Ints,
    Lines,
    day_fates,
    line_rule,
    loops,
    office_floor,
)
from queue_server.forecasting.office_days import Day, OfficeFacts
from queue_server.queue.policy import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a good rule is: a low mean wait, within these bounds. Bounds are aimed at with a margin."""

    worst: float = 1.15  # mean wait of the worst-served service, as a multiple of FCFS's
    favoured: float = 4.5  # mean wait of each favoured class, minutes
    worst_price: float = 2.0  # cost of exceeding, per multiple
    favoured_price: float = 0.05  # cost of exceeding, per minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to search."""

    rounds: int = 60
    brood: int = 14
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Past days as one array, ready to be played many times."""

    floor: Floor
    lines: Lines
    fates: Fates
    due: Floats
    edges: Ints
    classes: Ints
    services: Ints
    ceilings: Mapping[int, float] = field(default_factory=dict)


def gather(office: OfficeFacts, lines: Lines, days: Sequence[Day], ceilings: Mapping[int, float]) -> Past:
    """Lays days end to end."""
    each = [day_fates(day, office, lines) for day in days]
    fates = Fates(*(np.concatenate(column) for column in zip(*each, strict=True)))
    keys = np.array(lines.keys, dtype=np.int64)
    return Past(
        floor=office_floor(office, lines),
        lines=lines,
        fates=fates,
        due=fates.due,
        edges=np.concatenate([[0], np.cumsum([len(day.tickets) for day in days])]).astype(np.int64),
        classes=keys[fates.line, 1],
        services=keys[fates.line, 0],
        ceilings=ceilings,
    )


def waits_under(past: Past, rule: Rule, *, by_arrival: bool = False) -> Floats:
    """Waits of all tickets of the past days under a rule."""
    fates = past.fates
    if by_arrival:
        fates = fates._replace(due=fates.arrive, rank=fates.arrive)
    start = np.empty(len(past.due))
    counter = np.empty(len(past.due), dtype=np.int64)
    spread = line_rule(rule, past.lines)
    loops().play_many(past.edges, past.floor, spread, fates, past.lines.services, rule.ratio, start, counter)
    return np.maximum(0.0, start - past.due)


def worst_service(waits: Floats, services: Ints) -> float:
    """Mean wait of the service that waits longest on average."""
    counts = np.bincount(services)
    sums = np.bincount(services, weights=waits)
    return float((sums[counts > 0] / counts[counts > 0]).max()) if len(waits) else 0.0


def cost_of(waits: Floats, past: Past, fcfs: tuple[float, float], goal: Goal) -> float:
    """Mean wait as a share of FCFS's, plus the price of each bound exceeded. `fcfs`: its mean and worst service."""
    cost = float(waits.mean()) / max(fcfs[0], 1e-9)
    cost += goal.worst_price * max(0.0, worst_service(waits, past.services) / max(fcfs[1], 1e-9) - goal.worst)
    for cls in np.unique(past.classes[past.classes > 0]):
        cost += goal.favoured_price * max(0.0, float(waits[past.classes == cls].mean()) - goal.favoured)
    return cost


def tuned_rule(
    past: Past | None, office: OfficeFacts, ceilings: Mapping[int, float], *, goal: Goal, effort: Effort, name: str
) -> Rule:
    """The best rule found on the past days; the middle of the search space when there are none."""
    shape = _Shape(services=len(office.services), classes=len(office.classes), ceilings=ceilings, name=name)
    if past is None or not len(past.due):
        return shape.rule(np.zeros(shape.size))
    waits = waits_under(past, Rule(name="fcfs"), by_arrival=True)
    fcfs = (float(waits.mean()), worst_service(waits, past.services))

    def cost(x: Floats) -> float:
        return cost_of(waits_under(past, shape.rule(x)), past, fcfs, goal)

    return shape.rule(search(cost, shape.size, effort))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """Turns a point of the search space into a rule; each number runs between two bounds."""

    services: int
    classes: int
    ceilings: Mapping[int, float]
    name: str

    @property
    def size(self) -> int:
        return 3 + (self.classes - 1) + self.services

    def rule(self, x: Floats) -> Rule:
        favoured = self.classes - 1
        targets = {0: 15.0} | {c + 1: between(x[3 + c], 0.05, 15.0) for c in range(favoured)}
        prices = {s: between(x[3 + favoured + s], 0.25, 4.0) for s in range(self.services)}
        return Rule(
            name=self.name,
            time_power=-1.0 + 2.5 / (1.0 + float(np.exp(-x[0]))),
            queue_power=2.5 / (1.0 + float(np.exp(-x[1]))),
            head_start=between(x[2], 0.02, 5.0),
            targets=targets,
            prices=prices,
            ceilings=self.ceilings,
        )


def between(x: float, low: float, high: float) -> float:
    """An unbounded number as one between two bounds, even in ratios."""
    share = 1.0 / (1.0 + float(np.exp(-x)))
    return float(low * (high / low) ** share)


def search(cost: Callable[[Floats], float], size: int, effort: Effort) -> Floats:
    """Minimises a noise-free cost of `size` unbounded numbers, starting at 0 with steps of about 1."""
    rng = np.random.default_rng(effort.seed)
    parents = effort.brood // 2
    weights = np.log(parents + 0.5) - np.log(np.arange(1, parents + 1))
    weights /= weights.sum()
    mass = 1.0 / float((weights**2).sum())
    c_path, c_step = (4 + mass / size) / (size + 4 + 2 * mass / size), (mass + 2) / (size + mass + 5)
    c_one = 2 / ((size + 1.3) ** 2 + mass)
    c_many = min(1 - c_one, 2 * (mass - 2 + 1 / mass) / ((size + 2) ** 2 + mass))
    damping = 1 + 2 * max(0.0, np.sqrt((mass - 1) / (size + 1)) - 1) + c_step
    usual = np.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size * size))
    mean, step, spread = np.zeros(size), 1.0, np.eye(size)
    path, step_path = np.zeros(size), np.zeros(size)
    best, best_cost = mean, cost(mean)
    for turn in range(effort.rounds):
        scale, axes = np.linalg.eigh(spread)
        scale = np.sqrt(np.maximum(scale, 1e-12))
        moves = (rng.standard_normal((effort.brood, size)) * scale) @ axes.T
        costs = np.array([cost(mean + step * move) for move in moves])
        order = np.argsort(costs, kind="stable")
        if costs[order[0]] < best_cost:
            best, best_cost = mean + step * moves[order[0]], costs[order[0]]
        move = weights @ moves[order[:parents]]
        mean = mean + step * move
        unscaled = axes @ ((axes.T @ move) / scale)
        step_path = (1 - c_step) * step_path + np.sqrt(c_step * (2 - c_step) * mass) * unscaled
        length = float(np.linalg.norm(step_path))
        steady = length / np.sqrt(1 - (1 - c_step) ** (2 * (turn + 1))) < (1.4 + 2 / (size + 1)) * usual
        path = (1 - c_path) * path + steady * np.sqrt(c_path * (2 - c_path) * mass) * move
        chosen = moves[order[:parents]]
        spread = (1 - c_one - c_many) * spread + c_one * np.outer(path, path) + c_many * (chosen.T * weights) @ chosen
        step *= float(np.exp(c_step / damping * (length / usual - 1)))
    return best
