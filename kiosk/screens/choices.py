"""Pages that are a list to choose from, with actions."""

from pathlib import Path

from kivy.lang import Builder

from kiosk.pages.model import Page
from kiosk.screens.view import Chip, PageView
from kiosk.state import Screen

Builder.load_file(str(Path(__file__).with_name("choices.kv")))

_TALLEST = {Screen.LANGUAGE: 260.0, Screen.READY: 260.0, Screen.HOME: 150.0, Screen.MISSING: 190.0, Screen.CASES: 200.0}


class ChoicesView(PageView):
    """Title, what was chosen so far, the list, its pages, and the actions."""

    def fill(self, page: Page) -> None:
        """The list into the grid; one or two columns as the page wants."""
        ids = self.ids
        ids.rows.cols = page.columns[1 if self.wide else 0]
        ids.rows.tallest = _TALLEST.get(page.screen, 170.0) * self.letters
        letters = 36.0 if page.screen is Screen.HOME else 44.0
        if page.screen in (Screen.LANGUAGE, Screen.READY):
            letters = 56.0
        self.fill_rows(ids.rows, page.rows, letters=letters)
        self.stock.clear(ids.chips)
        for text in page.chips:
            ids.chips.add_widget(self.stock.take(Chip, skin=self.skin, text=text))
        self.keep("chips", shown=bool(page.chips))
        self.fill_pager(page)
        self.fill_actions(page.actions, letters=40 if len(page.actions) < 3 else 36)
