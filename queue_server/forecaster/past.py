"""Past days as the journal's tables hold them, read without ever writing."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from queue_server.queue.matter import NOTHING_KNOWN, Matter

DAYS = 90  # that still say something about today
_TICKETS = (
    "select day, service, class, counter, state, taken_at, called_at, ended_at, handled, waited, wait_low, "
    "wait_likely, wait_high{more} from tickets where day >= ? and day < ? order by taken_at"
)
# Newer than some journals.
_FACTS = ("procedure", "cases", "papers", "copies", "supplement", "ready", "form_filled", "expected")
_PERIODS = (
    "select day, counter, status, started_at, ended_at from counter_periods "
    "where day >= ? and day < ? order by started_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTicket:
    """One ticket of a closed day; seconds. `told` is the interval it was given."""

    day: str
    service: str
    class_id: str
    counter: str | None
    missed: bool
    taken_at: datetime
    called_at: datetime | None = None
    ended_at: datetime | None = None
    handled: float | None = None
    waited: float | None = None
    told: tuple[float, float, float] | None = None
    procedure: str | None = None
    matter: Matter = NOTHING_KNOWN
    expected: float | None = None  # at the counter, as it was told when the number was taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A counter open or paused for a while on a past day."""

    day: str
    counter: str
    status: str
    began: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of days before today, oldest first."""

    tickets: tuple[PastTicket, ...] = ()
    periods: tuple[Period, ...] = ()

    @property
    def days(self) -> tuple[str, ...]:
        """The days that had tickets."""
        return tuple(dict.fromkeys(t.day for t in self.tickets))


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; raises `sqlite3.OperationalError` where there is no journal."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=2.0)


def read_past(connection: sqlite3.Connection, before: str = "99999999", days: int | None = DAYS) -> Past:
    """The last `days` calendar days before the office day `before` (YYYYMMDD); all of them for None."""
    first = "0"
    if days is not None:
        first = (datetime.strptime(before, "%Y%m%d") - timedelta(days=days)).strftime("%Y%m%d")  # noqa: DTZ007  a date
    span = (first, before)
    tickets = tuple(
        PastTicket(
            day=row[0], service=row[1], class_id=row[2], counter=row[3], missed=row[4] == "missed",
            taken_at=datetime.fromisoformat(row[5]), called_at=_moment(row[6]), ended_at=_moment(row[7]),
            handled=row[8], waited=row[9],
            told=None if None in row[10:13] else (row[10], row[11], row[12]),
            procedure=row[13], matter=_matter(*row[14:20]), expected=row[20],
        )
        for row in connection.execute(_TICKETS.format(more=_more(connection)), span)
    )  # fmt: skip
    periods = tuple(
        Period(day=row[0], counter=row[1], status=row[2], began=datetime.fromisoformat(row[3]), ended=_moment(row[4]))
        for row in connection.execute(_PERIODS, span)
    )
    return Past(tickets=tickets, periods=periods)


def _more(connection: sqlite3.Connection) -> str:
    """The columns of the facts; null where the journal is of a version before them and nobody has opened it since."""
    known = {row[1] for row in connection.execute("pragma table_info(tickets)")}
    return "".join(f", {name}" if name in known else ", null" for name in _FACTS)


def _matter(
    cases: str | None, papers: int | None, copies: int | None, supplement: int | None, ready: int | None,
    form_filled: int | None,
) -> Matter:  # fmt: skip
    return Matter(
        cases=None if cases is None else tuple(cases.split()),
        papers=papers,
        copies=copies,
        supplement=_flag(supplement),
        ready=_flag(ready),
        form_filled=_flag(form_filled),
    )


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
