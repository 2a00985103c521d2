"""A device may send a burst and then a trickle; what it says last stands once it is calm."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from queue_server.device_reports import BURST, EVERY, FLOOD, Allowance, DeviceReports
from queue_server.queue.commands import LeaseNumbers
from tests.office.builders import Bureau, play


@given(st.lists(st.floats(0, 20), max_size=300))
def test_in_no_time_does_more_pass_than_a_burst_and_a_trickle(gaps: list[float]) -> None:
    allowance, now, passed = Allowance(), 5.0, list[float]()
    for gap in gaps:
        now += gap
        if allowance.admit("keypad-1", now):
            passed.append(now)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            assert last - first + 1 <= BURST + 1 + (passed[last] - passed[first]) / EVERY


@given(st.integers(0, 500))
def test_one_device_costs_another_nothing(flood: int) -> None:
    allowance = Allowance()
    for _ in range(flood):
        allowance.admit("keypad-1", 1.0)
    assert allowance.admit("keypad-2", 1.0)


def test_who_keeps_the_pace_is_never_refused() -> None:
    allowance = Allowance()
    assert all(allowance.admit("keypad-1", 10.0 + number * EVERY) for number in range(1_000))


def with_reports(path: Path, story: Callable[[Bureau, DeviceReports], Awaitable[None]], calm: float = 60.0) -> None:
    async def told(bureau: Bureau) -> None:
        reports = DeviceReports(bureau.office, calm=calm)
        try:
            await story(bureau, reports)
        finally:
            await reports.stop()

    play(path / "journal.sqlite3", told)


def test_a_device_that_flaps_is_shown_as_faulty_and_its_last_word_stands(tmp_path: Path) -> None:
    async def story(bureau: Bureau, reports: DeviceReports) -> None:
        await reports.report("printer-2", "jam", actor="device:printer-2")
        for number in range(5_000):
            await reports.report("printer-1", "offline" if number % 2 else None, actor="device:printer-1")
        await reports.report("printer-1", "paper-out", actor="device:printer-1")
        await asyncio.sleep(0)
        await bureau.office.do(LeaseNumbers(kiosk="k1"))
        assert bureau.office.state.devices == {"printer-2": "jam", "printer-1": FLOOD}
        assert reports.flooding == ("printer-1",)
        assert reports.dropped > 4_900
        assert bureau.told.count("DeviceReported") <= BURST + 2
        await reports.report("printer-2", None, actor="device:printer-2")
        assert bureau.office.state.devices["printer-2"] is None
        while reports.flooding:  # noqa: ASYNC110 - looks from outside
            await asyncio.sleep(0.01)
        await bureau.office.do(LeaseNumbers(kiosk="k1"))
        assert bureau.office.state.devices["printer-1"] == "paper-out"

    with_reports(tmp_path, story, calm=0.05)


def test_a_kiosk_cannot_get_round_it_with_ever_new_names(tmp_path: Path) -> None:
    async def story(bureau: Bureau, reports: DeviceReports) -> None:
        for number in range(5_000):
            await reports.report(f"kiosk-1-{number}", "jam", actor="kiosk:kiosk-1", source="kiosk-1")
        await bureau.office.do(LeaseNumbers(kiosk="k1"))
        assert len(bureau.office.state.devices) <= BURST + 2

    with_reports(tmp_path, story)


def test_saying_the_same_again_costs_nothing(tmp_path: Path) -> None:
    async def story(bureau: Bureau, reports: DeviceReports) -> None:
        for _ in range(5_000):
            await reports.report("printer-1", "jam", actor="device:printer-1")
        assert (reports.dropped, reports.flooding) == (0, ())
        assert bureau.told.count("DeviceReported") == 1

    with_reports(tmp_path, story)
