"""Finds procedures by the words people use, with or without accents, misspelt or half typed. Pure.

Every procedure has several short texts: its official name, its English name and everyday phrases. A query
is compared with each text by the rarity of the words they share; the best text speaks for the procedure.
"""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from queue_server.catalogue.everyday import Everyday
from queue_server.catalogue.fold import fold, one_letter_less, sound, untyped, words
from queue_server.catalogue.model import Catalogue, Procedure

NAME_WEIGHT, ENGLISH_WEIGHT, PHRASE_WEIGHT, RESULT_WEIGHT = 1.0, 0.95, 1.0, 0.7
FILLER_SHARE = 0.15  # of the rarity a polite or empty word keeps
WRONG_ACCENT = 0.85  # of a word that agrees only without its accents
HALF_TYPED = 0.45
LEAST_SCORE = 0.18  # below it a hit would only confuse
LONGEST_QUERY = 24  # words; nobody types more into a kiosk
LONGEST_WORD = 24  # letters, two words run together and some stray keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One procedure found. `score` is 0…about 1.3, higher is better; `matched` is the text that spoke for it."""

    procedure: Procedure
    score: float
    matched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """One short text of a procedure, as marks: folded words and "#group" for words that mean the same."""

    procedure: str
    shown: str
    weight: float
    marks: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]
    rarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchIndex:
    """Everything a search needs; built once per catalogue version, safe to share between threads."""

    procedures: Mapping[str, Procedure]
    texts: tuple[_Text, ...]
    places: Mapping[str, tuple[tuple[int, str], ...]]  # mark → (text, word as written)
    bags: Mapping[str, frozenset[str]]  # procedure → every mark of its texts and papers
    rarity: Mapping[str, float]
    filler: frozenset[str]  # polite and empty words; without accents only where no other word folds to the same
    groups: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]  # first word → (words, group), longest first
    group_words: frozenset[str]
    spellings: tuple[str, ...]  # sorted, for half-typed words
    by_sound: Mapping[str, tuple[str, ...]]
    by_less: Mapping[str, tuple[str, ...]]


def build_index(catalogue: Catalogue, everyday: Everyday) -> SearchIndex:
    """The index of one catalogue version; phrases of procedures that it does not hold are left out."""
    groups = _group_table(everyday.groups)
    drafts = [draft for entry in catalogue.procedures.values() for draft in _texts(entry, everyday)]
    filler = _filler(everyday.filler, (shown for _, shown, _ in drafts))
    marked = [(owner, shown, weight, _marks(fold(shown).split(), groups)) for owner, shown, weight in drafts]
    rarity = _rarity(((owner, marks) for owner, _, _, marks in marked), len(catalogue.procedures))
    places: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    texts = []
    for number, (owner, shown, weight, marks) in enumerate(marked):
        written = dict(zip((fold(word) for word in words(shown)), words(shown), strict=True))
        for mark in dict.fromkeys(marks):
            places[mark].append((number, written.get(mark, "")))
        texts.append(
            _Text(
                procedure=owner,
                shown=shown,
                weight=weight,
                marks=marks,
                pairs=_pairs(marks),
                rarity=sum(_worth(mark, written.get(mark, ""), rarity, filler) for mark in set(marks)),
            )
        )
    spellings = tuple(sorted(mark for mark in places if not mark.startswith("#")))
    return SearchIndex(
        procedures=catalogue.procedures,
        texts=tuple(texts),
        places={mark: tuple(found) for mark, found in places.items()},
        bags=_bags(catalogue, marked, groups),
        rarity=rarity,
        filler=filler,
        groups=groups,
        group_words=frozenset(word for found in groups.values() for parts, _ in found for word in parts),
        spellings=spellings,
        by_sound=_grouped((sound(word), word) for word in spellings),
        by_less=_grouped((less, word) for word in spellings if len(word) > 2 for less in one_letter_less(word)),
    )


