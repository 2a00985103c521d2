"""Widgets that left the glass, kept to be used again.

A widget of Kivy hangs in circles of references: it dies only when Python's collector comes by, which then holds the
window up for half a second, and until then its letters stay in memory. So the kiosk builds what it needs once.
"""

from typing import Any, TypeVar

from kivy.uix.widget import Widget

Kind = TypeVar("Kind", bound=Widget)


class Stock:
    """Free widgets by kind. Whoever takes one says all of its settings: it had others before."""

    def __init__(self) -> None:
        self._free: dict[type[Widget], list[Any]] = {}

    def take(self, kind: type[Kind], **settings: Any) -> Kind:
        """A free widget of that kind, or a new one."""
        free = self._free.get(kind)
        widget: Kind
        if not free:
            widget = kind(**settings)
            return widget
        widget = free.pop()
        for name, value in settings.items():
            setattr(widget, name, value)
        return widget

    def clear(self, box: Widget) -> None:
        """Empty a box; what stood in it is free."""
        for child in box.children[:]:  # the last one first, so that the next page takes them in the same order
            box.remove_widget(child)
            self._free.setdefault(type(child), []).append(child)
