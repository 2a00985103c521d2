"""Running the rule forward: right when nothing is uncertain, the same for the same seed, and it sees no future."""

import json

import numpy as np
import pytest

from benchmarks import waits as benchmark
from queue_server.forecasting import features_ahead, features_office, kernel, scores
from queue_server.forecasting.office_days import CounterFacts, Day, DayTicket, OfficeFacts, ServiceFacts
from queue_server.queue.policy import Rule

RULE = Rule(name="index", head_start=0.5, queue_power=0.5, time_power=0.5, targets={0: 15.0, 1: 1.5})


def an_office(cv: float = 0.5) -> OfficeFacts:
    counters = [(0, 1), (0,), (1,)]
    return OfficeFacts(
        services=(ServiceFacts(mean_minutes=8.0, cv=cv), ServiceFacts(mean_minutes=12.0, cv=cv)),
        counters=tuple(CounterFacts(skills=s, speed=1.0, lunch_at=200.0, lunch_minutes=30.0) for s in counters),
        classes=("walk_in", "priority"),
        no_show_minutes=1.5,
        close_at=480.0,
    )


def some_days(count: int, cv: float = 0.5, *, each: int = 95) -> list[Day]:
    rng = np.random.default_rng(7)
    days = []
    for number in range(count):
        arrive = np.sort(rng.uniform(0, 420, each))
        tickets = []
        for at in arrive:
            service = int(rng.random() < 0.4)
            mean, spread = (8.0, 12.0)[service], np.sqrt(np.log1p(cv * cv))
            minutes = float(mean * np.exp(rng.normal(-(spread**2) / 2, spread)))
            tickets.append(
                DayTicket(
                    arrive=float(at), due_from=float(at), service=service, cls=int(rng.random() < 0.15),
                    minutes=minutes, no_show=bool(rng.random() < 0.04), pause_after=0.0,
                )
            )  # fmt: skip
        days.append(Day(weekday=number % 5, tickets=tuple(tickets)))
    return days


@pytest.fixture(scope="module")
def found():
    return features_office.office_asked(an_office(), some_days(9), RULE, skip=5, runs=60)


def test_it_is_far_better_than_the_last_to_enter_service(found):
    wait = np.array([asked.wait for asked, _ in found])
    ours = np.median(np.array([samples for _, samples in found]), axis=1)
    les = np.nan_to_num(np.array([asked.columns["les"] for asked, _ in found]))
    assert scores.mean_absolute_error(ours, wait) < 0.6 * scores.mean_absolute_error(les, wait)


def test_its_samples_are_as_wide_as_the_truth(found):
    wait = np.array([asked.wait for asked, _ in found])
    low, high = np.quantile(np.array([samples for _, samples in found]), (0.1, 0.9), axis=1)
    assert scores.coverage(low, high, wait) == pytest.approx(0.8, abs=0.09)


def test_only_those_who_could_not_be_served_at_once_are_told(found):
    assert all(asked.wait >= 0 and len(samples) == 60 for asked, samples in found)
    assert np.mean([asked.wait > 0 for asked, _ in found]) > 0.99


def seen_at(day: Day, now: float, tickets: int):
    office = an_office()
    lines = kernel.office_lines(office)
    floor, rule = kernel.office_floor(office, lines), kernel.line_rule(RULE, lines)
    played = features_office.played(office, day, lines, floor, rule)
    past = some_days(6)
    return features_office.seen(played, floor, now, tickets, lines.services), features_office.outlook(
        office, lines, rule, past, runs=20, seed=1
    )


def forward(view, ahead, now: float, **more):
    return features_ahead.futures(
        now, view, floor=ahead.floor, rule=ahead.rule, habits=ahead.habits, coming=ahead.coming,
        shuffles=ahead.shuffles, level=ahead.level(now, 50), seed=3, **more,
    )  # fmt: skip


