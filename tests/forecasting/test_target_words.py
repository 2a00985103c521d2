"""What the manager reads."""

import re

import pytest

from queue_server.forecasting.advice import Advice, Effect, Verdict
from queue_server.forecasting.advice_moves import Move, MoveKind
from queue_server.forecasting.target import Cause, Level, Scope, TargetAtRisk, TargetSafe
from queue_server.forecasting.target_words import CAUSES, EFFECTS, MOVES, SCOPES, named, outcome, proposal, warning
from tests.queue.builders import an_office


def at_risk(**changes: object) -> TargetAtRisk:
    parts: dict[str, object] = {
        "scope": Scope.HOUR, "level": Level.RED, "service": "dat_dai", "probability": 0.654, "mean": 1270.0,
        "low": 900.0, "high": 1500.0, "target": 900.0, "cause": Cause.COUNTER, "counter": "3",
    }  # fmt: skip
    return TargetAtRisk(**(parts | changes))  # type: ignore[arg-type]


def test_a_warning_says_how_likely_how_long_where_and_why() -> None:
    said = warning(an_office(), at_risk())
    assert said["vi"] == (
        "Người đến trong giờ tới: 65 % khả năng chờ trung bình quá 15 phút "
        "(dự kiến 21 phút, nhiều nhất ở Đất đai). Nguyên nhân: quầy 3 đang vắng."
    )
    assert said["en"].endswith("(expected 21, most of all for Đất đai). Cause: counter 3 is away.")


def test_the_end_of_a_warning_names_the_target() -> None:
    said = warning(an_office(), TargetSafe(scope=Scope.DAY, probability=0.1, mean=600.0, target=900.0))
    assert said["vi"] == "Tính cả ngày hôm nay: thời gian chờ dự kiến trở lại trong mức 15 phút."


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_its_sentence(cause: Cause) -> None:
    for event in (at_risk(cause=cause), at_risk(cause=cause, counter=None, service=None, facts={"people": 7.0})):
        for text in warning(an_office(), event).values():
            assert not re.search(r"[{}]|None|nan|  ", text)


@pytest.mark.parametrize("kind", list(MoveKind))
def test_every_move_has_its_sentence(kind: MoveKind) -> None:
    for text in named(an_office(), Move(kind=kind, counter="1", to="2", service="dat_dai", by=-1800.0)).values():
        assert not re.search(r"[{}]|None|  ", text)
        assert text[0].isupper()


def test_a_proposal_says_what_it_saves_and_what_it_costs() -> None:
    advice = Advice(
        move=Move(kind=MoveKind.OPEN, counter="3", officer_seconds=7200.0), saved=212.4, low=90.0, high=340.0, sure=0.9,
        officer_hours=2.0, per_hour=106.2, per_hour_low=45.0, per_hour_high=170.0, risk_before=0.6, risk_after=0.2,
        mean_before=20.0, mean_after=12.0,
    )  # fmt: skip
    assert proposal(an_office(), advice)["vi"] == (
        "Mở thêm quầy 3: bớt khoảng 212 phút chờ của mọi người cộng lại (từ 90 đến 340), cần 2,0 giờ cán bộ."
    )


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_effect_has_its_sentence(verdict: Verdict) -> None:
    effect = Effect(
        actual=9.6, without=21.2, saved=11.6, low=4.0, high=18.0, promised=8.0, people=31, verdict=verdict
    )  # fmt: skip
    said = outcome(effect)
    assert "10 phút" in said["vi"]
    assert "21" in said["en"]


def test_both_languages_say_everything() -> None:
    for table in (CAUSES, MOVES, EFFECTS, SCOPES):
        assert all(set(texts) == {"vi", "en"} for texts in table.values())
