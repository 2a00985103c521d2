"""Letters by their names: one name everywhere, of two syllables where one is easily missed. Pure."""

from typing import Final

from queue_server.spoken.numbers import digit_words

LETTERS: Final = "ABCDĐEFGHIJKLMNOPQRSTUVWXYZ"
NAMES_VI: Final = {
    "A": "a", "B": "bê", "C": "xê", "D": "đê", "Đ": "đê gạch", "E": "e", "F": "ép phờ", "G": "giê", "H": "hát",
    "I": "i", "J": "gi", "K": "ca", "L": "e lờ", "M": "em mờ", "N": "en nờ", "O": "o", "P": "pê", "Q": "quy",
    "R": "e rờ", "S": "ét sì", "T": "tê", "U": "u", "V": "vê", "W": "vê kép", "X": "ích xì", "Y": "i dài",
    "Z": "dét",
}  # fmt: skip


def letter_name(letter: str, language: str) -> str:
    """The name of one letter; English voices know their own."""
    return NAMES_VI[letter] if language == "vi" else letter.replace("Đ", "D")


def spell(text: str, language: str) -> str:
    """Letters by name and digits one by one, with a breath after each: A012 is a, không, một, hai."""
    named = (
        digit_words(each, language) if each.isdigit() else letter_name(each, language)
        for each in text.upper()
        if each in LETTERS or (each.isascii() and each.isdigit())
    )
    return ", ".join(named)
