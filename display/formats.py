"""How times, minutes and shares are written on pages. Pure.

Times come aware and are shown as the office's local time; minutes are whole except in means.
"""

from datetime import date, datetime, timedelta
from math import ceil, floor
from zoneinfo import ZoneInfo

from queue_server.contract.views import CallRow, CounterRow, ServiceRow, Wait

ZONE = "Asia/Ho_Chi_Minh"  # of an office that names no other


def clock(moment: datetime, zone: str = ZONE) -> str:
    """09:05 in the office."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def day(moment: datetime, zone: str = ZONE) -> str:
    """21/11/2026 in the office."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%d/%m/%Y")


def moment(at: datetime, zone: str = ZONE) -> str:
    """09:05, 21/11/2026 in the office."""
    return f"{clock(at, zone)}, {day(at, zone)}"


def whole(minutes: float | None) -> str:
    """Minutes so far: full ones, as people count them ("12")."""
    return "–" if minutes is None else str(max(0, int(minutes)))


def decimal(value: float | None, language: str) -> str:
    """One decimal, with the comma that Vietnamese uses ("12,5"); a dash when not known."""
    if value is None:
        return "–"
    text = f"{value:.1f}".removesuffix(".0")
    return text.replace(".", ",") if language == "vi" else text


def share(value: float | None) -> str:
    """A share of 0–1 as a percentage."""
    return "–" if value is None else f"{round(value * 100)} %"


def span(wait: Wait) -> str:
    """A waiting interval in minutes ("8–12"); never narrower than the truth."""
    return str(wait.high) if wait.low >= wait.high else f"{wait.low}–{wait.high}"


def outward(low: float, high: float) -> str:
    """An interval of a mean in whole minutes ("13–21"), never narrower than the truth."""
    first, last = max(0, floor(low)), max(0, ceil(high))
    return str(last) if first >= last else f"{first}–{last}"


def tenths(probability: float) -> int:
    """A probability as so many in ten; 0 and 10 are for the words "less than 1" and "more than 9"."""
    return min(10, max(0, round(probability * 10)))


def short_day(day: str) -> str:
    """A journal day, written YYYYMMDD, as 20/11."""
    return f"{day[6:8]}/{day[4:6]}"


def long_day(day: str) -> str:
    """A journal day, written YYYYMMDD, as 20/11/2026."""
    return f"{day[6:8]}/{day[4:6]}/{day[:4]}"


def is_day_before(earlier: str, later: str) -> bool:
    """Whether one journal day is the eve of another: what people call yesterday."""
    try:
        return date.fromisoformat(earlier) + timedelta(days=1) == date.fromisoformat(later)
    except ValueError:  # before the first day there is none
        return False


def counter_name(label: str, language: str) -> str:
    """What people look for in the hall: "Quầy 3", "Counter 3"."""
    return f"Quầy {label}" if language == "vi" else f"Counter {label}"


def counter_list(labels: tuple[str, ...]) -> str:
    """Labels in the order in which the counters stand: "1; 2; 10"."""
    return "; ".join(sorted(labels, key=lambda label: (len(label), label)))


def latest_calls(calls: tuple[CallRow, ...]) -> list[CallRow]:
    """Calls newest first with each number once: a recall takes the place of the call before it."""
    seen: set[str] = set()
    newest = []
    for call in calls:
        if call.number not in seen:
            seen.add(call.number)
            newest.append(call)
    return newest


def standing(call: CallRow, counters: tuple[CounterRow, ...]) -> str:
    """What has become of a call: called or serving while its counter is with that number, past afterwards."""
    at = next((row for row in counters if row.id == call.counter), None)
    return at.doing if at is not None and at.number == call.number else "past"


def busiest(services: tuple[ServiceRow, ...], room: int) -> tuple[ServiceRow, ...]:
    """As many services as a board has room for: first those that are open or waited for, each group in its order."""
    if len(services) <= room:
        return services
    return tuple(sorted(services, key=lambda row: row.state != "open" and not row.waiting))[:room]
