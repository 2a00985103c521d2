"""From the server's JSON to the kiosk's picture."""

from typing import Any

import pytest

from kiosk.catalogue import CatalogueError, only_offered, read_catalogue, read_office, read_services
from kiosk.world import World, said
from tests.kiosk.standin import CATALOGUE, office_json, services_json

FIELDS, PROCEDURES = read_catalogue(CATALOGUE)


def test_the_whole_starter_catalogue_is_understood() -> None:
    assert len(PROCEDURES) == len(CATALOGUE["procedures"])
    assert len(FIELDS) == 15
    for known in PROCEDURES.values():
        assert said(known.fee.text, "vi"), known.id
        assert said(known.time_limit.text, "vi"), known.id
        assert {paper.question for paper in known.papers} - {None} <= {question.id for question in known.questions}


def test_conditional_papers_appear_only_in_their_case() -> None:
    birth = PROCEDURES["khai_sinh"]
    assert len(birth.needed(frozenset())) == 3
    assert len(birth.needed(frozenset({"mang_thai_ho"}))) == 4
    assert len(birth.needed(frozenset(each.id for each in birth.questions))) == 6


def test_english_stands_beside_vietnamese() -> None:
    birth = PROCEDURES["khai_sinh"]
    assert said(birth.fee.text, "en") == "Free of charge"
    assert said(birth.papers[0].name, "en").startswith("Birth registration form")
    assert said({"vi": "chỉ có tiếng Việt"}, "en") == "chỉ có tiếng Việt"


def test_only_priority_classes_are_asked_about() -> None:
    office = read_office(office_json())
    assert [each.id for each in office.classes] == ["elderly", "pregnant", "disabled", "merit", "with_infant"]
    assert office.open
    assert not read_office(office_json(is_open=False)).open


def test_a_kiosk_of_a_few_services_gives_numbers_for_those_alone() -> None:
    whole = World(procedures=PROCEDURES, services=read_services(services_json()))
    assert only_offered(whole, ()) == whole
    few = only_offered(whole, ("ho_tich", "tra_ket_qua"))
    assert set(few.services) == {"ho_tich", "tra_ket_qua"}
    assert few.procedures["khai_sinh"].service == "ho_tich"
    assert len(few.procedures) == len(whole.procedures), "the others can still be read about"
    assert {each.service for each in few.procedures.values()} == {"ho_tich", None}
    assert [each.id for each in few.plain_services()] == ["tra_ket_qua"]


def test_services_bring_their_waits() -> None:
    services = read_services(services_json())
    assert services["ho_tich"].prefix == "A"
    assert services["ho_tich"].waiting == 4
    assert (services["ho_tich"].wait_low, services["ho_tich"].wait_high) == (8, 16)


@pytest.mark.parametrize(
    "broken",
    [None, [], {}, {"fields": []}, {"fields": [{}], "procedures": []}, {"fields": [], "procedures": [{"id": 1}]}],
)
def test_a_broken_catalogue_is_refused(broken: Any) -> None:
    with pytest.raises(CatalogueError):
        read_catalogue(broken)


@pytest.mark.parametrize("broken", [None, {}, {"services": [{"id": "a"}]}, {"services": 4}])
def test_broken_services_are_refused(broken: Any) -> None:
    with pytest.raises(CatalogueError):
        read_services(broken)


@pytest.mark.parametrize("broken", [None, {}, {"unit_name": "x"}])
def test_a_broken_office_is_refused(broken: Any) -> None:
    with pytest.raises(CatalogueError):
        read_office(broken)
