"""Why the target is at risk: each suspect is undone in the same futures, and the one that helps most is named. Pure.

A queue remembers: people who came above the forecast, and work that took longer than usual, stand in the lines now.
Undoing them takes as many people out of the lines. Seconds throughout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from queue_server.forecasting.kernel import Flags
from queue_server.forecasting.outlook_office import QUARTER, Basis, Expected, LiveScene
from queue_server.forecasting.outlook_phases import skilled
from queue_server.forecasting.target import Cause, Reason, Scope, mean_waits
from queue_server.forecasting.target_draws import ABSENT, FREE, SERVING
from queue_server.forecasting.target_run import Played, play
from queue_server.queue.state import CounterState, OfficeDay
from queue_server.queue.states import CounterStatus

LOOK_BACK = timedelta(hours=2)
LEAST_SHARE = 0.10  # of the expected mean wait: what explains less is no cause
UNEVEN = 1.5  # a service is short of skills when its people wait this many times as long as the others'
OVERLONG = 0.98  # a service in progress that has outlasted this share of its like


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """Of the last two hours: people above the forecast, and seconds of work above the usual, per service."""

    people: Mapping[str, float] = field(default_factory=dict)
    work: Mapping[str, float] = field(default_factory=dict)


def surplus(state: OfficeDay, known: Basis, expected: Expected, now: datetime) -> Surplus:
    """Counts what the journal of the day says against what was expected and learned."""
    begin = max(now - LOOK_BACK, state.opened_at or now - LOOK_BACK)
    came: dict[str, float] = {}
    work: dict[str, float] = {}
    usual = {pool: float(known.habits.minutes[line].mean()) for line, (pool, _, _) in enumerate(known.keys)}
    for ticket in state.tickets.values():
        if begin < ticket.taken_at <= now:
            came[ticket.service] = came.get(ticket.service, 0.0) + 1.0
        ended = ticket.ended_at or now
        if ticket.called_at and ticket.answered and ended > begin and ticket.service in usual:
            spent = (min(ended, now) - ticket.called_at).total_seconds()
            more = spent - usual[ticket.service]
            if ticket.ended_at or more > 0:
                work[ticket.service] = work.get(ticket.service, 0.0) + more
    people = {
        service: came.get(service, 0.0) - expected_between(expected, service, begin, now)
        for service in state.setup.services
        if expected.people.get(service)
    }
    return Surplus(people=people, work=work)


def expected_between(expected: Expected, service: str, begin: datetime, end: datetime) -> float:
    """People expected in a span, quarter-hours counted by the part that lies in it."""
    a, b = ((at - expected.begins).total_seconds() / QUARTER for at in (begin, end))
    return sum(
        rate * max(0.0, min(b, slot + 1.0) - max(a, slot)) for slot, rate in enumerate(expected.people.get(service, ()))
    )


def reason_of(live: LiveScene, played: Played, scope: Scope, past: Surplus, service: str | None) -> Reason:
    """The cause that, undone, lowers the expected mean wait of the scope most; too much work when none does."""
    if not any(c.status is CounterStatus.OPEN for c in live.state.counters.values()):
        return Reason(cause=Cause.NO_COUNTER)
    mean = float(mean_waits(live, played, scope)[0].mean())
    suspects = [
        _arrivals(live, past),
        _counter_away(live, service),
        _long_services(live, past),
        _skills(live, played, service),
    ]
    found = [Reason(cause=Cause.LOAD)]
    for suspect in suspects:
        if suspect is None:
            continue
        without, reason = suspect
        undone = play(without.scene, played.until, lot=played.lot)
        effect = mean - float(mean_waits(without, undone, scope)[0].mean())
        if effect >= LEAST_SHARE * mean:
            found.append(replace(reason, effect=effect))
    return max(found, key=lambda reason: reason.effect)


def _kept(live: LiveScene, keep: Flags) -> LiveScene:
    """The scene without some of the known people."""
    left = live.scene.known.of(keep)
    tickets = tuple(t for t, stays in zip(live.tickets, keep, strict=True) if stays)
    return replace(live, scene=replace(live.scene, known=left), tickets=tickets, counted=live.counted[keep])


def _service_of(live: LiveScene) -> Sequence[str]:
    return [live.keys[line][0] for line in live.scene.known.line]


def _without(live: LiveScene, too_many: Mapping[str, int], *, newest: bool) -> LiveScene:
    """Takes some people per service out of the lines, the newest or the oldest of them."""
    services = _service_of(live)
    keep = np.ones(len(services), dtype=np.bool_)
    for service, many in too_many.items():
        mine = [place for place, known in enumerate(services) if known == service]
        keep[mine[-many:] if newest else mine[:many]] = False
    return _kept(live, keep)


def _arrivals(live: LiveScene, past: Surplus) -> tuple[LiveScene, Reason] | None:
    too_many = {service: round(more) for service, more in past.people.items() if more >= 1.0}
    busier = live.scene.level > 1.0
    if not too_many and not busier.any():
        return None
    calm = replace(live.scene, level=np.minimum(live.scene.level, 1.0))
    without = _without(replace(live, scene=calm), too_many, newest=True)
    most = max(too_many, key=too_many.__getitem__, default=None)
    facts = {"people": float(sum(too_many.values()))}
    return without, Reason(cause=Cause.ARRIVALS, service=most, facts=facts)


def is_away(counter: CounterState, live: LiveScene) -> bool:
    """Paused, closed after having been open today, or not opened when the plan said so."""
    if counter.status is CounterStatus.OPEN:
        return False
    if counter.status is CounterStatus.PAUSED:
        return True
    opened, planned = live.state.opened_at, live.plan.opens.get(counter.id)
    left = counter.since is not None and opened is not None and counter.since > opened
    return left or (planned is not None and planned < live.now)


def _counter_away(live: LiveScene, service: str | None) -> tuple[LiveScene, Reason] | None:
    away = [c for c in live.state.counters.values() if is_away(c, live)]
    if not away:
        return None
    kind = live.scene.desks.kind.copy()
    until = live.scene.desks.until.copy()
    for place, counter in enumerate(live.counters):
        if any(counter == c.id for c in away):
            kind[place] = kind[place] if kind[place] == SERVING else FREE
            until[place] = 0.0
    without = replace(live, scene=replace(live.scene, desks=live.scene.desks._replace(kind=kind, until=until)))
    named = max(away, key=lambda c: (service in c.services, len(c.services)))
    return without, Reason(cause=Cause.COUNTER, counter=named.id, service=service, facts={"counters": float(len(away))})


def _long_services(live: LiveScene, past: Surplus) -> tuple[LiveScene, Reason] | None:
    habits = live.scene.habits
    usual = {pool: max(1.0, float(habits.minutes[line].mean())) for line, (pool, _, _) in enumerate(live.keys)}
    served = {s: round(more / usual[s]) for s, more in past.work.items() if s in usual and more >= 0.5 * usual[s]}
    desks = live.scene.desks
    stuck = [
        place
        for place, kind in enumerate(desks.kind)
        if kind == SERVING
        and live.scene.now - desks.since[place] > np.quantile(habits.minutes[desks.line[place]], OVERLONG)
    ]
    if not stuck and not any(served.values()):
        return None
    kind = desks.kind.copy()
    kind[stuck] = FREE
    free = replace(live, scene=replace(live.scene, desks=desks._replace(kind=kind)))
    without = _without(free, {s: many for s, many in served.items() if many}, newest=False)
    most = max(past.work, key=past.work.__getitem__, default=None)
    counter = live.counters[stuck[0]] if stuck else None
    if counter is not None and (ticket := live.state.counters[counter].ticket):
        most = live.state.tickets[ticket].service
    extra = sum(max(0.0, more) for more in past.work.values())
    return without, Reason(cause=Cause.LONG_SERVICES, counter=counter, service=most, facts={"seconds": extra})


def _skills(live: LiveScene, played: Played, service: str | None) -> tuple[LiveScene, Reason] | None:
    """Every counter learns the service, where its people wait much longer than the others."""
    if service is None:
        return None
    mine = np.array([pool == service for pool, _, _ in live.keys])
    of_service = mine[played.crowd.line] & played.real
    others = ~mine[played.crowd.line] & played.real
    if not of_service.any() or not others.any():
        return None
    if played.waits[of_service].mean() < UNEVEN * played.waits[others].mean():
        return None
    serves = live.scene.ground.serves | mine[None, :]
    working = live.scene.desks.kind != ABSENT
    able = int((live.scene.ground.serves[:, mine].any(axis=1) & working).sum())
    ground = skilled(live.scene.ground, serves)
    without = replace(live, scene=replace(live.scene, ground=ground))
    return without, Reason(cause=Cause.SKILLS, service=service, facts={"counters": float(able)})
