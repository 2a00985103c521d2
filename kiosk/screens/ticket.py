"""The page of the number."""

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import StringProperty

from kiosk.pages.model import Page
from kiosk.screens.view import PageView, hide
from kiosk.widgets.fit import FitLabel

Builder.load_file(str(Path(__file__).with_name("ticket.kv")))


class TicketView(PageView):
    """The number as large as it gets, the outlook, the code, what became of the slip."""

    number = StringProperty("")
    service = StringProperty("")
    url = StringProperty("")
    advice = StringProperty("")
    watch = StringProperty("")

    def fill(self, page: Page) -> None:
        """Number, outlook and advice."""
        ids, card = self.ids, page.card
        if card is not None:
            self.number, self.service, self.url = card.number, card.service, card.url
            for text in (*card.lines, *card.more):
                label = FitLabel(text=text, wanted=44 * self.letters, color=self.skin.ink, halign="center")
                label.valign = "middle"
                ids.outlook.add_widget(label)
        self.advice, self.watch = (*page.lines, "", "")[:2]
        if not self.url:
            hide(ids.code)
        self.fill_actions(ids.actions, page.actions, letters=46, aside=False)
