"""A demonstration: an office whose clock runs many times as fast, in a folder that holds nothing else.

What such a folder records never happened at the time it says, so no office's own record is ever gone on with.
"""

from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from queue_server.options import ConfigError
from queue_server.settings import journal_path

MARK = "demonstration"
OPENS = time(7, 30)


def claim_demonstration(data: Path) -> None:
    """Marks a folder as a demonstration's; raises `ConfigError` for one with an office's record."""
    mark = data / MARK
    if journal_path(data).exists() and not mark.exists():
        raise ConfigError(
            f"{data} holds the record of an office, and a demonstration would write times into it that never were. "
            "Name a folder of its own: --speed with --data demo"
        )
    mark.touch()


def demonstration_begins(now: datetime, zone: str, last: datetime | None) -> datetime:
    """When the clock starts: at half past seven today, or where the demonstration before it stopped."""
    morning = datetime.combine(now.astimezone(ZoneInfo(zone)).date(), OPENS, ZoneInfo(zone)).astimezone(now.tzinfo)
    return morning if last is None else max(morning, last)
