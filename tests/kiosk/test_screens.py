"""Every screen, really drawn: nothing overflows, nothing is too small to touch or read, every letter has its glyph."""

from collections.abc import Iterator
from typing import Any

import pytest

from hardware.fonts import find_fonts, missing_glyphs
from kiosk.events import Aid
from kiosk.pages.build import page_for
from kiosk.state import State
from kiosk.texts import Texts
from tests.kiosk import live
from tests.kiosk.gallery import LANDSCAPE, MAIN, PORTRAIT, Canvas, screens

TOUCH = 72  # design pixels
READ = 21  # design pixels of letter height, the smallest second line
SLACK = 2


@pytest.fixture(scope="module")
def canvas() -> Canvas:
    return Canvas()


def parts(widget: Any) -> Iterator[Any]:
    yield widget
    for child in widget.children:
        yield from parts(child)


def labels(frame: Any) -> list[Any]:
    return [each for each in parts(frame) if type(each).__name__ == "FitLabel" and each.text and each.width > 1]


def faults(frame: Any, size: tuple[int, int]) -> list[str]:
    """What is wrong with a drawn screen, in words."""
    found = []
    for label in labels(frame):
        wide, high = label.texture_size
        if wide > label.width + SLACK or high > label.height + SLACK:
            found.append(f"“{label.text[:40]}” is {wide}×{high} in {label.width:.0f}×{label.height:.0f}")
        if label.font_size < READ:
            found.append(f"“{label.text[:40]}” is only {label.font_size:.0f} high")
        if missing := missing_glyphs(find_fonts().bold if label.bold else find_fonts().regular, label.text):
            found.append(f"“{label.text[:40]}” has no glyph for {missing}")
    for button in (each for each in parts(frame) if type(each).__name__ == "ChoiceButton"):
        if button.height < TOUCH - 0.5 or button.width < TOUCH - 0.5:
            found.append(f"“{button.label}” is {button.width:.0f}×{button.height:.0f}")
        if button.x < 0 or button.y < 0 or button.right > size[0] + 1 or button.top > size[1] + 1:
            found.append(f"“{button.label}” is off the glass")
    return found


def overlaps(frame: Any) -> list[str]:
    buttons = [each for each in parts(frame) if type(each).__name__ == "ChoiceButton"]
    return [
        f"“{one.label}” lies over “{two.label}”"
        for index, one in enumerate(buttons)
        for two in buttons[index + 1 :]
        if one.x < two.right - 1 and two.x < one.right - 1 and one.y < two.top - 1 and two.y < one.top - 1
    ]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("portrait", [True, False], ids=["portrait", "landscape"])
def test_every_screen_is_drawn_well(canvas: Canvas, language: str, portrait: bool) -> None:
    size, found = PORTRAIT if portrait else LANDSCAPE, []
    for name, state in screens(portrait=portrait, language=language):
        frame = canvas.draw(state)
        found += [f"{name}: {fault}" for fault in (*faults(frame, size), *overlaps(frame))]
    assert found == []


AIDED = [
    ((Aid.LARGE,), True),
    ((Aid.LARGE,), False),
    ((Aid.LOW,), True),
    ((Aid.LARGE, Aid.LOW, Aid.CONTRAST), True),
]


@pytest.mark.parametrize(("aids", "portrait"), AIDED, ids=["large", "large-wide", "low", "all"])
def test_the_aids_fit_too(canvas: Canvas, aids: tuple[Aid, ...], portrait: bool) -> None:
    size, found = PORTRAIT if portrait else LANDSCAPE, []
    for name, state in screens(portrait=portrait, language="vi", aids=aids):
        if name in (
            *MAIN,
            "missing",
            "cases",
            "ready",
            "procedures",
            "ticket-server-away",
            "ticket-no-paper",
            "closed",
        ):
            frame = canvas.draw(state)
            found += [f"{name}: {fault}" for fault in (*faults(frame, size), *overlaps(frame))]
    assert found == []


def drawn(canvas: Canvas, name: str, *aids: Aid) -> Any:
    return canvas.draw(dict(screens(portrait=True, language="vi", aids=aids))[name])


