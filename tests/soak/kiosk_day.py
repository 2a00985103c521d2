"""A kiosk's busy day: 3,000 people in 24 hours, really drawn and touched, and its memory stays flat."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from hardware.simulated.virtual_printer import Knobs, VirtualPrinter
from tests.kiosk.standin import running
from tests.soak.campaign import Campaign, Findings, Options

PEOPLE = 3000
HOUR = 125  # people
GROWTH, PEAK = 1.1, 400.0  # end ÷ first hour; megabytes
QUIET = {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
ROOT = Path(__file__).parents[2]


def run(options: Options) -> Findings:
    """The server is a stand-in, the printer the virtual one; one of the machine's cores is kept busy."""
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    os.sched_setaffinity(busy.pid, {min(os.sched_getaffinity(0))})
    try:
        lines, ended = asyncio.run(_day(options, options.count(PEOPLE)))
    finally:
        busy.kill()
        busy.wait()
    return _findings(lines, ended)


async def _day(options: Options, people: int) -> tuple[list[dict[str, float]], int]:
    printer = VirtualPrinter(options.folder / "paper", knobs=Knobs(speed_mm_s=50_000))
    await printer.start()
    with running() as standin:
        what = (standin.url, options.folder / "kiosk", printer.port, people, options.first)
        command = [sys.executable, "-m", "tests.soak._kiosk_people", *map(str, what)]
        child = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env={**os.environ, **QUIET}, stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        lines = [json.loads(line) async for line in child.stdout]
        ended = await child.wait()
    await printer.stop()
    return lines, ended


def _findings(lines: list[dict[str, float]], ended: int) -> Findings:
    if ended or not lines:
        return Findings(figures={}, failures=(f"the kiosk ended with {ended}",))
    last = lines[-1]
    first = next((each for each in lines if each["people"] >= min(HOUR, last["people"] / 2)), last)
    peak = max(each["mb"] for each in lines)
    figures = {
        "people": int(last["people"]),
        "pages": int(last["pages"]),
        "hours": round(last["hours"], 1),
        "first hour, MB": round(first["mb"]),
        "end, MB": round(last["mb"]),
        "end ÷ first hour": round(last["mb"] / first["mb"], 3),
        "peak, MB": round(peak),
    }
    failures = []
    if last["mb"] > GROWTH * first["mb"]:
        failures.append(f"memory grew from {first['mb']:.0f} to {last['mb']:.0f} MB")
    if peak > PEAK:
        failures.append(f"memory reached {peak:.0f} MB")
    return Findings(figures=figures, failures=tuple(failures))


CAMPAIGN = Campaign(
    name="kiosk-day",
    shows="3,000 people in 24 hours at one kiosk, really drawn and touched: memory stays flat",
    run=run,
)
