"""The machines of a story: each has a disk, clocks and a program that may die at any step and comes up again."""

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.storm.adapter import OfficeProgram, back_up, office_program, restore_into
from tests.storm.adapter_kiosk import KioskProgram
from tests.storm.adapter_site import first_folder
from tests.storm.clocks import MachineClock
from tests.storm.cuts import cut_off
from tests.storm.network import Network
from tests.storm.timeline import Host, Timeline

PATIENCE = 3  # starts that fail, until nobody tries any more
LOST_AT_DEATH = ("-shm", "lock")  # of the memory, not of the disk


class Machine:
    """A computer with one program. `lives` counts its starts; `dies` says at which step a life ends, None: never."""

    def __init__(
        self, name: str, *, timeline: Timeline, network: Network, clock: MachineClock, folder: Path, dice: random.Random
    ) -> None:
        self.name = name
        self.timeline = timeline
        self.network = network
        self.clock = clock
        self.dice = dice
        self.lives = 0
        self.began = 0.0  # when this life did
        self.full = False  # the disk
        self.host: Host | None = None
        self.program: Any = None
        self.dies: Callable[[], int | None] = lambda: None
        self.comes_back_after: Callable[[], float] = lambda: 5.0
        self.on_crash: Callable[[], None] = lambda: None
        self.failed: list[str] = []  # starts that ended in an error
        self._root = folder
        self.disk = folder / f"{name}-0"
        self.disk.mkdir(parents=True)

    @property
    def up(self) -> bool:
        return self.program is not None

    def start(self) -> None:
        """A new life on what the disk holds."""
        if self.host is not None:
            return
        self.lives += 1
        self.began = self.timeline.now
        host = self.host = Host(self.timeline, self.name, self.network.connect)
        dice = self.dice
        host.disk_delay = lambda: dice.uniform(0.0001, 0.004)
        host.dies_at = self.dies()
        host.on_death = self.crash
        task = host.create_task(self.open())
        task.add_done_callback(lambda done: self._opened(host, done))

    def _opened(self, host: Host, task: Any) -> None:
        if not host.alive:
            return
        error = task.exception()
        if error is None:
            self.program = task.result()
            self.program.fill_disk(full=self.full)
            self.serve(host)
        else:
            self.failed.append(f"life {self.lives}: {type(error).__name__}: {error}")
            self._end(host)
            if len(self.failed) < PATIENCE:
                self.timeline.wire.call_later(self.comes_back_after(), self.start)

    async def open(self) -> Any:
        """The program's own start; what it returns is the program."""
        raise AssertionError(self.name)

    def serve(self, host: Host) -> None:
        """The program runs."""

    def fill_disk(self, *, full: bool) -> None:
        """The disk is full from now on, or has room again."""
        self.full = full
        if self.program is not None:
            self.program.fill_disk(full=full)

    def crash(self) -> None:
        """The program is no more, in the middle of what it did; the disk is as it is. It comes back later."""
        host = self.host
        if host is None:
            return
        self._end(host)
        self._new_disk()
        self.on_crash()
        self.timeline.wire.call_later(self.comes_back_after(), self.start)

    def _end(self, host: Host) -> None:
        host.kill()
        self.network.died(host)
        self.host = self.program = None

    def _new_disk(self) -> None:
        """The dead program's files stay open somewhere: the next life works on a copy of what they hold."""
        fresh = self._root / f"{self.name}-{self.lives}"
        shutil.copytree(self.disk, fresh, ignore=shutil.ignore_patterns(*(f"*{end}" for end in LOST_AT_DEATH)))
        self.disk = fresh


class OfficeMachine(Machine):
    """The office's server. `written` hears of entries once they are durable; `all` are the programs of every life."""

    site: Any = None
    address = "10.0.0.1"
    written: Callable[[int, Sequence[Any]], None]
    opened: Callable[[int, int], None]  # a life, and the number of the newest entry that it found
    loses: Iterator[int] = iter(())  # frames that its next deaths take from the write-ahead log

    def __init__(self, name: str, **parts: Any) -> None:
        super().__init__(name, **parts)
        self.all: list[OfficeProgram] = []
        self.backed_up: float | None = None
        self._archive = self._root / "backup.tar.gz"
        shutil.copytree(first_folder(), self.disk, dirs_exist_ok=True)

    async def open(self) -> Any:
        life = self.lives
        program = office_program(self.disk, self.site, wall=self.clock.wall, steady=self.clock.steady)
        self.all.append(program)
        return await program.start(
            lambda entries: self.written(life, entries), found=lambda last: self.opened(life, last)
        )

    def _new_disk(self) -> None:
        super()._new_disk()
        frames = next(self.loses, 0)
        if frames:
            cut_off(self.disk, frames)

    def serve(self, host: Host) -> None:
        self.network.listen(self.address, host, self.program.app)

    def message(self, topic: str, payload: bytes, retained: bool) -> None:
        """What the broker hands over; nobody keeps it for a program that is away."""
        if self.host is not None and self.program is not None:
            self.host.call_soon(lambda: self.program.heard(topic, payload, retained=retained))

    def back_up(self) -> None:
        """The nightly backup, at whatever moment."""
        back_up(self.disk, self._archive)
        self.backed_up = self.timeline.now

    def restore(self) -> None:
        """The machine is lost; another one begins from the backup."""
        fresh = self._root / f"{self.name}-restored"
        restore_into(self._archive, fresh)
        self.begin_on(fresh)

    def begin_on(self, disk: Path) -> None:
        """Another machine under the same address."""
        if self.host is not None:
            self._end(self.host)
        self.disk = disk
        self.start()

    async def stop(self) -> None:
        """As SIGTERM does; nothing comes back by itself."""
        host, program = self.host, self.program
        if host is None or program is None:
            return
        self.network.gone(self.address)
        await program.stop()
        self._end(host)

    def clear_away(self) -> None:
        """After the story: files and threads of every life are let go."""
        for program in self.all:
            program.close()


class KioskMachine(Machine):
    """A kiosk in the hall."""

    every: float = 60.0
    server = OfficeMachine.address

    async def open(self) -> Any:
        return KioskProgram(
            self.disk,
            self.name,
            server=self.server,
            wall=self.clock.wall,
            steady=self.clock.steady,
            boot=self.clock.boot,
            every=self.every,
        )

    def serve(self, host: Host) -> None:
        host.create_task(self.program.run())
