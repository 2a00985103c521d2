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
from queue_server.queue.config import ClassKind, OfficeConfig, Policy, hard_bound
from queue_server.queue.duration_bands import weighed
from queue_server.queue.foreseen import LOOK_AHEAD, Foreseen
from queue_server.queue.reservations import FREE, Reach
from queue_server.queue.state import NOBODY, CounterState, LineEntry, OfficeDay
from queue_server.queue.states import CounterStatus


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
    band: int  # see `queue.duration_bands`


DUTIES = frozenset({"ceiling", "own_visitor", "appointment_early"})  # calls that no policy decides

_Standing = tuple[LineEntry, str, str, int, float]  # first of a line, pool, class, band, seconds waited
_new = tuple.__new__  # a third of the cost of calling the class by its fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A ticket with the reason of its call: a stable code, the facts of its sentence, and who would have been next."""

    ticket: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)
    runner_up: str | None = None


def heads(state: OfficeDay, counter: CounterState, now: datetime) -> list[Head]:
    """The callable heads of the lines that a counter may call from now, and of the counter itself."""
    at, bounds, early = now.timestamp(), state.bounds, state.early
    may = state.reach(counter.id, now)
    own_pool = f"counter:{counter.id}"
    only = may.classes
    found: list[Head] = []
    lines = state.lines
    for pool in (*counter.services, own_pool):
        lanes = lines.get(pool)
        own = pool == own_pool
        if not lanes or not (own or may is FREE or may.service(pool)):
            continue
        for (class_id, band), line in lanes.items():
            since, order, ticket = line[0]
            kind, bound = bounds[class_id]
            waited = at - since
            if waited < 0 and (kind is not ClassKind.APPOINTMENT or waited + early < 0):
                continue
            if only is not None and not own and class_id not in only:
                continue
            found.append(_new(Head, (ticket, since, order, class_id, kind, waited, waited - bound, own, pool, band)))
    return found


class Courtesy(NamedTuple):
    """People are left to idle counters with fewer services for so many seconds more."""

    seconds: float
    counters: tuple[str, ...]


def left_to_others(state: OfficeDay, counter: CounterState, found: list[Head], now: datetime) -> list[Head]:
    """The heads without those that an idle counter with fewer services should take.

    Each is left to it for `grace` seconds at most, counted from when the two could have met. Whoever is past the
    ceiling or was sent to this counter is left to nobody.
    """
    others = _fewer(state, counter, now)
    return [head for head in found if not _left(state, head, others, now.timestamp())] if others else found


def courtesy(state: OfficeDay, counter: CounterState, now: datetime) -> Courtesy | None:
    """When the first of the people left to others may be called here; None where nobody is left, or not everybody."""
    if not state.policy.least_flexible_first:
        return None
    found = heads(state, counter, now)
    others = _fewer(state, counter, now)
    left = [_left(state, head, others, now.timestamp()) for head in found]
    if not all(left):
        return None
    ends = [(max(seconds for seconds, _ in one), tuple(counter_id for _, counter_id in one)) for one in left]
    return Courtesy(*min(ends)) if ends else None


def _fewer(state: OfficeDay, counter: CounterState, now: datetime) -> list[tuple[CounterState, Reach]]:
    """Idle open counters with fewer services, and whom they may call now."""
    return [
        (other, state.reach(other.id, now))
        for other in state.counters.values()
        if other.status is CounterStatus.OPEN and other.ticket is None and len(other.services) < len(counter.services)
    ]


def _left(state: OfficeDay, head: Head, others: list[tuple[CounterState, Reach]], at: float) -> list[tuple[float, str]]:
    """The counters that a head is left to, each with the seconds that are left of the grace."""
    if head.excess >= 0 or head.own:
        return []
    met = head.since if head.waited >= 0 else head.since - state.early
    found = []
    for other, may in others:
        idle = other.idle_since.timestamp() if other.idle_since else at
        seconds = state.policy.grace - (at - max(met, idle))
        if seconds > 0 and head.pool in other.services and may.allows(head.pool, head.class_id):
            found.append((seconds, other.id))
    return found


def ceiling(config: OfficeConfig, policy: Policy, class_id: str) -> float:
    """The hard bound of a class under the policy in force (seconds)."""
    return hard_bound(config.terms(policy, class_id), policy)


