"""Who is called next at a counter, and why. Pure.

`choose` looks only at the heads of the lines that a counter may call from, so its cost does not grow with the
number of people waiting. The hard bound stands before every policy: a person past the ceiling of their class is
overtaken by nobody who is still within theirs, and among those past it the largest excess goes first.
"""

from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from queue_server.queue import policy as scoring
from queue_server.queue.config import ClassKind, OfficeConfig, Policy
from queue_server.queue.foreseen import LOOK_AHEAD, Foreseen
from queue_server.queue.state import CounterState, OfficeDay


class Head(NamedTuple):
    """The first of one line, as a policy sees it. Seconds; `waited` is negative before a booked time."""

    ticket: str
    since: float
    order: int
    class_id: str
    kind: ClassKind
    waited: float
    excess: float  # over the ceiling of its class; negative within it
    own: bool  # sent or come back to this very counter
    pool: str


DUTIES = frozenset({"ceiling", "own_visitor", "appointment_early"})  # calls that no policy decides

_head = Head._make  # half the cost of calling the class by its fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A ticket with the reason of its call: a stable code, the facts of its sentence, and who would have been next."""

    ticket: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)
    runner_up: str | None = None


def heads(state: OfficeDay, counter: CounterState, now: datetime) -> list[Head]:
    """The callable heads of all lines of a counter's services and of the counter itself."""
    at, bounds = now.timestamp(), state.bounds
    early = state.setup.rules.appointment_early
    own_pool = f"counter:{counter.id}"
    found: list[Head] = []
    lines = state.lines
    for pool in (*counter.services, own_pool):
        classes = lines.get(pool)
        if not classes:
            continue
        own = pool == own_pool
        for class_id, line in classes.items():
            since, order, ticket = line[0]
            kind, bound = bounds[class_id]
            waited = at - since
            if waited < 0 and (kind is not ClassKind.APPOINTMENT or waited + early < 0):
                continue
            found.append(_head((ticket, since, order, class_id, kind, waited, waited - bound, own, pool)))
    return found


def ceiling(config: OfficeConfig, policy: Policy, class_id: str) -> float:
    """The hard bound of a class under the policy in force (seconds)."""
    known = config.classes[class_id]
    return known.ceiling if known.ceiling is not None else policy.ceiling_multiple * known.target


def choose(state: OfficeDay, counter_id: str, now: datetime, foreseen: Foreseen | None = None) -> Choice | None:
    """The next ticket for a counter under the policy in force; None when nobody who may be called fits.

    Under look-ahead `foreseen` decides among those who are due, after ceilings and own visitors; else the base rule.
    """
    counter = state.counter(counter_id)
    found = heads(state, counter, now)
    if not found:
        return None
    ranked = rank(found, counter, state)
    code, first = ranked[0]
    if foreseen is not None and state.policy.name == LOOK_AHEAD and code not in DUTIES:
        ahead = _look_ahead(state, counter, found, first, foreseen)
        if ahead is not None:
            return ahead
    facts: dict[str, Any] = {"class": first.class_id, "waited": round(max(0.0, first.waited), 1)}
    if code in ("priority_turn", "ordinary_turn"):
        facts["ordinary_run"] = counter.ordinary_run
    if code == "ceiling":
        facts["excess"] = round(first.excess, 1)
    runner_up = ranked[1][1].ticket if len(ranked) > 1 else None
    return Choice(ticket=first.ticket, code=code, facts=facts, runner_up=runner_up)


def _look_ahead(
    state: OfficeDay, counter: CounterState, found: list[Head], first: Head, foreseen: Foreseen
) -> Choice | None:
    """The foreseen ticket, where it is a due head of this counter and the comparison with the base rule stands."""
    due = {head.ticket: head for head in found if head.waited >= 0}
    head = due.get(foreseen.ticket)
    if head is None or not foreseen.holds(first.ticket, counter.services):
        return None
    facts = {
        "class": head.class_id,
        "waited": round(head.waited, 1),
        "saved": round(foreseen.saved, 1),
        "passes": state.tickets[first.ticket].number,
        "against": first.ticket,
        "futures": foreseen.futures,
    }
    after = foreseen.runner_up if foreseen.runner_up in due and foreseen.runner_up != head.ticket else first.ticket
    return Choice(ticket=head.ticket, code="look_ahead", facts=facts, runner_up=after)


def favourites(state: OfficeDay, counter: CounterState, now: datetime, most: int) -> list[Head]:
    """Of each service whom the base rule would call first, dearest first; fewer than two where nothing is to choose.

    Empty while a ceiling, an own visitor or only early people decide: no look ahead changes such a call.
    """
    rest = heads(state, counter, now)
    kept: list[Head] = []
    while rest and len(kept) < most:
        code, head = pick(rest, counter, state)
        if code in DUTIES:
            break
        kept.append(head)
        rest = [other for other in rest if other.pool != head.pool]
    return kept


def rank(found: list[Head], counter: CounterState, state: OfficeDay) -> list[tuple[str, Head]]:
    """The first choice and the runner-up, each with its reason."""
    first = pick(found, counter, state)
    rest = [head for head in found if head is not first[1]]
    return [first, pick(rest, counter, state)] if rest else [first]


def pick(found: list[Head], counter: CounterState, state: OfficeDay) -> tuple[str, Head]:
    """One choice among heads: ceiling, then own visitor, then the policy in force."""
    late = [head for head in found if head[6] >= 0]  # excess, by place for speed
    if late:
        most = max(map(_excess, late))
        return "ceiling", min([head for head in late if head[6] == most], key=_arrival)
    due = [head for head in found if head.waited >= 0]
    if not due:
        return "appointment_early", min(found, key=_arrival)
    own = [head for head in due if head.own]
    if own:
        return "own_visitor", min(own, key=_arrival)
    return by_ratio(due, counter, state.policy) if state.policy.name == "ratio" else by_score(due, state)


def by_ratio(due: list[Head], counter: CounterState, policy: Policy) -> tuple[str, Head]:
    """Order of arrival, with one priority or booked person for every so many ordinary ones."""
    ordinary = [head for head in due if head.kind is ClassKind.ORDINARY]
    favoured = [head for head in due if head.kind is not ClassKind.ORDINARY]
    if not favoured:
        return "arrival_order", min(ordinary, key=_arrival)
    first = min(favoured, key=_arrival)
    if ordinary and not _priority_has_turn(counter, policy):
        return "ordinary_turn", min(ordinary, key=_arrival)
    return ("appointment_turn" if first.kind is ClassKind.APPOINTMENT else "priority_turn"), first


def by_score(due: list[Head], state: OfficeDay) -> tuple[str, Head]:
    """The largest score of the policy in force; the reason is what speaks most for it against the next."""
    config = state.setup
    scored = [
        scoring.Head(
            service=head.pool,
            cls=head.class_id,
            waited=head.waited,
            queue=max(1, state.waiting_count(head.pool)),
            minutes=config.services[head.pool].typical,
            favoured=head.kind is not ClassKind.ORDINARY,
            rank=float(head.order),
        )
        for head in due
    ]
    chosen = scoring.score_heads(scoring.rule_of(config, state.policy), scored)
    return str(chosen.reasons[0]).replace("-", "_"), due[chosen.best]


def _priority_has_turn(counter: CounterState, policy: Policy) -> bool:
    return counter.ordinary_run is None or counter.ordinary_run >= policy.ordinary_per_priority


_excess = itemgetter(6)
_arrival = itemgetter(1, 2)  # since and order of a head, in C: this runs for every head of every call
