"""The server's end: fresh and stale forecasts, garbage, a program that is killed and comes back."""

import asyncio
import json
import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from queue_server.forecaster import link as linking
from queue_server.forecaster.link import ForecastLink, parse
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.queue.duration_bands import LONG, SHORT, USUAL
from queue_server.queue.routing import choose
from tests.forecaster.builders import append
from tests.queue.builders import Day, an_office

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def a_line(**changes):
    said = {
        "at": NOW.isoformat(), "day": "20261123", "seq": 5, "tickets": {"20261123-A001": [60, 120, 300]},
        "services": {"ho_tich": {"walk_in": [0, 300, 900]}}, "risks": [], "advice": [], "effects": [],
        "accuracy": [], "alerts": [], "cost_ms": 12.5,
    }  # fmt: skip
    return json.dumps(said | changes).encode()


def test_a_fresh_forecast_is_believed_and_a_stale_one_is_not(tmp_path):
    link = ForecastLink(tmp_path)
    assert link.latest(NOW) is None
    link.take(a_line())
    assert link.latest(NOW + timedelta(seconds=20)) is not None
    assert link.health(NOW) == "ok"
    assert link.latest(NOW + timedelta(seconds=21)) is None
    assert "virtual schedule" in link.health(NOW + timedelta(seconds=21))
    assert link.latest(NOW - timedelta(minutes=1)) is None


def test_a_told_wait_counts_down_and_never_below_nothing():
    found = parse(a_line())
    assert found.left("20261123-A001", NOW + timedelta(seconds=10)) == (50, 110, 290)
    assert found.left("20261123-A001", NOW + timedelta(seconds=100)) == (0, 20, 200)
    assert found.left("nobody", NOW) is None
    assert found.newcomer("ho_tich", "walk_in") == (0, 300, 900)
    assert found.newcomer("ho_tich", "elderly") is None


def test_a_newcomer_is_told_by_what_the_matter_takes_where_that_is_said():
    found = parse(a_line(matters={"ho_tich": {"walk_in": {"short": [0, 60, 120]}}}))
    assert found.newcomer("ho_tich", "walk_in", SHORT) == (0, 60, 120)
    assert found.newcomer("ho_tich", "walk_in", USUAL) == (0, 300, 900)
    assert found.newcomer("ho_tich", "walk_in", LONG) == (0, 300, 900), "nothing is said of long ones"


@pytest.mark.parametrize(
    "line",
    [
        b"", b"garbage", b"[]", b"{}", b'{"at": 3}', a_line(at="2026-11-23T02:00:00"), a_line(tickets={"a": [5, 4, 3]}),
        a_line(tickets={"a": [1, 2]}), a_line(matters={"a": {"b": {"short": [3, 2, 1]}}}),
        a_line(risks=[{"scope": "hour"}]), a_line(tickets={"a": [0, 1, "NaN"]}),
        a_line().replace(b"12.5", b"NaN"), a_line(alerts=[5]), a_line(alerts=["late"]),
    ],
)  # fmt: skip
def test_garbage_is_counted_and_changes_nothing(tmp_path, line):
    link = ForecastLink(tmp_path)
    link.take(a_line())
    link.take(line)
    assert link.garbage == 1
    assert link.latest(NOW).seq == 5


def test_alerts_are_passed_on(tmp_path):
    heard = []
    link = ForecastLink(tmp_path, alert=lambda kind, data: heard.append((kind, data)))
    link.take(a_line(alerts=[{"kind": "target-at-risk", "service": "dat_dai", "minutes": 21.5}]))
    assert heard == [("target-at-risk", {"service": "dat_dai", "minutes": 21.5})]


def test_a_killed_program_comes_back_and_ends_with_the_server(tmp_path, monkeypatch):
    monkeypatch.setattr(linking, "FIRST_PAUSE", 0.05)
    day = Day()
    day.now = datetime.now(UTC)
    day.open("1", "3")
    for _ in range(3):
        day.take("ho_tich")
    append(tmp_path / "journal.sqlite3", day.log)

    async def story():
        link = ForecastLink(tmp_path)
        task = asyncio.create_task(link.run())
        first = await _until(lambda: link.latest(datetime.now(UTC)))
        assert set(first.tickets) == {t.id for t in day.state.waiting()}
        killed = link.pid
        os.kill(killed, signal.SIGKILL)
        await _until(lambda: link.started == 2 and link.pid not in (None, killed))
        again = await _until(lambda: (f := link.latest(datetime.now(UTC))) and f.at > first.at and f)
        assert set(again.tickets) == set(first.tickets)
        last = link.pid
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with pytest.raises(ProcessLookupError):
            os.kill(last, 0)

    asyncio.run(story())


def test_the_real_program_foresees_a_call_and_the_rules_make_it(tmp_path):
    """One long land matter came before nine short ones that only this counter serves."""
    policy = Policy(name="look-ahead", options={"queue_power": 0.0, "time_power": 0.0})
    day = Day(an_office(policy))
    day.now = datetime.now(UTC) - timedelta(minutes=4)
    land = day.take("dat_dai").id
    short = [day.take("ho_tich").id for _ in range(9)]
    day.open("3")
    append(tmp_path / "journal.sqlite3", day.log)

    async def story():
        link = ForecastLink(tmp_path)
        task = asyncio.create_task(link.run())
        seen = await _until(lambda: (f := link.latest(datetime.now(UTC))) and f.foreseen("3", datetime.now(UTC)))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    seen = asyncio.run(story())
    day.now = datetime.now(UTC)
    assert choose(day.state, "3", day.now).ticket == land
    assert (seen.ticket, seen.against) == (short[0], land)
    called = day.do(cmd.CallNext(counter="3", foreseen=seen))[-1]
    assert (called.ticket, called.reason) == (short[0], "look_ahead")


async def _until(what, limit=40.0):
    async with asyncio.timeout(limit):
        while not (found := what()):  # noqa: ASYNC110  another program, no event of ours
            await asyncio.sleep(0.05)
    return found


def test_a_program_that_cannot_keep_its_compiled_loops_says_so_once(tmp_path, monkeypatch, capfd):
    """No folder that numba may write to: what an office met whose account has no home."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/proc/nothing")
    monkeypatch.setenv("NUMBA_CACHE_LOCATOR_CLASSES", "UserProvidedCacheLocator")
    day = Day()
    day.now = datetime.now(UTC)
    day.open("1", "3")
    day.take("ho_tich")
    append(tmp_path / "journal.sqlite3", day.log)
    failures = []

    class Heard(ForecastLink):
        def take(self, line):
            super().take(line)
            failures.append(self.failed)

    async def story():
        link = Heard(tmp_path)
        task = asyncio.create_task(link.run())
        await _until(lambda: len(failures) > 1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return link.health(datetime.now(UTC))

    assert "no locator" in asyncio.run(story())
    assert capfd.readouterr().err.count("Traceback") == 1


def test_a_reason_why_nothing_can_be_foreseen_is_told_until_it_is_gone(tmp_path):
    link = ForecastLink(tmp_path)
    link.take(b'{"failed": "no room"}')
    assert "no room" in link.health(NOW)
    assert link.garbage == 0
    link.take(a_line())
    assert link.health(NOW) == "ok"
