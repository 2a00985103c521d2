"""From the server's JSON to what the kiosk knows. Pure."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.lease import ZONE
from kiosk.world import Field, Office, Paper, PriorityClass, Procedure, Question, Service, Told, Words, World


class CatalogueError(ValueError):
    """The JSON is not what the kiosk can use; what it had before stays."""


def read_catalogue(data: Any) -> tuple[tuple[Field, ...], dict[str, Procedure]]:
    """The fields and procedures of `GET /catalogue`."""
    try:
        fields = tuple(Field(id=str(each["id"]), name=_words(each["name"])) for each in data["fields"])
        procedures = {str(each["id"]): _procedure(each) for each in data["procedures"]}
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise CatalogueError(f"catalogue: {problem!r}") from problem
    return fields, procedures


def read_services(data: Any) -> dict[str, Service]:
    """The services of `GET /services`."""
    try:
        return {str(each["id"]): _service(each) for each in data["services"]}
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise CatalogueError(f"services: {problem!r}") from problem


def read_office(data: Any) -> Office:
    """The office as `GET /kiosks/{id}` tells it. Only priority classes are offered; the ordinary one is no question."""
    try:
        return Office(
            unit_name=_words(data["unit_name"]),
            languages=tuple(str(each) for each in data.get("languages") or ("vi", "en")),
            classes=tuple(
                PriorityClass(id=str(each["id"]), name=_words(each["name"]))
                for each in data.get("classes", ())
                if each.get("kind", "priority") == "priority" and each.get("self_declared", True)
            ),
            open=bool(data["open"]),
            hours=_words(data.get("hours") or {}),
            timezone=_zone(data.get("timezone")),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise CatalogueError(f"kiosk: {problem!r}") from problem


def _zone(name: object) -> str:
    """The office's time zone, where this machine knows it."""
    try:
        return ZoneInfo(str(name)).key
    except (KeyError, OSError, ValueError):
        return ZONE


def server_time(data: Any) -> datetime | None:
    """The server's time in `GET /kiosks/{id}`; None where there is none that can be read."""
    try:
        at = datetime.fromisoformat(data["server_time"])
    except (KeyError, TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else None


def only_offered(world: World, offered: Collection[str]) -> World:
    """A kiosk of a few services gives numbers for those alone; of all other procedures it shows the papers."""
    if not offered:
        return world
    services = {name: each for name, each in world.services.items() if name in offered}
    procedures = {
        name: each if each.service in services else replace(each, service=None)
        for name, each in world.procedures.items()
    }
    return replace(world, services=services, procedures=procedures)


def service_news(known: Service, data: Mapping[str, Any]) -> Service:
    """A service after an MQTT state payload: waiting, wait and counters are taken over."""
    wait = data.get("wait") or {}
    return Service(
        id=known.id,
        name=known.name,
        prefix=known.prefix,
        waiting=_number(data.get("waiting")),
        wait_low=_number(wait.get("low")),
        wait_high=_number(wait.get("high")),
        counters=tuple(str(each) for each in data.get("counters") or ()),
        walk_in=known.walk_in,
        closed=data.get("state") == "closed",
    )


def _procedure(row: Mapping[str, Any]) -> Procedure:
    """A row of the catalogue: Vietnamese in the row itself, the other languages as whole rows inside it."""
    rows = {"vi": row} | {language: row[language] for language in ("en",) if isinstance(row.get(language), dict)}
    service = row.get("service")
    return Procedure(
        id=str(row["id"]),
        code=str(row.get("code") or ""),
        name=_words(row["name"]),
        field=str(row["field"]),
        service=str(service) if service else None,
        papers=tuple(_paper(rows, place) for place in range(len(row.get("what_to_bring") or ()))),
        questions=tuple(_question(rows, place) for place in range(len(row.get("case_questions") or ()))),
        fee=_told(rows, "fee"),
        time_limit=_told(rows, "time_limit"),
        where=_words({language: each.get("where") for language, each in rows.items()}),
        result=_words({language: (each.get("result") or {}).get("text") for language, each in rows.items()}),
    )


def _paper(rows: Mapping[str, Mapping[str, Any]], place: int) -> Paper:
    parts = {language: row["what_to_bring"][place] for language, row in rows.items()}
    case = parts["vi"].get("case")
    return Paper(
        code=str(parts["vi"].get("code") or place),
        name=_words({language: part["text"] for language, part in parts.items()}),
        amount=_words({language: part.get("amount") for language, part in parts.items()}),
        hint=_words({language: part.get("hint") for language, part in parts.items()}),
        question=str(case) if case else None,
    )


def _question(rows: Mapping[str, Mapping[str, Any]], place: int) -> Question:
    parts = {language: row["case_questions"][place] for language, row in rows.items()}
    return Question(
        id=str(parts["vi"]["id"]), text=_words({language: part["text"] for language, part in parts.items()})
    )


def _told(rows: Mapping[str, Mapping[str, Any]], name: str) -> Told:
    facts = {language: row.get(name) or {} for language, row in rows.items()}
    notes = {
        language: ". ".join(str(part) for part in (fact.get("note"), fact.get("certainty_note")) if part)
        for language, fact in facts.items()
    }
    return Told(text=_words({language: fact.get("text") for language, fact in facts.items()}), note=_words(notes))


def _service(data: Mapping[str, Any]) -> Service:
    plain = Service(
        id=str(data["id"]),
        name=_words(data["name"]),
        prefix=str(data["prefix"]),
        walk_in=bool(data.get("walk_in", True)),
    )
    return service_news(plain, data)


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _words(data: Any) -> Words:
    if isinstance(data, str):
        return {"vi": unicodedata.normalize("NFC", data)}
    return {str(language): unicodedata.normalize("NFC", str(text)) for language, text in dict(data).items() if text}
