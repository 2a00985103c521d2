"""The event stream for programs: what became durable, as JSON, for staff whole and for the hall in part."""

from collections.abc import Callable, Sequence
from typing import Protocol

import orjson

from queue_server.http.reading import READS_PEOPLE, hall_event
from queue_server.journal.entry import Entry

CHANNEL = "api:events"
HALL_CHANNEL = "api:events:hall"


class Listeners(Protocol):
    """The hub of streams, as far as this module needs it."""

    def listeners(self, channel: str) -> int: ...

    def publish(self, channel: str, frame: bytes) -> None: ...


def channel_of(role: str) -> str:
    """The stream that a role listens to."""
    return CHANNEL if role in READS_PEOPLE else HALL_CHANNEL


def publish_entries(hub: Listeners, entries: Sequence[Entry]) -> None:
    """Tells whoever listens what has become durable."""
    for channel, written in ((CHANNEL, entry_frame), (HALL_CHANNEL, hall_frame)):
        if hub.listeners(channel):
            hub.publish(channel, frames(entries, written))


def frames(entries: Sequence[Entry], written: Callable[[Entry], bytes]) -> bytes:
    """A batch of entries as one piece of the stream; the configuration of a day is left out."""
    return b"".join(written(entry) for entry in entries if entry.kind != "DayOpened")


def entry_frame(entry: Entry) -> bytes:
    """One journal entry on the wire; its `id` is the journal's `seq`."""
    return _frame(entry, entry.data.encode())


def hall_frame(entry: Entry) -> bytes:
    """One journal entry as a board may hear it; nothing when it does not concern the hall."""
    data = hall_event(entry.kind, orjson.loads(entry.data))
    return b"" if data is None else _frame(entry, orjson.dumps(data))


def _frame(entry: Entry, data: bytes) -> bytes:
    body = {
        "seq": entry.seq,
        "at": entry.at,
        "day": entry.day,
        "kind": entry.kind,
        "ticket": entry.ticket,
        "visit": entry.visit,
        "counter": entry.counter,
    }
    whole = orjson.dumps(body)[:-1] + b',"data":' + data + b"}"
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (entry.seq, entry.kind.encode(), whole)


def first_frame(state: object) -> bytes:
    return b"event: state\ndata: " + orjson.dumps(state) + b"\n\n"
