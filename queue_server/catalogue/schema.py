"""The shape of a catalogue file, checked by pydantic before it becomes the model."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from queue_server.catalogue.model import AcceptScope, Certainty, ComponentKind, Level, TimeUnit

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,47}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]
Code = Annotated[str, StringConstraints(pattern=r"^\d\.\d{6}$")]
Clock = Annotated[time, BeforeValidator(lambda value: time.fromisoformat(value) if isinstance(value, str) else value)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VersionFile(_Strict):
    """Which published list this is and when it is in force."""

    id: Slug
    title: Text
    decision_vi: Text | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None
    status: Text
    compiled: Text | None = None


class FieldFile(_Strict):
    """A field of procedures (lĩnh vực)."""

    id: Slug
    name_vi: Text
    name_en: Text
    suggested_ticket_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]


class MinutesFile(_Strict):
    """Expected minutes at the counter and where the figure comes from."""

    typical: float = Field(gt=0, le=480)
    basis: Literal["estimate", "measured"]


class CounterServiceFile(_Strict):
    """A counter service that is no procedure."""

    id: Slug
    name_vi: Text
    name_en: Text
    counter_minutes: MinutesFile


class ComponentFile(_Strict):
    """One paper of a dossier; a question belongs to its condition."""

    name_vi: Text
    name_en: Text | None = None
    kind: ComponentKind
    originals: int = Field(default=0, ge=0, le=99)
    copies: int = Field(default=0, ge=0, le=99)
    condition_vi: Text | None = None
    question_vi: Text | None = None
    question_en: Text | None = None
    replaced_by_data: Slug | None = None
    form: Text | None = None


class TimeLimitFile(_Strict):
    """How long the office may take."""

    value: int | None = Field(ge=0, le=1000)
    unit: TimeUnit
    same_day_cutoff: Clock | None = None
    note_vi: Text | None = None
    note_en: Text | None = None


class ReductionFile(_Strict):
    """A cut of the fee for a time."""

    factor: float = Field(ge=0, lt=1)
    starts: date | None = Field(default=None, alias="from")
    ends: date | None = Field(default=None, alias="to")
    basis_vi: Text | None = None


class FeeFile(_Strict):
    """What it costs, in đồng."""

    amount_vnd: int | None = Field(ge=0)
    per_vi: Text | None = None
    per_en: Text | None = None
    exempt_vi: Text | None = None
    exempt_en: Text | None = None
    note_vi: Text | None = None
    note_en: Text | None = None
    note_to: date | None = None
    set_by_provincial_council: bool = False
    temporary: ReductionFile | None = None


class ResultFile(_Strict):
    """What the citizen takes home."""

    name_vi: Text
    name_en: Text | None = None
    code: Text | None = None


class CertaintyFile(_Strict):
    """How sure each aspect is."""

    code: Certainty
    time: Certainty
    fee: Certainty
    components: Certainty
    overall: Certainty


class ProcedureFile(_Strict):
    """One procedure as published."""

    id: Slug
    code: Code
    code_aliases: list[Code] = []
    name_vi: Text
    name_en: Text
    field: Slug
    level: list[Level] = Field(min_length=1)
    agency_vi: Text | None = None
    agency_en: Text | None = None
    components: list[ComponentFile]
    time_limit: TimeLimitFile
    fee: FeeFile
    result: ResultFile
    counter_minutes: MinutesFile
    accept_scope: AcceptScope
    site_inspection: bool
    decision_vi: Text | None = None
    certainty: CertaintyFile
    source: list[Slug] = Field(min_length=1)
    note: Text | None = None


class CatalogueFile(_Strict):
    """A whole catalogue file."""

    version: VersionFile
    about: dict[str, Text | dict[str, Text]] = {}
    sources: dict[Slug, Text]
    fields: list[FieldFile]
    services_without_procedure: list[CounterServiceFile]
    procedures: list[ProcedureFile] = Field(min_length=1)
