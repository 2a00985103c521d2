"""Sampled waits out of the forward run: of the people who wait, and of somebody who would come now. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from queue_server.forecasting.advice import fewer
from queue_server.forecasting.kernel import Floats
from queue_server.forecasting.outlook_office import LiveScene
from queue_server.forecasting.target_run import Played, play
from queue_server.queue.config import ClassKind
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import CounterStatus

NEWCOMER_FUTURES = 32
MOST_CLASSES = 3
NEWCOMER_KEY = 8_000_000_000  # far beyond the order of any ticket

Newcomer = tuple[str, str]  # service, class


def waits_of(live: LiveScene, played: Played) -> dict[str, Floats]:
    """Ticket → its whole wait in every future, minutes; a ticket that most futures never call is left out."""
    table = _by_person(played, len(live.tickets))
    called = np.isfinite(table).mean(axis=0) if len(table) else np.zeros(0)
    due = live.scene.known.due
    ends = np.minimum(table, played.until)
    waits = np.maximum(0.0, ends - due[None, :]) / 60.0
    return {ticket: waits[:, n] for n, ticket in enumerate(live.tickets) if called[n] >= 0.5}


def reach_of(played: Played, people: int) -> float:
    """The share of known people that the run calls, over all futures; 1 where nobody waits."""
    return float(np.isfinite(_by_person(played, people)).mean()) if people else 1.0


def _by_person(played: Played, people: int) -> Floats:
    """Futures × known people: when each is called, infinity where never."""
    start = np.full((played.start.shape[0], people), np.inf)
    row, column = np.nonzero(played.real & (played.crowd.order < people))
    start[row, played.crowd.order[row, column]] = played.start[row, column]
    return start


def newcomers(state: OfficeDay, live: LiveScene, classes: Sequence[str], seconds: float) -> dict[Newcomer, Floats]:
    """(service, class) → sampled waits in minutes of somebody who takes a number now.

    `seconds`: how far to play; who is seldom called within them is told nothing.
    Services that share counters are asked in turn, or the askers would stand in each other's way.
    """
    found: dict[Newcomer, Floats] = {}
    scene = fewer(live.scene, NEWCOMER_FUTURES)
    place = {key: line for line, key in enumerate(live.keys)}
    groups = apart(state)
    for class_id in classes:
        for group in groups:
            lines = [place[service, class_id] for service in group]
            table = _ask(replace(live, scene=scene), lines, seconds)
            for service, waits in zip(group, table.T, strict=True):
                if np.isfinite(waits).mean() >= 0.9:
                    found[service, class_id] = np.minimum(waits, seconds / 60.0)
    return found


def _ask(live: LiveScene, lines: Sequence[int], seconds: float) -> Floats:
    """Waits of one more person at the end of each line."""
    known, many = live.scene.known, len(lines)
    more = {
        "key": NEWCOMER_KEY + np.arange(many),
        "arrive": np.full(many, live.scene.now),
        "due": np.full(many, live.scene.now),
        "line": np.array(lines, dtype=np.int64),
        "scale": np.ones(many),
    }
    longer = known._replace(**{name: np.concatenate([getattr(known, name), column]) for name, column in more.items()})
    played = play(replace(live.scene, known=longer), live.scene.now + seconds)
    table = _by_person(played, len(longer.key))[:, len(known.key) :]
    return np.asarray(np.maximum(0.0, table - live.scene.now) / 60.0)


def asked_classes(state: OfficeDay) -> list[str]:
    """The default class and the other ordinary or priority ones that a person may name, at most three."""
    config = state.setup
    others = [
        c.id
        for c in config.classes.values()
        if c.kind is not ClassKind.APPOINTMENT and c.id != config.default_class and c.self_declared
    ]
    return [config.default_class, *others][:MOST_CLASSES]


def apart(state: OfficeDay, most: int = 3) -> list[list[str]]:
    """Services that an open counter serves, in groups that share few counters; at most `most` groups."""
    open_at: Mapping[str, set[str]] = {
        service: {
            c.id for c in state.counters.values() if c.status is CounterStatus.OPEN and service in c.services
        }
        for service in state.setup.services
    }  # fmt: skip
    groups: list[list[str]] = []
    for service, mine in open_at.items():
        if not mine:
            continue
        shared = [sum(len(mine & open_at[other]) for other in group) for group in groups]
        if groups and (min(shared) == 0 or len(groups) >= most):
            groups[shared.index(min(shared))].append(service)
        else:
            groups.append([service])
    return groups
