"""Time of one routing decision: the office's own `choose`, heads-only rules and look-ahead in a large office.

`python -m benchmarks routing_speed [--counters 40] [--waiting 300] [--only-choose]`. Milliseconds; the compile is not
counted. `choose` is timed once as it comes, with what other programs do to the caches meanwhile, and as the quickest of
three tries of the same decision, which is what the decision itself costs.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np

from benchmarks.speed import big_office
from queue_server.forecasting.kernel import line_rule, office_floor, office_lines
from queue_server.forecasting.lookahead import LookAhead, Settings, View, look_ahead
from queue_server.forecasting.office_days import CounterFacts, Day, DayTicket, OfficeFacts, ServiceFacts
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.queue.decide import apply
from queue_server.queue.policy import Head, Rule, score_heads
from queue_server.queue.routing import choose

INDEX = Rule(
    name="index", head_start=0.5, queue_power=1.5, time_power=-0.3, targets={0: 15.0, 1: 0.5, 2: 0.5},
    ceilings={0: 60.0, 1: 20.0, 2: 20.0},
)  # fmt: skip

NOW = 200.0  # minutes after opening


def main(argv: list[str]) -> int:
    """Prints the median and the 99th percentile of each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks routing_speed", description=__doc__)
    parser.add_argument("--counters", type=int, default=40)
    parser.add_argument("--services", type=int, default=20)
    parser.add_argument("--waiting", type=int, default=300)
    parser.add_argument("--decisions", type=int, default=300)
    parser.add_argument("--only-choose", action="store_true", help="time `routing.choose` alone")
    options = parser.parse_args(argv)
    _office(options.services)
    if options.only_choose:
        return 0
    rng = np.random.default_rng(3)
    heads = [_heads(rng, options.services) for _ in range(2000)]
    _print("heads only, all services", [_timed(lambda h=h: score_heads(INDEX, h)) for h in heads])  # type: ignore[misc]
    sight = _sight(rng, options.counters, options.services)
    took = []
    for k in range(options.decisions + 1):
        view = _view(rng, sight, options.waiting)
        reach = [int(line) for line in sight.floor.reach[k % options.counters] if line >= 0]
        lines = [line for line in reach if (view.ticket_line == line).any()]
        tried = sight.candidates(lines, [_head_of(sight, view, line, NOW) for line in lines])
        if len(tried) > 1 or k == 0:
            took.append(_timed(lambda c=k, t=tried, v=view: sight.weigh(NOW, c % options.counters, t, v)))  # type: ignore[misc]
    _print(f"look-ahead, {options.counters} counters, {options.waiting} waiting", took[1:])
    return 0


def _office(services: int) -> None:
    """`choose` under each policy with 10,000 waiting, ceilings far away, so that the policy itself decides."""
    state, now = big_office(services, 10_000)
    for name in ("fcfs", "ratio", "accumulating", "index"):
        for lean in (False, True) if name == "index" else (False,):
            policy = Policy(name=name, ceiling_multiple=1000.0, least_flexible_first=lean)
            apply(state, cmd.ChangePolicy(policy=policy), now)
            moments = [now + timedelta(seconds=0.3 * k) for k in range(4000)]
            took = [[_timed(lambda at=at: choose(state, "c", at)) for _ in range(3)] for at in moments]  # type: ignore[misc]
            what = f"choose, {name}{', least flexible first' if lean else ''}, 10,000 waiting"
            _print(what, [each[0] for each in took])
            _print("  the quickest of three tries of each decision", [min(each) for each in took])


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    began, used = time.perf_counter(), time.thread_time()
    work()
    return time.perf_counter() - began, time.thread_time() - used


def _print(name: str, took: list[tuple[float, float]]) -> None:
    print(name, f"({len(took)} decisions)")
    for what, column in (("clock", 0), ("own CPU", 1)):
        median, high = np.quantile([each[column] for each in took], (0.5, 0.99)) * 1e3
        print(f"  {what:<8} median {median:9.4f} ms   p99 {high:9.4f} ms")


def _heads(rng: np.random.Generator, services: int) -> list[Head]:
    return [
        Head(s, cls, float(rng.uniform(0, 50)), 500, float(rng.uniform(5, 25)), favoured=cls > 0, rank=float(s))
        for s in range(services)
        for cls in range(3)
    ]


def _sight(rng: np.random.Generator, counters: int, services: int) -> LookAhead:
    """An office at full load: skills of two to six neighbouring services per counter."""
    office = OfficeFacts(
        services=tuple(ServiceFacts(mean_minutes=6.0 + s, cv=0.6) for s in range(services)),
        counters=tuple(
            CounterFacts(
                skills=tuple(sorted({(c + k) % services for k in range(int(rng.integers(2, 7)))})),
                speed=1.0,
                lunch_at=240.0 + 45 * (c % 3),
                lunch_minutes=45.0,
            )
            for c in range(counters)
        ),
        classes=("walk_in", "priority", "appointment"),
        no_show_minutes=1.5,
        close_at=600.0,
    )
    lines = office_lines(office)
    return look_ahead(
        office=office, floor=office_floor(office, lines), lines=lines, base=INDEX, rule=line_rule(INDEX, lines),
        past=[_day(rng, office, round(36.0 * counters)) for _ in range(5)],
        weight=np.array([4.0 if cls else 1.0 for _, cls, _ in lines.keys]), settings=replace(Settings()), day_seed=1,
    )  # fmt: skip


def _day(rng: np.random.Generator, office: OfficeFacts, tickets: int) -> Day:
    arrive = np.sort(rng.uniform(0, office.close_at, size=tickets))
    return Day(
        weekday=0,
        tickets=tuple(
            DayTicket(
                arrive=float(t),
                due_from=float(t),
                service=int(rng.integers(len(office.services))),
                cls=int(rng.choice(3, p=(0.76, 0.1, 0.14))),
                minutes=float(rng.lognormal(2.3, 0.5)),
                no_show=bool(rng.random() < 0.04),
                pause_after=0.0,
            )
            for t in arrive
        ),
    )


def _view(rng: np.random.Generator, sight: LookAhead, waiting: int) -> View:
    """A full hall at minute 200: all counters serving, nobody past a ceiling."""
    counters = len(sight.floor.speed)
    favoured = sight.floor.favoured
    lines = rng.choice(
        len(favoured), p=np.where(favoured, 0.12, 0.76) / np.where(favoured, 0.12, 0.76).sum(), size=waiting
    )
    due = np.sort(200.0 - rng.uniform(0, 19, size=waiting))
    return View(
        key=np.arange(waiting), due=due, ticket_line=lines.astype(np.int64),
        kind=np.ones(counters, dtype=np.int64), since=200.0 - rng.uniform(0, 15, size=counters),
        until=np.zeros(counters), line=sight.floor.reach[:, 0].copy(), lunched=np.zeros(counters, dtype=np.bool_),
        run=np.zeros(counters, dtype=np.int64), services=sight.lines.services,
    )  # fmt: skip


def _head_of(sight: LookAhead, view: View, line: int, now: float) -> Head:
    service, cls, _ = sight.lines.keys[line]
    due = float(view.due[view.ticket_line == line][0])
    queue = int((sight.floor.line_service[view.ticket_line] == service).sum())
    return Head(service, cls, now - due, queue, sight.lines.minutes[line], favoured=cls > 0, rank=due)


if __name__ == "__main__":
    raise SystemExit(main([]))
