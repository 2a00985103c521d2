from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from queue_server.catalogue.loader import STARTER, CatalogueError, load_catalogue, load_catalogues
from queue_server.catalogue.model import AcceptScope, Catalogue, Certainty, ComponentKind, TimeUnit
from queue_server.catalogue.yamlfile import LineFinder
from tests.catalogue.builders import a_catalogue, a_file, a_procedure, written


@pytest.fixture(scope="module")
def starter() -> Catalogue:
    return load_catalogue()


def problems_of(content: dict[str, Any], tmp_path: Path) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(written(tmp_path / "list.yaml", content))
    return caught.value.problems


def test_the_starter_catalogue_is_whole(starter: Catalogue) -> None:
    assert len(starter.procedures) == 109
    assert len(starter.fields) == 15
    assert len(starter.counter_services) == 6
    codes = [entry.code for entry in starter.procedures.values()]
    assert len(set(codes)) == 109


def test_the_starter_catalogue_says_that_it_is_not_official(starter: Catalogue) -> None:
    assert "NOT an official publication" in starter.status
    assert starter.decision_vi is None


def test_certainty_marks_are_kept(starter: Catalogue) -> None:
    overall = [entry.certainty.overall for entry in starter.procedures.values()]
    counts = {mark: overall.count(mark) for mark in Certainty}
    assert counts == {Certainty.HIGH: 28, Certainty.MEDIUM: 46, Certainty.LOW: 35}
    assert all(set(entry.sources) <= set(starter.sources) for entry in starter.procedures.values())


def test_the_starter_catalogue_has_no_key_twice() -> None:
    assert list(LineFinder(STARTER.read_bytes()).doubled_keys()) == []


def test_one_known_entry_word_for_word(starter: Catalogue) -> None:
    birth = starter.procedures["khai_sinh"]
    assert (birth.code, birth.name["vi"], birth.field_name["vi"]) == ("1.001193", "Đăng ký khai sinh", "Hộ tịch")
    assert birth.time_limit.unit is TimeUnit.SAME_DAY
    assert birth.time_limit.same_day_cutoff == time(15)
    assert birth.fee.amount == 0
    assert birth.accept_scope is AcceptScope.PROVINCE
    assert [part.code for part in birth.components] == [f"1.001193-{n:02d}" for n in range(1, 7)]
    assert birth.components[1].replaced_by_data == "signed_birth_certificate_data"
    assert birth.components[2].condition is not None
    assert birth.components[5].kind is ComponentKind.PRESENT


def test_a_temporary_fee_has_its_days(starter: Catalogue) -> None:
    reduction = starter.procedures["can_cuoc_doi"].fee.reduction
    assert reduction is not None
    assert (reduction.factor, reduction.starts, reduction.ends) == (0.5, date(2025, 7, 1), date(2026, 12, 31))


def test_every_paper_and_result_of_the_starter_has_an_english_name(starter: Catalogue) -> None:
    for entry in starter.procedures.values():
        assert entry.name["en"]
        assert entry.result.name["en"]
        assert all("en" in part.name for part in entry.components)


def test_every_condition_of_the_starter_has_its_own_question(starter: Catalogue) -> None:
    for entry in starter.procedures.values():
        for part in entry.components:
            if part.condition:
                assert part.condition.question["vi"].endswith("?")
                assert "“" not in part.condition.question["en"]  # the generic sentence quotes the Vietnamese words


def test_former_codes_find_the_procedure(starter: Catalogue) -> None:
    assert starter.by_code("1.116214") is starter.procedures["ho_ngheo_tx"]
    assert starter.by_code("9.999999") is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code": "1193"}, "must be a national code"),
        ({"field": "dat_dai"}, "unknown field 'dat_dai'; use one of ho_tich"),
        ({"source": ["hearsay"]}, "source 'hearsay' is not defined; add it under `sources`"),
        ({"fee": {"amount_vnd": -1}}, "must be 0 or more (found -1)"),
        ({"price": 5}, "unknown key; remove it"),
        ({"certainty": {"time": "sure"}}, "'high', 'medium' or 'low'"),
        ({"fee": {"temporary": {"factor": 0.5, "from": "2026-02-01", "to": "2026-01-01"}}}, "ends before it starts"),
        ({"time_limit": {"unit": "week"}}, "working_day"),
    ],
)
def test_a_wrong_entry_is_named_with_its_cure(changes: dict[str, Any], expected: str, tmp_path: Path) -> None:
    problems = problems_of(a_file(a_procedure(**changes)), tmp_path)
    assert len(problems) == 1
    assert "khai_sinh" in problems[0]
    assert expected in problems[0]
    assert problems[0].startswith(f"{tmp_path / 'list.yaml'}:")


