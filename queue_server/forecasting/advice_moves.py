"""The moves an office can make now, what each changes in the forward run, and the commands that carry it out. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from queue_server.forecasting.outlook_office import Basis, LiveScene, Plan, live_scene
from queue_server.forecasting.outlook_phases import skilled
from queue_server.forecasting.target_draws import AWAY, FREE, SERVING
from queue_server.forecasting.target_run import Played
from queue_server.queue import commands as cmd
from queue_server.queue.config import MINUTE, ClassKind
from queue_server.queue.state import CounterState
from queue_server.queue.states import CounterStatus

WORST_SERVICES = 3  # services that a counter may be given: those whose people wait most
CALM_COUNTERS = 10  # counters that may be asked to help: those with least to do
SHIFTS = (-30 * MINUTE, 30 * MINUTE, 60 * MINUTE)  # of a break
SHIFTABLE = 2 * 60 * MINUTE  # a break within this time may be moved
EARLIER = 45 * MINUTE  # booked people may be called this long before their time
LONG_SERVICE = 1.5  # times the mean of all services
KEEPERS = 3  # counters that may be asked to take a long service alone
SET_UP = 2 * MINUTE  # until an officer sits at another counter


class MoveKind(StrEnum):
    """What is done."""

    OPEN = "open-counter"
    RECALL = "end-pause"
    MOVE = "move-officer"
    ADD_SERVICE = "add-service"
    SHIFT_BREAK = "shift-break"
    APPOINTMENTS = "appointments-early"
    CONFINE = "long-service-to-one-counter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Who can be asked. Without `able` every officer may be given every service."""

    reserve: Sequence[str] = ("",)  # officers at no counter; "" where the name is given with the press
    able: Mapping[str, Sequence[str]] | None = None  # counter → services that its officer knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move. `commands` carry it out at once, or once nobody is at `when_free`."""

    kind: MoveKind
    counter: str | None = None
    to: str | None = None  # counter the officer moves to
    service: str | None = None
    officer_seconds: float = 0.0  # of somebody who would otherwise do something else
    commands: tuple[cmd.Command, ...] = ()
    when_free: str | None = None
    breaks: Mapping[str, tuple[tuple[datetime, float], ...]] = field(default_factory=dict)  # replaces these in the plan
    by: float = 0.0  # seconds that a break moves, or that booked people may come early

    def named(self, officer: str) -> tuple[cmd.Command, ...]:
        """The commands with the officer's name where none was known."""
        return tuple(
            replace(c, officer=officer) if isinstance(c, cmd.OpenCounter) and not c.officer else c
            for c in self.commands
        )


def possible_moves(live: LiveScene, base: Played, hands: Hands, left: float) -> list[Move]:
    """Everything worth trying, at most a few dozen moves; `left`: seconds that help is wanted for."""
    services = worst_services(live, base)
    calm = calm_counters(live, base)
    return [
        *_openings(live, hands, left),
        *_recalls(live),
        *_officers_moved(live, services, calm),
        *_services_added(services, calm, hands),
        *_breaks_shifted(live),
        *_appointments(live),
        *_confined(live),
    ]


def worst_services(live: LiveScene, base: Played) -> list[str]:
    """Services by the time that their people are going to wait together, longest first."""
    waits = np.where(base.real, base.waits, 0.0)
    sums = np.bincount(base.crowd.line.ravel(), weights=waits.ravel(), minlength=len(live.keys))
    total: dict[str, float] = {}
    for (pool, _, _), waited in zip(live.keys, sums, strict=True):
        if pool in live.state.setup.services:
            total[pool] = total.get(pool, 0.0) + float(waited)
    ranked = sorted((s for s in total if total[s] > 0), key=lambda s: -total[s])
    return ranked[:WORST_SERVICES]


def calm_counters(live: LiveScene, base: Played) -> list[CounterState]:
    """Working counters by the people they are going to call, fewest first."""
    at = base.counter[base.counter >= 0]
    calls = np.bincount(at, minlength=len(live.counters))
    ranked = sorted(range(len(live.counters)), key=lambda c: int(calls[c]))
    known = [live.state.counters[live.counters[c]] for c in ranked]
    return [c for c in known if c.status is not CounterStatus.CLOSED][:CALM_COUNTERS]


