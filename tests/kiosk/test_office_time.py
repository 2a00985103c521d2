"""The office's time at a kiosk whose own clock is wrong, jumps, or starts anew; and what it decides by it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import events as ev
from kiosk.catalogue import read_office, read_services, server_time
from kiosk.events import Refusal, TicketRefused, TicketTaken
from kiosk.lease import Leased
from kiosk.office_time import OfficeTime
from kiosk.spool import Fate, Kind
from kiosk.taking import Taking
from tests.kiosk.hands import ASK, Kiosk, with_kiosk
from tests.kiosk.standin import StandIn, office_json, running, services_json

NOON = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
PACIFIC = "America/Los_Angeles"
WRONG = (timedelta(days=-400), timedelta(days=-1), timedelta(hours=-2), timedelta(hours=3), timedelta(days=3650))


@dataclass
class Machine:
    """A kiosk's machine: true time, its own clock `off`, and seconds since it was switched on."""

    true: datetime = NOON
    off: timedelta = timedelta()
    on: datetime = field(default=NOON - timedelta(hours=1))
    boot: str = "first"

    def time(self) -> OfficeTime:
        return OfficeTime(wall=self.wall, steady=self.steady, boot=self.boot)

    def wall(self) -> datetime:
        return self.true + self.off

    def steady(self) -> float:
        return (self.true - self.on).total_seconds()

    def restart(self) -> None:
        self.on, self.boot = self.true, self.boot + "+"


@pytest.mark.parametrize("off", WRONG)
def test_what_the_server_said_goes_on_whatever_the_own_clock_does(off: timedelta) -> None:
    machine = Machine(off=off)
    time = machine.time()
    assert (time.now(), time.day()) == (NOON + off, None)
    time.hear(NOON)
    machine.true += timedelta(minutes=10)
    machine.off = -off
    assert time.now() == NOON + timedelta(minutes=10)
    assert time.day() == "20261201"


def test_an_answer_is_as_old_as_half_its_way() -> None:
    time = Machine().time()
    time.hear(NOON, took=2.0)
    assert time.now() == NOON + timedelta(seconds=1)


@pytest.mark.parametrize("off", WRONG)
def test_a_restart_of_the_program_loses_nothing(off: timedelta) -> None:
    machine = Machine(off=off)
    heard = machine.time().hear(NOON)
    machine.true += timedelta(hours=1)
    machine.off = timedelta(days=77)
    time = machine.time()
    time.recall(heard)
    assert time.now() == machine.true


@pytest.mark.parametrize("off", WRONG)
def test_after_a_restart_of_the_machine_its_clock_is_corrected_as_before(off: timedelta) -> None:
    machine = Machine(off=off)
    heard = machine.time().hear(NOON)
    machine.true += timedelta(hours=1)
    machine.restart()
    time = machine.time()
    time.recall(heard)
    machine.true += timedelta(minutes=1)
    assert time.now() == machine.true


def test_a_clock_that_starts_anew_is_never_before_what_was_heard() -> None:
    machine = Machine()
    heard = machine.time().hear(NOON)
    machine.true += timedelta(hours=1)
    machine.restart()
    machine.off = datetime(1970, 1, 1, tzinfo=UTC) - machine.true
    time = machine.time()
    time.recall(heard)
    machine.true += timedelta(minutes=1)
    assert time.now() == NOON + timedelta(minutes=1)


def test_the_day_changes_at_the_offices_midnight() -> None:
    machine = Machine(off=timedelta(days=-400))
    time = machine.time()
    time.hear(datetime(2026, 12, 1, 16, 59, tzinfo=UTC))
    assert time.day() == "20261201"
    machine.true += timedelta(minutes=1)
    assert time.day() == "20261202"
    time.zone = PACIFIC
    assert time.day() == "20261201"


