"""Small drawn signs, so that no font has to have them."""

from collections.abc import Callable
from typing import Any

from kivy.graphics import Color, Ellipse, Line, Rectangle
from kivy.properties import ColorProperty, StringProperty
from kivy.uix.widget import Widget

Point = Callable[[float, float], tuple[float, float]]


class Sign(Widget):
    """A sign by name, drawn in its colour over a square in the middle of its box."""

    name = StringProperty("")
    color = ColorProperty("#16212B")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.fbind("pos", self._draw)
        self.fbind("size", self._draw)
        self.fbind("name", self._draw)
        self.fbind("color", self._draw)
        self._draw()

    def _draw(self, *_: Any) -> None:
        self.canvas.clear()
        side = min(self.width, self.height)
        if side <= 0 or not self.name:
            return
        left, bottom = self.x + (self.width - side) / 2, self.y + (self.height - side) / 2
        with self.canvas:
            Color(*self.color)
            draw = _SIGNS.get(self.name, _dot)
            draw(lambda x, y: (left + x * side, bottom + y * side), side)


def _path(at: Point, side: float, *points: tuple[float, float], close: bool = False) -> None:
    flat = [value for x, y in points for value in at(x, y)]
    Line(points=flat, width=max(1.2, side * 0.045), cap="round", joint="round", close=close)


def _ring(at: Point, side: float, x: float, y: float, radius: float, start: float = 0, end: float = 360) -> None:
    cx, cy = at(x, y)
    Line(circle=(cx, cy, radius * side, start, end), width=max(1.2, side * 0.045), cap="round")


def _disc(at: Point, side: float, x: float, y: float, radius: float) -> None:
    cx, cy = at(x, y)
    Ellipse(pos=(cx - radius * side, cy - radius * side), size=(2 * radius * side, 2 * radius * side))


def _dot(at: Point, side: float) -> None:
    _disc(at, side, 0.5, 0.5, 0.12)


def _back(at: Point, side: float) -> None:
    _path(at, side, (0.45, 0.8), (0.15, 0.5), (0.45, 0.2))
    _path(at, side, (0.15, 0.5), (0.85, 0.5))


def _next(at: Point, side: float) -> None:
    _path(at, side, (0.55, 0.8), (0.85, 0.5), (0.55, 0.2))
    _path(at, side, (0.15, 0.5), (0.85, 0.5))


def _up(at: Point, side: float) -> None:
    _path(at, side, (0.2, 0.38), (0.5, 0.68), (0.8, 0.38))


def _down(at: Point, side: float) -> None:
    _path(at, side, (0.2, 0.62), (0.5, 0.32), (0.8, 0.62))


def _over(at: Point, side: float) -> None:
    _path(at, side, (0.12, 0.48), (0.5, 0.84), (0.88, 0.48))
    _path(at, side, (0.24, 0.4), (0.24, 0.14), (0.76, 0.14), (0.76, 0.4))


def _help(at: Point, side: float) -> None:
    _ring(at, side, 0.5, 0.5, 0.42)
    _ring(at, side, 0.5, 0.6, 0.13, -90, 130)
    _path(at, side, (0.52, 0.47), (0.5, 0.38))
    _disc(at, side, 0.5, 0.26, 0.04)


def _search(at: Point, side: float) -> None:
    _ring(at, side, 0.42, 0.58, 0.28)
    _path(at, side, (0.62, 0.38), (0.86, 0.14))


def _ticket(at: Point, side: float) -> None:
    _path(
        at, side, (0.22, 0.1), (0.22, 0.9), (0.78, 0.9), (0.78, 0.1), (0.64, 0.18), (0.5, 0.1), (0.36, 0.18), close=True
    )
    _path(at, side, (0.36, 0.7), (0.64, 0.7))
    _path(at, side, (0.36, 0.5), (0.64, 0.5))


def _print(at: Point, side: float) -> None:
    _path(at, side, (0.28, 0.66), (0.28, 0.9), (0.72, 0.9), (0.72, 0.66))
    _path(at, side, (0.28, 0.34), (0.12, 0.34), (0.12, 0.66), (0.88, 0.66), (0.88, 0.34), (0.72, 0.34))
    _path(at, side, (0.28, 0.44), (0.28, 0.1), (0.72, 0.1), (0.72, 0.44), close=True)


def _list(at: Point, side: float) -> None:
    for y in (0.75, 0.5, 0.25):
        _disc(at, side, 0.18, y, 0.055)
        _path(at, side, (0.34, y), (0.86, y))


def _yes(at: Point, side: float) -> None:
    _path(at, side, (0.15, 0.5), (0.4, 0.25), (0.86, 0.76))


