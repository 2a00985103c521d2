from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from queue_server.site.hours_text import exceptions_text, opening_text, spans_text, week_text
from queue_server.site.loader import load_site
from tests.site.builders import opened

ZONE = "Asia/Ho_Chi_Minh"
MONDAY_NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # 12:00 in Viet Nam


def test_equal_neighbouring_days_share_a_line(tmp_path: Path) -> None:
    site = opened(tmp_path)
    assert week_text(site.hours) == (
        "Thứ Hai – Thứ Sáu: 07:00–11:30, 13:30–17:00",
        "Thứ Bảy – Chủ nhật: nghỉ",
    )
    assert week_text(site.service_hours["cong_an"], "en") == (
        "Monday: 07:00–11:30, 13:30–17:00",
        "Tuesday – Thursday: closed",
        "Friday: 07:00–11:30, 13:30–17:00",
        "Saturday: 07:00–11:30",
        "Sunday: closed",
    )


def test_an_office_that_never_shuts() -> None:
    assert week_text(load_site().hours) == ("Hằng ngày: cả ngày",)
    assert week_text(load_site().hours, "en") == ("Every day: all day",)


def test_holidays_are_named_in_their_time(tmp_path: Path) -> None:
    hours = opened(tmp_path).hours
    year = (date(2026, 1, 1), date(2026, 12, 31))
    assert exceptions_text(hours, *year) == ("02/09/2026: nghỉ (Quốc khánh)",)
    assert exceptions_text(hours, *year, "en") == ("02/09/2026: closed (National Day)",)
    assert exceptions_text(hours, date(2026, 9, 3), date(2026, 12, 31)) == ()


def test_midnight_ends_a_day() -> None:
    assert spans_text(((20 * 60, 24 * 60),)) == "20:00–24:00"


@pytest.mark.parametrize(
    ("opens", "vi", "en"),
    [
        (datetime(2026, 11, 23, 6, 30, tzinfo=UTC), "13:30 hôm nay", "13:30 today"),
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), "07:00 ngày mai", "07:00 tomorrow"),
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), "00:00 ngày mai", "00:00 tomorrow"),
        (datetime(2026, 11, 30, 0, 0, tzinfo=UTC), "07:00, Thứ Hai 30/11/2026", "07:00, Monday 30/11/2026"),
    ],
)
def test_when_it_opens_again(opens: datetime, vi: str, en: str) -> None:
    assert opening_text(opens, MONDAY_NOON, ZONE) == f"Mở cửa lại lúc {vi}"
    assert opening_text(opens, MONDAY_NOON, ZONE, "en") == f"Opens again at {en}"


def test_nobody_knows_when() -> None:
    assert opening_text(None, MONDAY_NOON, ZONE) == ""
