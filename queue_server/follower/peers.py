"""Two machines for one office: whoever was followed asks, at its start and while it runs, whether somebody took over.

The higher generation serves. A machine that cannot ask opens: an office never waits for an answer.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from queue_server.follower.followers import read_followers
from queue_server.follower.link import generation as ask
from queue_server.generation import count_of, read_generation
from queue_server.kit.program import program
from queue_server.logs import Log
from queue_server.options import ConfigError

log = Log(__name__)

LIMIT = 1.0  # seconds for an answer, all asked at once
LOOK = 2.0  # seconds between two rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """Another machine serves our office in a later generation."""

    address: str
    generation: str

    def __str__(self) -> str:
        return (
            f"{self.address} has taken this office over (generation {self.generation}), so it does not open here a "
            "second time. Keep this folder for what it may hold alone, and follow that machine into an empty one: "
            f"{program()} follow --of {self.address} --data FOLDER --token TOKEN (made there: motcua token follower)"
        )


def taken_over(data: Path, office: str) -> TakenOver | None:
    """Asks every machine that ever followed whether it serves our office in a generation that is not before ours."""
    ours = read_generation(data)
    addresses = list(read_followers(data))
    if not addresses:
        return None
    with ThreadPoolExecutor(max_workers=len(addresses)) as asking:
        for address, theirs in zip(addresses, asking.map(lambda url: ask(url, LIMIT), addresses), strict=True):
            if theirs is None or theirs.office != office or not theirs.generation:
                continue
            if theirs.generation >= count_of(ours) and theirs.name != (ours.name if ours else ""):
                return TakenOver(address=address, generation=theirs.name)
    return None


def refuse_when_taken_over(data: Path, office: str) -> None:
    """Raises `ConfigError` where another machine serves the office that lies in this folder."""
    found = taken_over(data, office)
    if found is not None:
        raise ConfigError(str(found))


async def watch_peers(data: Path, office: str, result: "asyncio.Future[TakenOver]") -> None:
    """Looks on while the office runs, for the line to the other machine may come back later."""
    while True:
        await asyncio.sleep(LOOK)
        found = await asyncio.to_thread(taken_over, data, office)
        if found is not None:
            log.error("taken-over", address=found.address, generation=found.generation)
            result.set_result(found)
            return
