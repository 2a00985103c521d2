"""The benchmark of the warning: any office file, figures that mean what they say."""

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

from benchmarks import target
from benchmarks.target import SIGNALS, auc, erlang_c
from benchmarks.target_cost import costs


def an_office_file(path: Path, days: int = 6) -> Path:
    """Two counters, two services, some mornings crowded and some calm."""
    random = Random(5)
    office = {
        "services": [{"mean_minutes": 8.0, "cv": 0.6}, {"mean_minutes": 14.0, "cv": 0.6}],
        "counters": [
            {"skills": [0, 1], "speed": 1.0, "lunch_at": 120.0, "lunch_minutes": 30.0},
            {"skills": [0, 1], "speed": 1.1, "lunch_at": 160.0, "lunch_minutes": 30.0},
        ],
        "classes": ["walk_in", "priority"],
        "no_show_minutes": 1.5,
        "close_at": 300.0,
    }
    listed = []
    for day in range(days):
        tickets, at = [], 0.0
        while (at := at + random.expovariate(0.1 if day % 2 else 0.22)) < 260:
            tickets.append(
                {
                    "arrive": at, "due_from": at, "service": random.randint(0, 1), "cls": int(random.random() < 0.1),
                    "minutes": random.lognormvariate(2.1, 0.5), "no_show": False, "pause_after": 0.0,
                }
            )  # fmt: skip
        listed.append({"weekday": day % 5, "tickets": tickets})
    path.write_text(json.dumps({"office": office, "days": {"1.0": listed}}), encoding="utf-8")
    return path


def test_any_office_file_gives_the_table_and_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "figures.json"
    given = ["--days", str(an_office_file(tmp_path / "office.json")), "--runs", "16", "--skip", "3", "--json", str(out)]
    assert target.main(given) == 0
    found = json.loads(out.read_text("utf-8"))
    assert set(found["auc"]) == set(found["auc_fine"]) == set(SIGNALS)
    assert found["auc"]["motcua"] > 0.7
    assert 0 < found["late"] < 1
    text = capsys.readouterr().out
    assert all(name in text for name in SIGNALS)


def test_a_file_that_is_none_is_refused_with_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit):
        target.main(["--days", str(tmp_path / "wrong.json")])
    assert "office-days document" in capsys.readouterr().err


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    late = np.array([0.0, 0.0, 1.0, 1.0])
    assert auc(np.array([1.0, 2.0, 3.0, 4.0]), late) == 1.0
    assert auc(np.array([4.0, 3.0, 2.0, 1.0]), late) == 0.0
    assert auc(np.array([1.0, 1.0, 1.0, 1.0]), late) == 0.5
    assert auc(np.array([1.0, 3.0, 2.0, 4.0]), late) == 0.75
    assert auc(np.array([1.0, 2.0]), np.array([0.0, 0.0])) is None


def test_erlang_c_gives_the_known_mean_wait() -> None:
    assert erlang_c(1, 0.5, 1.0) == pytest.approx(1.0)  # M/M/1 at one half: as long as one service
    assert erlang_c(2, 1.0, 1.0) == pytest.approx(1 / 3)
    assert erlang_c(2, 3.0, 1.0) > 60


def test_every_part_of_a_look_has_its_cost() -> None:
    found = costs(4, 4, 6, 16)
    assert set(found) >= {"scene", "hour", "day", "cause", "advice", "reference, one future"}
    assert found["waiting"] == 6
    assert all(value >= 0 for value in found.values())


def test_days_of_hardly_anybody_leave_nothing_to_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = an_office_file(tmp_path / "days.json")
    document = json.loads(path.read_text())
    for days in document["days"].values():
        for day in days:
            day["tickets"] = day["tickets"][:1]
    path.write_text(json.dumps(document))
    with pytest.raises(SystemExit, match="2"):
        target.main(["--days", str(path), "--load", next(iter(document["days"]))])
    assert "nothing can be asked" in capsys.readouterr().err


def test_a_signal_of_no_question_is_no_figure() -> None:
    assert set(target.figures([])["auc_fine"].values()) == {None}  # type: ignore[attr-defined]
