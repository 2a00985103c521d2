"""The whole loop without a server: simulated days, what they teach, and a later day told better for it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from queue_server.forecaster.matters import Matters
from queue_server.forecaster.past import Past, read_only, read_past
from queue_server.forecaster.worker import Worker
from queue_server.journal.journal import Journal
from queue_server.simulate.offline import JournalSink, VirtualOffice, open_day, play
from queue_server.simulate.people import plan_day
from queue_server.simulate.play import processes
from queue_server.simulate.run import procedures_of
from queue_server.site.loader import load_site

FIRST = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)  # a Monday, 07:30 local
DAYS = 4


def simulated(path: Path) -> Past:
    """Days of the example office as its journal holds them."""
    site = load_site(None)
    journal = Journal(path)
    journal.open()
    for n in range(DAYS):
        opens = FIRST + timedelta(days=n)
        office = VirtualOffice()
        office.sink = sink = JournalSink(journal, lambda office=office: office.state)  # type: ignore[misc]
        open_day(office, site.office, opens.strftime("%Y%m%d"), opens)
        play(office, processes(plan_day(site.office, 30 + n, procedures_of(site)), None), opens)
        sink.flush()
    journal.close()
    connection = read_only(path)
    past = read_past(connection, "20261201")
    connection.close()
    return past


def test_simulated_days_teach_more_than_the_service_mean(tmp_path: Path) -> None:
    """In ten draws 0.89 to 0.96 of the service's error, 0.67 to 0.72 of the catalogue's; 0.81 to 0.84 inside."""
    past = simulated(tmp_path / "journal.sqlite3")
    usual = Worker(tmp_path, load_site(None)).usual
    matters = Matters()
    matters.take(past.tickets, usual)
    told = matters.summary()
    assert any(t.matter.papers for t in past.tickets)
    assert told["tickets"] > 800
    assert matters.believed
    assert told["mean_error"] < told["service_error"]
    assert told["mean_error"] < 0.85 * told["catalogue_error"]
    assert 0.7 <= told["inside"] <= 0.9
