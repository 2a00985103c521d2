from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from queue_server.catalogue.loader import load_catalogue
from queue_server.queue.config import MINUTE
from queue_server.site.loader import SiteError, load_site
from queue_server.site.model import uncovered
from tests.catalogue.builders import a_file, a_procedure
from tests.site.builders import entry, guide_example, opened, refused, small_office, written


def test_the_office_of_the_guide_opens(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(guide_example(), "utf-8")
    site = load_site(path)
    assert site.id == "ea-drang"
    assert not site.example
    assert site.public_url == "https://motcua.example.vn"
    assert site.connected_data == {"population_db"}
    assert site.service_of("khai_thac_nuoc") is None
    assert site.without_service["khai_thac_nuoc"].startswith("Sở Nông nghiệp")
    assert uncovered(load_catalogue(), site) == ()


def test_minutes_of_the_file_are_seconds_of_the_queue(tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["rules"] = {"recall_gap_seconds": 20, "postpone_max_minutes": 45, "lease_size": 5}
        content["policy"] = {"name": "index", "ordinary_per_priority": 3, "options": {"fair_fast": 0.75}}

    office = opened(tmp_path, change).office
    assert office.services["ho_tich"].typical == 10 * MINUTE
    assert office.classes["elderly"].target == 10 * MINUTE
    assert office.ceiling("elderly") == 30 * MINUTE
    assert (office.rules.recall_gap, office.rules.postpone_max, office.rules.lease_size) == (20, 45 * MINUTE, 5)
    assert (office.rules.recall_limit, office.rules.appointment_late) == (3, 15 * MINUTE)
    assert (office.policy.name, office.policy.ordinary_per_priority, office.policy.options) == (
        "index",
        3,
        {"fair_fast": 0.75},
    )


def test_names_that_are_left_out_are_made(tmp_path: Path) -> None:
    site = opened(tmp_path)
    assert site.office.counters["q1"].name == {"vi": "Quầy 1", "en": "Counter 1"}
    assert site.kiosks["kiosk-1"].name == {"vi": "Ki-ốt kiosk-1", "en": "Kiosk kiosk-1"}
    assert site.kiosks["kiosk-1"].languages == ("vi", "en")
    assert site.boards["sanh"].languages == ("vi",)


def test_the_age_from_which_it_counts_is_the_sites_own(tmp_path: Path) -> None:
    site = opened(tmp_path, lambda content: entry(content, "classes", "elderly").update(age=75))
    assert site.office.classes["elderly"].name["en"] == "Elderly (75 or older)"


def test_phone_booking_needs_the_channel_and_the_service(tmp_path: Path) -> None:
    def allow(content: dict[str, Any]) -> None:
        entry(content, "services", "ho_tich")["phone"] = True

    def open_channel(content: dict[str, Any]) -> None:
        allow(content)
        content["phone_channel"] = True

    assert not opened(tmp_path, allow).office.services["ho_tich"].phone
    site = opened(tmp_path, open_channel)
    assert site.office.services["ho_tich"].phone
    assert not site.office.services["chung"].phone


def test_officers_are_optional(tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["officers"] = [{"id": "lan", "name": "Chị Lan", "counters": ["q1"]}]

    assert opened(tmp_path).officers == {}
    assert opened(tmp_path, change).officers["lan"].counters == ("q1",)


def test_an_office_with_its_own_list(tmp_path: Path) -> None:
    content = a_file(a_procedure(name_vi="Khai sinh"), version={"id": "tinh", "in_force_from": "2027-01-01"})
    (tmp_path / "tinh.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    site = opened(tmp_path, lambda office: office.update(catalogues=["starter", "tinh.yaml"]))
    assert site.catalogues.catalogue_on(date(2026, 12, 31)).id == "starter"
    assert site.catalogues.catalogue_on(date(2027, 1, 1)).procedures["khai_sinh"].name["vi"] == "Khai sinh"


def test_a_new_list_cannot_leave_a_procedure_without_a_counter(tmp_path: Path) -> None:
    fields = [{"id": "y_te", "name_vi": "Y tế", "name_en": "Health", "suggested_ticket_prefix": "Y"}]
    content = a_file(a_procedure(id="kham", field="y_te"), fields=fields, version={"id": "tinh"})
    (tmp_path / "tinh.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    problems = refused(tmp_path, lambda office: office.update(catalogues=["starter", "tinh.yaml"]))
    assert len(problems) == 1
    assert "procedure kham (1.001193) has no service; add field y_te to a service, or state the reason" in problems[0]


def test_a_broken_list_is_reported_with_the_site(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path, lambda office: office.update(catalogues=["absent.yaml"]))[0]
    assert "cannot be read" in refused(tmp_path, lambda office: office.update(everyday="absent.yaml"))[0]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="cannot be read"):
        load_site(tmp_path / "absent.yaml")
    with pytest.raises(SiteError, match="cannot be read"):
        load_site(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "3", "site: [", "a: b: c", "\t- x", "!!python/object:os.system {}"])
def test_a_file_that_is_no_site_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(SiteError) as caught:
        load_site(path)
    assert all(problem.startswith(str(path)) for problem in caught.value.problems)


def test_a_key_written_twice_is_found(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(guide_example() + "\nhours: hanh_chinh\n", "utf-8")
    with pytest.raises(SiteError, match="hours: this key is written twice"):
        load_site(path)


def test_problems_stand_at_their_line(tmp_path: Path) -> None:
    text = guide_example().replace("prefix: B", "prefix: A")
    path = tmp_path / "site.yaml"
    path.write_text(text, "utf-8")
    line = max(number for number, row in enumerate(text.splitlines(), 1) if "prefix: A" in row)
    with pytest.raises(SiteError) as caught:
        load_site(path)
    expected = f"{path}:{line}: services › chung: prefix A is already used by ho_tich; choose another letter"
    assert caught.value.problems == [expected]


def test_every_problem_comes_at_once(tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["hours"] = "nghi"
        entry(content, "services", "chung")["prefix"] = "A"
        entry(content, "counters", "q1")["services"].append("bay")
        entry(content, "classes", "elderly")["ceiling_minutes"] = 5
        content["targets"]["live"] = "wait_2030"

    assert len(refused(tmp_path, change)) == 5


def test_loading_twice_gives_the_same_office(tmp_path: Path) -> None:
    path = written(tmp_path, small_office())
    assert load_site(path) == load_site(path)
