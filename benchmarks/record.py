"""Years of a record: how long verify, backup and restore take, and how much memory.

`python -m benchmarks record [--entries 1200000] [--work DIR]` makes a journal of copies of one simulated day, each a
day later and chained anew, until it holds so many entries. Then it runs the commands as programs of their own, verify
also with a row changed. Seconds on the clock, seconds of processor, largest memory; 1 when one is above its limit.
About ten minutes.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from queue_server.journal.anchor import End
from queue_server.journal.backup import note_end
from queue_server.journal.entry import GENESIS, chain_hash
from queue_server.journal.journal import Journal
from queue_server.journal.schema import COLUMNS, PROJECTIONS
from queue_server.settings import anchor_path, journal_path

FIRST = date(2023, 1, 2)
SECONDS = {"verify": 40.0, "verify, a row changed": 45.0}  # of processor
MEGABYTES = 150.0
FORGED = "update tickets set waited = 1 where rowid = (select max(rowid) / 2 from tickets)"
INSERT = f"insert into journal ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))})"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks record", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_200_000, help="as of 750 days of 311 tickets")
    parser.add_argument("--work", type=Path, default=None, help="folder to work in; a temporary one without")
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(dir=chosen.work) as folder:
        return measure(Path(folder), chosen.entries)


def measure(folder: Path, least: int) -> int:
    """Prints a row a command; returns 1 when one is above its limit."""
    data, archive = folder / "data", folder / "backup.tar.gz"
    data.mkdir()
    entries, days = fill(data, simulated_day(folder), least)
    size = journal_path(data).stat().st_size / 1e6
    print(f"{entries:,} entries, {days} days, {size:,.0f} MB")
    print("| command | s | s of processor | MB |\n|---|---|---|---|")
    good = run("verify", 0, "journal", "verify", "--data", data)
    good &= run("backup", 0, "backup", archive, "--data", data)
    good &= run("restore", 0, "restore", archive, "--data", folder / "restored")
    with closing(sqlite3.connect(journal_path(data))) as file:
        file.execute(FORGED)
        file.commit()
    good &= run("verify, a row changed", 1, "journal", "verify", "--data", data)
    return 0 if good else 1


def run(name: str, expected: int, *arguments: object) -> bool:
    """Runs a command in a process of its own, prints what it took; False when it failed or was above its limit."""
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "queue_server", *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert child.stderr is not None
    said = child.stderr.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    elapsed, code = time.perf_counter() - started, os.waitstatus_to_exitcode(status)
    processor, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"| {name} | {elapsed:.1f} | {processor:.1f} | {memory:.0f} |", flush=True)
    if code != expected:
        print(f"exit {code}: {said}")
    return code == expected and memory <= MEGABYTES and processor <= SECONDS.get(name, float("inf"))


def simulated_day(folder: Path) -> Path:
    """A journal with one day of the example office."""
    path = folder / "day.sqlite3"
    command = [sys.executable, "-m", "queue_server", "simulate", "--offline", "--out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def fill(data: Path, day: Path, least: int) -> tuple[int, int]:
    """Writes a journal of copies of a day, each on a date of its own; returns the number of entries and of days."""
    journal = Journal(journal_path(data))
    journal.open()
    journal.close()
    with closing(sqlite3.connect(day)) as one, closing(sqlite3.connect(journal_path(data))) as all_days:
        name = one.execute("select day from journal").fetchone()[0]
        entries = one.execute(f"select {', '.join(COLUMNS)} from journal order by seq").fetchall()
        tables = {table: one.execute(f"select * from {table}").fetchall() for table in PROJECTIONS}
        end, days = End(0, GENESIS), 0
        while end.seq < least:
            shift = Shift(name, FIRST + timedelta(days=days))
            days += 1
            rows = list(chained(entries, shift, end))
            end = End(rows[-1][0], rows[-1][-1])
            all_days.executemany(INSERT, rows)
            for table, stored in tables.items():
                if stored:
                    places = ", ".join("?" * len(stored[0]))
                    all_days.executemany(f"insert into {table} values ({places})", map(shift.row, stored))
            all_days.commit()
    note_end(anchor_path(data), end)
    return end.seq, days


class Shift:
    """Puts a day's rows on another date."""

    def __init__(self, old: str, new: date) -> None:
        moment = datetime.strptime(old, "%Y%m%d").replace(tzinfo=UTC)
        self._pairs = ((old, new.strftime("%Y%m%d")), (moment.strftime("%Y-%m-%d"), new.isoformat()))
        self._commands = new.strftime("%y%m%d-")

    def row(self, row: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(self._value(value) for value in row)

    def command(self, command_id: str | None) -> str | None:
        return self._commands + command_id if command_id else None

    def _value(self, value: object) -> object:
        if isinstance(value, str):
            for old, new in self._pairs:
                value = value.replace(old, new)
        return value


def chained(entries: list[tuple[object, ...]], shift: Shift, end: End) -> Iterator[tuple[Any, ...]]:
    """The entries of a day on another date, behind an end."""
    seq, digest = end.seq, end.hash
    for entry in entries:
        _, day, at, kind, version, command_id, *rest = shift.row(entry)[:-2]
        assert command_id is None or isinstance(command_id, str)
        seq += 1
        row = (seq, day, at, kind, version, shift.command(command_id), *rest)
        before, digest = digest, chain_hash(digest, *row)
        yield (*row, before, digest)
