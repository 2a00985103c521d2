"""What devices may ask and report, and how much of it: a broken one fills neither the journal nor the desk."""

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from queue_server.contract.problems import Refused
from queue_server.logs import Log
from queue_server.office import Office, Request
from queue_server.queue.commands import ReportDevice

log = Log(__name__)

BURST: Final = 30  # messages at once; an officer in a hurry needs fewer
EVERY: Final = 3.0  # seconds for each further one
CALM: Final = 60.0  # seconds without a message too many that end a flood
REMEMBERED: Final = 1_000  # devices, and faults held back of one device
FLOOD: Final = "too-many-messages"


class Allowance:
    """So many at once, and one more every so many seconds, for each name. Pure: `now` in seconds of a steady clock."""

    def __init__(self, burst: int = BURST, every: float = EVERY) -> None:
        self._burst = burst
        self._every = every
        self._full_at: OrderedDict[str, float] = OrderedDict()  # when the whole burst is there again

    def admit(self, name: str, now: float) -> bool:
        """Whether one more may pass; asking uses it up."""
        full_at = max(self._full_at.get(name, now), now) + self._every
        if full_at - now > self._burst * self._every:
            return False
        self._full_at[name] = full_at
        self._full_at.move_to_end(name)
        if len(self._full_at) > REMEMBERED:
            self._full_at.popitem(last=False)
        return True


@dataclass(slots=True)
class _Flood:
    """A device that sends too much: since when it was quiet, how much was held back, what it last said of whom."""

    last: float
    dropped: int = 0
    said: dict[str, str | None] = field(default_factory=dict)


class DeviceReports:
    """The one way of devices' health to the journal, and the limit of what each device may send.

    A device beyond its allowance is shown as faulty, what it sends is counted, and of its reports the last ones stand
    once it has been calm for `CALM` seconds.
    """

    def __init__(self, office: Office, clock: Callable[[], float] = time.monotonic, calm: float = CALM) -> None:
        self.dropped = 0
        self._office = office
        self._clock = clock
        self._calm = calm
        self._allowance = Allowance()
        self._floods: dict[str, _Flood] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def flooding(self) -> tuple[str, ...]:
        """The devices that send too much just now."""
        return tuple(self._floods)

    def admits(self, source: str) -> bool:
        """Whether one more message of this device may be acted on; what may not is counted."""
        now = self._clock()
        if self._allowance.admit(source, now):
            return True
        self.dropped += 1
        flood = self._floods.get(source)
        if flood is None:
            flood = self._floods[source] = _Flood(last=now)
            log.warning("device-floods", device=source, limit=f"{BURST} at once, then one in {EVERY:.0f} s")
            self._start(self._endure(source, self._office.state.devices.get(source)))
        flood.last = now
        flood.dropped += 1
        return False

    async def report(self, device: str, problem: str | None, *, actor: str, source: str = "") -> None:
        """A device is well (None) or has a problem; `source` is who says so, the device itself without one.

        Only a change counts. Raises `Refused` as the office does.
        """
        source = source or device
        flood = self._floods.get(source)
        if flood is None and self._office.state.devices.get(device) == problem:
            return
        if not self.admits(source) or flood is not None:
            said = self._floods[source].said
            if device in said or len(said) < REMEMBERED:
                said[device] = problem
            return
        await self._submit(device, problem, actor)

    async def _endure(self, source: str, before: str | None) -> None:
        """Show the flood, wait for its end, and then tell what the device said last."""
        await self._try(source, FLOOD)
        flood = self._floods[source]
        while (quiet := self._clock() - flood.last) < self._calm:  # noqa: ASYNC110 - its end moves meanwhile
            await asyncio.sleep(self._calm - quiet)
        del self._floods[source]
        log.info("device-calm", device=source, dropped=flood.dropped)
        for device, problem in {source: before, **flood.said}.items():
            await self._try(device, problem)

    async def _try(self, device: str, problem: str | None) -> None:
        try:
            await self._submit(device, problem, "server")
        except Refused as refusal:
            log.info("device-report-refused", device=device, code=str(refusal.code))

    async def _submit(self, device: str, problem: str | None, actor: str) -> None:
        command = ReportDevice(device=device, problem=problem)
        await self._office.submit(Request(command=command, command_id=str(uuid.uuid4()), actor=actor, fresh=True))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Waits for no flood any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
