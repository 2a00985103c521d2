"""The storm in the suite: seeds that keep every promise, and the same story told the same wherever it is told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = 200


def storm(*arguments: object, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    """The command as a person runs it."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.storm", *map(str, arguments)]
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.timeout(240)
def test_no_seed_breaks_a_promise(tmp_path: Path) -> None:
    done = storm("--seeds", SEEDS, "--json", tmp_path / "found.json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["violations"] == []
    struck = found["faults"]
    for kind in ("clock-start", "clock-jump", "clock-drift", "crash-office", "crash-kiosk", "midnight"):
        assert struck[kind] > 0, kind
    for kind in ("message-late", "message-doubled", "message-lost", "answer-lost", "line-down", "restart"):
        assert struck[kind] > 0, kind
    for kind in (
        "forecast-late",
        "forecast-cut",
        "forecast-doubled",
        "forecast-garbage",
        "forecast-failed",
        "tail-lost",
    ):
        assert struck[kind] > 0, kind


def test_a_seed_is_told_the_same_in_every_process() -> None:
    first, second = (storm("--seeds", 12, "--verbose", hash_seed=salt) for salt in ("1", "2"))
    assert first.stdout == second.stdout, "a story hangs on the order of a hash, a clock or the machine's randomness"
