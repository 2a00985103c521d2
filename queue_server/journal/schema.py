"""Tables of the journal file: their columns and types. Pure."""

SCHEMA = 4  # raised with every new migration

COLUMNS = (
    "seq", "day", "at", "kind", "version", "command_id", "digest", "actor", "device", "ticket", "visit", "counter",
    "data", "prev_hash", "hash",
)  # fmt: skip

TICKET_COLUMNS = (
    "day", "id", "visit", "number", "service", "procedure", "class", "channel", "language", "kiosk", "taken_at",
    "since", "appointment_at", "state", "counter", "called_at", "started_at", "ended_at", "waited", "handled", "calls",
    "reason", "people_ahead", "wait_low", "wait_likely", "wait_high", "printed", "score",
    "cases", "papers", "copies", "supplement", "ready", "form_filled", "expected", "spread",
)  # fmt: skip

VISIT_COLUMNS = ("day", "id", "number", "taken_at", "answered_at", "waited")

CORRECTION_COLUMNS = ("day", "at", "ticket", "by")

_TYPES: dict[str, type] = {
    "waited": float, "handled": float, "calls": int, "people_ahead": int, "wait_low": float, "wait_likely": float,
    "wait_high": float, "printed": int, "score": int, "seq": int, "version": int, "papers": int, "copies": int,
    "supplement": int, "ready": int, "form_filled": int, "expected": float, "spread": float, "by": float,
}  # fmt: skip


def columns(names: tuple[str, ...]) -> dict[str, type]:
    """Column types of a table."""
    return {name: _TYPES.get(name, str) for name in names}


PROJECTIONS = ("tickets", "visits", "counter_periods", "corrections")