def choose(state: OfficeDay, counter_id: str, now: datetime, foreseen: Foreseen | None = None) -> Choice | None:
    """The next ticket for a counter under the policy in force; None when nobody who may be called fits.

    Under look-ahead `foreseen` decides among those who are due, after ceilings and own visitors; else the base rule.
    """
    counter = state.counter(counter_id)
    if foreseen is None and (plain := by_policy_alone(state, counter, now.timestamp())) is not None:
        return _told(plain[0], plain[1], plain[2], counter)
    found = heads(state, counter, now)
    if state.policy.least_flexible_first:
        found = left_to_others(state, counter, found, now)
    if not found:
        return None
    code, first, second = pick(found, counter, state)
    if foreseen is not None and state.policy.name == LOOK_AHEAD and code not in DUTIES:
        ahead = _look_ahead(state, counter, found, first, foreseen)
        if ahead is not None:
            return ahead
    if second is None and len(found) > 1:
        second = pick([head for head in found if head is not first], counter, state)[1]
    return _told(code, first, second, counter)


def _told(code: str, first: Head, second: Head | None, counter: CounterState) -> Choice:
    facts: dict[str, Any] = {"class": first.class_id, "waited": round(max(0.0, first.waited), 1)}
    if code in ("priority_turn", "ordinary_turn"):
        facts["ordinary_run"] = counter.ordinary_run
    if code == "ceiling":
        facts["excess"] = round(first.excess, 1)
    return Choice(ticket=first.ticket, code=code, facts=facts, runner_up=second.ticket if second else None)


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
    if state.policy.least_flexible_first:
        rest = left_to_others(state, counter, rest, now)
    kept: list[Head] = []
    while rest and len(kept) < most:
        code, head, _ = pick(rest, counter, state)
        if code in DUTIES:
            break
        kept.append(head)
        rest = [other for other in rest if other.pool != head.pool]
    return kept


def pick(found: list[Head], counter: CounterState, state: OfficeDay) -> tuple[str, Head, Head | None]:
    """One choice among heads: ceiling, then own visitor, then the policy in force; and the next, where it is known."""
    late = [head for head in found if head[6] >= 0]  # excess, by place for speed
    if late:
        most = max(map(_excess, late))
        return "ceiling", min([head for head in late if head[6] == most], key=_arrival), None
    due = [head for head in found if head[5] >= 0]  # waited
    if not due:
        return "appointment_early", min(found, key=_arrival), None
    if state.policy.own_first:
        own = [head for head in due if head[7]]
        if own:
            return "own_visitor", min(own, key=_arrival), None
    if state.policy.name == "ratio":
        return by_ratio(due, counter, state.policy)
    return by_score(due, state)


def by_ratio(due: list[Head], counter: CounterState, policy: Policy) -> tuple[str, Head, Head | None]:
    """Order of arrival, with one priority or booked person for every so many ordinary ones; and who would be next."""
    ordinary = [head for head in due if head[4] is ClassKind.ORDINARY]
    favoured = [head for head in due if head[4] is not ClassKind.ORDINARY] if len(ordinary) < len(due) else []
    turn, others = (favoured, ordinary) if favoured else (ordinary, favoured)
    code = "arrival_order"
    if favoured and ordinary and not _priority_has_turn(counter, policy):
        turn, others, code = ordinary, favoured, "ordinary_turn"
    first = min(turn, key=_arrival)
    if turn is favoured:
        code = "appointment_turn" if first.kind is ClassKind.APPOINTMENT else "priority_turn"
    rest = [head for head in turn if head is not first] or others
    return code, first, min(rest, key=_arrival) if rest else None


def by_score(due: list[Head], state: OfficeDay) -> tuple[str, Head, Head | None]:
    """The largest score of the policy in force; the reason is what speaks most for it against the next."""
    first, second = _best_two(state, [((h[1], h[2], h[0]), h[8], h[3], h[9], h[5]) for h in due])
    best, other = due[first], due[second] if second >= 0 else None
    return _reason(state, best, other), best, other


def _reason(state: OfficeDay, best: Head, other: Head | None) -> str:
    """Why `best` is called rather than `other`; of one line alone, whether somebody waits behind."""
    if other is None and _has_company(state, best):
        return "arrival_order"
    pair = [_scored(state, head) for head in (best, other) if head is not None]
    return str(scoring.reasons(state.rule, pair)[0]).replace("-", "_")


def _has_company(state: OfficeDay, head: Head) -> bool:
    """Whether somebody who may be called stands behind the first of a line."""
    line = state.lines.get(head.pool, NOBODY).get((head.class_id, head.band), ())
    return len(line) > 1 and line[1][0] <= head.since + head.waited


