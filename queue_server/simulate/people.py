"""Who comes on a synthetic day and how the officers work, drawn from a seed. Pure.

All randomness lies in the people and the breaks, none in the office, so that the same seed gives the same day.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from queue_server.queue.config import ClassKind, OfficeConfig

HOUR = 3600.0
MINUTE = 60.0
DAY_LENGTH = 9.5 * HOUR  # 07:30–17:00
# Arrivals per half-hour, relative: a hump in the morning, a lower one after lunch (as the reference days have it).
PROFILE = (1.2, 1.6, 1.9, 1.9, 1.7, 1.4, 1.1, 0.7, 0.3, 0.2, 0.5, 1.2, 1.5, 1.4, 1.2, 0.9, 0.6, 0.3, 0.1)
NOISE = {False: (-0.18, 0.6), True: (-0.17, 0.4)}  # mean and spread of the logarithm, without and with a known matter
DOOR = 3 * MINUTE  # in which a crowd at the door has taken its numbers
LOAD = 0.66  # of the work that the counters can do; their skills overlap only in part


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One visitor: when they come (seconds after opening), what for, and what they will do."""

    at: float
    services: tuple[str, ...]
    procedure: str | None
    papers: int | None
    ready: bool | None
    class_id: str
    language: str
    minutes: float  # at the counter, seconds
    no_show: bool
    reports_back: bool
    leaves_after: float | None  # cancels after this wait, seconds
    postpones: bool
    held: bool  # must fill in a form in between
    transferred_to: str | None
    score: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One officer's day at one counter: opening, lunch and closing, seconds after the office opens."""

    counter: str
    officer: str
    opens: float
    lunch_at: float
    lunch: float
    closes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    seed: int
    people: tuple[Person, ...]
    shifts: tuple[Shift, ...]


def plan_day(config: OfficeConfig, seed: int, procedures: Mapping[str, Sequence[str]], load: float = LOAD) -> DayPlan:
    """A day of an office; `procedures`: service → procedures people come for."""
    random = Random(seed)  # noqa: S311  a synthetic day, nothing secret
    shifts = _shifts(config, random)
    return DayPlan(seed=seed, people=_people(config, random, shifts, procedures, load), shifts=shifts)


def at_the_door(plan: DayPlan) -> int:
    """How many of a crowded day stand at the door when it opens."""
    return sum(person.at < DOOR for person in plan.people)


def crowded(plan: DayPlan) -> DayPlan:
    """The same day, but whoever would come in the first hour stands at the door already, as after a holiday."""
    people = [replace(person, at=person.at * DOOR / HOUR if person.at < HOUR else person.at) for person in plan.people]
    return replace(plan, people=tuple(people))


def _shifts(config: OfficeConfig, random: Random) -> tuple[Shift, ...]:
    made = []
    for place, counter in enumerate(config.counters.values()):
        lunch_at = (4.0 + 0.75 * (place % 2)) * HOUR + random.uniform(-5, 5) * MINUTE
        late = random.choice((0.0, 0.0, 0.0, 10 * MINUTE))
        made.append(
            Shift(
                counter=counter.id,
                officer=f"officer-{counter.label}",
                opens=late,
                lunch_at=lunch_at,
                lunch=45 * MINUTE,
                closes=DAY_LENGTH,
            )
        )
    return tuple(made)


def _people(
    config: OfficeConfig,
    random: Random,
    shifts: Sequence[Shift],
    procedures: Mapping[str, Sequence[str]],
    load: float,
) -> tuple[Person, ...]:
    services = {s.id: s for s in config.services.values() if s.walk_in}
    # A counter's time is shared out evenly among its services: an office is staffed for what people come for.
    reach = {s: sum(1 / len(c.services) for c in config.counters.values() if s in c.services) for s in services}
    weights = {s: reach[s] / services[s].typical for s in services if reach[s]}
    total = sum(weights.values())
    mean = sum(weights[s] / total * services[s].typical for s in weights)
    capacity = sum(s.closes - s.opens - s.lunch for s in shifts)
    expected = load * capacity / (mean + 1.2 * MINUTE)
    half = DAY_LENGTH / len(PROFILE)
    found = []
    for slot, weight in enumerate(PROFILE):
        for _ in range(_poisson(random, expected * weight / sum(PROFILE))):
            at = (slot + random.random()) * half
            found.append(_person(config, random, at, list(weights), list(weights.values()), procedures))
    return tuple(sorted(found, key=lambda person: person.at))


def _person(
    config: OfficeConfig,
    random: Random,
    at: float,
    services: Sequence[str],
    weights: Sequence[float],
    procedures: Mapping[str, Sequence[str]],
) -> Person:
    service = random.choices(services, weights)[0]
    more = random.choices(services, weights)[0] if random.random() < 0.05 else service
    wanted = (service,) if more == service else (service, more)
    typical = config.services[service].typical
    favoured = [c.id for c in config.classes.values() if c.kind is ClassKind.PRIORITY]
    priority = bool(favoured) and random.random() < 0.12
    known = procedures.get(service, ())
    procedure = random.choice(known) if known else None
    own = Random(repr(at))  # noqa: S311  of the matter alone, so that nothing else of the day depends on it
    papers, ready = (own.randint(1, 9), own.random() < 0.7) if procedure else (None, None)
    return Person(
        at=at,
        services=wanted,
        procedure=procedure,
        papers=papers,
        ready=ready,
        class_id=random.choice(favoured) if priority else config.default_class,
        language="en" if random.random() < 0.02 else "vi",
        minutes=max(30.0, typical * weight(procedure, papers, ready) * math.exp(random.gauss(*NOISE[bool(procedure)]))),
        no_show=random.random() < 0.05,
        reports_back=random.random() < 0.4,
        leaves_after=random.uniform(25, 60) * MINUTE if random.random() < 0.04 else None,
        postpones=random.random() < 0.01,
        held=random.random() < 0.03,
        transferred_to=random.choice(services) if random.random() < 0.02 else None,
        score=random.choices((1, 2, 3, 4), (2, 5, 25, 68))[0] if random.random() < 0.3 else None,
    )


def weight(procedure: str | None, papers: int | None, ready: bool | None) -> float:
    """How long a matter takes against the usual one of its service: by procedure, papers and whether they are there."""
    if procedure is None:
        return 1.0
    of_kind = math.exp(Random(procedure).uniform(-0.6, 0.6))  # noqa: S311  the same for everybody
    return of_kind * math.pow((papers or 4) / 4, 0.4) * (1.3 if ready is False else 1.0)


def _poisson(random: Random, mean: float) -> int:
    """Knuth's product of uniforms; means here are below 60."""
    limit, count, product = math.exp(-mean), 0, random.random()
    while product > limit:
        count += 1
        product *= random.random()
    return count
