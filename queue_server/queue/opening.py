"""When counters and services are there in an ordinary week, as the checks of a policy need it. Pure, stdlib only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Week = Sequence[Sequence[tuple[int, int]]]  # by weekday, Monday first: minutes after midnight, ends exclusive
MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Weekly hours by id; what is not named is always there. Holidays and extra days are left out."""

    counters: Mapping[str, Week] = field(default_factory=dict)
    services: Mapping[str, Week] = field(default_factory=dict)

    def counter(self, counter: str, day: int, minute: int) -> bool:
        """Whether somebody is to sit there."""
        return _there(self.counters.get(counter), day, minute)

    def service(self, service: str, day: int, minute: int) -> bool:
        """Whether it is offered."""
        return _there(self.services.get(service), day, minute)

    def meets(self, counter: str, days: Sequence[int], begins: int, ends: int) -> bool:
        """Whether the counter is open at some minute between two times of these days."""
        week = self.counters.get(counter)
        return week is None or any(begins < end and start < ends for day in days for start, end in week[day])

    def changes(self) -> set[tuple[int, int]]:
        """Day and minute of every moment at which somebody comes or goes."""
        return {
            (day, minute)
            for week in (*self.counters.values(), *self.services.values())
            for day, spans in enumerate(week)
            for span in spans
            for minute in span
            if minute < MIDNIGHT
        }


ALWAYS = Opening()


def _there(week: Week | None, day: int, minute: int) -> bool:
    return week is None or any(start <= minute < end for start, end in week[day])
