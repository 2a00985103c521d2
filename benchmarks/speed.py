"""How fast the server is, each figure beside its floor measured in the same run: `python -m benchmarks speed`."""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.history import fill
from benchmarks.hops import mqtt_hops, sse_hops
from benchmarks.servers import Running, office, program, quantile, resident_mb
from queue_server.auth import Tokens
from queue_server.contract.ports import Identity
from queue_server.keys import load_secret
from queue_server.queue import commands as cmd
from queue_server.queue.config import Counter, OfficeConfig, Service
from queue_server.queue.decide import apply
from queue_server.queue.routing import choose
from queue_server.queue.state import OfficeDay
from queue_server.site.loader import load_site

CLIENTS = 64


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    what: str
    ours: str
    floor: str
    ratio: str
    must: str


def main(argv: list[str]) -> int:
    options = _options(argv)
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as folder:
        lines += posts(Path(folder), options.requests, 0)
        if options.history:
            lines += posts(Path(folder) / "old", options.requests, options.history)
        lines += hops(Path(folder) / "hops", options.hops)
        lines += [routing()]
        lines += start(Path(folder) / "day")
        lines += kiosk(options.kiosk)
    show(lines)
    if options.json:
        options.json.write_text(json.dumps([asdict(line) for line in lines], ensure_ascii=False))
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    parser.add_argument("--requests", type=int, default=6000, help="tickets a measured run takes")
    parser.add_argument("--history", type=int, default=100_000, help="tickets of the past; 0 leaves that line out")
    parser.add_argument("--hops", type=int, default=300, help="calls measured to each listener")
    parser.add_argument("--json", type=Path, help="also write the table here")
    parser.add_argument("--kiosk", action="store_true", help="measure the kiosk too (offscreen)")
    return parser.parse_args(argv)


def token(data: Path, role: str) -> str:
    return Tokens(load_secret(data)).make(Identity(role=role, subject="benchmark"))


