"""Colours and measures of the screens. Text stands at 7:1 or more against its ground, in both skins."""

from typing import Any

from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty

LARGE = 1.28

CALM = {
    "ground": "#F5F3EE",
    "ink": "#16212B",
    "soft": "#35424E",
    "line": "#A9B7C1",
    "tile": "#FFFFFF",
    "main": "#0A4A66",
    "main_ink": "#FFFFFF",
    "down": "#CFE3EC",
    "head": "#0A4A66",
    "head_ink": "#FFFFFF",
    "good": "#DDF0E3",
    "care": "#FFE9BF",
    "mark": "#0A4A66",
    "focus": "#D97706",
    "chip": "#E2ECF1",
}
CONTRAST = {
    "ground": "#000000",
    "ink": "#FFFFFF",
    "soft": "#FFFFFF",
    "line": "#FFFFFF",
    "tile": "#000000",
    "main": "#FFE11A",
    "main_ink": "#000000",
    "down": "#4A4A4A",
    "head": "#000000",
    "head_ink": "#FFFFFF",
    "good": "#000000",
    "care": "#000000",
    "mark": "#FFE11A",
    "focus": "#00E5FF",
    "chip": "#1E1E1E",
}


class Skin(EventDispatcher):
    """`u` is one design pixel (of 1080 × 1920 or 1920 × 1080) in real ones, `text` the factor of all letters."""

    u = NumericProperty(1.0)
    text = NumericProperty(1.0)
    portrait = BooleanProperty(True)
    low = BooleanProperty(False)
    ground = ColorProperty(CALM["ground"])
    ink = ColorProperty(CALM["ink"])
    soft = ColorProperty(CALM["soft"])
    line = ColorProperty(CALM["line"])
    tile = ColorProperty(CALM["tile"])
    main = ColorProperty(CALM["main"])
    main_ink = ColorProperty(CALM["main_ink"])
    down = ColorProperty(CALM["down"])
    head = ColorProperty(CALM["head"])
    head_ink = ColorProperty(CALM["head_ink"])
    good = ColorProperty(CALM["good"])
    care = ColorProperty(CALM["care"])
    mark = ColorProperty(CALM["mark"])
    focus = ColorProperty(CALM["focus"])
    chip = ColorProperty(CALM["chip"])

    def set_size(self, width: float, height: float) -> None:
        """Fit the measures to a window."""
        self.portrait = height >= width
        wide, high = (1080, 1920) if self.portrait else (1920, 1080)
        self.u = min(width / wide, height / high) or 1.0

    def set_aids(self, *, large: bool, contrast: bool, low: bool) -> None:
        """Put on the aids a person asked for."""
        self.text = LARGE if large else 1.0
        self.low = low and self.portrait
        colours: dict[str, Any] = CONTRAST if contrast else CALM
        for name, value in colours.items():
            setattr(self, name, value)
