"""What the forecast foresaw reaches the rules as a mere proposal: what they take, and what they do not."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_server.contract.problems import Refused
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy, Rules
from queue_server.queue.foreseen import Foreseen
from queue_server.queue.reasons import explain
from queue_server.queue.routing import choose, favourites
from tests.queue.builders import Day, an_office
from tests.queue.test_properties import check_ceiling, check_state, class_id, command_of, counter, service

rush = st.one_of(
    st.tuples(st.just("take"), service, class_id, st.booleans()),
    st.tuples(st.just("book"), service, st.integers(-20, 40)),
    st.tuples(st.just("transfer"), counter, st.none(), counter, st.just(True)),
    st.tuples(st.just("next"), counter, st.just(True)),
    st.tuples(st.just("next"), counter, st.just(True)),
    st.tuples(st.just("wait"), st.integers(5, 30)),
)
BOTH = ("ho_tich", "dat_dai", "noi_bo")


def a_day(policy: str = "look-ahead") -> Day:
    """A002 of the registry stands behind A001 and is booked by nobody; D001 waits for land; the index wants A001."""
    day = Day(an_office(policy=Policy(name=policy))).open("3")
    for _ in range(2):
        day.take("ho_tich")
    day.take("dat_dai")
    return day.later(minutes=6)


def seen(**changes: object) -> Foreseen:
    proposal = Foreseen(ticket="20261123-D001", against="20261123-A001", services=BOTH, saved=4.2, futures=64)
    return replace(proposal, **changes)  # type: ignore[arg-type]


def called(day: Day, foreseen: Foreseen | None) -> tuple[str, str]:
    chosen = choose(day.state, "3", day.now, foreseen)
    assert chosen is not None
    return chosen.ticket.removeprefix("20261123-"), chosen.code


def test_the_foreseen_ticket_is_called_and_says_what_it_saves() -> None:
    day = a_day()
    chosen = choose(day.state, "3", day.now, seen())
    assert chosen is not None
    assert (chosen.ticket, chosen.code, chosen.runner_up) == ("20261123-D001", "look_ahead", "20261123-A001")
    words = explain(day.state.setup, 2, chosen.code, chosen.facts)
    assert words == {
        "vi": "Nhìn trước: gọi số này thì mọi người cộng lại chờ ít hơn khoảng 4 phút so với gọi A001; đã chờ 6 phút.",
        "en": "Looking ahead: everybody together waits about 4 minutes less than with A001 called now; "
        "has waited 6 minutes.",
    }


def test_a_call_that_saves_no_minutes_in_all_does_not_say_so() -> None:
    day = a_day()
    chosen = choose(day.state, "3", day.now, seen(saved=-2.0))
    assert chosen is not None
    words = explain(day.state.setup, 2, chosen.code, chosen.facts)
    assert "ít hơn khoảng" not in words["vi"]
    assert words["vi"].startswith("Nhìn trước: so với gọi A001, ")


@pytest.mark.parametrize(
    "wrong",
    [
        {"ticket": "nobody"}, {"ticket": "20261123-A002"}, {"against": "20261123-A002"}, {"services": ("dat_dai",)},
        {"saved": float("nan")}, {"ticket": ""}, {"services": ()},
    ],
)  # fmt: skip
def test_a_proposal_that_does_not_fit_leaves_it_to_the_base_rule(wrong: dict[str, object]) -> None:
    day = a_day()
    assert called(day, seen(**wrong)) == called(day, None)
    assert called(day, None)[0] == "A001"


def test_no_other_policy_listens() -> None:
    for policy in ("ratio", "fcfs", "accumulating", "index"):
        day = a_day(policy)
        assert called(day, seen()) == called(day, None)


def test_the_base_rules_own_choice_keeps_its_own_reason() -> None:
    day = a_day()
    agreed = seen(ticket="20261123-A001")
    assert called(day, agreed) == called(day, None)
    assert called(day, agreed)[1] != "look_ahead"


def test_somebody_who_has_left_is_not_called() -> None:
    day = a_day()
    day.do(cmd.CancelTicket(ticket="20261123-D001"))
    assert called(day, seen()) == ("A001", "arrival_order")  # people stand behind in the only line


def test_ceiling_own_visitor_and_early_people_come_first() -> None:
    late = a_day().later(minutes=60)
    assert called(late, seen())[1] == "ceiling"
    own = a_day()
    own.open("1")
    own.next("1")
    own.do(cmd.Transfer(counter="1", to_counter="3"))
    assert called(own, seen(against="20261123-A002"))[1] == "own_visitor"


def test_the_favourites_are_one_of_each_service_and_none_where_a_duty_decides() -> None:
    day = a_day()
    day.take("dat_dai", "elderly")
    day.later(minutes=2)
    counter = day.state.counters["3"]
    kept = [head.ticket.removeprefix("20261123-") for head in favourites(day.state, counter, day.now, 6)]
    assert sorted(kept) == ["A001", "D002"]
    assert kept[0] == called(day, None)[0], "the base rule's own choice comes first"
    assert len(favourites(day.state, counter, day.now, 1)) == 1
    assert favourites(day.state, counter, day.later(minutes=60).now, 6) == []


def test_a_repeat_is_the_same_command_though_the_foresight_has_moved() -> None:
    assert repr(cmd.CallNext(counter="3", foreseen=seen())) == repr(cmd.CallNext(counter="3"))


def test_finish_and_next_calls_the_foreseen_ticket() -> None:
    day = a_day()
    day.next("3")
    base = called(day, None)[0]
    other = "20261123-A002" if base == "D001" else "20261123-D001"
    proposal = seen(ticket=other, against=f"20261123-{base}")
    day.do(cmd.CallNext(counter="3", finish_current=True, foreseen=proposal))
    assert day.state.counters["3"].ticket == other


def a_lie(day: Day, counter: str, pick: int, honest: bool) -> Foreseen:
    """A proposal of any ticket of the day, made to look as if the comparison stood."""
    known = [*day.state.tickets, "nobody"]
    choice = choose(day.state, counter, day.now)
    against = choice.ticket if choice is not None and honest else known[pick // 7 % len(known)]
    services = day.state.counters[counter].services
    return Foreseen(ticket=known[pick % len(known)], against=against, services=services, saved=float(pick))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(rush, st.integers(0, 500), st.booleans()), min_size=10, max_size=60))
def test_no_lie_of_the_forecast_breaks_the_hard_bound(moves: list[tuple[tuple[object, ...], int, bool]]) -> None:
    rules = Rules(recall_gap=1, lease_size=6)
    day = Day(an_office(policy=Policy(name="look-ahead"), rules=rules)).open("1", "2", "3")
    for move, pick, honest in moves:
        day.later(seconds=20)
        if move[0] == "wait":
            day.later(minutes=int(str(move[1])))
            continue
        command = command_of(day, move)
        if isinstance(command, cmd.CallNext):
            command = replace(command, foreseen=a_lie(day, command.counter, pick, honest))
        waiting = {t.id: (t.since, t.class_id, t.service, t.pinned) for t in day.state.waiting()}
        services = {c.id: c.services for c in day.state.counters.values()}
        try:
            events = day.do(command)
        except Refused:
            continue
        check_ceiling(day, waiting, services, events)
        check_state(day.state)