def test_a_seated_person_reaches_everything(canvas: Canvas) -> None:
    for name in ("home", "papers", "priority", "ticket", "search"):
        frame = drawn(canvas, name, Aid.LOW)
        tops = [each.top for each in parts(frame) if type(each).__name__ == "ChoiceButton"]
        assert max(tops) < PORTRAIT[1] * 0.66, name


def test_large_text_is_larger(canvas: Canvas) -> None:
    def title_height(*aids: Aid) -> float:
        frame = drawn(canvas, "home", *aids)
        return max(label.font_size for label in labels(frame) if label.text == "Ông/bà cần làm việc gì?")

    assert title_height(Aid.LARGE) > 1.15 * title_height()


def test_the_keyboard_made_beforehand_speaks_the_person_s_language(canvas: Canvas) -> None:
    drawn(canvas, "home")
    frame = canvas._frame
    frame.prepare()
    before = set(map(id, live.widgets()))
    states = dict(screens(portrait=True, language="en"))
    frame.show(page_for(states["search"]), unit="")
    keys = {each.label for each in parts(frame.view) if type(each).__name__ == "ChoiceButton"}
    assert {"Space", "Delete", "Clear", "Q", "Birth registration"} <= keys
    made = [each for each in map(id, live.widgets()) if each not in before]
    assert len(made) < 20, "the forty keys were there"


def test_a_mark_is_drawn_when_the_question_is_answered(canvas: Canvas) -> None:
    frame = drawn(canvas, "cases")
    assert [frame.buttons[f"case-{each}"].sign for each in ("tre_bi_bo_roi", "mang_thai_ho")] == ["box", "ticked"]


def test_the_keys_ring_what_they_stand_on(canvas: Canvas) -> None:
    frame = drawn(canvas, "home")
    frame.focus("field-ho_tich")
    assert [name for name, button in frame.buttons.items() if button.focused] == ["field-ho_tich"]


@pytest.mark.parametrize("portrait", [True, False], ids=["portrait", "landscape"])
def test_the_countdown_stands_in_the_head_and_over_nothing(canvas: Canvas, portrait: bool) -> None:
    def places(frame: Any) -> list[tuple[float, ...]]:
        return [(*each.pos, *each.size) for each in parts(frame.view)]

    for language in ("vi", "en"):
        state: State = dict(screens(portrait=portrait, language=language))["home"]
        calm = places(canvas.draw(state))
        asking = f"{Texts(language)('idle.title')} {Texts(language).count('idle.lead', 20)}"
        frame = canvas.draw(state, countdown=asking)
        assert places(frame) == calm, "nothing moves under a finger"
        assert any(each.text == asking for each in labels(frame))
        assert faults(frame, PORTRAIT if portrait else LANDSCAPE) == []


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_seven_to_one(canvas: Canvas) -> None:
    from kiosk.widgets.skin import CALM, CONTRAST

    pairs = [("ink", ground) for ground in ("ground", "tile", "down", "chip", "good", "care")]
    pairs += [("soft", ground) for ground in ("ground", "tile", "chip")]
    pairs += [("main_ink", "main"), ("head_ink", "head"), ("mark", "ground"), ("mark", "tile")]
    for skin in (CALM, CONTRAST):
        for ink, ground in pairs:
            light, dark = sorted((luminance(skin[ink]), luminance(skin[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 7, (ink, ground)


def test_the_picture_is_really_drawn(canvas: Canvas, tmp_path: Any) -> None:
    from PIL import Image

    from tests.kiosk.gallery import save

    save(drawn(canvas, "ticket"), tmp_path / "ticket.png")
    with Image.open(tmp_path / "ticket.png") as picture:
        assert picture.size == (540, 960)
        assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 8
    assert (tmp_path / "ticket.png").stat().st_size < 120_000


def test_the_code_on_the_glass_leads_to_the_phone_page(canvas: Canvas, tmp_path: Any) -> None:
    import zxingcpp
    from PIL import Image

    drawn(canvas, "ticket-no-paper").export_to_png(str(tmp_path / "ticket.png"))
    with Image.open(tmp_path / "ticket.png") as picture:
        (code,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert code.text == "https://motcua.example/t/q7Vd2kZx0aJ4nB8mR1cW5t"
