"""Around every page: the office's name and the time above, the ways out and the aids below, the countdown."""

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
    countdown_title = StringProperty("")

    def __init__(self, *, skin: Skin, chosen: Callable[[Choice], None]) -> None:
        super().__init__(skin=skin)
        self._chosen = chosen
        self.view: PageView | None = None
        self.page: Page | None = None
        self._search: SearchView | None = None
        self._around: dict[str, ChoiceButton] = {}

    @property
    def buttons(self) -> dict[str, ChoiceButton]:
        """Every choice on the glass, by id."""
        return {**(self.view.buttons if self.view else {}), **self._around}

    def show(self, page: Page, *, unit: str, renew: bool = False) -> None:
        """Draw the page. `renew`: measures or colours changed, draw everything anew."""
        before, self.page = self.page, page
        self.unit, self.warning, self.technical = unit, page.warning, page.technical
        if renew:
            self._search = None
        if page.screen is Screen.SEARCH and self.view is self._search and self._search is not None:
            self._search.renew(page)
        else:
            self.ids.holder.clear_widgets()
            self.view = self._view(page)
            self.ids.holder.add_widget(self.view)
        if renew or before is None or (before.nav, before.bar) != (page.nav, page.bar):
            self._surround(page)

    def prepare(self, page: Page) -> None:
        """Make the search's keyboard beforehand: forty keys take longer than a person should wait."""
        if self._search is None:
            self._search = SearchView(page=page, skin=self.skin, chosen=self._chosen)

    def _view(self, page: Page) -> PageView:
        if page.screen is not Screen.SEARCH:
            return VIEWS[page.screen](page=page, skin=self.skin, chosen=self._chosen)
        if self._search is None:
            self.prepare(page)
        else:
            self._search.renew(page)
        assert self._search is not None
        return self._search

    def focus(self, choice_id: str | None) -> None:
        """Ring the choice the keys stand on."""
        for known, button in self.buttons.items():
            button.focused = known == choice_id

    def _surround(self, page: Page) -> None:
        self._around = {}
        for box, choices, letters in ((self.ids.nav, page.nav, 36.0), (self.ids.bar, page.bar, 29.0)):
            box.clear_widgets()
            for choice in choices:
                button = choice_button(choice, self.skin, self._chosen, letters=letters / self.skin.text)
                if box is self.ids.bar:
                    button.padding, button.spacing = 12 * self.skin.u, 10 * self.skin.u
                self._around[choice.id] = button
                box.add_widget(button)
