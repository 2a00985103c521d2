"""A missing font or letter is named at the start, not found out on paper."""

from pathlib import Path

import pytest

from hardware.fonts import FONT_FOLDERS, FontError, check_fonts, drawable, find_fonts, missing_glyphs

NOTO = find_fonts().regular


def test_this_machine_has_everything_slips_need() -> None:
    fonts = check_fonts()

    assert (missing_glyphs(fonts.regular), missing_glyphs(fonts.bold)) == ("", "")


def test_a_missing_font_is_named_with_the_package_to_install(tmp_path: Path) -> None:
    with pytest.raises(FontError, match=r"NotoSans-Regular\.ttf not found in .*; install fonts-noto-core"):
        check_fonts([tmp_path])


def test_both_weights_are_needed(tmp_path: Path) -> None:
    (tmp_path / "NotoSans-Regular.ttf").write_bytes(NOTO.read_bytes())

    with pytest.raises(FontError, match=r"NotoSans-Bold\.ttf"):
        find_fonts([tmp_path])


def test_a_font_without_vietnamese_is_refused_by_the_letters_it_lacks(tmp_path: Path) -> None:
    other_script = next(
        folder / name for folder in FONT_FOLDERS for name in ("NotoSansThai-Regular.ttf",) if (folder / name).exists()
    )
    for name in ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"):
        (tmp_path / name).write_bytes(other_script.read_bytes())

    with pytest.raises(FontError, match=r"cannot draw .*ế \(U\+1EBF\)"):
        check_fonts([tmp_path])


@pytest.mark.parametrize("content", [b"", b"not a font at all", NOTO.read_bytes()[:300]])
def test_a_damaged_font_is_named(tmp_path: Path, content: bytes) -> None:
    damaged = tmp_path / "NotoSans-Regular.ttf"
    damaged.write_bytes(content)

    with pytest.raises(FontError, match=r"NotoSans-Regular\.ttf is not a readable TrueType font"):
        missing_glyphs(damaged)


def test_missing_letters_are_named_once_each() -> None:
    assert missing_glyphs(NOTO, "►Số 1► ●漢") == "►●漢"


def test_decomposed_letters_count_as_the_composed_ones() -> None:
    assert missing_glyphs(NOTO, "Đắk Lắk, ê̆ ơ̆") == ""
    assert drawable(NOTO, "Tie\u0302\u0301p") == "Tiếp"


def test_what_cannot_be_drawn_becomes_a_question_mark_and_control_characters_a_space() -> None:
    assert drawable(NOTO, "A\x00B\tC\u202e漢") == "A B C ?"
