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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the site allows around a call."""

    recall_limit: int = 3  # recalls of one call
    recall_gap: float = 15.0  # between two calls of the same person
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

    def ceiling(self, class_id: str) -> float:
        """The longest wait of a class before nobody within theirs may pass it (seconds)."""
        known = self.classes[class_id]
        return known.ceiling if known.ceiling is not None else self.policy.ceiling_multiple * known.target