def _closed(live: LiveScene) -> list[CounterState]:
    return [c for c in live.state.counters.values() if c.status is CounterStatus.CLOSED and c.services]


def _openings(live: LiveScene, hands: Hands, left: float) -> Iterator[Move]:
    officer = next(iter(hands.reserve), None)
    if officer is None:
        return
    for counter in _closed(live)[:CALM_COUNTERS]:
        yield Move(
            kind=MoveKind.OPEN,
            counter=counter.id,
            officer_seconds=left,
            commands=(cmd.OpenCounter(counter=counter.id, officer=officer),),
        )


def _recalls(live: LiveScene) -> Iterator[Move]:
    for counter in live.state.counters.values():
        if counter.status is CounterStatus.PAUSED:
            back = float(live.scene.desks.until[live.counters.index(counter.id)])
            rest = max(0.0, back - live.scene.now)
            yield Move(
                kind=MoveKind.RECALL,
                counter=counter.id,
                officer_seconds=rest,
                commands=(cmd.ResumeCounter(counter=counter.id),),
            )


def _officers_moved(live: LiveScene, services: Sequence[str], calm: Sequence[CounterState]) -> Iterator[Move]:
    for target in _closed(live):
        if not set(target.services) & set(services):
            continue
        for counter in calm[:3]:
            if counter.status is CounterStatus.OPEN and set(target.services) - set(counter.services):
                yield Move(
                    kind=MoveKind.MOVE,
                    counter=counter.id,
                    to=target.id,
                    commands=(
                        cmd.CloseCounter(counter=counter.id),
                        cmd.OpenCounter(counter=target.id, officer=counter.officer or ""),
                    ),
                    when_free=counter.id if counter.ticket else None,
                )


def _services_added(services: Sequence[str], calm: Sequence[CounterState], hands: Hands) -> Iterator[Move]:
    for service in services:
        for counter in calm:
            able = hands.able is None or service in hands.able.get(counter.id, ())
            if able and service not in counter.services:
                yield Move(
                    kind=MoveKind.ADD_SERVICE,
                    counter=counter.id,
                    service=service,
                    commands=(cmd.ReskillCounter(counter=counter.id, services=(*counter.services, service)),),
                )


def _breaks_shifted(live: LiveScene) -> Iterator[Move]:
    for counter, planned in live.plan.breaks.items():
        coming = [item for item in planned if 0 < (item[0] - live.now).total_seconds() <= SHIFTABLE]
        if not coming or live.state.counters[counter].status is not CounterStatus.OPEN:
            continue
        begin, seconds = min(coming)
        for shift in SHIFTS:
            moved = max(live.now, begin + timedelta(seconds=shift))
            others = tuple(item for item in planned if item != (begin, seconds))
            yield Move(
                kind=MoveKind.SHIFT_BREAK,
                counter=counter,
                breaks={counter: (*others, (moved, seconds))},
                by=(moved - begin).total_seconds(),
                commands=(cmd.PauseCounter(counter=counter, reason="break"),) if moved == live.now else (),
            )


def _appointments(live: LiveScene) -> Iterator[Move]:
    config = live.state.setup
    window = live.state.early
    booked = {c.id for c in config.classes.values() if c.kind is ClassKind.APPOINTMENT}
    early = [t for t in live.state.waiting() if t.class_id in booked]
    here = [t for t in early if (t.since - live.now).total_seconds() > window]
    if here and window < EARLIER:
        changed = replace(live.state.policy, appointment_early=EARLIER)
        yield Move(kind=MoveKind.APPOINTMENTS, by=EARLIER, commands=(cmd.ChangePolicy(policy=changed),))


