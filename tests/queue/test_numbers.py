"""Numbers as people write them."""

import pytest

from queue_server.queue.numbers import meant_by, number_text, split_number

NUMBERS = ["A002", "A012", "C002", "C1002", "Đ007"]


@pytest.mark.parametrize("text", ["C002", "c002", "C2", "c 2", "C-002", " c.02 ", "C_2"])
def test_a_number_is_known_however_it_is_written(text: str) -> None:
    assert meant_by(text, NUMBERS) == ["C002"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("12", ["A012"]),
        ("002", ["A002", "C002"]),
        ("đ7", ["Đ007"]),
        ("c1002", ["C1002"]),
        ("B2", []),
        ("", []),
        ("C", []),
    ],
)
def test_without_a_letter_every_line_is_meant(text: str, meant: list[str]) -> None:
    assert meant_by(text, NUMBERS) == meant


@pytest.mark.parametrize("text", ["²", "C²", "١", "20261130-C002", "C002; drop table"])
def test_what_is_no_number_means_nobody(text: str) -> None:
    assert meant_by(text, NUMBERS) == []


@pytest.mark.parametrize(("prefix", "serial"), [("A", 1), ("A", 999), ("HT", 1000)])
def test_a_number_is_taken_apart_as_it_was_put_together(prefix: str, serial: int) -> None:
    assert split_number(number_text(prefix, serial)) == (prefix, serial)
