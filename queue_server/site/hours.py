"""Opening hours: weekly times with exceptions, asked at a moment. Pure.

Moments are aware datetimes; a schedule is read in its own time zone. Times of a day are minutes after
midnight, closing is exclusive: an office open 07:00–11:30 is shut at 11:30:00.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
LOOK_AHEAD_DAYS = 370  # no office closes longer than a year and opens again by this file

Span = tuple[int, int]  # minutes after midnight, end exclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptional:
    """A day that does not follow the week: a holiday (no spans) or an extra day."""

    day: date
    spans: tuple[Span, ...]
    note: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a place is open: spans per weekday (Monday first) and days that differ."""

    id: str
    name: dict[str, str]
    week: tuple[tuple[Span, ...], ...]
    exceptions: dict[date, Exceptional] = field(default_factory=dict)
    timezone: str = "Asia/Ho_Chi_Minh"

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The open spans of one day."""
        special = self.exceptions.get(day)
        return special.spans if special else self.week[day.weekday()]

    def is_open(self, now: datetime) -> bool:
        """Whether the place is open at this moment."""
        local = self._local(now)
        minute = (local.hour * 60 + local.minute) + local.second / 60
        return any(start <= minute < end for start, end in self.spans_on(local.date()))

    def closes_at(self, now: datetime) -> datetime | None:
        """When the place, open now, shuts next; None when it is shut or never shuts within the year."""
        for start, end in self._intervals(now):
            if start <= now < end:
                return None if end >= self._horizon(now) else end
        return None

    def next_opening(self, now: datetime) -> datetime | None:
        """When the place, shut now, opens next; None when it is open or never opens within the year."""
        if self.is_open(now):
            return None
        return next((start for start, _ in self._intervals(now) if start > now), None)

    def _local(self, now: datetime) -> datetime:
        if now.tzinfo is None:
            raise ValueError("opening hours need an aware datetime")
        return now.astimezone(ZoneInfo(self.timezone))

    def _horizon(self, now: datetime) -> datetime:
        last = self._local(now).date() + timedelta(days=LOOK_AHEAD_DAYS)
        return _moment(last, 0, self.timezone)

    def _intervals(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open intervals from today on; spans that touch over midnight are one interval."""
        today = self._local(now).date()
        begun: tuple[datetime, datetime] | None = None
        for offset in range(LOOK_AHEAD_DAYS):
            day = today + timedelta(days=offset)
            for start, end in self.spans_on(day):
                opens, shuts = _moment(day, start, self.timezone), _moment(day, end, self.timezone)
                if begun and begun[1] == opens:
                    begun = (begun[0], shuts)
                    continue
                if begun:
                    yield begun
                begun = (opens, shuts)
        if begun:
            yield begun


def _moment(day: date, minute: int, timezone: str) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
    return midnight + timedelta(minutes=minute)


def merged(schedules: Iterable[Schedule], *, name: str) -> Schedule:
    """Open whenever any of the schedules is: how a service stands whose counters keep different hours."""
    known = list(schedules)
    if len(known) == 1:
        return known[0]
    days = {day for schedule in known for day in schedule.exceptions}
    return Schedule(
        id=name,
        name=known[0].name,
        week=tuple(_union(span for schedule in known for span in schedule.week[day]) for day in range(7)),
        exceptions={
            day: Exceptional(
                day=day,
                spans=_union(span for schedule in known for span in schedule.spans_on(day)),
                note=next((s.exceptions[day].note for s in known if day in s.exceptions), {}),
            )
            for day in days
        },
        timezone=known[0].timezone,
    )


def _union(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
