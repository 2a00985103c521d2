"""The real program on a real (offscreen) window, touched and typed at, against a real HTTP server."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import main
from kiosk.events import Aid
from kiosk.main import KioskOptions, Parts
from kiosk.speech import Speech
from kiosk.state import Screen
from tests.kiosk.gallery import PORTRAIT
from tests.kiosk.standin import TOKEN, Faults, StandIn, running

HURRY = 4.0  # the flow's seconds in one of ours
CALM = 0.45 / HURRY
ESCAPE, F1, F11, DOWN, ENTER = 27, 282, 292, 274, 13


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with running() as standin:
        yield standin


def touch_button(button: Any) -> None:
    """Finger down, finger up."""
    from kivy.tests.common import UnitTestTouch

    touch = UnitTestTouch(*button.to_window(*button.center))
    touch.touch_down()
    touch.touch_up()


class Finger:
    """Touches and types like a person: real touches through Kivy's own dispatch."""

    def __init__(self, app: Any, parts: Parts) -> None:
        self.app, self.parts = app, parts

    @property
    def screen(self) -> Screen:
        return self.parts.driver.state.screen

    async def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not true():  # what is waited for is a property of the glass
            assert time.monotonic() < end, f"still at {self.screen}"
            await asyncio.sleep(0.01)

    async def frames(self, count: int = 3) -> None:
        """Let Kivy lay out and draw."""
        from kivy.clock import Clock

        until = Clock.frames + count
        while Clock.frames < until:  # noqa: ASYNC110  # Kivy counts its frames and tells nobody
            await asyncio.sleep(0.005)

    def touch(self, name: str) -> None:
        """One tap in the middle of a choice."""
        touch_button(self.app.frame.buttons[name])

    async def taps(self, name: str, screen: Screen) -> None:
        """A calm tap: the screen has stood long enough, and the next one comes up."""
        await asyncio.sleep(CALM)
        await self.frames()
        self.touch(name)
        await self.until(lambda: self.screen is screen)
        await self.frames()

    def key(self, code: int) -> None:
        from kivy.core.window import Window

        Window.dispatch("on_key_down", code, 0, None, [])
        Window.dispatch("on_keyboard", code, 0, None, [])


def on_glass(standin: StandIn, folder: Path, story: Callable[[Finger], Awaitable[None]]) -> Parts:
    """The whole kiosk, but for the full screen."""
    options = KioskOptions(url=standin.url, kiosk="kiosk-1", token=TOKEN, data=folder, fullscreen=False, size=PORTRAIT)
    main.prepare_kivy(options)

    async def told() -> Parts:
        from kivy.core.window import Window

        from kiosk.app import KioskApp

        Window.size = PORTRAIT
        drawn = asyncio.Event()
        parts = main.assemble(options, steady=lambda: time.monotonic() * HURRY)
        await parts.sync.round()
        app = KioskApp(driver=parts.driver, clock=parts.sync.time.now, speech=Speech(("true",)), drawn=drawn.set)
        running_app = asyncio.create_task(app.async_run(async_lib="asyncio"))
        try:
            await asyncio.wait_for(drawn.wait(), 30)
            await story(Finger(app, parts))
            assert not running_app.done()
        finally:
            app.stop()
            await running_app
            await parts.driver.settle()
            await parts.sync.round()
            await parts.close()
            Window.clear()
            for child in list(Window.children):
                Window.remove_widget(child)
        return parts

    return asyncio.run(told())


async def to_priority(finger: Finger) -> None:
    await finger.taps("begin", Screen.LANGUAGE)
    await finger.taps("language-vi", Screen.HOME)
    await finger.taps("field-ho_tich", Screen.PROCEDURES)
    await finger.taps("procedure-khai_sinh", Screen.CASES)
    await finger.taps("papers", Screen.PAPERS)
    await finger.taps("number", Screen.READY)
    await finger.taps("ready", Screen.PRIORITY)


def test_two_quick_taps_under_a_slow_server_are_one_ticket(standin: StandIn, tmp_path: Path) -> None:
    async def story(finger: Finger) -> None:
        await to_priority(finger)
        standin.faults = Faults(delay=0.8)
        await asyncio.sleep(CALM)
        finger.touch("class-elderly")
        for _ in range(6):
            await asyncio.sleep(0.05)
            for name in ("class-elderly", "take"):
                if name in finger.app.frame.buttons:
                    finger.touch(name)
        await finger.until(lambda: finger.screen is Screen.TICKET)
        await finger.frames()
        assert finger.app.frame.view.number == "A021"

    on_glass(standin, tmp_path, story)
    assert standin.posts() == 1
    assert standin.waiting() == ["A021"]
    assert standin.tickets["A021"].body["priority"] == "elderly"


