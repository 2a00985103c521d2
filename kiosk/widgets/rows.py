"""A grid whose rows share the height there is, but grow no taller than is comfortable."""

from typing import Any

from kivy.properties import NumericProperty
from kivy.uix.gridlayout import GridLayout


class RowsGrid(GridLayout):
    """`tallest` is the greatest row height in pixels; rows stand at the top of the box."""

    tallest = NumericProperty(200.0)

    def __init__(self, **settings: Any) -> None:
        super().__init__(row_force_default=True, **settings)
        for name in ("size", "children", "cols", "tallest", "spacing"):
            self.fbind(name, self._share)
        self._share()

    def _share(self, *_: Any) -> None:
        count = -(-len(self.children) // max(1, self.cols or 1))
        gap = float(self.spacing[1])
        free = self.height - gap * max(0, count - 1)
        self.row_default_height = max(1.0, min(self.tallest, free / max(1, count)))
