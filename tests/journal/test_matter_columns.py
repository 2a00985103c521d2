"""A journal written before the facts of a matter had columns: it opens, verifies and learns what it held."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from queue_server.journal.verify import verify
from queue_server.queue import commands as cmd
from tests.journal.builders import a_journal, opened
from tests.queue.builders import Day

NEW = ("cases", "papers", "copies", "supplement", "ready", "form_filled", "expected", "spread")


def an_old_journal(path: Path) -> Path:
    """One ticket of a version whose events knew of a matter only `ready` and `papers`, and whose table neither."""
    day = Day().open("1")
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich", ready=True, papers=4),)))
    log = [(without_expectation(event), at) for event, at in day.log]
    a_journal(path, log)
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        for name in NEW:
            base.execute(f"alter table tickets drop column {name}")
        base.execute("delete from _sqlite_migrations where name = 'add_facts_of_the_matter'")
        base.execute("pragma user_version = 1")
    return path


def without_expectation(event):  # type: ignore[no-untyped-def]  # any kind of event
    return replace(event, expected=None, spread=None) if hasattr(event, "expected") else event


def test_an_old_journal_gets_the_columns_with_what_its_events_knew(tmp_path: Path) -> None:
    with opened(an_old_journal(tmp_path / "j.sqlite3")) as journal:
        (row,) = journal.rows("select ready, papers, cases, copies, expected from tickets")
        assert row == {"ready": 1, "papers": 4, "cases": None, "copies": None, "expected": None}
        assert verify(journal).problems == []
