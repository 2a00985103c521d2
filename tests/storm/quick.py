"""Makes libraries quick that do the same slow thing at every request or start. Nothing of ours is touched."""

import functools
import ssl
import sys


def quicken() -> None:
    """Once in a process, before the product is imported."""
    for absent in ("sniffio", "trio"):
        try:
            __import__(absent)
        except ImportError:
            sys.modules[absent] = None  # type: ignore[assignment]  # looked for at every request otherwise
    ssl.create_default_context = functools.cache(ssl.create_default_context)
