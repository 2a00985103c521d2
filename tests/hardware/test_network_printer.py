"""Every way a ticket can fail to come out, caused on the virtual printer and told by the real driver."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from PIL import Image, ImageChops

from hardware import escpos
from hardware.drivers.network_printer import NetworkPrinter, PrinterTimeouts
from hardware.ports import Outcome, Paper, PrinterStatus, PrintResult, Problem
from hardware.simulated.virtual_printer import VirtualPrinter
from tests.hardware.conftest import QUICK, free_port

pytestmark = pytest.mark.anyio
LAST_STRIP_MM = 106  # the end of the ticket has been sent, and is not yet printed


def whole(printer: VirtualPrinter) -> int:
    """How many whole tickets came out."""
    return sum(slip.whole for slip in printer.slips)


async def until(holds: Callable[[], object]) -> None:
    """Give the loop time until something holds."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - looks from outside, like a person
            await asyncio.sleep(0.005)


async def in_the_middle(
    printer: VirtualPrinter, job: Awaitable[PrintResult], do: Callable[[], object], *, after_mm: float = 20
) -> PrintResult:
    """Run a job and do something to the printer once it has printed that far (a ticket has 117 mm)."""
    roll = printer.knobs.roll_mm
    running = asyncio.ensure_future(job)
    await until(lambda: printer.knobs.roll_mm < roll - after_mm)
    do()
    return await running


