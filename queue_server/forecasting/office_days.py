"""Reads the office-days format: one office and many of its days, every ticket with its own fate. Pure.

Minutes after 08:00 throughout. A ticket carries what will happen to it (service minutes, no-show, the pause
after it), so that every policy meets exactly the same day.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class OfficeDaysError(ValueError):
    """The file is not an office-days file; the message names the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """What is known of a service beforehand: mean minutes at a counter of speed 1, coefficient of variation."""

    mean_minutes: float
    cv: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterFacts:
    """One counter: services it may serve, its pace (1.1 = ten per cent slower) and its lunch."""

    skills: tuple[int, ...]
    speed: float
    lunch_at: float
    lunch_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFacts:
    """The office that all days of a file share."""

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
            if name == load or float(name) == float(load):
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
        office = _office(document["office"])
        days = {str(load): tuple(_day(day, office) for day in listed) for load, listed in document["days"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise OfficeDaysError(f"not an office-days document: {error!r}") from error
    if not days:
        raise OfficeDaysError("the file holds no days")
    return OfficeDays(office=office, days=days)


def _office(raw: dict[str, Any]) -> OfficeFacts:
    services = tuple(ServiceFacts(mean_minutes=float(s["mean_minutes"]), cv=float(s["cv"])) for s in raw["services"])
    counters = tuple(
        CounterFacts(
            skills=tuple(sorted(int(skill) for skill in c["skills"])),
            speed=float(c["speed"]),
            lunch_at=float(c["lunch_at"]),
            lunch_minutes=float(c["lunch_minutes"]),
        )
        for c in raw["counters"]
    )
    if any(s.mean_minutes <= 0 for s in services):
        raise OfficeDaysError("a service has mean_minutes ≤ 0")
    if any(not 0 <= skill < len(services) for c in counters for skill in c.skills):
        raise OfficeDaysError("a counter has a skill that is no service")
    return OfficeFacts(
        services=services,
        counters=counters,
        classes=tuple(str(name) for name in raw["classes"]),
        no_show_minutes=float(raw["no_show_minutes"]),
        close_at=float(raw["close_at"]),
    )


def _day(raw: dict[str, Any], office: OfficeFacts) -> Day:
    tickets = sorted((_ticket(t) for t in raw["tickets"]), key=lambda t: t.arrive)
    served = {skill for counter in office.counters for skill in counter.skills}
    for ticket in tickets:
        if ticket.service not in served:
            raise OfficeDaysError(f"a ticket wants service {ticket.service}, which no counter serves")
        if not 0 <= ticket.cls < len(office.classes):
            raise OfficeDaysError(f"a ticket is of class {ticket.cls}, which the office does not have")
    return Day(weekday=int(raw.get("weekday", 0)), tickets=tuple(tickets))


def _ticket(raw: dict[str, Any]) -> DayTicket:
    procedure, papers, predicted = raw.get("procedure"), raw.get("papers"), raw.get("predicted")
    return DayTicket(
        arrive=float(raw["arrive"]),
        due_from=float(raw["due_from"]),
        service=int(raw["service"]),
        cls=int(raw["cls"]),
        minutes=float(raw["minutes"]),
        no_show=bool(raw["no_show"]),
        pause_after=float(raw["pause_after"]),
        procedure=None if procedure is None else int(procedure),
        papers=None if papers is None else int(papers),
        predicted=None if predicted is None else float(predicted),
    )
