"""The virtual printer behaves as a real one, asked with bare bytes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from hardware import escpos
from hardware.drivers.network_printer import NetworkPrinter
from hardware.ports import Paper, Problem
from hardware.simulated.paper_path import PaperPath, Slip
from hardware.simulated.virtual_printer import Knobs, VirtualPrinter

pytestmark = pytest.mark.anyio
BLACK = Image.new("1", (576, 400))
FIFTY_MM = b"".join(escpos.raster(BLACK))


@asynccontextmanager
async def a_client(printer: VirtualPrinter) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(printer.host, printer.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader, count: int = 1) -> bytes:
    return await asyncio.wait_for(reader.readexactly(count), 20)


async def test_it_answers_questions_while_it_stands_still(printer: VirtualPrinter) -> None:
    printer.turn(cover_open=True)
    async with a_client(printer) as (reader, writer):
        writer.write(FIFTY_MM + b"".join(escpos.STATUS_QUERIES))
        heard = await answer(reader, 4)

    assert escpos.parse_status(heard).cover_open
    assert printer.knobs.roll_mm == 80_000


async def test_it_prints_what_it_has_when_the_cover_is_closed(printer: VirtualPrinter) -> None:
    printer.turn(cover_open=True)
    async with a_client(printer) as (reader, writer):
        writer.write(escpos.INIT + FIFTY_MM + escpos.CUT + escpos.END_MARK + escpos.STATUS_QUERIES[0])
        await answer(reader)
        printer.turn(cover_open=False)
        assert escpos.is_end_mark((await answer(reader))[0])

    assert [(slip.whole, slip.millimetres) for slip in printer.slips] == [(True, 50.0)]


async def test_end_marks_are_answered_in_order_and_tell_near_end(printer: VirtualPrinter) -> None:
    printer.turn(near_end_mm=79_975)
    async with a_client(printer) as (reader, writer):
        writer.write(escpos.END_MARK + FIFTY_MM + escpos.END_MARK)
        assert await answer(reader, 2) == b"\x00\x03"


async def test_it_serves_one_client_at_a_time(printer: VirtualPrinter) -> None:
    async with a_client(printer) as (first_reader, first):
        first.write(escpos.STATUS_QUERIES[0])
        await answer(first_reader)
        async with a_client(printer) as (second_reader, second):
            second.write(escpos.STATUS_QUERIES[0])
            first.write(escpos.STATUS_QUERIES[0])
            await answer(first_reader)
            assert second_reader._buffer == b""  # type: ignore[attr-defined]
            first.close()
            assert escpos.is_status((await answer(second_reader))[0])


async def test_it_hangs_up_on_a_quiet_client(printer: VirtualPrinter) -> None:
    printer.turn(idle_close_s=0.05)
    async with a_client(printer) as (reader, _):
        assert await asyncio.wait_for(reader.read(), 20) == b""


async def test_it_takes_time_to_print(printer: VirtualPrinter) -> None:
    printer.turn(speed_mm_s=500, slow=2.0)
    began = asyncio.get_running_loop().time()
    async with a_client(printer) as (reader, writer):
        writer.write(FIFTY_MM + escpos.END_MARK)
        await answer(reader)

    assert asyncio.get_running_loop().time() - began >= 50 / 500 * 2 - 0.01


@pytest.mark.parametrize(
    "knobs",
    [
        {"colour": 1},
        {"roll_mm": -1},
        {"roll_mm": float("nan")},
        {"cover_open": 1},
        {"roll_mm": True},
        {"jam": True, "nonsense": False},
    ],
)
async def test_a_knob_that_does_not_exist_changes_nothing(
    printer: VirtualPrinter, knobs: dict[str, float | bool]
) -> None:
    with pytest.raises(ValueError, match=r"knob|setting"):
        printer.turn(**knobs)

    assert printer.knobs == Knobs(speed_mm_s=5_000)


async def test_starting_twice_and_stopping_twice_is_harmless(printer: VirtualPrinter) -> None:
    port = printer.port
    await printer.start()
    assert printer.port == port
    await printer.stop()
    await printer.stop()

    assert printer.status.problem is Problem.UNREACHABLE


async def test_the_near_end_sensor(printer: VirtualPrinter) -> None:
    assert printer.status.paper is Paper.OK
    printer.turn(roll_mm=3_000)
    assert printer.status.paper is Paper.NEAR_END


async def test_pictures_are_numbered_on_after_a_restart(
    printer: VirtualPrinter, driver: NetworkPrinter, ticket: Image.Image
) -> None:
    await driver.print(ticket)
    again = VirtualPrinter(printer.folder, knobs=Knobs(speed_mm_s=5_000))
    await again.start()
    await NetworkPrinter(again.host, again.port).print(ticket)
    await again.stop()

    names = sorted(path.name for path in printer.folder.glob("*.png"))
    assert names == ["last.png", "ticket-000001.png", "ticket-000002.png"]


def test_only_the_newest_pictures_are_kept(tmp_path: Path) -> None:
    slips: list[Slip] = []
    paper = PaperPath(tmp_path, keep=3, on_slip=slips.append)
    paper.load()
    for _ in range(5):
        paper.add([b"\xff" * 72] * 8)
        paper.cut()

    kept = sorted(path.name for path in tmp_path.glob("ticket-*.png"))
    assert kept == ["ticket-000003.png", "ticket-000004.png", "ticket-000005.png"]
    assert len(slips) == 5


def test_blank_paper_is_no_slip(tmp_path: Path) -> None:
    slips: list[Slip] = []
    paper = PaperPath(tmp_path, on_slip=slips.append)
    paper.load()
    paper.add([bytes(72)] * 80)
    paper.cut()

    assert slips == []


async def test_rows_wider_than_the_paper_end_at_its_edge(printer: VirtualPrinter) -> None:
    wide = b"".join(escpos.raster(Image.new("1", (1_000, 80))))
    async with a_client(printer) as (reader, writer):
        writer.write(wide + escpos.CUT + escpos.END_MARK)
        await answer(reader)

    with Image.open(printer.folder / "last.png") as last:
        assert last.size == (576, 80)
