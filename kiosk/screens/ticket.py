"""The page of the number."""

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import StringProperty

from kiosk.pages.model import Page
from kiosk.screens.view import PageView

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
        self.number, self.service, self.url = (card.number, card.service, card.url) if card else ("", "", "")
        self.fill_texts(ids.outlook, (*card.lines, *card.more) if card else (), wanted=44)
        self.advice, self.watch = (*page.lines, "", "")[:2]
        self.keep("code", shown=bool(self.url))
        self.fill_actions(page.actions, letters=46, aside=False)
