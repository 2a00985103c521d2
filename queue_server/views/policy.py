"""The rules of calling in force, for the page that changes them. Pure."""

from queue_server.contract.views import PolicyView, ReservationRow, TermsRow
from queue_server.queue.config import MINUTE, OfficeConfig, Policy, Reservation
from queue_server.queue.policy_wrong import clock

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def policy_view(config: OfficeConfig, policy: Policy) -> PolicyView:
    """A policy with the classes, counters and services that it may speak of."""
    return PolicyView(
        name=policy.name,
        ordinary_per_priority=policy.ordinary_per_priority,
        ceiling_multiple=policy.ceiling_multiple,
        options=dict(policy.options),
        classes=tuple(_terms(config, policy, name) for name in config.classes),
        reservations=tuple(_reservation(one) for one in policy.reservations),
        own_first=policy.own_first,
        least_flexible_first=policy.least_flexible_first,
        grace=policy.grace,
        appointment_early=config.early(policy) / MINUTE,
        appointment_late=config.late(policy) / MINUTE,
        counters=tuple((c.id, c.label) for c in config.counters.values()),
        services=tuple((s.id, s.name) for s in config.services.values()),
    )


def _terms(config: OfficeConfig, policy: Policy, class_id: str) -> TermsRow:
    known, terms = config.classes[class_id], config.terms(policy, class_id)
    return TermsRow(
        id=class_id,
        name=known.name,
        kind=str(known.kind),
        target=terms.target / MINUTE,
        ceiling=None if terms.ceiling is None else terms.ceiling / MINUTE,
        weight=terms.weight,
    )


def _reservation(one: Reservation) -> ReservationRow:
    return ReservationRow(
        kind=str(one.kind),
        counters=one.counters,
        services=one.services,
        classes=one.classes,
        begins=clock(one.begins),
        ends=clock(one.ends),
        days=tuple(DAYS[day] for day in one.days),
    )
