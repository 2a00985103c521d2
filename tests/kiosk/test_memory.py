"""The glass is built once: whatever is shown on it, and however often, nothing is left behind."""

import gc
from collections.abc import Iterator

import pytest

from kiosk.events import Aid
from tests.kiosk import live
from tests.kiosk.gallery import MAIN, Canvas, screens

AIDS = (Aid.LARGE, Aid.CONTRAST, Aid.LOW)
SLACK = 0.01  # of all objects: caches of Python and Kivy that fill once


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Only what nobody holds any more is freed, at once: a circle of references would stay and be counted."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def show_everything(canvas: Canvas) -> None:
    for _, state in screens(portrait=True, language="vi"):
        canvas.draw(state)
    for name, state in screens(portrait=True, language="en", aids=AIDS):
        if name in MAIN:
            canvas.draw(state)


def test_every_screen_again_and_again_needs_nothing_new(no_collector: None) -> None:
    canvas = Canvas()
    for _ in range(2):  # the second time begins with other pages left standing
        show_everything(canvas)
    gc.collect()
    before, objects = live.count(), len(gc.get_objects())
    show_everything(canvas)
    assert live.count() == before
    assert len(gc.get_objects()) < objects * (1 + SLACK)
