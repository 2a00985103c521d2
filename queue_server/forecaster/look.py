"""One look: waits of everybody, risk, advice, effects, as one JSON-ready answer. Pure; minutes unless named seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from queue_server.forecaster import words
from queue_server.forecaster.ahead import Weighed, foresights
from queue_server.forecaster.matters import LEAST
from queue_server.forecaster.samples import Newcomer, asked_lines, newcomers, probes, starts_of, waits_of
from queue_server.forecasting import target_look
from queue_server.forecasting.advice import Advice, Effect, Pressed, measured_effect
from queue_server.forecasting.advice import fewer as fewer_futures
from queue_server.forecasting.announced import Announced, announce
from queue_server.forecasting.features_live import tell
from queue_server.forecasting.kernel import Flags
from queue_server.forecasting.learned import WaitModel
from queue_server.forecasting.outlook_office import LiveScene, live_scene
from queue_server.forecasting.target import HOUR, LONGEST_RUN, Watch
from queue_server.forecasting.target_look import Known
from queue_server.forecasting.target_run import Played, play
from queue_server.forecasting.waits import Situation, Teller, Waiting
from queue_server.forecasting.waits_today import Estimate
from queue_server.queue import events as ev
from queue_server.queue.duration_bands import NAMES, USUAL
from queue_server.queue.state import OfficeDay, Ticket

PEOPLE_FUTURES = 60_000  # people × futures of one run: more people, fewer futures
LEAST_FUTURES = 16
ADVICE_EVERY = timedelta(seconds=20)
FIRST_RUN, HALF_HOUR = 2 * HOUR, HOUR / 2
CALLED = 0.95
UNSHOWN = frozenset({"errors", "durations"})  # of a night: for `motcua forecast score`
GONE = (ev.TicketCancelled, ev.TicketExpired)

Band = tuple[float, float, float]  # low, likely, high


@dataclass(slots=True)
class Memory:
    """What one look leaves to the next."""

    teller: Teller = field(default_factory=Teller)
    watch: Watch = field(default_factory=Watch)
    seconds: float = FIRST_RUN  # how far the lines are played: until nearly everybody who waits is called
    announced: dict[str, Announced] = field(default_factory=dict)
    looked: target_look.Look | None = None
    looked_at: datetime | None = None
    advised: dict[str, tuple[str, Advice]] = field(default_factory=dict)  # what is done → id, advice
    pressed: list[Pressed] = field(default_factory=list)
    effects: dict[int, Effect] = field(default_factory=dict)  # place in `pressed` → what it did
    shifted: dict[str, tuple[tuple[datetime, float], ...]] = field(default_factory=dict)  # breaks moved by a press
    nights: list[dict[str, Any]] = field(default_factory=list)
    model: WaitModel | None = None  # the office's own, fitted at night
    day: str = ""  # the day that the teller has learned of
    seq: int = 0  # up to this entry
    ahead: dict[str, Weighed] = field(default_factory=dict)  # counter → whom it would best call


def learn(memory: Memory, state: OfficeDay, event: ev.Event, at: datetime) -> None:
    """Takes in one entry of the journal in its order, after it was folded into `state`."""
    if isinstance(event, ev.TicketCalled):
        ticket = state.tickets[event.ticket]
        memory.teller.called(ticket.id, ticket.service, (at - ticket.since).total_seconds() / 60.0)
        memory.announced.pop(ticket.id, None)
    elif isinstance(event, GONE):
        memory.teller.gone(event.ticket)
        memory.announced.pop(event.ticket, None)
    elif isinstance(event, ev.DayClosed):
        close_day(memory, state.day)


def close_day(memory: Memory, day: str) -> None:
    """Scores the day and lets the best predictor speak tomorrow."""
    by = str(memory.teller.chosen)
    night = memory.teller.close_day()
    if night.tickets:
        memory.nights.append(
            {
                "day": day,
                "tickets": night.tickets,
                "inside": night.coverage,
                "mean_error": night.mean_error,
                "predictor": by,
                "errors": {p: night.errors[p] / night.counts[p] for p in night.errors if night.counts.get(p)},
            }
        )
        del memory.nights[:-60]
    memory.watch, memory.announced = Watch(), {}
    memory.looked = memory.looked_at = None
    memory.seconds = FIRST_RUN
    memory.advised, memory.pressed, memory.effects, memory.shifted = {}, [], {}, {}
    memory.ahead = {}


def look(state: OfficeDay, known: Known | None, memory: Memory, now: datetime) -> dict[str, Any]:
    """What the office is told at `now`; without an open day or knowledge of it: nothing but the accuracy."""
    answer: dict[str, Any] = {
        "at": now.isoformat(),
        "day": state.day,
        "tickets": {},
        "services": {},
        "matters": {},
        "risks": [],
        "advice": [],
        "effects": [],
        "alerts": [],
        "foresight": None,
        "accuracy": [_accuracy(night) for night in memory.nights[:-15:-1]],
    }
    if known is None or state.config is None or state.closed or not known.basis.fits(state):
        return answer
    known = replace(known, plan=replace(known.plan, breaks={**known.plan.breaks, **memory.shifted}))
    live = live_scene(state, known.basis, known.plan, now, level=known.level, predicted=known.predicted)
    futures = max(LEAST_FUTURES, min(live.scene.futures, PEOPLE_FUTURES // max(1, len(live.tickets))))
    live = replace(live, scene=fewer_futures(live.scene, futures))
    answer["tickets"], coming = waits(state, known, live, memory, now)
    answer["services"], answer["matters"] = of_lines(coming)
    if memory.looked_at is None or now - memory.looked_at >= ADVICE_EVERY:
        answer["alerts"] = watch(state, known, memory, now, futures)
    measure(memory, state, now)
    answer["foresight"] = foresights(live, memory.ahead, now)
    answer["futures"] = futures
    answer["risks"] = words.risks(state.setup, memory.looked)
    answer["advice"] = [words.advice(state, name, one) for name, one in memory.advised.values()]
    answer["effects"] = [
        words.effect(state.setup, one, memory.effects.get(n)) for n, one in enumerate(memory.pressed)
    ][::-1]  # fmt: skip
    return answer


def _accuracy(night: Mapping[str, Any]) -> dict[str, Any]:
    """A night as the manager sees it; of the minutes at the counter only those that were really used."""
    shown = {k: v for k, v in night.items() if k not in UNSHOWN}
    told = night.get("durations", {})
    if told.get("tickets", 0) < LEAST:
        return shown
    if not told["believed"]:
        return shown | {"minutes_error": told["service_error"]}
    return shown | {
        "minutes_error": told["mean_error"],
        "minutes_better": 1.0 - told["mean_error"] / max(told["service_error"], 1e-9),
    }


def waits(
    state: OfficeDay, known: Known, live: LiveScene, memory: Memory, now: datetime
) -> tuple[dict[str, Band], dict[Newcomer, Band]]:
    """Seconds still to wait: ticket → band as announced; line → band of a newcomer."""
    lines = asked_lines(state, live)
    played = line_played(live, memory, probes(live, lines))
    samples: dict[str, Any] = dict(waits_of(live, played))
    coming = newcomers(live, played, lines)
    asked = {"?" + "|".join(map(str, line)): line for line in coming}
    samples |= {name: coming[key] for name, key in asked.items()}
    office = situation(state, known, now, samples, {name: key[0] for name, key in asked.items()})
    learned = None if memory.model is None else tell(memory.model, memory.teller.rows(office, samples=samples))
    told = memory.teller.estimates(office, samples=samples, learned=learned)
    clock = now.timestamp() / 60.0
    for name in asked:
        memory.teller.gone(name)
    tickets = {}
    for one in office.waiting:
        if one.ticket in asked:
            continue
        left = told[one.ticket].left(office.now - one.due)
        before = memory.announced.get(one.ticket) or _told_at_issue(state.tickets[one.ticket])
        said = memory.announced[one.ticket] = announce(before, left, clock)
        tickets[one.ticket] = tuple(
            round(60.0 * max(0.0, end - clock), 1) for end in (said.low_at, said.likely_at, said.high_at)
        )
    return tickets, {line: _seconds(told[name]) for name, line in asked.items()}  # type: ignore[return-value]


def of_lines(
    told: Mapping[Newcomer, Band],
) -> tuple[dict[str, dict[str, Band]], dict[str, dict[str, dict[str, Band]]]]:
    """Service → class → a newcomer's, and → short or long where its matter is not a usual one."""
    services: dict[str, dict[str, Band]] = {}
    matters: dict[str, dict[str, dict[str, Band]]] = {}
    for (service, class_id, band), ends in told.items():
        if band == USUAL:
            services.setdefault(service, {})[class_id] = ends
        else:
            matters.setdefault(service, {}).setdefault(class_id, {})[NAMES[band]] = ends
    return services, matters


