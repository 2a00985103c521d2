"""What of Kivy is alive in this process."""

import gc
from collections import Counter
from collections.abc import Iterator
from typing import Any


def widgets() -> Iterator[Any]:
    """Every widget that the collector knows, on the glass or not."""
    from kivy.uix.widget import Widget

    return (each for each in gc.get_objects() if issubclass(type(each), Widget))  # isinstance would wake weak proxies


def count() -> Counter[str]:
    """Widgets by kind."""
    return Counter(type(each).__name__ for each in widgets())