def _best_two(state: OfficeDay, standing: list[_Standing]) -> tuple[int, int]:
    """Places of the two largest scores, the second -1 where there is one; of equals the earlier wait goes first.

    What a score owes to the pool is worked out once a pool: those of one stand together.
    """
    rule = state.rule
    targets, head_start, gains = rule.targets, rule.head_start, state.gains
    best = second = -1
    most = other = -1.0
    last, crowd = "", 1.0
    by_band: tuple[float, ...] = ()
    for place, (entry, pool, class_id, band, waited) in enumerate(standing):
        if pool is not last:
            last = pool
            crowd = rule.crowd(state.due_count(pool, entry[0] + waited)) if rule.queue_power else 1.0
            by_band = gains[pool] if pool in gains else _gains_of_own(state, pool)
        value = (head_start + waited / targets.get(class_id, 1.0)) * crowd * by_band[band]
        if value > most or (value == most and entry < standing[best][0]):
            second, other = best, most
            best, most = place, value
        elif value > other or (value == other and entry < standing[second][0]):
            second, other = place, value
    return best, second


def by_policy_alone(state: OfficeDay, counter: CounterState, at: float) -> tuple[str, Head, Head | None] | None:
    """What `pick` answers where nothing but the named policy decides, in one pass that makes no heads but the two best.

    None where more may decide: reservations, somebody past their ceiling, early or sent here; and where nobody waits.
    """
    policy = state.policy
    if policy.reservations or policy.least_flexible_first or f"counter:{counter.id}" in state.lines:
        return None
    standing = _standing(state, counter, at)
    if not standing:
        return None
    if policy.name == "ratio":
        kinds = state.bounds
        ordinary = [one for one in standing if kinds[one[2]][0] is ClassKind.ORDINARY]
        favoured = [one for one in standing if kinds[one[2]][0] is not ClassKind.ORDINARY]
        return by_ratio([_head(state, one) for one in (*_first_two(ordinary), *_first_two(favoured))], counter, policy)
    first, second = _best_two(state, standing)
    best, other = _head(state, standing[first]), _head(state, standing[second]) if second >= 0 else None
    return _reason(state, best, other), best, other


def _standing(state: OfficeDay, counter: CounterState, at: float) -> list[_Standing] | None:
    """The first of each line of a counter's services; None where one of them is early or past the ceiling."""
    bounds, lines = state.bounds, state.lines
    found: list[_Standing] = []
    for pool in counter.services:
        for (class_id, band), line in lines.get(pool, NOBODY).items():
            entry = line[0]
            waited = at - entry[0]
            if not 0.0 <= waited < bounds[class_id][1]:
                return None
            found.append((entry, pool, class_id, band, waited))
    return found


def _first_two(standing: list[_Standing]) -> list[_Standing]:
    """The two who stand before all others; no two have the same entry."""
    if len(standing) < 3:
        return standing
    first = min(standing)
    return [first, min([one for one in standing if one is not first])]


def _head(state: OfficeDay, standing: _Standing) -> Head:
    """The first of a service's line; nobody of them was sent here."""
    (since, order, ticket), pool, class_id, band, waited = standing
    kind, bound = state.bounds[class_id]
    return _new(Head, (ticket, since, order, class_id, kind, waited, waited - bound, False, pool, band))


def _crowd(state: OfficeDay, head: Head) -> int:
    """How long a line counts at the moment of the call: with everybody of the head's pool who may be called then."""
    return max(1, state.due_count(head.pool, head.since + head.waited))


def _gains_of_own(state: OfficeDay, pool: str) -> tuple[float, ...]:
    """The same for people sent to one counter, where they stand in their class."""
    return tuple(state.rule.gain(pool, seconds) for seconds in weighed(usual_seconds(state.setup, pool)))


def usual_seconds(config: OfficeConfig, pool: str) -> float:
    """Usual seconds at the counter for a line; people sent to one counter count as the mean of all services."""
    known = config.services.get(pool)
    return known.typical if known else sum(s.typical for s in config.services.values()) / len(config.services)


def weighed_seconds(config: OfficeConfig, pool: str, band: int) -> float:
    """Seconds that the people of one line count as in a score."""
    return weighed(usual_seconds(config, pool))[band]


def _scored(state: OfficeDay, head: Head) -> scoring.Head:
    return scoring.Head(
        service=head.pool,
        cls=head.class_id,
        waited=head.waited,
        queue=_crowd(state, head),
        minutes=weighed_seconds(state.setup, head.pool, head.band),
        favoured=head.kind is not ClassKind.ORDINARY,
        rank=float(head.order),
    )


def _priority_has_turn(counter: CounterState, policy: Policy) -> bool:
    return counter.ordinary_run is None or counter.ordinary_run >= policy.ordinary_per_priority


_excess = itemgetter(6)
_arrival = itemgetter(1, 2)  # since and order of a head, in C: this runs for every head of every call
