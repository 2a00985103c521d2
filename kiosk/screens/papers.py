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
        ids = self.ids
        ids.lines.tallest = 170 * self.letters
        for place, text in enumerate(page.lines):
            ids.lines.add_widget(Line(skin=self.skin, number=str(page.first_line + place), text=text))
        for fact in page.facts:
            ids.facts.add_widget(FactBox(skin=self.skin, label=fact.label, text=fact.text, note=fact.note))
        self.fill_pager(ids.pager, page)
        self.fill_actions(ids.actions, page.actions)
