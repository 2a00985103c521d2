"""The page of the search: what was typed, what was found, and the kiosk's own keyboard."""

from pathlib import Path
from typing import Final

from kivy.lang import Builder
from kivy.properties import StringProperty

from kiosk.events import TypeKey
from kiosk.pages.model import Choice, Page
from kiosk.screens.view import PageView
from kiosk.texts import Texts
from kiosk.widgets.choice import ChoiceButton, choice_button
from kiosk.widgets.keys import Keys  # noqa: F401  # named in the kv

Builder.load_file(str(Path(__file__).with_name("search.kv")))

_ROWS: Final = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")


class SearchView(PageView):
    """Keys stay where they are while the list above them changes."""

    typed = StringProperty("")
    hint = StringProperty("")

    def fill(self, page: Page) -> None:
        """The keyboard once; the list now and after every key."""
        self._named: list[tuple[ChoiceButton, str]] = []
        for row in _ROWS:
            line = self.ids.keyboard.row(indent=len(_ROWS[1]) - len(row))
            for letter in row:
                line.add_key(self._key(letter, letter.upper()))
        last = self.ids.keyboard.row(indent=0)
        for key, name, share in (
            ("clear", "search.clear", 2.0),
            (" ", "search.space", 5.0),
            ("backspace", "search.delete", 3.0),
        ):
            button = self._key(key, "")
            self._named.append((button, name))
            last.add_key(button, share)
        self.renew(page)

    def renew(self, page: Page) -> None:
        """Another text or another list on the same screen."""
        say = Texts(page.language)
        self.hint = say("search.placeholder")
        for button, name in self._named:
            button.label = say(name)
        self.typed, self.title, self.lead, self.page = page.typed or "", page.title, page.lead, page
        self.ids.rows.clear_widgets()
        self.ids.pager.clear_widgets()
        self.buttons.clear()
        self.fill_rows(self.ids.rows, page.rows, letters=40)
        if page.pager:
            self.fill_pager(self.ids.pager, page)

    def _key(self, key: str, label: str) -> ChoiceButton:
        choice = Choice(id=f"key-{key}", label=label, event=TypeKey(key))
        made = choice_button(choice, self.skin, self.chosen, letters=44, centred=True)
        made.padding = 4 * self.skin.u, 4 * self.skin.u
        return made
