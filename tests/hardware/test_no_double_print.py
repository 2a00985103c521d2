"""Many tickets through many faults: what the driver says of each is what lies on the floor."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from hardware.drivers.network_printer import NetworkPrinter, PrinterTimeouts
from hardware.fonts import find_fonts
from hardware.ports import Outcome
from hardware.sheet import Sheet
from hardware.simulated.virtual_printer import Knobs, VirtualPrinter

FAULTS: tuple[dict[str, float | bool] | str, ...] = (
    {"roll_mm": 0},
    {"cover_open": True},
    {"jam": True},
    {"silent": True},
    {"garbage": True},
    {"slow": 400.0},
    {"chunk_bytes": 50},
    {"automatic_status": True, "roll_mm": 30},
    "hang up",
    "power",
    "nothing",
)
PATIENCE = PrinterTimeouts(connect=1.0, answer=0.2, idle=0.4, job=0.8)


def a_numbered_ticket(job_id: str) -> Image.Image:
    sheet = Sheet(width=576, fonts=find_fonts())
    sheet.qr(job_id, target=400)
    return sheet.finish()


def jobs_on(path: Path) -> list[str]:
    with Image.open(path) as slip:
        return [code.text for code in zxingcpp.read_barcodes(slip.convert("L"))]


async def cause(printer: VirtualPrinter, fault: dict[str, float | bool] | str) -> None:
    match fault:
        case "hang up":
            printer.hang_up()
        case "power":
            await printer.stop()
        case dict():
            printer.turn(**fault)


async def mend(printer: VirtualPrinter) -> None:
    printer.turn(roll_mm=80_000, cover_open=False, jam=False, silent=False, garbage=False, slow=1.0, chunk_bytes=0)
    printer.turn(automatic_status=False)
    await printer.start()


@pytest.mark.anyio
@pytest.mark.parametrize("seed", range(3))
async def test_every_ticket_is_where_the_driver_says(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    printer = VirtualPrinter(tmp_path, knobs=Knobs(speed_mm_s=400))
    await printer.start()
    driver = NetworkPrinter(printer.host, printer.port, timeouts=PATIENCE)
    said: dict[str, Outcome] = {}
    for number in range(10):
        job = asyncio.ensure_future(driver.print(a_numbered_ticket(f"job-{number}"), job_id=f"job-{number}"))
        await asyncio.sleep(chance.uniform(0, 0.3))
        await cause(printer, chance.choice(FAULTS))
        result = await job
        said[result.job_id] = result.outcome
        await mend(printer)
    for number in range(10, 20):
        last = await driver.print(a_numbered_ticket(f"job-{number}"), job_id=f"job-{number}")
        said[last.job_id] = last.outcome
        if last.printed:
            break
    await printer.stop()

    whole = Counter(job for slip in printer.slips if slip.whole for job in jobs_on(slip.path))
    assert last.printed
    for job_id, outcome in said.items():
        allowed = {Outcome.PRINTED: {1}, Outcome.FAILED: {0}, Outcome.UNKNOWN: {0, 1}}[outcome]
        assert whole[job_id] in allowed, (job_id, outcome, printer.slips)
