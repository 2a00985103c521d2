"""What a seed decides before anything happens: the day, who comes, which faults there are and when they strike."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.storm.adapter_site import COUNTERS, KIOSKS, POLICIES, SERVICES, zone
from tests.storm.forecaster import FATES, LOOK_AHEAD
from tests.storm.network import FAULTS
from tests.storm.people import Visitor

QUIET = 900.0  # seconds at the end without a fault, in which everything must heal
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
WRONG = (-400 * DAY, -DAY, -2 * HOUR, -20 * MINUTE, 20 * MINUTE, 3 * HOUR, DAY, 3650 * DAY)
STEPS = (-2 * HOUR, -30 * MINUTE, -90.0, 90.0, 30 * MINUTE, 3 * HOUR, DAY, 3650 * DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFault:
    """A clock goes wrong. `amount`: seconds, or seconds a second for a drift; `cured`: when it is set right."""

    kind: str  # clock-start, clock-jump, clock-drift
    machine: str
    at: float
    amount: float
    cured: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that loses, delays and doubles for a while; `down`: nothing comes through."""

    client: str
    begins: float
    ends: float
    chances: dict[str, float] = field(hash=False)
    down: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FullDisk:
    """A machine's disk has no room for a while."""

    machine: str
    begins: float
    ends: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One story. Moments are virtual seconds from its beginning."""

    seed: int
    begins: datetime
    lasts: float
    policy: str
    visitors: tuple[Visitor, ...]
    kiosks: tuple[str, ...]
    sync_every: float
    pace: float  # seconds between two acts of an officer
    keypad: int  # presses
    clocks: tuple[ClockFault, ...]
    lines: tuple[BadLine, ...]
    deaths: dict[str, tuple[int, ...]] = field(hash=False)  # machine → steps at which its next lives end
    stops: tuple[float, ...]  # when the office is stopped and started in good order

    disks: tuple[FullDisk, ...]
    forecaster: dict[str, float] | None = field(hash=False)  # chances of each fate of a line; None: the program is away
    forecaster_away: tuple[float, float]  # when it dies, and when it is there again
    tails: tuple[int, ...]  # frames of the write-ahead log that the next deaths of the office lose
    take_over: float | None  # when the office's machine dies and the one that followed it opens the office
    restore: tuple[float, float] | None  # when a backup is made, and when the office begins anew from it

    @property
    def over(self) -> float:
        """From here on nobody begins anything new and no fault strikes."""
        return self.lasts - QUIET


def planned(seed: int) -> Plan:
    """The story of a seed."""
    dice = random.Random(seed)
    lasts = dice.choice((20, 30, 45, 90)) * MINUTE + QUIET
    over = lasts - QUIET
    kiosks = KIOSKS[: dice.choice((1, 1, 2))]
    policy = dice.choice(POLICIES)
    begins = _beginning(dice, over)
    return Plan(
        seed=seed,
        begins=begins,
        lasts=lasts,
        policy=policy,
        visitors=tuple(_visitor(dice, number, over, kiosks) for number in range(dice.randint(6, 18))),
        kiosks=kiosks,
        sync_every=dice.choice((300.0, 600.0)),
        pace=over / dice.randint(8, 16),
        keypad=dice.choice((0, 8, 16)),
        clocks=_clocks(dice, over, kiosks),
        lines=_lines(dice, over, kiosks),
        deaths=_deaths(dice, kiosks),
        stops=tuple(sorted(dice.uniform(0, over) for _ in range(dice.choice((0, 0, 1, 1, 2))))),
        disks=_disks(dice, over, kiosks),
        take_over=dice.uniform(0.2, 0.9) * over if dice.random() < 0.15 else None,
        restore=_restore(dice, over),
        forecaster=_forecaster(dice, policy),
        tails=tuple(dice.randint(1, 12) for _ in range(dice.choice((0, 0, 0, 2, 3)))),
        forecaster_away=(dice.uniform(0.0, over), dice.uniform(0.0, over)),
    )


def _beginning(dice: random.Random, over: float) -> datetime:
    """In the morning, or so that midnight or three o'clock falls into the story; months and years end too."""
    here = zone()
    day = dice.choice(((2026, 11, 30), (2026, 12, 2), (2026, 12, 31), (2028, 2, 29)))
    morning = datetime(*day, 8, 0, tzinfo=here)
    if dice.random() < 0.5:
        return morning.astimezone(UTC)
    turn = datetime(*day, tzinfo=here) + timedelta(days=1, hours=dice.choice((0, 0, 0, 3)))
    return (turn - timedelta(seconds=round(dice.uniform(0.1, 0.8) * over))).astimezone(UTC)