def load(running: Running, path: str, requests: int, body: str, bearer: str = "") -> float:
    """Requests per second from a client in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load", running.url, path, str(CLIENTS), str(requests), body]
    got = subprocess.run([*command, *([bearer] if bearer else [])], capture_output=True, text=True, check=True)
    rate, failed = got.stdout.split()
    if int(failed):
        raise RuntimeError(f"{failed} of {requests} requests failed")
    return float(rate)


def posts(data: Path, requests: int, history: int) -> list[Line]:
    """`POST /tickets` with 64 keep-alive clients; rounds of floor and ours take turns, the median ratio counts."""
    data.mkdir(parents=True, exist_ok=True)
    if history:
        fill(data, history, days_ago=1)
    service = next(iter(load_site(None).office.services))
    body = json.dumps({"service": service, "language": "vi"})
    ours: list[float] = []
    floor: list[float] = []
    with office(data) as server, program(["-m", "benchmarks.floors", "post", str(data / "floor.db")]) as bare:
        bearer = token(data, "kiosk")
        for _ in range(3):
            floor.append(load(bare, "/tickets", requests, body))
            ours.append(load(server, "/api/v1/tickets", requests, body, bearer))
        memory = resident_mb(server.pid)
    ratio = statistics.median(a / b for a, b in zip(ours, floor, strict=True))
    name = f"POST /tickets, durable, {CLIENTS} clients" + (f", {history:,} tickets of history" if history else "")
    mine, bare_rate = statistics.median(ours), statistics.median(floor)
    note = f"{mine:,.0f}/s ({memory:.0f} MB)"
    return [Line(name, note, f"{bare_rate:,.0f}/s", f"{ratio:.2f}", "≥ 0.50")]


def hops(data: Path, count: int) -> list[Line]:
    """`call-next` until a listener has read the event, p95, beside a raw hop."""
    data.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, (ours, floor) in {
        "call-next → SSE listener": asyncio.run(sse_hops(data / "sse", count)),
        "call-next → MQTT subscriber": asyncio.run(mqtt_hops(data / "mqtt", count)),
    }.items():
        mine, bare = quantile(ours, 0.95), quantile(floor, 0.95)
        lines.append(Line(f"{name}, p95", f"{mine * 1e3:.2f} ms", f"{bare * 1e3:.2f} ms", f"{mine / bare:.2f}", "≤ 3"))
    return lines


def big_office(services: int, waiting: int) -> tuple[OfficeDay, datetime]:
    """A day with everybody waiting, spread over services and classes."""
    base = load_site(None).office
    made = {f"s{i}": Service(id=f"s{i}", name={"vi": f"S{i}"}, prefix=chr(65 + i)) for i in range(services)}
    counters = {"c": Counter(id="c", label="1", services=tuple(made))}
    parts = {name: getattr(base, name) for name in base.__slots__}
    config = OfficeConfig(**{**parts, "services": made, "counters": counters})
    state, now = OfficeDay(), datetime(2026, 11, 23, 1, tzinfo=UTC)
    apply(state, cmd.OpenDay(day="20261123", config=config), now)
    apply(state, cmd.OpenCounter(counter="c", officer="o"), now)
    classes = [c.id for c in config.classes.values() if c.kind != "appointment"]
    for i in range(waiting):
        now += timedelta(milliseconds=100)
        wanted = (cmd.Wanted(service=f"s{i % services}"),)
        apply(state, cmd.IssueTicket(wanted=wanted, class_id=classes[i % len(classes)]), now)
    return state, now


def routing() -> Line:
    """One decision with 10,000 waiting in 20 services."""
    state, now = big_office(20, 10_000)
    times = []
    for i in range(3000):
        at = now + timedelta(seconds=i)
        started = time.thread_time_ns()  # what the decision costs, without what other programs take meanwhile
        choose(state, "c", at)
        times.append((time.thread_time_ns() - started) / 1e9)
    p99 = quantile(times, 0.99) * 1e6
    return Line("routing, 10,000 waiting in 20 services, p99", f"{p99:.0f} µs", "–", "–", "≤ 100 µs")


def start(data: Path) -> list[Line]:
    """From the command to `ready` with a day of 25,000 entries."""
    entries = fill(data, 6250, days_ago=0)
    with office(data) as server:
        time.sleep(1.0)
        memory = resident_mb(server.pid)
        seconds = server.ready_after
    floor = bare_start()
    return [
        Line(
            f"start with a day of {entries:,} entries",
            f"{seconds:.2f} s",
            f"{floor:.2f} s",
            f"{seconds / floor:.1f}",
            "≤ 1.5 s",
        ),
        Line("  resident memory after it", f"{memory:.0f} MB", "–", "–", "≤ 150 MB"),
    ]


def bare_start() -> float:
    """The same for the bare FastAPI program."""
    with tempfile.TemporaryDirectory() as folder, program(["-m", "benchmarks.floors", "hop"]) as bare:
        return bare.ready_after if folder else 0.0


def kiosk(wanted: bool) -> list[Line]:
    """The kiosk's own measurement, offscreen, in a process of its own."""
    if not wanted:
        return []
    got = subprocess.run([sys.executable, "-m", "benchmarks.kiosk"], capture_output=True, text=True, check=True)
    figures = json.loads(got.stdout.splitlines()[-1])
    return [
        Line("kiosk: start to first screen", f"{figures['start']:.2f} s", "–", "–", "reported"),
        Line("kiosk: tap to next screen drawn, median", f"{figures['tap_median'] * 1e3:.0f} ms", "–", "–", "reported"),
        Line("kiosk: longest frame in a handler", f"{figures['frame_max'] * 1e3:.0f} ms", "–", "–", "≤ 100 ms"),
    ]


def show(lines: list[Line]) -> None:
    heads = Line("what", "ours", "floor", "ratio", "must reach")
    rows = [(r.what, r.ours, r.floor, r.ratio, r.must) for r in (heads, *lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