def _more(at: Point, side: float) -> None:
    _path(at, side, (0.5, 0.16), (0.5, 0.84))
    _path(at, side, (0.16, 0.5), (0.84, 0.5))


def _collect(at: Point, side: float) -> None:
    _path(at, side, (0.1, 0.2), (0.1, 0.8), (0.42, 0.8), (0.52, 0.68), (0.9, 0.68), (0.9, 0.2), close=True)
    _path(at, side, (0.34, 0.44), (0.46, 0.32), (0.68, 0.54))


def _services(at: Point, side: float) -> None:
    for x in (0.3, 0.7):
        for y in (0.3, 0.7):
            cx, cy = at(x, y)
            half = 0.13 * side
            Line(rectangle=(cx - half, cy - half, 2 * half, 2 * half), width=max(1.2, side * 0.045))


def _large(at: Point, side: float) -> None:
    _path(at, side, (0.08, 0.15), (0.34, 0.85), (0.6, 0.15))
    _path(at, side, (0.17, 0.4), (0.51, 0.4))
    _path(at, side, (0.8, 0.32), (0.8, 0.68))
    _path(at, side, (0.64, 0.5), (0.96, 0.5))


def _contrast(at: Point, side: float) -> None:
    _ring(at, side, 0.5, 0.5, 0.38)
    cx, cy = at(0.5, 0.5)
    radius = 0.38 * side
    Ellipse(pos=(cx - radius, cy - radius), size=(2 * radius, 2 * radius), angle_start=0, angle_end=180)


def _low(at: Point, side: float) -> None:
    _path(at, side, (0.5, 0.88), (0.5, 0.34))
    _path(at, side, (0.26, 0.56), (0.5, 0.32), (0.74, 0.56))
    _path(at, side, (0.15, 0.12), (0.85, 0.12))


def _speech(at: Point, side: float) -> None:
    _path(at, side, (0.1, 0.38), (0.26, 0.38), (0.48, 0.18), (0.48, 0.82), (0.26, 0.62), (0.1, 0.62), close=True)
    _ring(at, side, 0.46, 0.5, 0.2, 40, 140)
    _ring(at, side, 0.46, 0.5, 0.36, 45, 135)


def _language(at: Point, side: float) -> None:
    _ring(at, side, 0.5, 0.5, 0.4)
    _path(at, side, (0.1, 0.5), (0.9, 0.5))
    cx, cy = at(0.5, 0.5)
    Line(ellipse=(cx - 0.18 * side, cy - 0.4 * side, 0.36 * side, 0.8 * side), width=max(1.2, side * 0.04))


def _care(at: Point, side: float) -> None:
    _path(at, side, (0.5, 0.88), (0.06, 0.12), (0.94, 0.12), close=True)
    _path(at, side, (0.5, 0.6), (0.5, 0.38))
    _disc(at, side, 0.5, 0.24, 0.04)


def _wait(at: Point, side: float) -> None:
    _ring(at, side, 0.5, 0.5, 0.4)
    _path(at, side, (0.5, 0.74), (0.5, 0.5), (0.68, 0.4))


def _tap(at: Point, side: float) -> None:
    _path(at, side, (0.4, 0.3), (0.4, 0.82), (0.5, 0.88), (0.58, 0.82), (0.58, 0.5))
    _path(
        at,
        side,
        (0.58, 0.56),
        (0.86, 0.48),
        (0.86, 0.28),
        (0.74, 0.06),
        (0.42, 0.06),
        (0.16, 0.36),
        (0.24, 0.44),
        (0.4, 0.3),
    )


def _box(at: Point, side: float) -> None:
    x, y = at(0.12, 0.12)
    Line(rectangle=(x, y, 0.76 * side, 0.76 * side), width=max(1.2, side * 0.045))


def _ticked(at: Point, side: float) -> None:
    x, y = at(0.12, 0.12)
    Rectangle(pos=(x, y), size=(0.76 * side, 0.76 * side))
    Color(1, 1, 1, 1)
    _path(at, side, (0.28, 0.5), (0.44, 0.34), (0.74, 0.68))


_SIGNS: dict[str, Callable[[Point, float], None]] = {
    "back": _back,
    "next": _next,
    "up": _up,
    "down": _down,
    "over": _over,
    "help": _help,
    "search": _search,
    "ticket": _ticket,
    "print": _print,
    "list": _list,
    "yes": _yes,
    "done": _yes,
    "more": _more,
    "collect": _collect,
    "services": _services,
    "large": _large,
    "contrast": _contrast,
    "low": _low,
    "speech": _speech,
    "language": _language,
    "care": _care,
    "wait": _wait,
    "tap": _tap,
    "box": _box,
    "ticked": _ticked,
}
