"""The clocks of one machine: one on the wall, which may be wrong, jump and drift, and a steady one."""

from datetime import datetime, timedelta

from tests.storm.timeline import Timeline

RIGHT = 1.0  # seconds: as near as a time server keeps it


class MachineClock:
    """`wall` is what the machine takes for the time, `steady` counts seconds and only goes forward."""

    def __init__(self, timeline: Timeline, begins: datetime) -> None:
        self._timeline = timeline
        self._begins = begins
        self._offset = 0.0
        self._drift = 0.0
        self._since = 0.0
        self._boots = 1
        self._booted = -5000.0
        self.right_since: float | None = 0.0  # virtual seconds; None while it is wrong

    @property
    def error(self) -> float:
        """How many seconds the wall clock is ahead of the true time."""
        return self._offset + self._drift * (self._timeline.now - self._since)

    def wall(self) -> datetime:
        return self.true() + timedelta(seconds=self.error)

    def true(self) -> datetime:
        """The time that only the story knows."""
        return self.true_at(self._timeline.now)

    def true_at(self, seconds: float) -> datetime:
        """The same, of another moment of the story."""
        return self._begins + timedelta(seconds=seconds)

    def steady(self) -> float:
        return self._timeline.now - self._booted

    @property
    def boot(self) -> str:
        """Names this run of the machine."""
        return f"boot-{self._boots}"

    def reboot(self) -> None:
        """The machine was without power: its steady clock begins anew, the one on the wall goes on."""
        self._boots += 1
        self._booted = self._timeline.now

    def jump(self, seconds: float) -> None:
        """Somebody sets it, so far from where it stands."""
        self._change(self.error + seconds, self._drift)

    def drift(self, rate: float) -> None:
        """It runs fast (or slow) by so many seconds a second."""
        self._change(self.error, rate)

    def correct(self) -> None:
        """The time server is reached."""
        self._change(0.0, 0.0)

    def _change(self, offset: float, drift: float) -> None:
        self._offset, self._drift, self._since = offset, drift, self._timeline.now
        wrong = abs(offset) > RIGHT or drift != 0.0
        self.right_since = None if wrong else self._timeline.now
