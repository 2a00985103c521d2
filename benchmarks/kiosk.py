"""The kiosk on an offscreen window against a real server: start, tap to next screen, longest handler.

`python -m benchmarks kiosk`; the last line is JSON (seconds). Rendering is by the processor here: a graphics chip is
faster.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.servers import office
from queue_server.auth import Tokens
from queue_server.contract.ports import Identity
from queue_server.keys import load_secret

ROUNDS = 6
CALM = 0.5  # a tap right after a screen change is ignored on purpose
QUIET = {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy", "KIVY_NO_ARGS": "1", "KIVY_NO_CONFIG": "1"}


def main(argv: list[str]) -> int:
    if argv:
        print(__doc__)
        return 2
    os.environ.update(QUIET)
    with tempfile.TemporaryDirectory() as folder, office(Path(folder)) as server:
        token = Tokens(load_secret(Path(folder))).make(Identity(role="kiosk", kiosk="kiosk-1", subject="benchmark"))
        started = start(server.url, token, Path(folder))
        taps, handlers = asyncio.run(tapped(server.url, token, Path(folder) / "taps"))
    figures = {
        "start": started,
        "tap_median": statistics.median(taps),
        "tap_p95": sorted(taps)[int(0.95 * len(taps))],
        "frame_max": max(handlers),
        "taps": len(taps),
    }
    print(json.dumps(figures))
    return 0


def start(url: str, token: str, folder: Path) -> float:
    """From the command to the first screen drawn."""
    command = [sys.executable, "-m", "queue_server", "kiosk", "--url", url, "--kiosk", "kiosk-1", "--token", token]
    began = time.perf_counter()
    child = subprocess.Popen(
        [*command, "--data", str(folder / "start"), "--window", "1080x1920"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        for line in child.stdout:
            if "kiosk ready" in line:
                return time.perf_counter() - began
        raise RuntimeError("the kiosk did not start")
    finally:
        child.terminate()
        child.wait(10)


async def tapped(url: str, token: str, folder: Path) -> tuple[list[float], list[float]]:
    """Seconds from a tap to the next screen drawn, and seconds that its handler held the window up."""
    from kiosk import main as program
    from kiosk.speech import Speech

    options = program.KioskOptions(
        url=url, kiosk="kiosk-1", token=token, data=folder, fullscreen=False, size=(1080, 1920)
    )
    program.prepare_kivy(options)
    from kivy.core.window import Window

    from kiosk.app import KioskApp

    parts = program.assemble(options)
    await parts.sync.round()
    drawn = asyncio.Event()
    app = KioskApp(driver=parts.driver, clock=parts.sync.time.now, speech=Speech(("true",)), drawn=drawn.set)
    running = asyncio.create_task(app.async_run(async_lib="asyncio"))
    await asyncio.wait_for(drawn.wait(), 60)
    flips = Flips(Window)
    taps: list[float] = []
    handlers: list[float] = []
    assert app.frame is not None
    for _ in range(ROUNDS):
        for name in ("begin", "language-vi", "field-ho_tich", "procedure-khai_sinh", "over"):
            await asyncio.sleep(CALM)
            if name not in app.frame.buttons:
                continue
            seconds, handler = await one_tap(app, flips, name)
            taps.append(seconds)
            handlers.append(handler)
    app.stop()
    await running
    await parts.close()
    return taps, handlers


class Flips:
    """The moments at which the window showed a new picture, and a finger to touch it."""

    def __init__(self, window: Any) -> None:
        from kivy.tests.common import UnitTestTouch

        self.finger = UnitTestTouch
        self.seen = asyncio.Event()
        window.bind(on_flip=lambda *_: self.seen.set())


async def one_tap(app: Any, flips: Flips, name: str) -> tuple[float, float]:
    button = app.frame.buttons[name]
    touch = flips.finger(*button.to_window(*button.center))
    flips.seen.clear()
    began = time.perf_counter()
    touch.touch_down()
    touch.touch_up()
    handler = time.perf_counter() - began
    await asyncio.wait_for(flips.seen.wait(), 10)
    return time.perf_counter() - began, handler


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
