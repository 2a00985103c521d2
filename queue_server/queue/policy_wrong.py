"""One wrong point of a policy, and how a moment of the week is written. Pure."""

from typing import NamedTuple

DAYS_VI = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Wrong(NamedTuple):
    """A wrong point: where in the policy (`("classes", "elderly", "ceiling")`), and why, in both languages."""

    place: tuple[str, ...]
    vi: str
    en: str


def clock(minute: int) -> str:
    """Minutes after midnight as "07:30"; the end of the day is "24:00"."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def place_text(day: int, begins: int, ends: int) -> tuple[str, str]:
    """ "Thứ Hai, 08:00–09:00" and "Monday, 08:00–09:00"."""
    span = f"{clock(begins)}–{clock(ends)}"
    return f"{DAYS_VI[day]}, {span}", f"{DAYS_EN[day]}, {span}"
