"""The office's time at this kiosk: the server's clock as last heard, carried on by seconds that never step.

A kiosk's own clock may be years wrong, so alone it decides nothing: not what day it is, and not when a number was
taken. What was heard is kept on disk. After a restart of the program alone the seconds have gone on; after one of the
machine the time is what the own clock says, corrected as it was before, and never earlier than what was heard last.
"""

import contextlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk.lease import ZONE, office_day

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The server's time, and what the clocks of this kiosk said at that moment. `boot`: this run of the machine."""

    at: datetime
    wall: datetime
    steady: float
    boot: str


def wall_now() -> datetime:
    """The kiosk's own clock."""
    return datetime.now(UTC)


def steady_now() -> float:
    """Seconds since the machine was started, those in which it slept included where the system counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def this_boot() -> str:
    """Names this run of the machine; a fresh name where the system has none."""
    with contextlib.suppress(OSError):
        return BOOT_ID.read_text("ascii").strip()
    return uuid.uuid4().hex


class OfficeTime:
    """`hear` the server, ask `now` and `day`. `zone` is the office's."""

    def __init__(
        self,
        *,
        wall: Callable[[], datetime] = wall_now,
        steady: Callable[[], float] = steady_now,
        boot: str | None = None,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._boot = boot or this_boot()
        self._from: tuple[datetime, float] | None = None
        self.zone = ZONE

    def hear(self, at: datetime, *, took: float = 0.0) -> Heard:
        """The server's time came with an answer that took so many seconds; the way back is half of them."""
        at += timedelta(seconds=took / 2)
        steady = self._steady()
        self._from = (at, steady)
        return Heard(at=at, wall=self._wall(), steady=steady, boot=self._boot)

    def recall(self, heard: Heard | None) -> None:
        """Goes on from what was kept."""
        if heard is None:
            return
        if heard.boot == self._boot and self._steady() >= heard.steady:
            self._from = (heard.at, heard.steady)
        else:
            corrected = self._wall() + (heard.at - heard.wall)
            self._from = (max(heard.at, corrected), self._steady())

    def now(self) -> datetime:
        """The office's moment; the kiosk's own while nothing was ever heard."""
        if self._from is None:
            return self._wall()
        at, steady = self._from
        return at + timedelta(seconds=self._steady() - steady)

    def day(self) -> str | None:
        """The date in the office; None while nothing was ever heard: then the lease knows it better."""
        return None if self._from is None else office_day(self.now(), self.zone)
