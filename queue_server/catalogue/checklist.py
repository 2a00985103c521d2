"""What to bring, case by case, with fee and time limit in words. Pure.

Papers without a condition are always on the list. The others belong to a case, which a yes/no question
tells; without an answer a case counts as "no", and its question stays open.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from queue_server.catalogue.model import (
    AcceptScope,
    Certainty,
    Component,
    ComponentKind,
    Condition,
    Fee,
    Procedure,
    Texts,
    TimeUnit,
)

DATABASES: dict[str, Texts] = {
    "signed_birth_certificate_data": {"vi": "dữ liệu chứng sinh đã ký số", "en": "signed birth data"},
    "population_db": {"vi": "Cơ sở dữ liệu quốc gia về dân cư", "en": "the national population database"},
    "civil_status_db": {"vi": "Cơ sở dữ liệu hộ tịch", "en": "the civil-status database"},
    "signed_death_notice_data": {"vi": "dữ liệu báo tử đã ký số", "en": "signed death-notice data"},
    "land_db": {"vi": "Cơ sở dữ liệu đất đai", "en": "the land database"},
    "residence_db": {"vi": "Cơ sở dữ liệu về cư trú", "en": "the residence database"},
    "social_assistance_db": {"vi": "cơ sở dữ liệu trợ giúp xã hội", "en": "the social assistance database"},
    "social_insurance_db": {"vi": "Cơ sở dữ liệu bảo hiểm xã hội", "en": "the social insurance database"},
}
_WHERE: dict[AcceptScope, Texts] = {
    AcceptScope.PROVINCE: {
        "vi": "Tại bất kỳ Trung tâm Phục vụ hành chính công nào trong tỉnh",
        "en": "At any public administration service centre of the province",
    },
    AcceptScope.NATIONAL: {
        "vi": "Tại bất kỳ nơi tiếp nhận nào trong cả nước",
        "en": "At any reception office in the country",
    },
    AcceptScope.COMPETENT_OFFICE: {
        "vi": "Tại cơ quan có thẩm quyền giải quyết",
        "en": "At the office in charge of the matter",
    },
}
_UNITS: dict[TimeUnit, Texts] = {
    TimeUnit.WORKING_DAY: {"vi": "ngày làm việc", "en": "working day"},
    TimeUnit.DAY: {"vi": "ngày", "en": "day"},
    TimeUnit.HOUR: {"vi": "giờ làm việc", "en": "working hour"},
}
REFERENCE: Texts = {
    "vi": "Thông tin tham khảo – xin hỏi lại tại quầy",
    "en": "For reference only – please ask at the counter",
}


class Waiver(StrEnum):
    """Whether data of the State may stand in for a paper at this office."""

    NONE = "none"
    IF_FOUND = "if_found"  # only when the data base answers; bring the paper to be safe
    HELD = "held"  # the office is connected: the paper must not be asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One line of the list, in one language. `amount` is empty when the catalogue names no number of copies."""

    code: str
    text: str
    translated: bool  # False: no translation exists, `text` is Vietnamese
    originals: int
    copies: int
    amount: str
    show_only: bool
    form: str | None
    case: str | None  # id of the case question that brings it in
    condition: str | None  # the case in the words of the catalogue (Vietnamese)
    replaced_by_data: str | None
    waiver: Waiver
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuestion:
    """A polite yes/no question; "yes" adds the papers with these codes."""

    id: str
    text: str
    condition: str
    adds: tuple[str, ...]


def said(texts: Mapping[str, str] | None, language: str) -> str:
    """The text in this language, in Vietnamese where there is no other, "" for nothing."""
    return "" if texts is None else texts.get(language) or texts["vi"]


