"""Whom a counter would best call: the compiled decision, the same through the office's own rules, and its bounds."""

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from queue_server.forecasting import foresight as fs
from queue_server.forecasting import outlook_office as oo
from queue_server.forecasting.target_arrays import Crowd
from queue_server.forecasting.target_reference import Comer, Fate, play_and_name
from queue_server.forecasting.target_run import drawn
from queue_server.queue import commands as cmd
from queue_server.queue.config import MINUTE, ClassTerms, Policy, Reservation, ReservationKind
from queue_server.queue.decide import apply
from queue_server.queue.duration_bands import USUAL, weighed
from queue_server.queue.routing import choose, favourites
from queue_server.queue.states import CounterStatus
from tests.forecasting.live import a_town, expected, usual
from tests.queue.builders import MONDAY, Day

FEW = replace(fs.SETTINGS, futures=3, batch=3, least=1, budget=1e9, margin=0.0)


def a_hall(seed: int, *, waiting: int = 14, ceiling: float = 6.0, **also: Any) -> Day:
    """A town office with people in most lines; some counters work, counter 6, which serves all, is free."""
    random = Random(seed)
    day = Day(a_town(policy=Policy(name="look-ahead", ceiling_multiple=ceiling, **also)))
    for counter in random.sample("12345", random.randint(1, 5)):
        day.do(cmd.OpenCounter(counter=counter, officer="o"))
    for _ in range(waiting):
        day.later(seconds=random.randint(5, 60))
        service = random.choice(list(day.state.setup.services))
        booked = day.now + timedelta(minutes=random.randint(0, 60)) if random.random() < 0.2 else None
        who = None if booked else random.choice(("walk_in", "walk_in", "elderly"))
        usual = day.state.setup.services[service].typical
        told = None if random.random() < 0.3 else (usual * random.uniform(0.3, 2.2), 0.4)
        wanted = (cmd.Wanted(service=service, expected=told),)
        day.do(cmd.IssueTicket(wanted=wanted, class_id=who, appointment_at=booked))
        free = [c.id for c in day.state.counters.values() if c.status is CounterStatus.OPEN and not c.ticket]
        if free and random.random() < 0.5:
            day.do(cmd.CallNext(counter=random.choice(free)))
    day.later(seconds=random.randint(1, 300))
    return day.open("6")


def seen_by(day: Day, futures: int = 3, seed: int = 1) -> oo.LiveScene:
    told = {s: list(np.linspace(0.3, 2.2, 40) * one.typical) for s, one in day.state.setup.services.items()}
    learned = oo.Learned(told=told)
    basis = oo.basis(day.state.setup, learned, expected(usual(0.7)), futures=futures, seed=seed)
    return oo.live_scene(day.state, basis, oo.Plan(), day.now)


def whole_seconds(lot: fs.Lot) -> fs.Lot:
    """The futures in whole seconds, since the rules of the office count time in microseconds."""
    drawn = lot.drawn
    crowd = drawn.crowd
    order = np.argsort(np.round(crowd.arrive[:, drawn.standing :]), axis=1, kind="stable")
    places = np.concatenate([np.tile(np.arange(drawn.standing), (len(order), 1)), order + drawn.standing], axis=1)
    columns = [np.take_along_axis(column, places, axis=1) for column in crowd[:-1]]
    rounded = Crowd(*columns, crowd.size)._replace(arrive=np.round(columns[0]), due=np.round(columns[1]))
    rounded = rounded._replace(minutes=np.round(columns[4]))
    desks = drawn.desks._replace(free_at=np.round(drawn.desks.free_at))
    return lot._replace(drawn=replace(drawn, crowd=rounded, desks=desks))


def at(seconds: float) -> datetime:
    return MONDAY + timedelta(seconds=float(seconds))


def told(live: oo.LiveScene, service: str, band: int) -> float:
    """Seconds that put somebody into a band."""
    return weighed(live.state.setup.services[service].typical)[band]


