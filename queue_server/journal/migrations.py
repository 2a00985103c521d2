"""Migrations of the journal file, each in its own transaction, recorded in the file itself."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from queue_server.journal.schema import COLUMNS, CORRECTION_COLUMNS, TICKET_COLUMNS, VISIT_COLUMNS, columns

migrations = Migrations("motcua")

APPEND_ONLY = """
create trigger journal_no_{what} before {what} on journal
begin select raise(abort, 'the journal is append-only'); end
"""

FROM_JOURNAL = """
update tickets set ready = told.ready, papers = told.papers from (
  select ticket, json_extract(data, '$.ready') as ready, json_extract(data, '$.papers') as papers
  from journal where kind = 'TicketIssued'
) as told where told.ticket = tickets.id
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


@migrations()
def add_facts_of_the_matter(db: Database) -> None:
    """Journals of before knew of a matter only whether the papers were ready and how many they were."""
    tickets = db.table("tickets")
    known = tickets.columns_dict
    for name, kind in columns(TICKET_COLUMNS).items():
        if name not in known:
            tickets.add_column(name, kind)
    db.execute(FROM_JOURNAL)


@migrations()
def give_each_actor_keys_of_their_own(db: Database) -> None:
    """A command id was unique in the whole journal, so a stranger could use up somebody else's."""
    table = db.table("journal")
    table.drop_index("idx_journal_command_id")
    table.create_index(["command_id", "actor"], unique=True)


@migrations()
def create_corrections(db: Database) -> None:
    """A table of its own, and no column of `tickets`: the version before goes on writing its rows as it knows them."""
    corrections = db.table("corrections")
    corrections.create(columns(CORRECTION_COLUMNS), not_null={"day", "at", "by"})
    corrections.create_index(["day"])
