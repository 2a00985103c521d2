"""The nightly fit: from a journal to a proposal and a model of the office's own, and everything that may go wrong."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from queue_server.contract.ports import Identity
from queue_server.forecast import run as forecast
from queue_server.forecaster.fitted import Fitted, keep, keep_lessons, read_fitted, read_lessons
from queue_server.forecaster.fitted_words import FITTED
from queue_server.forecaster.knowledge import Hours
from queue_server.forecaster.night import fit
from queue_server.forecaster.night_fit import NightFit
from queue_server.forecaster.past import Past, read_only, read_past
from queue_server.forecaster.past_days import office_past
from queue_server.forecaster.worker import Worker
from queue_server.forecasting.features_live import LEAST_LESSONS, NAMES
from queue_server.forecasting.kernel_tuning import Effort
from queue_server.forecasting.office_tuning import OfficePast, candidate, lines_of, tune
from queue_server.forecasting.paired import difference
from queue_server.forecasting.waits import Predictor
from queue_server.http.forecast import command_of
from queue_server.options import ForecastOptions
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.queue.duration_bands import band_of, weighed
from queue_server.queue.policy import rule_of
from queue_server.settings import journal_path
from queue_server.site.loader import load_site
from tests.forecaster.builders import append
from tests.forecasting.live import a_town
from tests.queue.builders import Day
from tests.simulate.test_replay_command import write_days

NOW = datetime(2026, 12, 20, 20, 0, tzinfo=UTC)
QUICK = Effort(rounds=4, brood=6)
DAYS = 12


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_days(tmp_path_factory.mktemp("town"), range(DAYS))


@pytest.fixture(scope="module")
def town(data):
    past = read_past(read_only(journal_path(data)), days=None)
    return office_past(a_town(), past, Hours())


def some_lessons(many):
    draw = random.Random(1)
    return [(tuple(draw.random() for _ in NAMES), 10.0 * draw.random()) for _ in range(many)]


def a_proposal(town, **figures):
    found = tune(town, Policy(), effort=QUICK)
    better = {
        "difference": difference([-1.0, -1.2, -1.1, -1.1]),
        "worst_after": found.worst_before,
        "favoured_after": 0.0,
    }
    return replace(found, **{**better, **figures})


def test_past_days_are_the_journals_days(town, data):
    past = read_past(read_only(journal_path(data)), days=None)
    assert len(town.days) == DAYS
    called = [t for t in past.tickets if t.called_at]
    assert sum(len(day.tickets) for day in town.days) == len(called)
    assert sum(t.no_show for day in town.days for t in day.tickets) == sum(t.missed for t in called)
    assert all(0 <= t.arrive <= t.due_from for day in town.days for t in day.tickets)
    assert {c.lunch_minutes for c in town.facts.counters} == {45.0}
    assert len(town.facts.counters) == len(a_town().counters)


def test_it_is_fitted_on_the_older_days_and_judged_on_the_newer(town):
    found = tune(town, Policy(), effort=QUICK)
    assert (found.fitted, found.judged) == (8, 4)
    assert found.policy.name == "index"
    assert found == tune(town, Policy(), effort=QUICK)
    older = replace(town, days=(*town.days[:8], *town.days[8:][::-1]))
    assert tune(older, Policy(), effort=QUICK).policy == found.policy
    assert found.difference.low <= found.after - found.before <= found.difference.high


def test_the_search_begins_at_the_index_as_it_comes(town):
    middle = candidate(town.config, Policy(), np.zeros(4 + len(town.config.services)))
    assert rule_of(town.config, middle) == replace(
        rule_of(town.config, Policy(name="index")), prices=dict.fromkeys(town.config.services, 1.0)
    )


def test_past_days_stand_in_the_lines_of_the_office(town):
    lines = lines_of(town.config, town.facts)
    for place, service in enumerate(town.config.services.values()):
        for share in (0.3, 0.7, 0.71, 1.0, 1.4, 1.41, 3.0):
            line = lines.of(place, 0, share * service.typical / 60.0)
            band = band_of(share * service.typical, service.typical)
            assert lines.keys[line] == (place, 0, band)
            assert lines.minutes[line] == pytest.approx(weighed(service.typical)[band] / 60.0)


def test_a_past_ticket_keeps_what_was_expected_of_it(data):
    past = read_past(read_only(journal_path(data)), days=None)
    first = replace(past.tickets[0], expected=1234.0)
    assert all(t.expected for t in past.tickets), "stamped when the number was taken"
    one = office_past(
        a_town(), Past(tickets=(first, replace(past.tickets[1], expected=None)), periods=past.periods), Hours()
    )
    told = [t.predicted for day in one.days for t in day.tickets]
    assert told == pytest.approx([1234.0 / 60.0, a_town().services[past.tickets[1].service].typical / 60.0])


@pytest.mark.parametrize("past", [Past(), "one day", "one ticket"])
def test_too_few_days_say_nothing(past, town):
    if past == "one day":
        office = replace(town, days=town.days[:1])
    elif past == "one ticket":
        office = replace(town, days=(replace(town.days[0], tickets=town.days[0].tickets[:1]),))
    else:
        office = office_past(a_town(), past, Hours())
    assert tune(office, Policy(), effort=QUICK) is None


def test_days_of_one_ticket_are_judged_without_a_number_that_is_none(town):
    single = OfficePast(
        config=town.config, facts=town.facts, days=tuple(replace(d, tickets=d.tickets[:1]) for d in town.days)
    )
    found = tune(single, Policy(), effort=QUICK)
    assert (found.before, found.after, found.better) == (0.0, 0.0, False)


@pytest.mark.parametrize(
    ("figures", "better"),
    [
        ({}, True),
        ({"difference": difference([-1.0, 0.5])}, False),
        ({"worst_after": 99.0}, False),
        ({"favoured_after": 99.0}, False),
    ],
)
def test_better_is_beyond_chance_and_at_nobodys_cost(town, figures, better):
    assert a_proposal(town, **figures).better is better


def test_the_fit_is_kept_and_the_learned_model_speaks_only_when_it_has_earned_it(data, tmp_path, capsys):
    write_days(tmp_path, range(11))
    keep_lessons(tmp_path, some_lessons(LEAST_LESSONS))
    assert fit(tmp_path, load_site(None), NOW, effort=QUICK)
    found = read_fitted(tmp_path)
    assert (found.at, found.days, found.lessons) == (NOW, 11, LEAST_LESSONS)
    worker = Worker(tmp_path, load_site(None))
    assert worker.memory.model is not None
    assert worker.memory.teller.chosen is Predictor.SIMULATION
    assert forecast(ForecastOptions(data=tmp_path, score=True)) == 0
    text = capsys.readouterr().out
    assert "from 11 past days and 1000 scored tickets" in text
    assert "minutes less waiting on average" in text


def test_the_learned_model_is_scored_beside_the_others(tmp_path):
    keep_lessons(tmp_path, some_lessons(LEAST_LESSONS))
    write_days(tmp_path, [0, 1], closed=False)
    fit(tmp_path, load_site(None), NOW, effort=QUICK)
    worker = Worker(tmp_path, load_site(None))
    day = Day(a_town()).open("1")
    for _ in range(4):
        day.take("ho_tich")
    worker.follower.state = day.state
    worker.step(day.now)
    ticket = next(iter(day.state.waiting()))
    worker.memory.teller.called(ticket.id, ticket.service, 3.0)
    night = worker.memory.teller.close_day()
    assert {"learned", "simulation", "ql"} <= set(night.errors)


def test_too_little_is_said_so(tmp_path, capsys):
    write_days(tmp_path, [0])
    fit(tmp_path, load_site(None), NOW, effort=QUICK)
    forecast(ForecastOptions(data=tmp_path, score=True))
    text = capsys.readouterr().out
    assert "need 10 past days; there are 1" in text
    assert "needs 1000 scored tickets; there are 0" in text


def test_an_empty_journal_is_not_fitted(tmp_path):
    write_days(tmp_path, [])
    assert not fit(tmp_path, load_site(None), NOW)
    assert not (tmp_path / FITTED).exists()


def test_a_better_rule_is_offered_and_changes_nothing_until_somebody_presses(town, tmp_path):
    tuned = a_proposal(town)
    keep(tmp_path, at=NOW, days=12, lessons=0, against=Policy(), tuned=tuned, model=None)
    found, day = read_fitted(tmp_path), Day()
    (row,) = found.offered(day.state)
    assert row["effect"]["vi"].startswith("Bớt khoảng 1,1 phút chờ trung bình (95 %")
    assert day.state.policy == Policy()
    command = command_of(row["commands"][0], day.state, Identity(role="manager", subject="m"))
    assert command.policy == tuned.policy
    assert found.pressed(row["id"])
    assert found.offered(day.state) == []


def test_it_is_not_offered_under_another_policy_nor_when_it_is_no_better(town, tmp_path):
    keep(tmp_path, at=NOW, days=12, lessons=0, against=Policy(name="fcfs"), tuned=a_proposal(town), model=None)
    assert read_fitted(tmp_path).offered(Day().state) == []
    worse = a_proposal(town, difference=difference([1.0, 1.0]))
    keep(tmp_path, at=NOW, days=12, lessons=0, against=Policy(), tuned=worse, model=None)
    assert read_fitted(tmp_path).offered(Day().state) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"at": 3}', '{"tuned": {}}'])
def test_spoiled_files_are_as_if_nothing_had_been_fitted(tmp_path, text):
    (tmp_path / FITTED).write_text(text, "utf-8")
    (tmp_path / "lessons.json").write_text(text, "utf-8")
    assert read_fitted(tmp_path) == Fitted()
    assert read_lessons(tmp_path) == []


def test_lessons_keep_what_nobody_knows(tmp_path):
    keep_lessons(tmp_path, [((1.0, float("nan")), 5.0)])
    keep_lessons(tmp_path, [((2.0, 3.0), 6.0)])
    (first, second) = read_lessons(tmp_path)
    assert str(first) == "((1.0, nan), 5.0)"
    assert second == ((2.0, 3.0), 6.0)


def test_it_is_due_after_a_closed_day_and_once_a_day():
    night = NightFit(data=Path(), active=True)
    assert night.due(NOW, None)
    assert not night.due(NOW + timedelta(hours=1), None)
    assert night.due(NOW + timedelta(hours=25), NOW)
    night.wanted = True
    assert night.due(NOW + timedelta(hours=26), NOW)
    assert not NightFit(data=Path()).due(NOW, None)


def test_a_fit_that_is_killed_leaves_the_last_one_whole(data, tmp_path):
    write_days(tmp_path, range(11))
    fit(tmp_path, load_site(None), NOW, effort=QUICK)
    before = (tmp_path / FITTED).read_bytes()
    child = subprocess.Popen([sys.executable, "-m", "queue_server.forecaster.night", "--data", str(tmp_path)])
    time.sleep(1.0)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    after = (tmp_path / FITTED).read_bytes()  # the last one, or on a quick machine the whole new one
    assert json.loads(before)["v"] == json.loads(after)["v"] == 1
    assert after == before or json.loads(after)["at"] != json.loads(before)["at"]


def test_the_program_fits_by_itself_and_takes_the_result_in(tmp_path):
    write_days(tmp_path, range(2))
    night = NightFit(tmp_path, active=True)
    worker = Worker(tmp_path, load_site(None), night=night)
    worker.catch_up()
    worker.step(NOW)
    deadline = time.monotonic() + 60
    while worker.fitted.at is None and time.monotonic() < deadline:
        time.sleep(0.2)
        worker.step(NOW)
    night.stop()
    assert worker.fitted.days == 2
    assert worker.fitted.tuned is None


def a_score(worker):
    return worker.memory.teller.to_state()["today"]["score"]


def a_watched_morning(folder):
    """A worker that has told six people their waits and seen three of them called; and the day."""
    day = Day(load_site(None).office).open("q1")
    worker, written = Worker(folder, load_site(None)), 0
    for _ in range(6):
        day.take("ho_tich")
    for _ in range(3):
        written = append(journal_path(folder), day.log, written)
        worker.catch_up()
        worker.step(day.now)
        day.later(minutes=4).next("q1")
    append(journal_path(folder), day.log, written)
    worker.catch_up()
    return worker, day, len(day.log)


def test_the_days_score_goes_on_where_a_killed_program_left_it(tmp_path):
    worker, day, _ = a_watched_morning(tmp_path)
    worker.end(day.now)
    before = worker.memory.teller.to_state()
    assert a_score(worker)["tickets"] == 3
    again = Worker(tmp_path, load_site(None))
    again.catch_up()
    assert again.memory.teller.to_state() == before
    again.catch_up()
    assert a_score(again)["tickets"] == 3


def test_calls_between_the_last_save_and_the_kill_are_learned_once(tmp_path):
    worker, day, written = a_watched_morning(tmp_path)
    worker.step(day.now)
    worker.end(day.now)
    day.later(minutes=4).next("q1")
    append(journal_path(tmp_path), day.log, written)
    again = Worker(tmp_path, load_site(None))
    again.catch_up()
    assert a_score(again)["tickets"] == 4


def test_a_day_whose_end_was_missed_is_scored_when_the_next_begins(tmp_path):
    worker, day, written = a_watched_morning(tmp_path)
    worker.end(day.now)
    day.do(cmd.CloseDay())
    append(journal_path(tmp_path), day.log, written)
    write_days(tmp_path, [1], closed=False)
    again = Worker(tmp_path, load_site(None))
    again.catch_up()
    assert [(night["day"], night["tickets"]) for night in again.memory.nights] == [("20261123", 3)]
    assert len(read_lessons(tmp_path)) == 3
    assert again.night.wanted
    assert a_score(again)["tickets"] == 0
