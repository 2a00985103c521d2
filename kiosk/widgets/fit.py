"""A label whose text always fits its box: it wraps, and where that is not enough its letters become smaller."""

import bisect
import functools
from typing import Any, Final

from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.properties import ColorProperty, NumericProperty
from kivy.uix.label import Label

SMALLEST: Final = 0.45  # of the wanted size
_STEP: Final = 0.95
_SIZES: Final = tuple(sorted({round(8 / _STEP**step) for step in range(80)}))  # pixels; see `rung`
_PROBE: Final = 100.0  # letters are measured once at this size and scaled
_ROOM: Final = 1.04  # small letters are a little wider than the scale says


class FitLabel(Label):
    """`wanted`: the letter height in pixels if there is room; `share`: its part of the height, 0 takes none."""

    wanted = NumericProperty(40.0)
    share = NumericProperty(1.0)
    color = ColorProperty("#16212B")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._soon = Clock.create_trigger(self._fit, -1)
        for name in ("size", "text", "wanted", "bold"):
            self.fbind(name, self._soon)
        self._soon()

    def on_share(self, _: Any, share: float) -> None:
        """Take that part of the height, or none."""
        self.size_hint_y = share or None
        if not share:
            self.height = 0

    def _fit(self, *_: Any) -> None:
        if not self.text:
            return
        width, height = max(1.0, self.width), max(1.0, self.height)
        size = rung(self.wanted)
        while size > self.wanted * SMALLEST and not fits(self.text, size, width, height, bold=self.bold):
            size = rung(size * _STEP)
        self.text_size = (width, None)
        self.font_size = size


def rung(size: float) -> float:
    """The next size at or below that a label may have: few ones, for each keeps pictures of its letters in memory."""
    below = bisect.bisect_right(_SIZES, size)
    return float(_SIZES[below - 1]) if below else size


def fits(text: str, size: float, width: float, height: float, *, bold: bool) -> bool:
    """Whether the text, wrapped at the width, stays within the height."""
    scale = _PROBE / size
    room = width * scale / _ROOM
    blank = _width(" ", bold)
    lines, used = 1, 0.0
    for word in text.split():
        wide = _width(word, bold)
        if wide > room:
            return False
        if used and used + blank + wide > room:
            lines, used = lines + 1, wide
        else:
            used += wide + (blank if used else 0.0)
    return lines * _line_height(bold) <= height * scale


@functools.lru_cache(maxsize=4096)
def _width(word: str, bold: bool) -> float:  # part of the cache's key
    return float(_probe(bold).get_extents(word)[0])


@functools.lru_cache(maxsize=2)
def _line_height(bold: bool) -> float:
    return float(_probe(bold).get_extents("Ệg")[1])


@functools.lru_cache(maxsize=2)
def _probe(bold: bool) -> Any:
    probe = CoreLabel(font_size=_PROBE, bold=bold)
    probe.resolve_font_name()
    return probe
