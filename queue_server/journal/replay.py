"""Folds a day's entries back into an office day, and makes the tables beside the journal anew."""

import sqlite3
from collections.abc import Iterable

from queue_server.contract.problems import Refused
from queue_server.journal.entry import Entry
from queue_server.journal.journal import Journal
from queue_server.journal.projector import Statement, project
from queue_server.journal.schema import PROJECTIONS
from queue_server.queue.evolve import evolve
from queue_server.queue.state import OfficeDay


def replay(entries: Iterable[Entry]) -> OfficeDay:
    """The office day that these entries made."""
    state = OfficeDay()
    for entry in entries:
        evolve(state, entry.event, entry.at)
    return state


# What decoding or folding an entry raises that somebody has changed by hand.
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, Refused)


def write(connection: sqlite3.Connection, rows: Iterable[Statement]) -> None:
    for sql, values in rows:
        connection.execute(sql, values)


def rebuild(journal: Journal, connection: sqlite3.Connection) -> int:
    """Makes every projection anew from the journal in one transaction; returns the entries read."""
    connection.execute("begin immediate")
    for name in PROJECTIONS:
        connection.execute(f"delete from {name}")
    count, state = 0, OfficeDay()
    for entry in journal.entries():
        evolve(state, entry.event, entry.at)
        write(connection, project(state, entry.event, entry.at))
        count += 1
    connection.execute("commit")
    return count
