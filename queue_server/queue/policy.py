"""Who is called next, from numbers alone: the heads-only rules. Pure, stdlib only.

One unit of time throughout (seconds or minutes: the choice does not depend on it). A *head* is the first ticket of
a line; a line is first come, first served, so that comparing heads compares everybody. Sources: Kleinrock 1964
(accumulating priority), van Mieghem 1995 and Mandelbaum & Stolyar 2004 (generalised c-mu).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any, NamedTuple

from queue_server.queue.config import ClassKind, ClassTerms, OfficeConfig, Policy

NAMES = ("ratio", "fcfs", "accumulating", "index", "look-ahead")  # what the office can call by
FAVOUR = 0.3  # of the promised wait; 5 minutes promised are drawn at 1.5
FAVOUR_WEIGHED = 0.1  # the same beside a head start, which takes from what a wait says
FAIR_FAST = 0.5
HEAD_START, TIME_POWER = 4.0, 2.0  # at `fair_fast` 1; measured by `python -m benchmarks bands`
SHORTEST = 1e-6  # an expected duration of nothing, or less, counts as this


Key = int | str  # a service or class: the caller's own name or number


class Reason(StrEnum):
    """Why a head was chosen, the first code being the decisive one."""

    ONLY_ONE = "only-one"
    PAST_CEILING = "past-ceiling"
    RATIO_FAVOURED = "ratio-favoured"  # the ordinary calls that a favoured one must let pass have been made
    RATIO_ORDINARY = "ratio-ordinary"  # favoured tickets wait, but it is an ordinary ticket's turn
    ARRIVAL_ORDER = "arrival-order"
    CLASS = "class"  # of a class that is promised a shorter wait than the runner-up's
    LONG_WAIT = "long-wait"  # nearer to (or further past) what its class is promised
    LONG_LINE = "long-line"  # more people wait for its service
    SHORT_SERVICE = "short-service"  # it will take less time
    SERVICE_PRICE = "service-price"  # its service has been waiting longer than the others, and is raised for it
    LOOK_AHEAD = "look-ahead"  # sampled futures of the office came out better


class Head(NamedTuple):
    """The first ticket of a line, as numbers. `waited` is negative before its due time."""

    service: Key
    cls: Key
    waited: float
    queue: int  # people waiting for the service, all classes
    minutes: float  # expected time at the counter
    favoured: bool = False  # priority or appointment
    rank: float = 0.0  # breaks ties: smaller first (the moment its wait counts from)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """score = (head_start + wait ÷ target) · queue^queue_power · price ÷ minutes^time_power, largest first.

    Targets and ceilings by class, prices by service; what is missing is 1, none and 1.
    """

    name: str
    head_start: float = 0.0
    queue_power: float = 0.0
    time_power: float = 0.0
    ratio: int = 0  # ordinary calls between two favoured ones of a counter; 0: no such bound
    targets: Mapping[Any, float] = field(default_factory=dict)
    ceilings: Mapping[Any, float] = field(default_factory=dict)
    prices: Mapping[Any, float] = field(default_factory=dict)

    def target(self, cls: Key) -> float:
        """The wait that weighs one for a class."""
        return self.targets.get(cls, 1.0)

    def ceiling(self, cls: Key) -> float:
        """The wait past which a ticket is overtaken by nobody still within theirs."""
        return self.ceilings.get(cls, inf)

    def price(self, service: Key) -> float:
        """How much a service weighs; above 1 where the office wants it to wait less."""
        return self.prices.get(service, 1.0)

    def crowd(self, queue: int) -> float:
        """What the length of the line gives to the score of each of its people."""
        power: float = float(max(1, queue)) ** self.queue_power
        return power

    def gain(self, service: Key, minutes: float) -> float:
        """What the service and its expected time give to a score."""
        known: float = self.price(service) * max(SHORTEST, minutes) ** -self.time_power
        return known


class Choice(NamedTuple):
    """Places in the list of heads, and why. `scores` are comparable within one choice only."""

    best: int
    runner_up: int | None
    reasons: tuple[Reason, ...]
    scores: tuple[float, ...]


def score(rule: Rule, head: Head) -> float:
    """The index of one head; waits before the due time count as none. Finite while targets are above 0."""
    waited = rule.head_start + max(0.0, head.waited) / rule.target(head.cls)
    return waited * rule.crowd(head.queue) * rule.gain(head.service, head.minutes)


def score_heads(rule: Rule, heads: Sequence[Head], *, run: int = 0) -> Choice:
    """The head to call, the runner-up and the reasons.

    Past its ceiling a head is overtaken by nobody still within theirs; among several the largest excess goes first.
    Under a ratio, `run` is the number of ordinary calls of this counter since its last favoured one. Equal scores:
    smaller rank, then the earlier place in `heads`. Raises ValueError when there are no heads.
    """
    if not heads:
        raise ValueError("nobody to choose from")
    excess = [head.waited - rule.ceiling(head.cls) for head in heads]
    if max(excess) > 0.0:
        order = _order(heads, excess, [e > 0.0 for e in excess])
        return Choice(order[0], _second(order), (Reason.PAST_CEILING,), tuple(excess))
    scores = [score(rule, head) for head in heads]
    turn = _turn(rule, heads, run)
    order = _order(heads, scores, [turn is None or head.favoured == turn for head in heads])
    return Choice(order[0], _second(order), _reasons(rule, heads, order, turn), tuple(scores))


def _turn(rule: Rule, heads: Sequence[Head], run: int) -> bool | None:
    """Whether it is a favoured ticket's turn; None where the ratio decides nothing."""
    if rule.ratio <= 0 or len({head.favoured for head in heads}) == 1:
        return None
    return run >= rule.ratio


