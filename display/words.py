"""The pages' texts: English in the templates, Vietnamese from `locale/vi.po`, compiled in memory."""

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from queue_server.contract.words import Words

LANGUAGES = ("vi", "en")


def language_of(wanted: str | None) -> str:
    """A language that the pages have; Vietnamese unless another one is asked for."""
    return wanted if wanted in LANGUAGES else "vi"


def pick(words: Words, language: str) -> str:
    """A text of the office in a language, else in Vietnamese, else in whatever there is."""
    return words.get(language) or words.get("vi") or next(iter(words.values()), "")


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; English is what the templates say."""
    if language == "en":
        return gettext.NullTranslations()
    source = files("display").joinpath("locale", f"{language}.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
