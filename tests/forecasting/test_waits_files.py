"""The benchmarks take files as they come: packed or not, in one piece or several."""

import gzip
import json

import numpy as np
import pytest

from benchmarks import arrivals as arrivals_benchmark
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


def test_a_forecast_that_is_worse_is_called_worse():
    worse = {
        "quarter_hour": 0.5, "same_weekday_last_week": 0.4, "next_hour": 0.3, "next_hour_not_updated": 0.4,
        "coverage": 0.8,
    }  # fmt: skip
    assert "WORSE" in arrivals_benchmark.report("x", worse)
    assert "WORSE" not in arrivals_benchmark.report("x", worse | {"quarter_hour": 0.3})


def test_a_date_is_asked_for(tmp_path):
    with pytest.raises(SystemExit):
        benchmark.main(["--bank", written(tmp_path / "x.csv", [BANK])])
