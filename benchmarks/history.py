"""Data folders with a past: many days of tickets, or one day of many entries."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from queue_server.journal.journal import Journal
from queue_server.queue import commands as cmd
from queue_server.settings import journal_path
from queue_server.simulate.offline import JournalSink, VirtualOffice
from queue_server.site.loader import load_site


def fill(data: Path, tickets: int, *, days_ago: int, per_ticket: int = 4) -> int:
    """A day of `tickets` served people, `days_ago` days before today; returns the number of entries."""
    site = load_site(None)
    data.mkdir(parents=True, exist_ok=True)
    journal = Journal(journal_path(data))
    journal.open()
    office = VirtualOffice()
    sink = JournalSink(journal, lambda: office.state, batch=2000)
    office.sink = sink
    # Local midnight plus a little, so that the day is the office's own date.
    local = (datetime.now(UTC) + timedelta(hours=7)).replace(hour=0, minute=1, second=0, microsecond=0)
    now = local - timedelta(hours=7, days=days_ago)
    office.carry_out(cmd.OpenDay(day=(now + timedelta(hours=7)).strftime("%Y%m%d"), config=site.office), now)
    counter = next(iter(site.office.counters.values()))
    office.carry_out(cmd.OpenCounter(counter=counter.id, officer="history"), now)
    for _ in range(tickets):
        now += timedelta(milliseconds=5)
        office.carry_out(cmd.IssueTicket(wanted=(cmd.Wanted(service=counter.services[0]),)), now)
        if per_ticket == 4:
            office.carry_out(cmd.CallNext(counter=counter.id, finish_current=True), now)
    if days_ago:
        office.carry_out(cmd.CloseDay(), now)
    sink.flush()
    entries = journal.last_seq
    journal.close()
    return entries
