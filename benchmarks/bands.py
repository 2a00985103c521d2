"""The index with what each matter is expected to take, and without: simulated days, the same people on every side.

`python -m benchmarks bands [--seeds N] [--load X] [--site FILE]`. What matters take is learned from the days before,
as the forecaster learns it; `service only` gives every matter the usual minutes of its service.
"""

import argparse
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from queue_server.forecaster.knowledge import tickets_of
from queue_server.forecaster.matters import Matters, Usual, usual_of
from queue_server.forecaster.past import PastTicket
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import MINUTE, ClassKind, OfficeConfig
from queue_server.queue.expectation import Table, facts_of
from queue_server.queue.matter import matter_of
from queue_server.queue.state import OfficeDay
from queue_server.simulate.offline import VirtualOffice, open_day, play
from queue_server.simulate.people import plan_day
from queue_server.simulate.play import processes
from queue_server.simulate.run import procedures_of
from queue_server.site.loader import load_site

OPENS = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
PAST_DAYS = 8
FIRST_PAST = 900  # seeds of the days before, and then those of the days tried
LEARNED, CATALOGUE, SERVICE = "learned", "catalogue", "service"  # what is expected of each matter
ROWS = {
    "fcfs": ("fcfs", LEARNED),
    "ratio": ("ratio", LEARNED),
    "accumulating": ("accumulating", LEARNED),
    "index, service only": ("index", SERVICE),
    "index, catalogue": ("index", CATALOGUE),
    "index, learned": ("index", LEARNED),
}
COLUMNS = ("mean", "÷ fcfs", "ordinary", "favoured", "worst", "p90", "> 15")
Procedures = Mapping[str, Sequence[str]]
Expect = Callable[[cmd.Wanted], tuple[float, float]]


class ToldOffice(VirtualOffice):
    """A virtual office that stamps what each matter is expected to take, as the server does."""

    def __init__(self, expect: Expect | None) -> None:
        super().__init__()
        self.expect = expect

    def carry_out(self, command: cmd.Command, now: datetime) -> list[ev.Event]:
        if isinstance(command, cmd.IssueTicket) and self.expect is not None:
            command = replace(command, wanted=tuple(replace(w, expected=self.expect(w)) for w in command.wanted))
        return super().carry_out(command, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """One day under one policy; minutes."""

    mean: float
    ordinary: float
    favoured: float
    worst: float  # mean of the service that waited longest, of those with ten people
    p90: float
    over: float  # share over 15 minutes


def play_one(config: OfficeConfig, seed: int, procedures: Procedures, load: float, expect: Expect | None) -> OfficeDay:
    """Plays a day of the plan with this seed."""
    office = ToldOffice(expect)
    open_day(office, config, "20261123", OPENS)
    play(office, processes(plan_day(config, seed, procedures, load), None), OPENS)
    return office.state


def waits_of(state: OfficeDay) -> Waits:
    """How the people of a day waited."""
    kinds = {c.id: c.kind for c in state.setup.classes.values()}
    called = [(t, t.waited / MINUTE) for t in state.tickets.values() if t.waited is not None]
    waits = sorted(w for _, w in called)
    by_service: dict[str, list[float]] = {}
    for t, w in called:
        by_service.setdefault(t.service, []).append(w)
    ordinary = [w for t, w in called if kinds[t.class_id] is ClassKind.ORDINARY]
    favoured = [w for t, w in called if kinds[t.class_id] is not ClassKind.ORDINARY]
    return Waits(
        mean=statistics.fmean(waits),
        ordinary=statistics.fmean(ordinary),
        favoured=statistics.fmean(favoured),
        worst=max(statistics.fmean(w) for w in by_service.values() if len(w) >= 10),
        p90=waits[int(0.9 * len(waits))],
        over=sum(w > 15 for w in waits) / len(waits),
    )


def learned(config: OfficeConfig, procedures: Procedures, usual: Usual, load: float) -> Expect:
    """What the days before teach of every matter."""
    matters, past = Matters(), list[PastTicket]()
    for n in range(PAST_DAYS):
        state = play_one(config, FIRST_PAST + n, procedures, load, None)
        past += tickets_of(state)
    matters.take(past, usual)
    return telling(Table(**(matters.table() or {})), usual)


def telling(table: Table, usual: Usual) -> Expect:
    """What the table says of each matter; an empty one says what the catalogue says."""

    def expect(wanted: cmd.Wanted) -> tuple[float, float]:
        typical, of_service = usual(wanted.service, wanted.procedure)
        facts = facts_of(wanted.service, wanted.procedure, matter_of(wanted), typical)
        minutes, spread = table.expected(facts, usual=of_service)
        return minutes * MINUTE, spread

    return expect


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the means of all days and what each row gains on FCFS, paired, with its 95 % interval."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks bands", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--load", type=float, default=0.72)
    parser.add_argument("--site", type=Path)
    given = parser.parse_args(argv)
    site = load_site(given.site)
    procedures = procedures_of(site)
    usual = usual_of(site)
    told = {
        LEARNED: learned(site.office, procedures, usual, given.load),
        CATALOGUE: telling(Table(), usual),
        SERVICE: None,
    }
    found: dict[str, list[Waits]] = {}
    for row, (name, kind) in ROWS.items():
        config = replace(site.office, policy=replace(site.office.policy, name=name))
        seeds = range(given.first, given.first + given.seeds)
        found[row] = [waits_of(play_one(config, s, procedures, given.load, told[kind])) for s in seeds]
    report(found)
    return 0


def report(found: Mapping[str, Sequence[Waits]]) -> None:
    """One row a policy; the last column: mean wait less FCFS's on the same days."""
    print(f"{'policy':<22}" + "".join(f"{c:>10}" for c in COLUMNS))
    fcfs = found["fcfs"]
    for name, days in found.items():
        columns = [[getattr(d, k) for d in days] for k in ("mean", "ordinary", "favoured", "worst", "p90", "over")]
        mean, ordinary, favoured, worst, p90, over = map(statistics.fmean, columns)
        less = [day.mean - plain.mean for day, plain in zip(days, fcfs, strict=True)]
        doubt = 1.96 * statistics.stdev(less) / math.sqrt(len(less)) if len(less) > 1 else math.nan
        share = mean / statistics.fmean(d.mean for d in fcfs)
        print(
            f"{name:<22}{mean:>10.2f}{share:>10.3f}{ordinary:>10.2f}{favoured:>10.2f}{worst:>10.1f}{p90:>10.1f}"
            f"{over:>10.1%}   {statistics.fmean(less):+.2f} ± {doubt:.2f}"
        )
