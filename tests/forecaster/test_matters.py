"""What finished tickets teach of their matters, when it is believed, and how the server comes to know it."""

import json
import math
import sqlite3
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from queue_server.forecast import Span, office_facts, run
from queue_server.forecaster.knowledge import Hours, outlasting
from queue_server.forecaster.link import ForecastLink
from queue_server.forecaster.look import Memory, look
from queue_server.forecaster.matters import Matters, usual_of
from queue_server.forecaster.past import Past, PastTicket, read_only, read_past
from queue_server.forecaster.worker import Worker
from queue_server.forecasting.waits import Situation, Waiting
from queue_server.options import ForecastOptions
from queue_server.queue import commands as cmd
from queue_server.queue.expectation import Facts, Table, facts_of
from queue_server.queue.matter import NOTHING_KNOWN, Matter
from queue_server.site.loader import load_site
from tests.forecaster.builders import append
from tests.queue.builders import MONDAY, Day

TRUE = {"khai_sinh": 6.0, "ket_hon": 20.0, "": 10.0}  # minutes; the catalogue says 12 and 18, the site 10


def usual(service: str, procedure: str | None) -> tuple[float, float]:
    return {"khai_sinh": 12.0, "ket_hon": 18.0}.get(procedure or "", 10.0), 10.0


def a_ticket(n: int, minutes: float, procedure: str | None = "khai_sinh", papers: int | None = None) -> PastTicket:
    return PastTicket(
        day="20261120",
        service="ho_tich",
        class_id="walk_in",
        counter="1",
        missed=False,
        taken_at=MONDAY + timedelta(seconds=n),
        handled=60.0 * minutes,
        procedure=procedure,
        matter=Matter(papers=papers),
    )


def history(count: int, *, telling: bool = True) -> list[PastTicket]:
    """Tickets whose minutes depend on procedure and papers, or on nothing that is known of them."""
    random = Random(3)
    made = []
    for n in range(count):
        procedure, papers = random.choice(("khai_sinh", "ket_hon")), random.randint(1, 9)
        true = TRUE[procedure] * (papers / 4) ** 0.4 if telling else 10.0
        made.append(a_ticket(n, true * random.lognormvariate(-0.04, 0.3), procedure, papers))
    return made


def learned(tickets: list[PastTicket]) -> Matters:
    found = Matters()
    found.take(tickets, usual)
    return found


def test_the_matter_is_believed_where_it_tells_more_than_the_service() -> None:
    matters = learned(history(800))
    told = matters.summary()
    assert matters.believed
    assert told["mean_error"] < 0.6 * told["service_error"]
    assert told["mean_error"] < 0.7 * told["catalogue_error"]
    assert 0.74 <= told["inside"] <= 0.88


def test_the_table_tells_what_the_model_tells() -> None:
    matters = learned(history(800))
    said = matters.table()
    assert said is not None
    table = Table(effects=said["effects"], spreads=said["spreads"], matters=said["matters"])
    few, many = (
        table.expected(facts_of("ho_tich", p, Matter(papers=n), usual("", p)[0]), usual=10.0)[0]
        for p, n in (("khai_sinh", 2), ("ket_hon", 9))
    )
    assert few == pytest.approx(6.0 * 0.5**0.4, rel=0.2)
    assert many == pytest.approx(20.0 * (9 / 4) ** 0.4, rel=0.2)


def test_facts_that_tell_nothing_leave_the_service_its_say() -> None:
    matters = learned(history(800, telling=False))
    said = matters.table()
    assert said is not None
    assert not said["matters"]
    table = Table(effects=said["effects"], spreads=said["spreads"], matters=False)
    short, long = (
        table.expected(facts_of("ho_tich", p, NOTHING_KNOWN, usual("", p)[0]), usual=10.0)
        for p in ("khai_sinh", "ket_hon")
    )
    assert short == long
    assert short[0] == pytest.approx(10.0, rel=0.15)


