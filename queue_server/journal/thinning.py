"""Which backups of a folder are kept: the newest of days, weeks, months and of every year. Pure."""

import re
from collections.abc import Iterable
from datetime import date

DAYS, WEEKS, MONTHS = 14, 8, 24
NAME = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:-(\d{4}))?\.tar\.gz")


def superfluous(names: Iterable[str]) -> list[str]:
    """The names, as `motcua backup FOLDER` gives them, that may go. Files of other names are nobody's business."""
    newest_first = sorted((name for name in names if _date(name)), key=_moment, reverse=True)
    kept: set[str] = set()
    for most, period in ((DAYS, _day), (WEEKS, _week), (MONTHS, _month), (len(newest_first), _year)):
        seen: dict[object, str] = {}
        for name in newest_first:
            day = _date(name)
            if day is not None:
                seen.setdefault(period(day), name)
        kept.update(list(seen.values())[:most])
    return [name for name in newest_first if name not in kept]


def _date(name: str) -> date | None:
    match = NAME.fullmatch(name)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _moment(name: str) -> str:
    """By its name: a backup without a time is the oldest of its day."""
    return name.removesuffix(".tar.gz")


def _day(day: date) -> object:
    return day


def _week(day: date) -> object:
    return day.isocalendar()[:2]


def _month(day: date) -> object:
    return day.year, day.month


def _year(day: date) -> object:
    return day.year