def test_doubled_ids_and_codes_are_refused(tmp_path: Path) -> None:
    same_id = a_procedure(code="1.000002")
    same_code = a_procedure(id="khac")
    problems = problems_of(a_file(a_procedure(), same_id, same_code), tmp_path)
    assert any("khai_sinh: this id is used twice" in problem for problem in problems)
    assert any("khac: code 1.001193 already belongs to khai_sinh" in problem for problem in problems)


def test_a_former_code_must_not_belong_to_somebody_else(tmp_path: Path) -> None:
    other = a_procedure(id="khac", code="1.000002", code_aliases=["1.001193"])
    assert "already belongs to" in problems_of(a_file(a_procedure(), other), tmp_path)[0]


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    content = a_file(a_procedure(code="x", field=""), version={"in_force_from": "soon"})
    assert len(problems_of(content, tmp_path)) == 3


def test_a_version_cannot_end_before_it_begins(tmp_path: Path) -> None:
    content = a_file(version={"in_force_from": "2026-07-01", "in_force_to": "2026-06-30"})
    assert "in_force_to is before in_force_from" in problems_of(content, tmp_path)[0]


def test_an_unreadable_file_says_where(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("version:\n  id: [1\n", "utf-8")
    with pytest.raises(CatalogueError, match=r"list.yaml: line \d"):
        load_catalogue(path)
    with pytest.raises(CatalogueError, match="cannot be read"):
        load_catalogue(tmp_path / "absent.yaml")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(CatalogueError):
        load_catalogue(path)


def test_a_new_list_switches_at_its_date_and_old_days_keep_the_old_names(tmp_path: Path) -> None:
    old = written(tmp_path / "old.yaml", a_file(version={"id": "old"}))
    renamed = a_procedure(name_vi="Khai sinh điện tử")
    new = written(tmp_path / "new.yaml", a_file(renamed, version={"id": "new", "in_force_from": "2026-12-01"}))

    catalogues = load_catalogues([new, old])

    yesterday = catalogues.catalogue_on(date(2026, 11, 30))
    today = catalogues.catalogue_on(date(2026, 12, 1))
    assert yesterday.procedures["khai_sinh"].name["vi"] == "Đăng ký khai sinh"
    assert today.procedures["khai_sinh"].name["vi"] == "Khai sinh điện tử"


def test_a_gap_between_lists_keeps_the_last_one(tmp_path: Path) -> None:
    first = written(
        tmp_path / "a.yaml", a_file(version={"id": "a", "in_force_from": "2026-01-01", "in_force_to": "2026-06-30"})
    )
    later = written(tmp_path / "b.yaml", a_file(version={"id": "b", "in_force_from": "2026-08-01"}))
    catalogues = load_catalogues([first, later])
    assert catalogues.catalogue_on(date(2026, 7, 15)).id == "a"
    assert catalogues.catalogue_on(date(2025, 1, 1)).id == "a"
    assert catalogues.catalogue_on(date(2026, 8, 1)).id == "b"


def test_two_lists_with_one_id_are_refused(tmp_path: Path) -> None:
    paths = [written(tmp_path / name, a_file()) for name in ("a.yaml", "b.yaml")]
    with pytest.raises(CatalogueError, match="used by two files"):
        load_catalogues(paths)


def test_a_condition_without_a_question_gets_a_general_one() -> None:
    part = {"name_vi": "Đơn", "kind": "submit", "condition_vi": "đi xa"}
    condition = a_catalogue(a_procedure(components=[part])).procedures["khai_sinh"].components[0].condition
    assert condition is not None
    assert condition.id == "di_xa"
    assert "đi xa" in condition.question["vi"]
    assert "đi xa" in condition.question["en"]
