"""Waiting times: our intervals beside what other systems announce, on real queues and on the reference office.

python -m benchmarks waits --warsaw FILE [--more FILE] --test-from DATE [--json OUT]
python -m benchmarks waits --bank FILE [--more FILE] --test-from DATE [--json OUT]
python -m benchmarks waits --days FILE --load 1.0 [--more FILE] [--json OUT]
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import sources
from queue_server.forecasting import (
    backtest,
    features_bank,
    features_office,
    features_warsaw,
    kernel,
    kernel_tuning,
    scores,
)
from queue_server.forecasting import bank as calls
from queue_server.forecasting.features_table import Table, tabulate
from queue_server.forecasting.learned import Growth
from queue_server.forecasting.office_days import Day, OfficeDaysError, OfficeFacts, read_office_days
from queue_server.queue.policy import Rule

Floats = npt.NDArray[np.float64]

BASELINES = ("head of the line (HOL)", "people ahead x mean / counters (QL)", "mean of the last ten")
GROWTH = Growth(trees=450, rate=0.04, depth=6, least_leaf=60)
RULE = Rule(name="index", head_start=0.5, queue_power=0.5, time_power=0.5, targets={0: 15.0, 1: 1.5, 2: 1.5})
RUNS = 200
SKIP = 20  # days
LEAST = 200  # tickets; a service with fewer is counted among "others"
NOTHING = "no ticket of the tested days had to wait: nothing can be scored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a table is made of: the test tickets' waits, our intervals, and the points of other predictors."""

    title: str
    unit: str
    long: float  # "over 15 minutes" in the unit
    wait: Floats
    low: Floats
    likely: Floats
    high: Floats
    service: npt.NDArray[np.str_]
    les: Floats
    others: dict[str, Floats]


def figures(outcome: Outcome) -> dict[str, object]:
    """The figures of the JSON file, in the data's own unit."""
    ends = (outcome.low, outcome.high, outcome.wait)
    return {
        "mae": scores.mean_absolute_error(outcome.likely, outcome.wait),
        "les_mae": scores.mean_absolute_error(outcome.les, outcome.wait),
        "coverage": scores.coverage(*ends),
        "coverage_over_15": _covered_long(outcome),
        "by_service": scores.coverage_by(outcome.service, *ends, least=LEAST),
    }


def _covered_long(outcome: Outcome) -> float | None:
    """The coverage of the waits over 15 minutes; None where nobody waited as long."""
    if not (outcome.wait > outcome.long).any():
        return None
    return scores.coverage_over(outcome.long, outcome.low, outcome.high, outcome.wait)


def report(outcome: Outcome) -> str:
    """The table that people read."""
    les = scores.mean_absolute_error(outcome.les, outcome.wait)
    ends = (outcome.low, outcome.high, outcome.wait)
    rows = {"last to enter service (LES)": outcome.les, **outcome.others, "motcua": outcome.likely}
    lines = [f"{outcome.title}: {len(outcome.wait)} tickets, mean wait {outcome.wait.mean():.1f} {outcome.unit}", ""]
    lines.append(f"{'predictor':<34}{'MAE':>8}{'of LES':>9}{'bias':>8}")
    for name, point in rows.items():
        error = scores.mean_absolute_error(point, outcome.wait)
        share = 100 * error / les if les else 0.0
        lines.append(f"{name:<34}{error:>8.2f}{share:>8.1f}%{scores.bias(point, outcome.wait):>8.2f}")
    by_service = scores.coverage_by(outcome.service, *ends, least=LEAST)
    covered = _covered_long(outcome)
    long = "– (there were none)" if covered is None else f"{100 * covered:.1f} %"
    inside = [value for name, value in by_service.items() if name != "others"] or list(by_service.values())
    lines += [
        "",
        (
            f"80 % interval: covers {100 * scores.coverage(*ends):.1f} %, of the waits over 15 minutes "
            f"{long}, mean width {scores.mean_width(*ends[:2]):.1f} "
            f"{outcome.unit}, Winkler score {scores.winkler(*ends):.1f}"
        ),
        (
            f"by service ({LEAST} tickets or more: {len(inside)}): "
            f"{100 * min(inside):.0f} to {100 * max(inside):.0f} %"
            + (f"; the smaller ones together {100 * by_service['others']:.0f} %" if "others" in by_service else "")
        ),
    ]
    return "\n".join(lines)


def warsaw(paths: Sequence[Path], test_from: date) -> Outcome:
    """Waits in minutes rebuilt from the snapshots of Warsaw's offices."""
    lines = sources.warsaw(paths)
    sources.check_dates([line.day for line in lines], test_from)
    table = features_warsaw.table(lines, test_from.toordinal())
    return _real(
        "Warsaw", table, test_from, Scale(unit="min", day=1440.0, least=3.0, sizes=(5.0, 15.0, 40.0), long=15.0),
        ("les", "hol", "by_counters", "last_ten", "usual_wait"),
    )  # fmt: skip


