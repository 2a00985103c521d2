"""Rows of keys: every key the same width, short rows in the middle."""

from typing import Any

from kivy.properties import NumericProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget


class KeyRow(BoxLayout):
    """One row; `indent` is how many keys shorter than the longest row it is."""

    def __init__(self, *, indent: int, **settings: Any) -> None:
        super().__init__(**settings)
        self._indent = indent
        if indent:
            self.add_widget(Widget(size_hint_x=indent / 2))

    def add_key(self, key: Any, share: float = 1.0) -> None:
        """One more key, `share` keys wide."""
        key.size_hint_x = share
        self.add_widget(key)

    def close(self) -> None:
        """Fill the row's end."""
        if self._indent:
            self.add_widget(Widget(size_hint_x=self._indent / 2))


class Keys(BoxLayout):
    """The keyboard: rows from top to bottom."""

    gap = NumericProperty(8.0)

    def __init__(self, **settings: Any) -> None:
        super().__init__(orientation="vertical", **settings)
        self.bind(gap=lambda box, gap: setattr(box, "spacing", gap))

    def row(self, *, indent: int) -> KeyRow:
        """A new row below the others; the one before is complete."""
        if self.children:
            self.children[0].close()
        row = KeyRow(indent=indent, spacing=self.gap)
        self.bind(gap=row.setter("spacing"))
        self.add_widget(row)
        return row
