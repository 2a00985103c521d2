"""Loads catalogue files: checks them whole, names every problem with its cure, and builds the model."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from queue_server.catalogue import schema
from queue_server.catalogue.fold import slug
from queue_server.catalogue.model import (
    Catalogue,
    Catalogues,
    Certainties,
    Component,
    Condition,
    CounterService,
    Fee,
    FeeReduction,
    Field,
    Procedure,
    Result,
    Texts,
    TimeLimit,
)
from queue_server.catalogue.yamlfile import LineFinder, Place, YamlError, parse_yaml, schema_problems

STARTER = Path(__file__).parent / "data" / "catalogue.yaml"


class CatalogueError(Exception):
    """A catalogue that cannot be used; `problems` lists everything that is wrong, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_catalogue(path: Path | None = None) -> Catalogue:
    """One catalogue file (the starter catalogue when no path is given). Raises `CatalogueError`."""
    path = path or STARTER
    try:
        text = path.read_bytes()
        data = parse_yaml(text)
    except OSError as error:
        raise CatalogueError([f"{path}: cannot be read: {error.strerror}"]) from error
    except YamlError as error:
        raise CatalogueError([f"{path}: {error}"]) from error
    return parse_catalogue(data, text, str(path))


def load_catalogues(paths: Iterable[Path] = ()) -> Catalogues:
    """Several versions ordered by the day they come into force; without paths the starter catalogue alone."""
    versions = [load_catalogue(path) for path in paths] or [load_catalogue()]
    doubles = [name for name, count in Counter(version.id for version in versions).items() if count > 1]
    if doubles:
        raise CatalogueError(
            [f"version id {name!r} is used by two files; give each list its own id" for name in doubles]
        )
    versions.sort(key=lambda version: (version.in_force_from or date.min, version.id))
    return Catalogues(versions=tuple(versions))


def parse_catalogue(data: Any, text: bytes | str, label: str) -> Catalogue:
    """The model of parsed YAML `data`; `text` and `label` are only used to say where a problem stands."""
    lines = LineFinder(text)
    try:
        file = schema.CatalogueFile.model_validate(data)
    except ValidationError as error:
        raise CatalogueError(_located(schema_problems(error, data), lines, label)) from error
    problems = _located(_contradictions(file), lines, label)
    if problems:
        raise CatalogueError(problems)
    return _catalogue(file)


def _located(problems: Iterable[tuple[Place, str]], lines: LineFinder, label: str) -> list[str]:
    located = []
    for place, message in problems:
        line = lines.line(place)
        located.append(f"{label}:{line}: {message}" if line else f"{label}: {message}")
    return located


def _contradictions(file: schema.CatalogueFile) -> Iterator[tuple[Place, str]]:
    yield from _doubles("fields", [entry.id for entry in file.fields])
    yield from _doubles("services_without_procedure", [entry.id for entry in file.services_without_procedure])
    yield from _doubles("procedures", [entry.id for entry in file.procedures])
    yield from _double_codes(file)
    yield from _unknown_references(file)
    version = file.version
    if version.in_force_from and version.in_force_to and version.in_force_to < version.in_force_from:
        yield ("version", "in_force_to"), "version › in_force_to is before in_force_from; correct one of the two"


def _doubles(section: str, ids: list[str]) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for position, name in enumerate(ids):
        if name in seen:
            yield (section, position), f"{section} › {name}: this id is used twice; rename one of the entries"
        seen.add(name)


def _double_codes(file: schema.CatalogueFile) -> Iterator[tuple[Place, str]]:
    owners: dict[str, str] = {}
    for position, entry in enumerate(file.procedures):
        for code in (entry.code, *entry.code_aliases):
            owner = owners.setdefault(code, entry.id)
            if owner != entry.id:
                message = f"procedures › {entry.id}: code {code} already belongs to {owner}; correct one of the two"
                yield ("procedures", position, "code"), message


