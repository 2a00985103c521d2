"""The server's clock inside the forecaster: a moment once heard, carried on by seconds that never step.

The office's clock is not the machine's: a forecast dated by the latter would be too old, or of the future, wherever
the two differ.
"""

import json
from datetime import datetime, timedelta

from queue_server.clock import Steady, steady_now, utc_now

APART = timedelta(seconds=2)  # from which on the server tells its time again


class ServerTime:
    """Called, it is the server's moment. Until the server has told one, the machine's clock stands in."""

    def __init__(self, now: datetime | None = None, steady: Steady = steady_now) -> None:
        self._steady = steady
        self.set(now or utc_now())

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=self._steady() - self._since)

    def set(self, now: datetime) -> None:
        """It is this moment at the server."""
        self._at, self._since = now, self._steady()

    def hears(self, line: str) -> bool:
        """Whether a line of the server tells its time; then it holds."""
        try:
            now = datetime.fromisoformat(json.loads(line)["now"])
        except (ValueError, KeyError, TypeError):
            return False
        if now.tzinfo is None:
            return False
        self.set(now)
        return True


def time_line(now: datetime) -> bytes:
    """The line that tells the server's time."""
    return json.dumps({"now": now.isoformat()}).encode() + b"\n"
