"""The tables of one day, made anew beside the stored ones, and how the two differ."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from queue_server.journal.journal import Journal
from queue_server.journal.projector import WHOLE_ROWS, Statement
from queue_server.journal.schema import PROJECTIONS

Row = tuple[Any, ...]


class DayTables:
    """Empty copies of the tables of a journal. `write` a day, ask for `differences`, `clear`; `close` at the end."""

    def __init__(self, journal: Journal) -> None:
        self._stored = journal.reader
        self._fresh = sqlite3.connect(":memory:", isolation_level=None)
        self._waiting: dict[tuple[object, ...], Statement] = {}
        for table in PROJECTIONS:
            row = self._stored.execute("select sql from sqlite_master where name = ?", (table,)).fetchone()
            if row is None:
                raise sqlite3.DatabaseError(f"the table {table} is not there")
            self._fresh.execute(row[0])

    def write(self, statements: Iterable[Statement]) -> None:
        """Carries statements out. Whole rows wait for the end of the day: most are replaced several times."""
        for sql, values in statements:
            if sql in WHOLE_ROWS:
                self._waiting[sql, values[0], values[1]] = (sql, values)
            else:
                self._fresh.execute(sql, values)

    def differences(self, day: str) -> list[str]:
        """A line for each table whose rows of the day are others than the stored ones."""
        for sql, values in self._waiting.values():
            self._fresh.execute(sql, values)
        return [line for table in PROJECTIONS for line in self._compare(table, day)]

    def clear(self) -> None:
        self._waiting.clear()
        for table in PROJECTIONS:
            self._fresh.execute(f"delete from {table}")

    def close(self) -> None:
        self._fresh.close()

    def _compare(self, table: str, day: str) -> list[str]:
        sql = f"select * from {table} where day = ?"
        cursor = self._stored.execute(sql, (day,))
        names = [column[0] for column in cursor.description]
        stored, fresh = Counter(cursor), Counter(self._fresh.execute(sql, (day,)))
        if stored == fresh:
            return []
        keys = self._key_columns(table)
        has, should = _by_key(stored - fresh, keys), _by_key(fresh - stored, keys)
        differing = sorted(has.keys() | should.keys(), key=str)
        first = _difference(names, has.get(differing[0]), should.get(differing[0]))
        named = " ".join(map(str, differing[0]))
        many = len(differing)
        return [f"table {table}, day {day}: {many} rows differ from what the journal says; the first: {named} {first}"]

    def _key_columns(self, table: str) -> list[int]:
        """Where the columns of the primary key stand among all."""
        return [place for place, _, _, _, _, key in self._fresh.execute(f"pragma table_info({table})") if key]


def _by_key(rows: Iterable[Row], keys: Sequence[int]) -> dict[Row, Row]:
    return {tuple(row[place] for place in keys) or row: row for row in rows}


def _difference(names: Sequence[str], has: Row | None, should: Row | None) -> str:
    if has is None or should is None:
        return "is not in the table" if has is None else "is in the table only"
    name, old, new = next(three for three in zip(names, has, should, strict=True) if three[1] != three[2])
    return f"has {name} {old!r} for {new!r}"
