"""Random days: whatever happens, these hold."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_server.contract.problems import Refused
from queue_server.journal.codec import decode, encode
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import ClassTerms, Policy, Reservation, ReservationKind, Rules
from queue_server.queue.duration_bands import USUAL
from queue_server.queue.evolve import evolve
from queue_server.queue.policy import NAMES, rule_of, score_heads
from queue_server.queue.routing import _scored, by_policy_alone, by_score, ceiling, choose, heads, pick
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import AT_COUNTER, TicketState
from tests.queue.builders import Day, an_office

COUNTERS = ("1", "2", "3")
counter = st.sampled_from(COUNTERS)
service = st.sampled_from(("ho_tich", "dat_dai"))
class_id = st.sampled_from((None, "walk_in", "elderly"))
ticket = st.integers(0, 30)
place = st.one_of(st.none(), counter)
told = st.one_of(st.none(), st.floats(60, 3000))  # seconds that a matter is expected to take

step = st.one_of(
    st.tuples(st.just("take"), service, class_id, st.booleans(), told),
    st.tuples(st.just("take"), service, class_id, st.booleans(), told),
    st.tuples(st.just("book"), service, st.integers(-20, 40)),
    st.tuples(st.just("next"), counter, st.booleans()),
    st.tuples(st.just("next"), counter, st.booleans()),
    st.tuples(st.sampled_from(("open", "close", "pause", "unpause")), counter),
    st.tuples(st.sampled_from(("start", "finish", "recall", "no-show", "hold", "put-back")), counter),
    st.tuples(st.sampled_from(("call", "resume")), counter, ticket),
    st.tuples(st.just("by-mouth"), counter, ticket, st.integers(0, 20)),
    st.tuples(st.just("transfer"), counter, st.one_of(st.none(), service), place, st.booleans()),
    st.tuples(st.just("reskill"), counter, st.lists(service, min_size=1, max_size=2)),
    st.tuples(st.sampled_from(("cancel", "postpone", "reinstate", "elderly")), ticket),
    st.tuples(st.just("hand-in"), st.integers(701, 712), st.integers(-60, 5)),
    st.tuples(st.just("lease"), st.sampled_from(("k1", "k2"))),
    st.tuples(st.just("wait"), st.integers(1, 40)),
)

SIMPLE = {
    "close": cmd.CloseCounter,
    "unpause": cmd.ResumeCounter,
    "pause": cmd.PauseCounter,
    "start": cmd.Start,
    "finish": cmd.Finish,
    "recall": cmd.Recall,
    "no-show": cmd.NoShow,
    "hold": cmd.Hold,
    "put-back": cmd.PutBack,
}


def a_wish(wanted: str, seconds: object = None) -> cmd.Wanted:
    """A wish whose matter is expected to take so many seconds, or of which nothing is known."""
    return cmd.Wanted(service=wanted, expected=None if seconds is None else (float(str(seconds)), 0.4))


def command_of(day: Day, move: tuple[object, ...]) -> cmd.Command:  # noqa: C901, PLR0912  one branch a kind of step
    known = list(day.state.tickets) or ["none"]

    def pick(number: object) -> str:
        return known[int(str(number)) % len(known)]

    match move:
        case ("take", s, c, two, *seconds):
            services = ("ho_tich", "dat_dai") if two else (str(s),)
            return cmd.IssueTicket(wanted=tuple(a_wish(w, *seconds) for w in services), class_id=c)  # type: ignore[arg-type]
        case ("book", s, minutes):
            booked = day.now + timedelta(minutes=int(str(minutes)))
            return cmd.IssueTicket(wanted=(cmd.Wanted(service=str(s)),), appointment_at=booked)
        case ("next", c, finish):
            return cmd.CallNext(counter=str(c), finish_current=bool(finish))
        case ("open", c):
            return cmd.OpenCounter(counter=str(c), officer="o")
        case ("call", c, t):
            return cmd.CallNumber(counter=str(c), ticket=pick(t))
        case ("by-mouth", c, t, ago):
            served = day.now - timedelta(minutes=int(str(ago)))
            return cmd.ServeByMouth(counter=str(c), ticket=pick(t), at=served)
        case ("resume", c, t):
            return cmd.ResumeTicket(counter=str(c), ticket=pick(t))
        case ("transfer", c, s, p, back):
            return cmd.Transfer(counter=str(c), to_service=s, to_counter=p, return_to_sender=bool(back))  # type: ignore[arg-type]
        case ("reskill", c, services):
            return cmd.ReskillCounter(counter=str(c), services=tuple(services))  # type: ignore[arg-type]
        case ("cancel", t):
            return cmd.CancelTicket(ticket=pick(t))
        case ("postpone", t):
            return cmd.PostponeTicket(ticket=pick(t), minutes=10)
        case ("reinstate", t):
            return cmd.Reinstate(ticket=pick(t))
        case ("elderly", t):
            return cmd.ChangePriority(ticket=pick(t), class_id="elderly")
        case ("hand-in", n, minutes):
            taken = day.now + timedelta(minutes=int(str(minutes)))
            return cmd.HandIn(kiosk="k1", number=f"A{n}", taken_at=taken, wanted=(cmd.Wanted(service="ho_tich"),))
        case ("lease", k):
            return cmd.LeaseNumbers(kiosk=str(k))
        case (name, c):
            return SIMPLE[str(name)](counter=str(c))
    raise AssertionError(move)


def play(moves: list[tuple[object, ...]], *policies: Policy) -> Day:
    """Plays a random day, checking what must hold after every command; each policy has its share of the day."""
    rules = Rules(recall_gap=1, lease_size=6)
    day = Day(an_office(policy=policies[0] if policies else Policy(), rules=rules)).open("1", "2")
    for number, move in enumerate(moves):
        day.later(seconds=20)
        if policies and number == len(moves) // 2:
            day.state = evolve(day.state, changed := ev.PolicyChanged.to(policies[-1]), day.now)
            day.log.append((changed, day.now))
        if move[0] == "wait":
            day.later(minutes=int(str(move[1])))
            continue
        version = day.state.version
        waiting = {t.id: (t.since, t.class_id, t.service, t.pinned) for t in day.state.waiting()}
        services = {c.id: c.services for c in day.state.counters.values()}
        lanes = {t.id: (t.pool, *day.state.lane(t)) for t in day.state.waiting()}
        try:
            events = day.do(command_of(day, move))
        except Refused:
            assert day.state.version == version, "a refusal changed something"
            continue
        check_ceiling(day, waiting, services, events)
        check_arrival(day, waiting, lanes, events)
        check_state(day.state)
    return day


def check_ceiling(
    day: Day,
    waiting: dict[str, tuple[datetime, str, str, str | None]],
    services: dict[str, tuple[str, ...]],
    events: list[ev.Event],
) -> None:
    """Nobody past the ceiling is overtaken by somebody within it, at a counter that may call them."""
    for event in events:
        if not isinstance(event, ev.TicketCalled) or event.reason == "officer_choice" or event.ticket not in waiting:
            continue

        def excess(known: tuple[datetime, str, str, str | None]) -> float:
            bound = ceiling(day.state.setup, day.state.policy, known[1])
            return (day.now - known[0]).total_seconds() - bound

        called = excess(waiting[event.ticket])
        for other, known in waiting.items():
            mine = known[3] == event.counter or (
                known[3] is None
                and known[2] in services[event.counter]
                and day.state.reach(event.counter, day.now).allows(known[2], known[1])
            )
            if mine and other != event.ticket and excess(known) >= 0:
                assert called >= excess(known), f"{other} was past its ceiling and was overtaken"


def check_arrival(
    day: Day,
    waiting: dict[str, tuple[datetime, str, str, str | None]],
    lanes: dict[str, tuple[str, str, int]],
    events: list[ev.Event],
) -> None:
    """Nobody is called before somebody of their own line; without a weight on time a line is a service and class."""
    order = {t: (known[0], day.state.tickets[t].order) for t, known in waiting.items()}
    for event in events:
        if isinstance(event, ev.TicketCalled) and event.reason != "officer_choice" and event.ticket in waiting:
            mine = [order[t] for t, lane in lanes.items() if lane == lanes[event.ticket]]
            assert order[event.ticket] == min(mine), f"{event.ticket} passed somebody of their own line"
    if not rule_of(day.state.setup, day.state.policy).time_power:
        assert all(band == USUAL for lanes in day.state.lines.values() for _, band in lanes)


def check_state(state: OfficeDay) -> None:
    at_counters = [t for t in state.tickets.values() if t.state in AT_COUNTER]
    holders = {c.ticket: c.id for c in state.counters.values() if c.ticket}
    assert {t.id for t in at_counters} == set(holders), "a ticket at a counter is at exactly one"
    assert all(holders[t.id] == t.counter for t in at_counters)
    visits = [t.visit for t in at_counters]
    assert len(visits) == len(set(visits)), "one person is at one counter"
    assert len(state.numbers) == len(state.visits), "a number was given twice"
    lined = [entry[2] for lanes in state.lines.values() for line in lanes.values() for entry in line]
    assert len(lined) == len(set(lined)), "somebody stands in two lines"
    free = {t.id for t in state.tickets.values() if t.state is TicketState.WAITING and state.is_free(t)}
    assert set(lined) == free, "waiting and standing in line are the same"
    assert all(line == sorted(line) for lanes in state.lines.values() for line in lanes.values())
    where = {e[2]: (pool, *lane) for pool, lanes in state.lines.items() for lane, line in lanes.items() for e in line}
    assert where == {t.id: (t.pool, *state.lane(t)) for t in state.waiting()}, "somebody stands in a wrong line"


subset = st.lists(st.sampled_from(("ho_tich", "dat_dai")), max_size=2, unique=True).map(tuple)
reservation = st.builds(
    Reservation,
    kind=st.sampled_from(ReservationKind),
    counters=st.lists(counter, min_size=1, max_size=3, unique=True).map(tuple),
    services=subset,
    classes=st.lists(st.sampled_from(("walk_in", "elderly")), max_size=2, unique=True).map(tuple),
    begins=st.integers(7 * 60, 10 * 60),
    ends=st.integers(8 * 60, 13 * 60),
    days=st.sampled_from(((), (0,), (1,))),
)
terms = st.builds(
    ClassTerms,
    target=st.floats(60, 3600),
    ceiling=st.one_of(st.none(), st.floats(60, 7200)),
    weight=st.floats(0.1, 10),
)
any_policy = st.builds(
    Policy,
    name=st.sampled_from(NAMES),
    ordinary_per_priority=st.integers(0, 4),
    ceiling_multiple=st.floats(1, 5),
    classes=st.dictionaries(st.sampled_from(("walk_in", "elderly", "appointment")), terms, max_size=3),
    reservations=st.lists(reservation, max_size=3).map(tuple),
    own_first=st.booleans(),
    least_flexible_first=st.booleans(),
    grace=st.floats(0, 120),
    appointment_early=st.one_of(st.none(), st.floats(0, 1200)),
    appointment_late=st.one_of(st.none(), st.floats(0, 1200)),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, max_size=70), any_policy, any_policy)
def test_random_days_keep_every_promise(moves: list[tuple[object, ...]], first: Policy, then: Policy) -> None:
    day = play(moves, first, then)
    states = [t.state for t in day.state.tickets.values()]
    counts = {s: states.count(s) for s in TicketState}
    assert sum(counts.values()) == sum(isinstance(e, ev.TicketIssued) for e, _ in day.log), "people got lost"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, max_size=50), any_policy)
def test_the_same_day_is_decided_the_same(moves: list[tuple[object, ...]], policy: Policy) -> None:
    assert play(moves, policy).log == play(moves, policy).log


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(service, class_id, st.integers(0, 600), told), min_size=1, max_size=25), any_policy)
def test_the_score_of_the_lines_is_the_policys_own(
    people: list[tuple[str, str, int, float | None]], policy: Policy
) -> None:
    day = Day(an_office(policy=replace(policy, reservations=()))).open("3")
    for wanted, kind, seconds, minutes in people:
        day.later(seconds=seconds).do(cmd.IssueTicket(wanted=(a_wish(wanted, minutes),), class_id=kind))
    counter_3 = day.state.counter("3")
    due = [head for head in heads(day.state, counter_3, day.now) if head.waited >= 0]
    code, best, second = by_score(due, day.state)
    chosen = score_heads(rule_of(day.state.setup, day.state.policy), [_scored(day.state, head) for head in due])
    assert best == due[chosen.best]
    alone = len(due) == 1 and sum(t.since <= day.now for t in day.state.waiting()) > 1
    assert code == ("arrival_order" if alone else str(chosen.reasons[0]).replace("-", "_"))
    assert second == (None if chosen.runner_up is None else due[chosen.runner_up])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, max_size=50), any_policy, st.integers(0, 3600))
def test_the_quick_way_answers_as_all_heads_would(moves: list[tuple[object, ...]], policy: Policy, later: int) -> None:
    day = play(moves, policy)
    at = day.now + timedelta(seconds=later)
    for known in day.state.counters.values():
        quick = by_policy_alone(day.state, known, at.timestamp())
        if quick is not None:
            found = heads(day.state, known, at)
            code, first, second = pick(found, known, day.state)
            assert quick == (code, first, second)
            assert second is not None or len(found) == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_quick_way_is_gone_where_nothing_but_the_policy_decides(name: str) -> None:
    day = Day(an_office(policy=Policy(name=name))).open("3")
    for kind in ("walk_in", "elderly", "walk_in"):
        day.take("ho_tich", kind)
        day.take("dat_dai", kind)
    at = day.later(minutes=2).now.timestamp()
    assert by_policy_alone(day.state, day.state.counter("3"), at) is not None
    early = day.take("ho_tich", appointment_at=day.now + timedelta(minutes=5))
    assert by_policy_alone(day.state, day.state.counter("3"), at) is None, f"{early.number} may be called early"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(service, class_id, st.integers(0, 900)), min_size=2, max_size=25), any_policy)
def test_the_runner_up_is_whom_the_rules_would_call_without_the_first(
    people: list[tuple[str, str, int]], policy: Policy
) -> None:
    day = Day(an_office(policy=policy)).open("3")
    for wanted, kind, seconds in people:
        day.later(seconds=seconds).take(wanted, kind)
    found = heads(day.state, counter_3 := day.state.counter("3"), day.now)
    chosen = choose(day.state, "3", day.now)
    rest = [head for head in found if chosen is not None and head.ticket != chosen.ticket]
    assert (None if chosen is None else chosen.runner_up) == (
        pick(rest, counter_3, day.state)[1].ticket if rest else None
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, max_size=50), any_policy, any_policy)
def test_replaying_the_written_day_gives_the_same_state(
    moves: list[tuple[object, ...]], first: Policy, then: Policy
) -> None:
    day = play(moves, first, then)
    again = OfficeDay()
    for event, at in day.log:
        evolve(again, decode(type(event).__name__, encode(event)), at)
    assert again == day.state


@pytest.mark.parametrize("kind", list(ev.EVENTS.values()))
def test_every_event_is_folded(kind: type[ev.Event]) -> None:
    from queue_server.queue.evolve import FOLDS

    assert kind in FOLDS


def test_every_command_has_a_rule() -> None:
    from queue_server.queue.decide import RULES

    known = {k.__name__ for k in cmd.Command.__subclasses__() if k.__module__ == cmd.__name__}
    assert {kind.__name__ for kind in RULES} == known
