"""Telex and VNI: keys in, Vietnamese out."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.keyboard import LONGEST, Method, Typing, compose, typed

TELEX = {
    "nguyeenx": "nguyễn",
    "vawn": "văn",
    "dduwcs": "đức",
    "DDawks": "Đắk",
    "Lawks": "Lắk",
    "dawksd": "đắk",
    "kroong": "krông",
    "hoaf": "hòa",
    "thuys": "thúy",
    "dduowngf": "đường",
    "duongwf": "dường",
    "truwongf": "trường",
    "giuwongf": "giường",
    "quar": "quả",
    "quys": "quý",
    "quow": "quơ",
    "quoocs": "quốc",
    "giaays": "giấy",
    "giaf": "già",
    "gif": "gì",
    "khai": "khai",
    "sinhs": "sính",
    "tieengs": "tiếng",
    "vieetj": "việt",
    "hieuej": "hiệu",
    "nuwowcs": "nước",
    "nguowif": "người",
    "toans": "toán",
    "oanhr": "oảnh",
    "khuyeens": "khuyến",
    "huyeenj": "huyện",
    "thuees": "thuế",
    "thuowr": "thuở",
    "khuya": "khuya",
    "khuyru": "khuỷu",
    "ngoeof": "ngoèo",
    "ngoaif": "ngoài",
    "cuar": "của",
    "muaf": "mùa",
    "muwaf": "mừa",
    "ddaayf": "đầy",
    "ddij": "đị",
    "buoonf": "buồn",
    "tooi": "tôi",
    "w": "w",
    "as": "á",
    "ass": "as",
    "aa": "â",
    "aaa": "aa",
    "ddd": "dd",
    "too": "tô",
    "tooo": "too",
    "asz": "a",
    "b": "b",
    "bs": "bs",
    "": "",
}
VNI = {
    "nguye6n4": "nguyễn",
    "va8n": "văn",
    "d9u71c": "đức",
    "D9a81k": "Đắk",
    "La81k": "Lắk",
    "d9uo7ng2": "đường",
    "thuo73": "thuở",
    "gia6y1": "giấy",
    "a11": "a1",
    "d99": "d9",
    "2026": "2026",
    "a10": "a",
}


@pytest.mark.parametrize(("keys", "word"), TELEX.items())
def test_telex_writes(keys: str, word: str) -> None:
    assert compose(keys) == unicodedata.normalize("NFC", word)


@pytest.mark.parametrize(("keys", "word"), VNI.items())
def test_vni_writes(keys: str, word: str) -> None:
    assert compose(keys, Method.VNI) == unicodedata.normalize("NFC", word)


def write(keys: str, typing: Typing | None = None) -> Typing:
    typing = typing or Typing()
    for key in keys:
        typing = typed(typing, key)
    return typing


def test_a_sentence_is_composed_word_by_word() -> None:
    assert write("nguyeenx vawn dduwcs").text == "nguyễn văn đức"


def test_backspace_takes_one_letter_with_its_marks() -> None:
    assert typed(write("dduwcs"), "backspace").text == "đứ"
    assert typed(typed(write("an "), "backspace"), "backspace").text == "a"
    assert typed(Typing(), "backspace").text == ""


def test_after_backspace_the_word_goes_on() -> None:
    assert write("c", typed(write("khais"), "backspace")).text == "khác"


def test_clear_leaves_nothing_and_keeps_the_method() -> None:
    cleared = typed(write("d9", Typing(method=Method.VNI)), "clear")
    assert (cleared.text, cleared.method) == ("", Method.VNI)


def test_spaces_do_not_pile_up() -> None:
    assert write("  an   ba").text == "an ba"


def test_a_text_has_an_end() -> None:
    assert len(write("q" * 200).text) == LONGEST


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789 ", max_size=80), st.sampled_from(Method))
def test_whatever_is_typed_is_normal_text(keys: str, method: Method) -> None:
    text = write(keys, Typing(method=method)).text
    assert text == unicodedata.normalize("NFC", text)
    assert len(text) <= LONGEST
    assert not any(unicodedata.combining(letter) for letter in text if letter.isascii())


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", max_size=12))
def test_typing_loses_no_consonant(keys: str) -> None:
    """What is neither a mark nor a vowel comes out again, in order."""
    plain = "bcghklmnpqtv"
    assert [each for each in compose(keys) if each in plain] == [each for each in keys if each in plain]
