"""Opening hours in words, for the door, the kiosk's closed screen and the pages. Pure."""

from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from queue_server.site.hours import DAY_MINUTES, Schedule, Span

_DAYS = {
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_CLOSED = {"vi": "nghỉ", "en": "closed"}
_ALL_DAY = {"vi": "cả ngày", "en": "all day"}
_EVERY_DAY = {"vi": "Hằng ngày", "en": "Every day"}


def week_text(schedule: Schedule, language: str = "vi") -> tuple[str, ...]:
    """The usual week, equal neighbouring days together: "Thứ Hai – Thứ Sáu: 07:00–11:30, 13:30–17:00"."""
    days = _DAYS[language]
    lines = []
    for spans, group in groupby(range(7), key=lambda day: schedule.week[day]):
        run = list(group)
        if len(run) == len(days):
            label = _EVERY_DAY[language]
        else:
            label = days[run[0]] if len(run) == 1 else f"{days[run[0]]} – {days[run[-1]]}"
        lines.append(f"{label}: {spans_text(spans, language)}")
    return tuple(lines)


def exceptions_text(schedule: Schedule, first: date, last: date, language: str = "vi") -> tuple[str, ...]:
    """Days between `first` and `last` that differ: "02/09/2026: nghỉ (Quốc khánh)"."""
    special = sorted((day, entry) for day, entry in schedule.exceptions.items() if first <= day <= last)
    return tuple(
        f"{day:%d/%m/%Y}: {spans_text(entry.spans, language)}"
        + (f" ({entry.note.get(language) or entry.note['vi']})" if entry.note else "")
        for day, entry in special
    )


def spans_text(spans: tuple[Span, ...], language: str = "vi") -> str:
    """Times of one day: "07:00–11:30, 13:30–17:00", "cả ngày" or "nghỉ"."""
    if not spans:
        return _CLOSED[language]
    if spans == ((0, DAY_MINUTES),):
        return _ALL_DAY[language]
    return ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in spans)


def opening_text(opens: datetime | None, now: datetime, timezone: str, language: str = "vi") -> str:
    """When a place that is shut opens again, as people say it; "" when nobody knows.

    "Mở cửa lại lúc 13:30 hôm nay", "… 07:00 ngày mai", "… 07:00, Thứ Hai 30/11/2026".
    """
    if opens is None:
        return ""
    zone = ZoneInfo(timezone)
    local = opens.astimezone(zone)
    ahead = (local.date() - now.astimezone(zone).date()).days
    clock = f"{local:%H:%M}"
    if language == "en":
        when = {0: f"{clock} today", 1: f"{clock} tomorrow"}
        return "Opens again at " + when.get(ahead, f"{clock}, {_DAYS['en'][local.weekday()]} {local:%d/%m/%Y}")
    when = {0: f"{clock} hôm nay", 1: f"{clock} ngày mai"}
    return "Mở cửa lại lúc " + when.get(ahead, f"{clock}, {_DAYS['vi'][local.weekday()]} {local:%d/%m/%Y}")


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
