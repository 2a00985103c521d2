"""A day in which the clock was put right, told by one clock. Pure."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

from queue_server.journal.entry import Entry
from queue_server.queue.events import ClockCorrected, DayClosed, DayOpened, Event

MOMENTS = ("taken_at", "since", "until")  # of events; a booked time was a time of the true clock


def last_opened(entries: Sequence[Entry]) -> list[Entry]:
    """The entries from the last opening on: under a wrong clock a date may have had its day before."""
    opened = [place for place, entry in enumerate(entries) if isinstance(entry.event, DayOpened)]
    return list(entries[opened[-1] :]) if opened else list(entries)


def is_abandoned(entries: Sequence[Entry]) -> bool:
    """Whether a wrong clock had opened the day, and nothing else came of it."""
    return any(isinstance(entry.event, DayClosed) and entry.event.abandoned for entry in last_opened(entries))


def by_one_clock(entries: Sequence[Entry]) -> list[Entry]:
    """The day as the last of its clocks would have told it, corrections left out."""
    told: list[Entry] = []
    moved = timedelta()
    for entry in reversed(last_opened(entries)):
        if isinstance(entry.event, ClockCorrected):
            moved += timedelta(seconds=entry.event.by)
        else:
            told.append(_moved(entry, moved) if moved else entry)
    return told[::-1]


def _moved(entry: Entry, by: timedelta) -> Entry:
    return replace(entry, at=entry.at + by, event=_event_moved(entry.event, by))


def _event_moved(event: Event, by: timedelta) -> Event:
    booked = getattr(event, "appointment_at", None)
    changes = {
        name: moment + by
        for name in MOMENTS
        if name in {f.name for f in fields(event)}
        and isinstance(moment := getattr(event, name), datetime)
        and (name == "taken_at" or moment != booked)
    }
    return replace(event, **changes) if changes else event
