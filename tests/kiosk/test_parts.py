"""The kiosk without its glass: catching up, printing on a (virtual) printer, and telling the server about it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hardware.simulated.virtual_printer import Knobs, VirtualPrinter
from kiosk import events as ev
from kiosk.cache import Cache
from kiosk.driver import Driver
from kiosk.events import Printing
from kiosk.flow import start
from kiosk.main import KioskOptions, Parts, assemble
from kiosk.printing import checklist_slip, ticket_slip
from kiosk.state import Helping, Screen
from kiosk.world import World
from tests.kiosk.gallery import OPEN_BIRTH, a_ticket, starter_world
from tests.kiosk.standin import TOKEN, Faults, StandIn, running


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with running() as standin:
        yield standin


class Hands:
    """Somebody who uses the kiosk by events, at a clock of their own."""

    def __init__(self, parts: Parts, clock: list[float]) -> None:
        self.parts, self._clock = parts, clock

    async def does(self, *happenings: ev.Event) -> None:
        for event in happenings:
            self._clock[0] += 1.0
            self.parts.driver.handle(event)
            await self.parts.driver.settle()

    @property
    def screen(self) -> Screen:
        return self.parts.driver.state.screen


def at_kiosk(url: str, folder: Path, story: Callable[[Hands], Awaitable[None]], **settings: Any) -> None:
    async def told() -> None:
        clock = [1000.0]
        options = KioskOptions(url=url, kiosk="kiosk-1", token=TOKEN, data=folder, **settings)
        parts = assemble(options, steady=lambda: clock[0], boot="boot")
        try:
            await story(Hands(parts, clock))
        finally:
            await parts.close()

    asyncio.run(told())


TO_PRIORITY = (ev.Begin(), ev.ChooseLanguage("vi"), *OPEN_BIRTH, ev.WantNumber(), ev.SayReady(True))


def test_a_kiosk_starts_without_a_server_from_what_it_kept(standin: StandIn, tmp_path: Path, free_port: int) -> None:
    async def first(hands: Hands) -> None:
        assert hands.parts.driver.state.world.procedures == {}
        await hands.parts.sync.round()
        assert len(hands.parts.driver.state.world.procedures) > 100
        assert len(hands.parts.spool.free(day=standin_day())) > 100

    async def second(hands: Hands) -> None:
        world = hands.parts.driver.state.world
        assert len(world.procedures) > 100
        assert not world.server_up
        await hands.does(*TO_PRIORITY, ev.TakeNumber("elderly"))
        assert hands.screen is Screen.TICKET
        ticket = hands.parts.driver.state.ticket
        assert ticket is not None
        assert ticket.provisional

    at_kiosk(standin.url, tmp_path, first)
    at_kiosk(f"http://127.0.0.1:{free_port}", tmp_path, second)
    at_kiosk(standin.url, tmp_path, lambda hands: hands.parts.sync.round())
    assert standin.waiting() == ["A001"]
    assert standin.reports == [{"ticket": standin.reports[0]["ticket"], "problem": "no-printer"}]


def standin_day() -> str:
    from kiosk.lease import office_day

    return office_day(datetime.now(UTC))


def test_the_server_goes_and_comes(standin: StandIn, tmp_path: Path) -> None:
    async def story(hands: Hands) -> None:
        sync, driver = hands.parts.sync, hands.parts.driver
        await sync.round()
        assert driver.state.world.server_up
        standin.faults = Faults(cut=True, everywhere=True)
        await sync.round()
        assert not driver.state.world.server_up
        assert len(driver.state.world.procedures) > 100
        standin.faults = Faults()
        await sync.round()
        assert driver.state.world.server_up
        standin.open = False
        await sync.round()
        assert hands.screen is Screen.CLOSED

    at_kiosk(standin.url, tmp_path, story)


def test_a_broken_cache_is_no_trouble(standin: StandIn, tmp_path: Path) -> None:
    (tmp_path / "cache-kiosk-1.json").write_text('{"catalogue": {"fields": 7}}')

    async def story(hands: Hands) -> None:
        await hands.parts.sync.round()
        assert len(hands.parts.driver.state.world.procedures) > 100

    at_kiosk(standin.url, tmp_path, story)
    assert json.loads((tmp_path / "cache-kiosk-1.json").read_text())["etag"] == '"1"'


def test_the_cache_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.json")
    assert cache.load() == {}
    cache.save({"a": "ế"})
    (tmp_path / "cache.new").write_text('{"half')
    assert cache.load() == {"a": "ế"}
    (tmp_path / "cache.json").write_text("[]")
    assert cache.load() == {}


def printed_story(standin: StandIn, tmp_path: Path, *, prints: int = 1, **knobs: Any) -> tuple[Parts, VirtualPrinter]:
    """A number taken and printed on a printer with these faults."""
    kept: list[Any] = []

    async def told() -> None:
        printer = VirtualPrinter(tmp_path / "paper", knobs=Knobs(speed_mm_s=5_000, **knobs))
        await printer.start()
        clock = [1000.0]
        address = ("127.0.0.1", printer.port)
        options = KioskOptions(url=standin.url, kiosk="kiosk-1", token=TOKEN, data=tmp_path / "data", printer=address)
        parts = assemble(options, steady=lambda: clock[0], boot="boot")
        hands = Hands(parts, clock)
        await parts.sync.round()
        await hands.does(*TO_PRIORITY, ev.TakeNumber("elderly"))
        for _ in range(prints - 1):
            printer.turn(**dict.fromkeys(knobs, False))
            await hands.does(ev.PrintAgain())
        await parts.sync.round()
        await parts.close()
        await printer.stop()
        kept.extend((parts, printer))

    asyncio.run(told())
    return kept[0], kept[1]


def test_a_number_is_printed_and_the_server_is_told(standin: StandIn, tmp_path: Path) -> None:
    parts, printer = printed_story(standin, tmp_path)
    assert parts.driver.state.printing is Printing.PRINTED
    assert len(printer.slips) == 1
    assert [report["problem"] for report in standin.reports] == [None]
    assert standin.waiting() == ["A021"], "the first twenty are leased"


@pytest.mark.parametrize(("knob", "problem"), [("cover_open", "cover-open"), ("jam", "jam"), ("silent", "silent")])
def test_a_failed_print_is_no_ghost_and_no_second_number(
    standin: StandIn, tmp_path: Path, knob: str, problem: str
) -> None:
    parts, printer = printed_story(standin, tmp_path, **{knob: True})
    state = parts.driver.state
    assert (state.screen, state.printing, state.problem) == (Screen.TICKET, Printing.FAILED, problem)
    assert state.ticket is not None
    assert printer.slips == []
    assert [report["problem"] for report in standin.reports] == [problem]
    assert standin.waiting() == [state.ticket.number], "the person keeps the number"


def test_printing_again_prints_the_same_number(standin: StandIn, tmp_path: Path) -> None:
    parts, printer = printed_story(standin, tmp_path, prints=2, cover_open=True)
    assert parts.driver.state.printing is Printing.PRINTED
    assert len(printer.slips) == 1
    assert [report["problem"] for report in standin.reports] == ["cover-open", None]
    assert standin.waiting() == ["A021"]
    assert standin.posts() == 1


def test_a_guide_is_called(standin: StandIn, tmp_path: Path) -> None:
    async def story(hands: Hands) -> None:
        await hands.does(ev.AskHelp())
        assert hands.parts.driver.state.helping is Helping.COMING
        standin.faults = Faults(status=500, everywhere=True)
        await hands.does(ev.Back(), ev.AskHelp())
        assert hands.parts.driver.state.helping is Helping.UNHEARD

    at_kiosk(standin.url, tmp_path, story)
    assert standin.helps == ["kiosk-1"]


def test_the_search_asks_the_server_and_falls_back_on_itself(standin: StandIn, tmp_path: Path) -> None:
    async def story(hands: Hands) -> None:
        await hands.parts.sync.round()
        await hands.does(ev.Begin(), ev.ChooseLanguage("vi"), ev.OpenSearch(), *(ev.TypeKey(key) for key in "em be"))
        assert hands.parts.driver.state.place.found == ("khai_sinh", "ket_hon"), "the stand-in's own answer"
        standin.faults = Faults(cut=True, everywhere=True)
        await hands.does(ev.TypeKey("clear"), *(ev.TypeKey(key) for key in "khai tu"))
        assert "khai_tu" in hands.parts.driver.state.place.found

    at_kiosk(standin.url, tmp_path, story)


def test_who_left_while_waiting_gives_the_number_back(standin: StandIn, tmp_path: Path) -> None:
    async def story(hands: Hands) -> None:
        await hands.parts.sync.round()
        await hands.does(*TO_PRIORITY)
        standin.faults = Faults(delay=0.3)
        hands._clock[0] += 1
        hands.parts.driver.handle(ev.TakeNumber())
        hands._clock[0] += 1
        hands.parts.driver.handle(ev.StartOver())
        await hands.parts.driver.settle()
        await hands.parts.sync.round()

    at_kiosk(standin.url, tmp_path, story)
    assert standin.posts() == 1
    assert standin.waiting() == []


def test_a_fault_in_an_effect_does_not_stop_the_kiosk() -> None:
    class Breaks:
        async def run(self, effect: ev.Effect, world: World) -> Any:
            if effect is not None:
                raise RuntimeError("broken")
            yield ev.Tick()

    async def told() -> Driver:
        now = [100.0]
        driver = Driver(
            state=start(boot="b", world=starter_world(), portrait=True, now=0), runner=Breaks(), clock=lambda: now[0]
        )
        driver.handle(ev.AskHelp())
        await driver.settle()
        now[0] += 1
        driver.handle(ev.Back())
        return driver

    driver = asyncio.run(told())
    assert driver.failures == 1
    assert driver.state.screen is Screen.ATTRACT


def test_what_stands_on_the_slip() -> None:
    world = starter_world()
    slip = ticket_slip(a_ticket(class_id="elderly", language="vi"), world)
    assert (slip.number, slip.service_name, slip.people_ahead, slip.counters) == ("A012", "Hộ tịch", 4, ("1", "2"))
    assert slip.class_name == "Người cao tuổi (từ 60 tuổi trở lên)"
    assert f"{slip.issued_at:%H:%M}" == "08:12", "local time"
    assert ticket_slip(a_ticket(provisional=True), world).provisional


def test_the_list_of_missing_papers() -> None:
    world = starter_world()
    settings: dict[str, Any] = {"cases": frozenset(), "language": "vi", "now": datetime.now(UTC)}
    birth = world.procedures["khai_sinh"]
    assert len(checklist_slip(birth, world, missing=frozenset(), **settings).papers) == 3
    slip = checklist_slip(birth, world, missing=frozenset({"1.001193-02"}), **settings)
    assert len(slip.papers) == 1
    assert slip.papers[0].startswith("Giấy chứng sinh")
    assert slip.note == "Còn thiếu"
    assert "Quầy 1, 2" in slip.where