def _unknown_references(file: schema.CatalogueFile) -> Iterator[tuple[Place, str]]:
    fields = {entry.id for entry in file.fields}
    for position, entry in enumerate(file.procedures):
        here = f"procedures › {entry.id}"
        if entry.field not in fields:
            cure = f"use one of {', '.join(sorted(fields))} or add the field"
            yield ("procedures", position, "field"), f"{here}: unknown field {entry.field!r}; {cure}"
        for source in entry.source:
            if source not in file.sources:
                message = f"{here}: source {source!r} is not defined; add it under `sources`"
                yield ("procedures", position, "source"), message
        reduction = entry.fee.temporary
        if reduction and reduction.starts and reduction.ends and reduction.ends < reduction.starts:
            place: Place = ("procedures", position, "fee", "temporary")
            yield place, f"{here}: the fee reduction ends before it starts; correct `from` or `to`"


def _catalogue(file: schema.CatalogueFile) -> Catalogue:
    version = file.version
    fields = {
        entry.id: Field(id=entry.id, name=_name(entry), suggested_prefix=entry.suggested_ticket_prefix)
        for entry in file.fields
    }
    return Catalogue(
        id=version.id,
        title=version.title,
        status=version.status,
        decision_vi=version.decision_vi,
        in_force_from=version.in_force_from,
        in_force_to=version.in_force_to,
        sources=dict(file.sources),
        fields=fields,
        counter_services={
            entry.id: CounterService(id=entry.id, name=_name(entry), minutes=entry.counter_minutes.typical)
            for entry in file.services_without_procedure
        },
        procedures={entry.id: _procedure(entry, fields[entry.field]) for entry in file.procedures},
    )


def _name(entry: schema.FieldFile | schema.CounterServiceFile | schema.ProcedureFile) -> Texts:
    return {"vi": entry.name_vi, "en": entry.name_en}


def _both(vietnamese: str, english: str | None) -> Texts:
    return {"vi": vietnamese} | ({"en": english} if english else {})


def _texts(vietnamese: str | None, english: str | None) -> Texts | None:
    return _both(vietnamese, english) if vietnamese else None


def _procedure(entry: schema.ProcedureFile, field: Field) -> Procedure:
    return Procedure(
        id=entry.id,
        code=entry.code,
        code_aliases=tuple(entry.code_aliases),
        name=_name(entry),
        field=field.id,
        field_name=field.name,
        levels=tuple(entry.level),
        components=tuple(
            _component(part, f"{entry.code}-{number:02d}") for number, part in enumerate(entry.components, 1)
        ),
        time_limit=TimeLimit(
            value=entry.time_limit.value,
            unit=entry.time_limit.unit,
            same_day_cutoff=entry.time_limit.same_day_cutoff,
            note=_texts(entry.time_limit.note_vi, entry.time_limit.note_en),
        ),
        fee=_fee(entry.fee),
        result=Result(name=_both(entry.result.name_vi, entry.result.name_en), code=entry.result.code),
        minutes=entry.counter_minutes.typical,
        accept_scope=entry.accept_scope,
        site_inspection=entry.site_inspection,
        certainty=Certainties(**entry.certainty.model_dump()),
        sources=tuple(entry.source),
        agency=_texts(entry.agency_vi, entry.agency_en),
        decision_vi=entry.decision_vi,
        note=entry.note,
    )


def _component(part: schema.ComponentFile, code: str) -> Component:
    condition = None
    if part.condition_vi:
        question_vi = part.question_vi or f"Trường hợp của ông/bà có phải: {part.condition_vi}?"
        question_en = part.question_en or f"Does this apply to you: “{part.condition_vi}”?"
        condition = Condition(
            id=slug(part.condition_vi), text_vi=part.condition_vi, question={"vi": question_vi, "en": question_en}
        )
    return Component(
        code=code,
        name=_both(part.name_vi, part.name_en),
        kind=part.kind,
        originals=part.originals,
        copies=part.copies,
        condition=condition,
        replaced_by_data=part.replaced_by_data,
        form=part.form,
    )


def _fee(part: schema.FeeFile) -> Fee:
    cut, reduction = part.temporary, None
    if cut:
        reduction = FeeReduction(factor=cut.factor, starts=cut.starts, ends=cut.ends, basis_vi=cut.basis_vi)
    return Fee(
        amount=part.amount_vnd,
        per=_texts(part.per_vi, part.per_en),
        exempt=_texts(part.exempt_vi, part.exempt_en),
        note=_texts(part.note_vi, part.note_en),
        note_to=part.note_to,
        set_by_provincial_council=part.set_by_provincial_council,
        reduction=reduction,
    )
