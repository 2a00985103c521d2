"""Loads a site file: one clear error with all problems and their places, or a `Site` ready for use."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from queue_server.catalogue.everyday import Everyday, load_everyday
from queue_server.catalogue.loader import STARTER, CatalogueError, load_catalogues
from queue_server.catalogue.model import Catalogues
from queue_server.catalogue.yamlfile import LineFinder, Place, YamlError, parse_yaml, schema_problems
from queue_server.messaging.foreign_buttons import ForeignButton
from queue_server.queue.config import MINUTE, Counter, OfficeConfig, Policy, PriorityClass, Reservation, Rules, Service
from queue_server.site import schema
from queue_server.site.contradictions import against_catalogues, against_policy, contradictions
from queue_server.site.hours import DAY_MINUTES, Exceptional, Schedule, Span, merged
from queue_server.site.model import Board, Kiosk, Officer, Site, Target

EXAMPLE = Path(__file__).parent / "example.yaml"


class SiteError(Exception):
    """A site file that cannot be used; `problems` lists everything that is wrong, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_site(path: Path | None = None, catalogues: Catalogues | None = None) -> Site:
    """The office of a site file; the example office when no path is given.

    `catalogues` overrides the catalogue files that the site file names. Raises `SiteError` with all problems.
    """
    path = path or EXAMPLE
    try:
        text = path.read_bytes()
        data = parse_yaml(text)
    except OSError as error:
        raise SiteError([f"{path}: cannot be read: {error.strerror}"]) from error
    except YamlError as error:
        raise SiteError([f"{path}: {error}"]) from error
    return parse_site(data, text, path, catalogues)


def files_of(path: Path | None) -> tuple[Path, ...]:
    """The site file and the files that it names, to be kept with the office; nothing for the example office.

    Raises `SiteError`, `OSError`.
    """
    if path is None:
        return ()
    try:
        file = schema.SiteFile.model_validate(parse_yaml(path.read_bytes()))
    except (YamlError, ValidationError) as error:
        raise SiteError([f"{path}: {error}"]) from error
    named = [_catalogue_path(name, path) for name in file.catalogues]
    named += [path.parent / file.everyday] if file.everyday else []
    return (path, *(catalogue for catalogue in named if catalogue != STARTER))


def parse_site(data: Any, text: bytes | str, path: Path, catalogues: Catalogues | None = None) -> Site:
    """The office of parsed YAML `data`; `text` tells lines of problems, `path` where catalogue files lie."""
    lines = LineFinder(text)
    problems = [f"{path}:{line}: {key[-1]}: this key is written twice; keep one" for key, line in lines.doubled_keys()]
    try:
        file = schema.SiteFile.model_validate(data)
    except ValidationError as error:
        raise SiteError(problems + _located(schema_problems(error, data), lines, path)) from error
    try:
        known = catalogues or load_catalogues(_catalogue_path(name, path) for name in file.catalogues)
        everyday = load_everyday(path.parent / file.everyday if file.everyday else None)
    except CatalogueError as error:
        raise SiteError(problems + error.problems) from error
    problems += _located(contradictions(file), lines, path)
    problems += _located(against_catalogues(file, known), lines, path)
    if problems:
        raise SiteError(problems)
    site = _site(file, known, everyday)
    problems = _located(against_policy(site.office, site.opening, file), lines, path)
    if problems:
        raise SiteError(problems)
    return site


def _located(problems: Iterable[tuple[Place, str]], lines: LineFinder, path: Path) -> list[str]:
    located = []
    for place, message in problems:
        line = lines.line(place)
        located.append(f"{path}:{line}: {message}" if line else f"{path}: {message}")
    return located


def _catalogue_path(name: str, site_path: Path) -> Path:
    return STARTER if name == "starter" else site_path.parent / name


def _site(file: schema.SiteFile, catalogues: Catalogues, everyday: Everyday) -> Site:
    schedules = {entry.id: _schedule(entry, file.timezone) for entry in file.schedules}
    targets = tuple(Target(**row.model_dump()) for row in file.targets.rows)
    live = next(row for row in targets if row.id == file.targets.live)
    return Site(
        id=file.site,
        example=file.example,
        name=file.name.model_dump(),
        unit_type=file.unit_type,
        address=file.address.model_dump(),
        timezone=file.timezone,
        public_url=file.public_url.rstrip("/") if file.public_url else None,
        phone_channel=file.phone_channel,
        phone_numbers_per_address=file.phone_numbers_per_address,
        office=_office(file, live.minutes * MINUTE),
        hours=schedules[file.hours],
        service_hours={entry.id: _service_hours(entry, file, schedules) for entry in file.services},
        counter_hours={entry.id: _counter_hours(entry, file, schedules) for entry in file.counters},
        targets=targets,
        live_target=live,
        kiosks={entry.id: _kiosk(entry) for entry in file.kiosks},
        boards={entry.id: _board(entry) for entry in file.boards},
        officers={e.id: Officer(id=e.id, name=e.name, counters=tuple(e.counters)) for e in file.officers},
        buttons=tuple(ForeignButton(topic=b.topic, counter=b.counter, gestures=b.gestures) for b in file.buttons),
        counter_services={entry.id: entry.counter_service for entry in file.services if entry.counter_service},
        catalogues=catalogues,
        everyday=everyday,
        connected_data=frozenset(file.connected_data),
        by_field={name: entry.id for entry in file.services for name in entry.fields},
        by_procedure={name: entry.id for entry in file.services for name in entry.procedures},
        without_service=dict(file.without_service),
        fitted_nightly=file.policy.fitted == "nightly",
    )


