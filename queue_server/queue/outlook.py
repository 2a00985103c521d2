"""People ahead and a first waiting interval for a new ticket, from the lines and the open counters. Pure.

A deterministic virtual schedule: the work of all lines that share counters with the service, divided by the
counters that serve it. The band is wide on purpose: it stands in wherever no better forecast is at hand.
"""

from dataclasses import dataclass
from datetime import datetime

from queue_server.queue.config import ClassKind
from queue_server.queue.state import CounterState, OfficeDay
from queue_server.queue.states import CounterStatus

LOW, HIGH = 0.5, 1.6  # band around the likely wait; measured against simulated days in docs/waiting-times.md


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a new ticket may be told: people ahead, and seconds (None: no open counter serves it)."""

    people_ahead: int
    low: float | None
    likely: float | None
    high: float | None


def outlook(state: OfficeDay, service: str, class_id: str, now: datetime) -> Outlook:
    """The outlook of somebody who takes a number for `service` in `class_id` now."""
    ahead = people_ahead(state, service, class_id)
    counters = state.open_counters(service, now, class_id)
    if not counters:
        return Outlook(people_ahead=ahead, low=None, likely=None, high=None)
    if ahead == 0 and any(c.ticket is None for c in counters) and not _others_wait(state, counters, now):
        return Outlook(people_ahead=0, low=0.0, likely=0.0, high=state.setup.services[service].typical / 2)
    waiting = state.waiting_count(service)
    share = (ahead / waiting) if waiting else 1.0
    likely = _work(state, counters, now) * min(1.0, max(share, 0.1)) / len(counters)
    typical = state.setup.services[service].typical
    return Outlook(people_ahead=ahead, low=likely * LOW, likely=likely, high=likely * HIGH + typical / 2)


def people_ahead(state: OfficeDay, service: str, class_id: str) -> int:
    """People waiting for the same service who will be called before a new ticket of this class."""
    config = state.setup
    lanes = state.lines.get(service, {})
    total = sum(len(line) for line in lanes.values())
    if config.classes[class_id].kind is ClassKind.ORDINARY:
        return total
    ordinary = {known for known, one in config.classes.items() if one.kind is ClassKind.ORDINARY}
    favoured = sum(len(line) for (known, _), line in lanes.items() if known not in ordinary)
    return min(total, favoured * (1 + state.policy.ordinary_per_priority))


def callable_services(state: OfficeDay, counter: CounterState, now: datetime) -> list[str]:
    """The services of a counter for which the reservations in force let it call."""
    may = state.reach(counter.id, now)
    return [service for service in counter.services if may.service(service)]


def _others_wait(state: OfficeDay, counters: list[CounterState], now: datetime) -> bool:
    return any(state.lines.get(service) for counter in counters for service in callable_services(state, counter, now))


def _work(state: OfficeDay, counters: list[CounterState], now: datetime) -> float:
    """Seconds of work before a new ticket at the counters of a service: lines that share them, and people at them."""
    services = state.setup.services
    mine = {c.id for c in counters}
    shared: dict[str, int] = {}
    others: dict[str, int] = {}
    for counter in state.counters.values():
        if counter.status is not CounterStatus.OPEN:
            continue
        for known in callable_services(state, counter, now):
            others[known] = others.get(known, 0) + 1
            if counter.id in mine:
                shared[known] = shared.get(known, 0) + 1
    work = sum(
        state.waiting_count(known) * services[known].typical * count / others[known] for known, count in shared.items()
    )
    busy = sum(services[state.tickets[c.ticket].service].typical / 2 for c in counters if c.ticket)
    return work + busy
