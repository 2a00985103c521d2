"""Reads the office-days format: one office and many of its days, every ticket with its own fate. Pure.

Minutes after 08:00 throughout. A ticket carries what will happen to it (service minutes, no-show, the pause
after it), so that every policy meets exactly the same day.
"""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from typing import Any

ORDINARY, FAVOURED = "walk_in", ("priority", "appointment")  # the names of classes that mean something


class OfficeDaysError(ValueError):
    """The file is not an office-days file; the message names the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """What is known of a service beforehand: mean minutes at a counter of speed 1, coefficient of variation."""

    mean_minutes: float
    cv: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterFacts:
    """One counter: services it may serve, its pace (1.1 = ten per cent slower) and its lunch; 0 minutes is none."""

    skills: tuple[int, ...]
    speed: float
    lunch_at: float
    lunch_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFacts:
    """The office that all days of a file share. The first class is the ordinary one, the others are favoured."""

    services: tuple[ServiceFacts, ...]
    counters: tuple[CounterFacts, ...]
    classes: tuple[str, ...]
    no_show_minutes: float
    close_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTicket:
    """One ticket and its fate. `due_from` is when its wait begins to count.

    `procedure` and `papers` are what the kiosk knew, where a file carries them; `predicted` is the forecast of the
    service minutes made from them.
    """

    arrive: float
    due_from: float
    service: int
    cls: int
    minutes: float
    no_show: bool
    pause_after: float
    procedure: int | None = None
    papers: int | None = None
    predicted: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Tickets of one day in order of arrival."""

    weekday: int
    tickets: tuple[DayTicket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeDays:
    """An office and its days by load ("0.9", "1.0", …)."""

    office: OfficeFacts
    days: dict[str, tuple[Day, ...]]

    def at(self, load: str) -> tuple[Day, ...]:
        """Days of one load; raises OfficeDaysError naming the loads that exist, and where nobody came."""
        for name, days in self.days.items():
            if name == load or _same_number(name, load):
                if not any(day.tickets for day in days):
                    raise OfficeDaysError(f"nobody came on any day at load {name}")
                return days
        raise OfficeDaysError(f"no days at load {load}: the file has {', '.join(sorted(self.days))}")


def read_office_days(path: Path) -> OfficeDays:
    """Reads a `.json` or `.json.gz` file of office days; raises OfficeDaysError when it is none."""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return parse_office_days(json.loads(raw))
    except (OSError, EOFError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise OfficeDaysError(f"{path}: {error}") from error


def parse_office_days(document: Any) -> OfficeDays:
    """Checks a decoded document and gives it types."""
    try:
        office, classes = _office(document["office"])
        days = {
            str(load): tuple(_day(day, office, classes) for day in listed) for load, listed in document["days"].items()
        }
    except OfficeDaysError:
        raise
    except KeyError as error:
        raise OfficeDaysError(f"not an office-days document: it has no {error}") from error
    except (TypeError, AttributeError, ValueError, OverflowError) as error:
        raise OfficeDaysError(f"not an office-days document: {error}") from error
    if not days:
        raise OfficeDaysError("the file holds no days")
    return OfficeDays(office=office, days=days)


def ordered_classes(names: Sequence[str]) -> tuple[str, ...]:
    """The ordinary class first, whatever a file's order; of names that all mean nothing to us the first is ordinary."""
    known = (ORDINARY, *FAVOURED)
    if not set(known) & set(names):
        return tuple(names)
    return (ORDINARY, *(n for n in FAVOURED if n in names), *(n for n in names if n not in known))


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _number(raw: dict[str, Any], name: str, *, least: float = -inf) -> float:
    """A field that must be a finite number, of at least `least`."""
    value = float(raw[name])
    if not isfinite(value):
        raise OfficeDaysError(f"{name} is {value}")
    if value < least:
        raise OfficeDaysError(f"{name} is {value:g}, less than {least:g}")
    return value


def _office(raw: dict[str, Any]) -> tuple[OfficeFacts, tuple[str, ...]]:
    """The office, and its classes in the file's own order."""
    services = tuple(
        ServiceFacts(mean_minutes=_number(s, "mean_minutes"), cv=_number(s, "cv", least=0)) for s in raw["services"]
    )
    counters = tuple(_counter(c) for c in raw["counters"])
    names = tuple(str(name) for name in raw["classes"])
    if any(s.mean_minutes <= 0 for s in services):
        raise OfficeDaysError("a service has mean_minutes ≤ 0")
    if any(not 0 <= skill < len(services) for c in counters for skill in c.skills):
        raise OfficeDaysError("a counter has a skill that is no service")
    if not names or len(set(names)) < len(names):
        raise OfficeDaysError(f"classes must be some, each named once: {', '.join(names) or 'none'}")
    facts = OfficeFacts(
        services=services,
        counters=counters,
        classes=ordered_classes(names),
        no_show_minutes=_number(raw, "no_show_minutes", least=0),
        close_at=_number(raw, "close_at"),
    )
    return facts, names


def _counter(raw: dict[str, Any]) -> CounterFacts:
    """A counter; one without a lunch has one of no minutes."""
    lunch = raw.get("lunch_at") is not None and raw.get("lunch_minutes") is not None
    if (speed := _number(raw, "speed")) <= 0:
        raise OfficeDaysError(f"a counter has speed {speed:g}; it must be above 0")
    return CounterFacts(
        skills=tuple(sorted({int(skill) for skill in raw["skills"]})),
        speed=speed,
        lunch_at=_number(raw, "lunch_at") if lunch else 0.0,
        lunch_minutes=_number(raw, "lunch_minutes", least=0) if lunch else 0.0,
    )


def _day(raw: dict[str, Any], office: OfficeFacts, classes: Sequence[str]) -> Day:
    tickets = sorted((_ticket(t, office, classes) for t in raw["tickets"]), key=lambda t: t.arrive)
    served = {skill for counter in office.counters for skill in counter.skills}
    for ticket in tickets:
        if ticket.service not in served:
            raise OfficeDaysError(f"a ticket wants service {ticket.service}, which no counter serves")
    return Day(weekday=int(raw.get("weekday", 0)), tickets=tuple(tickets))


def _ticket(raw: dict[str, Any], office: OfficeFacts, classes: Sequence[str]) -> DayTicket:
    procedure, papers, predicted = raw.get("procedure"), raw.get("papers"), raw.get("predicted")
    if not 0 <= (cls := int(raw["cls"])) < len(classes):
        raise OfficeDaysError(f"a ticket is of class {cls}, which the office does not have")
    return DayTicket(
        arrive=_number(raw, "arrive"),
        due_from=_number(raw, "due_from"),
        service=int(raw["service"]),
        cls=office.classes.index(classes[cls]),
        minutes=_number(raw, "minutes", least=0),
        no_show=bool(raw["no_show"]),
        pause_after=_number(raw, "pause_after", least=0),
        procedure=None if procedure is None else int(procedure),
        papers=None if papers is None else int(papers),
        predicted=None if predicted is None else _number(raw, "predicted", least=0),
    )
