"""The benchmarks take files as they come: packed or not, in one piece or several."""

import gzip
import json

import numpy as np
import pytest

from benchmarks import arrivals as arrivals_benchmark
from benchmarks import routing as routing_benchmark
from benchmarks import target as target_benchmark
from benchmarks import waits as benchmark
from queue_server.forecasting.learned import Growth

WARSAW = "office,queue,label,date,minute,called,waiting,open_counters,vendor_minutes"
BANK = "date,type,priority,arr,wait,outcome,server,ser_start,ser_exit,ser_time"
FIGURES = {"mae", "les_mae", "coverage", "coverage_over_15", "by_service"}


def snapshots(day: int) -> list[str]:
    """One queue's day: about three people come and are called in each five minutes."""
    rng = np.random.default_rng(day)
    called = waiting = 0
    rows = [f"UD,1,A,2020-01-{day:02d},480,0,0,2,10"]
    for step in range(1, 70):
        gone = min(int(rng.poisson(3)), waiting)
        called, waiting = called + gone, waiting - gone + int(rng.poisson(3.3))
        rows.append(f"UD,1,A,2020-01-{day:02d},{480 + 5 * step},{called},{waiting},2,10")
    return rows


def phone_calls(day: int) -> list[str]:
    """One agent who is nearly always busy."""
    rng = np.random.default_rng(day)
    free = now = 28_000.0
    rows = []
    for _ in range(180):
        now += rng.exponential(150.0)
        start = max(now, free)
        took = rng.exponential(95.0) + 5
        free = start + took
        rows.append(f"199901{day:02d},PS,1,{now:.0f},{start - now:.0f},AGENT,agent01,{start:.0f},0,{took:.0f}")
    return rows


@pytest.fixture(autouse=True)
def quick_trees(monkeypatch):
    monkeypatch.setattr(benchmark, "GROWTH", Growth(trees=15, rate=0.3, depth=3, least_leaf=20))


def written(path, lines, *, packed=False):
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return str(path)


@pytest.mark.parametrize(
    ("kind", "header", "rows", "test_from"),
    [("--warsaw", WARSAW, snapshots, "2020-01-14"), ("--bank", BANK, phone_calls, "1999-01-14")],
)
def test_two_files_give_what_one_file_gives(tmp_path, kind, header, rows, test_from):
    days = [rows(day) for day in range(6, 16)]
    whole = written(tmp_path / "whole.csv", [header, *(row for day in days for row in day)])
    early = written(tmp_path / "early.csv.gz", [header, *(row for day in days[:7] for row in day)], packed=True)
    late = written(tmp_path / "late.csv", [header, *(row for day in days[7:] for row in day)])
    found = []
    for number, files in enumerate(([whole], [early, "--more", late])):
        out = tmp_path / f"{number}.json"
        assert benchmark.main([kind, *files, "--test-from", test_from, "--json", str(out)]) == 0
        found.append(json.loads(out.read_text(encoding="utf-8")))
    assert found[0] == found[1]
    assert set(found[0]) == FIGURES
    assert found[0]["mae"] < found[0]["les_mae"]
    assert 0.55 < found[0]["coverage"] <= 1


def test_the_arrivals_table_names_the_rule_of_thumb_and_the_verdict(tmp_path, capsys):
    lines = [BANK, *(row for day in range(3, 23) for row in phone_calls(day))]
    path = written(tmp_path / "bank.csv", lines)
    out = tmp_path / "out.json"
    arguments = ["--bank", path, "--test-from", "1999-01-18", "--json", str(out)]
    assert arrivals_benchmark.main(arguments) == 0
    table = capsys.readouterr().out
    assert "same weekday last week" in table
    assert "the forecast is" in table
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert 0 < figures["next_hour"] < 1
    assert set(figures["ordinary_days"]) <= set(figures)


