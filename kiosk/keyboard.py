"""Typing Vietnamese with the on-screen keyboard: Telex or VNI keys become letters. Pure.

The keys of the word being typed are kept and composed anew after every key: "d d a w s k" → "đắk". Nothing is refused
for being no Vietnamese word (Đắk, Lắk, Krông stay possible), and typing a mark's key twice gives the plain key back.
"""

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum


class Method(StrEnum):
    """How marks are typed."""

    TELEX = "telex"
    VNI = "vni"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """A text under way: finished words, and the keys of the word being typed."""

    done: str = ""
    keys: str = ""
    method: Method = Method.TELEX

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return self.done + compose(self.keys, self.method)


LONGEST = 60

_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
_HORN_BREVE = {"a": "ă", "o": "ơ", "u": "ư"}
_PLAIN = {marked: plain for table in (_CIRCUMFLEX, _HORN_BREVE) for plain, marked in table.items()} | {"đ": "d"}
_VOWELS = "aăâeêioôơuưy"


def typed(typing: Typing, key: str) -> Typing:
    """The text after one more key: a letter or digit, " ", "backspace" (takes one letter) or "clear"."""
    if key == "clear":
        return replace(typing, done="", keys="")
    if key == "backspace":
        return _shorter(typing)
    if len(typing.text) >= LONGEST:
        return typing
    if key == " ":
        text = typing.text
        return replace(typing, done=text if not text or text.endswith(" ") else text + " ", keys="")
    return replace(typing, keys=typing.keys + key)


def _shorter(typing: Typing) -> Typing:
    """One letter less on the screen. The word becomes finished text: its keys no longer tell its letters."""
    if not typing.keys:
        return replace(typing, done=typing.done[:-1])
    return replace(typing, done=typing.text[:-1], keys="")


def compose(keys: str, method: Method = Method.TELEX) -> str:
    """The word that these keys write, in NFC: "nguyeenx" → "nguyễn"."""
    word = _Word()
    for key in keys:
        used = _telex(word, key) if method is Method.TELEX else _vni(word, key)
        if not used:
            word.letters.append(key)
    return word.written()


class _Word:
    """A word being composed: letters with their shape marks, and the tone apart (it moves as the word grows)."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.tone = ""
        self.undone = ""  # the mark whose key was typed twice: from then on it is an ordinary letter

    def shape(self, table: dict[str, str], only: str, key: str) -> bool:
        """Give the last fitting letter its mark; the same key again takes it off and is written itself."""
        if self.undone == key:
            return False
        for index in range(len(self.letters) - 1, -1, -1):
            letter = self.letters[index]
            lower = letter.lower()
            plain = _PLAIN.get(lower, lower)
            if plain not in only or plain not in table:
                continue
            if lower == table[plain]:
                self.letters[index] = _like(letter, plain)
                self.undone = key
                return False
            self.letters[index] = _like(letter, table[plain])
            return True
        return False

    def set_tone(self, tone: str, key: str) -> bool:
        """Set the tone; the same key again takes it off and is written itself."""
        if self.undone == key or not any(letter.lower() in _VOWELS for letter in self.letters):
            return False
        if self.tone == tone:
            self.tone, self.undone = "", key
            return False
        self.tone = tone
        return True

    def written(self) -> str:
        """The word with its tone on the right vowel."""
        letters = _joined(self.letters)
        place = _tone_place([letter.lower() for letter in letters])
        if self.tone and place is not None:
            letters[place] += self.tone
        return unicodedata.normalize("NFC", "".join(letters))


def _telex(word: _Word, key: str) -> bool:
    low = key.lower()
    if low in _TONES:
        return word.set_tone(_TONES[low], low)
    if low == "z" and word.tone:
        word.tone = ""
        return True
    if low in _CIRCUMFLEX:
        if low == "o" and word.letters[-1:] in (["e"], ["E"]):
            return False  # ngoèo, khoèo
        return word.shape(_CIRCUMFLEX, low, low)
    if low == "d":
        return _stroke(word, low)
    if low == "w":
        return _telex_w(word, key)
    return False


def _vni(word: _Word, key: str) -> bool:
    if key in _VNI_TONES:
        return word.set_tone(_VNI_TONES[key], key)
    match key:
        case "0":
            had, word.tone = bool(word.tone), ""
            return had
        case "6":
            return word.shape(_CIRCUMFLEX, "aeo", key)
        case "7":
            return _horn_pair(word) or word.shape(_HORN_BREVE, "ou", key)
        case "8":
            return word.shape(_HORN_BREVE, "a", key)
        case "9":
            return _stroke(word, key)
        case _:
            return False


def _telex_w(word: _Word, key: str) -> bool:
    if _horn_pair(word):
        return True
    return word.shape(_HORN_BREVE, "aou", key.lower())


def _horn_pair(word: _Word) -> bool:
    """One key marks both letters of "uo": "duongw" → "dương". Not after q: "quow" → "quơ"."""
    low = [letter.lower() for letter in word.letters]
    for index in range(len(low) - 2, -1, -1):
        if (low[index], low[index + 1]) in {("u", "o"), ("ư", "o"), ("u", "ơ")}:
            if index and low[index - 1] == "q":
                return False
            if (
                index + 2 == len(low)
                and (low[index], low[index + 1]) == ("u", "o")
                and low[:index] in (["h"], ["t", "h"])
            ):
                return False
            word.letters[index] = _like(word.letters[index], "ư")
            word.letters[index + 1] = _like(word.letters[index + 1], "ơ")
            return True
    return False


def _joined(letters: list[str]) -> list[str]:
    """ "ưo" before another letter is "ươ": "truwong" writes "trương"."""
    joined = list(letters)
    for index in range(len(joined) - 2):
        if joined[index] in "ưƯ" and joined[index + 1] in "oO":
            joined[index + 1] = _like(joined[index + 1], "ơ")
    return joined


def _stroke(word: _Word, key: str) -> bool:
    """A second d, anywhere later in the word, strokes the first: "dawksd" → "đắk"."""
    if word.undone == key or not word.letters or word.letters[0].lower() not in ("d", "đ"):
        return False
    first = word.letters[0]
    if first.lower() == "đ":
        word.letters[0] = _like(first, "d")
        word.undone = key
        return False
    word.letters[0] = _like(first, "đ")
    return True


def _tone_place(letters: list[str]) -> int | None:
    """Which letter carries the tone: the marked vowel, else by the shape of the rhyme (old placing: hòa, thúy)."""
    vowels = _rhyme(letters)
    if not vowels:
        return None
    marked = [index for index in vowels if letters[index] in "ăâêôơư"]
    if marked:
        return marked[-1]
    closed = vowels[-1] + 1 < len(letters)
    if len(vowels) == 1:
        return vowels[0]
    if len(vowels) == 2:
        return vowels[1] if closed else vowels[0]
    return vowels[1]


def _rhyme(letters: list[str]) -> list[int]:
    """The vowels of the rhyme: the last run of vowels, without the u of "qu" and the i of "gi" before another vowel."""
    end = len(letters)
    while end and letters[end - 1] not in _VOWELS:
        end -= 1
    start = end
    while start and letters[start - 1] in _VOWELS:
        start -= 1
    if end - start > 1 and start:
        onset = letters[start - 1] + letters[start]
        if onset == "qu" or (onset == "gi" and start == 1):
            start += 1
    return list(range(start, end))


def _like(model: str, letter: str) -> str:
    """The letter in the case of the model."""
    return letter.upper() if model.isupper() else letter
