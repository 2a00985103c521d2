"""The kiosk's own words, from `.po` files compiled in memory. Ids are short names, every language has all of them."""

import functools
import gettext
import io
from importlib import resources
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES: Final = ("vi", "en")


class Texts:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "vi"

    def __call__(self, name: str, **values: object) -> str:
        """The text of that name, with the values filled in."""
        return _translations(self.language).gettext(name).format(**values)

    def count(self, name: str, count: int, **values: object) -> str:
        """The text that fits the count; the names are `name` and `name.many`."""
        text = _translations(self.language).ngettext(name, f"{name}.many", count)
        return text.format(count=count, **values)


@functools.cache
def _translations(language: str) -> gettext.GNUTranslations:
    source = resources.files("kiosk").joinpath("locale", language, "LC_MESSAGES", "kiosk.po")
    catalog = read_po(io.BytesIO(source.read_bytes()), locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