def line_played(live: LiveScene, memory: Memory, asked: Flags) -> Played:
    """The lines played until everybody who waits, and who would come now to the lines `asked`, is called.

    Who is called late or never ends the run: an hour after what nearly all needed at the last look.
    """
    before = -1.0
    while True:
        far = min(memory.seconds + HOUR, LONGEST_RUN)
        played = play(live.scene, live.scene.now + far, probes=asked, ends=True)
        starts = starts_of(live, played)
        waiting = np.isfinite(starts)
        called = float(waiting.mean()) if starts.size else 1.0
        if far >= LONGEST_RUN or called >= CALLED or called <= before:
            needed = float(starts[waiting].max() - live.scene.now) if waiting.any() else 0.0
            memory.seconds = min(max(HALF_HOUR, 1.2 * needed), LONGEST_RUN)
            return played
        memory.seconds, before = 2.0 * far, called


def situation(
    state: OfficeDay, known: Known, now: datetime, samples: Mapping[str, object], asked: Mapping[str, str]
) -> Situation:
    """The office as the teller sees it; minutes of the day. Only people whose wait was sampled."""
    minute = known.basis.seconds(now) / 60.0
    waiting: list[Waiting] = []
    ahead: dict[str, int] = {}
    for t in sorted(state.waiting(), key=lambda one: one.key):
        before = ahead.get(t.service, 0)
        ahead[t.service] = before + 1
        if t.id in samples:
            due = known.basis.seconds(t.since) / 60.0
            waiting.append(Waiting(ticket=t.id, service=t.service, due=due, ahead=before))
    waiting += [
        Waiting(ticket=name, service=service, due=minute, ahead=ahead.get(service, 0))
        for name, service in asked.items()
    ]
    services = state.setup.services
    able = {s: state.open_counters(s, now) for s in services}
    usual = dict(zip((pool for pool, _, _ in known.basis.keys), known.basis.habits.minutes.mean(axis=1), strict=True))
    return Situation(
        now=minute,
        waiting=waiting,
        able={s: len(found) for s, found in able.items()},
        idle={s: any(c.ticket is None for c in found) for s, found in able.items()},
        minutes={s: float(usual[s]) / 60.0 for s in services},
    )


