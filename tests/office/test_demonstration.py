"""A demonstration: its clock runs fast and says so, and no office's own record is gone on with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from queue_server.clock import OfficeClock
from queue_server.demonstration import claim_demonstration, demonstration_begins
from queue_server.options import ConfigError
from queue_server.settings import journal_path
from queue_server.views.clock import clock_health, clock_row
from tests.acceptance.program import Program, motcua

ZONE = "Asia/Ho_Chi_Minh"
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def test_its_clock_runs_so_many_times_as_fast_and_agrees_with_nothing() -> None:
    seconds = [100.0]
    clock = OfficeClock(lambda: NOON, lambda: seconds[0])
    clock.demonstrate(30.0, MORNING)
    seconds[0] += 20.0
    assert clock.now() == MORNING + timedelta(minutes=10)
    reading = clock.check()
    assert (reading.agrees, clock.changes, clock_row(reading)) == (True, 0, None)
    assert "a demonstration: 30 office seconds a second" in clock_health(reading, ZONE, "motcua")
    seconds[0] += 20.0
    assert clock.now() == MORNING + timedelta(minutes=20)


def test_it_begins_in_the_morning_or_where_it_stopped() -> None:
    assert demonstration_begins(NOON, ZONE, None) == MORNING
    assert demonstration_begins(NOON, ZONE, MORNING - timedelta(days=1)) == MORNING
    assert demonstration_begins(NOON, ZONE, NOON) == NOON


def test_the_record_of_an_office_is_not_gone_on_with(tmp_path: Path) -> None:
    journal_path(tmp_path).touch()
    with pytest.raises(ConfigError, match="holds the record of an office"):
        claim_demonstration(tmp_path)
    own = tmp_path / "demo"
    own.mkdir()
    claim_demonstration(own)
    journal_path(own).touch()
    claim_demonstration(own)


def test_pages_count_an_office_s_minutes(tmp_path: Path) -> None:
    program = Program(tmp_path / "demo", speed=60.0)
    try:
        program.start()
        assert "a demonstration" in program.said()
        with program.client("manager") as manager:
            assert manager.get("/clock").json()["speed"] == 60.0
            page = manager.get(f"{program.url}/board/a").text
            assert 'data-speed="60"' in page
            assert "Trình diễn: đồng hồ chạy nhanh gấp 60 lần" in page
            assert manager.get(f"{program.url}/readyz").json()["parts"]["clock"].startswith("a demonstration")
        program.stop()
        program.start()
        program.stop()
        assert motcua("journal", "verify", "--data", program.data).returncode == 0
    finally:
        program.clear_away()
