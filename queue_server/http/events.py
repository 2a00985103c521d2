"""The event stream for programs: what became durable, as JSON. Pure but for the hub it is given."""

from collections.abc import Sequence

import orjson

from queue_server.journal.entry import Entry

CHANNEL = "api:events"


def entry_frame(entry: Entry) -> bytes:
    """One journal entry on the wire; its `id` is the journal's `seq`."""
    body = {
        "seq": entry.seq,
        "at": entry.at,
        "day": entry.day,
        "kind": entry.kind,
        "ticket": entry.ticket,
        "visit": entry.visit,
        "counter": entry.counter,
    }
    head = orjson.dumps(body)[:-1]
    data = head + b',"data":' + entry.data.encode() + b"}"
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (entry.seq, entry.kind.encode(), data)


def frames(entries: Sequence[Entry]) -> bytes:
    """A batch of entries as one piece of the stream; the configuration of a day is left out."""
    return b"".join(entry_frame(entry) for entry in entries if entry.kind != "DayOpened")


def first_frame(state: object) -> bytes:
    return b"event: state\ndata: " + orjson.dumps(state) + b"\n\n"