def an_office_file(path, days=16):
    """Days of two services in which 40 people come in the first two hours."""
    ticket = {"due_from": 0.0, "cls": 0, "minutes": 5.0, "no_show": False, "pause_after": 0.0}
    document = {
        "office": {
            "services": [{"mean_minutes": 5.0, "cv": 0.5}] * 2,
            "counters": [{"skills": [0, 1], "speed": 1.0, "lunch_at": 200.0, "lunch_minutes": 30.0}],
            "classes": ["walk_in"],
            "no_show_minutes": 1.0,
            "close_at": 500.0,
        },
        "days": {
            "1.0": [
                {"weekday": n % 5, "tickets": [{**ticket, "arrive": 3.0 * k, "service": k % 2} for k in range(40)]}
                for n in range(days)
            ]
        },
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_a_made_up_office_has_its_arrivals_told(tmp_path, capsys):
    path, out = an_office_file(tmp_path / "days.json"), tmp_path / "out.json"
    (line,) = arrivals_benchmark.office(tmp_path / "days.json", "1.0").values()
    assert [one.day.weekday() for one in line] == [n % 5 for n in range(16)]
    assert line[0].counts[30:38].tolist() == [5.0] * 8
    assert line[0].signals["1"].sum() == 20
    arguments = ["--days", path, "--test-from", "2024-01-17", "--json", str(out)]
    assert arrivals_benchmark.main(arguments) == 0
    assert "at the day's level alone" in capsys.readouterr().out
    assert 0 < json.loads(out.read_text(encoding="utf-8"))["next_hour_at_the_level"] < 1
    assert arrivals_benchmark.main([*arguments, "--load", "7"]) == 2
    assert "no days at load 7" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        arrivals_benchmark.main([*arguments, "--more", path])


def test_a_forecast_that_is_worse_is_called_worse():
    worse = {
        "quarter_hour": 0.5, "same_weekday_last_week": 0.4, "next_hour": 0.3, "next_hour_not_updated": 0.4,
        "next_hour_at_the_level": 0.4, "coverage": 0.8,
    }  # fmt: skip
    assert "WORSE" in arrivals_benchmark.report("x", worse)
    assert "WORSE" not in arrivals_benchmark.report("x", worse | {"quarter_hour": 0.3})


def test_a_date_is_asked_for(tmp_path):
    with pytest.raises(SystemExit):
        benchmark.main(["--bank", written(tmp_path / "x.csv", [BANK])])


@pytest.mark.parametrize("main", [benchmark.main, arrivals_benchmark.main])
@pytest.mark.parametrize(
    ("header", "test_from", "said"),
    [
        (WARSAW, "1999-01-08", "no column type, priority"),
        (BANK, "1999-02-01", "the days are 1999-01-06 to 1999-01-09"),
        (BANK, "1999-01-06", "the days are 1999-01-06 to 1999-01-09"),
    ],
)
def test_another_source_or_a_date_outside_is_told(tmp_path, capsys, main, header, test_from, said):
    rows = [row for day in range(6, 10) for row in (phone_calls(day) if header == BANK else snapshots(day))]
    file = written(tmp_path / "file.csv", [header, *rows])
    assert main(["--bank", file, "--test-from", test_from]) == 2
    assert said in capsys.readouterr().err


def test_later_days_in_other_columns_are_refused(tmp_path, capsys):
    first = written(tmp_path / "first.csv", [BANK, *phone_calls(6)])
    other = written(tmp_path / "other.csv", [",".join(reversed(BANK.split(","))), *phone_calls(7)])
    assert benchmark.main(["--bank", first, "--more", other, "--test-from", "1999-01-07"]) == 2
    assert f"{other}: its columns are not those of" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bnot packed", b"\xff\xfe"])
def test_a_file_that_is_none_is_named(tmp_path, capsys, content):
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    assert benchmark.main(["--warsaw", str(path), "--test-from", "2020-01-07"]) == 2
    assert f"waits: {path}: " in capsys.readouterr().err
    assert benchmark.main(["--days", str(tmp_path / "nowhere.json")]) == 2
    assert "nowhere.json" in capsys.readouterr().err


def strange_office(**changes):
    """A small office as a document; `changes` go into every counter."""
    counter = {"skills": [0, 1], "speed": 1.0, "lunch_at": 240.0, "lunch_minutes": 0.0} | changes
    rng = np.random.default_rng(1)
    days = [
        {
            "tickets": [
                {
                    "arrive": float(at), "due_from": float(at), "service": 0, "cls": int(rng.integers(4)),
                    "minutes": float(rng.exponential(8) + 1), "no_show": False, "pause_after": 0.0,
                }
                for at in np.sort(rng.uniform(0, 500, 0 if number == 4 else 55))
            ]
        }
        for number in range(6)
    ]  # fmt: skip
    return {
        "office": {
            "services": [{"mean_minutes": 9.0, "cv": 1.0}, {"mean_minutes": 20.0, "cv": 0.5}], "counters": [counter],
            "classes": ["a", "b", "c", "d"], "no_show_minutes": 1.0, "close_at": 600.0,
        },
        "days": {"1": days},
    }  # fmt: skip


def test_an_office_of_one_counter_four_classes_and_an_empty_day(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark, "RUNS", 20)
    out = tmp_path / "out.json"
    for number, document in enumerate((strange_office(), strange_office(lunch_minutes=45.0))):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        assert benchmark.main(["--days", str(path), "--load", "1.0", "--json", str(out)]) == 0
        found = json.loads(out.read_text(encoding="utf-8"))
        assert set(found) == FIGURES
        assert 0 < found["mae"] < 60
        assert list(found["by_service"]) == ["others"]


def test_days_of_another_office_are_not_taken_as_more(tmp_path, capsys):
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    for path, pace in zip(paths, (1.0, 1.2), strict=True):
        path.write_text(json.dumps(strange_office(speed=pace)), encoding="utf-8")
    assert benchmark.main(["--days", str(paths[0]), "--more", str(paths[1])]) == 2
    assert f"{paths[1]}: its office is not that of {paths[0]}" in capsys.readouterr().err


def test_a_queue_in_which_nobody_waits_is_told(tmp_path, capsys):
    rows = [f"UD,1,A,2020-01-{day:02d},{480 + 5 * k},0,0,2,10" for day in (7, 8) for k in range(30)]
    file = written(tmp_path / "quiet.csv", [WARSAW, *rows])
    assert benchmark.main(["--warsaw", file, "--test-from", "2020-01-08"]) == 2
    assert benchmark.NOTHING in capsys.readouterr().err


def test_the_long_waits_of_a_day_without_any_have_no_coverage(tmp_path, capsys):
    rows = [row for day in range(6, 16) for row in phone_calls(day) if int(row.split(",")[4]) <= 600]
    file, out = written(tmp_path / "short.csv", [BANK, *rows]), tmp_path / "out.json"
    assert benchmark.main(["--bank", file, "--test-from", "1999-01-14", "--json", str(out)]) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["coverage_over_15"] is None
    assert "of the waits over 15 minutes – (there were none)" in capsys.readouterr().out


def test_arrivals_of_a_made_up_office_need_no_date(tmp_path):
    path, found = an_office_file(tmp_path / "days.json"), []
    for number, more in enumerate(([], ["--test-from", "2024-01-11"])):
        out = tmp_path / f"{number}.json"
        assert arrivals_benchmark.main(["--days", path, *more, "--json", str(out)]) == 0
        found.append(json.loads(out.read_text(encoding="utf-8")))
    assert found[0] == found[1]


def test_arrivals_of_real_days_need_one(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        arrivals_benchmark.main(["--bank", written(tmp_path / "x.csv", [BANK])])
    assert "--test-from is needed" in capsys.readouterr().err


def test_a_load_that_is_no_number_is_told(tmp_path, capsys):
    assert arrivals_benchmark.main(["--days", an_office_file(tmp_path / "days.json"), "--load", "busy"]) == 2
    assert "no days at load busy" in capsys.readouterr().err


@pytest.mark.parametrize(
    "main", [benchmark.main, arrivals_benchmark.main, routing_benchmark.main, target_benchmark.main]
)
def test_figures_that_cannot_be_written_are_refused_beforehand(tmp_path, capsys, main):
    path = an_office_file(tmp_path / "days.json")
    for out in (tmp_path / "nowhere" / "out.json", tmp_path):
        with pytest.raises(SystemExit, match="2"):
            main(["--days", path, "--json", str(out)])
        assert f"{out} cannot be written" in capsys.readouterr().err
