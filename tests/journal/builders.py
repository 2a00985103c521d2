"""A day in which every kind of event happens, and a journal file that holds it."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from queue_server.journal.codec import decode, encode
from queue_server.journal.entry import Entry, Origin
from queue_server.journal.journal import Journal
from queue_server.journal.projector import Statement, project
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import Policy
from queue_server.queue.evolve import evolve
from queue_server.queue.state import OfficeDay
from tests.queue.builders import Day, an_office

Log = Sequence[tuple[ev.Event, datetime]]


def a_full_day() -> Day:
    """Every kind of event at least once, with Vietnamese words in it; the day is closed at the end."""
    day = Day().open("1", "3")
    day.do(cmd.ChangeSetup(config=an_office(target=600.0)))
    day.do(cmd.ChangePolicy(policy=Policy(ordinary_per_priority=3, options={"fair_fast": 0.5})))
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    day.do(cmd.SkipNumbers(generation="1-ab12cd34", reason="restore", lost=3))
    day.do(cmd.ReportDevice(device="printer-k1", problem="paper-out"))
    day.do(cmd.RequestHelp(kiosk="k1"))
    day.do(cmd.GiveHelp(help="H1"))
    first, second, third = day.take(), day.take(class_id="elderly"), day.take("dat_dai", language="en")
    day.do(cmd.ReportPrint(ticket=first.id))
    day.do(cmd.ReportPrint(ticket=second.id, problem="hết giấy"))
    day.do(cmd.PostponeTicket(ticket=third.id, minutes=5))
    day.do(cmd.ChangePriority(ticket=first.id, class_id="elderly"))
    day.later(minutes=2)
    for move in (cmd.CallNext, cmd.PutBack, cmd.CallNext):
        day.do(move(counter="1"))
    day.later(minutes=1).do(cmd.Recall(counter="1"))
    day.do(cmd.NoShow(counter="1"))
    day.do(cmd.Reinstate(ticket=first.id))
    day.later(minutes=1).do(cmd.CallNext(counter="1"))
    day.do(cmd.Start(counter="1"))
    day.do(cmd.Hold(counter="1", reason="Điền thêm tờ khai"))
    day.later(minutes=3)
    held = next(iter(day.state.aside))
    day.do(cmd.ResumeTicket(counter="1", ticket=held))
    day.do(cmd.Transfer(counter="1", to_service="dat_dai", return_to_sender=True, note="thửa đất 12"))
    day.later(minutes=4).do(cmd.CallNext(counter="3"))
    day.do(cmd.Finish(counter="3"))
    day.later(minutes=1).do(cmd.CallNext(counter="1"))
    served = day.state.counters["1"].ticket or ""
    day.do(cmd.Finish(counter="1"))
    day.do(cmd.RateVisit(ticket=served, score=4, reasons=("lich_su",)))
    day.do(cmd.PauseCounter(counter="1", reason="Nghỉ trưa"))
    day.later(minutes=30).do(cmd.ResumeCounter(counter="1"))
    day.do(cmd.ReskillCounter(counter="1", services=("dat_dai",)))
    day.do(cmd.CancelTicket(ticket=day.take().id))
    day.take("ho_tich+dat_dai")
    told = day.take("ho_tich")
    day.later(minutes=6).do(cmd.ServeByMouth(counter="1", ticket=told.id, at=day.now - timedelta(minutes=2)))
    day.do(cmd.CloseCounter(counter="3"))
    day.do(cmd.CorrectClock(by=-90.0, measured=True))
    day.later(minutes=240)
    day.do(cmd.CloseDay())
    return day


def write(journal: Journal, log: Log, *, batch: int = 7, prefix: str = "c") -> list[Entry]:
    """Appends a log in batches, each durable on its own."""
    state, made = OfficeDay(), list[Entry]()
    for start in range(0, len(log), batch):
        entries, rows = list[Entry](), list[Statement]()
        for number, (event, at) in enumerate(log[start : start + batch], start=start):
            evolve(state, event, at)
            origin = Origin(day=state.day, command_id=f"{prefix}{number}", digest=f"d{number}", actor="officer:1")
            entries.append(journal.chain(event, at, origin))
            rows += project(state, event, at)
        journal.append(entries, rows)
        made += entries
    return made


def a_journal(path: Path, log: Log | None = None) -> Path:
    """A closed journal file with a full day in it."""
    journal = Journal(path)
    journal.open()
    write(journal, a_full_day().log if log is None else log)
    journal.close()
    return path


@contextmanager
def opened(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    journal.open()
    try:
        yield journal
    finally:
        journal.close()


def forge(path: Path, *statements: str) -> None:
    """Changes a journal file as somebody with the file and no scruples would: without its triggers."""
    connection = sqlite3.connect(path)
    for trigger in ("journal_no_update", "journal_no_delete"):
        connection.execute(f"drop trigger if exists {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def next_day(log: Log) -> list[tuple[ev.Event, datetime]]:
    """The same day once more, a day later, for journals of several days."""
    return [
        (decode(type(event).__name__, encode(event).replace("20261123", "20261124")), at + timedelta(days=1))
        for event, at in log
    ]
