import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.catalogue.fold import fold, one_letter_less, slug, sound, untyped, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đăng ký, kết hôn", "dang ky ket hon"),
        ("ĐẤT ĐAI", "dat dai"),
        ("  giấy   phép\n", "giay phep"),
        ("TP. 3/2026", "tp 3 2026"),
        ("…!?", ""),
        ("ưỡng ợ ẵ", "uong o a"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_both_ways_of_writing_an_accent_fold_alike() -> None:
    composed = "đường Nguyễn"
    assert fold(unicodedata.normalize("NFD", composed)) == fold(unicodedata.normalize("NFC", composed))
    assert words(unicodedata.normalize("NFD", composed)) == ["đường", "nguyễn"]


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert set(fold(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")


def test_a_slug_is_an_id() -> None:
    assert slug("trẻ bị bỏ rơi") == "tre_bi_bo_roi"
    assert len(slug("chưa có thông tin trong cơ sở dữ liệu quốc gia về dân cư")) <= 48


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("trich", "chich"),
        ("sua", "xua"),
        ("giay", "day"),
        ("nam", "lam"),
        ("ky", "ki"),
        ("hoan", "hoang"),
        ("ngi", "nghi"),
    ],
)
def test_syllables_that_people_mix_up_sound_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("dat", "ma"), ("khai", "cai"), ("sinh", "song")])
def test_other_syllables_do_not(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ddaats", "dat"),
        ("keest", "ket"),
        ("hoon", "hon"),
        ("giaays", "giay"),
        ("d9at61", "dat"),
        ("kys", "ky"),
        ("ddor", "do"),
    ],
)
def test_leftover_typing_keys_are_read(typed: str, meant: str) -> None:
    assert meant in set(untyped(typed))


def test_plain_words_have_no_other_reading() -> None:
    assert list(untyped("khai")) == []
    assert list(untyped("2026")) == []


def test_one_letter_less() -> None:
    assert sorted(one_letter_less("hon")) == ["hn", "ho", "on"]
