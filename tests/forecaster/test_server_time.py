"""The forecaster goes by the office's clock, whatever its machine's shows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from queue_server.forecaster.link import ForecastLink
from queue_server.forecaster.server_time import ServerTime, time_line

NOON = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)


@dataclass
class Seconds:
    passed: float = 0.0

    def __call__(self) -> float:
        return self.passed


def test_what_the_server_said_goes_on() -> None:
    steady = Seconds()
    time = ServerTime(NOON, steady)
    steady.passed = 90.0
    assert time() == NOON + timedelta(seconds=90)
    assert time.hears(time_line(NOON - timedelta(hours=3)).decode())
    steady.passed += 10.0
    assert time() == NOON - timedelta(hours=3) + timedelta(seconds=10)


@pytest.mark.parametrize(
    "line", ["", "noon", "7", "{}", '{"now": 7}', '{"now": "2026-12-01T05:00:00"}', '{"applied": "x"}']
)
def test_another_line_is_no_time(line: str) -> None:
    time = ServerTime(NOON, Seconds())
    assert not time.hears(line)
    assert time() == NOON


def test_a_program_of_another_time_is_told_the_offices(tmp_path: Path) -> None:
    sent: list[bytes] = []

    class Heard(ForecastLink):
        def _write(self, line: bytes) -> None:
            sent.append(line)

    link = Heard(tmp_path, now=lambda: NOON)
    link._tell_time(NOON - timedelta(seconds=1))
    assert sent == []
    link._tell_time(NOON + timedelta(hours=3))
    assert sent == [time_line(NOON)]
    assert ServerTime(NOON + timedelta(hours=3), Seconds()).hears(sent[0].decode())
