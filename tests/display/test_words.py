"""Every text of the pages has Vietnamese, and no placeholder is lost on the way."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from display import texts
from display.words import language_of, pick, translations
from hardware.ports import Problem

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


@pytest.fixture(scope="module")
def wanted() -> dict[str, str | tuple[str, ...]]:
    """All texts that templates and code ask for, by singular."""
    display = Path(str(files("display")))
    options = {"**.html": {"extensions": "jinja2.ext.i18n"}}
    found = extract_from_dir(display, [("**.html", "jinja2"), ("**.py", "python")], options_map=options)
    return {(text[0] if isinstance(text, tuple) else text): text for _, _, text, _, _ in found}


@pytest.fixture(scope="module")
def catalogue():
    with files("display").joinpath("locale", "vi.po").open("rb") as file:
        return read_po(file, locale="vi")


def test_there_are_texts_at_all(wanted):
    assert len(wanted) > 150


def test_every_text_has_vietnamese(wanted, catalogue):
    missing = [text for text in wanted if catalogue.get(text) is None or not catalogue.get(text).string]
    assert missing == []


def test_nothing_is_translated_that_no_page_says(wanted, catalogue):
    assert [message.id for message in catalogue if message.id and _singular(message.id) not in wanted] == []


def test_placeholders_survive(catalogue):
    for message in catalogue:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings:
            assert sorted(PLACEHOLDER.findall(string)) == sorted(PLACEHOLDER.findall(_singular(message.id))), string


def test_vietnamese_is_vietnamese(catalogue):
    plain = [message.id for message in catalogue if message.id and message.string == message.id]
    assert plain == []


def test_every_printer_fault_has_words():
    for problem in Problem:
        assert texts.fault_words(str(problem), "vi") != str(problem), problem
    assert texts.fault_words("brand-new", "vi") == "brand-new"


def test_state_words_are_in_both_languages():
    assert texts.state_words("held", "vi") == "đang tạm giữ"
    assert texts.state_words("held", "en") == "on hold"


def test_scripts_get_all_their_texts():
    used = set(re.findall(r"texts\.(\w+)", files("display").joinpath("static", "console.js").read_text()))
    assert used <= set(texts.console_words("vi"))
    used = set(re.findall(r"texts\.(\w+)", files("display").joinpath("static", "send.js").read_text()))
    used_by_manager = set(re.findall(r"texts\.(\w+)", files("display").joinpath("static", "manager.js").read_text()))
    assert used_by_manager <= set(texts.manager_words("vi"))
    assert set(texts.admin_words("vi")) <= set(texts.manager_words("vi"))
    for words in (texts.console_words("vi"), texts.citizen_words("vi"), texts.admin_words("vi")):
        assert used <= set(words)


def test_an_unknown_language_is_vietnamese():
    assert [language_of(wanted) for wanted in ("en", "vi", "xx", None)] == ["en", "vi", "vi", "vi"]
    assert translations("en").gettext("Sign in") == "Sign in"
    assert translations("vi").gettext("Sign in") == "Đăng nhập"


def test_office_texts_fall_back():
    assert pick({"vi": "Quầy", "en": "Counter"}, "en") == "Counter"
    assert pick({"vi": "Quầy"}, "en") == "Quầy"
    assert pick({"ede": "X"}, "en") == "X"
    assert pick({}, "en") == ""


def _singular(text) -> str:
    return text[0] if isinstance(text, tuple) else text
