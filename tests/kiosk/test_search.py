"""Searching without the server."""

from pathlib import Path

import pytest

from kiosk.catalogue import read_catalogue
from kiosk.search import build_index, fold, read_everyday, search
from queue_server.catalogue.yamlfile import read_yaml
from tests.kiosk.standin import CATALOGUE

PHRASES = Path(__file__).parents[1] / "catalogue" / "phrases.yaml"
INDEX = build_index(read_catalogue(CATALOGUE)[1], read_everyday(CATALOGUE))
BARE = build_index(read_catalogue(CATALOGUE)[1], read_everyday({}))


def found_share(part: str) -> float:
    """How many of the sentences find what they mean among the first three."""
    sentences = read_yaml(PHRASES)[part]
    hits = 0
    for sentence, wanted in sentences.items():
        names = {wanted} if isinstance(wanted, str) else set(wanted)
        hits += bool(names & set(search(INDEX, str(sentence))[:3]))
    return hits / len(sentences)


def test_what_people_say_at_the_door_is_found() -> None:
    assert found_share("tuned") >= 0.9
    assert found_share("held_out") >= 0.8


@pytest.mark.parametrize(
    ("query", "procedure"),
    [
        ("khai sinh", "khai_sinh"),
        ("Khai Sinh", "khai_sinh"),
        ("đăng ký kết hôn", "ket_hon"),
        ("ket hon", "ket_hon"),
        ("kết h", "ket_hon"),
        ("birth", "khai_sinh"),
        ("con moi sinh", "khai_sinh"),
    ],
)
def test_the_kiosk_finds_without_the_server(query: str, procedure: str) -> None:
    assert procedure in search(INDEX, query)[:3]


@pytest.mark.parametrize("query", ["", "   ", "!!!", "xyzzyx", "tôi muốn", "xin cho hỏi ạ"])
def test_nothing_is_found_in_nothing(query: str) -> None:
    assert search(INDEX, query) == ()


def test_a_catalogue_without_everyday_words_is_searched_by_its_names() -> None:
    assert "khai_sinh" in search(BARE, "khai sinh")[:3]
    assert "ket_hon" in search(BARE, "ket hoon")[:3], "one letter too many"


@pytest.mark.parametrize("garbled", [None, [], {"everyday": 7}, {"everyday": {"groups": 3, "phrases": {"a": "b"}}}])
def test_garbled_everyday_words_are_left_out(garbled: object) -> None:
    everyday = read_everyday(garbled)
    assert (everyday.phrases, everyday.groups) == ({}, {})


def test_folding() -> None:
    assert fold("Đăng ký,  KẾT hôn!") == "dang ky ket hon"