def case_questions(procedure: Procedure, language: str = "vi") -> tuple[CaseQuestion, ...]:
    """The cases of a procedure in catalogue order, each asked once however many papers depend on it."""
    adds: dict[str, list[str]] = {}
    conditions: dict[str, Condition] = {}
    for part in procedure.components:
        if part.condition:
            conditions.setdefault(part.condition.id, part.condition)
            adds.setdefault(part.condition.id, []).append(part.code)
    return tuple(
        CaseQuestion(
            id=name, text=said(condition.question, language), condition=condition.text_vi, adds=tuple(adds[name])
        )
        for name, condition in conditions.items()
    )


def all_papers(procedure: Procedure, language: str = "vi", connected: Collection[str] = ()) -> tuple[Paper, ...]:
    """Every paper of the catalogue entry, conditional ones included. `connected`: data bases this office can ask."""
    return tuple(_paper(part, language, connected) for part in procedure.components)


def what_to_bring(
    procedure: Procedure,
    answers: Mapping[str, bool],
    language: str = "vi",
    connected: Collection[str] = (),
) -> tuple[Paper, ...]:
    """The list for one person: unconditional papers and those of the cases answered with yes (R-09)."""
    papers = all_papers(procedure, language, connected)
    return tuple(paper for paper in papers if paper.case is None or answers.get(paper.case, False))


def missing(papers: Collection[Paper], has: Collection[str]) -> tuple[Paper, ...]:
    """Papers of a list that the person does not have yet (`has`: codes); what the office holds is never missing."""
    return tuple(paper for paper in papers if paper.code not in has and paper.waiver is not Waiver.HELD)


def _paper(part: Component, language: str, connected: Collection[str]) -> Paper:
    waiver = _waiver(part, connected)
    return Paper(
        code=part.code,
        text=said(part.name, language),
        translated=language in part.name,
        originals=part.originals,
        copies=part.copies,
        amount=amount_text(part.originals, part.copies, language),
        show_only=part.kind is ComponentKind.PRESENT,
        form=part.form,
        case=part.condition.id if part.condition else None,
        condition=part.condition.text_vi if part.condition else None,
        replaced_by_data=part.replaced_by_data,
        waiver=waiver,
        hint=_hint(part, waiver, language),
    )


def _waiver(part: Component, connected: Collection[str]) -> Waiver:
    # A person still has to show who they are, whatever the data base knows.
    if part.replaced_by_data is None or part.kind is ComponentKind.PRESENT:
        return Waiver.NONE
    return Waiver.HELD if part.replaced_by_data in connected else Waiver.IF_FOUND


def _hint(part: Component, waiver: Waiver, language: str) -> str:
    english = language == "en"
    if part.kind is ComponentKind.PRESENT:
        return "Show it at the counter, do not hand it in" if english else "Chỉ xuất trình, không phải nộp"
    if waiver is Waiver.HELD:
        return (
            "Not needed – the authority already has the data" if english else "Không phải nộp – cơ quan đã có dữ liệu"
        )
    if waiver is Waiver.IF_FOUND:
        source = part.replaced_by_data or ""
        name = said(DATABASES.get(source, {"vi": source}), language)
        return f"Not needed if found in {name}" if english else f"Không phải nộp nếu tra được trong {name}"
    if english and "en" not in part.name:
        return "Only the Vietnamese name is available; please show this line at the counter"
    return ""


def amount_text(originals: int, copies: int, language: str = "vi") -> str:
    """Number of originals and copies in words: "1 bản chính, 2 bản sao"; "" when neither is stated."""
    if language == "en":
        parts = [_counted(originals, "original", "originals"), _counted(copies, "copy", "copies")]
    else:
        parts = [f"{originals} bản chính" if originals else "", f"{copies} bản sao" if copies else ""]
    return ", ".join(part for part in parts if part)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def money_text(amount: int, language: str = "vi") -> str:
    """An amount in đồng: "8.000 đ", in English "8,000 đ"."""
    grouped = f"{amount:,}"
    return f"{grouped if language == 'en' else grouped.replace(',', '.')} đ"