def test_the_same_state_gives_the_same_answer():
    day = some_days(8, each=140)[7]
    view, ahead = seen_at(day, 230.0, sum(t.arrive <= 230 for t in day.tickets))
    assert np.array_equal(forward(view, ahead, 230.0), forward(view, ahead, 230.0))
    assert len(view.due) > 1
    newest = forward(view, ahead, 230.0, newest_only=True)[-1]
    assert np.array_equal(newest, forward(view, ahead, 230.0)[-1])


def test_the_view_holds_nothing_of_the_future():
    day = some_days(8)[7]
    issued = sum(t.arrive <= 230 for t in day.tickets)
    cut = Day(weekday=day.weekday, tickets=day.tickets[:issued])
    whole, _ = seen_at(day, 230.0, issued)
    short, _ = seen_at(cut, 230.0, issued)
    for one, other in zip(whole, short, strict=True):
        assert np.array_equal(one, other)


def test_within_a_line_whoever_came_first_is_called_first_in_every_future():
    day = some_days(8, each=140)[7]
    view, ahead = seen_at(day, 230.0, sum(t.arrive <= 230 for t in day.tickets))
    assert len(view.due) > 3
    called = forward(view, ahead, 230.0) + np.asarray(view.due)[:, None]
    for line in np.unique(view.ticket_line):
        own = called[view.ticket_line == line]
        assert (np.diff(own, axis=0) >= 0).all()


def test_nobody_waiting_gives_no_rows():
    view, ahead = seen_at(some_days(8)[7], 0.0, 0)
    assert forward(view, ahead, 0.0).shape == (0, 20)


def test_a_counter_that_never_finishes_still_lets_the_others_be_told():
    """A service that has lasted four hours: the wait is finite and long, not an error."""
    day = some_days(8, each=140)[7]
    view, ahead = seen_at(day, 230.0, sum(t.arrive <= 230 for t in day.tickets))
    stuck = view._replace(kind=np.ones_like(view.kind), since=np.full_like(view.since, -240.0))
    waits = forward(stuck, ahead, 230.0)
    assert np.isfinite(waits).all()
    assert waits.min() > 0


def test_days_that_are_alike_make_the_belief_in_a_usual_day_strong():
    assert features_office.steadiness([100, 101, 99, 100, 100, 102]) == 1e6
    assert features_office.steadiness([50, 160, 80, 140, 60, 110]) < 50
    assert features_office.steadiness([]) == features_office.steadiness([5]) == 30.0


def test_the_benchmark_reads_its_files_and_writes_its_figures(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(benchmark, "RUNS", 10)
    office, days = an_office(), some_days(6, each=60)
    document = {
        "office": {
            "services": [{"mean_minutes": s.mean_minutes, "cv": s.cv} for s in office.services],
            "counters": [
                {"skills": list(c.skills), "speed": c.speed, "lunch_at": c.lunch_at, "lunch_minutes": c.lunch_minutes}
                for c in office.counters
            ],
            "classes": list(office.classes),
            "no_show_minutes": 1.5,
            "close_at": 480.0,
        },
        "days": {
            "1.0": [
                {
                    "weekday": day.weekday,
                    "tickets": [
                        {name: getattr(t, name) for name in t.__slots__ if name != "predicted"} for t in day.tickets
                    ],
                }
                for day in days
            ]
        },
    }
    source, target = tmp_path / "days.json", tmp_path / "out.json"
    source.write_text(json.dumps(document), encoding="utf-8")
    assert benchmark.main(["--days", str(source), "--load", "1.0", "--json", str(target)]) == 0
    figures = json.loads(target.read_text(encoding="utf-8"))
    assert set(figures) == {"mae", "les_mae", "coverage", "coverage_over_15", "by_service"}
    assert 0 < figures["mae"] < figures["les_mae"]
    table = capsys.readouterr().out
    assert all(name in table for name in ("LES", "HOL", "QL", "last ten", "motcua"))
