"""Migrations of the journal file, each in its own transaction, recorded in the file itself."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from queue_server.journal.schema import COLUMNS, TICKET_COLUMNS, VISIT_COLUMNS, columns

migrations = Migrations("motcua")

APPEND_ONLY = """
create trigger journal_no_{what} before {what} on journal
begin select raise(abort, 'the journal is append-only'); end
"""


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
