"""What of the live office goes into the forward run: breaks, pauses, shifts, durations, arrivals."""

from datetime import datetime, timedelta
from random import Random

import numpy as np
import pytest

from queue_server.forecasting import outlook_office as oo
from queue_server.forecasting.kernel import Floats
from queue_server.forecasting.target_draws import ABSENT, AWAY, FREE, SERVING, free_at, rest_of, share_below, uniforms
from queue_server.forecasting.target_run import drawn, play
from queue_server.queue import commands as cmd
from queue_server.queue.config import MINUTE, Policy, Reservation, ReservationKind
from queue_server.queue.duration_bands import USUAL
from queue_server.queue.policy import Head, Rule, score_heads
from queue_server.queue.routing import ceiling
from tests.forecasting.live import MINUTES, a_morning, a_town, expected, usual
from tests.queue.builders import MONDAY, Day


def look(day: Day, plan: oo.Plan | None = None, learned: oo.Learned | None = None) -> oo.LiveScene:
    known = oo.basis(day.state.setup, learned or oo.Learned(), expected(usual()), futures=30)
    return oo.live_scene(day.state, known, plan or oo.Plan(), day.now)


def at_desk(live: oo.LiveScene, counter: str) -> tuple[int, float]:
    place = live.counters.index(counter)
    return int(live.scene.desks.kind[place]), float(live.scene.desks.until[place]) - live.scene.now


def breaks_of(live: oo.LiveScene, counter: str) -> list[float]:
    row = live.scene.ground.break_at[live.counters.index(counter)]
    return [float(at) - live.scene.now for at in row if np.isfinite(at)]


def an_open_office() -> Day:
    day = Day(a_town())
    for counter in "12345":
        day.do(cmd.OpenCounter(counter=counter, officer=f"o{counter}"))
    return day.later(minutes=60)


def minutes_on(day: Day, minutes: float) -> datetime:
    return day.now + timedelta(minutes=minutes)


def test_counters_are_seen_as_they_are() -> None:
    day = an_open_office()
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="dat_dai"),)))
    day.do(cmd.CallNext(counter="5"))
    day.do(cmd.PauseCounter(counter="2"))
    live = look(day.later(minutes=3))
    assert at_desk(live, "1")[0] == FREE
    assert at_desk(live, "5")[0] == SERVING
    assert at_desk(live, "6")[0] == ABSENT
    assert at_desk(live, "2") == (AWAY, oo.PAUSE - 3 * MINUTE)


@pytest.mark.parametrize("told", [3.0, 0.3])
def test_the_rest_of_a_service_follows_what_its_matter_is_expected_to_take(told: float) -> None:
    day = an_open_office()
    ticket = day.take("dat_dai")
    day.do(cmd.CallNext(counter="5"))
    known = oo.basis(day.state.setup, oo.Learned(), expected(usual()), futures=30)
    seconds = {
        ticket.id: told * float(known.habits.minutes[known.keys.index(("dat_dai", ticket.class_id, USUAL))].mean())
    }
    now = day.later(minutes=1).now
    plain, own = (oo.live_scene(day.state, known, oo.Plan(), now, predicted=p) for p in (None, seconds))
    desk = own.counters.index("5")
    assert own.scene.desks.scale[desk] == pytest.approx(told)
    assert np.delete(own.scene.desks.scale, desk) == pytest.approx(1.0)
    rest = [_free(live)[:, desk].mean() - live.scene.now for live in (plain, own)]
    assert (rest[1] > rest[0]) == (told > 1.0)


@pytest.mark.parametrize(("told", "factor"), [(0.0, 0.25), (float("nan"), 1.0), (1e9, 4.0)])
def test_absurd_seconds_of_a_matter_at_a_counter_are_bounded(told: float, factor: float) -> None:
    day = an_open_office()
    ticket = day.take("dat_dai")
    day.do(cmd.CallNext(counter="5"))
    known = oo.basis(day.state.setup, oo.Learned(), expected(usual()), futures=30)
    live = oo.live_scene(day.state, known, oo.Plan(), day.now, predicted={ticket.id: told})
    assert live.scene.desks.scale[live.counters.index("5")] == factor


