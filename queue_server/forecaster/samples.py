"""Sampled waits out of the forward run: of the people who wait, and of somebody who would come now. Pure."""

from collections.abc import Mapping

import numpy as np

from queue_server.forecasting.kernel import Flags, Floats
from queue_server.forecasting.outlook_bands import LineKey
from queue_server.forecasting.outlook_office import LiveScene
from queue_server.forecasting.target_run import Played
from queue_server.queue.config import ClassKind
from queue_server.queue.duration_bands import BANDS, USUAL
from queue_server.queue.state import OfficeDay

MOST_CLASSES = 3
SURELY = 0.9  # share of the futures in which somebody must be called to be told a wait

Newcomer = LineKey  # service, class, duration band


def waits_of(live: LiveScene, played: Played) -> dict[str, Floats]:
    """Ticket → its whole wait in every future, minutes; a ticket that most futures never call is left out."""
    table = starts_of(live, played)
    called = np.isfinite(table).mean(axis=0) if len(table) else np.zeros(0)
    waits = np.maximum(0.0, np.minimum(table, played.until) - live.scene.known.due) / 60.0
    return {ticket: waits[:, n] for n, ticket in enumerate(live.tickets) if called[n] >= 0.5}


def starts_of(live: LiveScene, played: Played) -> Floats:
    """Futures × known people: when each is called, infinity where never."""
    people = len(live.tickets)
    start = np.full((played.start.shape[0], people), np.inf)
    row, column = np.nonzero(played.real & (played.crowd.order < people))
    start[row, played.crowd.order[row, column]] = played.start[row, column]
    return start


def asked_lines(state: OfficeDay, live: LiveScene) -> dict[Newcomer, int]:
    """The lines somebody may join now, of services that an open counter serves."""
    place = {key: line for line, key in enumerate(live.keys)}
    return {
        (service, cls, band): place[service, cls, band]
        for band in (BANDS if state.by_band else (USUAL,))
        for cls in asked_classes(state)
        for service in state.setup.services
        if state.open_counters(service, live.now, cls)
    }


def asked_classes(state: OfficeDay) -> list[str]:
    """The default class and the other ordinary or priority ones that a person may name, at most three."""
    config = state.setup
    others = [
        c.id
        for c in config.classes.values()
        if c.kind is not ClassKind.APPOINTMENT and c.id != config.default_class and c.self_declared
    ]
    return [config.default_class, *others][:MOST_CLASSES]


def probes(live: LiveScene, lines: Mapping[Newcomer, int]) -> Flags:
    """The lines to ask, as the forward run takes them."""
    asked = np.zeros(len(live.keys), dtype=np.bool_)
    asked[list(lines.values())] = True
    return asked


def newcomers(live: LiveScene, played: Played, lines: Mapping[Newcomer, int]) -> dict[Newcomer, Floats]:
    """Line → sampled waits in minutes of somebody who takes a number now; who is seldom called: nothing."""
    waits = (np.minimum(played.probed, played.until) - live.scene.now) / 60.0
    surely = np.isfinite(played.probed).mean(axis=0) >= SURELY
    return {asked: waits[:, line] for asked, line in lines.items() if surely[line]}
