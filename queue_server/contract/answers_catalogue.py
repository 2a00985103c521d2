"""What the calls of the catalogue answer, as models (see `answers.py`)."""

from datetime import date

from pydantic import BaseModel

from queue_server.contract.words import Words


class FieldRow(BaseModel):
    """A field of the catalogue and the service that receives it."""

    id: str
    name: Words
    procedures: int
    service: str | None


class FieldsAnswer(BaseModel):
    fields: tuple[FieldRow, ...]


class ProcedureSummary(BaseModel):
    """One procedure in a list; texts in the language asked for."""

    id: str
    code: str | None
    name: Words
    title: str
    field: str
    field_name: str
    service: str | None
    minutes: float
    fee_text: str | None
    time_text: str
    certainty: str
    certainty_note: str | None


class ProceduresAnswer(BaseModel):
    procedures: tuple[ProcedureSummary, ...]
    query: str


class PaperRow(BaseModel):
    """A paper to bring; `case` names the question on which it hangs."""

    code: str | None
    text: str
    translated: bool
    originals: int | None
    copies: int | None
    amount: str
    show_only: bool
    form: str | None
    case: str | None
    condition: str | None
    replaced_by_data: str | None
    waiver: str
    hint: str | None


class CaseQuestion(BaseModel):
    id: str
    text: str
    condition: str | None
    adds: tuple[str, ...]


class FeeRow(BaseModel):
    """A fee in đồng; `amount` null: not known."""

    amount: int | None
    text: str
    text_vi: str
    text_en: str
    note: str | None
    set_by_province: bool
    reduced_until: date | None
    certainty: str
    certainty_note: str | None


class TimeLimitRow(BaseModel):
    value: float | None
    unit: str
    cutoff: str | None
    text: str
    text_vi: str
    text_en: str
    note: str | None
    certainty: str
    certainty_note: str | None


class ResultRow(BaseModel):
    text: str
    code: str | None


class ProcedureDetail(ProcedureSummary):
    """Everything about one procedure at this office."""

    what_to_bring: tuple[PaperRow, ...]
    case_questions: tuple[CaseQuestion, ...]
    fee: FeeRow
    time_limit: TimeLimitRow
    agency: str | None
    where: str | None
    accept_scope: str
    result: ResultRow
    levels: tuple[str, ...]
    site_inspection: bool
    decision: str | None
    certainty_by: dict[str, str]
    source: tuple[str, ...]


class CatalogueProcedure(ProcedureDetail):
    """In Vietnamese, and beside it in English."""

    en: ProcedureDetail


class CatalogueAbout(BaseModel):
    id: str
    title: str
    status: str
    decision: str | None
    in_force_from: date | None
    in_force_to: date | None
    procedures: int


class EverydayWords(BaseModel):
    filler: str
    groups: dict[str, tuple[str, ...]]
    phrases: dict[str, tuple[str, ...]]


class CatalogueAnswer(BaseModel):
    version: str
    about: CatalogueAbout
    fields: tuple[FieldRow, ...]
    procedures: tuple[CatalogueProcedure, ...]
    everyday: EverydayWords