def test_without_two_hundred_tickets_the_catalogue_speaks() -> None:
    assert Matters().summary() == {"tickets": 0}
    assert Matters().table() is None
    assert learned(history(199)).table() is None
    assert learned([a_ticket(1, 5.0)]).summary()["tickets"] == 1


@pytest.mark.parametrize("minutes", [0.0, -3.0, math.nan, math.inf])
def test_what_is_no_duration_teaches_nothing(minutes: float) -> None:
    assert learned([a_ticket(1, minutes)]) == Matters()


def test_a_counter_that_never_finishes_and_a_missed_person_teach_nothing() -> None:
    open_ended, missed = replace(a_ticket(1, 5.0), handled=None), replace(a_ticket(2, 5.0), missed=True)
    assert learned([open_ended, missed]) == Matters()


def test_a_procedure_that_left_the_catalogue_counts_as_its_service(tmp_path: Path) -> None:
    site = load_site(None)
    worker = Worker(tmp_path, site)
    of_service = site.office.services["ho_tich"].typical / 60
    assert worker.usual("ho_tich", "gone") == (of_service, of_service)
    assert worker.usual("gone", None) == (10.0, 10.0)
    assert worker.usual("ho_tich", "khai_sinh") == (12.0, of_service)


def test_a_journal_without_the_columns_is_read_all_the_same(tmp_path: Path) -> None:
    day = Day().open("1")
    day.take()
    append(tmp_path / "journal.sqlite3", day.log)
    with sqlite3.connect(tmp_path / "journal.sqlite3") as base:
        for name in ("cases", "papers", "copies", "supplement", "ready", "form_filled"):
            base.execute(f"alter table tickets drop column {name}")
    connection = read_only(tmp_path / "journal.sqlite3")
    (ticket,) = read_past(connection, "20261201").tickets
    connection.close()
    assert (ticket.service, ticket.matter) == ("ho_tich", Matter())


def a_line(**more: Any) -> bytes:
    line = {
        "at": MONDAY.isoformat(), "day": "20261123", "seq": 1, "tickets": {}, "services": {}, "risks": [],
        "advice": [], "effects": [], "accuracy": [], "alerts": [], "cost_ms": 1.0,
    }  # fmt: skip
    return json.dumps(line | more).encode()


def test_the_server_keeps_the_table_until_a_newer_one_comes(tmp_path: Path) -> None:
    link = ForecastLink(tmp_path)
    link.take(a_line(durations={"matters": True, "effects": {"papers": 0.3}, "spreads": {"khai_sinh": 0.4}}))
    link.take(a_line())
    assert link.durations == Table(effects={"papers": 0.3}, spreads={"khai_sinh": 0.4})


@pytest.mark.parametrize(
    "durations",
    [
        {"matters": True, "effects": {"papers": math.nan}, "spreads": {}},
        {"matters": True, "effects": {"weather": 0.1}, "spreads": {}},
        {"matters": True, "effects": {}, "spreads": {"khai_sinh": -1.0}},
        {"effects": {}},
        "much",
    ],
)
def test_a_table_that_is_none_is_counted_and_the_old_one_stays(tmp_path: Path, durations: Any) -> None:
    link = ForecastLink(tmp_path)
    link.durations = before = Table(effects={"papers": 0.3})
    link.take(a_line(durations=durations))
    assert (link.garbage, link.durations) == (1, before)


def test_a_morning_of_finished_tickets_is_learned_once_and_published(tmp_path: Path) -> None:
    day = Day().open("1")
    for _ in range(3):
        day.take()
        day.next("1")
        day.later(minutes=4)
    append(tmp_path / "journal.sqlite3", day.log)
    worker = Worker(tmp_path, load_site(None))
    worker.catch_up()
    first = worker.step(day.now)
    assert worker.matters.told == 2  # the third still holds its counter
    assert first["durations"] is None
    again = worker.step(day.now)
    assert worker.matters.told == 2
    assert "durations" not in again


