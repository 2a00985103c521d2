"""What would save the target: every move that is possible now, tried in the same futures and ranked. Pure.

A move is counted by the minutes of waiting that it saves all people together, per hour of an officer's time that it
takes. Every move carries the commands that carry it out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from queue_server.forecasting.advice_moves import Hands, Move, possible_moves, scene_after
from queue_server.forecasting.kernel import Floats
from queue_server.forecasting.outlook_office import Basis, LiveScene
from queue_server.forecasting.target import AFTER, HOUR, Scope, concerned, mean_waits
from queue_server.forecasting.target_run import Played, Scene, play, share_over
from queue_server.queue.state import OfficeDay

SPAN = 2 * HOUR  # a counter that opens to help is counted for this long
LEAST_HOURS = 0.25  # what a move costs at least: somebody has to decide it and to tell people
SCREENED = 16  # futures in which every move is tried; the best of them are tried in all
KEPT = 6
MOST = 2
SURE = 0.6  # share of futures in which a move that is offered saves something


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One move with what it is worth. Minutes; `low` and `high` hold 80 % of the futures."""

    move: Move
    saved: float  # minutes of waiting, all people together
    low: float
    high: float
    sure: float  # share of futures in which it saves something
    officer_hours: float
    per_hour: float  # saved ÷ officer hours
    per_hour_low: float
    per_hour_high: float
    risk_before: float  # probability that the next hour passes the target
    risk_after: float
    mean_before: float  # of the next hour
    mean_after: float
    without: tuple[float, ...] = field(default=(), repr=False)  # per future: mean wait of who comes in the next hour
    comers: tuple[float, ...] = field(default=(), repr=False)  # and how many they are


def advise(live: LiveScene, known: Basis, *, hands: Hands | None = None, ends: datetime | None = None) -> list[Advice]:
    """The moves that help, best first: most minutes saved per officer-hour. Nobody waiting and nobody coming: none."""
    hands = hands or Hands()
    left = SPAN if ends is None else min(SPAN, max(0.0, (ends - live.now).total_seconds()))
    if left <= 0:
        return []
    until = live.scene.now + left + AFTER
    few = replace(live, scene=fewer(live.scene, SCREENED))
    base = play(few.scene, until)
    moves = possible_moves(few, base, hands, left)
    before = _total(base, few)
    tried = [
        (move, before - _total(play(after.scene, until, lot=base.lot), after))
        for move, after in _scenes(few, known, moves)
    ]
    best = _promising(tried)
    if not best:
        return []
    full = play(live.scene, until)
    found = [
        _weighed(move, live, full, after, play(after.scene, until, lot=full.lot))
        for move, after in _scenes(live, known, best)
    ]
    helpful = [advice for advice in found if advice.saved > 0 and advice.sure >= SURE]
    return sorted(helpful, key=lambda advice: -advice.per_hour)


def _promising(tried: Sequence[tuple[Move, Floats]]) -> list[Move]:
    """The best by minutes saved per officer-hour, and the best by minutes saved whatever they cost."""
    helpful = [(move, float(saved.mean())) for move, saved in tried if saved.mean() > 0]
    by_hour = sorted(helpful, key=lambda pair: -pair[1] / _hours(pair[0]))[:KEPT]
    by_total = sorted(helpful, key=lambda pair: -pair[1])[:MOST]
    return [move for move, _ in by_hour] + [move for move, _ in by_total if move not in [m for m, _ in by_hour]]


def fewer(scene: Scene, futures: int) -> Scene:
    """The scene with only the first futures."""
    coming = scene.coming
    first = {name: column[:futures] for name, column in coming._asdict().items()}
    return replace(scene, coming=coming._replace(**first))


def _scenes(live: LiveScene, known: Basis, moves: Sequence[Move]) -> list[tuple[Move, LiveScene]]:
    return [(move, scene_after(live, known, move)) for move in moves]


def _hours(move: Move) -> float:
    return max(LEAST_HOURS, move.officer_seconds / HOUR)


