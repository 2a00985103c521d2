"""Arrivals: our forecast beside "same weekday last week", walked forward over days it has not seen.

python -m benchmarks arrivals --warsaw FILE [--more FILE] --test-from DATE [--json OUT]
python -m benchmarks arrivals --bank FILE [--more FILE] --test-from DATE [--json OUT]
python -m benchmarks arrivals --days FILE --load 1.0 [--test-from DATE] [--json OUT]

A made-up office's first day is 2024-01-01; without a date its first days, `SKIP` or half of them, are learned from.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import sources
from queue_server.forecasting import arrivals, features_arrivals, scores
from queue_server.forecasting.arrivals import QUARTERS, Calendar, DayCount
from queue_server.forecasting.features_arrivals import Correction
from queue_server.forecasting.office_days import OfficeDaysError, read_office_days

Floats = npt.NDArray[np.float64]

OPENS = 7.5 * 3600  # second of the day at which a made-up office opens
SKIP = 20  # days
RELEARN = 2  # days after which the correction is learned anew; the product would each night


# The bank's holidays in 1999; each has the evening before for a half day.
ISRAEL = [
    *("0302", "0401", "0407", "0421", "0517", "0521", "0911", "0912", "0920", "0925", "1002"),
]


def israel() -> Calendar:
    """The calendar that the bank's own people had on their wall."""
    holidays = [date(1999, int(text[:2]), int(text[2:])) for text in ISRAEL]
    kinds = {day - timedelta(days=1): "eve" for day in holidays}
    return Calendar(kinds=kinds | dict.fromkeys(holidays, "holiday"), weekend=frozenset({4, 5}))


@dataclass(slots=True)
class Sums:
    """Errors and truths, added up over days, series and quarter-hours."""

    quarter: tuple[list[float], list[float]]
    naive: tuple[list[float], list[float]]
    hour: tuple[list[float], list[float]]
    hour_still: tuple[list[float], list[float]]
    hour_level: tuple[list[float], list[float]]
    inside: list[bool]


def warsaw(paths: Sequence[Path]) -> dict[str, list[DayCount]]:
    """Tickets by office and day, placed evenly between the snapshots that saw them come."""
    found: dict[tuple[str, date], Floats] = defaultdict(lambda: np.zeros(QUARTERS))
    for line in sources.warsaw(paths):
        edges = np.arange(QUARTERS + 1) * 15.0
        found[line.office, line.day] += np.asarray(np.diff(np.interp(edges, line.minute, line.came)), dtype=np.float64)
    return _grouped(found)


def bank(paths: Sequence[Path]) -> dict[str, list[DayCount]]:
    """All calls by day, with those of each type and those who hung up."""
    read = sources.bank(paths)
    days = []
    for day in read.days:
        signals = {name: _by_quarter(day.came[day.kind == kind]) for kind, name in enumerate(read.types)}
        signals["hung up"] = _by_quarter(day.left[~day.served])
        days.append(DayCount(day=day.day, counts=_by_quarter(day.came), signals=signals))
    return {"bank": [one for one in days if one.counts.sum() > 0]}


def office(path: Path, load: str) -> dict[str, list[DayCount]]:
    """All people of made-up days with those of each service; dates that fit the weekdays, the office opens at 7:30."""
    read, day = read_office_days(path), date(2024, 1, 1)
    days = []
    for one in read.at(load):
        day += timedelta(days=(one.weekday - day.weekday()) % 7)
        came = np.array([OPENS + 60.0 * t.arrive for t in one.tickets]).clip(0.0, 86399.0)
        kind = np.array([t.service for t in one.tickets])
        signals = {str(s): _by_quarter(came[kind == s]) for s in range(len(read.office.services))}
        days.append(DayCount(day=day, counts=_by_quarter(came), signals=signals))
        day += timedelta(days=1)
    return {"office": days}


