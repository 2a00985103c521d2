"""What one look of the forecasting program costs, beside the barest run of as many people. Milliseconds of one core.

python -m benchmarks forecaster [--looks 200] [--policy NAME] [--json OUT]

The floor is first come, first served in compiled code: as many futures, people and counters, but one line, no skills,
no rules, nothing drawn and nothing told. Every look is a second later than the one before.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from queue_server.forecaster.knowledge import Hours, known_now
from queue_server.forecaster.look import Memory, line_played, look
from queue_server.forecaster.past import Past
from queue_server.forecaster.samples import asked_lines, probes
from queue_server.forecasting.kernel import Floats
from queue_server.forecasting.outlook_office import live_scene
from queue_server.forecasting.target_look import Known
from queue_server.queue import commands as cmd
from queue_server.queue.config import Policy
from queue_server.queue.policy import NAMES
from queue_server.site.schema import PolicyFile
from tests.forecaster.builders import a_full_office
from tests.queue.builders import Day

SIZES = ((8, 40), (40, 300))
SELDOM = 5  # looks at waits alone for one look at everything
NEXT = timedelta(seconds=1)


@njit(cache=True)
def bare(arrive: Any, minutes: Any, size: Any, free_at: Any, start: Any) -> None:
    """First come, first served: who comes next goes to the counter that is free first."""
    for r in range(len(size)):
        free = free_at[r].copy()
        for i in range(size[r]):
            c = 0
            for k in range(1, len(free)):
                if free[k] < free[c]:
                    c = k
            start[r, i] = max(arrive[r, i], free[c])
            free[c] = start[r, i] + minutes[r, i]


def cpu(work: Callable[[], object], times: int) -> Floats:
    """Milliseconds of this process' own CPU time, one for each time."""
    found = np.empty(times)
    for n in range(times):
        begin = time.process_time()
        work()
        found[n] = 1000.0 * (time.process_time() - begin)
    return found


def floor(day: Day, known: Known, memory: Memory, times: int) -> float:
    """The median of the bare run over the people of one look."""
    live = live_scene(day.state, known.basis, known.plan, day.now, level=known.level)
    played = line_played(live, memory, probes(live, asked_lines(day.state, live)))
    # No further than the real run went: nobody who comes after the last call.
    last = np.where(np.isfinite(played.start), played.start, live.scene.now).max(axis=1)
    size = (played.real & (played.crowd.arrive <= last[:, None])).sum(axis=1)
    crowd, start = played.crowd, np.empty(played.start.shape)

    def once() -> None:
        bare(crowd.arrive, crowd.minutes, size, played.lot.desks.free_at, start)

    once()  # compiles
    return float(np.median(cpu(once, times)))


def costs(counters: int, waiting: int, looks: int, policy: str) -> dict[str, float]:
    """Every figure of one office."""
    day = a_full_office(counters, waiting)
    day.do(cmd.ChangePolicy(policy=Policy(name=policy)))
    learning = cpu(lambda: known_now(day.state, Past(), Hours(), day.now), 3)
    known, memory = known_now(day.state, Past(), Hours(), day.now), Memory()
    now = day.now
    answer = look(day.state, known, memory, now)  # compiles, where nothing is kept from an earlier run

    def once(whole: bool) -> None:
        nonlocal now, answer
        now += NEXT
        memory.looked_at = None if whole else now
        answer = look(day.state, known, memory, now)

    waits = cpu(lambda: once(False), looks)
    everything = cpu(lambda: once(True), max(1, looks // SELDOM))
    line = cpu(lambda: json.dumps(answer, ensure_ascii=False, allow_nan=False), 5)
    least = floor(day, known, memory, 20)
    return {
        "futures": answer["futures"],
        "waits, median": float(np.median(waits)),
        "waits, p99": float(np.quantile(waits, 0.99)),
        "everything, median": float(np.median(everything)),
        "everything, p99": float(np.quantile(everything, 0.99)),
        "floor": least,
        "waits against floor": float(np.median(waits)) / least,
        "learning": float(np.median(learning)),
        "writing the line": float(np.median(line)),
        "memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


def main(argv: list[str]) -> int:
    """Prints a look at the waits, and one that also looks at the target and for advice; writes JSON where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks forecaster", description=__doc__)
    parser.add_argument("--looks", type=int, default=200)
    parser.add_argument("--policy", default=PolicyFile().name, choices=NAMES)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(argv)
    found = {f"{c} counters, {w} waiting": costs(c, w, max(1, given.looks), given.policy) for c, w in SIZES}
    for title, parts in found.items():
        print(title)
        for name, value in parts.items():
            print(f"  {name:<22}{value:>9.1f}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0
