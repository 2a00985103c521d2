"""Look-ahead in the office against the index: simulated days of the example office, the same people on both sides.

`python -m benchmarks foresight [--seeds N] [--load X] [--site FILE]`. Every call is decided by `queue.routing` with
what `forecasting.foresight` saw at that moment; habits come from the days before, as the forecaster learns them.
`--decisions N` plays no day and measures N decisions in a full office instead: milliseconds of this process' own CPU.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.bands import Waits, waits_of
from queue_server.forecaster.knowledge import Hours, known_now, tickets_of
from queue_server.forecaster.past import Past
from queue_server.forecasting.foresight import SETTINGS, Settings, draw, foresee
from queue_server.forecasting.outlook_office import live_scene
from queue_server.forecasting.target_look import Known
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import OfficeConfig, Policy
from queue_server.queue.state import OfficeDay
from queue_server.simulate.offline import VirtualOffice, open_day, play
from queue_server.simulate.people import plan_day
from queue_server.simulate.play import processes
from queue_server.site.loader import load_site
from tests.forecaster.builders import a_full_office

OPENS = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
LEARN_EVERY = timedelta(minutes=10)
PAST_DAYS = 5
SIZES = ((8, 40), (40, 300))
SECOND = timedelta(seconds=1)


class SeeingOffice(VirtualOffice):
    """A virtual office whose calls carry what was foreseen for them at that very moment."""

    def __init__(self, past: Past, settings: Settings) -> None:
        super().__init__()
        self.past = past
        self.settings = settings
        self.costs: list[float] = []
        self._known: Known | None = None
        self._known_at: datetime | None = None

    def carry_out(self, command: cmd.Command, now: datetime) -> list[ev.Event]:
        if isinstance(command, cmd.CallNext) and self.state.policy.name == "look-ahead":
            command = self._with_foresight(command, now)
        return super().carry_out(command, now)

    def _with_foresight(self, command: cmd.CallNext, now: datetime) -> cmd.CallNext:
        if self._known_at is None or now - self._known_at >= LEARN_EVERY:
            self._known, self._known_at = known_now(self.state, self.past, Hours(), now), now
        assert self._known is not None
        began = time.process_time()
        known = self._known
        live = live_scene(self.state, known.basis, known.plan, now, level=known.level)
        seen = foresee(live, draw(live, self.settings), command.counter, self.settings)
        self.costs.append(1000 * (time.process_time() - began))
        return replace(command, foreseen=seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Waits):
    """One day under one policy."""

    past_ceiling: int
    foreseen: float  # share of the calls
    costs: tuple[float, ...]


def play_one(config: OfficeConfig, seed: int, past: Past, load: float, settings: Settings) -> tuple[Outcome, OfficeDay]:
    """Plays a day of the plan with this seed."""
    office = SeeingOffice(past, settings)
    open_day(office, config, "20261123", OPENS)
    play(office, processes(plan_day(config, seed, {}, load), None), OPENS)
    return _outcome(office), office.state


def _outcome(office: SeeingOffice) -> Outcome:
    state = office.state
    called = [t for t in state.tickets.values() if t.waited is not None]
    return Outcome(
        **asdict(waits_of(state)),
        past_ceiling=sum((t.waited or 0.0) > state.bounds[t.class_id][1] for t in called),
        foreseen=sum(t.reason == "look_ahead" for t in called) / len(called),
        costs=tuple(office.costs),
    )


def past_days(config: OfficeConfig, load: float) -> Past:
    """Days before, called by the index."""
    tickets = []
    for n in range(PAST_DAYS):
        index = replace(config, policy=replace(config.policy, name="index"))
        _, state = play_one(index, 900 + n, Past(), load, SETTINGS)
        tickets += [replace(t, day=f"202611{16 + n}") for t in moved(state, timedelta(days=n - 7))]
    return Past(tickets=tuple(tickets))


def moved(state: OfficeDay, by: timedelta) -> Sequence:  # type: ignore[type-arg]
    return [
        replace(
            t, taken_at=t.taken_at + by,
            called_at=t.called_at + by if t.called_at else None,
            ended_at=t.ended_at + by if t.ended_at else None,
        )
        for t in tickets_of(state)
    ]  # fmt: skip


def decisions(many: int) -> None:
    """One row a size of office: what a decision costs with the futures drawn for it alone."""
    print("counters  waiting  median ms  p99 ms  of it drawing, median ms")
    for counters, waiting in SIZES:
        day = a_full_office(counters, waiting)
        day.do(cmd.ChangePolicy(policy=Policy(name="look-ahead", ceiling_multiple=8)))
        known = known_now(day.state, Past(), Hours(), day.now)
        whole, drawing = [], []
        for n in range(many + 1):
            live = live_scene(day.state, known.basis, known.plan, day.now + n * SECOND, level=known.level)
            began = time.process_time()
            lot = draw(live)
            drawn = time.process_time()
            foresee(live, lot, str(1 + n % counters))
            whole.append(1000 * (time.process_time() - began))
            drawing.append(1000 * (drawn - began))
        whole, drawing = sorted(whole[1:]), sorted(drawing[1:])  # the first one compiles
        print(
            f"{counters:>8} {waiting:>8} {whole[many // 2]:>10.1f} {whole[int(0.99 * many)]:>7.1f} "
            f"{drawing[many // 2]:>25.1f}"
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the means of all days and the paired differences with their 95 % interval."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks foresight", description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--load", type=float, default=0.85)
    parser.add_argument("--site", type=Path)
    parser.add_argument("--decisions", type=int, metavar="N")
    parser.add_argument("--policy", action="append")
    for name in ("futures", "batch"):
        parser.add_argument(f"--{name}", type=int, default=getattr(SETTINGS, name))
    for name in ("budget", "drop", "caution", "margin", "past_ceiling", "worst"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(SETTINGS, name))
    given = parser.parse_args(argv)
    if given.decisions:
        decisions(given.decisions)
        return 0
    config = load_site(given.site).office
    tuned = {
        n: getattr(given, n)
        for n in ("futures", "batch", "budget", "drop", "caution", "margin", "past_ceiling", "worst")
    }
    settings = replace(SETTINGS, **tuned)
    past = past_days(config, given.load)
    names = given.policy or ["fcfs", "ratio", "index", "look-ahead"]
    found: dict[str, list[Outcome]] = {name: [] for name in names}
    for seed in range(given.first, given.first + given.seeds):
        for name in names:
            policy = Policy(name=name, ceiling_multiple=config.policy.ceiling_multiple)
            found[name].append(play_one(replace(config, policy=policy), seed, past, given.load, settings)[0])
    report(found)
    return 0


def report(found: dict[str, list[Outcome]]) -> None:
    """One row a policy, then look-ahead against the index day by day."""
    print("policy        mean  ordinary  favoured  worst service   p90  past ceiling  foreseen  ms median  p99")
    for name, days in found.items():
        means = [
            statistics.fmean(getattr(d, k) for d in days) for k in ("mean", "ordinary", "favoured", "worst", "p90")
        ]
        costs = sorted(c for d in days for c in d.costs) or [0.0]
        print(
            f"{name:<11} {means[0]:>6.2f} {means[1]:>9.2f} {means[2]:>9.2f} {means[3]:>14.2f} {means[4]:>5.1f} "
            f"{sum(d.past_ceiling for d in days):>13} {statistics.fmean(d.foreseen for d in days):>9.0%} "
            f"{costs[len(costs) // 2]:>10.1f} {costs[int(0.99 * len(costs))]:>4.1f}"
        )
    if {"index", "look-ahead"} <= found.keys():
        for key in ("mean", "favoured", "worst", "p90"):
            gaps = [getattr(a, key) - getattr(b, key) for a, b in zip(found["look-ahead"], found["index"], strict=True)]
            mean = statistics.fmean(gaps)
            half = 2.0 * statistics.stdev(gaps) / len(gaps) ** 0.5 if len(gaps) > 1 else float("nan")
            print(f"look-ahead − index, {key}: {mean:+.2f} min, about ±{half:.2f}")


if __name__ == "__main__":
    raise SystemExit(main())
