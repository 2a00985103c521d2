"""Checks the whole record in one walk, day by day: linear in time, and in memory as large as its largest day."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from queue_server.journal.anchor import End, Loss
from queue_server.journal.codec import decode
from queue_server.journal.day_tables import DayTables
from queue_server.journal.entry import GENESIS, chain_hash
from queue_server.journal.journal import CURE, Journal
from queue_server.journal.projector import project
from queue_server.journal.replay import UNREADABLE
from queue_server.journal.schema import COLUMNS, PROJECTIONS
from queue_server.journal.soundness import unsound
from queue_server.queue.evolve import evolve
from queue_server.queue.state import OfficeDay

SHOWN = 20  # problems in words; the rest is counted
_PLACE = {name: place for place, name in enumerate(COLUMNS)}
_SEQ, _AT, _KIND, _DATA, _PREV, _HASH = (_PLACE[name] for name in ("seq", "at", "kind", "data", "prev_hash", "hash"))
_DAY_OF = f"select {', '.join(COLUMNS)} from journal where day = ? order by seq"

Row = Sequence[Any]


@dataclass(slots=True)
class Verdict:
    """What a check of the journal found: the first problems in words, and how many more there are."""

    entries: int = 0
    days: int = 0
    problems: list[str] = field(default_factory=list)
    more: int = 0
    damaged: bool = False  # the file itself, so that SQLite cannot be relied on

    @property
    def count(self) -> int:
        return len(self.problems) + self.more

    def add(self, problems: Iterable[str]) -> None:
        for problem in problems:
            if len(self.problems) < SHOWN:
                self.problems.append(problem)
            else:
                self.more += 1


def verify(
    journal: Journal, ends: Iterable[End] = (), *, anchored: End | None = None, confirmed: Collection[Loss] = ()
) -> Verdict:
    """Checks the file, walks the hash chain, replays every day and compares each table with a fresh one.

    `ends` are ends of the record that were noted outside: each must stand in the chain, and so must the `anchored` one
    unless a person has `confirmed` the loss. All of it reads one moment of the file, while a server may go on writing.
    """
    verdict = Verdict()
    try:
        journal.reader.execute("begin")
        if problem := unsound(journal.reader):
            verdict.damaged = True
            verdict.add([f"the database is damaged: {problem}. {CURE}"])
        with closing(DayTables(journal)) as tables:
            for day in journal.days():
                verdict.days += 1
                _check_day(journal, day, tables, verdict)
        for table in PROJECTIONS:
            verdict.add(_of_no_day(journal, table))
        lost = journal.lacks(anchored)
        lacking = [None if lost in confirmed else lost, *map(journal.lacks, ends)]
        verdict.add(str(loss) for loss in lacking if loss is not None)
    except sqlite3.Error as error:
        verdict.damaged = True
        verdict.add([f"after {verdict.entries} entries the database cannot be read: {error}. {CURE}"])
    finally:
        if journal.reader.in_transaction:
            journal.reader.execute("rollback")
    return verdict


def _check_day(journal: Journal, day: str, fresh: DayTables, verdict: Verdict) -> None:
    """One day: its links, and the tables that its events make. After an entry that nobody can read, its links only."""
    state, readable = OfficeDay(), True
    before: tuple[int, str] | None = None
    for row in journal.reader.execute(_DAY_OF, (day,)):
        verdict.entries += 1
        if before is None or before[0] != row[_SEQ] - 1:
            before = _entry_before(journal, row[_SEQ])
        verdict.add(_broken_links(row, before))
        before = (row[_SEQ], row[_HASH])
        if not readable:
            continue
        try:
            event, at = decode(row[_KIND], row[_DATA]), datetime.fromisoformat(row[_AT])
            evolve(state, event, at)
            fresh.write(project(state, event, at))
        except UNREADABLE as error:
            readable = False
            verdict.add([f"entry {row[_SEQ]}, day {day}: cannot be read ({type(error).__name__}: {error})"])
    if readable:
        verdict.add(fresh.differences(day))
    fresh.clear()


def _entry_before(journal: Journal, seq: int) -> tuple[int, str] | None:
    """Number and hash of the entry before one whose day is another's neighbour; None where it is missing."""
    if seq == 1:
        return 0, GENESIS
    row = journal.reader.execute("select seq, hash from journal where seq = ?", (seq - 1,)).fetchone()
    return (row[0], row[1]) if row else None


def _broken_links(row: Row, before: tuple[int, str] | None) -> list[str]:
    broken = []
    if before is None:
        broken.append(f"entry {row[_SEQ]}: the one before it is not there, entries are missing")
    elif row[_PREV] != before[1]:
        broken.append(f"entry {row[_SEQ]}: does not follow the entry before it")
    if row[_HASH] != chain_hash(row[_PREV], *row[:-2]):
        broken.append(f"entry {row[_SEQ]}: was changed after it was written")
    return broken


def _of_no_day(journal: Journal, table: str) -> list[str]:
    """Rows of days on which nothing happened."""
    sql = f"select day, count(*) from {table} where day not in (select distinct day from journal) group by day"
    strays = journal.reader.execute(sql)
    return [f"table {table}, day {day}: {many} rows of a day without entries" for day, many in strays]
