"""The program of the campaign `kiosk-day`: a real kiosk on an offscreen window, and people who touch it.

The flow's seconds are counted by the people, so a day needs no longer than its pictures. Prints one line of JSON now
and then: people so far, pages so far, megabytes in memory.
"""

import asyncio
import json
import random
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk import events as ev
from kiosk import main
from kiosk.events import Printing
from kiosk.main import KioskOptions, Parts
from kiosk.speech import PROGRAM, Speech
from kiosk.state import Screen
from tests.kiosk.standin import TOKEN

EVERY = 25  # people between two lines
BETWEEN = 28.8  # seconds from one person to the next: 3,000 in 24 hours
TAP, KEY = 2.0, 0.3  # seconds until the next touch, the next letter
MOST_TAPS = 40
LIMIT = 60.0  # of ours, for one page to come
WORDS = ("khai sinh", "ket hon", "nha dat", "xe may", "can cuoc", "zzz")
ON = {  # what leads on from a screen; the rest of its buttons is chosen more rarely
    Screen.LANGUAGE: r"language-.*",
    Screen.HOME: r"field-.*|search|collect|services",
    Screen.SERVICES: r"service-.*",
    Screen.PROCEDURES: r"procedure-.*",
    Screen.SEARCH: r"procedure-.*",
    Screen.CASES: r"papers",
    Screen.PAPERS: r"number",
    Screen.READY: r"ready|missing",
    Screen.MISSING: r"anyway|later-day",
    Screen.PRIORITY: r"take|class-.*",
    Screen.TICKET: r"done",
    Screen.NO_NUMBER: r"over",
    Screen.HELP: r"back",
}


@dataclass
class Steady:
    """The flow's clock: seconds pass when somebody lets them."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Hall:
    """One kiosk and the people before it."""

    app: Any
    parts: Parts
    dice: random.Random
    clock: Steady
    pages: int = 0
    keys: dict[str, Any] = field(default_factory=dict)

    @property
    def screen(self) -> Screen:
        return self.parts.driver.state.screen

    async def person(self) -> None:
        """From the first screen to the first screen."""
        for _ in range(self.dice.choice((3, MOST_TAPS, MOST_TAPS, MOST_TAPS))):  # one of four walks away
            await self._settled()
            if self.screen is Screen.THANKS:
                break
            if self.screen is Screen.SEARCH and not self.parts.driver.state.place.found:
                await self._type(self.dice.choice(WORDS))
            await self._touch(self.app.frame.buttons[self._choice()], TAP)
            if self.screen is Screen.ATTRACT:
                return
        while self.screen is not Screen.ATTRACT:
            self.clock.now += TAP
            self.parts.driver.handle(ev.Tick())
            await asyncio.sleep(0)

    def _choice(self) -> str:
        names = [name for name in self.app.frame.buttons if not name.startswith("key-")]
        wanted = [name for name in names if re.fullmatch(ON.get(self.screen, "begin"), name)]
        return self.dice.choice(wanted if wanted and self.dice.random() < 0.85 else names)

    async def _type(self, word: str) -> None:
        if not self.keys:
            rows = self.app.frame.view.ids.keyboard.children
            buttons = [each for row in rows for each in row.children if getattr(each, "choice", None)]
            self.keys = {each.choice.event.key: each for each in buttons}
        for letter in word:
            await self._touch(self.keys[letter], KEY)
        await self.parts.driver.settle()

    async def _touch(self, button: Any, seconds: float) -> None:
        from kivy.tests.common import UnitTestTouch

        self.clock.now += seconds
        touch = UnitTestTouch(*button.to_window(*button.center))
        touch.touch_down()
        touch.touch_up()
        self.pages += 1
        await self._pictures()

    async def _settled(self) -> None:
        """Nothing is under way: no number is being taken, no slip printed."""
        end = time.monotonic() + LIMIT
        while self.screen is Screen.TAKING or self.parts.driver.state.printing is Printing.UNDER_WAY:
            if time.monotonic() > end:
                raise TimeoutError(f"still at {self.screen}")
            await asyncio.sleep(0.005)

    async def _pictures(self, count: int = 2) -> None:
        from kivy.clock import Clock

        until = Clock.frames + count
        while Clock.frames < until:  # noqa: ASYNC110  # Kivy counts its frames and tells nobody
            await asyncio.sleep(0.001)


def megabytes() -> float:
    """Resident memory of this process."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    assert found
    return int(found[1]) / 1024


async def _day(options: KioskOptions, people: int, seed: int) -> None:
    from kivy.config import Config

    Config.set("graphics", "maxfps", "120")
    from kiosk.app import KioskApp

    drawn = asyncio.Event()
    clock = Steady()
    parts = main.assemble(options, steady=clock)
    speech = Speech((*PROGRAM, "-w", "/dev/null"))
    app = KioskApp(driver=parts.driver, clock=parts.sync.time.now, speech=speech, drawn=drawn.set)
    hall = Hall(app, parts, random.Random(seed), clock)
    background = asyncio.create_task(parts.sync.run())
    running = asyncio.create_task(app.async_run(async_lib="asyncio"))
    await drawn.wait()
    for person in range(1, people + 1):
        clock.now = max(clock.now, person * BETWEEN)
        await hall.person()
        if person % EVERY == 0 or person == people:
            line = {"people": person, "pages": hall.pages, "hours": clock.now / 3600, "mb": megabytes()}
            print(json.dumps(line), flush=True)
    app.stop()
    background.cancel()
    await asyncio.gather(running, background, return_exceptions=True)
    await parts.driver.settle()
    await parts.close()
    if parts.driver.failures:
        raise RuntimeError(f"{parts.driver.failures} effects failed")


def _main(url: str, folder: str, printer: str, people: str, seed: str) -> None:
    options = KioskOptions(
        url=url,
        kiosk="kiosk-1",
        token=TOKEN,
        data=Path(folder),
        printer=("127.0.0.1", int(printer)),
        fullscreen=False,
        size=(1080, 1920),
        sync_every=1.0,
    )
    main.prepare_kivy(options)
    asyncio.run(_day(options, int(people), int(seed)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
