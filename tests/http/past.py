"""Journals with past days of the example office, for everything that looks back."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from queue_server.journal.journal import Journal
from queue_server.queue import commands as cmd
from queue_server.simulate.offline import JournalSink, VirtualOffice, open_day, play
from queue_server.simulate.people import plan_day
from queue_server.simulate.play import processes
from tests.http.house import example

FIRST = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)  # Monday 07:30 in the office, a week before the House opens


def write_past(journal: Path, days: Sequence[int] = range(5), *, empty: Sequence[int] = ()) -> Path:
    """One simulated day of the example office each, counted from FIRST; on the `empty` ones nobody comes."""
    config = example().office
    opened = Journal(journal)
    opened.open()
    for day in days:
        office = VirtualOffice()
        sink = JournalSink(opened, lambda office=office: office.state)
        office.sink = sink
        opens = FIRST + timedelta(days=day)
        ended = opens + timedelta(hours=9)
        open_day(office, config, f"{opens:%Y%m%d}", opens)
        if day not in empty:
            ended = play(office, processes(plan_day(config, day, {}, load=0.9), None), opens)
        office.carry_out(cmd.CloseDay(), ended)
        sink.flush()
    opened.close()
    return journal
