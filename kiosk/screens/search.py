"""The page of the search: what was typed, what was found, and the kiosk's own keyboard."""

from pathlib import Path
from typing import Any, Final

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


_LAST: Final = (("clear", "search.clear", 2.0), (" ", "search.space", 5.0), ("backspace", "search.delete", 3.0))


class SearchView(PageView):
    """Keys stay where they are while the list above them changes."""

    typed = StringProperty("")
    hint = StringProperty("")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._named: list[tuple[ChoiceButton, str]] = []
        self._keys: list[ChoiceButton] = []
        keyboard = self.ids.keyboard
        for row in _ROWS:
            line = keyboard.row(indent=len(_ROWS[1]) - len(row))
            for letter in row:
                line.add_key(self._key(letter, letter.upper()))
        last = keyboard.row(indent=0)
        for key, name, share in _LAST:
            button = self._key(key, "")
            self._named.append((button, name))
            last.add_key(button, share)

    def fill(self, page: Page) -> None:
        """Another text or another list above the keys."""
        say = Texts(page.language)
        self.hint, self.typed = say("search.placeholder"), page.typed or ""
        for button, name in self._named:
            button.label = say(name)
        self._dress()
        self.fill_rows(self.ids.rows, page.rows, letters=40)
        self.fill_pager(page)

    def _key(self, key: str, label: str) -> ChoiceButton:
        choice = Choice(id=f"key-{key}", label=label, event=TypeKey(key))
        made = choice_button(self.stock, choice, self.skin, self.chosen, letters=44, centred=True, edge=(4, 4))
        self._keys.append(made)
        return made

    def _dress(self) -> None:
        """The keys in the colours and letters of the person's aids."""
        skin = self.skin
        for key in self._keys:
            key.letters, key.ground, key.ink = 44 * self.letters, skin.tile, skin.ink
