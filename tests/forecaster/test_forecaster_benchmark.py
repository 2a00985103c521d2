"""The benchmark of a look measures a real look and a real floor."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import forecaster


def test_the_floor_is_first_come_first_served():
    arrive, minutes = np.array([[0.0, 0.0, 1.0, 2.0]]), np.array([[5.0, 3.0, 4.0, 1.0]])
    start = np.empty((1, 4))
    forecaster.bare(arrive, minutes, np.array([4]), np.array([[0.0, 1.0]]), start)
    assert start.tolist() == [[0.0, 1.0, 4.0, 5.0]]


def test_a_small_office_is_measured_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(forecaster, "SIZES", ((2, 6),))
    assert forecaster.main(["--looks", "2", "--json", str(tmp_path / "out.json")]) == 0
    found = json.loads((tmp_path / "out.json").read_text("utf-8"))["2 counters, 6 waiting"]
    assert found["futures"] == 100
    assert {"waits, p99", "everything, median", "floor", "memory, MB"} < found.keys()
    assert all(np.isfinite(value) and value > 0 for value in found.values())
    assert "waits against floor" in capsys.readouterr().out