def search(index: SearchIndex, text: str, limit: int = 5) -> list[Hit]:
    """The procedures that fit `text` best, best first, at most `limit`; empty for an empty or foreign text.

    A national code ("1.001193") finds its procedure alone. Words of politeness alone find nothing.
    """
    by_code = [entry for entry in index.procedures.values() if text.strip() in (entry.code, *entry.code_aliases)]
    if by_code:
        return [Hit(procedure=entry, score=2.0, matched=text.strip()) for entry in by_code[:limit]]
    spoken = [part for word in words(text)[:LONGEST_QUERY] for part in _parted(index, word[:LONGEST_WORD])]
    asked = [_readings(index, written, plain, last=n == len(spoken) - 1) for n, (written, plain) in enumerate(spoken)]
    found = [readings for readings in asked if readings]
    best = [readings[0].mark for readings in found]
    found.extend([_Reading(mark=group, share=1.0, written="")] for group in _group_marks(best, index.groups))
    if all((readings[0].written or readings[0].mark) in index.filler for readings in found):
        return []
    worth = [_worth(readings[0].mark, readings[0].written, index.rarity, index.filler) for readings in found]
    total = sum(worth) + 2.0 * sum(1 for readings in asked if not readings)
    if not found or total <= 0:
        return []
    scores = _text_scores(index, found, worth)
    hits = _best_texts(index, scores, total, _pairs(tuple(best)))
    ranked = sorted(hits, key=lambda hit: (-hit.score, hit.procedure.id))
    return [hit for hit in ranked if hit.score >= LEAST_SCORE][:limit]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What a typed word may stand for: a known word and how sure that is."""

    mark: str
    share: float
    written: str  # the word with its accents, "" where they say nothing


def _parted(index: SearchIndex, word: str) -> list[tuple[str, str]]:
    """A word and its folded form; two words when the blank between known ones was forgotten."""
    plain = fold(word)
    if len(plain) > 4 and len(plain) == len(word) and plain not in index.places and plain not in index.by_less:
        for cut in range(len(plain) - 2, 1, -1):
            if plain[:cut] in index.places and plain[cut:] in index.places:
                return [(word[:cut], plain[:cut]), (word[cut:], plain[cut:])]
    return [(word, plain)]


def _readings(index: SearchIndex, written: str, plain: str, *, last: bool) -> list[_Reading]:
    """Known words that a typed word may mean, surest first."""
    accented = written if written != plain else ""
    found: dict[str, float] = {}
    if plain in index.places or plain in index.group_words:
        found[plain] = 1.0
    elif written in index.filler:
        return [_Reading(mark=plain, share=0.0, written=accented)]
    else:
        for known, share in _respelt(index, plain):
            found[known] = max(share, found.get(known, 0.0))
    if last and len(plain) > 1:
        for known in _half_typed(index, plain):
            found.setdefault(known, HALF_TYPED)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:12]
    return [_Reading(mark=known, share=share, written=accented if known == plain else "") for known, share in ranked]


def _respelt(index: SearchIndex, plain: str) -> Iterator[tuple[str, float]]:
    """Known words close to an unknown one: leftover keys, sounds, a letter too few, too many, wrong or swapped."""
    for reading in untyped(plain):
        if reading in index.places:
            yield reading, 0.95
    for known in index.by_sound.get(sound(plain), ()):
        yield known, 0.85
    if plain.isdigit():
        return
    share = 0.75 if len(plain) > 3 else 0.55
    for known in index.by_less.get(plain, ()):  # a letter was dropped
        yield known, share
    if len(plain) > 2:
        for less in one_letter_less(plain):
            if less in index.places and len(less) > 1:  # a letter too many
                yield less, share
            if len(plain) > 3:
                for known in index.by_less.get(less, ()):  # a wrong letter, or two swapped
                    yield known, share * (0.9 if known[0] == plain[0] else 0.7)


def _half_typed(index: SearchIndex, plain: str) -> Iterator[str]:
    start = bisect_left(index.spellings, plain)
    for known in index.spellings[start : start + 12]:
        if not known.startswith(plain):
            break
        yield known


def _text_scores(index: SearchIndex, found: list[list[_Reading]], worth: list[float]) -> dict[int, float]:
    """For every text the worth of the query's words that it holds."""
    scores: defaultdict[int, float] = defaultdict(float)
    for readings, value in zip(found, worth, strict=True):
        best: dict[int, float] = {}
        for reading in readings:
            for number, written in index.places.get(reading.mark, ()):
                share = reading.share
                if reading.written and written and reading.written != written:
                    share *= WRONG_ACCENT
                if share > best.get(number, 0.0):
                    best[number] = share
        for number, share in best.items():
            scores[number] += share * value
    return scores


