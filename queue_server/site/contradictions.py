"""What a well-formed site file may still have wrong: references, doubles and rules that contradict. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from queue_server.catalogue.checklist import DATABASES
from queue_server.catalogue.model import Catalogues
from queue_server.catalogue.yamlfile import Place
from queue_server.queue.config import ClassKind, OfficeConfig
from queue_server.queue.opening import Opening
from queue_server.queue.policy_checks import wrong_policy
from queue_server.site import schema

Problem = tuple[Place, str]


def contradictions(file: schema.SiteFile) -> Iterator[Problem]:
    """Every contradiction inside the file."""
    yield from _doubles(file)
    yield from _references(file)
    yield from _services(file)
    yield from _schedules(file)
    yield from _classes(file)
    yield from _targets(file)
    yield from _boards(file)


def _doubles(file: schema.SiteFile) -> Iterator[Problem]:
    sections: dict[str, list[str]] = {
        "zones": [entry.id for entry in file.zones],
        "schedules": [entry.id for entry in file.schedules],
        "services": [entry.id for entry in file.services],
        "counters": [entry.id for entry in file.counters],
        "classes": [entry.id for entry in file.classes],
        "kiosks": [entry.id for entry in file.kiosks],
        "boards": [entry.id for entry in file.boards],
        "officers": [entry.id for entry in file.officers],
    }
    for section, ids in sections.items():
        for position, name in _repeated(ids):
            yield (section, position, "id"), f"{section} › {name}: this id is used twice; rename one"
    for position, label in _repeated([entry.label for entry in file.counters]):
        name = file.counters[position].id
        yield (
            ("counters", position, "label"),
            f"counters › {name}: label {label!r} is on two counters; give each its own",
        )
    for position, prefix in _repeated([entry.prefix for entry in file.services]):
        first = next(entry.id for entry in file.services if entry.prefix == prefix)
        name = file.services[position].id
        message = f"services › {name}: prefix {prefix} is already used by {first}; choose another letter"
        yield ("services", position, "prefix"), message
    for position, topic in _repeated([entry.topic for entry in file.buttons]):
        yield ("buttons", position, "topic"), f"buttons › {topic}: this button is named twice; leave one out"
    for position, target in _repeated([row.id for row in file.targets.rows]):
        yield ("targets", "rows", position, "id"), f"targets › rows › {target}: this id is used twice; rename one"


def _repeated(values: Iterable[str]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for position, value in enumerate(values):
        if value in seen:
            yield position, value
        seen.add(value)


def _references(file: schema.SiteFile) -> Iterator[Problem]:
    zones = {entry.id for entry in file.zones}
    services = {entry.id for entry in file.services}
    counters = {entry.id for entry in file.counters}
    schedules = {entry.id for entry in file.schedules}
    entries: list[tuple[str, int, str, str, Iterable[str], set[str]]] = []
    for number, service in enumerate(file.services):
        entries.append(("services", number, service.id, "zone", [service.zone], zones))
        entries.append(("services", number, service.id, "hours", [service.hours] if service.hours else [], schedules))
    for number, counter in enumerate(file.counters):
        entries.append(("counters", number, counter.id, "zone", [counter.zone], zones))
        entries.append(("counters", number, counter.id, "services", counter.services, services))
        entries.append(("counters", number, counter.id, "hours", [counter.hours] if counter.hours else [], schedules))
    for number, kiosk in enumerate(file.kiosks):
        entries.append(("kiosks", number, kiosk.id, "zone", [kiosk.zone], zones))
        entries.append(("kiosks", number, kiosk.id, "services", kiosk.services, services))
    for number, board in enumerate(file.boards):
        entries.append(("boards", number, board.id, "zone", [board.zone], zones))
    for number, officer in enumerate(file.officers):
        entries.append(("officers", number, officer.id, "counters", officer.counters, counters))
    for number, button in enumerate(file.buttons):
        entries.append(("buttons", number, button.topic, "counter", [button.counter], counters))
    for section, number, name, key, wanted, known in entries:
        for value in wanted:
            if value not in known:
                cure = f"use one of {', '.join(sorted(known)) or '(none defined)'}"
                yield (section, number, key), f"{section} › {name} › {key}: {value!r} is not defined; {cure}"
    for name in file.connected_data:
        if name not in DATABASES:
            cure = f"use one of {', '.join(sorted(DATABASES))}"
            yield ("connected_data",), f"connected_data: {name!r} is not a known data base; {cure}"
    if file.hours not in schedules:
        yield ("hours",), f"hours: schedule {file.hours!r} is not defined; use one of {', '.join(sorted(schedules))}"


def _services(file: schema.SiteFile) -> Iterator[Problem]:
    served = {name for counter in file.counters for name in counter.services}
    for number, service in enumerate(file.services):
        if service.id not in served:
            message = f"services › {service.id}: no counter serves it; add it to the `services` of a counter"
            yield ("services", number), message
    yield from _claimed_twice(file, "fields")
    yield from _claimed_twice(file, "procedures")


def _claimed_twice(file: schema.SiteFile, key: str) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for number, service in enumerate(file.services):
        for name in getattr(service, key):
            owner = owners.setdefault(name, service.id)
            if owner != service.id:
                cure = (
                    "leave the field with one and name single `procedures` at the other"
                    if key == "fields"
                    else "keep one"
                )
                message = f"services › {service.id} › {key}: {name} already belongs to {owner}; {cure}"
                yield ("services", number, key), message


def _schedules(file: schema.SiteFile) -> Iterator[Problem]:
    for number, schedule in enumerate(file.schedules):
        here = f"schedules › {schedule.id}"
        if schedule.always == (schedule.week is not None):
            yield ("schedules", number), f"{here}: give either `always: true` or a `week`, exactly one of them"
        if schedule.week:
            for day in schema.WEEKDAYS:
                if _overlap(getattr(schedule.week, day)):
                    yield (
                        ("schedules", number, "week", day),
                        f"{here} › week › {day}: two times overlap; join or shorten one",
                    )
            if not any(getattr(schedule.week, day) for day in schema.WEEKDAYS):
                yield ("schedules", number, "week"), f"{here} › week: never open; give at least one day hours"
        seen = set()
        for position, special in enumerate(schedule.exceptions):
            place: Place = ("schedules", number, "exceptions", position)
            if special.day in seen:
                yield place, f"{here} › exceptions: {special.day} is there twice; keep one"
            if _overlap(special.open):
                yield (*place, "open"), f"{here} › exceptions › {special.day}: two times overlap; join or shorten one"
            seen.add(special.day)


def _overlap(spans: list[str]) -> bool:
    ordered = sorted(schema.span_minutes(span) for span in spans)
    return any(later[0] < earlier[1] for earlier, later in pairwise(ordered))


def _classes(file: schema.SiteFile) -> Iterator[Problem]:
    kinds = {entry.id: entry.kind for entry in file.classes}
    if file.default_class not in kinds:
        cure = f"use one of {', '.join(sorted(kinds))}"
        yield ("default_class",), f"default_class: {file.default_class!r} is not defined under `classes`; {cure}"
    elif kinds[file.default_class] is not ClassKind.ORDINARY:
        yield (
            ("default_class",),
            f"default_class: {file.default_class} must be of kind ordinary; choose another or change its kind",
        )
    for number, entry in enumerate(file.classes):
        if entry.ceiling_minutes is not None and entry.ceiling_minutes < entry.target_minutes:
            message = (
                f"classes › {entry.id}: the ceiling ({entry.ceiling_minutes:g} min) is below the target"
                f" ({entry.target_minutes:g} min); raise the ceiling or lower the target"
            )
            yield ("classes", number, "ceiling_minutes"), message
        if (entry.age is not None) != ("{age}" in entry.name.vi):
            message = (
                f"classes › {entry.id}: `age` and the text {{age}} in its name belong together; give both or neither"
            )
            yield ("classes", number), message


def _targets(file: schema.SiteFile) -> Iterator[Problem]:
    rows = {row.id: row for row in file.targets.rows}
    live = rows.get(file.targets.live)
    if live is None:
        yield ("targets", "live"), f"targets › live: {file.targets.live!r} is no row; use one of {', '.join(rows)}"
    elif not live.chosen or live.measure is schema.Measure.COUNTER_TIME or live.direction != "max":
        yield ("targets", "live"), f"targets › live: {live.id} must be a chosen waiting-time row with direction max"
    groups: defaultdict[tuple[int, schema.Measure], list[schema.TargetFile]] = defaultdict(list)
    for row in file.targets.rows:
        groups[row.year, row.measure].append(row)
    for (year, measure), group in groups.items():
        if sum(row.chosen for row in group) != 1:
            names = ", ".join(row.id for row in group)
            message = f"targets › rows: of {names} ({year}, {measure}) exactly one must be `chosen: true`"
            yield ("targets", "rows", file.targets.rows.index(group[-1])), message


def _boards(file: schema.SiteFile) -> Iterator[Problem]:
    speaking: dict[str, str] = {}
    for number, board in enumerate(file.boards):
        if not board.speaks:
            continue
        other = speaking.setdefault(board.zone, board.id)
        if other != board.id:
            message = (
                f"boards › {board.id}: {other} already speaks in zone {board.zone}; calls would overlap, silence one"
            )
            yield ("boards", number, "speaks"), message


def against_catalogues(file: schema.SiteFile, catalogues: Catalogues) -> Iterator[Problem]:
    """Every contradiction between the file and the catalogues, and every procedure left without a service (R-22)."""
    fields = {name for version in catalogues.versions for name in version.fields}
    procedures = {name: entry for version in catalogues.versions for name, entry in version.procedures.items()}
    counter_services = {name for version in catalogues.versions for name in version.counter_services}
    claimed: set[str] = set()
    for number, service in enumerate(file.services):
        checks = (("fields", service.fields, fields), ("procedures", service.procedures, set(procedures)))
        for key, wanted, known in checks:
            for name in wanted:
                if name not in known:
                    yield (
                        ("services", number, key),
                        f"services › {service.id} › {key}: {name!r} is not in the catalogue",
                    )
        if service.counter_service and service.counter_service not in counter_services:
            message = f"services › {service.id} › counter_service: {service.counter_service!r} is not in the catalogue"
            yield ("services", number, "counter_service"), message
        claimed.update(service.procedures)
    mapped_fields = {name for service in file.services for name in service.fields}
    for name in file.without_service:
        if name not in procedures:
            yield ("without_service", name), f"without_service › {name}: is not in the catalogue; remove it"
        if name in claimed:
            yield ("without_service", name), f"without_service › {name}: a service names it too; keep one of the two"
    for name, entry in procedures.items():
        if entry.field not in mapped_fields and name not in claimed and name not in file.without_service:
            message = (
                f"procedure {name} ({entry.code}) has no service; add field {entry.field} to a service,"
                " or state the reason under `without_service`"
            )
            yield ("services",), message


def against_policy(office: OfficeConfig, opening: Opening, file: schema.SiteFile) -> Iterator[Problem]:
    """Every contradiction between the rules of calling, the office and its hours (`queue.policy_checks`)."""
    numbers = {entry.id: number for number, entry in enumerate(file.classes)}
    for place, _, text in wrong_policy(office, office.policy, opening):
        if place[0] == "classes":
            where: Place = ("classes", numbers[place[1]])
        elif place[0] == "reservations" and len(place) > 1:
            where = ("policy", "reservations", int(place[1]))
        else:
            where = ("policy", *place)
        words = [str(int(part) + 1) if part.isdigit() and place[0] == "reservations" else part for part in place]
        yield where, " › ".join(words if place[0] == "classes" else ["policy", *words]) + f": {text}"
