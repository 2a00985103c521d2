"""`python -m queue_server.forecaster --data DIR [--site FILE]`: started by the server as its child."""

import argparse
import contextlib
import os
import signal
from datetime import datetime
from pathlib import Path

from queue_server.forecaster.night_fit import NightFit
from queue_server.forecaster.server_time import ServerTime
from queue_server.forecaster.worker import Worker, run
from queue_server.logs import configure_logs
from queue_server.site.loader import load_site

NICE = 10


def main() -> None:
    """Reads the options and follows the journal until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m queue_server.forecaster", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--site", type=Path)
    parser.add_argument("--now", type=datetime.fromisoformat, help="look at the journal as of this moment (ISO 8601)")
    parser.add_argument("--looks", type=int, help="stop after so many looks")
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's; it ends our standard input
    with contextlib.suppress(OSError):
        os.nice(NICE)
    configure_logs()
    clock = ServerTime(given.now)
    night = NightFit(given.data, given.site, active=True)
    worker = Worker(given.data, load_site(given.site), night=night)
    try:
        run(worker, clock=clock, looks=given.looks)
    finally:
        worker.end(clock())


if __name__ == "__main__":
    main()