def fate_of(live: oo.LiveScene, lot: fs.Lot, future: int) -> tuple[Fate, list[int]]:
    """One drawn future as the reference takes it, and the places in the crowd of those who come."""
    crowd, known = lot.drawn.crowd, len(live.tickets)
    seconds, comers, places = {}, [], []
    for place in range(int(crowd.size[future])):
        order, takes = int(crowd.order[future, place]), float(crowd.minutes[future, place])
        if order < known:
            seconds[live.tickets[order]] = takes
        else:
            service, cls, band = live.keys[int(crowd.line[future, place])]
            arrive = at(crowd.arrive[future, place])
            comers.append(
                Comer(at=arrive, service=service, class_id=cls, seconds=takes, expected=told(live, service, band))
            )
            places.append(place)
    acts = lot.drawn.desks.free_at[future]
    free_at = {c: at(acts[k]) for k, c in enumerate(live.counters) if np.isfinite(acts[k])}
    return Fate(seconds=seconds, comers=comers, free_at=free_at), places


def waits_by_the_rules(live: oo.LiveScene, lot: fs.Lot, counter: str, ticket: str) -> np.ndarray:
    """Futures × people: waits after the counter has called the ticket, through the rules of the office day."""
    crowd, until = lot.drawn.crowd, lot.drawn.until
    waits = np.zeros(crowd.due.shape)
    state = deepcopy(live.state)
    apply(state, cmd.CallNumber(counter=counter, ticket=ticket), live.now)
    for future in range(len(crowd.size)):
        fate, places = fate_of(live, lot, future)
        free_at = {**fate.free_at, counter: live.now + timedelta(seconds=fate.seconds[ticket])}
        called, came = play_and_name(state, live.now, at(until), replace(fate, free_at=free_at))
        called[ticket] = live.now
        for place in range(int(crowd.size[future])):
            order = int(crowd.order[future, place])
            if order < len(live.tickets):
                name = live.tickets[order]
            else:
                k = places.index(place)
                name = came[k] if k < len(came) else ""
            start = (called[name] - MONDAY).total_seconds() if name in called else until
            waits[future, place] = max(0.0, min(start, until) - crowd.due[future, place])
    return waits


def kept_apart(seed: int) -> dict[str, Any]:
    """Two offices of five keep services and classes to counters; one of these leaves people to others too."""
    random = Random(-seed)
    if seed % 5 < 3:
        return {}
    service = Reservation(kind=ReservationKind.SERVICE, counters=("1", "6"), services=("ho_tich",), begins=490)
    elderly = Reservation(kind=ReservationKind.COUNTER, counters=(random.choice("123"),), classes=("elderly",))
    return {"reservations": (service, elderly), "least_flexible_first": seed % 5 == 4}


@pytest.mark.parametrize("seed", range(25))
def test_the_compiled_decision_is_that_of_the_rules_themselves(seed: int) -> None:
    live = seen_by(day := a_hall(seed, **kept_apart(seed)))
    heads = favourites(day.state, day.state.counters["6"], day.now, 6)
    if len(heads) < 2:
        assert fs.foresee(live, fs.draw(live, FEW), "6", FEW) is None
        return
    lot = whole_seconds(fs.draw(live, FEW))
    crowd, c = lot.drawn.crowd, live.counters.index("6")
    costs, weight = [], np.zeros(0)
    for head in heads:
        line = live.keys.index((head.pool, head.class_id, head.band))
        slow = waits_by_the_rules(live, lot, "6", head.ticket)
        fast = fs.played(live, lot, c, line, crowd, lot.drawn.desks.free_at)
        assert np.abs(slow - fast).max() < 1e-3
        weight = weight if weight.size else fs.weights(live, lot, crowd, slow, FEW)
        over = np.maximum(0.0, slow - live.scene.rule.ceiling[crowd.line])
        costs.append((slow * weight[crowd.line] + FEW.past_ceiling * over).sum(axis=1))

    found = fs.foresee(live, lot, "6", replace(FEW, drop=1e9))

    assert found is not None
    assert found.against == heads[0].ticket == choose(day.state, "6", day.now).ticket  # type: ignore[union-attr]
    assert found.ticket == heads[fs.ranking(np.array(costs), FEW)[0]].ticket


def test_the_same_office_and_seed_give_the_same_foresight() -> None:
    one, two = (fs.foresee(live, fs.draw(live), "6") for live in (seen_by(a_hall(3), 40), seen_by(a_hall(3), 40)))
    assert one is not None
    assert one == two


