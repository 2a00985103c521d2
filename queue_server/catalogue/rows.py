"""Procedures as plain rows for HTTP and the kiosk. Pure.

`language` is "vi" or "en"; where no translation exists a text is Vietnamese. Amounts are đồng.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from queue_server.catalogue.checklist import (
    Paper,
    all_papers,
    case_questions,
    certainty_note,
    fee_due,
    fee_note,
    fee_text,
    said,
    time_note,
    time_text,
    where_text,
)
from queue_server.catalogue.model import Catalogue, Procedure

Row = dict[str, Any]


def procedure_summary(
    procedure: Procedure, language: str = "vi", today: date | None = None, *, service: str | None = None
) -> Row:
    """One line of a list.

    `{id, code, name {vi, en}, title, field, field_name, service, minutes, fee_text, time_text, certainty,
    certainty_note}`: `title`, `field_name` and the texts are in `language`; `minutes` is the expected time at
    the counter; `fee_text` is null when `today` is not given; `certainty` is high, medium or low.
    """
    return {
        "id": procedure.id,
        "code": procedure.code,
        "name": dict(procedure.name),
        "title": said(procedure.name, language),
        "field": procedure.field,
        "field_name": said(procedure.field_name, language),
        "service": service,
        "minutes": procedure.minutes,
        "fee_text": None if today is None else fee_text(procedure, language, today),
        "time_text": time_text(procedure, language),
        "certainty": str(procedure.certainty.overall),
        "certainty_note": certainty_note(procedure.certainty.overall, language),
    }


def procedure_detail(
    procedure: Procedure,
    language: str,
    today: date,
    *,
    service: str | None = None,
    connected: Collection[str] = (),
) -> Row:
    """Everything a citizen needs before taking a ticket: the summary and

    * `what_to_bring`: all papers, `[{code, text, translated, originals, copies, amount, show_only, form, case,
      condition, replaced_by_data, waiver, hint}]`; a paper with a `case` is needed only when the question of
      that id is answered with yes; `waiver` is none, if_found or held (see `checklist.Waiver`);
    * `case_questions`: `[{id, text, condition, adds: [paper codes]}]`;
    * `fee`: `{amount, text, text_vi, text_en, note, set_by_province, reduced_until, certainty, certainty_note}`;
      `amount` is due today, null when not known;
    * `time_limit`: `{value, unit, cutoff, text, text_vi, text_en, note, certainty, certainty_note}`;
    * `agency`, `where` (texts), `accept_scope`, `result {text, code}`, `levels`, `site_inspection`, `decision`,
      `certainty_by {code, time, fee, components}`, `source` (ids of the catalogue's sources).

    `connected` names the data bases that this office can really ask.
    """
    return procedure_summary(procedure, language, today, service=service) | {
        "what_to_bring": [_paper_row(paper) for paper in all_papers(procedure, language, connected)],
        "case_questions": [
            {"id": case.id, "text": case.text, "condition": case.condition, "adds": list(case.adds)}
            for case in case_questions(procedure, language)
        ],
        "fee": _fee_row(procedure, language, today),
        "time_limit": _time_row(procedure, language),
        "agency": said(procedure.agency, language) or None,
        "where": where_text(procedure, language),
        "accept_scope": str(procedure.accept_scope),
        "result": {"text": said(procedure.result.name, language), "code": procedure.result.code},
        "levels": [str(level) for level in procedure.levels],
        "site_inspection": procedure.site_inspection,
        "decision": procedure.decision_vi,
        "certainty_by": {
            "code": str(procedure.certainty.code),
            "time": str(procedure.certainty.time),
            "fee": str(procedure.certainty.fee),
            "components": str(procedure.certainty.components),
        },
        "source": list(procedure.sources),
    }


def _paper_row(paper: Paper) -> Row:
    return {
        "code": paper.code,
        "text": paper.text,
        "translated": paper.translated,
        "originals": paper.originals,
        "copies": paper.copies,
        "amount": paper.amount,
        "show_only": paper.show_only,
        "form": paper.form,
        "case": paper.case,
        "condition": paper.condition,
        "replaced_by_data": paper.replaced_by_data,
        "waiver": str(paper.waiver),
        "hint": paper.hint,
    }


def _fee_row(procedure: Procedure, language: str, today: date) -> Row:
    reduction = procedure.fee.reduction
    in_force = reduction is not None and reduction.holds_on(today)
    ends = reduction.ends if reduction and in_force else None
    return {
        "amount": fee_due(procedure.fee, today),
        "text": fee_text(procedure, language, today),
        "text_vi": fee_text(procedure, "vi", today),
        "text_en": fee_text(procedure, "en", today),
        "note": fee_note(procedure, language, today),
        "set_by_province": procedure.fee.set_by_provincial_council,
        "reduced_until": ends.isoformat() if ends else None,
        "certainty": str(procedure.certainty.fee),
        "certainty_note": certainty_note(procedure.certainty.fee, language),
    }


def _time_row(procedure: Procedure, language: str) -> Row:
    limit = procedure.time_limit
    return {
        "value": limit.value,
        "unit": str(limit.unit),
        "cutoff": limit.same_day_cutoff.strftime("%H:%M") if limit.same_day_cutoff else None,
        "text": time_text(procedure, language),
        "text_vi": time_text(procedure, "vi"),
        "text_en": time_text(procedure, "en"),
        "note": time_note(procedure, language),
        "certainty": str(procedure.certainty.time),
        "certainty_note": certainty_note(procedure.certainty.time, language),
    }


def catalogue_about(catalogue: Catalogue) -> Row:
    """What this list is and is not: `{id, title, status, decision, in_force_from, in_force_to, procedures}`."""
    return {
        "id": catalogue.id,
        "title": catalogue.title,
        "status": catalogue.status,
        "decision": catalogue.decision_vi,
        "in_force_from": catalogue.in_force_from.isoformat() if catalogue.in_force_from else None,
        "in_force_to": catalogue.in_force_to.isoformat() if catalogue.in_force_to else None,
        "procedures": len(catalogue.procedures),
    }
