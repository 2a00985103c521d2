"""What a role reads of people. Pure.

Staff and the auditor read everything. A board and a kiosk read what stands in the hall anyway: no officer's name, no
reason of a pause, nothing of what somebody came for and in which class.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from queue_server.contract.views import CounterRow, TicketRow
from queue_server.http.desk import LEADERS, STAFF

READS_PEOPLE = STAFF | LEADERS
HALL_COUNTER = frozenset({
    "id", "label", "zone", "name", "status", "services", "number", "doing", "since", "served",
})  # fmt: skip
HALL_TICKET = frozenset({
    "id", "number", "service", "service_name", "state", "waited", "handled", "taken_at", "called_at", "counter_label",
    "calls", "over_target", "provisional",
})  # fmt: skip
# Events that the hall hears of, and what of them. A kind that is not named here is not told.
HALL_EVENTS: dict[str, frozenset[str]] = {
    "DayClosed": frozenset(),
    "SetupChanged": frozenset(),
    "CounterOpened": frozenset({"counter", "services"}),
    "CounterPaused": frozenset({"counter"}),
    "CounterResumed": frozenset({"counter"}),
    "CounterClosed": frozenset({"counter"}),
    "CounterReskilled": frozenset({"counter", "services"}),
    "TicketIssued": frozenset({
        "ticket", "visit", "number", "service", "language", "taken_at", "handed_in", "people_ahead", "wait_low",
        "wait_likely", "wait_high",
    }),
    "TicketCancelled": frozenset({"ticket"}),
    "TicketPostponed": frozenset({"ticket", "until"}),
    "TicketCalled": frozenset({"ticket", "counter", "waited"}),
    "TicketRecalled": frozenset({"ticket", "counter", "time"}),
    "ServiceStarted": frozenset({"ticket", "counter", "implied"}),
    "ServiceFinished": frozenset({"ticket", "counter"}),
    "ServedByMouth": frozenset({"ticket", "counter", "served_at"}),
    "TicketMissed": frozenset({"ticket", "counter"}),
    "TicketReinstated": frozenset({"ticket"}),
    "TicketHeld": frozenset({"ticket", "counter"}),
    "TicketResumed": frozenset({"ticket", "counter"}),
    "TicketTransferred": frozenset({"ticket", "counter", "service", "to_counter"}),
    "TicketPutBack": frozenset({"ticket", "counter"}),
    "TicketExpired": frozenset({"ticket"}),
}  # fmt: skip


def counter_rows_for(role: str, rows: Iterable[CounterRow]) -> list[dict[str, Any]]:
    """Counters as this role reads them."""
    return _rows(role, rows, HALL_COUNTER)


def ticket_rows_for(role: str, rows: Iterable[TicketRow]) -> list[dict[str, Any]]:
    """Tickets as this role reads them."""
    return _rows(role, rows, HALL_TICKET)


def _rows(role: str, rows: Iterable[Any], hall: frozenset[str]) -> list[dict[str, Any]]:
    whole = [asdict(row) for row in rows]
    return whole if role in READS_PEOPLE else [_only(row, hall) for row in whole]


def hall_event(kind: str, data: dict[str, Any]) -> dict[str, Any] | None:
    """The data of an event as the hall hears it; None when it does not concern the hall."""
    fields = HALL_EVENTS.get(kind)
    return None if fields is None else _only(data, fields)


def _only(row: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in fields}