def test_nothing_is_foreseen_where_a_ceiling_decides_or_one_person_waits() -> None:
    late = a_hall(2, ceiling=3.0).later(minutes=60)
    live = seen_by(late)
    assert fs.foresee(live, fs.draw(live), "6") is None
    alone = Day(a_town(policy=Policy(name="look-ahead"))).open("6")
    alone.take("dat_dai")
    live = seen_by(alone)
    assert fs.foresee(live, fs.draw(live), "6") is None
    empty = seen_by(Day(a_town(policy=Policy(name="look-ahead"))).open("6"))
    assert fs.foresee(empty, fs.draw(empty), "6") is None


def test_a_dear_margin_keeps_the_base_rules_choice() -> None:
    live = seen_by(a_hall(5), 40)
    found = fs.foresee(live, fs.draw(live), "6", replace(fs.SETTINGS, margin=1e9))
    assert found is not None
    assert (found.ticket, found.saved) == (found.against, 0.0)


def test_the_budget_shortens_the_horizon_and_then_the_number_of_futures() -> None:
    live = seen_by(a_hall(4), 40)
    wide, tight = fs.draw(live), fs.draw(live, replace(fs.SETTINGS, budget=2e4))
    assert wide.drawn.until - live.scene.now == 240 * MINUTE
    assert tight.drawn.until - live.scene.now == 60 * MINUTE
    found = fs.foresee(live, tight, "6", replace(fs.SETTINGS, budget=4e4))
    assert found is None or found.futures < 40
    assert fs.foresee(live, tight, "6", replace(fs.SETTINGS, budget=1.0)) is None


@pytest.mark.parametrize("hours", [1, 2, 3])
def test_a_shorter_horizon_has_the_same_people_as_if_it_had_been_drawn(hours: int) -> None:
    live = seen_by(a_hall(4), 40)
    end = live.scene.now + hours * fs.HOUR
    cut, anew = fs.shortened(drawn(live.scene, live.scene.now + 4 * fs.HOUR), end), drawn(live.scene, end)
    assert (cut.crowd.size == anew.crowd.size).all()
    real = np.arange(cut.crowd.due.shape[1]) < cut.crowd.size[:, None]
    for one, other in zip(cut.crowd[:-1], anew.crowd[:-1], strict=True):
        assert (one[real] == other[:, : one.shape[1]][real]).all()
    assert fs.draw(live).steps > len(live.counters) * cut.crowd.size.mean(), "each call may look at every counter"


def test_a_clear_case_is_seen() -> None:
    """One long land matter against nine short ones that nobody else serves: the short ones go first, and it says so."""
    day = Day(a_town(policy=Policy(name="look-ahead", options={"queue_power": 0.0, "time_power": 0.0})))
    day.take("dat_dai")
    for _ in range(9):
        day.take("ho_tich")
    day.later(minutes=3).open("6")
    live = seen_by(day, 64)
    found = fs.foresee(live, fs.draw(live), "6")
    assert found is not None
    assert found.against == "20261123-C001"
    assert found.ticket == "20261123-A001"
    assert found.saved > 5.0


def test_a_service_that_waits_longest_weighs_more_and_never_without_bound() -> None:
    day = a_hall(6)
    live = seen_by(day)
    lot = fs.draw(live, FEW)
    crowd = lot.drawn.crowd
    waited = np.where(np.arange(crowd.due.shape[1]) < crowd.size[:, None], 60.0, 0.0)
    land = live.keys.index(("dat_dai", "walk_in", USUAL))
    civil = live.keys.index(("ho_tich", "walk_in", USUAL))
    far = np.where(crowd.line == land, 40 * waited, waited)
    weight = fs.weights(live, lot, crowd, far, FEW)
    assert weight[land] > weight[civil] == 1.0
    assert weight[land] <= FEW.dearest
    assert weight[live.keys.index(("ho_tich", "elderly", USUAL))] == 3.0, "promised five minutes instead of fifteen"


def test_the_policys_own_terms_of_a_class_weigh_not_the_sites() -> None:
    day = a_hall(6)
    elderly = ClassTerms(target=10 * MINUTE, weight=3.0)
    day.do(cmd.ChangePolicy(policy=replace(day.state.policy, classes={"elderly": elderly})))
    live = seen_by(day)
    lot = fs.draw(live, FEW)
    weight = fs.weights(live, lot, lot.drawn.crowd, np.zeros(lot.drawn.crowd.due.shape), FEW)
    assert weight[live.keys.index(("ho_tich", "elderly", USUAL))] == pytest.approx(3.0 * 15 / 10)
