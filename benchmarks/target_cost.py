"""What one look at a live office costs: risk of the hour and of the day, cause, advice, in CPU milliseconds.

python -m benchmarks target_cost [--runs 100] [--json OUT]
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from queue_server.forecasting.advice import advise
from queue_server.forecasting.outlook_bands import LineKey
from queue_server.forecasting.outlook_office import Expected, Learned, Plan, basis, live_scene
from queue_server.forecasting.target import Scope, horizon, risk_of
from queue_server.forecasting.target_cause import reason_of, surplus
from queue_server.forecasting.target_reference import Comer, Fate, play_live
from queue_server.forecasting.target_run import Played, play
from queue_server.queue import commands as cmd
from queue_server.queue.config import ClassKind, Counter, OfficeConfig, PriorityClass, Service
from queue_server.queue.decide import apply
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import CounterStatus

OPENS = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SIZES = ((8, 6, 40), (40, 12, 300))  # counters, services, people waiting
LOAD = 0.85


def an_office(counters: int, services: int) -> OfficeConfig:
    """Most counters serve three services, every fifth half of them."""
    random = Random(1)
    name = {"vi": "", "en": ""}
    known = {
        f"s{k}": Service(id=f"s{k}", name=name, prefix=chr(65 + k), typical=60.0 * (6 + 2 * k % 20))
        for k in range(services)
    }
    places = {
        str(c): tuple(random.sample(list(known), services // 2 if c % 5 == 0 else 3)) for c in range(1, counters + 1)
    }
    return OfficeConfig(
        site="cost",
        name=name,
        services=known,
        counters={c: Counter(id=c, label=c, services=skills) for c, skills in places.items()},
        classes={
            "walk_in": PriorityClass(id="walk_in", kind=ClassKind.ORDINARY, name=name),
            "elderly": PriorityClass(id="elderly", kind=ClassKind.PRIORITY, name=name, target=300.0),
        },
        zones={"main": name},
    )


def a_moment(counters: int, services: int, waiting: int) -> tuple[OfficeDay, datetime, Expected]:
    """Nine of ten counters are open and busy, and so many people wait."""
    config, random, now = an_office(counters, services), Random(2), OPENS
    state = OfficeDay()
    apply(state, cmd.OpenDay(day="20261123", config=config), now)
    opened = list(config.counters)[: counters * 9 // 10]
    for counter in opened:
        apply(state, cmd.OpenCounter(counter=counter, officer=counter), now)
    for place in range(waiting + len(opened)):
        now += timedelta(seconds=10)
        wanted = (cmd.Wanted(service=f"s{random.randrange(services)}"),)
        class_id = "elderly" if random.random() < 0.2 else "walk_in"
        apply(state, cmd.IssueTicket(wanted=wanted, class_id=class_id, channel="desk"), now)
        if place >= waiting:
            apply(state, cmd.CallNext(counter=opened[place - waiting]), now)
    mean = sum(s.typical for s in config.services.values()) / services
    rate = LOAD * len(opened) * 900.0 / mean / services
    people = dict.fromkeys(config.services, (rate,) * 36)
    return state, now, Expected(begins=OPENS, people=people, classes={"walk_in": 0.9, "elderly": 0.1})


def cpu(work: Callable[[], object], times: int = 3) -> float:
    """CPU milliseconds of the fastest of some tries."""
    best = float("inf")
    for _ in range(times):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return 1000.0 * best


def costs(counters: int, services: int, waiting: int, runs: int) -> dict[str, float]:
    """Every part of one look, milliseconds."""
    state, now, expected = a_moment(counters, services, waiting)
    known = basis(state.setup, Learned(), expected, futures=runs)
    live = live_scene(state, known, Plan(), now)
    ends = OPENS + timedelta(hours=9)
    played = play(live.scene, horizon(live))  # the first run compiles
    past = surplus(state, known, expected, now)
    fate, until = _fate(state, played, known.keys, now)
    return {
        "waiting": float(len(live.tickets)),
        "basis": cpu(lambda: basis(state.setup, Learned(), expected, futures=runs)),
        "scene": cpu(lambda: live_scene(state, known, Plan(), now)),
        "hour": cpu(lambda: risk_of(live, play(live.scene, horizon(live)), Scope.HOUR)),
        "day": cpu(lambda: risk_of(live, play(live.scene, horizon(live, ends)), Scope.DAY)),
        "cause": cpu(lambda: reason_of(live, played, Scope.HOUR, past, "s1")),
        "advice": cpu(lambda: advise(live, known, ends=ends), times=1),
        "reference, one future": cpu(lambda: play_live(state, now, until, fate), times=1),
    }


def _fate(state: OfficeDay, played: Played, keys: tuple[LineKey, ...], now: datetime) -> tuple[Fate, datetime]:
    """The first future as the plain reference takes it, every matter of ten minutes."""
    crowd, begin = played.crowd, played.now
    comers = [
        Comer(at=now + timedelta(seconds=float(crowd.arrive[0, i]) - begin), service=service, class_id=cls, seconds=600)
        for i in range(played.standing, int(crowd.size[0]))
        for service, cls, _ in [keys[int(crowd.line[0, i])]]
    ]
    free_at = {c.id: now for c in state.counters.values() if c.status is CounterStatus.OPEN}
    fate = Fate(seconds=dict.fromkeys(state.tickets, 600.0), free_at=free_at)
    return replace(fate, comers=comers), now + timedelta(seconds=played.until - begin)


def main(argv: list[str]) -> int:
    """Print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks target_cost", description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(argv)
    found = {f"{size[0]} counters": costs(*size, chosen.runs) for size in SIZES}
    print(f"CPU milliseconds, {chosen.runs} futures")
    for title, parts in found.items():
        print(f"{title}: " + ", ".join(f"{name} {value:.1f}" for name, value in parts.items()))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0