def _visitor(dice: random.Random, number: int, over: float, kiosks: tuple[str, ...]) -> Visitor:
    services = tuple(dice.sample(SERVICES, 2 if dice.random() < 0.15 else 1))
    return Visitor(
        name=f"person-{number:02d}",
        comes=dice.uniform(5.0, over),
        kiosk=dice.choice(kiosks),
        services=services,
        class_id=dice.choice((None, None, None, "elderly")),
        afterwards=dice.choice(("", "", "", "", "", "cancel", "postpone")),
        after=dice.uniform(10.0, 900.0),
    )


def _clocks(dice: random.Random, over: float, kiosks: tuple[str, ...]) -> tuple[ClockFault, ...]:
    faults = []
    for machine in ("office", *kiosks):
        if dice.random() < 0.35:
            cured = dice.choice((dice.uniform(5.0, 120.0), dice.uniform(60.0, over)))
            faults.append(
                ClockFault(kind="clock-start", machine=machine, at=0.0, amount=dice.choice(WRONG), cured=cured)
            )
        if dice.random() < 0.35:
            at = dice.uniform(0.1, 0.9) * over
            faults.append(
                ClockFault(
                    kind="clock-jump", machine=machine, at=at, amount=dice.choice(STEPS), cured=dice.uniform(at, over)
                )
            )
        if dice.random() < 0.25:
            at = dice.uniform(0.0, 0.8) * over
            rate = dice.choice((-0.05, -0.002, 0.002, 0.05))
            faults.append(
                ClockFault(kind="clock-drift", machine=machine, at=at, amount=rate, cured=dice.uniform(at, over))
            )
    return tuple(faults)


def _lines(dice: random.Random, over: float, kiosks: tuple[str, ...]) -> tuple[BadLine, ...]:
    clients = (*kiosks, *kiosks, *(f"console-{counter}" for counter in COUNTERS), "phone", "mqtt")
    found = []
    for _ in range(dice.randint(0, 6)):
        begins = dice.uniform(0.0, over)
        chances = {kind: dice.choice((0.0, 0.1, 0.3)) for kind in FAULTS}
        found.append(
            BadLine(
                client=dice.choice(clients),
                begins=begins,
                ends=min(over, begins + dice.choice((60.0, 600.0, 3600.0))),
                chances=chances,
                down=dice.random() < 0.3,
            )
        )
    return tuple(found)


def _deaths(dice: random.Random, kiosks: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """Early and late steps are as likely as those in between: start, rest and rush all get their share."""
    return {
        machine: tuple(int(10 ** dice.uniform(0.3, 3.7)) for _ in range(dice.choice((0, 0, 1, 2))))
        for machine in ("office", *kiosks)
    }


def _disks(dice: random.Random, over: float, kiosks: tuple[str, ...]) -> tuple[FullDisk, ...]:
    if dice.random() > 0.25:
        return ()
    begins = dice.uniform(0.0, over)
    ends = min(over, begins + dice.choice((30.0, 300.0, 900.0)))
    return (FullDisk(machine=dice.choice(("office", *kiosks)), begins=begins, ends=ends),)


def _restore(dice: random.Random, over: float) -> tuple[float, float] | None:
    made, used = sorted(dice.uniform(0.1, 0.95) * over for _ in range(2))
    return (made, used) if dice.random() < 0.12 else None


def _forecaster(dice: random.Random, policy: str) -> dict[str, float] | None:
    """Who calls by its looks has one; of the others few, for it costs time."""
    chances = {kind: dice.choice((0.0, 0.05, 0.2)) for kind in FATES}
    return chances if policy == LOOK_AHEAD or dice.random() < 0.15 else None
