"""Starts the programs that are measured, and tells what they use."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A started program: its address, process and the seconds until it served."""

    url: str
    pid: int
    ready_after: float


@contextmanager
def program(arguments: list[str], ready: str = "ready ") -> Iterator[Running]:
    """Runs a Python program of ours until it prints `ready http://…`; stops it at the end."""
    started = time.perf_counter()
    child = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith(ready):
                yield Running(line.split()[1], child.pid, time.perf_counter() - started)
                return
        raise RuntimeError(f"{arguments} did not become ready")
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()


@contextmanager
def office(data: Path) -> Iterator[Running]:
    """Our server, alone, on a data folder."""
    arguments = ["-m", "queue_server", "server", "--data", str(data), "--port", "0", "--mqtt-port", "0"]
    with program(arguments) as running:
        yield running


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    text = Path(f"/proc/{pid}/statm").read_text()
    return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
