"""One line of the journal and its place in the hash chain. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from queue_server.queue.events import Event

GENESIS = "0" * 64
VERSION = 1
CITIZEN = "citizen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an event comes from: its day, its command, who asked and through which device."""

    day: str
    command_id: str | None = None
    digest: str | None = None
    actor: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event with its circumstances. `command_id` stands on the first entry of a command only."""

    seq: int
    day: str
    at: datetime
    kind: str
    data: str
    event: Event
    command_id: str | None = None
    digest: str | None = None  # of the command, to tell a repeat from another command under the same id
    actor: str | None = None
    device: str | None = None
    ticket: str | None = None
    visit: str | None = None
    counter: str | None = None
    prev_hash: str = GENESIS
    hash: str = ""
    version: int = VERSION


def citizen_of(visit: str) -> str:
    """The actor that the holder of a visit's token is: citizens are many, and each has keys of their own."""
    return f"{CITIZEN}:{visit}"


def kind_of_citizen(actor: str) -> str:
    """The actor's name in journals of before, which knew all citizens as one."""
    return CITIZEN if actor.startswith(f"{CITIZEN}:") else actor


def chain_hash(prev_hash: str, *parts: object) -> str:
    """The hash of an entry: SHA-256 over the one before it and all of its own columns."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(f"{prev_hash}\x1e{text}".encode()).hexdigest()
