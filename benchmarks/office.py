"""Another office to test on: an office-days file made up from a seed, as like the reference office as its size allows.

python -m benchmarks office --counters 14 --services 10 --seed 7 --days 60 --out FILE

Each load is set so that first come, first served makes people wait as long as at the reference office: a mean of 9
minutes at 0.9, 14 at 1.0 and 26 at 1.1. Minutes after 08:00. The same arguments give the same file.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from queue_server.forecasting.kernel_policies import Plan, play_policy
from queue_server.forecasting.office_days import OfficeDays, parse_office_days

Floats = npt.NDArray[np.float64]
Drawn = dict[str, Any]

WAITS = {"0.9": 9.0, "1.0": 14.0, "1.1": 26.0}  # the mean wait that makes a load, first come, first served
WALK, NO_SHOW_MINUTES, CLOSE = 0.5, 1.5, 600.0
SHORTEST_MEAN, LONGEST_MEAN = 3.0, 35.0
LUNCHES, LUNCH = (240.0, 285.0, 330.0), 45.0
WEEKDAYS = (1.12, 1.0, 1.0, 1.0, 0.92)
DAY_SPREAD = 0.06  # standard deviation of a day's level
BOOKED = 5.2  # appointments a day and counter
SLOTS = np.arange(30.0, 531.0, 10.0)
EARLY, EARLY_SPREAD = 6.2, 7.0  # minutes before their slot that people come
PRIORITY, NO_SHOW, PAUSE = 0.115, 0.04, 0.028
PAUSES = (3.0, 10.0)
ROUNDS, CALIBRATION_DAYS = 12, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A made-up office: the document's part, and how often each service is asked for."""

    office: Drawn
    share: Floats
    appointment_share: Floats


