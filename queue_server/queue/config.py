"""What an office is made of: services, counters, classes and the rules of calling. Pure.

All durations are seconds, all ids are short lower-case slugs. Values come from the site file and are
recorded whole in `DayOpened`, so a day can always be replayed with the rules it was run under.
"""

from dataclasses import dataclass, field
from enum import StrEnum

MINUTE = 60.0


class ClassKind(StrEnum):
    """How a class of people stands towards the others when a counter is free."""

    ORDINARY = "ordinary"
    PRIORITY = "priority"
    APPOINTMENT = "appointment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One line of the office (a field of procedures, or a counter service such as collecting a result)."""

    id: str
    name: dict[str, str]  # language → name
    prefix: str  # of the ticket number, e.g. "A"
    typical: float = 10 * MINUTE  # expected time at the counter; an estimate until events teach better
    zone: str = "main"
    walk_in: bool = True  # may be taken at the kiosk
    phone: bool = False  # may be booked by phone page


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """One place where an officer serves."""

    id: str
    label: str  # what people see: "3"
    services: tuple[str, ...]
    zone: str = "main"
    name: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassTerms:
    """What a policy promises a class: its target, its hard bound, and how fast its claim grows against the others."""

    target: float
    ceiling: float | None = None  # None: `Policy.ceiling_multiple` × target
    weight: float = 1.0


class ReservationKind(StrEnum):
    """Which of the two keeps to the other."""

    COUNTER = "counter"  # these counters call only these services or classes
    SERVICE = "service"  # these services are called only at these counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Who keeps to whom between two local times. With services and classes a counter calls only what fits both.

    People sent to one counter are called there whatever is reserved.
    """

    kind: ReservationKind
    counters: tuple[str, ...]
    services: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    begins: int = 0  # minutes after local midnight
    ends: int = 24 * 60  # exclusive
    days: tuple[int, ...] = ()  # Monday is 0; empty: every day


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityClass:
    """A class of people (open list, R-15). `target` is the wait the site promises it, `ceiling` the hard bound."""

    id: str
    kind: ClassKind
    name: dict[str, str]
    target: float = 15 * MINUTE
    ceiling: float | None = None  # None: `Policy.ceiling_multiple` × target
    weight: float = 1.0
    self_declared: bool = True  # offered by the kiosk


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of calling, as data. `name` picks the policy, the rest are its numbers."""

    name: str = "ratio"
    ordinary_per_priority: int = 2
    ceiling_multiple: float = 3.0
    options: dict[str, float] = field(default_factory=dict)
    classes: dict[str, ClassTerms] = field(default_factory=dict)  # a class that is missing keeps the site's terms
    reservations: tuple[Reservation, ...] = ()
    own_first: bool = True  # people sent or come back to a counter go before its other people
    least_flexible_first: bool = False  # who can be called elsewhere is left to an idle counter with fewer services
    grace: float = 20.0  # at most this long
    appointment_early: float | None = None  # None: what the site's rules say
    appointment_late: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the site allows around a call."""

    recall_limit: int = 3  # recalls of one call
    recall_gap: float = 15.0  # between two calls of the same person
    no_show_after: float = 0.0  # a person has this long to come after each call
    reinstate_within: float = 30 * MINUTE  # a no-show may report back this long
    reinstate_after: int = 3  # and is placed behind this many people of the line
    postpone_limit: int = 2
    postpone_max: float = 60 * MINUTE
    appointment_early: float = 10 * MINUTE  # callable this long before the booked time
    appointment_late: float = 15 * MINUTE  # later than this the visit is ordinary
    lease_size: int = 20  # numbers per prefix kept in hand by each kiosk


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeConfig:
    """The office as it stands on one day."""

    site: str
    name: dict[str, str]
    services: dict[str, Service]
    counters: dict[str, Counter]
    classes: dict[str, PriorityClass]
    zones: dict[str, dict[str, str]]  # id → language → name
    kiosks: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    rules: Rules = field(default_factory=Rules)
    target: float = 15 * MINUTE  # mean wait per visit, R-03
    default_class: str = "walk_in"
    timezone: str = "Asia/Ho_Chi_Minh"

    def terms(self, policy: Policy, class_id: str) -> ClassTerms:
        """What a class is promised while a policy is in force."""
        known = self.classes[class_id]
        site = ClassTerms(target=known.target, ceiling=known.ceiling, weight=known.weight)
        return policy.classes.get(class_id, site)

    def ceiling(self, class_id: str) -> float:
        """The longest wait of a class under the site's own policy before nobody within theirs may pass it (seconds)."""
        return hard_bound(self.terms(self.policy, class_id), self.policy)

    def early(self, policy: Policy) -> float:
        """How long before its time a booked person may be called."""
        return self.rules.appointment_early if policy.appointment_early is None else policy.appointment_early

    def late(self, policy: Policy) -> float:
        """How long after its time a booked person still counts as booked."""
        return self.rules.appointment_late if policy.appointment_late is None else policy.appointment_late


def hard_bound(terms: ClassTerms, policy: Policy) -> float:
    """The ceiling of a class: its own, else the policy's multiple of its target."""
    return terms.ceiling if terms.ceiling is not None else policy.ceiling_multiple * terms.target
