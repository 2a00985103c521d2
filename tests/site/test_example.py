"""The example office that opens without a site file."""

from datetime import UTC, datetime, timedelta

import pytest

from queue_server.queue.config import MINUTE, ClassKind, OfficeConfig
from queue_server.site.loader import load_site
from queue_server.site.model import Site, uncovered


@pytest.fixture(scope="module")
def example() -> Site:
    return load_site()


def test_it_says_that_it_is_an_example(example: Site) -> None:
    assert example.example
    assert "ví dụ" in example.name["vi"]
    assert "example" in example.name["en"]


def test_it_is_open_at_any_hour_of_any_day(example: Site) -> None:
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    for hours in range(0, 24 * 8, 5):
        now = monday + timedelta(hours=hours)
        assert example.is_open(None, now)
        assert all(example.is_open(service, now) for service in example.office.services)
        assert example.closes_at(None, now) is None
        assert example.next_opening(None, now) is None


def test_its_size(example: Site) -> None:
    office = example.office
    assert isinstance(office, OfficeConfig)
    assert len(office.counters) == 8
    assert len(office.services) == 16
    assert len(office.zones) == 2
    assert set(example.kiosks) == set(office.kiosks) == {"kiosk-1", "kiosk-2"}
    assert {kiosk.orientation for kiosk in example.kiosks.values()} == {"portrait", "landscape"}
    assert {board.zone for board in example.boards.values() if board.speaks} == set(office.zones)


def test_every_procedure_has_a_service(example: Site) -> None:
    (catalogue,) = example.catalogues.versions
    assert uncovered(catalogue, example) == ()
    services = {example.service_of(entry) for entry in catalogue.procedures.values()}
    assert len(services) == 10
    assert example.service_of("khai_sinh") == "ho_tich"
    assert example.service_of("long_duong_via_he") == "xay_dung"  # by name, against its field


def test_an_unknown_procedure_is_an_error(example: Site) -> None:
    with pytest.raises(KeyError):
        example.service_of("khong_co")


def test_every_counter_service_of_the_catalogue_is_there(example: Site) -> None:
    (catalogue,) = example.catalogues.versions
    assert set(example.counter_services.values()) == set(catalogue.counter_services)


def test_people_wait_where_they_are_served(example: Site) -> None:
    for service in example.office.services.values():
        zones = {counter.zone for counter in example.office.counters.values() if service.id in counter.services}
        assert service.zone in zones, service.id


def test_numbers_are_unambiguous(example: Site) -> None:
    prefixes = [service.prefix for service in example.office.services.values()]
    assert len(set(prefixes)) == len(prefixes)


def test_who_has_priority(example: Site) -> None:
    classes = example.office.classes
    priority = {name for name, known in classes.items() if known.kind is ClassKind.PRIORITY}
    assert priority == {"elderly", "pregnant", "disabled", "merit", "with_infant"}
    assert classes["elderly"].name["vi"] == "Người cao tuổi (từ 60 tuổi trở lên)"
    assert not classes["walk_in"].self_declared
    assert example.office.ceiling("walk_in") == 45 * MINUTE


def test_targets_hold_both_rows_of_2022_and_watch_the_one_of_2025(example: Site) -> None:
    rows = {row.id: row for row in example.targets}
    assert {row.minutes for row in example.targets if row.year == 2022} == {30, 20}
    assert not rows["wait_2022_plan"].chosen
    assert rows["wait_2022_annex"].chosen  # the stricter one
    assert example.live_target.minutes == 15
    assert example.office.target == 15 * MINUTE
    assert rows["counter_2025"].quote is not None
    assert "tối thiểu 30 phút" in rows["counter_2025"].quote