def test_a_touch_anywhere_on_the_first_screen_begins(standin: StandIn, tmp_path: Path) -> None:
    async def story(finger: Finger) -> None:
        from kivy.tests.common import UnitTestTouch

        await asyncio.sleep(CALM)
        touch = UnitTestTouch(PORTRAIT[0] / 2, PORTRAIT[1] * 0.6)
        touch.touch_down()
        touch.touch_up()
        await finger.until(lambda: finger.screen is Screen.LANGUAGE)

    on_glass(standin, tmp_path, story)


def test_two_taps_in_one_frame_are_one_ticket(standin: StandIn, tmp_path: Path) -> None:
    async def story(finger: Finger) -> None:
        await finger.taps("begin", Screen.LANGUAGE)
        await finger.taps("language-en", Screen.HOME)
        await finger.taps("collect", Screen.PRIORITY)
        await asyncio.sleep(CALM)
        button = finger.app.frame.buttons["take"]
        touch_button(button)
        touch_button(button)
        await finger.until(lambda: finger.screen is Screen.TICKET)

    on_glass(standin, tmp_path, story)
    assert standin.posts() == 1


def test_typing_on_the_glass_finds_a_procedure(standin: StandIn, tmp_path: Path) -> None:
    async def story(finger: Finger) -> None:
        await finger.taps("begin", Screen.LANGUAGE)
        await finger.taps("language-vi", Screen.HOME)
        await finger.taps("search", Screen.SEARCH)
        keyboard = finger.app.frame.view.ids.keyboard
        buttons = {
            button.choice.event.key: button
            for row in keyboard.children
            for button in row.children
            if getattr(button, "choice", None)
        }
        await asyncio.sleep(CALM)
        for key in "giaays khai sinh":
            touch_button(buttons[key])
            await asyncio.sleep(0.1)
        assert finger.app.frame.view.typed == "giấy khai sinh"
        await finger.until(lambda: "procedure-khai_sinh" in finger.app.frame.buttons)
        await finger.taps("procedure-khai_sinh", Screen.CASES)

    on_glass(standin, tmp_path, story)


def test_no_key_leaves_the_program_and_the_keypad_walks_it(standin: StandIn, tmp_path: Path) -> None:
    async def story(finger: Finger) -> None:
        from kivy.core.window import Window

        for code in (ESCAPE, F1, F11, 285, 113):
            finger.key(code)
        assert Window.dispatch("on_request_close") is True
        assert not finger.app.open_settings()
        await finger.frames()
        assert finger.screen is Screen.ATTRACT
        await asyncio.sleep(CALM)
        finger.key(DOWN)
        finger.key(ENTER)
        await finger.until(lambda: finger.screen is Screen.LANGUAGE)
        await asyncio.sleep(CALM)
        finger.key(DOWN)
        finger.key(ENTER)
        await finger.until(lambda: finger.screen is Screen.HOME)
        assert finger.parts.driver.state.language == "en", "the keys go on from the first choice of a new page"

    on_glass(standin, tmp_path, story)


def test_aids_change_the_glass_and_are_gone_for_the_next_person(standin: StandIn, tmp_path: Path) -> None:
    async def story(finger: Finger) -> None:
        skin = finger.app.skin
        await finger.taps("begin", Screen.LANGUAGE)
        for aid in (Aid.LARGE, Aid.CONTRAST, Aid.LOW, Aid.SPEECH):
            await finger.taps(f"aid-{aid}", Screen.LANGUAGE)
        assert (skin.text > 1, skin.low, list(skin.ground)) == (True, True, [0, 0, 0, 1])
        assert finger.app._speech.on
        await finger.taps("over", Screen.ATTRACT)
        assert (skin.text, skin.low) == (1, False)
        assert not finger.app._speech.on

    on_glass(standin, tmp_path, story)


def test_the_server_goes_while_somebody_stands_there(standin: StandIn, tmp_path: Path) -> None:
    async def story(finger: Finger) -> None:
        await to_priority(finger)
        standin.faults = Faults(silent=True)
        await finger.taps("take", Screen.TAKING)
        await finger.until(lambda: finger.screen is Screen.TICKET)
        await finger.frames()
        assert finger.app.frame.view.number == "A001", "from the lease"
        standin.faults = Faults()

    on_glass(standin, tmp_path, story)
    assert standin.waiting() == ["A001"], "the number that got lost on the way is cancelled, ours is handed in"