def _total(played: Played, live: LiveScene) -> Floats:
    """Per future: seconds waited by everybody who counts."""
    return np.asarray(np.where(concerned(live, played, Scope.DAY), played.waits, 0.0).sum(axis=1))


def _weighed(move: Move, live: LiveScene, before: Played, after_live: LiveScene, after: Played) -> Advice:
    saved = (_total(before, live) - _total(after, after_live)) / 60.0
    hours = _hours(move)
    low, high = (float(x) for x in np.quantile(saved, (0.1, 0.9)))
    without, comers = mean_waits(live, before, Scope.HOUR)
    following, _ = mean_waits(after_live, after, Scope.HOUR)
    target = live.state.setup.target
    return Advice(
        move=move,
        saved=float(saved.mean()),
        low=low,
        high=high,
        sure=float((saved > 0).mean()),
        officer_hours=move.officer_seconds / HOUR,
        per_hour=float(saved.mean()) / hours,
        per_hour_low=low / hours,
        per_hour_high=high / hours,
        risk_before=share_over(without, target),
        risk_after=share_over(following, target),
        mean_before=float(without.mean()) / 60.0,
        mean_after=float(following.mean()) / 60.0,
        without=tuple(float(x) / 60.0 for x in without),
        comers=tuple(float(x) for x in comers),
    )


class Verdict(StrEnum):
    """What can be said of a move afterwards."""

    HELPED = "helped"
    UNCLEAR = "unclear"  # the day would as well have gone like this without it
    WORSE = "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A move that somebody applied, kept until it can be measured."""

    advice: Advice
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a move did for the people who came in the hour after it. Minutes of mean wait; `low`…`high` holds 80 %."""

    actual: float
    without: float  # what was forecast without the move
    saved: float
    low: float
    high: float
    promised: float  # what was forecast of it
    people: int
    verdict: Verdict


def pressed(advice: Advice, at: datetime, by: str | None = None) -> Pressed:
    """Remembers that a move was applied."""
    return Pressed(advice=advice, at=at, by=by)


def measured_effect(applied: Pressed, state: OfficeDay, now: datetime) -> Effect | None:
    """Compares how the people of the hour after the press waited with the forecast without it.

    The forecast is that of the half of the futures in which about as many people came. None while the hour is not
    over or somebody of it still waits within his time, and when nobody came.
    """
    end = applied.at + timedelta(seconds=HOUR)
    visits = [v for v in state.visits.values() if applied.at < _since(state, v.tickets[0]) <= end]
    waiting = [v for v in visits if v.answered_at is None and _waits(state, v.tickets)]
    if now < end or (waiting and now < end + timedelta(seconds=AFTER)):
        return None
    waits = [v.waited for v in visits if v.waited is not None]
    waits += [max(0.0, (now - _since(state, v.tickets[0])).total_seconds()) for v in waiting]
    if not waits or not applied.advice.without:
        return None
    actual = sum(waits) / len(waits) / 60.0
    like = _like(applied.advice, len(waits))
    without = float(like.mean())
    low, high = (float(x) - actual for x in np.quantile(like, (0.1, 0.9)))
    verdict = Verdict.HELPED if low > 0 else Verdict.WORSE if high < 0 else Verdict.UNCLEAR
    return Effect(
        actual=actual,
        without=without,
        saved=without - actual,
        low=low,
        high=high,
        promised=applied.advice.mean_before - applied.advice.mean_after,
        people=len(waits),
        verdict=verdict,
    )


def _since(state: OfficeDay, ticket: str) -> datetime:
    return state.tickets[ticket].taken_at


def _waits(state: OfficeDay, tickets: Sequence[str]) -> bool:
    standing: Mapping[str, object] = {t.id: t for t in state.waiting()}
    return any(ticket in standing for ticket in tickets)


def _like(advice: Advice, people: int) -> Floats:
    """Mean waits of the half of the futures whose number of comers is nearest to the real one."""
    without = np.array(advice.without)
    distance = np.abs(np.array(advice.comers) - people)
    return np.asarray(without[distance <= np.median(distance)])
