"""Folds a day's entries back into an office day, and checks the whole file."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field

from queue_server.contract.problems import Refused
from queue_server.journal.entry import GENESIS, Entry, chain_hash
from queue_server.journal.journal import Journal, entry_row
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


@dataclass(slots=True)
class Verdict:
    """What a check of the journal found."""

    entries: int = 0
    days: int = 0
    problems: list[str] = field(default_factory=list)


def verify(journal: Journal) -> Verdict:
    """Walks the hash chain, replays every day, and compares each projection with a fresh one.

    All of it reads one moment of the file, so that a server may go on writing meanwhile.
    """
    verdict = Verdict()
    journal.reader.execute("begin")
    try:
        with closing(sqlite3.connect(":memory:")) as fresh:
            _walk(journal, fresh, verdict)
    except UNREADABLE as error:
        verdict.problems.append(f"after entry {verdict.entries}: cannot be read ({type(error).__name__}: {error})")
    finally:
        journal.reader.execute("rollback")
    return verdict


# What decoding or folding an entry raises that somebody has changed by hand.
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, Refused)


def _walk(journal: Journal, fresh: sqlite3.Connection, verdict: Verdict) -> None:
    prev, seq = GENESIS, 0
    for name in PROJECTIONS:
        fresh.execute(_definition(journal, name))
    state, days = OfficeDay(), set[str]()
    for entry in journal.entries():  # in their order: under a wrong clock a later day may have come before an earlier
        verdict.entries += 1
        seq += 1
        verdict.problems += _link_problems(entry, prev, seq)
        prev, seq = entry.hash, entry.seq
        days.add(entry.day)
        verdict.days = len(days)
        evolve(state, entry.event, entry.at)
        write(fresh, project(state, entry.event, entry.at))
    for name in PROJECTIONS:
        verdict.problems += _differences(journal, fresh, name)


def _link_problems(entry: Entry, prev: str, seq: int) -> list[str]:
    found = []
    if entry.seq != seq:
        found.append(f"entry {entry.seq}: expected {seq}, entries are missing")
    if entry.prev_hash != prev:
        found.append(f"entry {entry.seq}: does not follow the entry before it")
    if entry.hash != chain_hash(entry.prev_hash, *entry_row(entry)[:-2]):
        found.append(f"entry {entry.seq}: was changed after it was written")
    return found


def _definition(journal: Journal, table: str) -> str:
    return str(journal.rows("select sql from sqlite_master where name = ?", (table,))[0]["sql"])


def write(connection: sqlite3.Connection, rows: Iterable[Statement]) -> None:
    for sql, values in rows:
        connection.execute(sql, values)


def _differences(journal: Journal, fresh: sqlite3.Connection, table: str) -> list[str]:
    sql = f"select * from {table} order by 1, 2, 3"
    stored = journal.reader.execute(sql).fetchall()
    made = fresh.execute(sql).fetchall()
    if stored == made:
        return []
    extra = len([row for row in stored if row not in set(made)])
    return [f"table {table}: {len(stored)} rows, {extra} of them differ from what the journal says ({len(made)} rows)"]


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
