"""Offices whose journal is a real file, and offices of any size."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from queue_server.journal.entry import Origin
from queue_server.journal.journal import Journal
from queue_server.journal.projector import project
from queue_server.queue import commands as cmd
from queue_server.queue.config import MINUTE, Counter, Service
from queue_server.queue.events import Event
from queue_server.queue.evolve import evolve
from queue_server.queue.state import OfficeDay
from tests.forecasting import live
from tests.queue.builders import Day, an_office, name


def append(path: Path, log: Sequence[tuple[Event, datetime]], already: int = 0) -> int:
    """Writes what a day did into the journal at `path`, from entry `already` on; returns how many there are now."""
    journal = Journal(path)
    journal.open()
    state, entries, rows = OfficeDay(), [], []
    for place, (event, at) in enumerate(log):
        evolve(state, event, at)
        if place >= already:
            entries.append(journal.chain(event, at, Origin(day=state.day)))
            rows += project(state, event, at)
    journal.append(entries, rows)
    journal.close()
    return len(log)


def a_rush() -> Day:
    """A town office that got half as many again as its five counters can serve, for ninety minutes, evenly."""
    return live.an_even_morning(minutes=90, rate=live.usual(1.5))


def a_full_office(counters: int, waiting: int, services: int = 8) -> Day:
    """Every counter has somebody, `waiting` more stand in line with matters of any length; each counter serves three of
    the services.
    """
    ids = [f"s{n}" for n in range(services)]
    config = an_office(
        services={
            s: Service(id=s, name=name(s), prefix=chr(65 + n), typical=(5 + n) * MINUTE) for n, s in enumerate(ids)
        },
        counters={
            str(n): Counter(id=str(n), label=str(n), services=tuple(ids[(n + k) % services] for k in range(3)))
            for n in range(1, counters + 1)
        },
    )
    day = Day(config)
    day.open(*config.counters)
    for n in range(waiting + counters):
        day.later(seconds=6)
        wanted = ids[n % services]
        expected = (config.services[wanted].typical * (0.5, 1.0, 1.8)[n % 3], 0.4)
        wish = cmd.Wanted(service=wanted, expected=expected)
        day.do(cmd.IssueTicket(wanted=(wish,), class_id="elderly" if n % 9 == 0 else None))
    for counter in config.counters:
        day.next(counter)
    return day
