"""Tables of the journal file and their migrations."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("motcua")

COLUMNS = (
    "seq", "day", "at", "kind", "version", "command_id", "digest", "actor", "device", "ticket", "visit", "counter",
    "data", "prev_hash", "hash",
)  # fmt: skip

TICKET_COLUMNS = (
    "day", "id", "visit", "number", "service", "procedure", "class", "channel", "language", "kiosk", "taken_at",
    "since", "appointment_at", "state", "counter", "called_at", "started_at", "ended_at", "waited", "handled", "calls",
    "reason", "people_ahead", "wait_low", "wait_likely", "wait_high", "printed", "score",
)  # fmt: skip

VISIT_COLUMNS = ("day", "id", "number", "taken_at", "answered_at", "waited")

_TYPES: dict[str, type] = {
    "waited": float, "handled": float, "calls": int, "people_ahead": int, "wait_low": float, "wait_likely": float,
    "wait_high": float, "printed": int, "score": int, "seq": int, "version": int,
}  # fmt: skip

APPEND_ONLY = """
create trigger journal_no_{what} before {what} on journal
begin select raise(abort, 'the journal is append-only'); end
"""


def columns(names: tuple[str, ...]) -> dict[str, type]:
    """Column types of a table."""
    return {name: _TYPES.get(name, str) for name in names}


@migrations()
def create_journal(db: Database) -> None:
    table = db.table("journal")
    table.create(columns(COLUMNS), pk="seq", not_null={"day", "at", "kind", "data", "prev_hash", "hash"})
    table.create_index(["command_id"], unique=True)
    table.create_index(["day"])
    for what in ("update", "delete"):
        db.execute(APPEND_ONLY.format(what=what))


@migrations()
def create_projections(db: Database) -> None:
    tickets = db.table("tickets")
    tickets.create(columns(TICKET_COLUMNS), pk="id", not_null={"day", "number", "service"})
    tickets.create_index(["day", "number"])
    visits = db.table("visits")
    visits.create(columns(VISIT_COLUMNS), pk="id", not_null={"day", "number"})
    visits.create_index(["day", "number"], unique=True)
    periods = db.table("counter_periods")
    periods.create(
        {"day": str, "counter": str, "officer": str, "status": str, "reason": str, "started_at": str, "ended_at": str},
        pk=("day", "counter", "started_at"),
    )


@migrations()
def create_cursors(db: Database) -> None:
    db.table("cursors").create({"consumer": str, "seq": int}, pk="consumer")


PROJECTIONS = ("tickets", "visits", "counter_periods")
