"""The page of what to bring."""

from pathlib import Path

from kivy.lang import Builder

from kiosk.pages.model import Page
from kiosk.screens.view import FactBox, Line, PageView

Builder.load_file(str(Path(__file__).with_name("papers.kv")))


class PapersView(PageView):
    """Numbered papers, the facts, the actions."""

    def fill(self, page: Page) -> None:
        """Papers as lines, facts as boxes."""
        ids, take, skin = self.ids, self.stock.take, self.skin
        ids.lines.tallest = 170 * self.letters
        self.stock.clear(ids.lines)
        for place, text in enumerate(page.lines):
            ids.lines.add_widget(take(Line, skin=skin, number=str(page.first_line + place), text=text))
        self.stock.clear(ids.facts)
        for fact in page.facts:
            ids.facts.add_widget(take(FactBox, skin=skin, label=fact.label, text=fact.text, note=fact.note))
        self.fill_pager(page)
        self.fill_actions(page.actions)