def test_what_was_heard_is_kept_on_disk(tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        assert kiosk.spool.kept_time() is None
        heard = Machine().time().hear(NOON)
        kiosk.spool.keep_time(heard)
        assert kiosk.spool.kept_time() == heard
        later = Machine().time().hear(NOON + timedelta(minutes=1))
        kiosk.spool.keep_time(later)
        assert kiosk.spool.kept_time() == later

    with running() as standin:
        with_kiosk(standin, tmp_path, story)


@pytest.mark.parametrize("told", [None, "noon", "2026-12-01T05:00:00", 7])
def test_a_time_that_nobody_can_read_is_not_heard(told: object) -> None:
    assert server_time({"server_time": told}) is None
    assert server_time({}) is None


def test_the_office_tells_its_zone_and_an_unknown_one_is_left() -> None:
    assert read_office(office_json() | {"timezone": PACIFIC}).timezone == PACIFIC
    assert read_office(office_json()).timezone == "Asia/Ho_Chi_Minh"
    assert read_office(office_json() | {"timezone": "Moon/Tycho"}).timezone == "Asia/Ho_Chi_Minh"


def alone(kiosk: Kiosk, time: OfficeTime) -> Awaitable[ev.Event]:
    taking = Taking(server=kiosk.server, spool=kiosk.spool, clock=time.now, day=time.day)
    return taking.take(ASK, services=read_services(services_json()), server_up=False)


def lease(kiosk: Kiosk, day: str) -> None:
    kiosk.spool.keep_lease([Leased(day=day, number="A702", prefix="A", token="t", url="u")], day=day)


def offline(tmp_path: Path, story: Callable[[Kiosk], Awaitable[None]], free_port: int) -> None:
    with running() as standin:
        with_kiosk(standin, tmp_path, story, url=f"http://127.0.0.1:{free_port}")


@pytest.mark.parametrize("off", WRONG)
def test_a_wrong_clock_costs_nobody_a_number(tmp_path: Path, free_port: int, off: timedelta) -> None:
    """Also where nothing was ever heard: the lease knows its day."""

    async def story(kiosk: Kiosk) -> None:
        lease(kiosk, "20261201")
        taken = await alone(kiosk, Machine(off=off).time())
        assert isinstance(taken, TicketTaken)
        (letter,) = [each for each in kiosk.spool.due() if each.kind is Kind.HAND_IN]
        assert (letter.body["number"], letter.body["day"]) == ("A702", "20261201")

    offline(tmp_path, story, free_port)


@pytest.mark.parametrize("off", WRONG)
def test_yesterdays_lease_ends_at_the_offices_midnight(tmp_path: Path, free_port: int, off: timedelta) -> None:
    async def story(kiosk: Kiosk) -> None:
        lease(kiosk, "20261130")
        time = Machine(off=off).time()
        time.hear(NOON)
        refused = await alone(kiosk, time)
        assert isinstance(refused, TicketRefused)
        assert refused.reason is Refusal.NO_NUMBERS

    offline(tmp_path, story, free_port)


@pytest.mark.parametrize("off", WRONG)
def test_the_time_of_taking_is_the_offices(tmp_path: Path, free_port: int, off: timedelta) -> None:
    async def story(kiosk: Kiosk) -> None:
        lease(kiosk, "20261201")
        machine = Machine(off=off)
        time = machine.time()
        time.hear(NOON)
        machine.true += timedelta(minutes=3)
        taken = await alone(kiosk, time)
        assert isinstance(taken, TicketTaken)
        assert taken.ticket.issued_at == machine.true
        (letter,) = [each for each in kiosk.spool.due() if each.kind is Kind.HAND_IN]
        assert datetime.fromisoformat(letter.body["taken_at"]) == machine.true

    offline(tmp_path, story, free_port)


def test_a_server_of_before_gets_a_hand_in_without_the_day(tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.lease()
        assert isinstance(await kiosk.take(server_up=False), TicketTaken)
        assert await kiosk.courier.deliver()
        assert {letter.state for letter in kiosk.spool.all_letters()} == {Fate.DONE}

    with running() as standin:
        standin.knows_days = False
        with_kiosk(standin, tmp_path, story)
        assert standin.waiting() == ["A001"]
        standin.knows_days = True


def test_the_server_is_told_the_day(tmp_path: Path) -> None:
    with running() as standin:
        with_kiosk(standin, tmp_path, lambda kiosk: told_the_day(kiosk, standin))


async def told_the_day(kiosk: Kiosk, standin: StandIn) -> None:
    await kiosk.lease()
    assert isinstance(await kiosk.take(server_up=False), TicketTaken)
    assert await kiosk.courier.deliver()
    assert standin.tickets["A001"].body["day"] == kiosk.spool.lease_day()
