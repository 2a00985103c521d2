"""Printers that tell their state unasked, and those that work on without paper: no ticket is called printed wrongly."""

import pytest
from PIL import Image

from hardware.drivers.network_printer import NetworkPrinter
from hardware.ports import Outcome, Problem
from hardware.simulated.virtual_printer import VirtualPrinter

pytestmark = pytest.mark.anyio


def whole(printer: VirtualPrinter) -> int:
    """How many whole tickets came out."""
    return sum(slip.whole for slip in printer.slips)


async def test_a_printer_that_tells_its_state_unasked_is_used_like_any_other(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    printer.turn(automatic_status=True)

    status, result = await driver.status(), await driver.print(ticket)

    assert status.can_print
    assert (result.outcome, result.problem, whole(printer)) == (Outcome.PRINTED, None, 1)


@pytest.mark.parametrize("automatic", [False, True])
@pytest.mark.parametrize("without_paper", [False, True])
@pytest.mark.parametrize("short_by_mm", [1, 12, 30])
async def test_paper_that_ends_in_the_last_strips_is_never_called_printed(
    printer: VirtualPrinter,
    driver: NetworkPrinter,
    ticket: Image.Image,
    automatic: bool,
    without_paper: bool,
    short_by_mm: float,
) -> None:
    await driver.print(ticket)  # the first of a program also cuts off what may hang in the printer
    roll = printer.knobs.roll_mm
    await driver.print(ticket)
    used = roll - printer.knobs.roll_mm
    printer.turn(
        automatic_status=automatic, prints_without_paper=without_paper, near_end_mm=0, roll_mm=used - short_by_mm
    )

    result = await driver.print(ticket)

    assert result.outcome is not Outcome.PRINTED
    assert result.problem is Problem.PAPER_OUT
    assert whole(printer) == 2
