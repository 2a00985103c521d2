"""`motcua forecast` on real journals: nothing known, some days known, and the scores."""

from datetime import date, timedelta

import pytest

from queue_server.forecast import run
from queue_server.forecaster.knowledge import Hours, gap, habits_of, known_now, tickets_of
from queue_server.forecaster.past import Past, Period, read_only, read_past
from queue_server.options import ConfigError, ForecastOptions
from queue_server.queue import commands as cmd
from queue_server.queue.state import OfficeDay
from queue_server.site.loader import load_site
from tests.forecaster.builders import append
from tests.queue.builders import MONDAY, Day, an_office

DAYS = 8


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Eight days of forty people for one service of the example office, ten minutes each."""
    folder = tmp_path_factory.mktemp("past")
    site = load_site(None)
    for n in range(DAYS):
        day = Day(site.office)
        day.state, day.log = OfficeDay(), []
        day.now = MONDAY - timedelta(days=21 - n)
        day.do(cmd.OpenDay(day=f"{day.now:%Y%m%d}", config=site.office))
        day.open("q1")
        for _ in range(40):
            day.take("ho_tich")
            day.later(minutes=10)
            day.next("q1")
        append(folder / "journal.sqlite3", day.log)
    return folder


def said(capsys, data, **more):
    assert run(ForecastOptions(data=data, **more)) == 0
    return capsys.readouterr().out


def test_one_service_is_told_by_half_hour_and_held_against_last_week(capsys, data):
    text = said(capsys, data, day=date(2026, 11, 10), service="ho_tich")
    assert "from 8 past days: about 40 people" in text
    assert "08:00" in text
    assert "last week's figures" in text


def test_the_scores_say_what_the_tickets_said(capsys, data):
    text = said(capsys, data, score=True)
    assert "No day has been scored yet" in text
    assert text.count("202611") == DAYS


def test_no_past_day_is_said_so(capsys, data):
    assert "nothing can be said of 2026-11-01" in said(capsys, data, day=date(2026, 11, 1))


def test_no_journal_and_no_such_service_are_said_so(capsys, tmp_path, data):
    assert run(ForecastOptions(data=tmp_path)) == 1
    assert "is not there" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="no service nonsense"):
        run(ForecastOptions(data=data, service="nonsense"))


def test_past_days_make_durations_and_arrivals(data):
    past = read_past(read_only(data / "journal.sqlite3"), "20261110")
    assert len(past.days) == DAYS
    day = Day(load_site(None).office)
    known = known_now(day.state, past, Hours(), MONDAY)
    assert sum(known.expected.people["ho_tich"]) == pytest.approx(40, rel=0.15)
    seconds = known.basis.learned.seconds["ho_tich"]
    assert sum(seconds) / len(seconds) == pytest.approx(600, rel=0.1)


def test_a_pause_kept_on_most_days_is_a_break_and_one_kept_once_is_not():
    hours = Hours()
    periods = []
    for n in range(4):
        day = f"2026110{n + 2}"
        noon = hours.midnight(day) + timedelta(hours=11, minutes=30)
        periods.append(Period(day=day, counter="1", status="open", began=noon - timedelta(hours=4), ended=noon))
        periods.append(Period(day=day, counter="1", status="paused", began=noon, ended=noon + timedelta(minutes=45)))
        periods.append(Period(day=day, counter="2", status="open", began=noon, ended=None))
    periods.append(Period(day=day, counter="2", status="paused", began=noon, ended=noon + timedelta(hours=1)))
    plan = habits_of(periods, hours, "20261123", an_office())
    assert list(plan.breaks) == ["1"]
    begin, seconds = plan.breaks["1"][0]
    assert (begin.strftime("%H:%M"), seconds) == ("11:30", 2700.0)
    assert plan.opens["1"].strftime("%H:%M") == "07:30"


def test_a_first_day_goes_on_as_it_began():
    day = Day().open("1")
    for _ in range(8):
        day.later(minutes=7).take("ho_tich")
    known = known_now(day.state, Past(), Hours(), day.now)
    assert max(known.expected.people["ho_tich"]) == pytest.approx(2.1, abs=0.3)
    assert gap(tickets_of(day.state)) == 5.0


def test_tomorrow_is_planned_in_counters_and_skills_and_the_seed_makes_it_again(capsys, data):
    first = said(capsys, data, day=date(2026, 11, 10), seed=3)
    assert "half-hour   counters   Erlang C   open" in first
    assert "half-hour  ho_tich\n" in first  # how many open counters serve it, by half-hour
    assert "(seed 3)" in first
    assert said(capsys, data, day=date(2026, 11, 10), seed=3) == first
    assert said(capsys, data, day=date(2026, 11, 10), seed=4) != first


def test_a_past_day_is_planned_as_it_really_came(capsys, data):
    text = said(capsys, data, day=date(2026, 11, 5))
    assert "As the day really came (40 people), it would have needed:" in text
    assert text.count("expected mean wait") == 2
    first_day = said(capsys, data, day=date(2026, 11, 2))
    assert "no day before it" in first_day
    assert "As the day really came (40 people)" in first_day
