"""`python -m benchmarks office`: an office made up from a seed, in the format that the other benchmarks read."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import office
from queue_server.forecasting.office_days import parse_office_days, read_office_days


@pytest.mark.parametrize(("counters", "services"), [(1, 1), (1, 4), (2, 3), (5, 9), (14, 10), (40, 12)])
def test_every_service_has_a_counter_whatever_the_size(counters: int, services: int) -> None:
    made = office.made_office(counters, services, np.random.default_rng(1))
    document = {"office": made.office, "days": {"1.0": office.made_days(made, 90.0, 3, [1])}}
    read = parse_office_days(document)
    assert len(read.office.counters) == counters
    assert {skill for counter in read.office.counters for skill in counter.skills} == set(range(services))
    assert [day.weekday for day in read.at("1.0")] == [0, 1, 2]
    assert all(ticket.due_from >= ticket.arrive for day in read.at("1.0") for ticket in day.tickets)


def test_more_people_wait_longer_and_the_load_is_met() -> None:
    made = office.made_office(4, 3, np.random.default_rng(2))
    people = office.people_for(made, 14.0, [2])
    waits = []
    for share in (0.9, 1.0, 1.1):
        days = office.made_days(made, share * people, office.CALIBRATION_DAYS, [2, 1])
        waits.append(office.first_come({"office": made.office, "days": {"1.0": days}}, "1.0"))
    assert waits[0] < waits[1] < waits[2]
    assert waits[1] == pytest.approx(14.0, abs=1.0)


def test_the_file_is_the_same_for_the_same_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / name for name in ("one.json.gz", "again.json.gz", "other.json.gz")]
    size = ["--counters", "3", "--services", "2", "--days", "6"]
    for file, seed in zip(files, ("1", "1", "2"), strict=True):
        assert office.main([*size, "--seed", seed, "--out", str(file)]) == 0
    assert files[0].read_bytes() == files[1].read_bytes() != files[2].read_bytes()
    read = read_office_days(files[0])
    assert sorted(read.days) == ["0.9", "1.0", "1.1"]
    assert all(len(days) == 6 for days in read.days.values())
    assert capsys.readouterr().out.startswith("3 counters, 2 services\nload 0.9: ")


def test_a_wrong_size_or_place_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert office.main(["--counters", "0", "--out", str(tmp_path / "file.json")]) == 2
    assert "counters, services and days must be at least 1" in capsys.readouterr().err
    assert office.main(["--counters", "1", "--services", "1", "--days", "1", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("office: ")