def _best_texts(
    index: SearchIndex, scores: Mapping[int, float], total: float, pairs: frozenset[tuple[str, str]]
) -> list[Hit]:
    """One hit per procedure: its best text, plus what the rest of its texts and papers know of the query."""
    best: dict[str, tuple[float, str]] = {}
    for number, score in scores.items():
        text = index.texts[number]
        covered = score / total
        filled = min(1.0, score / text.rarity) if text.rarity else 0.0
        order = len(pairs & text.pairs) / len(pairs) if pairs else 0.0
        value = text.weight * (0.62 * covered + 0.25 * filled + 0.13 * order)
        if value > best.get(text.procedure, (0.0, ""))[0]:
            best[text.procedure] = (value, text.shown)
    asked = {mark for pair in pairs for mark in pair}
    hits = []
    for procedure, (value, shown) in best.items():
        known = sum(_worth(mark, mark, index.rarity, index.filler) for mark in asked & index.bags[procedure])
        score = value + 0.25 * min(1.0, known / total)
        hits.append(Hit(procedure=index.procedures[procedure], score=round(score, 4), matched=shown))
    return hits


def _texts(entry: Procedure, everyday: Everyday) -> Iterator[tuple[str, str, float]]:
    yield entry.id, entry.name["vi"], NAME_WEIGHT
    if "en" in entry.name:
        yield entry.id, entry.name["en"], ENGLISH_WEIGHT
    yield entry.id, entry.result.name["vi"], RESULT_WEIGHT
    for phrase in everyday.phrases.get(entry.id, ()):
        yield entry.id, phrase, PHRASE_WEIGHT


def _bags(
    catalogue: Catalogue,
    marked: Iterable[tuple[str, str, float, tuple[str, ...]]],
    groups: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]],
) -> dict[str, frozenset[str]]:
    bags: defaultdict[str, set[str]] = defaultdict(set)
    for owner, _, _, marks in marked:
        bags[owner].update(marks)
    for entry in catalogue.procedures.values():
        field = catalogue.fields[entry.field]
        for text in (*field.name.values(), *(paper.name["vi"] for paper in entry.components)):
            bags[entry.id].update(_marks(fold(text).split(), groups))
    return {owner: frozenset(marks) for owner, marks in bags.items()}


def _rarity(marked: Iterable[tuple[str, tuple[str, ...]]], count: int) -> dict[str, float]:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for owner, marks in marked:
        for mark in marks:
            owners[mark].add(owner)
    return {mark: math.log(1 + count / len(found)) for mark, found in owners.items()}


def _worth(mark: str, written: str, rarity: Mapping[str, float], filler: frozenset[str]) -> float:
    value = rarity.get(mark, 0.0)
    return value * FILLER_SHARE if (written or mark) in filler else value


def _filler(text: str, shown: Iterable[str]) -> frozenset[str]:
    """Empty words with their accents, and without them unless that is how a meaningful word looks.

    "đó" says nothing, but "do" may be the "đỏ" of "sổ đỏ".
    """
    empty = frozenset(words(text))
    meaningful = {fold(word) for text in shown for word in words(text) if word not in empty}
    return empty | {fold(word) for word in empty if fold(word) not in meaningful}


def _pairs(marks: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    plain = [mark for mark in marks if not mark.startswith("#")]
    return frozenset(pairwise(plain)) or frozenset((mark, mark) for mark in plain)


def _group_table(groups: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    table: defaultdict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for name, members in groups.items():
        for member in members:
            parts = tuple(fold(member).split())
            table[parts[0]].append((parts, f"#{name}"))
    return {first: tuple(sorted(found, key=lambda item: -len(item[0]))) for first, found in table.items()}


def _group_marks(plain: list[str], groups: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for start, first in enumerate(plain):
        for parts, group in groups.get(first, ()):
            if tuple(plain[start : start + len(parts)]) == parts:
                seen[group] += 1
                if seen[group] == 1:
                    yield group


def _marks(plain: list[str], groups: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]) -> tuple[str, ...]:
    return (*plain, *_group_marks(plain, groups))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    table: defaultdict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        if value not in table[key]:
            table[key].append(value)
    return {key: tuple(values) for key, values in table.items()}
