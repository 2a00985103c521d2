"""When the nightly fit runs: a child of the forecaster, one at a time, gone with it, within its budget."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from queue_server.logs import Log

log = Log(__name__)

OLD = timedelta(hours=24)


@dataclass(slots=True)
class NightFit:
    """Due after a day was closed, and when the last fit is older than a day. Inactive ones start nothing."""

    data: Path
    site: Path | None = None
    active: bool = False
    wanted: bool = False
    _started: datetime | None = None
    _process: subprocess.Popen[bytes] | None = None

    def due(self, now: datetime, fitted_at: datetime | None) -> bool:
        """Whether it should run now; what failed is tried again after a day."""
        if not self.active or self._process is not None:
            return False
        newest = max((at for at in (fitted_at, self._started) if at is not None), default=None)
        due = self.wanted or newest is None or now - newest >= OLD
        if due:
            self._started = now
        return due

    def start(self) -> None:
        """Starts the child; a machine that cannot is logged."""
        self.wanted = False
        command = [sys.executable, "-m", "queue_server.forecaster.night", "--data", str(self.data)]
        command += ["--site", str(self.site)] if self.site else []
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        except OSError as error:
            log.warning("night-fit-not-started", error=str(error))

    def done(self) -> bool:
        """True once, when the child has ended."""
        if self._process is None or self._process.poll() is None:
            return False
        if self._process.returncode:
            log.warning("night-fit-failed", code=self._process.returncode)
        self._process = None
        return True

    def stop(self) -> None:
        """Ends the child; the next start of the program fits again."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None