@pytest.mark.parametrize(
    ("spread", "power"), [(0.4, 0.73), (0.01, 0.5), (2.0, 1.0), (None, 1.0), (float("nan"), 1.0), (0.0, 1.0)]
)
def test_a_matter_that_is_known_better_is_drawn_narrower_around_the_same_mean(
    spread: float | None, power: float
) -> None:
    day = an_open_office()
    ticket = day.take("dat_dai")
    ticket.spread = spread
    known = oo.basis(day.state.setup, oo.Learned(), expected(usual()), futures=200)
    mean = float(known.habits.minutes[known.keys.index(("dat_dai", ticket.class_id, USUAL))].mean())
    plain, own = (oo.live_scene(day.state, known, oo.Plan(), day.now, predicted=p) for p in ({}, {ticket.id: mean}))
    assert plain.scene.known.power == pytest.approx(1.0)
    assert own.scene.known.power == pytest.approx(power, abs=0.03)
    one, other = (drawn(live.scene, live.scene.now + 1.0).crowd.minutes[:, 0] for live in (plain, own))
    assert other.mean() == pytest.approx(one.mean(), rel=0.03)
    assert (other.std() < 0.9 * one.std()) == (power < 1.0)


def _free(live: oo.LiveScene) -> Floats:
    s = live.scene
    return free_at(s.now, s.desks, s.habits, s.ground.speed, seed=s.seed, futures=30, least=s.least)


def test_a_planned_return_counts_for_more_than_the_usual_pause() -> None:
    day = an_open_office()
    day.do(cmd.PauseCounter(counter="2"))
    assert at_desk(look(day, oo.Plan(returns={"2": minutes_on(day, 45)})), "2") == (AWAY, 45 * MINUTE)


def test_an_overdue_pause_lasts_a_tenth_longer_and_at_least_a_minute() -> None:
    day = an_open_office()
    day.do(cmd.PauseCounter(counter="2"))
    assert at_desk(look(day.later(minutes=15)), "2")[1] == pytest.approx(1.5 * MINUTE)
    assert at_desk(look(day.later(minutes=45)), "2")[1] == pytest.approx(6 * MINUTE)


def test_who_is_at_a_paused_counter_is_served_first() -> None:
    day = an_open_office()
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="dat_dai"),)))
    day.do(cmd.CallNext(counter="5"))
    day.do(cmd.PauseCounter(counter="5"))
    live = look(day, oo.Plan(returns={"5": minutes_on(day, 240)}))
    assert at_desk(live, "5") == (SERVING, 240 * MINUTE)


def test_a_break_to_come_is_planned_and_one_begun_is_not_taken_twice() -> None:
    day = an_open_office()
    plan = oo.Plan(breaks={"1": [(minutes_on(day, 30), 2700.0)], "2": [(minutes_on(day, -5), 2700.0)]})
    assert breaks_of(look(day, plan), "1") == [30 * MINUTE]
    assert breaks_of(look(day, plan), "2") == [-5 * MINUTE]  # due: taken as soon as the counter is free
    day.do(cmd.PauseCounter(counter="2", reason="nghỉ trưa"))
    assert breaks_of(look(day, plan), "2") == []
    day.later(minutes=20).do(cmd.ResumeCounter(counter="2"))
    assert breaks_of(look(day, plan), "2") == []


def test_a_break_nobody_took_is_forgotten_when_its_time_is_over() -> None:
    day = an_open_office()
    plan = oo.Plan(breaks={"1": [(minutes_on(day, -50), 2700.0)]})
    assert breaks_of(look(day, plan), "1") == []


def test_a_counter_that_will_open_is_counted_upon_until_it_is_ten_minutes_late() -> None:
    day = an_open_office()
    assert at_desk(look(day, oo.Plan(opens={"6": minutes_on(day, 20)})), "6") == (AWAY, 20 * MINUTE)
    assert at_desk(look(day, oo.Plan(opens={"6": minutes_on(day, -5)})), "6") == (AWAY, 0.0)
    assert at_desk(look(day, oo.Plan(opens={"6": minutes_on(day, -11)})), "6")[0] == ABSENT


