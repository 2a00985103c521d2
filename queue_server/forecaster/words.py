"""Risk, advice and effect as the rows that travel to the server: figures in minutes, sentences, commands. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from queue_server.forecasting import target_words
from queue_server.forecasting.advice import Advice, Effect, Pressed
from queue_server.forecasting.advice_moves import Move
from queue_server.forecasting.target import Level, Reason, Risk, Scope, TargetAtRisk, TargetSafe
from queue_server.forecasting.target_look import Look
from queue_server.queue import commands as cmd
from queue_server.queue.config import OfficeConfig
from queue_server.queue.state import OfficeDay

TOO_EARLY = {
    "vi": "Đang theo dõi, sẽ có kết quả sau một giờ.",
    "en": "Being measured; known after an hour.",
}


def risks(config: OfficeConfig, found: Look | None) -> list[dict[str, Any]]:
    """One row a scope (`contract.views.RiskRow`)."""
    if found is None:
        return []
    return [_risk(config, found, scope, risk) for scope, risk in found.risks.items()]


def _risk(config: OfficeConfig, found: Look, scope: Scope, risk: Risk) -> dict[str, Any]:
    level, reason = found.watch.level(scope), found.reasons.get(scope)
    return {
        "scope": str(scope),
        "level": str(level),
        "probability": risk.probability,
        "mean": risk.mean / 60.0,
        "low": risk.low / 60.0,
        "high": risk.high / 60.0,
        "target": risk.target / 60.0,
        "cause": None if level is Level.SAFE or reason is None else str(reason.cause),
        "text": _sentence(config, risk, level, reason),
    }


def _sentence(config: OfficeConfig, risk: Risk, level: Level, reason: Reason | None) -> target_words.Sentence:
    if level is Level.SAFE or reason is None:
        mean, scope = round(risk.mean / 60.0), target_words.SCOPES[risk.scope]
        return {
            "vi": f"{scope['vi']}: dự kiến chờ trung bình khoảng {mean} phút.",
            "en": f"{scope['en']}: a mean wait of about {mean} minutes is expected.",
        }
    event = TargetAtRisk(
        scope=risk.scope,
        level=level,
        service=risk.service,
        probability=risk.probability,
        mean=risk.mean,
        low=risk.low,
        high=risk.high,
        target=risk.target,
        cause=reason.cause,
        counter=reason.counter,
        facts=reason.facts,
    )
    return target_words.warning(config, event)


def alerts(events: Sequence[TargetAtRisk | TargetSafe]) -> list[dict[str, Any]]:
    """Kinds and fields as MQTT `alert` knows them; `minutes` is the expected mean wait."""
    found = []
    for event in events:
        row: dict[str, Any] = {"kind": "target-safe", "minutes": round(event.mean / 60.0, 1)}
        if isinstance(event, TargetAtRisk):
            row |= {"kind": "target-at-risk", "service": event.service, "counter": event.counter}
        found.append({name: value for name, value in row.items() if value is not None})
    return found


def what(move: Move) -> str:
    """A move in letters, the same at every look that advises it."""
    shift = f"{move.by / 60.0:+.0f}m" if move.breaks else ""
    return "-".join(part for part in (str(move.kind), move.counter, move.to, move.service, shift) if part)


def advice(state: OfficeDay, name: str, one: Advice) -> dict[str, Any]:
    """A row of `contract.views.AdviceRow` with the commands that carry it out."""
    said = target_words.proposal(state.setup, one)
    move = target_words.named(state.setup, one.move)
    effect = {language: _effect_only(move[language], said[language]) for language in said}
    return {
        "id": name,
        "kind": str(one.move.kind),
        "text": move,
        "effect": effect,
        "saved": one.saved,
        "low": one.low,
        "high": one.high,
        "per_hour": one.per_hour,
        "commands": [command(c) for c in one.move.commands],
    }


def _effect_only(move: str, sentence: str) -> str:
    rest = sentence.removeprefix(move).lstrip(": ")
    return rest[:1].upper() + rest[1:]


def command(one: cmd.Command) -> dict[str, Any]:
    """A command as plain values; of a changed policy only what an advice changes of it."""
    if isinstance(one, cmd.ChangePolicy):
        return {"kind": "ChangePolicy", "appointment_early": one.policy.appointment_early}
    return {"kind": type(one).__name__, **asdict(one)}


def effect(config: OfficeConfig, pressed: Pressed, found: Effect | None) -> dict[str, Any]:
    """A row of `contract.views.EffectRow`."""
    return {
        "at": pressed.at.isoformat(),
        "text": target_words.named(config, pressed.advice.move),
        "actual": None if found is None else found.actual,
        "without": None if found is None else found.without,
        "verdict": TOO_EARLY if found is None else target_words.outcome(found),
    }