def _confined(live: LiveScene) -> Iterator[Move]:
    config = live.state.setup
    typical = {s: config.services[s].typical for s in config.services}
    mean = sum(typical.values()) / max(1, len(typical))
    for service in (s for s, seconds in typical.items() if seconds >= LONG_SERVICE * mean):
        able = [
            c for c in live.state.counters.values() if c.status is not CounterStatus.CLOSED and service in c.services
        ]
        for keeper in able[:KEEPERS] if len(able) > 1 else ():
            others = [c for c in able if c.id != keeper.id and len(c.services) > 1]
            if others:
                yield Move(
                    kind=MoveKind.CONFINE,
                    counter=keeper.id,
                    service=service,
                    commands=tuple(
                        cmd.ReskillCounter(counter=c.id, services=tuple(s for s in c.services if s != service))
                        for c in others
                    ),
                )


def scene_after(live: LiveScene, known: Basis, move: Move) -> LiveScene:
    """The office right after a move, with the same people, durations and random numbers."""
    match move.kind:
        case MoveKind.SHIFT_BREAK:
            plan: Plan = replace(live.plan, breaks={**live.plan.breaks, **move.breaks})
            return _with_futures(live, live_scene(live.state, known, plan, live.now))
        case MoveKind.APPOINTMENTS:
            return _earlier(live, move)
        case MoveKind.OPEN | MoveKind.RECALL | MoveKind.MOVE:
            return _seated(live, move)
        case MoveKind.ADD_SERVICE | MoveKind.CONFINE:
            return _reskilled(live, move)


def _with_futures(live: LiveScene, fresh: LiveScene) -> LiveScene:
    """Only the ground of a fresh look: futures, level and people stay those of the first."""
    return replace(live, plan=fresh.plan, scene=replace(live.scene, ground=fresh.scene.ground))


def _earlier(live: LiveScene, move: Move) -> LiveScene:
    known, classes = live.scene.known, live.state.setup.classes
    booked = np.array([classes[cls].kind is ClassKind.APPOINTMENT for _, cls, _ in live.keys], dtype=np.bool_)
    sooner = np.maximum(live.scene.now, np.minimum(known.arrive, known.due - move.by))
    arrive = np.where(booked[known.line], sooner, known.arrive)
    return replace(live, scene=replace(live.scene, known=known._replace(arrive=arrive)))


def _seated(live: LiveScene, move: Move) -> LiveScene:
    """A counter that works from now on; another that stops when its officer goes over."""
    scene, place = live.scene, {c: n for n, c in enumerate(live.counters)}
    kind, until, closes = scene.desks.kind.copy(), scene.desks.until.copy(), scene.ground.closes.copy()
    seat = place[move.to or move.counter or ""]
    if kind[seat] == SERVING:
        until[seat] = 0.0
    else:
        kind[seat] = FREE if move.kind is MoveKind.RECALL else AWAY
        until[seat] = scene.now + (0.0 if move.kind is MoveKind.RECALL else SET_UP)
    if move.kind is MoveKind.OPEN:
        closes[seat] = scene.now + move.officer_seconds
    if move.kind is MoveKind.MOVE:
        left = place[move.counter or ""]
        closes[left] = scene.now
        if kind[left] == SERVING:
            # The officer goes over after the person at the counter, about half a service from now.
            until[seat] += 0.5 * float(scene.habits.minutes[scene.desks.line[left]].mean())
    desks = scene.desks._replace(kind=kind, until=until)
    return replace(live, scene=replace(scene, desks=desks, ground=scene.ground._replace(closes=closes)))


def _reskilled(live: LiveScene, move: Move) -> LiveScene:
    serves = live.scene.ground.serves.copy()
    flexibility = live.scene.ground.flexibility.copy()
    for command in move.commands:
        if isinstance(command, cmd.ReskillCounter):
            place = live.counters.index(command.counter)
            own = f"counter:{command.counter}"
            serves[place] = [pool in command.services or pool == own for pool, _, _ in live.keys]
            flexibility[place] = len(command.services)
    ground = skilled(live.scene.ground, serves)._replace(flexibility=flexibility)
    return replace(live, scene=replace(live.scene, ground=ground))