def _by_quarter(seconds: Floats) -> Floats:
    return np.bincount((seconds // 900).astype(int), minlength=QUARTERS)[:QUARTERS].astype(np.float64)


def _grouped(found: Mapping[tuple[str, date], Floats]) -> dict[str, list[DayCount]]:
    groups: dict[str, list[DayCount]] = defaultdict(list)
    for (name, day), counts in sorted(found.items()):
        if counts.sum() > 0:
            groups[name].append(DayCount(day=day, counts=counts))
    return groups


def score_day(
    sums: Sums, history: Sequence[DayCount], today: DayCount, calendar: Calendar, correction: Correction | None
) -> None:
    """One series' day: the evening before, and at the beginning of each quarter-hour the hour to come."""
    known = features_arrivals.evening(history, today, calendar)
    morning = known.morning
    naive = arrivals.last_week(history, today.day)
    first, last = features_arrivals.open_quarters(history)
    hours = slice(first, last)
    sums.quarter[0].extend(morning.mean[hours])
    sums.naive[0].extend(naive[hours])
    for one in (sums.quarter, sums.naive):
        one[1].extend(today.counts[hours])
    inside = (today.counts >= morning.low) & (today.counts <= morning.high)
    sums.inside.extend(inside[hours])
    for quarter in range(first, last - 3):
        truth = float(today.counts[quarter : quarter + 4].sum())
        sums.hour[0].append(features_arrivals.next_hour(known, today, quarter, correction))
        sums.hour_still[0].append(morning.hour_from(quarter))
        sums.hour_level[0].append(features_arrivals.next_hour(known, today, quarter, None))
        for each in (sums.hour, sums.hour_still, sums.hour_level):
            each[1].append(truth)


def back_test(series: Mapping[str, Sequence[DayCount]], test_from: date, calendar: Calendar) -> tuple[Sums, Sums]:
    """Every day from `test_from` on, walked forward: each day knows those before it, the correction `RELEARN`.

    Returns the sums of all days, and of the ordinary ones: no weekend of the calendar's, no holiday, no eve.
    """
    everything, ordinary = (Sums(([], []), ([], []), ([], []), ([], []), ([], []), []) for _ in range(2))
    tested = sorted({one.day for days in series.values() for one in days if one.day >= test_from})
    for first in range(0, len(tested), RELEARN):
        learned = [[one for one in days if one.day < tested[first]] for days in series.values()]
        correction = features_arrivals.learn(learned, calendar)
        for days in series.values():
            for at, today in enumerate(days):
                if at and today.day in tested[first : first + RELEARN]:
                    score_day(everything, days[:at], today, calendar, correction)
                    if today.day.weekday() not in calendar.weekend and today.day not in calendar.kinds:
                        score_day(ordinary, days[:at], today, calendar, correction)
    return everything, ordinary


def figures(sums: Sums) -> dict[str, float]:
    """WAPE as shares; coverage of the 80 % interval of a quarter-hour."""
    return {
        "quarter_hour": scores.weighted_percentage_error(*sums.quarter),
        "same_weekday_last_week": scores.weighted_percentage_error(*sums.naive),
        "next_hour": scores.weighted_percentage_error(*sums.hour),
        "next_hour_not_updated": scores.weighted_percentage_error(*sums.hour_still),
        "next_hour_at_the_level": scores.weighted_percentage_error(*sums.hour_level),
        "coverage": float(np.mean(sums.inside)) if sums.inside else 0.0,
    }


def report(title: str, found: Mapping[str, float]) -> str:
    """The table, and in words whether the forecast is worth having."""
    better = found["quarter_hour"] < found["same_weekday_last_week"]
    rows = [
        ("same weekday last week, quarter-hour", "same_weekday_last_week"),
        ("motcua the evening before, quarter-hour", "quarter_hour"),
        ("motcua the evening before, next hour", "next_hour_not_updated"),
        ("motcua at the day's level alone, next hour", "next_hour_at_the_level"),
        ("motcua through the day, next hour", "next_hour"),
    ]
    lines = [f"{title}: WAPE"] + [f"  {name:<43}{100 * found[key]:>6.1f} %" for name, key in rows]
    lines.append(f"  80 % interval of a quarter-hour covers {100 * found['coverage']:.1f} %")
    verdict = "better than" if better else "WORSE than: use last week's figures instead of"
    lines.append(f"  the forecast is {verdict} same weekday last week")
    return "\n".join(lines)


def _source(chosen: argparse.Namespace) -> tuple[str, dict[str, list[DayCount]], Calendar]:
    """The title, the lines of days and the calendar of what was asked for."""
    if chosen.days:
        return "Made-up office", office(chosen.days, chosen.load), Calendar()
    if chosen.warsaw:
        return "Warsaw", warsaw([chosen.warsaw, *chosen.more]), Calendar()
    return "Anonymous Bank", bank([chosen.bank, *chosen.more]), israel()


def main(argv: list[str]) -> int:
    """Read the files, walk forward, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks arrivals", description=__doc__)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--warsaw", type=Path)
    kind.add_argument("--bank", type=Path)
    kind.add_argument("--days", type=Path)
    parser.add_argument("--load", default="1.0", help="of --days")
    parser.add_argument("--more", type=Path, action="append", default=[], help="later days of the same format")
    parser.add_argument("--test-from", type=date.fromisoformat)
    parser.add_argument("--json", type=sources.out_file)
    chosen = parser.parse_args(argv)
    if chosen.days and chosen.more:
        parser.error("--more adds days to --warsaw or --bank")
    if not chosen.days and chosen.test_from is None:
        parser.error("--test-from is needed")
    try:
        title, series, calendar = _source(chosen)
        dates = sorted({one.day for days in series.values() for one in days})
        test_from = chosen.test_from or dates[min(SKIP, len(dates) // 2)]
        sources.check_dates(dates, test_from)
    except (sources.SourceError, OfficeDaysError) as error:
        print(f"arrivals: {error}", file=sys.stderr)
        return 2
    everything, ordinary = back_test(series, test_from, calendar)
    found = figures(everything) | {"ordinary_days": figures(ordinary)}
    print(report(f"{title}, all days", figures(everything)))
    print(report(f"{title}, ordinary working days", figures(ordinary)))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0