def test_waits_are_foretold_from_what_is_believed(tmp_path: Path) -> None:
    day = Day().open("1")
    waiting = day.take()
    append(tmp_path / "journal.sqlite3", day.log)
    worker = Worker(tmp_path, load_site(None))
    worker.catch_up()
    worker.step(day.now)
    worker.follower.state.tickets[waiting.id].expected, worker.follower.state.tickets[waiting.id].spread = 300.0, 0.3
    assert _predicted(worker) == {}
    worker.matters = learned(history(800))
    assert _predicted(worker) == {waiting.id: 300.0}


def test_who_is_at_a_counter_is_foretold_too(tmp_path: Path) -> None:
    day = Day().open("1")
    served = day.take()
    day.do(cmd.CallNext(counter="1"))
    append(tmp_path / "journal.sqlite3", day.log)
    worker = Worker(tmp_path, load_site(None))
    worker.catch_up()
    worker.step(day.now)
    worker.matters = learned(history(800))
    assert _predicted(worker) == {}
    worker.follower.state.tickets[served.id].expected, worker.follower.state.tickets[served.id].spread = 300.0, 0.3
    assert _predicted(worker) == {served.id: 300.0}


def _predicted(worker: Worker) -> dict[str, float]:
    known: Any = worker._foretold() or SimpleNamespace(predicted={})
    return dict(known.predicted)


def test_the_close_of_day_keeps_how_well_minutes_were_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = Day().open("1")
    waiting = day.take()
    day.later(minutes=5).next("1")
    append(tmp_path / "journal.sqlite3", day.log)
    worker = Worker(tmp_path, load_site(None))
    worker.catch_up()
    worker.matters = learned(history(800))
    worker.memory.teller.estimates(
        Situation(
            now=0.0,
            waiting=[Waiting(ticket=waiting.id, service="ho_tich", due=0.0, ahead=0)],
            able={"ho_tich": 1},
            idle={"ho_tich": False},
            minutes={"ho_tich": 10.0},
        ),
        samples={},
    )
    worker.memory.teller.called(waiting.id, "ho_tich", 5.0)
    day.later(minutes=5).do(cmd.Finish(counter="1"))
    already = len(day.log) - 1
    day.do(cmd.CloseDay())
    append(tmp_path / "journal.sqlite3", day.log, already)
    worker.catch_up()
    worker.step(day.now)
    assert run(ForecastOptions(data=tmp_path, score=True)) == 0
    assert "minutes at the counter" in capsys.readouterr().out


def test_a_ticket_sent_on_is_expected_to_take_what_the_new_service_takes() -> None:
    day = Day().open("1")
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich", expected=(333.0, 0.2)),)))
    day.next("1")
    day.do(cmd.Transfer(counter="1", to_service="dat_dai"))
    (ticket,) = day.state.tickets.values()
    assert (ticket.expected, ticket.spread) == (day.state.setup.services["dat_dai"].typical, None)


@pytest.mark.parametrize("expected", [(0.0, 0.5), (-5.0, 0.5), (math.nan, 0.5), (600.0, math.nan), (1e9, 0.5)])
def test_an_expectation_that_is_none_is_not_stamped(expected: tuple[float, float]) -> None:
    day = Day().open("1")
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich", expected=expected),)))
    (ticket,) = day.state.tickets.values()
    assert (ticket.expected, ticket.spread) == (day.state.setup.services["ho_tich"].typical, None)


@pytest.mark.parametrize(
    ("matters", "shown"),
    [
        (learned(history(800)), {"minutes_error", "minutes_better"}),
        (learned(history(800, telling=False)), {"minutes_error"}),
        (learned(history(20)), set()),
        (Matters(), set()),
    ],
)
def test_the_manager_reads_of_minutes_once_there_are_enough(matters: Matters, shown: set[str]) -> None:
    night = {"day": "20261122", "tickets": 9, "inside": 0.8, "mean_error": 4.0, "predictor": "mean"}
    memory = Memory(nights=[night | {"durations": matters.summary()}])
    (row,) = look(Day().state, None, memory, MONDAY)["accuracy"]
    assert row.keys() - night.keys() == shown
    assert row.get("minutes_better", 0.3) > 0.2


