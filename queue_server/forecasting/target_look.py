"""One look at the live office: risks, what is to be said and what would help, for the forecasting process. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from queue_server.forecasting.advice import Advice, advise, fewer
from queue_server.forecasting.advice_moves import Hands
from queue_server.forecasting.outlook_office import Basis, Expected, LiveScene, Plan, live_scene
from queue_server.forecasting.target import (
    Level,
    Reason,
    Risk,
    Scope,
    TargetAtRisk,
    TargetSafe,
    Watch,
    horizon,
    level_after,
    risk_of,
    watched,
)
from queue_server.forecasting.target_cause import reason_of, surplus
from queue_server.forecasting.target_run import Played, play
from queue_server.queue.state import OfficeDay

SMALLEST = 16  # futures that an answer under pressure is still made of


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the look needs beside the office itself; all of it changes rarely."""

    basis: Basis
    expected: Expected
    plan: Plan = field(default_factory=Plan)
    hands: Hands = field(default_factory=Hands)
    ends: datetime | None = None  # of the office's day
    level: Mapping[str, float] = field(default_factory=dict)  # service → how busy today is against what was expected
    predicted: Mapping[str, float] = field(default_factory=dict)  # ticket → seconds its matter is expected to take


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found. No risks when the day is not open or its setup is not the one that was learned."""

    watch: Watch
    futures: int = 0
    risks: Mapping[Scope, Risk] = field(default_factory=dict)
    reasons: Mapping[Scope, Reason] = field(default_factory=dict)  # of the scopes at risk
    events: tuple[TargetAtRisk | TargetSafe, ...] = ()
    advice: tuple[Advice, ...] = ()


def look(
    state: OfficeDay,
    known: Known,
    now: datetime,
    *,
    watch: Watch,
    day: bool = True,
    advice: bool = True,
    futures: int | None = None,
) -> Look:
    """Looks at the office once. `day` asks of the whole day too, `advice` what would help where there is a risk.

    `futures` lowers the number of futures for a machine under pressure; the number used stands in the answer.
    """
    if state.closed or not known.basis.fits(state):
        return Look(watch=watch)
    live = live_scene(state, known.basis, known.plan, now, level=known.level, predicted=known.predicted)
    if futures is not None and futures < live.scene.futures:
        live = replace(live, scene=fewer(live.scene, max(SMALLEST, futures)))
    scopes = (Scope.HOUR, Scope.DAY) if day else (Scope.HOUR,)
    risks, reasons = {}, {}
    events: list[TargetAtRisk | TargetSafe] = []
    for scope in scopes:
        played = play(live.scene, horizon(live, known.ends if scope is Scope.DAY else None))
        risks[scope] = risk_of(live, played, scope)
        if level_after(watch.level(scope), risks[scope].probability) is not Level.SAFE:
            reasons[scope] = _why(live, known, played, risks[scope], now)
        watch, event = watched(watch, risks[scope], reasons.get(scope))
        events += [event] if event else []
    found = advise(live, known.basis, hands=known.hands, ends=known.ends) if advice and reasons else []
    return Look(
        watch=watch,
        futures=live.scene.futures,
        risks=risks,
        reasons=reasons,
        events=tuple(events),
        advice=tuple(found),
    )


def _why(live: LiveScene, known: Known, played: Played, risk: Risk, now: datetime) -> Reason:
    past = surplus(live.state, known.basis, known.expected, now)
    return reason_of(live, played, risk.scope, past, risk.service)
