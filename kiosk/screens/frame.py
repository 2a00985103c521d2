"""Around every page: the office's name or the countdown, and the time, above; the ways out and the aids below."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from kivy.lang import Builder
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.pages.model import Choice, Page
from kiosk.screens.choices import ChoicesView
from kiosk.screens.notice import AttractView, NoticeView
from kiosk.screens.papers import PapersView
from kiosk.screens.search import SearchView
from kiosk.screens.ticket import TicketView
from kiosk.screens.view import PageView
from kiosk.state import Screen
from kiosk.widgets.choice import ChoiceButton, choice_button
from kiosk.widgets.skin import Skin
from kiosk.widgets.stock import Stock

Builder.load_file(str(Path(__file__).with_name("frame.kv")))

VIEWS: Final[dict[Screen, type[PageView]]] = {
    Screen.ATTRACT: AttractView,
    Screen.CLOSED: NoticeView,
    Screen.LANGUAGE: ChoicesView,
    Screen.HOME: ChoicesView,
    Screen.SERVICES: ChoicesView,
    Screen.PROCEDURES: ChoicesView,
    Screen.SEARCH: SearchView,
    Screen.CASES: ChoicesView,
    Screen.PAPERS: PapersView,
    Screen.READY: ChoicesView,
    Screen.MISSING: ChoicesView,
    Screen.PRIORITY: ChoicesView,
    Screen.TAKING: NoticeView,
    Screen.TICKET: TicketView,
    Screen.NO_NUMBER: NoticeView,
    Screen.HELP: NoticeView,
    Screen.THANKS: NoticeView,
}


class Frame(FloatLayout):
    """The whole glass."""

    skin = ObjectProperty(Skin())
    unit = StringProperty("")
    time = StringProperty("")
    warning = StringProperty("")
    technical = StringProperty("")
    countdown = StringProperty("")

    def __init__(self, *, skin: Skin, chosen: Callable[[Choice], None]) -> None:
        super().__init__(skin=skin)
        self._chosen = chosen
        self._stock = Stock()
        self._views: dict[type[PageView], PageView] = {}
        self._around: dict[str, ChoiceButton] = {}
        self.view: PageView | None = None
        self.page: Page | None = None

    @property
    def buttons(self) -> dict[str, ChoiceButton]:
        """Every choice on the glass, by id."""
        return {**(self.view.buttons if self.view else {}), **self._around}

    def show(self, page: Page, *, unit: str, renew: bool = False) -> None:
        """Draw the page. `renew`: measures or colours changed, what stands around the page takes them on too."""
        before, self.page = self.page, page
        self.unit, self.warning, self.technical = unit, page.warning, page.technical
        view = self._view(VIEWS[page.screen])
        view.show(page)
        if view is not self.view:
            self.ids.holder.clear_widgets()
            self.ids.holder.add_widget(view)
            self.view = view
        if renew or before is None or (before.nav, before.bar) != (page.nav, page.bar):
            self._surround(page)

    def prepare(self) -> None:
        """Make the views beforehand: forty keys take longer than a person should wait."""
        for kind in VIEWS.values():
            self._view(kind)

    def _view(self, kind: type[PageView]) -> PageView:
        if kind not in self._views:
            self._views[kind] = kind(skin=self.skin, chosen=self._chosen, stock=self._stock)
        return self._views[kind]

    def focus(self, choice_id: str | None) -> None:
        """Ring the choice the keys stand on."""
        for known, button in self.buttons.items():
            button.focused = known == choice_id

    def _surround(self, page: Page) -> None:
        self._around = {}
        for box, choices, letters, edge, gap in (
            (self.ids.nav, page.nav, 36.0, (22, 8), 20),
            (self.ids.bar, page.bar, 29.0, (12, 12), 10),
        ):
            self._stock.clear(box)
            for choice in choices:
                size = letters / self.skin.text
                button = choice_button(self._stock, choice, self.skin, self._chosen, letters=size, edge=edge, gap=gap)
                self._around[choice.id] = button
                box.add_widget(button)
