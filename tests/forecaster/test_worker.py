"""The program on a real journal: it follows, learns from past days, keeps its scores, never writes the journal."""

import io
import json
import os
import sqlite3
from datetime import date, timedelta

import pytest

from queue_server.forecaster.follow import Follower
from queue_server.forecaster.kept import kept_path, load, save
from queue_server.forecaster.look import Memory
from queue_server.forecaster.server_time import ServerTime
from queue_server.forecaster.worker import Worker, hours_of, run
from queue_server.queue import commands as cmd
from queue_server.site.loader import load_site
from tests.forecaster.builders import a_rush, append
from tests.http.house import with_hours
from tests.queue.builders import MONDAY, Day


@pytest.fixture(scope="module")
def site():
    return load_site(None)


@pytest.fixture
def rush(tmp_path):
    day = a_rush()
    append(tmp_path / "journal.sqlite3", day.log)
    return day


def looks(worker, now, many=1, said=b""):
    """The lines of a few looks; `said` comes on standard input."""
    out = io.StringIO()
    inbox, pipe = os.pipe()
    os.write(pipe, said)
    try:
        run(worker, clock=ServerTime(now, steady=lambda: 0.0), out=out, source=inbox, looks=many)
    finally:
        os.close(inbox)
        os.close(pipe)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_look_at_the_file_knows_everybody_who_waits(rush, tmp_path, site):
    (answer,) = looks(Worker(tmp_path, site), rush.now)
    assert set(answer["tickets"]) == {t.id for t in rush.state.waiting()}
    assert answer["seq"] == len(rush.log)
    assert answer["cost_ms"] > 0


def test_new_entries_are_followed_and_a_new_day_begins_anew(rush, tmp_path, site):
    path = tmp_path / "journal.sqlite3"
    follower = Follower(path)
    assert len(list(follower.news())) == len(rush.log)
    assert list(follower.news()) == []
    already = len(rush.log)
    ticket = rush.take("ho_tich")
    append(path, rush.log, already)
    assert len(list(follower.news())) == 1
    assert ticket.id in follower.state.tickets
    rush.do(cmd.CloseDay())
    rush.do(cmd.OpenDay(day="20261124", config=rush.state.setup))
    append(path, rush.log, already + 1)
    list(follower.news())
    assert (follower.day, follower.state.tickets) == ("20261124", {})
    assert len(follower.past().tickets) == len([t for t in follower.past().tickets if t.day == "20261123"]) > 0


def test_the_journal_is_never_written(rush, tmp_path):
    follower = Follower(tmp_path / "journal.sqlite3")
    list(follower.news())
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        follower._open().execute("delete from cursors")


def test_no_journal_yet_is_waited_for(tmp_path, site):
    worker = Worker(tmp_path, site)
    (answer,) = looks(worker, MONDAY)
    assert (answer["day"], answer["tickets"]) == ("", {})
    day = Day().open("1")
    day.take("ho_tich")
    append(tmp_path / "journal.sqlite3", day.log)
    (answer,) = looks(worker, day.now)
    assert len(answer["tickets"]) == 1


def test_the_server_gone_ends_the_program(tmp_path, site):
    inbox, pipe = os.pipe()
    os.close(pipe)
    out = io.StringIO()
    run(Worker(tmp_path, site), clock=lambda: MONDAY, out=out, source=inbox)
    os.close(inbox)
    assert out.getvalue() == ""


def test_a_press_is_heard_and_nonsense_is_not(rush, tmp_path, site):
    worker = Worker(tmp_path, site)
    (first,) = looks(worker, rush.now)
    name = first["advice"][0]["id"]
    said = json.dumps({"applied": name, "at": rush.now.isoformat(), "by": "manager"}).encode()
    (second,) = looks(worker, rush.now, said=b"nonsense\n" + said + b"\n")
    assert [e["text"] for e in second["effects"]] == [first["advice"][0]["text"]]


def test_a_press_is_measured_though_the_program_started_anew(rush, tmp_path, site):
    worker = Worker(tmp_path, site)
    (first,) = looks(worker, rush.now)
    said = json.dumps({"applied": first["advice"][0]["id"], "at": rush.now.isoformat(), "by": "manager"}).encode()
    looks(worker, rush.now, said=said + b"\n")
    already = len(rush.log)
    for _ in range(20):
        rush.later(minutes=4).take("ho_tich")
        for counter in "12345":
            rush.next(counter)
    append(tmp_path / "journal.sqlite3", rush.log, already)
    (later,) = looks(Worker(tmp_path, site), rush.now)
    (effect,) = later["effects"]
    assert effect["text"] == first["advice"][0]["text"]
    assert effect["actual"] is not None
    (again,) = looks(Worker(tmp_path, site), rush.now)
    assert again["effects"] == later["effects"]


def test_the_day_is_scored_at_its_end_and_the_score_kept(rush, tmp_path, site):
    worker = Worker(tmp_path, site)
    looks(worker, rush.now)
    already = len(rush.log)
    for _ in range(12):
        rush.later(minutes=3)
        for counter in "12345":
            rush.next(counter)
    rush.do(cmd.CloseDay())
    append(tmp_path / "journal.sqlite3", rush.log, already)
    (answer,) = looks(worker, rush.now)
    assert answer["accuracy"][0]["day"] == "20261123"
    assert answer["accuracy"][0]["tickets"] > 10
    assert load(tmp_path).nights == worker.memory.nights


def test_a_kept_file_that_nobody_can_read_begins_anew(tmp_path):
    save(tmp_path, Memory(nights=[{"day": "20261120"}]))
    assert load(tmp_path).nights == [{"day": "20261120"}]
    for garbage in ("", "[]", "3", '{"teller": 1}', '{"teller": {"nights": [1]}, "nights": []}'):
        kept_path(tmp_path).write_text(garbage)
        assert load(tmp_path).nights == []


def test_hours_become_closings_and_closed_days(site):
    hours = hours_of(with_hours(site), date(2026, 11, 23))
    assert hours.closes[date(2026, 11, 23)].strftime("%H:%M") == "17:00"
    assert date(2026, 11, 22) not in hours.closes
    assert hours.calendar.weekend == {5, 6}
    assert hours_of(site, date(2026, 11, 23)).closes == {}


def test_an_error_in_the_file_is_survived(rush, tmp_path, site):
    worker = Worker(tmp_path, site)
    looks(worker, rush.now)
    path = tmp_path / "journal.sqlite3"
    whole = path.read_bytes()
    worker.follower.forget()
    path.write_bytes(b"no database" * 1000)
    (answer,) = looks(worker, rush.now + timedelta(seconds=1))
    assert answer["tickets"]
    path.write_bytes(whole)
    (answer,) = looks(worker, rush.now + timedelta(seconds=2))
    assert answer["seq"] == len(rush.log)
