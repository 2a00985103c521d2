"""How the machine's clock stands against the office's, for people. Pure."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from queue_server.clock import Reading
from queue_server.contract.views import ClockRow

OK = "ok"
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def clock_row(reading: Reading) -> ClockRow | None:
    """Both clocks to the minute, where somebody must decide between them; None where they agree, or soon will."""
    if reading.followed:
        return None
    office, wall = (moment.replace(second=0, microsecond=0) for moment in (reading.office, reading.wall))
    return ClockRow(office=office, wall=wall)


def clock_health(reading: Reading, zone: str, program: str) -> str:
    """Says "ok", or how the clocks differ and what becomes of it, or that this one is a demonstration's.

    `program`: how a person runs motcua on this machine.
    """
    if reading.speed != 1.0:
        return f"a demonstration: {reading.speed:g} office seconds a second, so a minute shown is an office's minute"
    if reading.agrees:
        return OK
    shown = reading.wall.astimezone(ZoneInfo(zone))
    what = f"the machine's clock shows {shown:%Y-%m-%d %H:%M:%S}, {difference(reading.ahead)} the office's"
    if reading.followed:
        return f"{what}; the office's clock follows it slowly"
    cure = f"see it with `{program} clock`, take it over with `{program} clock --take`"
    return f"{what}; waits are counted right, and nothing follows it by itself: {cure}"


def difference(ahead: timedelta) -> str:
    """How far a clock is from another: "3 hours 5 minutes ahead of"."""
    left = abs(round(ahead.total_seconds()))
    parts = []
    for size, name in UNITS:
        many, left = divmod(left, size)
        if many:
            parts.append(f"{many} {name}{'' if many == 1 else 's'}")
    if not parts:
        return "even with"
    return f"{' '.join(parts[:2])} {'ahead of' if ahead > timedelta() else 'behind'}"
