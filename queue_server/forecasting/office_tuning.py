"""Fits the numbers of the index to one office's past days, and judges them on the newest ones. Pure.

The candidate and the rule in force become rules the way the office itself makes them (`queue.policy.rule_of`), so
that what is judged is what will be called by. Minutes in the judgement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from queue_server.forecasting.kernel import Floats, Lines, office_lines
from queue_server.forecasting.kernel_tuning import (
    Effort,
    Goal,
    Past,
    between,
    cost_of,
    gather,
    search,
    waits_under,
    worst_service,
)
from queue_server.forecasting.office_days import Day, OfficeFacts
from queue_server.forecasting.paired import Difference, difference
from queue_server.queue.config import MINUTE, OfficeConfig, Policy
from queue_server.queue.duration_bands import edges, weighed
from queue_server.queue.policy import Rule, rule_of
from queue_server.queue.routing import ceiling

LEAST_DAYS = 10
EFFORT = Effort(rounds=40, brood=12)
TOLERATED = 1.05  # what the worst-served service may wait longer: less than days differ by chance
TOLERATED_FAVOURED = 0.5  # minutes
AT_ONCE = 1e-6  # a promise that goes before every other


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficePast:
    """The office as it is now and its past days, oldest first. Classes and services stand in the facts' order."""

    config: OfficeConfig
    facts: OfficeFacts
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """Numbers found on the older two thirds, and how they did on the newest third beside the rule in force."""

    policy: Policy
    fitted: int  # days
    judged: int
    people: float  # a judged day
    before: float  # mean wait under the rule in force
    after: float
    difference: Difference  # by day
    worst_before: float  # the service that waits longest
    worst_after: float
    favoured_before: float  # people with priority or an appointment
    favoured_after: float
    promised: float  # to them

    @property
    def better(self) -> bool:
        """Beyond chance, and neither the worst-served service nor the favoured pay for it."""
        return (
            self.difference.high is not None
            and self.difference.high < 0.0
            and self.worst_after <= TOLERATED * self.worst_before
            and self.favoured_after <= max(self.promised, self.favoured_before + TOLERATED_FAVOURED)
        )


def class_ids(config: OfficeConfig) -> tuple[str, ...]:
    """The classes as the kernel numbers them: the ordinary ones are one, and the first."""
    return (config.default_class, *(c.id for c in config.classes.values() if c.kind != "ordinary"))


def tune(office: OfficePast, policy: Policy, *, effort: Effort = EFFORT) -> Tuned | None:
    """The numbers that would have served the older days best, judged on the newer; None with too few days."""
    many = len(office.days)
    if many < LEAST_DAYS:
        return None
    older, newer = office.days[: many - many // 3], office.days[many - many // 3 :]
    found = _fitted(_past(office, older), office, policy, effort)
    return _judged(_past(office, newer), office, policy, found, fitted=len(older))


def kernel_rule(config: OfficeConfig, policy: Policy, facts: OfficeFacts) -> Rule:
    """A policy of the office as the kernel plays it: numbers for names, minutes for seconds."""
    classes = class_ids(config)
    ceilings = {n: ceiling(config, policy, c) / MINUTE for n, c in enumerate(classes)}
    if policy.name in ("fcfs", "ratio"):
        ratio = policy.ordinary_per_priority if policy.name == "ratio" else 0
        targets = (
            {n: AT_ONCE if n else 1.0 for n in range(len(classes))} if policy.name == "ratio" and not ratio else {}
        )
        return Rule(name=policy.name, ratio=ratio, targets=targets, ceilings=ceilings)
    rule = rule_of(config, policy)
    return Rule(
        name=rule.name,
        head_start=rule.head_start,
        queue_power=rule.queue_power,
        time_power=rule.time_power,
        targets={n: rule.target(c) / MINUTE for n, c in enumerate(classes)},
        ceilings=ceilings,
        prices={n: rule.price(s) for n, s in enumerate(config.services) if n < len(facts.services)},
    )


def promised(config: OfficeConfig, policy: Policy) -> float:
    """The shortest wait that a favoured class is promised, minutes; endless where there is none."""
    return min((config.terms(policy, c).target / MINUTE for c in class_ids(config)[1:]), default=1e9)


def lines_of(config: OfficeConfig, facts: OfficeFacts) -> Lines:
    """Lines cut by duration band as the office cuts them; where time weighs nothing they take turns as people came."""
    usual = [service.typical / MINUTE for service in config.services.values()]
    return office_lines(facts, edges=[edges(m) for m in usual], minutes=[weighed(m) for m in usual])


def _past(office: OfficePast, days: Sequence[Day]) -> Past:
    return gather(office.facts, lines_of(office.config, office.facts), days, {})


def candidate(config: OfficeConfig, policy: Policy, x: Floats) -> Policy:
    """A point of the search space as a policy; the middle (zeros) is the index as it comes."""
    options = {
        "time_power": -1.0 + 4.0 / (1.0 + float(np.exp(-x[0]))),
        "queue_power": -0.5 + 2.0 / (1.0 + float(np.exp(-x[1]))),
        "head_start": between(x[2], 0.2, 20.0),
        "favour": between(x[3], 0.01, 1.0),
    }
    options |= {f"price:{s}": between(x[4 + n], 0.25, 4.0) for n, s in enumerate(config.services)}
    name = policy.name if policy.name == "look-ahead" else "index"
    return replace(policy, name=name, options={key: float(f"{value:.3g}") for key, value in options.items()})


def _fitted(past: Past, office: OfficePast, policy: Policy, effort: Effort) -> Policy:
    config = office.config
    waits = waits_under(past, kernel_rule(config, policy, office.facts))
    usual = (float(waits.mean()), worst_service(waits, past.services))
    goal = Goal(worst=1.0, favoured=0.9 * promised(config, policy))

    def cost(x: Floats) -> float:
        rule = kernel_rule(config, candidate(config, policy, x), office.facts)
        return cost_of(waits_under(past, rule), past, usual, goal)

    return candidate(config, policy, search(cost, 4 + len(config.services), effort))


def _judged(past: Past, office: OfficePast, policy: Policy, found: Policy, *, fitted: int) -> Tuned:
    sides = [waits_under(past, kernel_rule(office.config, one, office.facts)) for one in (policy, found)]
    before, after = ([float(w.mean()) for w in np.split(side, past.edges[1:-1])] for side in sides)
    worst = [worst_service(side, past.services) for side in sides]
    some = bool((past.classes > 0).any())
    favoured = [float(side[past.classes > 0].mean()) if some else 0.0 for side in sides]
    return Tuned(
        policy=found,
        fitted=fitted,
        judged=len(before),
        people=len(past.due) / max(1, len(before)),
        before=float(np.mean(before)),
        after=float(np.mean(after)),
        difference=difference([a - b for b, a in zip(before, after, strict=True)]),
        worst_before=worst[0],
        worst_after=worst[1],
        favoured_before=favoured[0],
        favoured_after=favoured[1],
        promised=promised(office.config, policy),
    )