def _office(file: schema.SiteFile, target: float) -> OfficeConfig:
    return OfficeConfig(
        site=file.site,
        name=file.name.model_dump(),
        services={entry.id: _service(entry, file.phone_channel) for entry in file.services},
        counters={entry.id: _counter(entry) for entry in file.counters},
        classes={entry.id: _class(entry) for entry in file.classes},
        zones={entry.id: entry.name.model_dump() for entry in file.zones},
        kiosks=tuple(entry.id for entry in file.kiosks),
        policy=_policy(file.policy),
        rules=_rules(file.rules),
        target=target,
        default_class=file.default_class,
        timezone=file.timezone,
    )


def _service(entry: schema.ServiceFile, phone_channel: bool) -> Service:
    return Service(
        id=entry.id,
        name=entry.name.model_dump(),
        prefix=entry.prefix,
        typical=entry.minutes * MINUTE,
        zone=entry.zone,
        walk_in=entry.walk_in,
        phone=entry.phone and phone_channel,
    )


def _counter(entry: schema.CounterFile) -> Counter:
    name = entry.name.model_dump() if entry.name else {"vi": f"Quầy {entry.label}", "en": f"Counter {entry.label}"}
    return Counter(id=entry.id, label=entry.label, services=tuple(entry.services), zone=entry.zone, name=name)


def _class(entry: schema.PriorityClassFile) -> PriorityClass:
    age = "" if entry.age is None else str(entry.age)
    return PriorityClass(
        id=entry.id,
        kind=entry.kind,
        name={language: text.replace("{age}", age) for language, text in entry.name.model_dump().items()},
        target=entry.target_minutes * MINUTE,
        ceiling=None if entry.ceiling_minutes is None else entry.ceiling_minutes * MINUTE,
        weight=entry.weight,
        self_declared=entry.self_declared,
    )


def _policy(entry: schema.PolicyFile) -> Policy:
    return Policy(
        name=entry.name,
        ordinary_per_priority=entry.ordinary_per_priority,
        ceiling_multiple=entry.ceiling_multiple,
        options=dict(entry.options),
        reservations=tuple(_reservation(one) for one in entry.reservations),
        own_first=entry.own_first,
        least_flexible_first=entry.least_flexible_first,
        grace=entry.grace_seconds,
    )


def _reservation(entry: schema.ReservationFile) -> Reservation:
    begins, ends = schema.span_minutes(entry.hours)
    return Reservation(
        kind=entry.kind,
        counters=tuple(entry.counters),
        services=tuple(entry.services),
        classes=tuple(entry.classes),
        begins=begins,
        ends=ends,
        days=tuple(sorted(schema.WEEKDAYS.index(day) for day in set(entry.days))),
    )


def _rules(entry: schema.RulesFile) -> Rules:
    return Rules(
        recall_limit=entry.recall_limit,
        recall_gap=entry.recall_gap_seconds,
        no_show_after=entry.no_show_after_seconds,
        reinstate_within=entry.reinstate_within_minutes * MINUTE,
        reinstate_after=entry.reinstate_after,
        postpone_limit=entry.postpone_limit,
        postpone_max=entry.postpone_max_minutes * MINUTE,
        appointment_early=entry.appointment_early_minutes * MINUTE,
        appointment_late=entry.appointment_late_minutes * MINUTE,
        lease_size=entry.lease_size,
    )


def _schedule(entry: schema.ScheduleFile, timezone: str) -> Schedule:
    week = entry.week
    days: list[tuple[Span, ...]]
    if week is None:
        days = [((0, DAY_MINUTES),)] * 7
    else:
        days = [tuple(sorted(map(schema.span_minutes, getattr(week, day)))) for day in schema.WEEKDAYS]
    exceptions = {
        special.day: Exceptional(
            day=special.day,
            spans=tuple(sorted(map(schema.span_minutes, special.open))),
            note=special.note.model_dump() if special.note else {},
        )
        for special in entry.exceptions
    }
    return Schedule(
        id=entry.id, name=entry.name.model_dump(), week=tuple(days), exceptions=exceptions, timezone=timezone
    )


def _counter_hours(entry: schema.CounterFile, file: schema.SiteFile, schedules: dict[str, Schedule]) -> Schedule:
    """A counter without own hours is there whenever one of its services is offered."""
    if entry.hours:
        return schedules[entry.hours]
    own = {service.id: service.hours or file.hours for service in file.services}
    wanted = dict.fromkeys(own[name] for name in entry.services)
    return merged((schedules[name] for name in wanted), name=f"counter:{entry.id}")


def _service_hours(entry: schema.ServiceFile, file: schema.SiteFile, schedules: dict[str, Schedule]) -> Schedule:
    """A service keeps its own hours; without them those of the counters that serve it."""
    if entry.hours:
        return schedules[entry.hours]
    counters = [counter for counter in file.counters if entry.id in counter.services]
    wanted = dict.fromkeys(counter.hours or file.hours for counter in counters)
    return merged((schedules[name] for name in wanted), name=f"service:{entry.id}")


def _kiosk(entry: schema.KioskFile) -> Kiosk:
    return Kiosk(
        id=entry.id,
        zone=entry.zone,
        name=entry.name.model_dump() if entry.name else {"vi": f"Ki-ốt {entry.id}", "en": f"Kiosk {entry.id}"},
        languages=tuple(entry.languages),
        orientation=entry.orientation,
        services=tuple(entry.services),
        printer=entry.printer,
    )


def _board(entry: schema.BoardFile) -> Board:
    return Board(
        id=entry.id,
        zone=entry.zone,
        name=entry.name.model_dump() if entry.name else {"vi": f"Bảng {entry.id}", "en": f"Board {entry.id}"},
        speaks=entry.speaks,
        languages=tuple(entry.languages),
    )
