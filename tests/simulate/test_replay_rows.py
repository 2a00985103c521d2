"""A replay as a small table: every outcome in words, in both languages, with numbers as they are written there."""

from dataclasses import replace

import pytest

from queue_server.forecasting.paired import Difference
from queue_server.simulate.replay import Change, Comparison, Figures
from queue_server.simulate.replay_rows import change_words, page_values
from queue_server.simulate.replay_words import Told

NO_SHIFT = Difference(mean=0.0, low=None, high=None)


@pytest.mark.parametrize(
    ("found", "vi", "en", "tone"),
    [
        ((-1.5, -2.4, -0.6), "bớt 1,5 (0,6 đến 2,4)", "1.5 less (0.6 to 2.4)", "less"),
        ((1.5, 0.6, 2.4), "thêm 1,5 (0,6 đến 2,4)", "1.5 more (0.6 to 2.4)", "more"),
        ((-0.5, -1.4, 0.4), "không thấy khác biệt rõ (−1,4 đến +0,4)", "no clear difference (−1.4 to +0.4)", "none"),
        ((0.0, 0.0, 0.0), "không khác", "no difference", "none"),
        ((-1.5, None, None), "bớt 1,5", "1.5 less", "none"),
        ((1.5, None, None), "thêm 1,5", "1.5 more", "none"),
        ((0.01, None, None), "không khác", "no difference", "none"),
    ],
)
def test_a_difference_in_words(
    found: tuple[float, float | None, float | None], vi: str, en: str, tone: str
) -> None:  # fmt: skip
    shift = Difference(mean=found[0], low=found[1], high=found[2])
    assert change_words(shift, Told(language="vi")) == (vi, tone)
    assert change_words(shift, Told(language="en")) == (en, tone)


def a_day(wait: float, unserved: int = 0) -> Figures:
    return Figures(day="20261116", visits=10, unserved=unserved, mean=wait, p90=wait, over=0.0)


def compared(*waits: float, **more: object) -> Comparison:
    days = tuple(map(a_day, waits))
    return Comparison(
        change=Change(without=("3",)), actual=days, before=days, after=days, mean=NO_SHIFT, p90=NO_SHIFT,
        over=NO_SHIFT, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def notes(found: Comparison) -> str:
    return " ".join(page_values(found, Told(language="vi"))["notes"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("home", "said", "tone"),
    [(0, "Bớt 4 lượt không được phục vụ", "none"), (4, "Trung bình mỗi lượt chờ", "none"),
     (9, "Thêm 5 lượt không được phục vụ trong ngày nên không thể so thời gian chờ", "more")],
)  # fmt: skip
def test_people_who_are_not_served_come_first(home: int, said: str, tone: str) -> None:
    before = (a_day(8.0, unserved=4),)
    found = replace(compared(8.0), before=before, after=(a_day(5.0, unserved=home),))
    page = page_values(found, Told(language="vi"))
    assert str(page["headline"]).startswith(said)
    assert page["tone"] == tone


def test_days_that_were_left_out_are_named() -> None:
    said = notes(compared(8.0, empty=("20261117",), left_out=("20261118",)))
    assert "không có khách: 17/11/2026" in said
    assert "ghi thiếu: 18/11/2026" in said


def test_a_change_of_some_days_only_says_of_how_many() -> None:
    assert "Thay đổi chỉ làm khác 1 trong 2 ngày." in notes(compared(8.0, 9.0, touched=1))
    assert "Thay đổi chỉ" not in notes(compared(8.0, 9.0, touched=2))


def test_without_a_day_there_are_no_rows() -> None:
    page = page_values(compared(left_out=("20261118",)), Told(language="vi"))
    assert (page["rows"], page["headline"]) == ([], "")
    assert "18/11/2026" in notes(compared(left_out=("20261118",)))
