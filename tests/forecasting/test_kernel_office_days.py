"""The office-days file and the benchmark that reads it."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import routing
from queue_server.forecasting.office_days import OfficeDaysError, ordered_classes, parse_office_days, read_office_days
from tests.forecasting.test_kernel_offices import a_day, an_office


def a_document() -> dict[str, Any]:
    office = an_office(7)
    return {
        "office": {
            "services": [{"mean_minutes": s.mean_minutes, "cv": s.cv} for s in office.services],
            "counters": [
                {"skills": list(c.skills), "speed": c.speed, "lunch_at": c.lunch_at, "lunch_minutes": c.lunch_minutes}
                for c in office.counters
            ],
            "classes": list(office.classes),
            "walk_minutes": 0.5,
            "no_show_minutes": office.no_show_minutes,
            "close_at": office.close_at,
        },
        "days": {
            "1.0": [
                {
                    "weekday": 0,
                    "tickets": [
                        {
                            "arrive": t.arrive,
                            "due_from": t.due_from,
                            "service": t.service,
                            "cls": t.cls,
                            "minutes": t.minutes,
                            "no_show": t.no_show,
                            "pause_after": t.pause_after,
                        }
                        for t in a_day(office, seed).tickets
                    ],
                }
                for seed in range(3)
            ]
        },
    }


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "days.json.gz"
    path.write_bytes(gzip.compress(json.dumps(a_document()).encode()))
    return path


def test_a_file_is_read_as_it_was_written(written: Path) -> None:
    read = read_office_days(written)
    assert read.office == an_office(7)
    assert read.at("1.0")[2] == a_day(an_office(7), 2)
    assert read.at("1") == read.at("1.0")


def test_a_load_that_is_not_there_names_those_that_are(written: Path) -> None:
    with pytest.raises(OfficeDaysError, match=r"1\.0"):
        read_office_days(written).at("2.0")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda d: d.pop("office"), "office"),
        (lambda d: d["days"].clear(), "no days"),
        (lambda d: d["office"]["services"][0].update(mean_minutes=0), "mean_minutes"),
        (lambda d: d["office"]["counters"][0].update(skills=[9]), "no service"),
        (lambda d: d["days"]["1.0"][0]["tickets"][0].update(service=8), "no counter serves"),
        (lambda d: d["days"]["1.0"][0]["tickets"][0].update(cls=5), "class 5"),
        (lambda d: d["days"]["1.0"][0]["tickets"][0].pop("minutes"), "it has no 'minutes'"),
        (lambda d: d["days"]["1.0"][0]["tickets"][0].update(minutes=float("nan")), "minutes is nan"),
        (lambda d: d["days"]["1.0"][0]["tickets"][0].update(minutes=-3), "minutes is -3, less than 0"),
        (lambda d: d["days"]["1.0"][0]["tickets"][0].update(arrive="noon"), "noon"),
        (lambda d: d["office"]["counters"][0].update(speed=0), "speed 0"),
        (lambda d: d["office"].update(classes=["walk_in", "walk_in", "priority"]), "each named once"),
        (lambda d: d["office"].update(close_at=float("inf")), "close_at is inf"),
    ],
)
def test_a_spoilt_file_says_what_is_wrong(spoil: Any, told: str) -> None:
    document = a_document()
    spoil(document)
    with pytest.raises(OfficeDaysError, match=told):
        parse_office_days(document)


def test_the_order_of_the_classes_in_a_file_changes_nothing() -> None:
    document, turned = a_document(), a_document()
    names = document["office"]["classes"]
    turned["office"]["classes"] = list(reversed(names))
    for day in turned["days"]["1.0"]:
        for ticket in day["tickets"]:
            ticket["cls"] = len(names) - 1 - ticket["cls"]
    assert names[0] != turned["office"]["classes"][0]
    assert parse_office_days(turned) == parse_office_days(document)


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (("appointment", "priority"), ("walk_in", "priority", "appointment")),
        (("vip", "walk_in"), ("walk_in", "vip")),
        (("ordinary", "elderly"), ("ordinary", "elderly")),
        (("walk_in",), ("walk_in",)),
    ],
)
def test_the_ordinary_class_stands_first(names: tuple[str, ...], ordered: tuple[str, ...]) -> None:
    assert ordered_classes(names) == ordered


@pytest.mark.parametrize("spoil", [dict.clear, lambda lunch: lunch.update(lunch_at=None, lunch_minutes=None)])
def test_a_counter_without_a_lunch_is_there_all_day(spoil: Any) -> None:
    document = a_document()
    counter = document["office"]["counters"][0]
    lunch = {"lunch_at": counter.pop("lunch_at"), "lunch_minutes": counter.pop("lunch_minutes")}
    spoil(lunch)
    counter.update(lunch)
    assert parse_office_days(document).office.counters[0].lunch_minutes == 0.0


def test_a_load_that_is_no_number_names_those_that_are_there(written: Path) -> None:
    with pytest.raises(OfficeDaysError, match=r"no days at load busy: the file has 1\.0"):
        read_office_days(written).at("busy")


def test_a_file_that_is_no_json_is_an_office_days_error(tmp_path: Path) -> None:
    path = tmp_path / "days.json.gz"
    path.write_bytes(b"not gzip")
    with pytest.raises(OfficeDaysError):
        read_office_days(path)


@pytest.mark.parametrize("policy", ["fcfs", "ratio", "accumulating", "look-ahead"])
def test_the_benchmark_writes_its_eight_figures(
    written: Path, tmp_path: Path, policy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    arguments = ["--days", str(written), "--load", "1.0", "--policy", policy, "--futures", "8", "--rounds", "2"]
    assert routing.main([*arguments, "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    assert set(report) == {"policy", "fcfs"}
    assert set(report["policy"]) == set(routing.COLUMNS)
    assert 0 < report["policy"]["mean"] < report["policy"]["p999"]
    assert (report["policy"] == report["fcfs"]) == (policy == "fcfs")
    assert policy in capsys.readouterr().out


@pytest.mark.parametrize("names", [["walk_in"], ["ordinary", "elderly"]])
def test_the_benchmark_names_the_three_classes_whoever_came(tmp_path: Path, names: list[str]) -> None:
    document, path, out = a_document(), tmp_path / "days.json", tmp_path / "out.json"
    document["office"]["classes"] = names
    for day in document["days"]["1.0"]:
        for ticket in day["tickets"]:
            ticket["cls"] %= len(names)
    path.write_text(json.dumps(document))
    assert routing.main(["--days", str(path), "--policy", "index", "--rounds", "1", "--json", str(out)]) == 0
    for figures in json.loads(out.read_text()).values():
        assert set(figures) == {*routing.COLUMNS, *names}
        assert figures["priority"] is None
        assert figures[names[0]] >= 0


@pytest.mark.parametrize(
    ("option", "value"),
    [("--ceilings", "60"), ("--ceilings", "a,b"), ("--ceilings", "0,20"), ("--folds", "1"), ("--first", "0")],
)
def test_the_benchmark_refuses_an_option_that_makes_no_sense(
    written: Path, option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        routing.main(["--days", str(written), option, value])
    assert f"argument {option}: " in capsys.readouterr().err


def test_first_days_on_which_nobody_came_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document, path = a_document(), tmp_path / "days.json"
    document["days"]["1.0"][0]["tickets"] = []
    path.write_text(json.dumps(document))
    assert routing.main(["--days", str(path), "--first", "1"]) == 2
    assert "nobody came on the first 1 days at load 1.0" in capsys.readouterr().err


def test_the_benchmark_refuses_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert routing.main(["--days", str(tmp_path / "none.json"), "--policy", "fcfs"]) == 2
    assert "none.json" in capsys.readouterr().err


@pytest.mark.parametrize("days", [[], [{"tickets": []}, {"weekday": 3, "tickets": []}]])
def test_a_load_at_which_nobody_came_says_so(days: list[dict[str, Any]]) -> None:
    document = a_document()
    document["days"]["1.0"] = days
    with pytest.raises(OfficeDaysError, match=r"nobody came on any day at load 1\.0"):
        parse_office_days(document).at("1.0")
