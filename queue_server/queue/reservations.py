"""Which reservations hold at a moment, and what a counter may call under them. Pure, stdlib only.

Reservations act like skills: they take away lines that a counter would see, and give none.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from queue_server.queue.config import Policy, Reservation, ReservationKind

WEEK = range(7)


class Reach(NamedTuple):
    """What a counter is kept to; None where nothing keeps it."""

    services: frozenset[str] | None = None  # only these
    classes: frozenset[str] | None = None  # only these
    barred: frozenset[str] = frozenset()  # services kept to other counters

    def service(self, service: str) -> bool:
        """Whether somebody of the service may be called."""
        return service not in self.barred and (self.services is None or service in self.services)

    def allows(self, service: str, class_id: str) -> bool:
        """Whether a person of this service and class may be called."""
        return self.service(service) and (self.classes is None or class_id in self.classes)


FREE = Reach()


def holding(policy: Policy, timezone: str, now: datetime) -> tuple[Reservation, ...]:
    """The reservations in force at a moment; the ends are exclusive."""
    if not policy.reservations:
        return ()
    local = now.astimezone(ZoneInfo(timezone))
    minute, day = local.hour * 60 + local.minute, local.weekday()
    return tuple(r for r in policy.reservations if r.begins <= minute < r.ends and (not r.days or day in r.days))


def reach(held: Iterable[Reservation], counter: str) -> Reach:
    """What the reservations in force leave to a counter."""
    services: frozenset[str] | None = None
    classes: frozenset[str] | None = None
    barred: frozenset[str] = frozenset()
    for one in held:
        if one.kind is ReservationKind.SERVICE:
            if counter not in one.counters:
                barred = barred.union(one.services)
        elif counter in one.counters:
            services = _both(services, one.services)
            classes = _both(classes, one.classes)
    return Reach(services, classes, barred)


def _both(known: frozenset[str] | None, more: tuple[str, ...]) -> frozenset[str] | None:
    if not more:
        return known
    return frozenset(more) if known is None else known.intersection(more)


def changes(reservations: Iterable[Reservation]) -> list[tuple[int, int]]:
    """Day and minute of every moment of the week at which something else may hold, Monday 00:00 first."""
    found = {(day, 0) for day in WEEK}
    for one in reservations:
        for day in one.days or WEEK:
            found.add((day, one.begins))
            if one.ends < 24 * 60:
                found.add((day, one.ends))
    return sorted(found)


def moments(policy: Policy, timezone: str, after: datetime, until: datetime) -> list[datetime]:
    """The moments after one and before another at which other reservations begin to hold."""
    if not policy.reservations:
        return []
    zone = ZoneInfo(timezone)
    found = set()
    day = after.astimezone(zone).date()
    while (midnight := datetime.combine(day, time(), zone)) < until:
        for weekday, minute in changes(policy.reservations):
            at = (midnight.replace(tzinfo=None) + timedelta(minutes=minute)).replace(tzinfo=zone)
            if weekday == day.weekday() and after < at < until:
                found.add(at.astimezone(UTC))
        day += timedelta(days=1)
    kept: list[datetime] = []
    before = holding(policy, timezone, after)
    for moment in sorted(found):
        held = holding(policy, timezone, moment)
        if held != before:
            kept.append(moment)
        before = held
    return kept
