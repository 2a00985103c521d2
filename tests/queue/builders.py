"""A small office and the words to drive it, always on the same Monday."""

from datetime import UTC, datetime, timedelta
from typing import Any

from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import (
    MINUTE,
    ClassKind,
    Counter,
    OfficeConfig,
    Policy,
    PriorityClass,
    Rules,
    Service,
)
from queue_server.queue.decide import apply
from queue_server.queue.state import OfficeDay, Ticket

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 in Buôn Ma Thuột
DAY = "20261123"


def name(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}


def an_office(policy: Policy | None = None, rules: Rules | None = None, **changes: Any) -> OfficeConfig:
    """Land and civil status; counter 1 does civil status, 2 land, 3 both."""
    parts: dict[str, Any] = {
        "site": "test",
        "name": name("Trung tâm thử nghiệm"),
        "services": {
            "ho_tich": Service(id="ho_tich", name=name("Hộ tịch"), prefix="A", phone=True),
            "dat_dai": Service(id="dat_dai", name=name("Đất đai"), prefix="D", typical=20 * MINUTE),
            "noi_bo": Service(id="noi_bo", name=name("Nội bộ"), prefix="N", walk_in=False),
        },
        "counters": {
            "1": Counter(id="1", label="1", services=("ho_tich",)),
            "2": Counter(id="2", label="2", services=("dat_dai",)),
            "3": Counter(id="3", label="3", services=("ho_tich", "dat_dai", "noi_bo")),
        },
        "classes": {
            "walk_in": PriorityClass(id="walk_in", kind=ClassKind.ORDINARY, name=name("Thông thường")),
            "elderly": PriorityClass(
                id="elderly", kind=ClassKind.PRIORITY, name=name("Người cao tuổi"), target=5 * MINUTE
            ),
            "appointment": PriorityClass(
                id="appointment", kind=ClassKind.APPOINTMENT, name=name("Có hẹn"), target=5 * MINUTE
            ),
        },
        "zones": {"main": name("Sảnh")},
        "kiosks": ("k1", "k2"),
        "policy": policy or Policy(),
        "rules": rules or Rules(),
    }
    return OfficeConfig(**{**parts, **changes})


class Day:
    """An office day with a clock that tests move."""

    def __init__(self, config: OfficeConfig | None = None) -> None:
        self.state = OfficeDay()
        self.now = MONDAY
        self.log: list[tuple[ev.Event, datetime]] = []
        self.do(cmd.OpenDay(day=DAY, config=config or an_office()))

    def do(self, command: cmd.Command) -> list[ev.Event]:
        events = apply(self.state, command, self.now)
        self.log += [(event, self.now) for event in events]
        return events

    def later(self, minutes: float = 0, seconds: float = 0) -> "Day":
        self.now += timedelta(minutes=minutes, seconds=seconds)
        return self

    def take(self, service: str = "ho_tich", class_id: str | None = None, **more: Any) -> Ticket:
        """One more person; a second passes, so that nobody comes at the same moment."""
        self.later(seconds=1)
        wanted = tuple(cmd.Wanted(service=s) for s in service.split("+"))
        issued = self.do(cmd.IssueTicket(wanted=wanted, class_id=class_id, **more))
        return self.state.tickets[issued[0].ticket]  # type: ignore[attr-defined]

    def open(self, *counters: str) -> "Day":
        for counter in counters:
            self.do(cmd.OpenCounter(counter=counter, officer=f"officer-{counter}"))
        return self

    def next(self, counter: str) -> Ticket | None:
        """Finishes whom the counter has, calls the next and starts with them."""
        events = self.do(cmd.CallNext(counter=counter, finish_current=True))
        called = [e for e in events if isinstance(e, ev.TicketCalled)]
        return self.state.tickets[called[0].ticket] if called else None

    def numbers(self, counter: str, count: int) -> list[str | None]:
        """The numbers that a counter calls one after the other."""
        found = []
        for _ in range(count):
            ticket = self.next(counter)
            found.append(ticket.number if ticket else None)
        return found
