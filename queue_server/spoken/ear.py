"""A text of the screen, written for the ear. Pure: `write_for_ear(text, language)` is the whole of it.

Rules go from the particular to the general: a time is read before its digits are. What a rule has read stands between
two marks, so that no later rule reads it again.
"""

import functools
import re
import unicodedata
from collections.abc import Callable
from re import Match
from typing import Final

from queue_server.spoken.letters import spell
from queue_server.spoken.numbers import decimal_words, digit_words, number_words, ordinal_words, year_words
from queue_server.spoken.terms import MONTHS_EN, TERMS, UNITS

Rule = Callable[..., str]  # of a match and the language
_LETTER: Final = r"[^\W\d_]"
_ALONE: Final = r"(?<![\w.,/])"  # where a number may begin
_DONE: Final = re.compile("\x02([^\x03]*)\x03")


def write_for_ear(text: str, language: str) -> str:
    """The text as a voice should read it, in "vi" or "en"."""
    said = unicodedata.normalize("NFC", text)
    for pattern, rule in _RULES:
        said = pattern.sub(functools.partial(rule, language=language), said)
    said = _DONE.sub(r"\1", said)
    for pattern, instead in _PAUSES:
        said = pattern.sub(instead, said)
    return said.strip(" ,")


def _done(said: str) -> str:
    return f"\x02{said}\x03"


def _joined(language: str, vi: str, en: str) -> str:
    return en if language == "en" else vi


def _whole(digits: str, language: str) -> str:
    """A whole number, with or without marks between the thousands; a leading nought makes it a row of digits."""
    bare = re.sub(r"[.,]", "", digits)
    if (len(bare) > 1 and bare.startswith("0")) or len(bare) > 12:
        return digit_words(bare, language)
    return number_words(int(bare), language)


def _clock(hours: str, minutes: str, language: str) -> str:
    hour, minute = int(hours), int(minutes)
    if language == "en":
        spoken = number_words(hour % 12 or 12, "en")
        tail = "" if not minute else f" {'oh ' if minute < 10 else ''}{number_words(minute, 'en')}"
        return f"{spoken}{tail} {'a.m.' if hour < 12 else 'p.m.'}"
    tail = "" if not minute else f" {number_words(minute, 'vi')}" + (" phút" if minute < 10 else "")
    return f"{number_words(hour, 'vi')} giờ{tail}"


def _time(match: Match[str], language: str) -> str:
    if int(match["h"]) > 24 or int(match["m"]) > 59:
        return match[0]
    return _done(_clock(match["h"], match["m"], language))


def _date(match: Match[str], language: str) -> str:
    day, month, year = int(match["d"]), int(match["mo"]), int(match["y"])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match[0]
    said = year_words(year, language)
    if language == "en":
        return _done(f"the {ordinal_words(day)} of {MONTHS_EN[month - 1]} {said}")
    lead = "" if match["lead"] else "ngày "
    named = "tư" if month == 4 else number_words(month, "vi")
    return (match["lead"] or "") + _done(f"{lead}{number_words(day, 'vi')} tháng {named} năm {said}")


def _money(match: Match[str], language: str) -> str:
    amount = _whole(match["n"] or match["n2"], language) + _joined(language, " đồng", " dong")
    each = match["each"]
    return _done(amount + (_joined(language, " một", " per") if each else "")) + (f" {each}" if each else "")


def _phone(match: Match[str], language: str) -> str:
    groups = re.split(r"[ .-]", match[0])
    return _done("; ".join(digit_words(group, language) for group in groups))


def _percent(match: Match[str], language: str) -> str:
    return _done(_number(match["n"], language) + _joined(language, " phần trăm", " per cent"))


def _span(match: Match[str], language: str) -> str:
    """5–10, 07:30–11:30, A001–A020. After "khoảng" no "từ" is said."""
    first, last = match["a"], match["b"]
    lead = match["lead"] or ""
    start = "" if lead or language == "en" else "từ "
    return f"{lead}{start}{first} {_joined(language, 'đến', 'to')} {last}"


def _weekdays(match: Match[str], language: str) -> str:
    return f"{match[1]} {_joined(language, 'đến', 'to')} {match[2]}"


def _act(match: Match[str], language: str) -> str:
    """123/2015/NĐ-CP: number, year, kind and who made it."""
    kinds = " ".join(TERMS[language].get(each) or spell(each, language) for each in match[3].split("-"))
    return _done(f"{_whole(match[1], language)}, {year_words(int(match[2]), language)}, {kinds}")


def _of(match: Match[str], language: str) -> str:
    said = (_whole(match[1], language), _whole(match[2], language))
    return _done(_joined(language, " trên ", " of ").join(said))


def _list(match: Match[str], language: str) -> str:
    *others, last = re.split(r",\s+", match[0])
    return f"{', '.join(others)} {_joined(language, 'và', 'and')} {last}"


def _code(match: Match[str], language: str) -> str:
    """A ticket's number, a form's: a breath follows."""
    return _done(spell(match[0], language)) + ","


def _by(match: Match[str], language: str) -> str:
    """4x6 cm."""
    return f"{match[1]} {_joined(language, 'nhân', 'by')} "


