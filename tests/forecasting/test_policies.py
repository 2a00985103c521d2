"""Who is called from the heads alone: bounds, order, ratio and the reasons given."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.queue.policy import Head, Reason, Rule, score_heads

INDEX = Rule(
    name="index", head_start=0.5, queue_power=0.5, time_power=0.5, targets={0: 15, 1: 1.5}, ceilings={0: 60, 1: 20}
)


def a_head(**facts: float) -> Head:
    known = {"service": 0, "cls": 0, "waited": 5.0, "queue": 3, "minutes": 10.0, "favoured": False, "rank": 0.0}
    return Head(**{**known, **facts})  # type: ignore[arg-type]


heads = st.lists(
    st.builds(
        Head,
        service=st.integers(0, 3),
        cls=st.integers(0, 1),
        waited=st.floats(-10, 120),
        queue=st.integers(1, 50),
        minutes=st.floats(1, 40),
        favoured=st.booleans(),
        rank=st.floats(0, 600),
    ),
    min_size=1,
    max_size=12,
)


def test_nobody_to_choose_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="nobody"):
        score_heads(INDEX, [])


def test_a_single_head_is_called_for_being_the_only_one() -> None:
    choice = score_heads(INDEX, [a_head()])
    assert (choice.best, choice.runner_up, choice.reasons) == (0, None, (Reason.ONLY_ONE,))


def test_plain_order_calls_the_longest_wait() -> None:
    choice = score_heads(Rule(name="fcfs"), [a_head(waited=4), a_head(waited=9), a_head(waited=6)])
    assert (choice.best, choice.runner_up, choice.reasons) == (1, 2, (Reason.ARRIVAL_ORDER,))


def test_past_its_ceiling_the_largest_excess_goes_first() -> None:
    choice = score_heads(INDEX, [a_head(waited=59), a_head(waited=70), a_head(cls=1, favoured=True, waited=31)])
    assert (choice.best, choice.runner_up, choice.reasons) == (2, 1, (Reason.PAST_CEILING,))


def test_of_like_heads_the_shorter_service_goes_first_and_says_so() -> None:
    choice = score_heads(INDEX, [a_head(service=1, minutes=25), a_head(minutes=6)])
    assert choice.best == 1
    assert choice.reasons == (Reason.SHORT_SERVICE,)


def test_a_priority_ticket_goes_before_a_longer_ordinary_wait() -> None:
    choice = score_heads(INDEX, [a_head(waited=12), a_head(cls=1, favoured=True, waited=4)])
    assert choice.best == 1
    assert choice.reasons[0] is Reason.CLASS


@pytest.mark.parametrize(("run", "best", "reason"), [(2, 1, Reason.RATIO_FAVOURED), (1, 0, Reason.RATIO_ORDINARY)])
def test_a_ratio_lets_ordinary_tickets_pass_between_two_favoured_ones(run: int, best: int, reason: Reason) -> None:
    rule = Rule(name="ratio", ratio=2)
    choice = score_heads(rule, [a_head(waited=3), a_head(cls=1, favoured=True, waited=8)], run=run)
    assert (choice.best, choice.reasons) == (best, (reason,))


def test_a_ratio_decides_nothing_among_tickets_of_one_kind() -> None:
    favoured = [a_head(cls=1, favoured=True, waited=2), a_head(cls=1, favoured=True, waited=8)]
    assert score_heads(Rule(name="ratio", ratio=2), favoured, run=0).best == 1


def test_a_dearer_service_is_raised() -> None:
    rule = Rule(name="index", head_start=1.0, prices={1: 3.0})
    choice = score_heads(rule, [a_head(), a_head(service=1)])
    assert (choice.best, choice.reasons) == (1, (Reason.SERVICE_PRICE,))


def test_equal_scores_go_by_rank_then_place() -> None:
    assert score_heads(INDEX, [a_head(rank=5), a_head(rank=3), a_head(rank=3)]).best == 1


@given(heads=heads, run=st.integers(0, 3))
def test_nobody_within_their_ceiling_goes_before_somebody_past_theirs(heads: list[Head], run: int) -> None:
    rule = Rule(name="any", ratio=2, queue_power=1.0, targets={0: 15, 1: 1.5}, ceilings={0: 60, 1: 20})
    excess = [head.waited - rule.ceiling(head.cls) for head in heads]
    best = score_heads(rule, heads, run=run).best
    assert max(excess) <= 0 or excess[best] == max(excess)


@given(heads=heads, run=st.integers(0, 3), order=st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order_of_the_heads(
    heads: list[Head], run: int, order: random.Random
) -> None:
    shuffled = list(heads)
    order.shuffle(shuffled)
    one, other = score_heads(INDEX, heads, run=run), score_heads(INDEX, shuffled, run=run)
    assert one.scores[one.best] == other.scores[other.best]
    assert heads[one.best].rank == shuffled[other.best].rank


@given(heads=heads)
def test_the_runner_up_is_who_would_be_called_without_the_best(heads: list[Head]) -> None:
    choice = score_heads(INDEX, heads)
    rest = [head for place, head in enumerate(heads) if place != choice.best]
    if choice.runner_up is None:
        assert not rest
    elif all(h.waited <= INDEX.ceiling(h.cls) for h in heads) or heads[choice.runner_up].waited > 60:
        assert score_heads(INDEX, rest).scores[score_heads(INDEX, rest).best] >= choice.scores[choice.runner_up]


def test_minutes_and_seconds_choose_alike() -> None:
    rng = random.Random(4)
    in_seconds = Rule(
        name="index",
        head_start=0.5,
        queue_power=0.5,
        time_power=0.5,
        targets={0: 900, 1: 90},
        ceilings={0: 3600, 1: 1200},
    )
    for _ in range(200):
        some = [
            a_head(
                cls=rng.randint(0, 1), waited=rng.uniform(0, 90), minutes=rng.uniform(2, 30), queue=rng.randint(1, 9)
            )
            for _ in range(6)
        ]
        seconds = [head._replace(waited=head.waited * 60, minutes=head.minutes * 60) for head in some]
        assert score_heads(INDEX, some).best == score_heads(in_seconds, seconds).best


@pytest.mark.parametrize("odd", [{"minutes": 0.0}, {"minutes": -3.0}, {"queue": 0}, {"waited": -1e9}])
def test_odd_numbers_still_give_a_finite_choice(odd: dict[str, float]) -> None:
    rule = Rule(name="index", head_start=0.5, queue_power=-0.5, time_power=0.5)
    choice = score_heads(rule, [a_head(**odd), a_head()])
    assert all(math.isfinite(value) for value in choice.scores)
