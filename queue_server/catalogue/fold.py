"""Folding Vietnamese text for comparison: case, accents, stray typing keys and sounds people mix up. Pure."""

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"[0-9a-z]+")
_ACCENTED_WORD = re.compile(r"\w+")
_INITIALS = (("ngh", "ng"), ("gh", "g"), ("gi", "d"), ("ph", "f"), ("qu", "w"), ("tr", "ch"), ("kh", "kh"))
_INITIAL_LETTERS = {"s": "x", "r": "d", "v": "d", "l": "n", "k": "c", "q": "c"}
_FINALS = (("nh", "n"), ("ng", "n"), ("ch", "t"), ("c", "t"))
_TELEX_PAIRS = re.compile(r"([aeod])\1")
_TELEX_TONE = re.compile(r"(?<=[aeiouy])[sfrxj](?=(?:[aeiouy]|c|ch|m|n|ng|nh|p|t|u)?$)|(?<=[cmnptghiu])[sfrxj]$")


def fold(text: str) -> str:
    """Lower case without accents, words separated by one blank: "Đăng ký, kết hôn" → "dang ky ket hon"."""
    lowered = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    plain = "".join(letter for letter in lowered if not unicodedata.combining(letter))
    return " ".join(_WORD.findall(plain))


def words(text: str) -> list[str]:
    """The words of a text in lower case, accents kept and composed (NFC)."""
    return _ACCENTED_WORD.findall(unicodedata.normalize("NFC", text).lower().replace("_", " "))


def slug(text: str) -> str:
    """An id made from words: "trẻ bị bỏ rơi" → "tre_bi_bo_roi" (at most 48 letters)."""
    return fold(text).replace(" ", "_")[:48].rstrip("_")


def sound(word: str) -> str:
    """What a folded syllable sounds like to somebody who mixes up s/x, tr/ch, gi/d/r/v, l/n, i/y and endings."""
    for written, heard in _INITIALS:
        if word.startswith(written) and len(word) > len(written):
            word = heard + word[len(written) :]
            break
    else:
        word = _INITIAL_LETTERS.get(word[:1], word[:1]) + word[1:]
    for written, heard in _FINALS:
        if len(word) > len(written) + 1 and word.endswith(written):
            word = word[: -len(written)] + heard
            break
    return word[:1] + word[1:].replace("y", "i")


def untyped(word: str) -> Iterator[str]:
    """Readings of a folded word in which keys of an input method were left over.

    Telex writes "ddaats" for "đất", VNI "d9at61"; with the method switched off the keys stay in the text.
    """
    if any(letter.isdigit() for letter in word) and not word.isdigit():
        yield re.sub(r"\d", "", word)
    undoubled = _TELEX_PAIRS.sub(r"\1", word)
    hooked = re.sub(r"(?<=[aou])w", "", undoubled)
    hooked = re.sub(r"w", "u", hooked)
    toneless = _TELEX_TONE.sub("", hooked)
    for reading in dict.fromkeys((toneless, hooked, undoubled)):
        if reading != word and reading:
            yield reading


def one_letter_less(word: str) -> Iterator[str]:
    """Every reading of a word with one letter left out."""
    for position in range(len(word)):
        yield word[:position] + word[position + 1 :]
