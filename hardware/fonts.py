"""The fonts of printed slips: where they are, and whether they have every letter the office needs."""

import functools
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import features

FONT_FOLDERS: Final = (
    Path("/usr/share/fonts/truetype/noto"),
    Path("/usr/share/fonts/noto"),
    Path("/usr/share/fonts/google-noto"),
    Path("/usr/local/share/fonts"),
)
PACKAGE: Final = "fonts-noto-core"

_VIETNAMESE: Final = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
_EDE_MNONG: Final = "ƀčñĕĭŏŭê̆ô̆ơ̆ư̆"
_ASCII: Final = "".join(chr(code) for code in range(0x21, 0x7F))
NEEDED_TEXT: Final = _ASCII + _VIETNAMESE + _VIETNAMESE.upper() + _EDE_MNONG + _EDE_MNONG.upper() + "–—…“”‘’·•₫"


class FontError(Exception):
    """A font file or a letter that slips need is not there; the text says which and what to install."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fonts:
    """The files of the two weights in which slips are set."""

    regular: Path
    bold: Path


def find_fonts(folders: Iterable[Path] = FONT_FOLDERS) -> Fonts:
    """The first folder's Noto Sans in both weights, or `FontError` naming the package to install."""
    looked_in = tuple(folders)
    return Fonts(regular=_find(looked_in, "NotoSans-Regular.ttf"), bold=_find(looked_in, "NotoSans-Bold.ttf"))


def missing_glyphs(font: Path, text: str = NEEDED_TEXT) -> str:
    """The letters and marks of `text`, each once, that the font cannot draw; empty when all is well."""
    covered = _covered(font)
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in dict.fromkeys(composed) if not c.isspace() and ord(c) not in covered)


def drawable(font: Path, text: str) -> str:
    """The text in NFC, with "?" for what the font cannot draw and a space for every control character."""
    covered = _covered(font)
    composed = unicodedata.normalize("NFC", text)
    return "".join(_printable(c, covered) for c in composed)


def check_fonts(folders: Iterable[Path] = FONT_FOLDERS) -> Fonts:
    """The start-up check: fonts found, every needed letter in them, and marks can be stacked."""
    fonts = find_fonts(folders)
    for font in (fonts.regular, fonts.bold):
        missing = missing_glyphs(font)
        if missing:
            names = ", ".join(f"{c} (U+{ord(c):04X})" for c in missing)
            raise FontError(f"{font} cannot draw {names}; install {PACKAGE}")
    for library in ("raqm", "fribidi"):
        if not features.check(library):
            raise FontError(f"Pillow cannot stack Ê Đê marks without {library}; install libraqm0 and libfribidi0")
    return fonts


def _find(folders: tuple[Path, ...], name: str) -> Path:
    found = next((path for folder in folders if (path := folder / name).is_file()), None)
    if found is None:
        places = ", ".join(str(folder) for folder in folders)
        raise FontError(f"font {name} not found in {places}; install {PACKAGE}")
    return found


def _printable(character: str, covered: frozenset[int]) -> str:
    if character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
        return " "
    return character if ord(character) in covered else "?"


@functools.lru_cache(maxsize=8)
def _covered(font: Path) -> frozenset[int]:
    """The code points in the font's `cmap` (OpenType specification, tables `cmap` formats 4 and 12)."""
    try:
        data = font.read_bytes()
        points = frozenset(point for table in _cmap_tables(data) for point in _points(data, table))
    except (OSError, struct.error) as problem:
        raise FontError(f"{font} is not a readable TrueType font: {problem}") from problem
    if not points:
        raise FontError(f"{font} is not a readable TrueType font: it draws no letter")
    return points


def _cmap_tables(data: bytes) -> Iterator[int]:
    (table_count,) = struct.unpack_from(">H", data, 4)
    for index in range(table_count):
        tag, _, start, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * index)
        if tag == b"cmap":
            (count,) = struct.unpack_from(">H", data, start + 2)
            for entry in range(count):
                _, _, offset = struct.unpack_from(">HHL", data, start + 4 + 8 * entry)
                yield start + offset


def _points(data: bytes, table: int) -> Iterator[int]:
    (kind,) = struct.unpack_from(">H", data, table)
    if kind == 4:
        yield from _points_of_segments(data, table)
    elif kind == 12:
        (groups,) = struct.unpack_from(">L", data, table + 12)
        for group in range(groups):
            first, last, _ = struct.unpack_from(">LLL", data, table + 16 + 12 * group)
            yield from range(first, last + 1)


def _points_of_segments(data: bytes, table: int) -> Iterator[int]:
    (doubled,) = struct.unpack_from(">H", data, table + 6)
    ends, starts = table + 14, table + 16 + doubled
    deltas, offsets = starts + doubled, starts + 2 * doubled
    for at in range(0, doubled, 2):
        (last,), (first,) = struct.unpack_from(">H", data, ends + at), struct.unpack_from(">H", data, starts + at)
        (delta,), (offset,) = struct.unpack_from(">h", data, deltas + at), struct.unpack_from(">H", data, offsets + at)
        for point in range(first, min(last, 0xFFFE) + 1):
            glyph = point
            if offset:
                (glyph,) = struct.unpack_from(">H", data, offsets + at + offset + 2 * (point - first))
            if glyph if offset else (glyph + delta) & 0xFFFF:
                yield point