def test_the_plan_follows_what_the_latest_people_came_for() -> None:
    """Of late nearly everybody marries: the staffing's minutes follow, where the mean of all days would not."""
    site = load_site(None)
    before = [
        a_ticket(n, (20.0 if n % 2 else 6.0) * (0.8, 1.0, 1.25)[n % 3], "ket_hon" if n % 2 else "khai_sinh", 4)
        for n in range(800)
    ]
    lately = [a_ticket(1000 + n, 20.0 if n % 10 else 6.0, "ket_hon" if n % 10 else "khai_sinh", 4) for n in range(200)]
    past = Past(tickets=tuple(before + lately), periods=())
    number = list(site.office.services).index("ho_tich")

    def minutes(tickets: list[PastTicket]) -> float:
        told = Past(tickets=tuple(tickets), periods=past.periods)
        facts = office_facts(site, told, Hours(), date(2026, 11, 23), Span(first=28, last=68))
        return facts.services[number].mean_minutes

    assert minutes(before) == pytest.approx(13.0, abs=1.5)
    assert minutes([*before, *lately]) == pytest.approx(18.6, abs=1.5)


def test_an_office_without_belief_plans_by_the_service() -> None:
    matters = learned(history(800, telling=False))
    assert matters.mixes(history(800, telling=False), usual) == {}
    few = learned(history(800))
    assert few.mixes(history(10), usual) == {}
    assert usual_of(load_site(None))("no-such-service", "no-such-procedure") == (10.0, 10.0)


def test_a_service_that_goes_on_and_on_teaches_before_it_ends_and_only_once() -> None:
    matters = learned(history(300))
    before, ordinary = matters.own.predict(a_birth()), deepcopy(matters)
    endless = replace(a_ticket(301, 1.0), handled=60.0 * 4 * before.mean)
    taught = matters.with_open([endless], usual)
    assert taught.own.predict(a_birth()).mean > before.mean
    assert matters == ordinary, "the model itself waits for the end"
    assert matters.with_open([replace(endless, handled=5.0)], usual).own == matters.own, "short so far says nothing"
    assert matters.with_open([replace(endless, handled=math.nan)], usual).own == matters.own


def a_birth() -> Facts:
    return facts_of("ho_tich", "khai_sinh", NOTHING_KNOWN, 12.0)


def test_what_outlasts_its_expectation_is_seen_at_the_counters() -> None:
    day = Day().open("1", "3")
    first, second = day.take(), day.take()
    for counter in "13":
        day.next(counter)
    first.expected, second.expected = 300.0, 1500.0
    assert outlasting(day.state, day.later(minutes=4).now) == ()
    (one,) = outlasting(day.state, day.later(minutes=6).now)
    assert (one.service, one.handled) == ("ho_tich", pytest.approx((day.now - first.called_at).total_seconds()))
    assert len(outlasting(day.state, day.later(minutes=30).now)) == 2


def test_the_table_is_published_anew_when_a_service_outlasts_everything(tmp_path: Path) -> None:
    site = load_site(None)
    worker = Worker(tmp_path, site)
    day = Day().open("1")
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich", procedure="khai_sinh", expected=(600.0, 0.4)),)))
    day.next("1")
    append(tmp_path / "journal.sqlite3", day.log)
    worker.catch_up()
    worker.step(day.later(minutes=1).now)
    worker.matters = learned(history(300))
    first = worker.step(day.later(minutes=2).now)["durations"]
    assert "durations" not in worker.step(day.later(minutes=3).now)
    later = worker.step(day.later(minutes=120).now)["durations"]
    assert later["effects"]["procedure:khai_sinh"] > first["effects"]["procedure:khai_sinh"]


def test_crps_is_nearer_nothing_for_who_knows_more() -> None:
    told = learned(history(800)).summary()
    assert 0.0 < told["crps"] < 0.7 * told["service_crps"]
