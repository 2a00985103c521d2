"""Finding procedures by plain words without the server. Pure.

Simpler than the server's own search, but with the same everyday words where the catalogue carries them: phrases people
say, groups of words with one meaning, and polite words that say nothing.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk.world import Procedure

_WORD = re.compile(r"[0-9a-z]+")
LEAST: Final = 0.34  # of the query's worth must be found
HALF_TYPED: Final = 0.8
MISTYPED: Final = 0.6


def fold(text: str) -> str:
    """Lower case without accents: "Đăng ký" → "dang ky"."""
    lowered = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join(_WORD.findall("".join(each for each in lowered if not unicodedata.combining(each))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Everyday:
    """How people speak: phrases per procedure, groups of words with one meaning, polite words. All folded."""

    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)  # folded words → their group
    filler: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """All texts of all procedures as marks (words and groups), and how rare each mark is."""

    texts: tuple[tuple[str, frozenset[str]], ...]
    rarity: Mapping[str, float]
    everyday: Everyday


def read_everyday(data: Any) -> Everyday:
    """The part `everyday` of `GET /catalogue`: `{filler, groups {name: [words]}, phrases {procedure: [phrase]}}`.

    A catalogue without it, or with a garbled one, is searched by its names alone.
    """
    part = data.get("everyday") if isinstance(data, dict) else None
    if not isinstance(part, dict):
        return Everyday()
    groups = {fold(member): f"#{name}" for name, members in _lists(part.get("groups")) for member in members}
    phrases = {name: tuple(fold(each) for each in said) for name, said in _lists(part.get("phrases"))}
    return Everyday(phrases=phrases, groups=groups, filler=frozenset(fold(str(part.get("filler") or "")).split()))


def _lists(data: Any) -> Iterable[tuple[str, list[str]]]:
    if isinstance(data, dict):
        for name, members in data.items():
            if isinstance(members, list | tuple):
                yield str(name), [str(member) for member in members]


def build_index(procedures: Mapping[str, Procedure], everyday: Everyday) -> Index:
    """The index of a catalogue."""
    texts = tuple(
        (known.id, frozenset((*_marks(text, everyday), *text.split())))  # words too: "ket" is half of "ket hon"
        for known in procedures.values()
        for text in (*map(fold, known.name.values()), *everyday.phrases.get(known.id, ()))
    )
    owners: dict[str, set[str]] = {}
    for owner, marks in texts:
        for mark in marks:
            owners.setdefault(mark, set()).add(owner)
    total = max(1, len(procedures))
    rarity = {mark: math.log(1 + total / len(names)) for mark, names in owners.items()}
    return Index(texts=texts, rarity=rarity, everyday=everyday)


def search(index: Index, query: str, limit: int = 12) -> tuple[str, ...]:
    """Procedure ids, best first: by how much of the query a text holds, then by how much of the text was asked for."""
    asked = [mark for mark in _marks(fold(query), index.everyday) if mark not in index.everyday.filler]
    if not asked:
        return ()
    readings = [_readings(index, mark, last=place == len(asked) - 1) for place, mark in enumerate(asked)]
    common = max(index.rarity.values(), default=1.0)
    worth = [max((index.rarity[each] for each in known), default=common) for known in readings]
    best: dict[str, float] = {}
    for owner, marks in index.texts:
        found = [
            value * max((share for mark, share in known.items() if mark in marks), default=0.0)
            for known, value in zip(readings, worth, strict=True)
        ]
        covered = sum(found) / sum(worth)
        if covered >= LEAST:
            whole = sum(index.rarity[mark] for mark in marks if mark not in index.everyday.filler) or 1.0
            score = covered + 0.5 * min(1.0, sum(found) / whole)
            best[owner] = max(best.get(owner, 0.0), score)
    return tuple(sorted(best, key=lambda owner: -best[owner])[:limit])


def _readings(index: Index, word: str, *, last: bool) -> dict[str, float]:
    """The known marks a typed word may stand for, with how sure that is."""
    known = {word: 1.0} if word in index.rarity else {}
    if last and not word.startswith("#"):
        known |= {mark: HALF_TYPED for mark in index.rarity if mark.startswith(word) and mark != word}
    if not known and len(word) > 3:
        known = {mark: MISTYPED for mark in index.rarity if _close(mark, word)}
    return known


def _marks(folded: str, everyday: Everyday) -> list[str]:
    """The words of a text; the longest run of words that belongs to a group becomes the group."""
    words, marks, place = folded.split(), list[str](), 0
    while place < len(words):
        for length in range(min(5, len(words) - place), 0, -1):
            group = everyday.groups.get(" ".join(words[place : place + length]))
            if group:
                marks.append(group)
                break
        else:
            length = 1
            marks.append(words[place])
        place += length
    return marks


def _close(one: str, two: str) -> bool:
    """One letter more, less or different."""
    if abs(len(one) - len(two)) > 1:
        return False
    short, long = sorted((one, two), key=len)
    same = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]
