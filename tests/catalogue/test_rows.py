import json
from datetime import date

import pytest

from queue_server.catalogue.loader import load_catalogue
from queue_server.catalogue.model import Catalogue
from queue_server.catalogue.rows import catalogue_about, procedure_detail, procedure_summary

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def starter() -> Catalogue:
    return load_catalogue()


def test_a_summary(starter: Catalogue) -> None:
    assert procedure_summary(starter.procedures["trich_luc_ho_tich"], "en", TODAY, service="ho_tich") == {
        "id": "trich_luc_ho_tich",
        "code": "2.000635",
        "name": {
            "vi": "Cấp bản sao Trích lục hộ tịch, bản sao Giấy khai sinh",
            "en": "Copies of civil-status extracts",
        },
        "title": "Copies of civil-status extracts",
        "field": "ho_tich",
        "field_name": "Civil status",
        "service": "ho_tich",
        "minutes": 6.0,
        "fee_text": "8,000 đ per copy",
        "time_text": "Same day; next working day if received after 15:00",
        "certainty": "high",
        "certainty_note": "",
    }


def test_a_summary_without_a_day_names_no_price(starter: Catalogue) -> None:
    assert procedure_summary(starter.procedures["can_cuoc_doi"])["fee_text"] is None


def test_a_detail_in_both_languages(starter: Catalogue) -> None:
    entry = starter.procedures["khai_sinh"]
    vi = procedure_detail(entry, "vi", TODAY, service="ho_tich")
    en = procedure_detail(entry, "en", TODAY, service="ho_tich")
    assert vi["title"] == "Đăng ký khai sinh"
    assert en["title"] == "Birth registration"
    assert vi["fee"]["text_vi"] == en["fee"]["text_vi"] == "Miễn phí"
    assert vi["time_limit"]["cutoff"] == "15:00"
    assert vi["result"] == {"text": "Giấy khai sinh", "code": "KQ.G15.000031"}
    assert en["agency"].startswith("Commune People’s Committee")
    assert [paper["code"] for paper in vi["what_to_bring"]] == [paper["code"] for paper in en["what_to_bring"]]
    assert vi["case_questions"][0] == {
        "id": "tre_bi_bo_roi",
        "text": "Trẻ có bị bỏ rơi không?",
        "condition": "trẻ bị bỏ rơi",
        "adds": ["1.001193-03"],
    }


def test_every_case_of_a_paper_has_its_question(starter: Catalogue) -> None:
    for entry in starter.procedures.values():
        row = procedure_detail(entry, "vi", TODAY)
        asked = {code for case in row["case_questions"] for code in case["adds"]}
        assert asked == {paper["code"] for paper in row["what_to_bring"] if paper["case"]}


def test_rows_are_plain_json(starter: Catalogue) -> None:
    for entry in starter.procedures.values():
        for language in ("vi", "en"):
            row = procedure_detail(entry, language, TODAY, connected={"population_db"})
            assert json.loads(json.dumps(row)) == row


def test_low_certainty_is_said(starter: Catalogue) -> None:
    row = procedure_detail(starter.procedures["nc_tho_cung"], "vi", TODAY)
    assert row["time_limit"]["text"] == "Hỏi tại quầy"
    assert row["time_limit"]["certainty_note"] == "Thông tin tham khảo – xin hỏi lại tại quầy"


def test_a_reduced_fee_says_until_when(starter: Catalogue) -> None:
    entry = starter.procedures["can_cuoc_doi"]
    assert procedure_detail(entry, "vi", TODAY)["fee"]["reduced_until"] == "2026-12-31"
    after = procedure_detail(entry, "vi", date(2027, 1, 1))["fee"]
    assert (after["amount"], after["reduced_until"]) == (50000, None)


def test_connected_data_bases_change_what_must_be_brought(starter: Catalogue) -> None:
    entry = starter.procedures["xoa_the_chap"]
    waivers = {
        paper["waiver"] for paper in procedure_detail(entry, "vi", TODAY, connected={"land_db"})["what_to_bring"]
    }
    assert "held" in waivers


def test_the_list_speaks_of_itself(starter: Catalogue) -> None:
    about = catalogue_about(starter)
    assert (about["id"], about["procedures"], about["decision"]) == ("starter", 109, None)
    assert "NOT an official" in about["status"]
