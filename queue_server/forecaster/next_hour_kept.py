"""`arrivals.json` in the data folder: what the nightly fit learned of the next hour's arrivals."""

import json
from pathlib import Path

from queue_server.forecaster.files import replace_whole
from queue_server.forecaster.next_hour import NextHour
from queue_server.logs import Log

log = Log(__name__)

ARRIVALS = "arrivals.json"


def keep_next_hour(data: Path, found: NextHour | None) -> None:
    """Replaces what was learned before; raises `OSError`."""
    replace_whole(data / ARRIVALS, None if found is None else found.to_state())


def read_next_hour(data: Path) -> NextHour | None:
    """The last one; none, and a file that nobody can read, is as if nothing had been learned."""
    try:
        found = json.loads((data / ARRIVALS).read_text("utf-8"))
        return None if found is None else NextHour.from_state(found)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("arrivals-file-unreadable", file=data / ARRIVALS, error=repr(error))
        return None
