"""R-09: the list equals the catalogue; conditional papers appear only in their case."""

from datetime import date
from typing import Any

import pytest

from queue_server.catalogue.checklist import (
    Waiver,
    all_papers,
    amount_text,
    case_questions,
    certainty_note,
    fee_due,
    fee_note,
    fee_text,
    missing,
    money_text,
    time_note,
    time_text,
    what_to_bring,
    where_text,
)
from queue_server.catalogue.loader import load_catalogue
from queue_server.catalogue.model import Catalogue, Certainty, Procedure
from tests.catalogue.builders import a_catalogue, a_procedure

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def starter() -> Catalogue:
    return load_catalogue()


def a(**changes: Any) -> Procedure:
    return a_catalogue(a_procedure(**changes)).procedures["khai_sinh"]


def test_every_list_of_the_starter_equals_its_catalogue_entry(starter: Catalogue) -> None:
    for entry in starter.procedures.values():
        unconditional = [part.code for part in entry.components if part.condition is None]
        assert [paper.code for paper in what_to_bring(entry, {})] == unconditional
        everything = {case.id: True for case in case_questions(entry)}
        assert [paper.code for paper in what_to_bring(entry, everything)] == [part.code for part in entry.components]


def test_each_case_adds_its_own_papers_and_no_other(starter: Catalogue) -> None:
    for entry in starter.procedures.values():
        plain = {paper.code for paper in what_to_bring(entry, {})}
        for case in case_questions(entry):
            with_case = {paper.code for paper in what_to_bring(entry, {case.id: True})}
            assert with_case - plain == set(case.adds)
            assert what_to_bring(entry, {case.id: False}) == what_to_bring(entry, {})


def test_a_case_with_two_papers_is_asked_once() -> None:
    parts = [
        {"name_vi": "Đơn", "kind": "submit"},
        {"name_vi": "Biên bản họp", "kind": "submit", "condition_vi": "nhóm cá nhân"},
        {"name_vi": "Danh sách", "kind": "submit", "condition_vi": "nhóm cá nhân"},
    ]
    (case,) = case_questions(a(components=parts))
    assert case.adds == ("1.001193-02", "1.001193-03")
    assert case.condition == "nhóm cá nhân"


@pytest.mark.parametrize(
    ("originals", "copies", "vi", "en"),
    [
        (1, 0, "1 bản chính", "1 original"),
        (0, 2, "2 bản sao", "2 copies"),
        (2, 1, "2 bản chính, 1 bản sao", "2 originals, 1 copy"),
        (0, 0, "", ""),
    ],
)
def test_numbers_in_words(originals: int, copies: int, vi: str, en: str) -> None:
    assert amount_text(originals, copies, "vi") == vi
    assert amount_text(originals, copies, "en") == en


def test_data_waives_a_paper_only_where_the_office_is_connected() -> None:
    birth = a()
    alone, connected = all_papers(birth)[1], all_papers(birth, "vi", {"population_db"})[1]
    assert (alone.waiver, connected.waiver) == (Waiver.IF_FOUND, Waiver.HELD)
    assert alone.hint == "Không phải nộp nếu tra được trong Cơ sở dữ liệu quốc gia về dân cư"
    assert connected.hint == "Không phải nộp – cơ quan đã có dữ liệu"
    assert all_papers(birth, "en", {"population_db"})[1].hint == "Not needed – the authority already has the data"


def test_a_paper_that_is_only_shown_is_never_waived() -> None:
    shown = all_papers(a(), "vi", {"population_db"})[3]
    assert shown.show_only
    assert shown.waiver is Waiver.NONE
    assert shown.hint == "Chỉ xuất trình, không phải nộp"


def test_english_falls_back_to_vietnamese_and_says_so() -> None:
    form, _, record, _ = all_papers(a(), "en")
    assert (form.text, form.translated, form.hint) == ("Form", True, "")
    assert (record.text, record.translated) == ("Biên bản", False)
    assert "show this line at the counter" in record.hint


def test_missing_papers_leave_out_what_the_person_or_the_office_has() -> None:
    papers = what_to_bring(a(), {"tre_bi_bo_roi": True}, "vi", {"population_db"})
    assert [paper.text for paper in missing(papers, {"1.001193-01"})] == ["Biên bản", "Căn cước"]