def fee_due(fee: Fee, today: date) -> int | None:
    """The amount in đồng that is due today, with a reduction in force taken off; None when it is not known."""
    if fee.amount is None:
        return None
    if fee.reduction and fee.reduction.holds_on(today):
        return round(fee.amount * fee.reduction.factor)
    return fee.amount


def fee_text(procedure: Procedure, language: str, today: date) -> str:
    """The fee in words: "Miễn phí", "8.000 đ/bản", "Theo quy định của tỉnh", or to ask at the counter."""
    fee, english = procedure.fee, language == "en"
    due = fee_due(fee, today)
    if due is None:
        if fee.set_by_provincial_council:
            return "Set by the province" if english else "Theo quy định của tỉnh"
        return "Please ask at the counter" if english else "Hỏi tại quầy"
    if due == 0:
        return "Free of charge" if english else "Miễn phí"
    text = money_text(due, language)
    if fee.per:
        text += f" per {said(fee.per, language)}" if english else f"/{said(fee.per, language)}"
    if fee.set_by_provincial_council:
        text += " (set by the province)" if english else " (theo quy định của tỉnh)"
    if fee.reduction and fee.reduction.holds_on(today):
        text += _reduction_text(fee.reduction.factor, fee.reduction.ends, english)
    return text


def _reduction_text(factor: float, ends: date | None, english: bool) -> str:
    percent = round((1 - factor) * 100)
    if ends is None:
        return f" ({percent}% reduction)" if english else f" (đã giảm {percent} %)"
    until = f"{ends:%d/%m/%Y}"
    return f" ({percent}% reduction until {until})" if english else f" (đã giảm {percent} % đến hết ngày {until})"


def fee_note(procedure: Procedure, language: str, today: date) -> str:
    """Who is exempt and what else to know about the fee; notes past their last day are left out."""
    fee = procedure.fee
    notes = []
    if fee.exempt:
        free = fee.amount == 0
        label = {"vi": "Miễn phí cho: " if free else "Miễn, giảm cho: ", "en": "Free for: " if free else "Exempt: "}
        notes.append(said(label, language) + said(fee.exempt, language))
    if fee.note and (fee.note_to is None or today <= fee.note_to):
        notes.append(said(fee.note, language))
    return "; ".join(notes)


def time_text(procedure: Procedure, language: str = "vi") -> str:
    """The time limit in words: "Trong ngày; nhận sau 15 giờ trả ngày làm việc tiếp theo", "3 ngày làm việc"."""
    limit, english = procedure.time_limit, language == "en"
    if limit.value is None:
        return "Please ask at the counter" if english else "Hỏi tại quầy"
    same_day = limit.unit is TimeUnit.SAME_DAY
    if same_day:
        text = "Same day" if english else "Trong ngày"
    else:
        plural = "s" if english and limit.value != 1 else ""
        text = f"{limit.value} {said(_UNITS[limit.unit], language)}{plural}"
    if limit.same_day_cutoff is None:
        return text
    cutoff = _clock_text(limit.same_day_cutoff, english=english)
    if english:
        after = (
            "next working day if received after" if same_day else "counted from the next working day if received after"
        )
        return f"{text}; {after} {cutoff}"
    return f"{text}; nhận sau {cutoff} {'trả' if same_day else 'tính từ'} ngày làm việc tiếp theo"


def _clock_text(clock: time, *, english: bool) -> str:
    if english:
        return f"{clock:%H:%M}"
    return f"{clock.hour} giờ {clock.minute:02d}" if clock.minute else f"{clock.hour} giờ"


def time_note(procedure: Procedure, language: str = "vi") -> str:
    """What else to know about the time limit, "" for nothing."""
    return said(procedure.time_limit.note, language)


def where_text(procedure: Procedure, language: str = "vi") -> str:
    """Where the dossier may be handed in."""
    return said(_WHERE[procedure.accept_scope], language)


def certainty_note(certainty: Certainty, language: str = "vi") -> str:
    """The words that go with an uncertain fact; "" for what is well known."""
    return said(REFERENCE, language) if certainty is Certainty.LOW else ""