def _told_at_issue(ticket: Ticket) -> Announced | None:
    """What stands on the paper is the first announcement, also after this program was started anew."""
    if ticket.wait_low is None or ticket.wait_likely is None or ticket.wait_high is None:
        return None
    taken = ticket.taken_at.timestamp()
    low, likely, high = ((taken + end) / 60.0 for end in (ticket.wait_low, ticket.wait_likely, ticket.wait_high))
    return Announced(low_at=low, likely_at=likely, high_at=high)


def _seconds(estimate: Estimate) -> Band:
    return round(60 * estimate.low, 1), round(60 * estimate.likely, 1), round(60 * estimate.high, 1)


def watch(state: OfficeDay, known: Known, memory: Memory, now: datetime, futures: int) -> list[dict[str, Any]]:
    """Looks at the target and what would help; returns the alerts of risks that rose or ended."""
    before = memory.watch
    somebody = any(True for _ in state.waiting())
    found = target_look.look(state, known, now, watch=before, advice=somebody, futures=futures)
    memory.looked, memory.looked_at, memory.watch = found, now, found.watch
    stamp = now.strftime("%H%M%S")
    kept = memory.advised
    memory.advised = {}
    for one in found.advice:
        done = words.what(one.move)
        memory.advised[done] = (kept[done][0] if done in kept else f"{done}-{stamp}", one)
    return words.alerts(found.events)


def press(memory: Memory, name: str, at: datetime, by: str | None) -> bool:
    """Remembers that an advice was carried out, to measure it; whether it was known."""
    known = next((advice for key, advice in memory.advised.values() if key == name), None)
    if known is None:
        return False
    memory.pressed.append(Pressed(advice=known, at=at, by=by))
    memory.shifted |= known.move.breaks
    memory.looked_at = None
    return True


def measure(memory: Memory, state: OfficeDay, now: datetime) -> None:
    """Fills in what the applied moves did, as soon as their hour is over."""
    for place, one in enumerate(memory.pressed):
        if place not in memory.effects:
            effect = measured_effect(one, state, now)
            if effect is not None:
                memory.effects[place] = effect
