"""Routing benchmark: days of an office under a policy, beside plain first come, first served.

`python -m benchmarks routing --days FILE --load 1.0 --policy NAME --json OUT`. Waits in minutes.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import sources
from queue_server.forecasting.kernel_policies import NAMES, Outcome, Plan, Progress, play_policy
from queue_server.forecasting.kernel_procedures import with_procedures
from queue_server.forecasting.kernel_tuning import Effort, Goal, worst_service
from queue_server.forecasting.lookahead import Settings
from queue_server.forecasting.office_days import (
    FAVOURED,
    ORDINARY,
    Day,
    OfficeDays,
    OfficeDaysError,
    OfficeFacts,
    read_office_days,
)

COLUMNS = ("mean", "p90", "share_over_15", "walk_in", "priority", "appointment", "worst_service", "p999")
CEILINGS = {"index": (120.0, 40.0), "look-ahead": (60.0, 20.0)}  # ordinary, favoured; minutes
GOALS = {"index": Goal(worst=1.18, favoured=4.0), "look-ahead": Goal(worst=1.25, favoured=8.0)}
FAR = Settings(futures=512, horizon=300.0, budget=8e7)  # what the policy can do with about 10 ms a decision
FAVOURED_PRICE, BOOKED_PRICE = 3.0, 3.5


def main(argv: list[str]) -> int:
    """Runs the benchmark; 2 when the file or an option is wrong."""
    options = _options(argv)
    try:
        read = read_office_days(options.days)
        days = _days(read, options.load, options.first)
    except OfficeDaysError as error:
        print(f"routing: {error}", file=sys.stderr)
        return 2
    if options.procedures:
        days = with_procedures(days, read.office, seed=options.seed)
    began = time.perf_counter()
    tables = {}
    for name in dict.fromkeys(("fcfs", *options.policy)):
        outcome = play_policy(name, read.office, days, _plan(name, options, read.office), progress=_progress(name))
        tables[name] = figures(outcome, read.office.classes)
    _show(tables, f"{len(days)} days at load {options.load}, {time.perf_counter() - began:.0f} s")
    if options.json:
        report = {"policy": tables[options.policy[-1]], "fcfs": tables["fcfs"]}
        options.json.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    return 0


def _days(read: OfficeDays, load: str, first: int | None) -> tuple[Day, ...]:
    days = read.at(load)[:first]
    if not any(day.tickets for day in days):
        raise OfficeDaysError(f"nobody came on the first {first} days at load {load}")
    return days


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks routing", description=__doc__)
    parser.add_argument("--days", type=Path, required=True, help="an office-days file (.json or .json.gz)")
    parser.add_argument("--load", default="1.0", help="which of the file's loads")
    parser.add_argument("--policy", action="append", choices=NAMES, help="may be repeated; the last goes into --json")
    parser.add_argument("--json", type=sources.out_file, help="write the figures here")
    parser.add_argument(
        "--ceilings", type=_ceilings, help="ordinary,favoured in minutes; the default depends on the policy"
    )
    parser.add_argument("--worst", type=float, help="tune for a worst service of at most this multiple of FCFS's")
    parser.add_argument("--favoured", type=float, help="tune for favoured classes of at most these minutes")
    parser.add_argument("--favoured-price", type=float, default=FAVOURED_PRICE, help="look-ahead: see Plan")
    parser.add_argument("--booked-price", type=float, default=BOOKED_PRICE, help="the same for appointments")
    parser.add_argument("--futures", type=_some, default=FAR.futures, help="look-ahead: sampled futures")
    parser.add_argument("--folds", type=_folds, default=Plan().folds, help="learn on the other folds' days")
    parser.add_argument("--rounds", type=_some, default=Effort().rounds, help="of the search for a rule")
    parser.add_argument("--bands", type=_some, default=Plan().bands, help="duration bands of a service")
    parser.add_argument("--procedures", action="store_true", help="draw minutes from procedure and papers instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=_some, help="only this many days")
    options = parser.parse_args(argv)
    options.policy = options.policy or ["index"]
    return options


def _some(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _folds(text: str) -> int:
    if (number := int(text)) < 2:
        raise argparse.ArgumentTypeError("must be 2 or more: a rule is learned on the other folds' days")
    return number


def _ceilings(text: str) -> tuple[float, float]:
    """Minutes of the ordinary class and of the favoured ones, as 60,20."""
    ordinary, favoured = (float(part) for part in text.split(","))
    if not (ordinary > 0 and favoured > 0):
        raise argparse.ArgumentTypeError("both must be above 0")
    return ordinary, favoured


def _plan(name: str, options: argparse.Namespace, office: OfficeFacts) -> Plan:
    ordinary, favoured = options.ceilings or CEILINGS.get(name, (60.0, 20.0))
    goal = GOALS.get(name, Goal())
    if options.worst is not None:
        goal = replace(goal, worst=options.worst)
    if options.favoured is not None:
        goal = replace(goal, favoured=options.favoured)
    return Plan(
        ceilings={cls: favoured if cls else ordinary for cls in range(len(office.classes))},
        goal=goal,
        effort=Effort(rounds=options.rounds),
        settings=replace(FAR, futures=options.futures, seed=options.seed),
        favoured_price=options.favoured_price,
        booked_price=options.booked_price,
        folds=options.folds,
        bands=options.bands,
    )


def figures(outcome: Outcome, classes: Sequence[str]) -> dict[str, float | None]:
    """The eight figures of a policy, and those of classes with names of their own; a class of nobody has None."""
    waits = outcome.waits
    of_class: dict[str, float | None] = dict.fromkeys((ORDINARY, *FAVOURED)) | {
        name: float(waits[outcome.classes == cls].mean()) if (outcome.classes == cls).any() else None
        for cls, name in enumerate(classes)
    }
    return {
        "mean": float(waits.mean()),
        "p90": float(np.quantile(waits, 0.9)),
        "share_over_15": float((waits > 15).mean()),
        **of_class,
        "worst_service": worst_service(waits, outcome.services),
        "p999": float(np.quantile(waits, 0.999)),
    }


def _show(tables: Mapping[str, Mapping[str, float | None]], title: str) -> None:
    print(title)
    print(f"{'policy':<14}" + "".join(f"{c.replace('_', ' '):>15}" for c in COLUMNS) + f"{'÷ fcfs':>9}{'worst ÷':>9}")
    for name, table in tables.items():
        cells = "".join(f"{_cell(column, table.get(column)):>15}" for column in COLUMNS)
        print(f"{name:<14}{cells}{_share(table, tables, 'mean'):>9.3f}{_share(table, tables, 'worst_service'):>9.2f}")


def _cell(column: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if column == "share_over_15" else f"{value:.2f}"


def _share(table: Mapping[str, float | None], tables: Mapping[str, Mapping[str, float | None]], column: str) -> float:
    return (table[column] or 0.0) / max(1e-9, tables["fcfs"][column] or 0.0)


def _progress(name: str) -> Progress:
    def told(done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{name}: day {done} of {of}", end="" if done < of else "\n", file=sys.stderr)

    return told
