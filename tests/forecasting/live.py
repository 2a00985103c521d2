"""A town office on a busy morning, for risk, advice and replay."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from queue_server.forecasting import outlook_office as oo
from queue_server.queue import commands as cmd
from queue_server.queue.config import MINUTE, ClassKind, Counter, OfficeConfig, PriorityClass, Service
from queue_server.queue.states import CounterStatus
from tests.queue.builders import MONDAY, Day, an_office, name

MINUTES = {"ho_tich": 6.0, "chung_thuc": 8.0, "dat_dai": 20.0, "kinh_doanh": 12.0}
SKILLS = {
    "1": ("ho_tich", "chung_thuc"),
    "2": ("ho_tich", "chung_thuc"),
    "3": ("chung_thuc", "kinh_doanh"),
    "4": ("dat_dai", "kinh_doanh"),
    "5": ("dat_dai",),
    "6": ("ho_tich", "chung_thuc", "dat_dai", "kinh_doanh"),
}


def a_town(**changes: object) -> OfficeConfig:
    """Six counters, four services."""
    return an_office(
        services={
            s: Service(id=s, name=name(s), prefix=chr(65 + k), typical=m * MINUTE)
            for k, (s, m) in enumerate(MINUTES.items())
        },
        counters={c: Counter(id=c, label=c, services=s) for c, s in SKILLS.items()},
        classes={
            "walk_in": PriorityClass(id="walk_in", kind=ClassKind.ORDINARY, name=name("Thông thường")),
            "elderly": PriorityClass(id="elderly", kind=ClassKind.PRIORITY, name=name("Người cao tuổi"), target=300.0),
            "appointment": PriorityClass(
                id="appointment", kind=ClassKind.APPOINTMENT, name=name("Có hẹn"), target=300.0
            ),
        },
        **changes,
    )


def expected(per_quarter: dict[str, float], begins: datetime = MONDAY, quarters: int = 36) -> oo.Expected:
    """The same number of people in every quarter-hour."""
    return oo.Expected(
        begins=begins,
        people={service: (rate,) * quarters for service, rate in per_quarter.items()},
        classes={"walk_in": 0.9, "elderly": 0.1},
    )


def usual(share: float = 0.8) -> dict[str, float]:
    """People per quarter-hour that keep five counters busy for this share of the time, each service equally."""
    work = 5 * 15 * share / len(MINUTES)
    return {service: work / minutes for service, minutes in MINUTES.items()}


def a_morning(
    opened: str = "12345", *, rate: dict[str, float] | None = None, minutes: float = 60.0, seed: int = 1
) -> Day:
    """Plays a morning minute by minute: people come at `rate`, every counter calls whenever it is free."""
    day, random = Day(a_town()), Random(seed)
    for counter in opened:
        day.do(cmd.OpenCounter(counter=counter, officer=f"officer {counter}"))
    ends: dict[str, datetime] = {}
    for _ in range(int(minutes)):
        day.later(minutes=1)
        for service, people in (rate or usual()).items():
            for _ in range(_poisson(random, people / 15)):
                class_id = "elderly" if random.random() < 0.1 else "walk_in"
                day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service=service),), class_id=class_id))
        work(day, ends, lambda: random.lognormvariate(-0.15, 0.55))
    return day


def an_even_morning(opened: str = "12345", *, rate: dict[str, float], minutes: int) -> Day:
    """The same without chance: people come at even distances, every tenth is elderly, a matter takes its mean."""
    day, came = Day(a_town()), 0
    for counter in opened:
        day.do(cmd.OpenCounter(counter=counter, officer=f"officer {counter}"))
    ends: dict[str, datetime] = {}
    for minute in range(minutes):
        day.later(minutes=1)
        for service, people in rate.items():
            for _ in range(_so_far(people, minute + 1) - _so_far(people, minute)):
                came += 1
                class_id = "walk_in" if came % 10 else "elderly"
                day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service=service),), class_id=class_id))
        work(day, ends, lambda: 1.0)
    return day


def _so_far(per_quarter: float, minute: int) -> int:
    return int(per_quarter * minute / 15 + 1e-6)  # a whole person is whole on every processor


def work(day: Day, ends: dict[str, datetime], pace: Callable[[], float]) -> None:
    """Every counter whose time has come ends its service and calls again."""
    for counter in day.state.counters.values():
        if counter.ticket and day.now >= ends.get(counter.id, day.now):
            day.do(cmd.Finish(counter=counter.id))
        if counter.status is CounterStatus.OPEN and counter.ticket is None:
            day.do(cmd.CallNext(counter=counter.id))
            if counter.ticket:
                service = day.state.tickets[counter.ticket].service
                took = MINUTES[service] * pace()
                ends[counter.id] = day.now + timedelta(minutes=took)


def _poisson(random: Random, mean: float) -> int:
    count, at = 0, random.expovariate(mean) if mean > 0 else 2.0
    while at < 1.0:
        count, at = count + 1, at + random.expovariate(mean)
    return count
