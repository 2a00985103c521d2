"""The Kivy program: draws the flow's state, turns touches and keys into its events. Decides nothing."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from kivy.app import App
from kivy.clock import Clock
from kivy.core.text import LabelBase
from kivy.core.window import Window

from hardware.fonts import Fonts, check_fonts
from kiosk import events as ev
from kiosk import focus as keys
from kiosk.driver import Driver
from kiosk.events import Aid
from kiosk.memory import give_back
from kiosk.pages.build import page_for
from kiosk.pages.model import Choice, Page
from kiosk.patience import seconds_left
from kiosk.screens.frame import Frame
from kiosk.speech import Speech
from kiosk.state import Screen, State
from kiosk.texts import Texts
from kiosk.widgets.skin import Skin
from kiosk.world import said

TICK: Final = 0.25
QUIET: Final = 1.5  # seconds after the first picture
# key codes of SDL: an audio keypad sends arrows and Enter; every other key is swallowed
_MOVES: Final = {
    274: keys.Move.NEXT,
    275: keys.Move.NEXT,
    9: keys.Move.NEXT,
    273: keys.Move.BEFORE,
    276: keys.Move.BEFORE,
    13: keys.Move.PRESS,
    271: keys.Move.PRESS,
    32: keys.Move.REPEAT,
}


class KioskApp(App):
    """One kiosk on one glass. `drawn` is called when the first screen has been drawn."""

    def __init__(
        self, *, driver: Driver, clock: Callable[[], datetime], speech: Speech, drawn: Callable[[], None]
    ) -> None:
        super().__init__()
        self.driver = driver
        self.skin = Skin()
        self.page: Page = page_for(driver.state)
        self.frame: Frame | None = None
        self._clock = clock
        self._speech = speech
        self._drawn = drawn
        self._focus = keys.Focus()
        self._look: tuple[Any, ...] = ()

    def build(self) -> Frame:
        """The frame with the first page."""
        use_fonts(check_fonts())
        self.frame = Frame(skin=self.skin, chosen=self.choose)
        self.driver.listen(self._show)
        Window.bind(
            on_touch_down=self._touched, on_key_down=self._key, on_keyboard=self._swallow, on_resize=self._resized
        )
        Window.bind(on_request_close=self._swallow)
        self._show(self.driver.state)
        Clock.schedule_interval(self._tick, TICK)
        Window.bind(on_flip=self._first_flip)
        return self.frame

    def open_settings(self, *_: Any) -> bool:
        """There is no settings panel for the public."""
        return False

    def on_stop(self) -> None:
        """Leave nothing behind that would draw on."""
        self._speech.hush()
        Clock.unschedule(self._tick)
        Clock.unschedule(self._prepare)
        Window.unbind(on_touch_down=self._touched, on_key_down=self._key, on_keyboard=self._swallow)
        Window.unbind(on_resize=self._resized, on_request_close=self._swallow)

    def choose(self, choice: Choice) -> None:
        """Somebody chose something."""
        self.driver.handle(choice.event)

    def move(self, move: keys.Move) -> None:
        """A key of the keypad."""
        self.driver.handle(ev.Touched())
        choice = keys.focused(self._focus, self.page)
        if move is keys.Move.PRESS and choice is not None:
            self.choose(choice)
            return
        if move is keys.Move.REPEAT:
            self._speech.say(self.page.spoken, self.page.language)
            return
        self._focus = keys.moved(self._focus, self.page, move)
        self._ring()
        self._speech.say(keys.spoken(self._focus, self.page), self.page.language)

    def _show(self, state: State) -> None:
        if self.frame is None:
            return
        page = page_for(state)
        look = (Window.size, state.aids)
        renew = look != self._look
        turned_on = Aid.SPEECH in state.aids and not self._speech.on
        self._speech.on = Aid.SPEECH in state.aids
        if page == self.page and self.frame.page is not None and not renew:
            return
        before, self.page, self._look = self.page, page, look
        if renew:
            self.skin.set_size(*Window.size)
            self.skin.set_aids(
                large=Aid.LARGE in state.aids, contrast=Aid.CONTRAST in state.aids, low=Aid.LOW in state.aids
            )
        self.frame.show(page, unit=said(state.world.office.unit_name, state.language), renew=renew)
        self._focus = keys.kept(self._focus, before, page)
        self._ring()
        self._speak(before, page, turned_on=turned_on)
        self._count()
        if state.screen is Screen.ATTRACT:
            Clock.schedule_once(lambda _: give_back(), 0)  # when this picture stands

    def _prepare(self, _: float) -> None:
        """While nobody waits: make what will soon be wanted."""
        if self.frame is not None:
            self.frame.prepare()

    def _speak(self, before: Page, page: Page, *, turned_on: bool) -> None:
        if not self._speech.on:
            self._speech.hush()
        elif turned_on:
            self._speech.say(f"{Texts(page.language)('speech.on')} {page.spoken}", page.language)
        elif before.spoken != page.spoken:
            self._speech.say(page.spoken, page.language)

    def _ring(self) -> None:
        choice = keys.focused(self._focus, self.page)
        if self.frame is not None:
            self.frame.focus(choice.id if choice else None)

    def _tick(self, _: float) -> None:
        self.driver.handle(ev.Tick())
        self._count()

    def _count(self) -> None:
        frame, state = self.frame, self.driver.state
        if frame is None:
            return
        frame.time = f"{self._clock().astimezone(ZoneInfo(state.world.office.timezone)):%H:%M}"
        left, say = seconds_left(state, self.driver.now()), Texts(state.language)
        if left is not None and not frame.countdown:
            self._speech.say(say("idle.title"), state.language)
        frame.countdown = "" if left is None else f"{say('idle.title')} {say.count('idle.lead', left)}"

    def _touched(self, *_: Any) -> bool:
        self.driver.handle(ev.Touched())
        return False

    def _key(self, _window: Any, key: int, *_: Any) -> bool:
        move = _MOVES.get(key)
        if move is not None:
            self.move(move)
        return True

    def _swallow(self, *_: Any) -> bool:
        """Escape, F1, F11, Alt-F4: nothing that a keyboard sends leaves the program or opens anything."""
        return True

    def _resized(self, *_: Any) -> None:
        self._show(self.driver.state)

    def _first_flip(self, *_: Any) -> None:
        Window.unbind(on_flip=self._first_flip)
        Clock.schedule_once(self._prepare, QUIET)
        self._drawn()


def use_fonts(fonts: Fonts) -> None:
    """Noto Sans under the name of Kivy's default font: every label of the program is drawn with it."""
    regular, bold = str(fonts.regular), str(fonts.bold)
    LabelBase.register("Roboto", fn_regular=regular, fn_bold=bold, fn_italic=regular, fn_bolditalic=bold)


def picture_of(frame: Frame, path: Path) -> None:
    """Write what stands on the glass to a PNG file."""
    frame.export_to_png(str(path))
