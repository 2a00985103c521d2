"""Every text is there in both languages, with the same blanks, and the font can draw it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from hardware.fonts import find_fonts, missing_glyphs
from kiosk.events import Aid, Refusal
from kiosk.state import Helping
from kiosk.texts import LANGUAGES, Texts
from kiosk.trouble import Cause

KIOSK = Path(__file__).parents[2] / "kiosk"
BLANK = re.compile(r"\{(\w+)\}")


@cache
def catalogue(language: str) -> Catalog:
    with (KIOSK / "locale" / language / "LC_MESSAGES" / "kiosk.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def messages(language: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for message in catalogue(language):
        if message.id:
            name = message.id if isinstance(message.id, str) else message.id[0]
            found[name] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


def named(node: ast.expr) -> list[str]:
    """The text names that an argument may stand for; f-strings over our enums are spelled out."""
    match node:
        case ast.Constant(value=str() as name):
            return [name]
        case ast.JoinedStr():
            pattern = ast.unparse(node)
            if "aid." in pattern:
                return [f"aid.{each}" for each in Aid]
            if "no_number." in pattern:
                return [f"no_number.{each}" for each in Refusal]
            if "technical." in pattern:
                return [f"technical.{each}" for each in Cause]
            if "_lead" in pattern:
                return [f"help.{each}_lead" for each in Helping]
            return [f"help.{each}" for each in Helping]
        case ast.IfExp():
            return named(node.body) + named(node.orelse)
        case _:
            return []


@cache
def asked_for() -> set[str]:
    """Every text name that the code asks for: literals that look like one, and spelled-out f-strings."""
    found: set[str] = set()
    for path in KIOSK.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in messages("vi"):
                found.add(node.value)
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in {"say", "say.count", "words"}:
                found |= set(named(node.args[0]))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and "Texts" in ast.unparse(node.func):
                found |= {name for argument in node.args for name in named(argument)}
    return found


def test_both_languages_have_the_same_texts() -> None:
    assert messages("vi").keys() == messages("en").keys()


def test_every_text_that_is_asked_for_is_there() -> None:
    assert asked_for() - messages("vi").keys() == set()


def test_no_text_is_left_over() -> None:
    assert messages("vi").keys() - asked_for() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_unsure(language: str) -> None:
    assert [name for name, texts in messages(language).items() if not all(texts)] == []
    assert [message.id for message in catalogue(language) if message.id and message.fuzzy] == []


def test_the_same_blanks_in_every_language() -> None:
    english = messages("en")
    for name, texts in messages("vi").items():
        blanks = {tuple(sorted(BLANK.findall(text))) for text in (*texts, english[name][-1])}
        assert len(blanks) == 1, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fonts_draw_every_letter(language: str) -> None:
    text = "".join("".join(texts) for texts in messages(language).values())
    fonts = find_fonts()
    assert (missing_glyphs(fonts.regular, text), missing_glyphs(fonts.bold, text)) == ("", "")


def test_people_are_addressed_politely() -> None:
    rude = re.compile(r"\b(bạn|anh chị|quý khách|mày|hãy)\b", re.IGNORECASE)
    assert [name for name, texts in messages("vi").items() if any(rude.search(text) for text in texts)] == []


def test_counts_read_right() -> None:
    say = Texts("en")
    assert (say.count("ticket.ahead", 1), say.count("ticket.ahead", 4)) == (
        "1 person ahead of you",
        "4 people ahead of you",
    )
    assert Texts("vi").count("idle.lead", 30) == "Màn hình sẽ xóa sau 30 giây."


def test_an_unknown_language_is_vietnamese() -> None:
    assert Texts("fr")("nav.back") == "Quay lại"