def test_nobody_is_called_by_a_counter_whose_shift_is_over() -> None:
    day = a_morning("12345", minutes=40)
    live = look(day, oo.Plan(closes=dict.fromkeys("12345", day.now)))
    assert np.isinf(play(live.scene, live.scene.now + 7200).start).all()


def test_people_who_asked_to_be_called_later_are_known_but_not_callable() -> None:
    day = an_open_office()
    day.do(cmd.CloseCounter(counter="5"))
    tickets = [day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="dat_dai"),)))[0].ticket for _ in range(2)]  # type: ignore[attr-defined]
    day.do(cmd.PostponeTicket(ticket=tickets[0], minutes=30))
    live = look(day)
    ahead = dict(zip(live.tickets, live.scene.known.arrive - live.scene.now, strict=True))
    assert ahead == {tickets[0]: 30 * MINUTE, tickets[1]: 0.0}


def test_only_the_first_matter_of_a_visit_counts_for_the_target() -> None:
    day = Day(a_town())
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="dat_dai"), cmd.Wanted(service="ho_tich"))))
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="dat_dai"),)))
    assert sorted(look(day).counted) == [False, True, True]


def test_learned_durations_are_used_and_missing_ones_come_from_the_site() -> None:
    learned = oo.Learned(seconds={"ho_tich": (100.0, 200.0, 300.0)})
    table = oo.duration_table(a_town(), learned, "ho_tich")
    assert (table[0], table[32], table[-1]) == (100.0, 200.0, 300.0)
    prior = oo.duration_table(a_town(), learned, "dat_dai")
    assert prior.mean() == pytest.approx(20 * MINUTE, rel=0.05)
    assert (np.diff(prior) > 0).all()


def test_broken_durations_are_left_out() -> None:
    learned = oo.Learned(seconds={"ho_tich": (float("nan"), -5.0, float("inf"))})
    assert oo.duration_table(a_town(), learned, "ho_tich").mean() == pytest.approx(6 * MINUTE, rel=0.05)


def test_arrivals_come_as_expected_per_service_class_and_quarter_hour() -> None:
    known = oo.basis(a_town(), oo.Learned(), expected({"ho_tich": 6.0, "dat_dai": 2.0}, quarters=8), futures=400)
    real = np.arange(known.coming.arrive.shape[1]) < known.coming.number[:, None]
    usual_day = real & (known.coming.mark < 1.0)
    services = np.array([known.keys[line] for line in known.coming.line[usual_day]])
    per_day = {s: (services[:, 0] == s).sum() / 400 for s in ("ho_tich", "dat_dai", "chung_thuc")}
    assert per_day["ho_tich"] == pytest.approx(48, rel=0.05)
    assert per_day["dat_dai"] == pytest.approx(16, rel=0.05)
    assert per_day["chung_thuc"] == 0
    assert (services[:, 1] == "elderly").mean() == pytest.approx(0.1, abs=0.02)
    assert known.coming.arrive[usual_day].max() < 8 * 900


def test_a_busy_day_thins_less() -> None:
    day = a_morning(minutes=30)
    known = oo.basis(day.state.setup, oo.Learned(), expected(usual()), futures=100)
    people = [
        play(oo.live_scene(day.state, known, oo.Plan(), day.now, level=dict.fromkeys(usual(), level)).scene, 7200.0)
        for level in (0.5, 1.0, 1.5)
    ]
    counts = [p.crowd.size.mean() - p.standing for p in people]
    assert counts[0] / counts[1] == pytest.approx(0.5, abs=0.1)
    assert counts[2] / counts[1] == pytest.approx(1.5, abs=0.15)


def test_a_changed_site_file_needs_a_new_basis() -> None:
    day = an_open_office()
    known = oo.basis(day.state.setup, oo.Learned(), expected(usual()), futures=5)
    assert known.fits(day.state)
    assert not known.fits(Day().state)


def test_every_stratum_of_a_draw_occurs_once() -> None:
    drawn = uniforms(7, np.arange(50), 3, 64)
    assert drawn.shape == (64, 50)
    assert (np.sort((drawn * 64).astype(int), axis=0) == np.arange(64)[:, None]).all()
    assert np.abs(np.corrcoef(drawn.T) - np.eye(50)).mean() < 0.15