@pytest.mark.parametrize(
    ("fee", "vi", "en"),
    [
        ({"amount_vnd": 0}, "Miễn phí", "Free of charge"),
        ({"amount_vnd": 8000}, "8.000 đ/bản", "8,000 đ per copy"),
        ({"amount_vnd": None, "set_by_provincial_council": True}, "Theo quy định của tỉnh", "Set by the province"),
        ({"amount_vnd": None}, "Hỏi tại quầy", "Please ask at the counter"),
        (
            {"amount_vnd": 150000, "per_vi": None, "set_by_provincial_council": True},
            "150.000 đ (theo quy định của tỉnh)",
            "150,000 đ (set by the province)",
        ),
    ],
)
def test_fees_in_words(fee: dict[str, Any], vi: str, en: str) -> None:
    assert fee_text(a(fee=fee), "vi", TODAY) == vi
    assert fee_text(a(fee=fee), "en", TODAY) == en


@pytest.mark.parametrize(
    ("day", "due"),
    [(date(2025, 6, 30), 50000), (date(2025, 7, 1), 25000), (date(2026, 12, 31), 25000), (date(2027, 1, 1), 50000)],
)
def test_a_reduction_holds_only_in_its_time(starter: Catalogue, day: date, due: int) -> None:
    card = starter.procedures["can_cuoc_doi"]
    assert fee_due(card.fee, day) == due
    assert money_text(due) in fee_text(card, "vi", day)
    assert ("giảm 50 %" in fee_text(card, "vi", day)) == (due == 25000)


def test_a_reduction_without_an_end_names_none() -> None:
    cut = {"amount_vnd": 8000, "temporary": {"factor": 0.25}}
    assert fee_text(a(fee=cut), "vi", TODAY) == "2.000 đ/bản (đã giảm 75 %)"
    assert fee_text(a(fee=cut), "en", TODAY) == "2,000 đ per copy (75% reduction)"


def test_who_is_exempt_is_said_before_the_price_is_paid(starter: Catalogue) -> None:
    assert fee_note(starter.procedures["trich_luc_ho_tich"], "vi", TODAY).startswith(
        "Miễn, giảm cho: người thuộc gia đình"
    )
    assert fee_note(starter.procedures["khai_tu"], "en", TODAY).startswith("Free for: families with merit")
    assert fee_note(starter.procedures["giam_ho"], "vi", TODAY) == ""


def test_a_note_past_its_last_day_is_not_printed(starter: Catalogue) -> None:
    licence = starter.procedures["doi_gplx"]
    assert "115.000 đ" in fee_note(licence, "vi", date(2025, 12, 31))
    assert fee_note(licence, "vi", date(2026, 1, 1)) == ""


@pytest.mark.parametrize(
    ("limit", "vi", "en"),
    [
        (
            {"value": 1, "unit": "same_day", "same_day_cutoff": "15:00"},
            "Trong ngày; nhận sau 15 giờ trả ngày làm việc tiếp theo",
            "Same day; next working day if received after 15:00",
        ),
        ({"value": 3, "unit": "working_day"}, "3 ngày làm việc", "3 working days"),
        ({"value": 1, "unit": "working_day"}, "1 ngày làm việc", "1 working day"),
        ({"value": 30, "unit": "day"}, "30 ngày", "30 days"),
        ({"value": 1, "unit": "hour"}, "1 giờ làm việc", "1 working hour"),
        ({"value": None, "unit": "working_day"}, "Hỏi tại quầy", "Please ask at the counter"),
        (
            {"value": 3, "unit": "working_day", "same_day_cutoff": "15:30"},
            "3 ngày làm việc; nhận sau 15 giờ 30 tính từ ngày làm việc tiếp theo",
            "3 working days; counted from the next working day if received after 15:30",
        ),
    ],
)
def test_time_limits_in_words(limit: dict[str, Any], vi: str, en: str) -> None:
    assert time_text(a(time_limit=limit), "vi") == vi
    assert time_text(a(time_limit=limit), "en") == en


def test_notes_and_places(starter: Catalogue) -> None:
    assert time_note(starter.procedures["hoa_giai_dat"], "vi") == "vùng khó khăn: 40 ngày"
    assert time_note(starter.procedures["giam_ho"], "vi") == ""
    assert where_text(starter.procedures["can_cuoc_14"], "en") == "At any reception office in the country"
    assert where_text(starter.procedures["thuong_tru"]) == "Tại cơ quan có thẩm quyền giải quyết"


def test_only_low_certainty_is_marked() -> None:
    assert certainty_note(Certainty.LOW) == "Thông tin tham khảo – xin hỏi lại tại quầy"
    assert certainty_note(Certainty.MEDIUM) == certainty_note(Certainty.HIGH) == ""


def test_no_text_shown_to_citizens_speaks_of_the_compiler(starter: Catalogue) -> None:
    for entry in starter.procedures.values():
        shown = " ".join((fee_note(entry, "vi", TODAY), time_note(entry), *(paper.text for paper in all_papers(entry))))
        assert "[K]" not in shown
        assert "nguồn ghi" not in shown
        assert "trang gốc" not in shown