async def test_the_paper_shows_exactly_the_picture(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    result = await driver.print(ticket, job_id="job-1")

    assert result == PrintResult(outcome=Outcome.PRINTED, job_id="job-1", paper=Paper.OK)
    with Image.open(printer.folder / "last.png") as last:
        paper = last.convert("L").crop((0, 0, *ticket.size))
    assert ImageChops.difference(paper, ticket.convert("L")).getbbox() is None


async def test_a_job_without_an_id_is_given_one(driver: NetworkPrinter, ticket: Image.Image) -> None:
    first, second = await driver.print(ticket), await driver.print(ticket)

    assert len({first.job_id, second.job_id, ""}) == 3


async def test_near_end_still_prints_and_is_told(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    printer.turn(roll_mm=1_000)

    result = await driver.print(ticket)

    assert (result.outcome, result.paper) == (Outcome.PRINTED, Paper.NEAR_END)


@pytest.mark.parametrize(
    ("knobs", "problem"),
    [
        ({"roll_mm": 0}, Problem.PAPER_OUT),
        ({"cover_open": True}, Problem.COVER_OPEN),
        ({"jam": True}, Problem.JAM),
        ({"fault": True}, Problem.FAULT),
        ({"silent": True}, Problem.SILENT),
        ({"garbage": True}, Problem.GARBLED),
    ],
)
async def test_a_fault_before_the_job_costs_no_paper(
    printer: VirtualPrinter,
    driver: NetworkPrinter,
    ticket: Image.Image,
    knobs: dict[str, float | bool],
    problem: Problem,
) -> None:
    printer.turn(**knobs)
    roll = printer.knobs.roll_mm

    status, result = await driver.status(), await driver.print(ticket)

    assert not status.can_print
    assert status.problem is problem
    assert (result.outcome, result.problem) == (Outcome.FAILED, problem)
    assert printer.slips == []
    assert printer.knobs.roll_mm == roll


@pytest.mark.parametrize(
    ("broken", "mended", "problem"),
    [
        ({"roll_mm": 0}, {"roll_mm": 80_000}, Problem.PAPER_OUT),
        ({"cover_open": True}, {"cover_open": False}, Problem.COVER_OPEN),
        ({"jam": True}, {"jam": False}, Problem.JAM),
        ({"fault": True}, {"fault": False}, Problem.FAULT),
    ],
)
async def test_a_fault_in_the_middle_fails_and_the_rest_never_comes_out(
    printer: VirtualPrinter,
    driver: NetworkPrinter,
    ticket: Image.Image,
    broken: dict[str, float | bool],
    mended: dict[str, float | bool],
    problem: Problem,
) -> None:
    printer.turn(speed_mm_s=200)

    result = await in_the_middle(printer, driver.print(ticket), lambda: printer.turn(**broken))
    assert (result.outcome, result.problem) == (Outcome.FAILED, problem)
    await until(lambda: printer.jobs_cleared == 1)

    printer.turn(**mended, speed_mm_s=5_000)
    again = await driver.print(ticket)
    assert again.printed
    assert whole(printer) == 1


async def test_a_roll_that_ends_inside_a_ticket(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    await driver.print(ticket)
    printer.slips.clear()
    printer.turn(roll_mm=50)

    result = await driver.print(ticket)

    assert (result.outcome, result.problem) == (Outcome.FAILED, Problem.PAPER_OUT)
    assert [(slip.whole, slip.millimetres) for slip in printer.slips] == [(False, 50.0)]


async def test_a_roll_that_ends_with_the_ticket_still_counts(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    await driver.print(ticket)
    needed = printer.slips[0].millimetres
    printer.turn(roll_mm=needed + 2)

    result = await driver.print(ticket)

    assert result.printed
    assert printer.slips[-1].whole


async def test_a_printer_that_cannot_clear_has_only_the_strips_ahead_left_to_print(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    printer.turn(roll_mm=50, clears=False)
    assert (await driver.print(ticket)).outcome is Outcome.FAILED

    printer.turn(roll_mm=80_000)
    assert (await driver.print(ticket)).printed

    assert [slip.whole for slip in printer.slips] == [False, False, True]
    assert printer.slips[1].millimetres < 40


async def test_too_slow_fails_while_most_of_the_ticket_is_not_sent(
    printer: VirtualPrinter, ticket: Image.Image
) -> None:
    printer.turn(speed_mm_s=100)
    hasty = PrinterTimeouts(connect=1, answer=0.3, idle=0.3, job=0.5)
    driver = NetworkPrinter(printer.host, printer.port, timeouts=hasty)

    result = await driver.print(ticket, job_id="A012")

    assert result == PrintResult(outcome=Outcome.FAILED, job_id="A012", problem=Problem.TIMEOUT, paper=Paper.OK)
    printer.turn(speed_mm_s=5_000)
    assert (await driver.print(ticket)).printed
    assert whole(printer) == 1


async def test_slow_at_the_end_is_unknown_left_in_peace_and_not_printed_again(
    printer: VirtualPrinter, ticket: Image.Image
) -> None:
    printer.turn(speed_mm_s=400)
    hasty = PrinterTimeouts(connect=1, answer=0.3, idle=0.3, job=1.5)
    driver = NetworkPrinter(printer.host, printer.port, timeouts=hasty)

    result = await in_the_middle(
        printer, driver.print(ticket), lambda: printer.turn(speed_mm_s=3), after_mm=LAST_STRIP_MM
    )
    busy = await driver.print(ticket)

    assert (result.outcome, result.problem) == (Outcome.UNKNOWN, Problem.TIMEOUT)
    assert (busy.outcome, busy.problem) == (Outcome.FAILED, Problem.BUSY)
    printer.turn(speed_mm_s=5_000)
    await until(lambda: printer.slips)
    assert whole(printer) == 1
    assert printer.jobs_cleared == 0


@pytest.mark.parametrize(("knob", "problem"), [("silent", Problem.SILENT), ("garbage", Problem.GARBLED)])
async def test_no_sense_in_the_middle_fails(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image, knob: str, problem: Problem
) -> None:
    printer.turn(speed_mm_s=200)

    result = await in_the_middle(printer, driver.print(ticket), lambda: printer.turn(**{knob: True}))

    assert (result.outcome, result.problem) == (Outcome.FAILED, problem)
    printer.turn(**{knob: False}, speed_mm_s=5_000)
    assert (await driver.print(ticket)).printed
    assert whole(printer) == 1


@pytest.mark.parametrize(("knob", "problem"), [("silent", Problem.SILENT), ("garbage", Problem.GARBLED)])
async def test_no_sense_at_the_end_is_unknown(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image, knob: str, problem: Problem
) -> None:
    printer.turn(speed_mm_s=200)

    result = await in_the_middle(
        printer, driver.print(ticket), lambda: printer.turn(**{knob: True}), after_mm=LAST_STRIP_MM
    )

    assert (result.outcome, result.problem) == (Outcome.UNKNOWN, problem)
    await until(lambda: printer.slips)
    assert whole(printer) == 1


async def test_a_jam_of_the_knife_is_never_printed(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    printer.turn(speed_mm_s=200)

    result = await in_the_middle(printer, driver.print(ticket), lambda: printer.turn(jam=True), after_mm=LAST_STRIP_MM)

    assert (result.outcome, result.problem) == (Outcome.FAILED, Problem.JAM)


async def test_a_connection_cut_in_the_middle_fails_and_the_torso_goes_to_nobody(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    printer.turn(drop_after_bytes=20_000)
    result = await driver.print(ticket)
    assert (result.outcome, result.problem) == (Outcome.FAILED, Problem.CONNECTION_LOST)

    again = await driver.print(ticket)

    assert again.printed
    assert [slip.whole for slip in printer.slips] == [False, True]


async def test_a_connection_cut_at_the_end_is_unknown_and_the_ticket_comes_out_once(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    printer.turn(speed_mm_s=200)

    result = await in_the_middle(printer, driver.print(ticket), printer.hang_up, after_mm=LAST_STRIP_MM)

    assert (result.outcome, result.problem) == (Outcome.UNKNOWN, Problem.CONNECTION_LOST)
    await until(lambda: printer.slips)
    assert (await driver.print(ticket)).printed
    assert [slip.whole for slip in printer.slips] == [True, True]


async def test_a_connection_lost_before_the_first_answer(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    printer.turn(drop_after_bytes=1)

    result = await driver.print(ticket)

    assert (result.outcome, result.problem) == (Outcome.FAILED, Problem.UNREACHABLE)
    assert (await driver.print(ticket)).printed


async def test_a_printer_left_in_a_picture_by_another_program_is_freed_by_the_second_job(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    _, writer = await asyncio.open_connection(printer.host, printer.port)
    writer.write(next(escpos.raster(ticket))[:-2_000])
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    first, second = await driver.print(ticket), await driver.print(ticket)

    assert (first.outcome, first.problem) == (Outcome.FAILED, Problem.BUSY)
    assert second.printed
    assert whole(printer) == 1


async def test_nobody_at_the_address() -> None:
    driver = NetworkPrinter("127.0.0.1", free_port(), timeouts=QUICK)

    status, result = await driver.status(), await driver.print(Image.new("1", (8, 8)))

    assert status == PrinterStatus(unheard=Problem.UNREACHABLE)
    assert (result.outcome, result.problem) == (Outcome.FAILED, Problem.UNREACHABLE)


async def test_switched_off_and_on_again(printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image) -> None:
    await printer.stop()
    away = await driver.print(ticket)
    await printer.start()
    back = await driver.print(ticket)

    assert (away.problem, back.outcome) == (Problem.UNREACHABLE, Outcome.PRINTED)
    assert whole(printer) == 1


async def test_a_small_buffer_neither_stops_a_ticket_nor_hides_a_fault(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    printer.turn(buffer_bytes=16_384)
    assert (await driver.print(ticket)).printed

    printer.turn(roll_mm=50)
    result = await driver.print(ticket)

    assert (result.outcome, result.problem) == (Outcome.FAILED, Problem.PAPER_OUT)


async def test_a_printer_that_takes_no_more_fails_and_what_was_not_sent_is_never_printed(
    printer: VirtualPrinter,
) -> None:
    careless = NetworkPrinter(printer.host, printer.port, timeouts=QUICK, ahead=100_000)
    long_paper = Image.new("1", (576, 120_000))
    printer.turn(buffer_bytes=4_096, speed_mm_s=20)

    result = await careless.print(long_paper)

    assert (result.outcome, result.problem) == (Outcome.FAILED, Problem.TIMEOUT)
    printer.turn(speed_mm_s=1_000_000)
    assert (await careless.print(Image.new("1", (576, 80)))).printed
    assert [slip.whole for slip in printer.slips] == [False, True]
    assert printer.slips[0].millimetres < 15_000


async def test_a_torso_that_a_power_cut_left_on_the_paper_is_cut_off_first(
    printer: VirtualPrinter, ticket: Image.Image
) -> None:
    printer.turn(speed_mm_s=200)
    before = NetworkPrinter(printer.host, printer.port, timeouts=QUICK)
    job = asyncio.ensure_future(before.print(ticket))
    await until(lambda: printer.knobs.roll_mm < 79_960)
    await printer.stop()
    assert not (await job).printed

    await printer.start()
    after = NetworkPrinter(printer.host, printer.port, timeouts=QUICK)

    assert (await after.print(ticket)).printed
    assert [slip.whole for slip in printer.slips] == [False, True]


async def test_answers_in_pieces_and_bytes_in_pieces(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    printer.turn(chunk_bytes=97)

    assert (await driver.print(ticket)).printed
    assert whole(printer) == 1


async def test_jobs_of_two_tasks_wait_for_each_other(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    results = await asyncio.gather(*(driver.print(ticket, job_id=f"job-{n}") for n in range(3)))

    assert [(result.job_id, result.printed) for result in results] == [
        ("job-0", True),
        ("job-1", True),
        ("job-2", True),
    ]
    assert whole(printer) == 3


async def test_a_job_that_is_cancelled_leaves_nothing_for_the_next_person(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    printer.turn(speed_mm_s=200)
    job = asyncio.ensure_future(driver.print(ticket))
    await until(lambda: printer.knobs.roll_mm < 79_980)
    job.cancel()
    await asyncio.wait([job])
    printer.turn(speed_mm_s=5_000)

    assert (await driver.print(ticket)).printed
    assert printer.slips[-1].whole