def test_what_is_left_of_a_service_shortens_and_never_ends_at_nothing() -> None:
    table = np.linspace(0.0, 100.0, 65)
    u = np.full(1, 0.5)
    assert rest_of(table, 0.0, u, least=1.0)[0] == pytest.approx(50.0)
    assert rest_of(table, 60.0, u, least=1.0)[0] == pytest.approx(20.0)
    assert rest_of(table, 5000.0, u, least=1.0)[0] == 500.0
    assert share_below(table, 25.0) == pytest.approx(0.25)


def test_a_setup_without_counters_or_people_plays_to_nothing() -> None:
    day = Day(a_town())
    day.state.counters.clear()
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),)))
    live = look(day)
    assert np.isinf(play(live.scene, live.scene.now + 3600).start).all()
    assert live.scene.now == (day.now - MONDAY).total_seconds()


@pytest.mark.parametrize("seed", range(25))
def test_a_scored_rule_calls_whom_score_heads_would(seed: int) -> None:
    """One counter and one look: the first to be called is the choice of the rule itself."""
    random = Random(seed)
    day = Day(a_town())
    for _ in range(random.randint(2, 25)):
        class_id = random.choice(("walk_in", "walk_in", "elderly"))
        day.later(seconds=random.randint(1, 200))
        day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service=random.choice(list(MINUTES))),), class_id=class_id))
    day.later(seconds=random.randint(1, 2000)).do(cmd.OpenCounter(counter="6", officer="o6"))
    config = day.state.setup
    rule = Rule(
        name="index", head_start=random.random(), queue_power=random.choice((0.0, 0.5, 1.3)),
        time_power=random.choice((-0.3, 0.0, 0.5)), ratio=random.choice((0, 2)), targets={0: 900.0, 1: 300.0, 2: 90.0},
        prices={1: 1.4}, ceilings={k: ceiling(config, day.state.policy, c) for k, c in enumerate(config.classes)},
    )  # fmt: skip
    known = oo.basis(config, oo.Learned(), oo.Expected(begins=MONDAY), futures=1, rule=rule)
    live = oo.live_scene(day.state, known, oo.Plan(), day.now)
    tables = {key: float(known.habits.minutes[line].mean()) for line, key in enumerate(known.keys)}
    heads, names = [], []
    for place, service in enumerate(config.services):
        for cls, class_id in enumerate(config.classes):
            line = day.state.lines.get(service, {}).get((class_id, USUAL))
            if line:
                first = day.state.tickets[line[0][2]]
                waited = (day.now - first.since).total_seconds()
                queue, minutes = day.state.waiting_count(service), tables[service, class_id, USUAL]
                heads.append(Head(place, cls, waited, queue, minutes, favoured=cls > 0, rank=line[0][0]))
                names.append(first.id)
    run = play(live.scene, live.scene.now + 86400.0)
    first_called = int(np.argmin(run.start[0]))
    chosen = score_heads(rule, heads, run=int(live.scene.desks.run[live.counters.index("6")])).best
    assert live.tickets[int(run.crowd.order[0, first_called])] == names[chosen]


def test_a_reservation_that_is_to_come_is_foreseen() -> None:
    kept = Reservation(kind=ReservationKind.COUNTER, counters=("5",), classes=("elderly",), begins=570, ends=600)
    day = an_open_office()
    day.do(cmd.ChangePolicy(policy=Policy(reservations=(kept,))))
    live = look(day)  # at 09:00
    ground, five = live.scene.ground, live.counters.index("5")
    assert list(ground.phase_at[1:] - live.scene.now) == [30 * MINUTE, 60 * MINUTE]
    classes = [
        {cls for (_, cls, _), may in zip(live.keys, ground.serving[p, five], strict=True) if may} for p in range(3)
    ]
    assert classes[0] == classes[2] > classes[1] == {"elderly"}
    assert ground.serving[:, live.counters.index("1")].all(axis=0).tolist() == ground.serves[0].tolist()
