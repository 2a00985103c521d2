"""A strip of paper that is filled from top to bottom: text, number, boxes, QR code. Pure but for the font files."""

import functools
import unicodedata
from pathlib import Path
from typing import Final

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.exceptions import DataOverflowError

from hardware.fonts import Fonts, drawable

MARGIN: Final = 24
QUIET_MODULES: Final = 4
_INK: Final = 0
_PAPER: Final = 255
_THRESHOLD: Final = 150
_LINE_PITCH: Final = 1.28


class Sheet:
    """Draws below what was drawn last; `finish` cuts the paper there and makes it black and white."""

    def __init__(self, *, width: int, fonts: Fonts) -> None:
        self._width = width
        self._fonts = fonts
        self._picture = Image.new("L", (width, 1024), _PAPER)
        self._y = 8

    def space(self, dots: int) -> None:
        """Leave white space."""
        self._y += dots

    def text(self, text: str, *, size: int, bold: bool = False, left: bool = False, before: int = 0) -> None:
        """A paragraph, wrapped to the paper, centred unless `left`; nothing for empty text."""
        self._y += before
        self._paragraph(text, font_file=self._file(bold), size=size, left=MARGIN if left else None)

    def heading(self, text: str, *, size: int, before: int = 0) -> None:
        """A line in white on black across the paper."""
        self._y += before
        font = _font(self._fonts.bold, size)
        height = int(size * 1.7)
        self._room(height)
        pen = ImageDraw.Draw(self._picture)
        pen.rectangle((0, self._y, self._width, self._y + height), fill=_INK)
        pen.text((self._width / 2, self._y + height / 2), drawable(self._fonts.bold, text), _PAPER, font, "mm")
        self._y += height + 6

    def headline(self, text: str, *, height: int) -> None:
        """One line as high as `height` dots allows, narrowed until it fits the paper."""
        shown = drawable(self._fonts.bold, text).strip()
        if not shown:
            return
        size = height * 2
        while size > 12:
            left, top, right, bottom = _font(self._fonts.bold, size).getbbox(shown)
            if right - left <= self._width - 2 * MARGIN and bottom - top <= height:
                break
            size -= 2 if size < 100 else 6
        else:
            self.text(shown, size=24, bold=True)
            return
        self._room(int(bottom - top) + 32)
        place = ((self._width - (right - left)) / 2 - left, self._y + 14 - top)
        ImageDraw.Draw(self._picture).text(place, shown, _INK, _font(self._fonts.bold, size))
        self._y += int(bottom - top) + 28

    def badge(self, text: str, *, size: int, before: int = 0) -> None:
        """A framed paragraph, for what must not be overlooked."""
        self._y += before
        top = self._y
        self._y += 8
        self._paragraph(text, font_file=self._fonts.bold, size=size, left=None, inset=14)
        self._y += 10
        self._room(4)
        frame = (MARGIN, top, self._width - MARGIN, self._y)
        ImageDraw.Draw(self._picture).rounded_rectangle(frame, radius=10, outline=_INK, width=3)
        self._y += 4

    def tick_box(self, text: str, *, size: int) -> None:
        """A square to tick by hand, and the paragraph beside it."""
        self._y += 10
        top = self._y + 6
        self._room(size * 2)
        ImageDraw.Draw(self._picture).rectangle((MARGIN, top, MARGIN + 24, top + 24), outline=_INK, width=3)
        self._paragraph(text, font_file=self._fonts.regular, size=size, left=MARGIN + 40)

    def bullet(self, text: str, *, size: int) -> None:
        """A paragraph that hangs on a dot."""
        self._y += 4
        middle = self._y + int(size * _LINE_PITCH / 2) + 2
        self._room(size * 2)
        box = (MARGIN + 8, middle - 4, MARGIN + 16, middle + 4)
        ImageDraw.Draw(self._picture).ellipse(box, fill=_INK)
        self._paragraph(text, font_file=self._fonts.regular, size=size, left=MARGIN + 40)

    def rule(self, *, before: int, after: int, dashed: bool = False) -> None:
        """A line across the paper."""
        self._y += before
        self._room(after + 4)
        pen = ImageDraw.Draw(self._picture)
        step = 12 if dashed else self._width
        for x in range(MARGIN, self._width - MARGIN, step):
            end = min(x + (6 if dashed else step), self._width - MARGIN)
            pen.line((x, self._y, end, self._y), fill=_INK, width=2)
        self._y += after + 2

    def qr(self, content: str, *, target: int = 260) -> None:
        """The content as a QR code about `target` dots wide, never with modules below three dots."""
        if not content:
            return
        matrix = _qr_matrix(content)
        modules = len(matrix) + 2 * QUIET_MODULES
        dots = max(3, target // modules)
        if modules * dots > self._width:
            raise ValueError(f"a QR code of {modules} modules does not fit {self._width} dots")
        self._room(modules * dots)
        code = Image.new("L", (len(matrix), len(matrix)), _PAPER)
        code.putdata([_INK if dark else _PAPER for row in matrix for dark in row])
        code = code.resize((len(matrix) * dots, len(matrix) * dots), Image.Resampling.NEAREST)
        quiet = QUIET_MODULES * dots
        self._picture.paste(code, ((self._width - code.width) // 2, self._y + quiet))
        self._y += modules * dots

    def finish(self) -> Image.Image:
        """The paper used so far, black and white."""
        self._room(8)
        used = self._picture.crop((0, 0, self._width, self._y + 8))
        return used.point([255 if level >= _THRESHOLD else 0 for level in range(256)]).convert("1")

    def _paragraph(self, text: str, *, font_file: Path, size: int, left: int | None, inset: int = 0) -> None:
        font = _font(font_file, size)
        space = self._width - 2 * inset - (2 * MARGIN if left is None else left + MARGIN)
        pitch = int(size * _LINE_PITCH)
        shown = drawable(font_file, text)
        for line in balanced(shown, font, space) if left is None else wrap(shown, font, space):
            self._room(pitch * 2)
            pen = ImageDraw.Draw(self._picture)
            baseline = self._y + int(size * 0.98)
            if left is None:
                pen.text((self._width / 2, baseline), line, _INK, font, "ms")
            else:
                pen.text((left, baseline), line, _INK, font, "ls")
            self._y += pitch

    def _room(self, dots: int) -> None:
        if self._y + dots <= self._picture.height:
            return
        longer = Image.new("L", (self._width, self._y + dots + 1024), _PAPER)
        longer.paste(self._picture, (0, 0))
        self._picture = longer

    def _file(self, bold: bool) -> Path:
        return self._fonts.bold if bold else self._fonts.regular


def wrap(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Lines no wider than `width`, broken at spaces; a longer word is broken between letters, marks kept on."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.extend(_pieces(word, font, width))
    return lines


def balanced(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """As few lines as `wrap`, but of like length, so that no lonely word stands on the last of them."""
    lines = wrap(text, font, width)
    too_narrow, wide_enough = (0, width) if len(lines) > 1 else (width, width)
    while wide_enough - too_narrow > 8:
        middle = (too_narrow + wide_enough) // 2
        narrower = wrap(text, font, middle)
        if len(narrower) > len(lines) or any(font.getlength(line) > middle for line in narrower):
            too_narrow = middle
        else:
            wide_enough, lines = middle, narrower
    return lines


def _pieces(word: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    if font.getlength(word) <= width:
        return [word]
    pieces = [""]
    for letter in _letters(word):
        if pieces[-1] and font.getlength(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _letters(word: str) -> list[str]:
    letters: list[str] = []
    for character in word:
        if letters and unicodedata.combining(character):
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _qr_matrix(content: str) -> list[list[bool]]:
    data = content.encode()
    for level in (qrcode.ERROR_CORRECT_M, qrcode.ERROR_CORRECT_L):
        code = qrcode.QRCode(error_correction=level, border=0)
        code.add_data(data, optimize=0)
        try:
            code.make(fit=True)
        except (DataOverflowError, ValueError):
            continue
        matrix: list[list[bool]] = code.get_matrix()
        return matrix
    raise ValueError(f"{len(data)} bytes are too long for a QR code")


@functools.lru_cache(maxsize=32)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)
