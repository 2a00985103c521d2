"""A second machine: how far behind the record it is, and what it costs the office.

`python -m benchmarks follower [--requests 4000] [--rounds 3] [--work DIR]` posts tickets as fast as the office takes
them, by turns with and without a follower on the same machine, and looks into both records every 20 ms. Behind is the
time from an entry on the office's disk to the same entry on the follower's. 1 where that was more than a second at 500
commands a second or more. About a minute; the follower's processor is the office's own here.
"""

import argparse
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.servers import Running, office, program, quantile
from queue_server.auth import Tokens
from queue_server.contract.ports import Identity
from queue_server.keys import load_secret
from queue_server.settings import journal_path

LOOK = 0.02
MOST = 1.0  # seconds behind
RATE = 500.0  # commands a second
CLIENTS = 16
LAST = "select max(seq) from journal"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks follower", description=__doc__)
    parser.add_argument("--requests", type=int, default=4000, help="tickets a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=None, help="folder to work in; a temporary one without")
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(dir=chosen.work) as folder:
        return measure(Path(folder), chosen.requests, chosen.rounds)


@dataclass
class Looks:
    """Where a record ended, and when that was seen."""

    path: Path
    seen: list[tuple[float, int]] = field(default_factory=list)

    def look(self, base: sqlite3.Connection) -> None:
        self.seen.append((time.perf_counter(), base.execute(LAST).fetchone()[0] or 0))


def measure(folder: Path, requests: int, rounds: int) -> int:
    """Prints the figures; returns 1 when the follower was too far behind."""
    data, second = folder / "office", folder / "second"
    alone: list[float] = []
    beside: list[float] = []
    behind: list[float] = []
    with office(data) as running:
        tokens = Tokens(load_secret(data))
        kiosk = tokens.make(Identity(role="kiosk", kiosk="kiosk-1", subject="kiosk-1"))
        follower = tokens.make(Identity(role="follower", subject="follower"))
        load(running, kiosk, requests // 4)
        for _ in range(rounds):
            alone.append(load(running, kiosk, requests))
            follow = ["-m", "queue_server", "follow", "--of", running.url, "--token", follower, "--data", str(second)]
            with program(follow), watching(data, second) as (ours, theirs):
                beside.append(load(running, kiosk, requests))
                time.sleep(MOST)
            behind += lags(ours.seen, theirs.seen)
    rate, without = statistics.median(beside), statistics.median(alone)
    worst = max(behind)
    print("| what | |\n|---|---|")
    print(f"| POST /tickets a second, alone | {without:.0f} |")
    print(f"| POST /tickets a second, with a follower on the same two cores | {rate:.0f} |")
    print(f"| ratio | {rate / without:.2f} |")
    print(f"| seconds behind: median | {statistics.median(behind):.2f} |")
    print(f"| seconds behind: 95 of 100 | {quantile(behind, 0.95):.2f} |")
    print(f"| seconds behind: worst | {worst:.2f} |")
    return int(rate >= RATE and worst > MOST)


def load(running: Running, token: str, requests: int) -> float:
    """Answers a second."""
    command = [sys.executable, "-m", "benchmarks.load", running.url, "/api/v1/tickets", str(CLIENTS), str(requests)]
    said = subprocess.run([*command, '{"service":"ho_tich"}', token], capture_output=True, text=True, check=True)
    rate, failed = said.stdout.split()[:2]
    if int(failed):
        raise RuntimeError(f"{failed} of {requests} were not answered with 2xx")
    return float(rate)


@contextmanager
def watching(data: Path, second: Path) -> Iterator[tuple[Looks, Looks]]:
    """Looks at both records until the end of the block."""
    both = Looks(journal_path(data)), Looks(journal_path(second))
    ending = threading.Event()

    def watch() -> None:
        with closing(_reader(both[0].path)) as ours, closing(_reader(both[1].path)) as theirs:
            while not ending.wait(LOOK):
                both[0].look(ours)
                both[1].look(theirs)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield both
    finally:
        ending.set()
        watcher.join()


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def lags(ours: list[tuple[float, int]], theirs: list[tuple[float, int]]) -> list[float]:
    """For each look at the office that saw something new: the seconds until the other record held that too."""
    found, place, before = [], 0, -1
    for moment, seq in ours:
        if seq == before:
            continue
        before = seq
        while place < len(theirs) and theirs[place][1] < seq:
            place += 1
        reached = theirs[place][0] if place < len(theirs) else theirs[-1][0] + MOST
        found.append(max(0.0, reached - moment))
    return found