def _order(heads: Sequence[Head], keys: Sequence[float], allowed: Sequence[bool]) -> list[int]:
    """The two best places: allowed ones first, then the larger key, then the smaller rank."""
    best = second = -1
    for place in range(len(heads)):
        if best < 0 or _before(heads, keys, allowed, place, best):
            best, second = place, best
        elif second < 0 or _before(heads, keys, allowed, place, second):
            second = place
    return [best] if second < 0 else [best, second]


def _before(heads: Sequence[Head], keys: Sequence[float], allowed: Sequence[bool], a: int, b: int) -> bool:
    if allowed[a] != allowed[b]:
        return allowed[a]
    if keys[a] != keys[b]:
        return keys[a] > keys[b]
    return heads[a].rank < heads[b].rank


def _second(order: list[int]) -> int | None:
    return order[1] if len(order) > 1 else None


def reasons(rule: Rule, best_and_next: Sequence[Head]) -> tuple[Reason, ...]:
    """What speaks for the first of one or two heads, strongest first; no ratio stands before the score."""
    return _reasons(rule, best_and_next, list(range(len(best_and_next))), None)


def _reasons(rule: Rule, heads: Sequence[Head], order: list[int], turn: bool | None) -> tuple[Reason, ...]:
    """Codes by how much each part of the score speaks for the best against the runner-up, strongest first."""
    if len(order) == 1:
        return (Reason.ONLY_ONE,)
    best, other = heads[order[0]], heads[order[1]]
    lead = () if turn is None else (Reason.RATIO_FAVOURED if turn else Reason.RATIO_ORDINARY,)
    if len(set(rule.targets.values())) <= 1 and not rule.queue_power and not rule.time_power and not rule.prices:
        return lead or (Reason.ARRIVAL_ORDER,)
    parts = {
        Reason.CLASS: _ratio(rule.target(other.cls), rule.target(best.cls)),
        Reason.LONG_WAIT: _ratio(rule.head_start + max(0.0, best.waited), rule.head_start + max(0.0, other.waited)),
        Reason.LONG_LINE: (max(1, best.queue) / max(1, other.queue)) ** rule.queue_power,
        Reason.SHORT_SERVICE: (max(SHORTEST, other.minutes) / max(SHORTEST, best.minutes)) ** rule.time_power,
        Reason.SERVICE_PRICE: _ratio(rule.price(best.service), rule.price(other.service)),
    }
    speaking = sorted((code for code, part in parts.items() if part > 1.02), key=lambda code: -parts[code])
    return lead + tuple(speaking or (Reason.ARRIVAL_ORDER,))


def _ratio(a: float, b: float) -> float:
    return a / b if b > 0 else (inf if a > 0 else 1.0)


OPTIONS: dict[str, tuple[float, float]] = {
    "fair_fast": (0.0, 1.0),
    "favour": (0.01, 1.0),
    "head_start": (0.0, 100.0),
    "queue_power": (-3.0, 3.0),
    "time_power": (-3.0, 3.0),
    "price": (0.1, 10.0),  # as price:SERVICE
}


def policy_problems(policy: Policy) -> list[tuple[str, str]]:
    """What is wrong with a policy, each point in Vietnamese and English; empty when the office can call by it."""
    found = []
    if policy.name not in NAMES:
        listed = ", ".join(NAMES)
        found.append(
            (
                f"không có cách gọi số {policy.name!r}; hãy dùng {listed}",
                f"no policy is called {policy.name!r}; there are {listed}",
            )
        )
    for name, value in policy.options.items():
        bounds = OPTIONS.get("price" if name.startswith("price:") else name)
        if bounds is None:
            listed = ", ".join(OPTIONS)
            found.append(
                (f"không có tham số {name!r}; hãy dùng {listed}", f"no option is called {name!r}; there are {listed}")
            )
        elif not bounds[0] <= value <= bounds[1]:
            low, high = bounds
            found.append(
                (
                    f"tham số {name} từ {low:g} đến {high:g}, không thể là {value:g}",
                    f"option {name} is from {low:g} to {high:g}, not {value:g}",
                )
            )
    return found


def rule_of(config: OfficeConfig, policy: Policy) -> Rule:
    """The score of a named policy for this office, in seconds; the ceilings stand before it in `routing.pick`.

    A class of weight 2 has the claim of one that was promised half as long a wait.
    `options`: `fair_fast` from 0 (only wait and class count) to 1 (time at the counter and length of line count most);
    `favour` is how much nearer the target of priority and appointments is drawn than promised; `head_start`,
    `queue_power`, `time_power` and `price:SERVICE` are what `forecasting.kernel_tuning` fits to the office's past.
    """
    options = policy.options
    weighed = policy.name in ("index", "look-ahead")  # look-ahead departs from the index, see `queue.foreseen`
    fast = options.get("fair_fast", FAIR_FAST) if weighed else 0.0
    if policy.name == "fcfs":
        return Rule(name=policy.name)
    favour = options.get("favour", FAVOUR_WEIGHED if weighed else FAVOUR)
    targets = {c.id: _claim(config.terms(policy, c.id), c.kind, favour) for c in config.classes.values()}
    return Rule(
        name=policy.name,
        head_start=options.get("head_start", HEAD_START * fast),
        queue_power=options.get("queue_power", fast),
        time_power=options.get("time_power", TIME_POWER * fast),
        targets=targets,
        prices={name[6:]: value for name, value in options.items() if name.startswith("price:")},
    )


def _claim(terms: ClassTerms, kind: ClassKind, favour: float) -> float:
    """The wait that weighs one for a class: the promised one, drawn nearer for the favoured and by the weight."""
    return max(1.0, terms.target * (1.0 if kind is ClassKind.ORDINARY else favour)) / terms.weight
