"""The compiled forward run and the office's own rules call the same people at the same seconds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import numpy as np
import pytest

from queue_server.forecasting import outlook_office as oo
from queue_server.forecasting.target_arrays import Crowd, Desks, Question
from queue_server.forecasting.target_reference import Comer, Fate, play_live
from queue_server.forecasting.target_run import loops
from queue_server.queue import commands as cmd
from queue_server.queue.config import ClassTerms, Policy, Reservation, ReservationKind, Rules
from queue_server.queue.duration_bands import USUAL, band_of
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import CounterStatus
from tests.queue.builders import MONDAY, Day, an_office

HOUR = timedelta(hours=1)


def a_reservation(random: Random) -> Reservation:
    """Of this morning: some begin and end within the run, some at the same minute, some hold all the time."""
    services = random.sample(("ho_tich", "dat_dai", "noi_bo"), random.randint(1, 2))
    kind = random.choice(list(ReservationKind))
    by_class = kind is ReservationKind.COUNTER and random.random() < 0.5
    return Reservation(
        kind=kind,
        counters=tuple(random.sample("123", random.randint(1, 2))),
        services=() if by_class else tuple(services),
        classes=("elderly",) if by_class else (),
        begins=480 + random.choice((0, 20, 30, random.randint(0, 90))),
        ends=480 + random.choice((40, 60, random.randint(91, 200))),
    )


BY_HEADS = ("ratio", "ratio", "fcfs", "accumulating")  # rules that look at nothing but the first of each line


def a_busy_day(random: Random, names: Sequence[str] = (*BY_HEADS, "index", "index")) -> Day:
    """Ten to forty minutes of an office with every kind of person in its lines and every kind of counter."""
    policy = Policy(
        name=random.choice(names),
        ordinary_per_priority=random.choice((0, 1, 2, 3)),
        ceiling_multiple=random.choice((0.5, 1.0, 3.0)),
        classes={"elderly": ClassTerms(target=400.0, ceiling=900.0, weight=2.0)} if random.random() < 0.3 else {},
        reservations=tuple(a_reservation(random) for _ in range(random.choice((0, 0, 1, 2, 3)))),
        own_first=random.random() < 0.7,
        least_flexible_first=random.random() < 0.5,
        grace=random.choice((0.0, 20.0, 120.0)),
        appointment_early=random.choice((None, 300.0)),
    )
    rules = Rules(appointment_early=random.choice((0.0, 600.0)))
    day = Day(an_office(policy, rules))
    for counter in "123":
        if random.random() < 0.85:
            day.do(cmd.OpenCounter(counter=counter, officer=f"o{counter}"))
    for _ in range(random.randint(0, 30)):
        day.later(seconds=random.randint(1, 80))
        happen(day, random)
    return day


def some_expectation(random: Random, state: OfficeDay, service: str) -> tuple[float, float] | None:
    """Seconds and spread of a matter of any band, or nothing known."""
    usual = state.setup.services[service].typical
    return None if random.random() < 0.3 else (usual * random.uniform(0.3, 2.2), 0.4)


def happen(day: Day, random: Random) -> None:
    """One more thing in the life of an office."""
    state, counter = day.state, random.choice("123")
    known = state.counters[counter]
    ready = known.status is CounterStatus.OPEN and known.ticket is None
    chance = random.random()
    if chance < 0.5:
        booked = day.now + timedelta(minutes=random.randint(-10, 60)) if random.random() < 0.3 else None
        service = random.choice(("ho_tich", "dat_dai"))
        day.do(
            cmd.IssueTicket(
                wanted=(cmd.Wanted(service=service, expected=some_expectation(random, state, service)),),
                class_id=random.choice(("walk_in", "walk_in", "elderly")) if booked is None else None,
                appointment_at=booked,
            )
        )
    elif chance < 0.75 and ready:
        day.do(cmd.CallNext(counter=counter))
    elif chance < 0.85 and known.ticket:
        others = [c for c in state.counters.values() if c.status is not CounterStatus.CLOSED and c.id != counter]
        to = random.choice(others).id if others and random.random() < 0.6 else None
        day.do(cmd.Transfer(counter=counter, to_counter=to) if to else cmd.Finish(counter=counter))
    elif chance < 0.9 and (waiting := sorted(t.id for t in state.waiting())):
        ticket = random.choice(waiting)
        if state.tickets[ticket].postponed < 2:
            day.do(cmd.PostponeTicket(ticket=ticket, minutes=random.randint(1, 20)))
    elif chance < 0.94 and known.status is CounterStatus.OPEN:
        day.do(cmd.PauseCounter(counter=counter, reason="Nghỉ"))


def a_fate(day: Day, random: Random) -> Fate:
    """Durations, people to come, breaks and shifts, all in whole seconds."""
    state, now = day.state, day.now
    known = {t: float(random.randint(20, 1500)) for t in state.tickets}
    comers = [
        Comer(
            at=now + timedelta(seconds=random.randint(1, 3600)),
            service=random.choice(("ho_tich", "dat_dai", "noi_bo")),
            class_id=random.choice(("walk_in", "elderly")),
            seconds=float(random.randint(20, 1200)),
            expected=random.choice((None, 150.0, 600.0, 1200.0, 2400.0)),
        )
        for _ in range(random.randint(0, 25))
    ]
    free_at = {
        c.id: now
        if c.status is CounterStatus.OPEN and c.ticket is None
        else now + timedelta(seconds=random.randint(0, 900))
        for c in state.counters.values()
        if c.status is not CounterStatus.CLOSED or random.random() < 0.5
    }
    # A counter that rests now has its break: a planned one near it would be taken for the same.
    working = [c for c in free_at if state.counters[c].status is not CounterStatus.PAUSED]
    breaks = {c: [(now + timedelta(seconds=random.randint(1, 3000)), 600.0)] for c in working if random.random() < 0.4}
    closes = {c: now + timedelta(seconds=random.randint(600, 5000)) for c in free_at if random.random() < 0.2}
    comers.sort(key=lambda comer: comer.at)
    return Fate(seconds=known, comers=comers, free_at=free_at, breaks=breaks, closes=closes)


def compiled(day: Day, fate: Fate, until: datetime) -> dict[str, datetime]:
    """The same run in the compiled loops, from the arrays of the live office."""
    known = oo.basis(day.state.setup, oo.Learned(), oo.Expected(begins=MONDAY), futures=1)
    live = oo.live_scene(day.state, known, oo.Plan(breaks=fate.breaks, closes=fate.closes), day.now)
    scene = live.scene
    order = np.argsort(scene.known.arrive, kind="stable")
    rows = [
        (
            max(scene.known.arrive[i], 0.0),
            scene.known.due[i],
            scene.known.line[i],
            i,
            fate.seconds[live.tickets[i]],
            live.tickets[i],
        )
        for i in order
    ]
    standing = int((scene.known.arrive <= scene.now).sum())
    serial = len(day.state.tickets)
    for place, comer in enumerate(fate.comers):
        at = known.seconds(comer.at)
        typical = day.state.setup.services[comer.service].typical
        band = band_of(comer.expected, typical) if day.state.by_band else USUAL
        line = live.keys.index((comer.service, comer.class_id, band))
        rows.append((at, at, line, 1000 + place, comer.seconds, f"comer {serial + place}"))
    rows = rows[:standing] + sorted(rows[standing:], key=lambda row: (row[0], row[3]))
    columns = [np.array([[row[k] for row in rows]]) for k in range(5)]
    size = len(rows)
    crowd = Crowd(
        arrive=columns[0].astype(float), due=columns[1].astype(float), line=columns[2].astype(np.int64),
        order=columns[3].astype(np.int64), minutes=columns[4].astype(float), paced=np.ones((1, size), dtype=np.bool_),
        pause=np.zeros((1, size)), size=np.array([size]),
    )  # fmt: skip
    free = [known.seconds(fate.free_at[c]) if c in fate.free_at else np.inf for c in live.counters]
    desks = Desks(free_at=np.array([free]), idle_since=scene.desks.idle_since, run=scene.desks.run)
    start, counter = np.full((1, size), np.inf), np.full((1, size), -1, dtype=np.int64)
    asked = Question(
        now=scene.now, until=known.seconds(until), known=len(live.tickets), ends=False,
        probes=np.zeros(len(live.keys), dtype=np.bool_), counter=-1, line=-1,
    )  # fmt: skip
    probed = np.empty((1, len(live.keys)))
    loops().forward(scene.ground, scene.rule, crowd, standing, desks, asked, start, counter, probed)
    return {
        row[5]: MONDAY + timedelta(seconds=float(start[0, i])) for i, row in enumerate(rows) if np.isfinite(start[0, i])
    }


@pytest.mark.parametrize("seed", range(120))
def test_the_loops_call_whom_the_rules_call(seed: int) -> None:
    random = Random(seed)
    day = a_busy_day(random)
    fate = a_fate(day, random)
    until = day.now + 2 * HOUR

    slow = play_live(day.state, day.now, until, fate)
    fast = compiled(day, fate, until)

    known = day.state.tickets
    assert {t: at for t, at in slow.items() if t in known} == {t: at for t, at in fast.items() if t in known}
    assert sorted(at for t, at in slow.items() if t not in known) == sorted(
        at for t, at in fast.items() if t not in known
    )


def test_of_two_equally_past_their_ceilings_both_call_who_waits_longer() -> None:
    """The booked person took the earlier number and is due half an hour after the other came."""
    day = Day(an_office(Policy(name="index", ceiling_multiple=3.0)))
    day.do(cmd.OpenCounter(counter="1", officer="o1"))
    wanted = (cmd.Wanted(service="ho_tich"),)
    day.do(cmd.IssueTicket(wanted=wanted, appointment_at=day.now + timedelta(minutes=30)))
    day.do(cmd.IssueTicket(wanted=wanted))
    booked, walker = day.state.tickets.values()
    day.later(minutes=50)
    fate = Fate(seconds={booked.id: 60.0, walker.id: 60.0}, free_at={"1": day.now})

    slow = play_live(day.state, day.now, day.now + HOUR, fate)
    assert slow[walker.id] < slow[booked.id]
    assert slow == compiled(day, fate, day.now + HOUR)
