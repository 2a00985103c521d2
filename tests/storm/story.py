"""One seed from beginning to end: the machines, the people, the faults, the calm after them."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.storm.adapter import COPY
from tests.storm.adapter_site import COUNTERS, site_with, zone
from tests.storm.clocks import MachineClock
from tests.storm.cuts import Cuts
from tests.storm.follower import FollowerMachine
from tests.storm.forecaster import EVERY, fated, said
from tests.storm.machines import KioskMachine, Machine, OfficeMachine
from tests.storm.network import Network
from tests.storm.people import Hall, Officer, press_keys, visit
from tests.storm.plan import BadLine, ClockFault, FullDisk, Plan
from tests.storm.record import Look, Record, Written
from tests.storm.timeline import Host, Timeline

LOOK_EVERY = 20.0
FOLLOWED = 2.0  # seconds that the second machine may be behind, with the network


@dataclass(slots=True)
class Story:
    """Everything that the checks look at."""

    plan: Plan
    record: Record
    office: OfficeMachine
    kiosks: dict[str, KioskMachine]
    timeline: Timeline
    cuts: Cuts


class Director:
    """Puts machines and people in their places and lets the faults strike."""

    def __init__(self, plan: Plan, folder: Path, cuts: Cuts) -> None:
        self.cuts = cuts
        self.plan = plan
        self.timeline = Timeline(plan.seed)
        self.record = Record()
        self.network = Network(random.Random(plan.seed + 1), self.record.count)
        self.folder = folder
        self.office = self._machine(OfficeMachine, "office", 2)
        weekday = (plan.begins.astimezone(zone()).weekday() + 4) % 7
        self.office.site = site_with(plan.policy, closed=weekday)
        self.office.written = self._written
        self.office.opened = self._reopened
        if plan.tails and plan.take_over is None and plan.restore is None:
            self.office.loses = iter(plan.tails)
        follows = COPY is not None and plan.take_over is not None
        self.follower = FollowerMachine(folder / "follower") if follows else None
        self.kiosks = {name: self._machine(KioskMachine, name, 3 + at) for at, name in enumerate(plan.kiosks)}
        for kiosk in self.kiosks.values():
            kiosk.every = plan.sync_every
        self.hall = Hall(self.timeline.wire, self.network, self.record, self.office, self.kiosks, plan.over)

    def _machine(self, kind: Any, name: str, salt: int) -> Any:
        dice = random.Random(self.plan.seed * 100 + salt)
        machine: Machine = kind(
            name, timeline=self.timeline, network=self.network, clock=MachineClock(self.timeline, self.plan.begins),
            folder=self.folder, dice=dice,
        )  # fmt: skip
        deaths = iter(self.plan.deaths[name])
        machine.dies = lambda: next(deaths, None) if self.timeline.now < self.plan.over else None
        machine.comes_back_after = lambda: dice.choice((1.0, 5.0, 30.0, 300.0)) * dice.uniform(0.5, 1.5)
        machine.on_crash = lambda: self._crashed(machine)
        return machine

    def _crashed(self, machine: Machine) -> None:
        self.record.count("crash-office" if machine is self.office else "crash-kiosk")
        if machine.dice.random() < 0.3:
            self.record.count("power-cut")
            machine.clock.reboot()

    def play(self) -> Story:
        """Everything happens; the office and the kiosks still run at the end, so that they can be asked."""
        plan, wire = self.plan, self.timeline.wire
        for fault in plan.clocks:
            wire.create_task(self._clock(fault))
        for line in plan.lines:
            wire.create_task(self._line(line))
        for at in plan.stops:
            wire.create_task(self._restart(at))
        for disk in plan.disks:
            wire.create_task(self._disk(disk))
        if self.follower is not None and plan.take_over is not None:
            wire.create_task(self._take_over(self.follower, plan.take_over))
        elif plan.restore is not None:
            wire.create_task(self._restore(*plan.restore))
        if plan.forecaster is not None:
            wire.create_task(self._foretell(plan.forecaster))
        wire.create_task(self._watch())
        wire.create_task(self._midnights())
        self._people()
        self.timeline.run_until(0.001)
        for machine in (self.office, *self.kiosks.values()):
            machine.start()
        self.timeline.run_until(plan.over)
        self._calm()
        self.timeline.run_until(plan.lasts)
        return Story(plan, self.record, self.office, self.kiosks, self.timeline, self.cuts)

    def _people(self) -> None:
        plan, wire = self.plan, self.timeline.wire
        for each in plan.visitors:
            wire.create_task(visit(self.hall, each))
        for at, counter in enumerate(COUNTERS):
            dice = random.Random(plan.seed * 100 + 50 + at)
            if plan.keypad and counter == "q2":
                wire.create_task(press_keys(self.hall, counter, dice, plan.keypad, dice.uniform(5, 300)))
            else:
                wire.create_task(Officer(self.hall, counter, dice, plan.pace).work(dice.uniform(5, 120)))

    async def _clock(self, fault: ClockFault) -> None:
        clock = self._of(fault.machine).clock
        await asyncio.sleep(fault.at)
        self.record.count(fault.kind)
        if fault.kind == "clock-drift":
            clock.drift(fault.amount)
        else:
            clock.jump(fault.amount)
        await asyncio.sleep(fault.cured - self.timeline.now)
        clock.correct()

    def _of(self, name: str) -> Machine:
        return self.office if name == "office" else self.kiosks[name]

    async def _line(self, line: BadLine) -> None:
        await asyncio.sleep(line.begins)
        self.network.worsen(line.client, line.chances, down=line.down)
        if line.down:
            self.record.count("line-down")
        await asyncio.sleep(line.ends - line.begins)
        self.network.mend(line.client)

    async def _take_over(self, follower: FollowerMachine, at: float) -> None:
        """The plug of the first machine is pulled; at most the last second is not on the second one."""
        await asyncio.sleep(at)
        self.record.count("take-over")
        self.record.gone.append((at - FOLLOWED, at))
        self.follower = None
        follower.take_over()
        self.office.begin_on(follower.folder)

    def _followed(self) -> None:
        program = self.office.program
        if self.follower is not None and program is not None:
            self.timeline.wire.create_task(self.follower.pull(program))

    async def _foretell(self, chances: dict[str, float]) -> None:
        """The forecasting program looks every few seconds while the server runs, of which it is a child."""
        dice = random.Random(self.plan.seed * 100 + 90)
        dies, back = self.plan.forecaster_away
        while True:
            await asyncio.sleep(EVERY * dice.uniform(0.5, 1.5))
            program, host = self.office.program, self.office.host
            if program is None or host is None or dies < self.timeline.now < back:
                continue
            line, named = said(program, dice)
            self.record.foreseen += [(self.timeline.now, *pair) for pair in named.items()]
            kind, lines = fated(line, dice, chances if self.timeline.now < self.plan.over else {})
            if kind is not None:
                self.record.count(kind)
            for after, line in lines:
                host.call_later(after, program.foretold, line)

    async def _disk(self, disk: FullDisk) -> None:
        await asyncio.sleep(disk.begins)
        self.record.count("disk-full")
        self._of(disk.machine).fill_disk(full=True)
        await asyncio.sleep(disk.ends - disk.begins)
        self._of(disk.machine).fill_disk(full=False)

    async def _restore(self, made: float, used: float) -> None:
        """The machine dies between two backups; its successor begins from the older record, as the manual says."""
        await asyncio.sleep(made)
        if self.office.program is None:
            return
        self.office.back_up()
        await asyncio.sleep(used - made)
        self.record.count("restore")
        self.record.gone.append((made, used))
        self.office.restore()

    async def _restart(self, at: float) -> None:
        """An update, or a technician who starts the program anew."""
        await asyncio.sleep(at)
        if self.office.up:
            host = self.office.host
            assert host is not None
            self.record.count("restart")
            await _ended(host.create_task(self.office.stop()), host)
            await asyncio.sleep(3.0)
        self.office.start()

    async def _midnights(self) -> None:
        day = None
        while True:
            today = self.office.clock.true().astimezone(zone()).date()
            if day is not None and today != day:
                self.record.count("midnight")
            day = today
            await asyncio.sleep(60.0)

    async def _watch(self) -> None:
        """Looks at the office's own time and day, as somebody at its page would."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            program, clock = self.office.program, self.office.clock
            if program is not None:
                self.record.looks.append(
                    Look(
                        at=self.timeline.now, life=self.office.lives, now=program.now(), true=clock.true(),
                        error=clock.error, day=program.state.day, closed=program.state.closed,
                        right_for=None if clock.right_since is None else self.timeline.now - clock.right_since,
                        age=self.timeline.now - self.office.began,
                        waiting=any(True for _ in program.state.active()),
                    )
                )  # fmt: skip

    def _written(self, life: int, entries: Sequence[Any]) -> None:
        now = self.timeline.now
        if self.follower is not None:
            self.timeline.wire.call_later(self.office.dice.uniform(0.1, 0.6), self._followed)
        self.record.written += [Written(entry=entry, at=now, life=life) for entry in entries]

    def _reopened(self, life: int, last: int) -> None:
        """A life begins behind entry `last`: what earlier ones wrote behind it is lost."""
        record = self.record
        lost = [w for w in record.written if w.life < life and w.entry.seq > last and not record.undone(w.at, w.at)]
        if lost:
            record.count("tail-lost")
            record.gone.append((lost[0].at - 1.0, self.timeline.now))

    def _calm(self) -> None:
        """Every fault ends: the clocks are right, the lines hold, the programs run."""
        self.network.calm()
        for machine in (self.office, *self.kiosks.values()):
            machine.clock.correct()
            if machine.host is not None:
                machine.host.dies_at = None
            machine.comes_back_after = lambda: 1.0
        self.timeline.wire.create_task(self._technician())

    async def _technician(self) -> None:
        """Reads that the clock differed, and confirms it or starts the program anew, as the manual says."""
        await asyncio.sleep(30.0)
        program, host = self.office.program, self.office.host
        if self.plan.seed % 2 or program is None or host is None:
            await self._restart(0.0)
        else:
            await _ended(host.create_task(program.confirm_clock()), host)


async def _ended(task: "asyncio.Task[None]", host: Host) -> None:
    """Waits for another program's task as long as that program lives."""
    ended = asyncio.get_running_loop().create_future()
    task.add_done_callback(lambda _: ended.cancelled() or ended.set_result(None))
    while host.alive and not ended.done():
        await asyncio.wait([ended], timeout=1.0)