def _at_least(_: Match[str], language: str) -> str:
    return _joined(language, "ít nhất ", "at least ")


def _label(match: Match[str], language: str) -> str:
    """A counter's label: 3A."""
    return _done(f"{_whole(match[1], language)} {spell(match[2], language)}")


def _term(match: Match[str], language: str) -> str:
    full = TERMS[language].get(match[0])
    if full is not None:
        return _done(full)
    consonants = language == "vi" and re.fullmatch(r"[BCDĐGHKLMNPQRSTVX]{2,6}", match[0])
    return _done(spell(match[0], language).replace(",", "")) if consonants else match[0]


def _unit(match: Match[str], language: str) -> str:
    return f"{match['n']} {_done(UNITS[language][match['unit']])}"


def _minus(match: Match[str], language: str) -> str:
    return f"{_joined(language, 'âm', 'minus')} {match[1]}"


def _number(digits: str, language: str) -> str:
    """Whole or with a fraction; the mark between the two is the language's own."""
    mark, thousands = (".", ",") if language == "en" else (",", ".")
    whole, _, fraction = digits.partition(mark)
    if fraction and thousands not in fraction:
        return decimal_words(int(whole.replace(thousands, "")), fraction, language)
    return _whole(digits, language)


def _any_number(match: Match[str], language: str) -> str:
    return _done(_number(match[0].rstrip(".,"), language)) + match[0][len(match[0].rstrip(".,")) :]


def _or(match: Match[str], language: str) -> str:
    one, other = match[1], match[2]
    if (one.lower(), other.lower()) == ("ông", "bà"):
        return f"{one} {other}"
    return f"{one} {_joined(language, 'hoặc', 'or')} {other}"


_DAY: Final = r"(?:[Tt]hứ (?:Hai|Ba|Tư|Năm|Sáu|Bảy)|Chủ nhật|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
_NUMBER: Final = r"\d+(?:[.,]\d+)*"
_SPANNED: Final = r"(?:\d{1,2}:\d{2}|[A-ZĐ]?\d+(?:[.,]\d+)*)"
_MONEY: Final = rf"(?:VND (?P<n2>{_NUMBER})|(?P<n>{_NUMBER}) ?(?:đồng|đ|VNĐ|VND)(?!\w))(?: ?/ ?(?P<each>{_LETTER}+))?"
_RULES: Final[tuple[tuple[re.Pattern[str], Rule], ...]] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (rf"({_DAY}) ?[–-] ?({_DAY})", _weekdays),
        (
            rf"(?P<lead>[Kk]hoảng |[Aa]bout |[Tt]ừ )?{_ALONE}(?P<a>{_SPANNED}) ?[–-] ?(?P<b>{_SPANNED})(?![\w/–-])",
            _span,
        ),
        (r"(?<![\w/])(\d{1,4})/(\d{4})/([A-ZĐ]+(?:-[A-ZĐ]+)*)", _act),
        (r"(?P<lead>[Nn]gày )?(?<!\d)(?P<d>\d{1,2})/(?P<mo>\d{1,2})/(?P<y>\d{4})(?!\d)", _date),
        (r"(?<![\d:])(?P<h>\d{1,2}):(?P<m>\d{2})(?![\d:])", _time),
        (_MONEY, _money),
        (r"(?<![\w.,/])(?:0|1[89]00)\d*(?:[ .-]?\d{2,}){2,}(?!\d)(?<=\d)", _phone),
        (rf"{_ALONE}(?P<n>{_NUMBER}) ?%", _percent),
        (rf"{_ALONE}(\d+)/(\d+)(?![\w/])", _of),
        (r"(?<![\w,.])(?:[A-ZĐ]?\d{1,3}[A-ZĐ]?)(?:, [A-ZĐ]?\d{1,3}[A-ZĐ]?)+(?![\w.,]\w|\w)", _list),
        (r"(\d) ?[x×] ?(?=\d)", _by),
        (r"≥ ?", _at_least),
        (r"(?<!\w)[A-ZĐ]{1,3}-?\d{1,5}(?!\w)", _code),
        (r"(?<!\w)(\d{1,3})([A-ZĐ])(?!\w)", _label),
        (rf"{_ALONE}(?P<n>{_NUMBER}) ?(?P<unit>m²|m2|km|kg|cm|cc|m)(?!\w)", _unit),
        (rf"(?<!\w){_LETTER}{{2,6}}(?!\w)", _term),
        (r"(?<!\S)[−-](\d)", _minus),
        (rf"(?<!\w){_NUMBER}", _any_number),
        (rf"(?<!\w)({_LETTER}+\x03?) ?/ ?(\x02?{_LETTER}+)", _or),
    )
)
_PAUSES: Final = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"[“”\"«»]", ""),
        (r"\s*[()·/;]\s*|\s+[–-]\s+|\s*–\s*", ", "),
        (r"…", "."),
        (r"&", " và "),
        (r"(?:,\s*)+(?=[,.;:!?])", ""),
        (r"(?<=[:.!?]),", ""),
        (r"(?:,\s*){2,}", ", "),
        (r"\s+", " "),
    )
)
