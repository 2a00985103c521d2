"""Makes libraries quick that do the same slow thing at every request or start. Nothing of ours is touched."""

import functools
import ssl
import sys

import httpx

from tests.storm.plug import plug_in


def quicken() -> None:
    """Once in a process, before the product is imported."""
    for absent in ("sniffio", "trio"):
        try:
            __import__(absent)
        except ImportError:
            sys.modules[absent] = None  # type: ignore[assignment]  # looked for at every request otherwise
    plug_in()
    _pass_over_missing_cookies()
    ssl.create_default_context = functools.cache(ssl.create_default_context)


def _pass_over_missing_cookies() -> None:
    """An answer without a cookie is not handed to the cookie jar, which asks it a hundred things."""
    extract = httpx.Cookies.extract_cookies

    def extract_cookies(self: httpx.Cookies, response: httpx.Response) -> None:
        if "set-cookie" in response.headers:
            extract(self, response)

    httpx.Cookies.extract_cookies = extract_cookies  # type: ignore[method-assign]
