"""The wait still before a waiting ticket, and whether somebody is free for it, in seconds. Pure."""

from datetime import datetime

from queue_server.queue.outlook import HIGH, LOW, callable_services, outlook
from queue_server.queue.state import OfficeDay, Ticket

Interval = tuple[float | None, float | None, float | None]


def ticket_wait(state: OfficeDay, ticket: Ticket, now: datetime) -> Interval:
    """Low, likely and high: the outlook of the ticket's line, in proportion to its place in it."""
    line = list(state.of_class(ticket.pool, ticket.class_id))
    view = outlook(state, ticket.service, ticket.class_id, now)
    if view.likely is None:
        return (None, None, None)
    before = sum(1 for entry in line if entry < ticket.key)
    share = (before + 0.5) / len(line) if line else 0.5
    likely = view.likely * min(1.0, share)
    booked = max(0.0, (ticket.since - now).total_seconds())
    typical = state.setup.services[ticket.service].typical
    return (booked + likely * LOW, booked + likely, booked + likely * HIGH + typical / 2)


def idle_for(state: OfficeDay, service: str, now: datetime, *, newcomer: bool) -> bool:
    """Whether an open counter for the service has nobody; for a newcomer nobody else may wait for it either."""
    free = [c for c in state.open_counters(service, now) if c.ticket is None]
    if not newcomer:
        return bool(free)
    mine = ((*callable_services(state, c, now), f"counter:{c.id}") for c in free)
    return any(not any(state.lines.get(known) for known in pools) for pools in mine)
