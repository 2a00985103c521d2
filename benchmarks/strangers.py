"""What others feel of a stranger's sockets, as a ratio in one run: `python -m benchmarks strangers`.

Honest people open a connection for each request; p95 of theirs alone and beside a stranger at one other address, who
keeps idle connections, half-sent requests and live pages open, and comes back after a while when he is shut out.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.servers import office, quantile

STRANGER, HONEST = "127.0.0.7", "127.0.0.8"
HALF = b"POST /api/v1/tickets HTTP/1.1\r\nHost: office\r\nContent-Le"
STREAM = b"GET /board/all/stream HTTP/1.1\r\nHost: office\r\n\r\n"
PATH = "/api/v1/services"


def main(argv: list[str]) -> int:
    options = _options(argv)
    if options.stranger:
        where = urlsplit(options.stranger)
        asyncio.run(besiege(where.hostname or "", where.port or 80, options))
        return 0
    with tempfile.TemporaryDirectory() as folder, office(Path(folder)) as running:
        where = urlsplit(running.url)
        rounds = [measured(running.url, where.port or 80, options) for _ in range(options.rounds)]
    alone = statistics.median(each["alone"] for each in rounds)
    beside = statistics.median(each["beside"] for each in rounds)
    failed = sum(each["failed"] for each in rounds)
    ratio = beside / alone
    print(f"others' p95: alone {alone:.2f} ms, beside {beside:.2f} ms, ratio {ratio:.2f}; failed {failed:.0f}")
    if options.json:
        options.json.write_text(json.dumps({"alone": alone, "beside": beside, "ratio": ratio, "failed": failed}))
    return 1 if failed else 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks strangers", description=__doc__)
    parser.add_argument("--idle", type=int, default=2000, help="idle connections of the stranger")
    parser.add_argument("--half", type=int, default=1000, help="half-sent requests of the stranger")
    parser.add_argument("--streams", type=int, default=900, help="live pages of the stranger")
    parser.add_argument("--again", type=float, default=30, help="seconds until he opens again what was closed")
    parser.add_argument("--requests", type=int, default=1500, help="requests of others, each time")
    parser.add_argument("--pause", type=float, default=0.004, help="seconds between two requests of others")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--stranger", help=argparse.SUPPRESS)  # the address to besiege, in a process of its own
    return parser.parse_args(argv)


def measured(url: str, port: int, options: argparse.Namespace) -> dict[str, float]:
    """One round: p95 in milliseconds alone, then beside the stranger, and how many got no answer."""
    alone, lost = asyncio.run(knock(port, options.requests, options.pause))
    with stranger(url, options):
        beside, lost_beside = asyncio.run(knock(port, options.requests, options.pause))
    return {"alone": quantile(alone, 0.95), "beside": quantile(beside, 0.95), "failed": lost + lost_beside}


@contextmanager
def stranger(url: str, options: argparse.Namespace) -> Iterator[None]:
    """The stranger's program, once all his sockets have been opened."""
    given = [f"--{name}={getattr(options, name)}" for name in ("idle", "half", "streams", "again")]
    command = [sys.executable, "-m", "benchmarks", "strangers", "--stranger", url, *given]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    try:
        yield
    finally:
        child.terminate()
        child.wait()


async def besiege(host: str, port: int, options: argparse.Namespace) -> None:
    """Opens everything, says so, and opens again what is closed, until it is stopped."""
    wanted = [b""] * options.idle + [HALF] * options.half + [STREAM] * options.streams
    opened = [asyncio.Event() for _ in wanted]
    held = [
        asyncio.create_task(hold(host, port, sent, first, options.again))
        for sent, first in zip(wanted, opened, strict=True)
    ]
    for first in opened:
        await first.wait()
    print("besieged", flush=True)
    await asyncio.gather(*held)


async def hold(host: str, port: int, sent: bytes, first: asyncio.Event, again: float) -> None:
    """One socket, opened again whenever the server closes it."""
    while True:
        try:
            reader, writer = await asyncio.open_connection(host, port, local_addr=(STRANGER, 0))
            first.set()
            writer.write(sent)
            while await reader.read(65536):
                pass
            writer.close()
        except OSError:
            first.set()
        await asyncio.sleep(again)


async def knock(port: int, requests: int, pause: float) -> tuple[list[float], int]:
    """Milliseconds of each request on a connection of its own, and how many were not answered with 200."""
    request = f"GET {PATH} HTTP/1.1\r\nHost: office\r\nConnection: close\r\n\r\n".encode()
    took, lost = [], 0
    for _ in range(requests):
        began = time.perf_counter()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(HONEST, 0))
            writer.write(request)
            answer = await asyncio.wait_for(reader.read(-1), 10)
            writer.close()
        except (OSError, TimeoutError):
            answer = b""
        took.append((time.perf_counter() - began) * 1000)
        lost += not answer.startswith(b"HTTP/1.1 200")
        await asyncio.sleep(pause)
    return took, lost


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
