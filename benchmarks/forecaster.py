"""Cost of one look of the forecasting program: `python -m benchmarks.forecaster`. Milliseconds of one core."""

import argparse
import statistics
import time
from datetime import timedelta

from queue_server.forecaster.knowledge import Hours, known_now
from queue_server.forecaster.look import ADVICE_EVERY, Memory, look
from queue_server.forecaster.past import Past
from tests.forecaster.builders import a_full_office

SIZES = ((8, 40), (40, 300))


def main() -> None:
    """Prints a plain look, and one that also looks at the target and for advice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=int, default=5)
    given = parser.parse_args()
    print("counters  waiting  futures  look (ms)  with risk and advice (ms)  learning (ms)")
    for counters, waiting in SIZES:
        day = a_full_office(counters, waiting)
        began = time.process_time()
        known = known_now(day.state, Past(), Hours(), day.now)
        learning = 1000 * (time.process_time() - began)
        memory = Memory()
        plain: list[float] = []
        whole: list[float] = []
        answer = look(day.state, known, memory, day.now)  # compiles, where nothing is kept from an earlier run
        for n in range(given.looks):
            for costs, later in ((plain, timedelta(seconds=1)), (whole, ADVICE_EVERY)):
                now = day.now + n * ADVICE_EVERY + later
                memory.looked_at = now if costs is plain else None
                began = time.process_time()
                answer = look(day.state, known, memory, now)
                costs.append(1000 * (time.process_time() - began))
        print(
            f"{counters:>8}  {waiting:>7}  {answer['futures']:>7}  {statistics.median(plain):>9.0f}  "
            f"{statistics.median(whole):>25.0f}  {learning:>13.0f}"
        )


if __name__ == "__main__":
    main()