def bank(paths: Sequence[Path], test_from: date) -> Outcome:
    """Waits in seconds of the bank's callers that an agent answered and that could not be served at once."""
    read = sources.bank(paths)
    sources.check_dates([day.day for day in read.days], test_from)
    table = features_bank.table(read, test_from)
    return _real(
        "Anonymous Bank", table, test_from,
        Scale(unit="s", day=calls.DAY, least=60.0, sizes=(30.0, 90.0, 240.0), long=900.0),
        ("les_own", "hol_own", "queue_length", "last_ten_own", "usual"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The data's unit, units in a day, the log scale's least wait, classes of size, and fifteen minutes."""

    unit: str
    day: float
    least: float
    sizes: tuple[float, ...]
    long: float


def _real(title: str, table: Table, test_from: date, scale: Scale, named: tuple[str, ...]) -> Outcome:
    """Back-test on real tickets; `named` are the columns of LES, HOL, QL, last ten, and the usual wait.

    Where a baseline knows nothing yet (before the day's first call) it says the usual wait.
    """
    if not (table.day >= test_from.toordinal()).any():
        raise sources.SourceError(NOTHING)
    past = backtest.Past(
        rows=table.rows, wait=table.wait, day=table.day, asked_at=table.day * scale.day + table.asked_at,
        called_at=table.day * scale.day + table.asked_at + table.wait, service=table.service, unit=scale.least,
        sizes=scale.sizes,
    )  # fmt: skip
    scored = backtest.run(past, test_from.toordinal(), growth=GROWTH)
    train = table.day < test_from.toordinal()
    typical = float(np.median(table.wait[train])) if train.any() else 0.0
    usual = np.nan_to_num(table.column(named[4])[scored.test], nan=typical)
    points = [np.where(np.isnan(point), usual, point) for point in (table.column(n)[scored.test] for n in named[:4])]
    return Outcome(
        title=title, unit=scale.unit, long=scale.long, wait=table.wait[scored.test], low=scored.low,
        likely=scored.likely, high=scored.high, service=table.service[scored.test], les=points[0],
        others=dict(zip(BASELINES, points[1:], strict=True)),
    )  # fmt: skip


def office(paths: Sequence[Path], load: str, *, tuned: bool = False) -> Outcome:
    """Waits in minutes at an office-days file's office under the index rule, by running that rule forward.

    Each day knows the days before it; the first `SKIP` days are only learned from, `tuned` tunes the rule on them.
    A ticket that is served at once is told "now" and not scored.
    """
    read = [read_office_days(path) for path in paths]
    for path, other in zip(paths, read, strict=True):
        if other.office != read[0].office:
            raise OfficeDaysError(f"{path}: its office is not that of {paths[0]}")
    days = [day for each in read for day in each.at(load)]
    skip = min(SKIP, len(days) // 2)
    rule = _tuned(read[0].office, days[:skip]) if tuned else RULE
    found = features_office.office_asked(read[0].office, days, rule, skip=skip, runs=RUNS)
    if not found:
        raise sources.SourceError(NOTHING)
    table = tabulate([asked for asked, _ in found])
    quantiles = np.quantile(np.array([waits for _, waits in found]), (0.1, 0.5, 0.9), axis=1).T
    past = backtest.Past(
        rows=table.rows, wait=table.wait, day=table.day, asked_at=table.day * 1440.0 + table.asked_at,
        called_at=table.day * 1440.0 + table.column("called_at"), service=table.service, unit=3.0,
        sizes=(5.0, 15.0, 40.0),
    )  # fmt: skip
    low, high = backtest.announce(past, np.log(quantiles + past.unit), np.arange(len(table.wait)))
    points = {name: np.nan_to_num(table.column(name)) for name in ("les", "hol", "queue_length", "last_ten")}
    return Outcome(
        title=f"{len(read[0].office.counters)} counters, load {load}, {rule.name} rule", unit="min", long=15.0,
        wait=table.wait, low=np.maximum(np.exp(low) - past.unit, 0.0), likely=quantiles[:, 1],
        high=np.exp(high) - past.unit, service=table.service, les=points["les"],
        others=dict(zip(BASELINES, (points["hol"], points["queue_length"], points["last_ten"]), strict=True)),
    )  # fmt: skip


def _tuned(office: OfficeFacts, past: Sequence[Day]) -> Rule:
    """The index rule as the routing benchmark tunes it."""
    ceilings = {cls: 40.0 if cls else 120.0 for cls in range(len(office.classes))}
    gathered = kernel_tuning.gather(office, kernel.office_lines(office), past, ceilings)
    goal = kernel_tuning.Goal(worst=1.18, favoured=4.0)
    return kernel_tuning.tuned_rule(
        gathered, office, ceilings, goal=goal, effort=kernel_tuning.Effort(), name="tuned index"
    )


def main(argv: list[str]) -> int:
    """Read the files, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks waits", description=__doc__)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--warsaw", type=Path)
    kind.add_argument("--bank", type=Path)
    kind.add_argument("--days", type=Path)
    parser.add_argument("--more", type=Path, action="append", default=[], help="later days of the same format")
    parser.add_argument("--test-from", type=date.fromisoformat)
    parser.add_argument("--load", default="1.0", type=_load, help="which of the file's loads")
    parser.add_argument("--tuned", action="store_true", help="--days: the rule is tuned on the first days")
    parser.add_argument("--json", type=sources.out_file)
    chosen = parser.parse_args(argv)
    if chosen.days is None and chosen.test_from is None:
        parser.error("--test-from is needed")
    try:
        outcome = _outcome(chosen)
    except (sources.SourceError, OfficeDaysError) as error:
        print(f"waits: {error}", file=sys.stderr)
        return 2
    print(report(outcome))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures(outcome), indent=1), encoding="utf-8")
    return 0


def _load(text: str) -> str:
    """A load as it was written; ValueError when it is no number."""
    float(text)
    return text


def _outcome(chosen: argparse.Namespace) -> Outcome:
    if chosen.warsaw:
        found = warsaw([chosen.warsaw, *chosen.more], chosen.test_from)
    elif chosen.bank:
        found = bank([chosen.bank, *chosen.more], chosen.test_from)
    else:
        found = office([chosen.days, *chosen.more], chosen.load, tuned=chosen.tuned)
    if not len(found.wait):
        raise sources.SourceError(NOTHING)
    return found
