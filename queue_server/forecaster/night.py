"""`python -m queue_server.forecaster.night --data DIR [--site FILE]`: the nightly fit, a child of the forecaster."""

import argparse
import contextlib
import os
import signal
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from queue_server.forecaster.fitted import keep, read_lessons
from queue_server.forecaster.follow import Follower
from queue_server.forecaster.knowledge import day_counts
from queue_server.forecaster.next_hour import learn as learn_next_hour
from queue_server.forecaster.next_hour_kept import keep_next_hour
from queue_server.forecaster.past import read_only, read_past
from queue_server.forecaster.past_days import office_past
from queue_server.forecaster.worker import hours_of
from queue_server.forecasting.features_live import learn
from queue_server.forecasting.kernel_tuning import Effort
from queue_server.forecasting.learned import Growth
from queue_server.forecasting.office_tuning import EFFORT, tune
from queue_server.logs import configure_logs
from queue_server.settings import journal_path
from queue_server.site.loader import load_site
from queue_server.site.model import Site

NICE = 19
BUDGET = 900  # seconds; then the system ends it and the last fit stays
GROWTH = Growth(trees=120, depth=5, rate=0.1)  # a third of the benchmark's: asked at every look
ALL = "99999999"


def fit(data: Path, site: Site, now: datetime, *, effort: Effort = EFFORT) -> bool:
    """Fits all three from the closed days and replaces `fitted.json` and `arrivals.json`; false where no day has begun.

    Raises `sqlite3.Error` or `OSError`.
    """
    follower = Follower(journal_path(data))
    for _ in follower.news():
        pass
    state = follower.state
    follower.close()
    if state.config is None:
        return False
    connection = read_only(journal_path(data))
    try:
        past = read_past(connection, ALL if state.closed else state.day, days=None)
    finally:
        connection.close()
    hours = hours_of(site, now.date())
    office = office_past(state.config, past, hours)
    lessons = read_lessons(data)
    tuned = tune(office, state.policy, effort=effort)
    model = learn(lessons, growth=GROWTH)
    keep_next_hour(data, learn_next_hour(day_counts(past.tickets, hours), hours.calendar))
    keep(
        data, at=now, days=len(office.days), lessons=len(lessons), against=state.policy, tuned=tuned, model=model
    )  # fmt: skip
    return True


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m queue_server.forecaster.night", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--site", type=Path)
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.alarm(BUDGET)
    with contextlib.suppress(OSError):
        os.nice(NICE)
    configure_logs()
    try:
        fit(given.data, load_site(given.site), datetime.now(UTC))
    except (sqlite3.Error, OSError) as error:
        sys.stderr.write(f"motcua: nothing was fitted: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