def made_office(counters: int, services: int, rng: np.random.Generator) -> Made:
    """An office of that size. Longer services are rarer and more often booked.

    Counters lie side by side over the services by work: each serves those its part of the work touches and a
    neighbour; every seventh, the last, serves everything. An office of one or two counters has only such.
    """
    spread = np.sort(rng.random(services)) if services < 3 else np.linspace(0, 1, services)
    means = np.round(SHORTEST_MEAN * (LONGEST_MEAN / SHORTEST_MEAN) ** spread * rng.uniform(0.9, 1.1, services), 1)
    means = np.clip(means, SHORTEST_MEAN, LONGEST_MEAN)
    cvs = np.round(rng.uniform(0.5, 0.75, services), 2)
    share = means**-0.55 * rng.uniform(0.8, 1.25, services)
    share /= share.sum()
    booked = share * means / (share * means).sum()
    everything = counters if counters <= 2 else max(1, counters // 7)
    skills = _skills(share * means, counters - everything) + [list(range(services))] * everything
    return Made(
        office={
            "services": [{"mean_minutes": float(m), "cv": float(c)} for m, c in zip(means, cvs, strict=True)],
            "counters": [
                {
                    "skills": own,
                    "speed": round(float(rng.uniform(0.87, 1.15)), 2),
                    "lunch_at": LUNCHES[int(at) % len(LUNCHES)],
                    "lunch_minutes": LUNCH,
                }
                for at, own in zip(rng.permutation(counters), skills, strict=True)
            ],
            "classes": ["walk_in", "priority", "appointment"],
            "walk_minutes": WALK,
            "no_show_minutes": NO_SHOW_MINUTES,
            "close_at": CLOSE,
        },
        share=share,
        appointment_share=booked,
    )


def _skills(work: Floats, specialists: int) -> list[list[int]]:
    """Neighbouring services for each specialist, by equal parts of the work."""
    ends = np.cumsum(work / work.sum())
    begins = np.concatenate(([0.0], ends[:-1]))
    found = []
    for at in range(specialists):
        low, high = at / specialists, (at + 1) / specialists
        own = np.flatnonzero((begins < high) & (ends > low)).tolist()
        neighbour = own[-1] + 1 if at % 2 == 0 else own[0] - 1
        found.append(sorted({*own, min(max(neighbour, 0), len(work) - 1)}))
    return found


def arrival_shape() -> Floats:
    """The share of each minute in a day's walk-in people: a hump before noon, a lower one after lunch."""
    minute = np.arange(CLOSE) + 0.5
    rate = 6.0 + 16.0 * np.exp(-(((minute - 133) / 62) ** 2)) + 12.0 * np.exp(-(((minute - 392) / 68) ** 2))
    rate *= np.minimum(1.0, (CLOSE + 30 - minute) / 90)  # few come just before closing
    return np.asarray(rate / rate.sum())


def made_day(made: Made, weekday: int, people: float, rng: np.random.Generator) -> Drawn:
    """One day with `people` expected on a usual weekday; appointments do not grow with the load."""
    booked = min(BOOKED * len(made.office["counters"]), 0.4 * people)
    level = WEEKDAYS[weekday] * max(0.5, rng.normal(1.0, DAY_SPREAD))
    walk_in = rng.poisson(max(people - booked, 0.0) * level)
    slots = rng.choice(SLOTS, rng.poisson(booked))
    minute = rng.choice(int(CLOSE), walk_in, p=arrival_shape()) + rng.random(walk_in)
    came = np.concatenate([minute, np.maximum(slots - rng.normal(EARLY, EARLY_SPREAD, len(slots)), 0.0)])
    due = np.concatenate([minute, np.maximum(slots, came[walk_in:])])
    services = len(made.share)
    service = np.concatenate(
        [rng.choice(services, walk_in, p=made.share), rng.choice(services, len(slots), p=made.appointment_share)]
    )
    cls = np.concatenate([(rng.random(walk_in) < PRIORITY).astype(int), np.full(len(slots), 2)])
    tickets = _fates(made, came, due, service, cls, rng)
    return {"weekday": weekday, "tickets": sorted(tickets, key=lambda ticket: ticket["arrive"])}


def _fates(
    made: Made, came: Floats, due: Floats, service: npt.NDArray[np.int64], cls: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> list[Drawn]:  # fmt: skip
    """What will happen to each ticket: lognormal minutes with the walk to the counter, no-shows, pauses."""
    count = len(came)
    mean = np.array([s["mean_minutes"] for s in made.office["services"]])[service]
    variance = np.log1p(np.array([s["cv"] for s in made.office["services"]])[service] ** 2)
    minutes = np.maximum(WALK + np.exp(rng.normal(np.log(mean) - variance / 2, np.sqrt(variance))), 1.0)
    no_show = rng.random(count) < NO_SHOW
    pause = np.where(rng.random(count) < PAUSE, rng.uniform(*PAUSES, count), 0.0)
    return [
        {
            "arrive": round(float(came[i]), 3), "due_from": round(float(due[i]), 3), "service": int(service[i]),
            "cls": int(cls[i]), "minutes": round(float(minutes[i]), 3), "no_show": bool(no_show[i]),
            "pause_after": round(float(pause[i]), 2),
        }
        for i in range(count)
    ]  # fmt: skip


def made_days(made: Made, people: float, days: int, seed: Sequence[int]) -> list[Drawn]:
    """Days from Monday on; each day has its own stream, so that more people change no other day."""
    return [made_day(made, at % 5, people, np.random.default_rng([*seed, at])) for at in range(days)]


def first_come(document: Drawn, load: str) -> float:
    """The mean wait of that load's days, first come, first served."""
    read: OfficeDays = parse_office_days(document)
    return float(play_policy("fcfs", read.office, read.at(load), Plan()).waits.mean())


def people_for(made: Made, wait: float, seed: Sequence[int]) -> float:
    """People a day that make first come, first served wait so long, halving the interval on days of their own."""
    work = float((made.share * np.array([s["mean_minutes"] for s in made.office["services"]])).sum())
    most = 2.0 * CLOSE * len(made.office["counters"]) / work
    low, high = 0.0, most
    for _ in range(ROUNDS):
        people = (low + high) / 2
        days = made_days(made, people, CALIBRATION_DAYS, [*seed, 1])
        reached = first_come({"office": made.office, "days": {"0": days}}, "0") if _anybody(days) else 0.0
        low, high = (people, high) if reached < wait else (low, people)
    return (low + high) / 2


def _anybody(days: Sequence[Drawn]) -> bool:
    return any(day["tickets"] for day in days)


def made_document(counters: int, services: int, days: int, seed: int) -> Drawn:
    """The whole file: the office and its days at the three loads."""
    made = made_office(counters, services, np.random.default_rng([seed, 0]))
    loads = {
        load: made_days(made, people_for(made, wait, [seed, at]), days, [seed, at, 2])
        for at, (load, wait) in enumerate(WAITS.items(), start=1)
    }
    return {"office": made.office, "days": loads}


def report(document: Drawn) -> str:
    """What was made, and how long people wait there."""
    office = document["office"]
    lines = [f"{len(office['counters'])} counters, {len(office['services'])} services"]
    for load, days in document["days"].items():
        people = sum(len(day["tickets"]) for day in days) / len(days)
        wait = first_come(document, load)
        lines.append(f"load {load}: {people:.0f} people a day, first come, first served {wait:.1f} minutes")
    return "\n".join(lines)


def main(argv: list[str]) -> int:
    """Makes the office and writes the file; 2 when an option is wrong or the file cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks office", description=__doc__)
    parser.add_argument("--counters", type=int, default=14)
    parser.add_argument("--services", type=int, default=10)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, required=True, help="packed when the name ends in .gz")
    chosen = parser.parse_args(argv)
    if min(chosen.counters, chosen.services, chosen.days) < 1:
        print("office: counters, services and days must be at least 1", file=sys.stderr)
        return 2
    document = made_document(chosen.counters, chosen.services, chosen.days, chosen.seed)
    text = json.dumps(document, separators=(",", ":")).encode()
    try:
        chosen.out.write_bytes(gzip.compress(text, mtime=0) if chosen.out.suffix == ".gz" else text)
    except OSError as error:
        print(f"office: {error}", file=sys.stderr)
        return 2
    print(report(document))
    return 0
