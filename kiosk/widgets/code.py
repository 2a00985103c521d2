"""A QR code on the screen, dark on white with its quiet zone in every skin."""

from typing import Any

import qrcode
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty
from kivy.uix.widget import Widget

QUIET = 3  # modules around the code


class QrCode(Widget):
    """Draws `url`; nothing when it is empty."""

    url = StringProperty("")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._texture: Any = None
        self.fbind("url", self._make)
        self.fbind("pos", self._draw)
        self.fbind("size", self._draw)
        self._make()

    def _make(self, *_: Any) -> None:
        self._texture = _texture(self.url) if self.url else None
        self._draw()

    def _draw(self, *_: Any) -> None:
        self.canvas.clear()
        if self._texture is None:
            return
        side = min(self.width, self.height)
        with self.canvas:
            Color(1, 1, 1, 1)
            where = (self.x + (self.width - side) / 2, self.y + (self.height - side) / 2)
            Rectangle(texture=self._texture, pos=where, size=(side, side))


def _texture(url: str) -> Any:
    code = qrcode.QRCode(border=QUIET, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(url)
    rows = code.get_matrix()
    texture = Texture.create(size=(len(rows), len(rows)), colorfmt="luminance")
    texture.mag_filter = texture.min_filter = "nearest"
    pixels = bytes(0 if dark else 255 for row in reversed(rows) for dark in row)
    texture.blit_buffer(pixels, colorfmt="luminance", bufferfmt="ubyte")
    return texture
