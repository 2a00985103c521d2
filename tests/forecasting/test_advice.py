"""Advice: only what is possible, worth what it says, carried out by its commands, measured afterwards."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from queue_server.contract.problems import Refused
from queue_server.forecasting import outlook_office as oo
from queue_server.forecasting.advice import Advice, Verdict, advise, measured_effect, pressed
from queue_server.forecasting.advice_moves import Hands, Move, MoveKind, possible_moves, scene_after
from queue_server.forecasting.target import horizon
from queue_server.forecasting.target_run import play
from queue_server.queue import commands as cmd
from queue_server.queue.decide import decide
from queue_server.queue.states import CounterStatus
from tests.forecasting.live import a_morning, an_even_morning, expected, usual
from tests.queue.builders import MONDAY, Day

CLOSING = MONDAY + timedelta(hours=8)


def look(day: Day, share: float = 0.9, plan: oo.Plan | None = None, futures: int = 40) -> tuple[oo.LiveScene, oo.Basis]:
    known = oo.basis(day.state.setup, oo.Learned(), expected(usual(share)), futures=futures)
    return oo.live_scene(day.state, known, plan or oo.Plan(), day.now), known


def moves(day: Day, plan: oo.Plan | None = None, hands: Hands | None = None) -> list[Move]:
    live, _ = look(day, plan=plan)
    return possible_moves(live, play(live.scene, horizon(live)), hands or Hands(), 7200.0)


@pytest.fixture(scope="module")
def crowded() -> Day:
    """Four counters for the work of five, one of them paused, a break to come, somebody booked for later."""
    day = a_morning("1245", rate=usual(0.9), minutes=75)
    day.do(
        cmd.IssueTicket(wanted=(cmd.Wanted(service="dat_dai"),), appointment_at=day.now + timedelta(minutes=40)),
    )
    day.do(cmd.PauseCounter(counter="1", reason="họp"))
    return day


@pytest.fixture(scope="module")
def planned(crowded: Day) -> oo.Plan:
    return oo.Plan(breaks={"2": [(crowded.now + timedelta(minutes=20), 2700.0)]})


@pytest.fixture(scope="module")
def advice(crowded: Day, planned: oo.Plan) -> list[Advice]:
    live, known = look(crowded, plan=planned)
    return advise(live, known, ends=CLOSING)


def test_every_kind_of_move_is_thought_of(crowded: Day, planned: oo.Plan) -> None:
    assert {move.kind for move in moves(crowded, planned)} == set(MoveKind)


def test_every_move_can_be_carried_out_now(crowded: Day, planned: oo.Plan) -> None:
    for move in moves(crowded, planned):
        trial = Day(crowded.state.setup)
        trial.state, trial.now = _copy(crowded), crowded.now
        if move.when_free and trial.state.counters[move.when_free].ticket:
            trial.do(cmd.Finish(counter=move.when_free))
        for command in move.named("Y Blô"):
            trial.do(command)
        assert move.commands or move.breaks


def _copy(day: Day):
    from copy import deepcopy

    return deepcopy(day.state)


def test_a_move_that_must_wait_is_refused_before_its_counter_is_free(crowded: Day) -> None:
    waiting = [move for move in moves(crowded) if move.when_free]
    assert waiting
    with pytest.raises(Refused):
        decide(crowded.state, waiting[0].commands[0], crowded.now)


def test_the_office_is_not_touched_by_thinking(crowded: Day, planned: oo.Plan) -> None:
    version = crowded.state.version
    before = _copy(crowded)
    live, known = look(crowded, plan=planned)
    advise(live, known, ends=CLOSING)
    assert (crowded.state.version, crowded.state) == (version, before)


def test_the_best_move_is_the_most_minutes_for_an_officers_hour(advice: list[Advice]) -> None:
    worth = [each.per_hour for each in advice]
    assert worth == sorted(worth, reverse=True)
    for each in advice:
        assert each.low <= each.saved <= each.high
        assert each.sure >= 0.6
        assert each.per_hour == pytest.approx(each.saved / max(0.25, each.officer_hours))


def test_the_move_that_saves_most_is_there_whatever_it_costs(advice: list[Advice]) -> None:
    best = max(advice, key=lambda each: each.saved)
    assert best.move.kind is MoveKind.OPEN
    assert best.officer_hours == 2.0
    assert best.risk_after < best.risk_before
    assert best.mean_after < best.mean_before


def test_the_counter_that_serves_whom_all_wait_for_helps_more_than_one_that_cannot() -> None:
    """Everybody waits for land; of the two closed counters only the sixth does it."""
    land = {"dat_dai": 2.0}
    day = an_even_morning("1245", rate=land, minutes=60)
    known = oo.basis(day.state.setup, oo.Learned(), expected(land), futures=20)
    found = advise(oo.live_scene(day.state, known, oo.Plan(), day.now), known, ends=CLOSING)
    opened = {each.move.counter: each.saved for each in found if each.move.kind is MoveKind.OPEN}
    assert opened["6"] > 10 * max(1.0, opened.get("3", 0.0))


def test_what_is_promised_is_what_the_office_without_the_move_lacks(crowded: Day, planned: oo.Plan) -> None:
    """The forecast after a move equals the forecast of an office in which it was made."""
    live, known = look(crowded, plan=planned)
    move = next(m for m in moves(crowded, planned) if m.kind is MoveKind.ADD_SERVICE)
    thought = play(scene_after(live, known, move).scene, horizon(live))
    made = Day(crowded.state.setup)
    made.state, made.now = _copy(crowded), crowded.now
    for command in move.commands:
        made.do(command)
    really = play(oo.live_scene(made.state, known, planned, made.now).scene, horizon(live))
    assert np.array_equal(thought.start, really.start)


def test_a_resumed_counter_is_thought_of_as_it_will_be(crowded: Day, planned: oo.Plan) -> None:
    live, known = look(crowded, plan=planned)
    move = next(m for m in moves(crowded, planned) if m.kind is MoveKind.RECALL)
    thought = play(scene_after(live, known, move).scene, horizon(live))
    made = Day(crowded.state.setup)
    made.state, made.now = _copy(crowded), crowded.now
    made.do(move.commands[0])
    really = play(oo.live_scene(made.state, known, planned, made.now).scene, horizon(live))
    assert thought.waits[thought.real].mean() == pytest.approx(really.waits[really.real].mean(), rel=0.15)


def test_a_shifted_break_changes_the_plan_and_an_early_one_pauses_now(crowded: Day, planned: oo.Plan) -> None:
    shifted = [m for m in moves(crowded, planned) if m.kind is MoveKind.SHIFT_BREAK]
    begin = crowded.now + timedelta(minutes=20)
    assert {m.breaks["2"][-1][0] - begin for m in shifted} == {timedelta(minutes=m) for m in (-20, 30, 60)}
    assert [len(m.commands) for m in shifted if m.by < 0] == [1]


def test_an_officer_is_given_only_what_he_knows(crowded: Day) -> None:
    hands = Hands(able={"2": ("ho_tich", "chung_thuc", "kinh_doanh")})
    added = [m for m in moves(crowded, hands=hands) if m.kind is MoveKind.ADD_SERVICE]
    assert {(m.counter, m.service) for m in added} <= {("2", "kinh_doanh")}


def test_nobody_in_reserve_opens_no_counter(crowded: Day) -> None:
    assert not [m for m in moves(crowded, hands=Hands(reserve=())) if m.kind is MoveKind.OPEN]


def test_the_name_of_the_officer_may_come_with_the_press(crowded: Day) -> None:
    move = next(m for m in moves(crowded) if m.kind is MoveKind.OPEN)
    assert move.named("Lê Thị Hoa") == (cmd.OpenCounter(counter=move.counter or "", officer="Lê Thị Hoa"),)


def test_taking_booked_people_early_keeps_the_policy_of_the_moment(crowded: Day) -> None:
    move = next(m for m in moves(crowded) if m.kind is MoveKind.APPOINTMENTS)
    changed = move.commands[0]
    assert isinstance(changed, cmd.ChangePolicy)
    assert replace(changed.policy, appointment_early=None) == crowded.state.policy


def test_a_quiet_office_needs_no_advice_worth_an_hour() -> None:
    day = a_morning("123456", rate=usual(0.2), minutes=30)
    live, known = look(day, 0.2)
    assert all(each.saved < 30 for each in advise(live, known, ends=CLOSING))


def test_no_counters_no_people_and_no_time_left_give_no_advice() -> None:
    day = Day(a_morning("").state.setup)
    known = oo.basis(day.state.setup, oo.Learned(), oo.Expected(begins=MONDAY), futures=20)
    live = oo.live_scene(day.state, known, oo.Plan(), day.now)
    assert advise(live, known) == []
    busy, known = look(a_morning("1", minutes=20))
    assert advise(busy, known, ends=busy.now - timedelta(minutes=1)) == []


def test_all_counters_closed_asks_to_open_one() -> None:
    day = Day(a_morning("").state.setup)
    for _ in range(10):
        day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)))
    live, known = look(day)
    assert advise(live, known, ends=CLOSING)[0].move.kind is MoveKind.OPEN


def after_the_press(advice: Advice, waited: float, people: int) -> tuple[Day, Advice]:
    """An hour in which so many people came, each of whom waited so long (minutes)."""
    day = Day(a_morning("").state.setup)
    for counter in "123456":
        day.do(cmd.OpenCounter(counter=counter, officer=f"o{counter}"))
    begin = day.now
    for _ in range(people):
        day.now += timedelta(seconds=1)
        day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)))
    for visit in day.state.visits.values():
        visit.waited, visit.answered_at = waited * 60, begin
    return day, replace(advice, without=tuple(np.linspace(10, 20, 40)), comers=(float(people),) * 40)


def test_what_a_move_did_is_measured_against_the_forecast_without_it(advice: list[Advice]) -> None:
    for waited, verdict in ((4.0, Verdict.HELPED), (15.0, Verdict.UNCLEAR), (30.0, Verdict.WORSE)):
        day, given = after_the_press(advice[0], waited, 12)
        found = measured_effect(pressed(given, MONDAY, "Y Blô"), day.state, MONDAY + timedelta(hours=1, minutes=1))
        assert found is not None
        assert (found.verdict, found.people, found.actual) == (verdict, 12, waited)
        assert found.saved == pytest.approx(found.without - waited)
        assert found.low <= found.saved <= found.high


def test_a_busier_hour_is_compared_with_busier_futures(advice: list[Advice]) -> None:
    day, given = after_the_press(advice[0], 10.0, 30)
    given = replace(given, without=(5.0,) * 20 + (20.0,) * 20, comers=(10.0,) * 20 + (30.0,) * 20)
    found = measured_effect(pressed(given, MONDAY), day.state, MONDAY + timedelta(hours=2))
    assert found is not None
    assert found.without == 20.0


def test_nothing_is_said_before_the_hour_is_over_or_when_nobody_came(advice: list[Advice]) -> None:
    day, given = after_the_press(advice[0], 4.0, 12)
    assert measured_effect(pressed(given, MONDAY), day.state, MONDAY + timedelta(minutes=59)) is None
    empty = Day(a_morning("").state.setup)
    assert measured_effect(pressed(given, MONDAY), empty.state, MONDAY + timedelta(hours=5)) is None


def test_people_who_still_wait_are_counted_in_the_end(advice: list[Advice]) -> None:
    day = Day(a_morning("").state.setup)
    day.later(minutes=5)
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)))
    applied = pressed(replace(advice[0], without=(10.0,) * 4, comers=(1.0,) * 4), MONDAY)
    assert measured_effect(applied, day.state, MONDAY + timedelta(hours=1, minutes=5)) is None
    found = measured_effect(applied, day.state, MONDAY + timedelta(hours=3))
    assert found is not None
    assert found.actual == pytest.approx(175.0)


def test_counters_that_are_closed_for_the_move_are_the_real_ones(crowded: Day) -> None:
    closed = {c.id for c in crowded.state.counters.values() if c.status is CounterStatus.CLOSED}
    assert {m.counter for m in moves(crowded) if m.kind is MoveKind.OPEN} == closed == {"3", "6"}
