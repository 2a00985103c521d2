"""Pages that say one thing: welcome, wait, closed, no number, a guide is coming, thanks."""

from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty

from kiosk.pages.model import Mood, Page
from kiosk.screens.view import PageView
from kiosk.state import Screen

Builder.load_file(str(Path(__file__).with_name("notice.kv")))

_SIGNS = {
    Screen.TAKING: "wait",
    Screen.THANKS: "yes",
    Screen.HELP: "help",
    Screen.CLOSED: "wait",
    Screen.NO_NUMBER: "care",
    Screen.ATTRACT: "tap",
}


class NoticeView(PageView):
    """A large sign, the title, what to do."""

    sign = StringProperty("care")

    def fill(self, page: Page) -> None:
        """Sign and lines."""
        self.sign = "care" if page.mood is Mood.CARE and page.screen is Screen.HELP else _SIGNS.get(page.screen, "care")
        self.fill_texts(self.ids.lines, page.lines, wanted=42)
        self.fill_actions(page.actions, letters=46, aside=False)


class AttractView(NoticeView):
    """The first screen: the whole glass is its button."""

    def on_touch_up(self, touch: Any) -> bool:
        """A finger lifted anywhere on it begins; the button at its foot speaks for itself."""
        handled = bool(super().on_touch_up(touch))
        if handled or not self.collide_point(*touch.pos) or self.ids.actions.collide_point(*touch.pos):
            return handled
        self.chosen(self.page.actions[0])
        return True
