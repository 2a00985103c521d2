"""Somebody with the file and a grudge: every change by hand shows, and verifying never needs the server to pause."""

import threading
from pathlib import Path

import pytest

from queue_server.journal.entry import Entry, chain_hash
from queue_server.journal.journal import entry_row
from queue_server.journal.verify import verify
from tests.journal.builders import a_full_day, a_journal, forge, next_day, opened, write

FORGERIES = {
    "a wait made shorter": ("update tickets set waited = 1 where waited > 100", "table tickets"),
    "a visit invented": (
        "insert into visits values ('20261123', '20261123-A999', 'A999', '2026-11-23T01:00:00+00:00', null, null)",
        "table visits",
    ),
    "a pause removed": ("delete from counter_periods where status = 'paused'", "table counter_periods"),
    "another actor": ("update journal set actor = 'officer:9' where seq = 7", "entry 7: was changed"),
    "another time": ("update journal set at = '2026-11-23T00:00:00+00:00' where seq = 9", "entry 9: was changed"),
    "another command id": ("update journal set command_id = 'mine' where seq = 4", "entry 4: was changed"),
    "other data": (
        "update journal set data = replace(data, 'k1', 'k2') where kind = 'HelpRequested'",
        "was changed after it was written",
    ),
    "an entry removed": ("delete from journal where kind = 'TicketPrinted'", "entries are missing"),
    "the first entries removed": ("delete from journal where seq = 1", "entries are missing"),
    "broken data": ("update journal set data = '{\"day\":' where seq = 1", "cannot be read"),
    "an unknown kind": ("update journal set kind = 'TicketSold' where seq = 20", "cannot be read"),
    "a ticket from nowhere": ("delete from journal where kind = 'TicketIssued'", "cannot be read"),
    "a moment that is none": ("update journal set at = 'yesterday' where seq = 5", "cannot be read"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_change_by_hand_shows(tmp_path: Path, name: str) -> None:
    path = a_journal(tmp_path / "j.sqlite3")
    statement, expected = FORGERIES[name]
    forge(path, statement)
    with opened(path) as journal:
        problems = verify(journal).problems
    assert any(expected in problem for problem in problems), problems


def test_two_entries_in_the_other_order_show(tmp_path: Path) -> None:
    path = a_journal(tmp_path / "j.sqlite3")
    forge(
        path,
        "update journal set seq = 1000 where seq = 12",
        "update journal set seq = 12 where seq = 13",
        "update journal set seq = 13 where seq = 1000",
    )
    with opened(path) as journal:
        problems = verify(journal).problems
    assert "entry 12: does not follow the entry before it" in problems
    assert "entry 13: was changed after it was written" in problems


def test_a_forged_hash_breaks_the_next_link(tmp_path: Path) -> None:
    path = a_journal(tmp_path / "j.sqlite3")
    with opened(path) as journal:
        victim = next(entry for entry in journal.after(0) if entry.kind == "CounterPaused")
    lie = victim.data.replace("Nghỉ trưa", "Đi họp")
    assert lie != victim.data
    row = list(entry_row(victim)[:-2])
    row[12] = lie
    forged = chain_hash(victim.prev_hash, *row)
    forge(path, f"update journal set data = '{lie}', hash = '{forged}' where seq = {victim.seq}")
    with opened(path) as journal:
        problems = verify(journal).problems
    assert problems[0] == f"entry {victim.seq + 1}: does not follow the entry before it"
    assert problems[1].startswith("table counter_periods")  # the lie stands in the entry, not in the table


def test_the_hash_covers_every_column_but_itself(tmp_path: Path) -> None:
    with opened(a_journal(tmp_path / "j.sqlite3")) as journal:
        entry = journal.after(8, limit=1)[0]
    assert entry.hash == chain_hash(entry.prev_hash, *entry_row(entry)[:-2])
    assert len(entry_row(entry)) == len(set(Entry.__slots__) - {"event"})


def test_verifying_while_the_server_writes_raises_no_false_alarm(tmp_path: Path) -> None:
    log = a_full_day().log
    path = a_journal(tmp_path / "j.sqlite3", log)
    writing = threading.Event()

    def serve() -> None:
        with opened(path) as journal:
            writing.set()
            write(journal, next_day(log), batch=1, prefix="n")

    with opened(path) as journal:
        server = threading.Thread(target=serve)
        server.start()
        writing.wait()
        verdicts = [verify(journal)]
        while server.is_alive():
            verdicts.append(verify(journal))
        server.join()
        verdicts.append(verify(journal))
    assert [verdict.problems for verdict in verdicts] == [[]] * len(verdicts)
    assert verdicts[-1].entries == 2 * len(log)
