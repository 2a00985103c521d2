"""Folding Vietnamese text for comparison: case, accents, stray typing keys and sounds people mix up. Pure."""

import re
import unicodedata

_WORD = re.compile(r"[0-9a-z]+")


def fold(text: str) -> str:
    """Lower case without accents, words separated by one blank: "Đăng ký, kết hôn" → "dang ky ket hon"."""
    lowered = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    plain = "".join(letter for letter in lowered if not unicodedata.combining(letter))
    return " ".join(_WORD.findall(plain))


def slug(text: str) -> str:
    """An id made from words: "trẻ bị bỏ rơi" → "tre_bi_bo_roi" (at most 48 letters)."""
    return fold(text).replace(" ", "_")[:48].rstrip("_")
