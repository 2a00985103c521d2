"""A printer's faults reach the broker, whoever made it."""

import asyncio

import pytest
from PIL import Image

from hardware.drivers.network_printer import NetworkPrinter
from hardware.ports import Paper, PrinterStatus, Problem
from hardware.printer_watch import PrinterWatch, printer_presence
from hardware.simulated.virtual_printer import VirtualPrinter
from tests.hardware.conftest import Broker, Listener

HERE = "motcua/v1/s1/device/printer-7/availability"


async def heard(listener: Listener, **facts: object) -> None:
    async with asyncio.timeout(20):
        while not facts.items() <= listener.last_on(HERE).items():  # noqa: ASYNC110 - looks from outside
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("status", "presence"),
    [
        (PrinterStatus(online=True, paper=Paper.OK), {"problem": None, "paper": "ok"}),
        (PrinterStatus(online=True, paper=Paper.NEAR_END), {"problem": None, "paper": "near_end"}),
        (PrinterStatus(paper=Paper.OUT), {"problem": "paper-out", "paper": "out"}),
        (PrinterStatus(unheard=Problem.SILENT), {"problem": "silent", "paper": "unknown"}),
        (
            PrinterStatus(unheard=Problem.UNREACHABLE),
            {"online": False, "problem": "unreachable", "paper": "unknown"},
        ),
    ],
)
def test_what_is_said_of_a_printer(status: PrinterStatus, presence: dict[str, object]) -> None:
    assert printer_presence(status) == presence


@pytest.mark.anyio
async def test_faults_come_and_go(
    printer: VirtualPrinter, driver: NetworkPrinter, broker: Broker, listener: Listener
) -> None:
    watch = PrinterWatch(driver, broker.address, site="s1", device="printer-7", every=0.05)
    await watch.start()
    await heard(listener, online=True, problem=None, paper="ok")
    printer.turn(cover_open=True)
    await heard(listener, online=True, problem="cover-open")
    await printer.stop()
    await heard(listener, online=False, problem="unreachable", paper="unknown")
    printer.turn(cover_open=False)
    await printer.start()
    await heard(listener, online=True, problem=None, paper="ok")
    await watch.stop()
    await heard(listener, online=False)


@pytest.mark.anyio
async def test_watching_does_not_disturb_printing(
    printer: VirtualPrinter, driver: NetworkPrinter, broker: Broker, ticket: Image.Image
) -> None:
    watch = PrinterWatch(driver, broker.address, site="s1", device="printer-7", every=0.001)
    await watch.start()

    results = [await driver.print(ticket) for _ in range(3)]

    await watch.stop()
    assert all(result.printed for result in results)
    assert [slip.whole for slip in printer.slips] == [True] * 3
