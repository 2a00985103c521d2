"""Which leased number a person gets while the server is away. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = "Asia/Ho_Chi_Minh"  # until the server has told the office's


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A number that this kiosk may issue alone, on its day only."""

    day: str
    number: str
    prefix: str
    token: str
    url: str


def office_day(now: datetime, zone: str = ZONE) -> str:
    """The office day of a moment, as the server writes it."""
    local: date = now.astimezone(ZoneInfo(zone)).date()
    return local.strftime("%Y%m%d")


def choose(free: Iterable[Leased], prefixes: Sequence[str], day: str) -> tuple[Leased, ...] | None:
    """The lowest free number of the day for each prefix wanted, none twice; None unless all can be had.

    All or nothing: a person who came for two things must not learn at the counter that one of them was lost.
    """
    pool = sorted((each for each in free if each.day == day), key=lambda each: (len(each.number), each.number))
    chosen: list[Leased] = []
    for prefix in prefixes:
        found = next((each for each in pool if each.prefix == prefix and each not in chosen), None)
        if found is None:
            return None
        chosen.append(found)
    return tuple(chosen)
