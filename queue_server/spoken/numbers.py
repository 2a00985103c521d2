"""Numbers as they are spoken: hai mươi mốt, một trăm linh năm, twenty-one. Pure."""

from typing import Final

DIGITS: Final = {
    "vi": ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_TEENS_EN: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS_EN: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS_EN: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_GROUPS: Final = {"vi": ("", " nghìn", " triệu", " tỷ"), "en": ("", " thousand", " million", " billion")}
HIGHEST: Final = 10**12 - 1


def number_words(number: int, language: str) -> str:
    """A whole number from 0 to `HIGHEST` as it is spoken. Raises `ValueError` beyond."""
    if not 0 <= number <= HIGHEST:
        raise ValueError(f"no words for {number}")
    groups = [number // 1000**place % 1000 for place in range(4)]
    if language == "en":
        return _english(groups)
    said: list[str] = []
    for place in range(3, -1, -1):
        if groups[place]:
            said.append(_vietnamese_group(groups[place], inside=bool(said)) + _GROUPS["vi"][place])
    return " ".join(said) or DIGITS["vi"][0]


def digit_words(digits: str, language: str) -> str:
    """Each digit by itself, with a breath between them."""
    return ", ".join(DIGITS[language][int(digit)] for digit in digits)


def decimal_words(whole: int, fraction: str, language: str) -> str:
    """mười hai phẩy năm, twelve point five: what follows the comma is read digit by digit."""
    point = "point" if language == "en" else "phẩy"
    tail = " ".join(DIGITS[language][int(digit)] for digit in fraction)
    return f"{number_words(whole, language)} {point} {tail}"


def year_words(year: int, language: str) -> str:
    """nineteen ninety-nine, two thousand and five; in Vietnamese a year is a number."""
    century, rest = divmod(year, 100)
    if language != "en" or rest < 10 or not 10 <= century < 100:
        return number_words(year, language)
    return f"{number_words(century, 'en')} {number_words(rest, 'en')}"


def ordinal_words(number: int) -> str:
    """English only, below 100: first, twelfth, thirtieth, twenty-first."""
    words = number_words(number, "en")
    head, _, last = words.rpartition("-")
    ending = _ORDINALS_EN.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{head}-{ending}" if head else ending


def _vietnamese_group(number: int, *, inside: bool) -> str:
    """Below 1000. `inside` a longer number even what is nought is said: không trăm linh năm."""
    hundreds, rest = divmod(number, 100)
    said = [f"{DIGITS['vi'][hundreds]} trăm"] if hundreds or inside else []
    if rest:
        said.append(_vietnamese_rest(rest, after_hundreds=bool(said)))
    return " ".join(said)


def _vietnamese_rest(number: int, *, after_hundreds: bool) -> str:
    tens, ones = divmod(number, 10)
    digits = DIGITS["vi"]
    if tens == 0:
        return f"linh {digits[ones]}" if after_hundreds else digits[ones]
    if tens == 1:
        return "mười" + {0: "", 5: " lăm"}.get(ones, f" {digits[ones]}")
    return f"{digits[tens]} mươi" + {0: "", 1: " mốt", 4: " tư", 5: " lăm"}.get(ones, f" {digits[ones]}")


def _english(groups: list[int]) -> str:
    said = [_english_group(groups[place]) + _GROUPS["en"][place] for place in (3, 2, 1) if groups[place]]
    last = groups[0]
    if last:
        said.append(f"and {_english_group(last)}" if said and last < 100 else _english_group(last))
    return " ".join(said) or DIGITS["en"][0]


def _english_group(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    said = [f"{DIGITS['en'][hundreds]} hundred"] if hundreds else []
    if rest:
        tens, ones = divmod(rest, 10)
        if tens == 0:
            words = DIGITS["en"][ones]
        elif tens == 1:
            words = _TEENS_EN[ones]
        else:
            words = _TENS_EN[tens] + (f"-{DIGITS['en'][ones]}" if ones else "")
        said.append(f"and {words}" if said else words)
    return " ".join(said)
