"""A label whose text always fits its box: it wraps, and where that is not enough its letters become smaller."""

from typing import Any, Final

from kivy.core.text import Label as CoreLabel
from kivy.properties import ColorProperty, NumericProperty
from kivy.uix.label import Label

SMALLEST: Final = 0.5  # of the wanted size
_STEP: Final = 0.94


class FitLabel(Label):
    """`wanted` is the letter height in pixels if there is room."""

    wanted = NumericProperty(40.0)
    color = ColorProperty("#16212B")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name in ("size", "text", "wanted", "bold"):
            self.fbind(name, self._fit)
        self._fit()

    def _fit(self, *_: Any) -> None:
        width, height = max(1.0, self.width), max(1.0, self.height)
        self.text_size = (width, None)
        size = self.wanted
        while size > self.wanted * SMALLEST and not self._fits(size, width, height):
            size *= _STEP
        self.font_size = size

    def _fits(self, size: float, width: float, height: float) -> bool:
        longest = max(self.text.split(), key=len, default="")
        whole = CoreLabel(
            text=self.text, font_size=size, font_name=self.font_name, bold=self.bold, text_size=(width, None)
        )
        whole.resolve_font_name()
        word = CoreLabel(text=longest, font_size=size, font_name=self.font_name, bold=self.bold)
        word.resolve_font_name()
        return bool(whole.render()[1] <= height and word.render()[0] <= width)
