"""Journal entries to the rows that reports read. Pure: rows out, nothing written here.

Rows are taken from the folded state right after each event, so a rebuild by replay gives the same rows.
"""

from dataclasses import fields
from datetime import datetime, timedelta

from queue_server.journal.schema import TICKET_COLUMNS, VISIT_COLUMNS
from queue_server.queue import events as ev
from queue_server.queue.matter import Matter
from queue_server.queue.state import CounterState, OfficeDay, Ticket, Visit
from queue_server.queue.states import CounterStatus

Statement = tuple[str, tuple[object, ...]]

_PUT_TICKET = f"insert or replace into tickets values ({', '.join('?' * len(TICKET_COLUMNS))})"
_PUT_VISIT = f"insert or replace into visits values ({', '.join('?' * len(VISIT_COLUMNS))})"
_END_PERIOD = "update counter_periods set ended_at = ? where day = ? and counter = ? and ended_at is null"
_PUT_PERIOD = "insert or replace into counter_periods values (?, ?, ?, ?, ?, ?, null)"

_PUT_CORRECTION = "insert into corrections values (?, ?, ?, ?)"

WHOLE_ROWS = (_PUT_TICKET, _PUT_VISIT)  # the last one of a day and id stands, whatever came before

COUNTER_EVENTS = (ev.CounterOpened, ev.CounterPaused, ev.CounterResumed, ev.CounterClosed)
ABOUT_TICKET = {kind for kind in ev.EVENTS.values() if "ticket" in {f.name for f in fields(kind)}}


def project(state: OfficeDay, event: ev.Event, at: datetime) -> list[Statement]:
    """The rows that one event, already folded into `state`, writes."""
    if type(event) in ABOUT_TICKET:
        ticket = state.tickets[event.ticket]  # type: ignore[attr-defined]  # every kind of ABOUT_TICKET has it
        return [
            (_PUT_TICKET, ticket_row(state.day, ticket)),
            (_PUT_VISIT, visit_row(state.day, state.visits[ticket.visit])),
        ]
    if isinstance(event, COUNTER_EVENTS):
        counter = state.counters[event.counter]
        ended: Statement = (_END_PERIOD, (_text(at), state.day, counter.id))
        if counter.status is CounterStatus.CLOSED:
            return [ended]
        return [ended, (_PUT_PERIOD, _period(state, counter, at))]
    if isinstance(event, ev.ClockCorrected):
        return [] if state.closed else _corrected(state, event, at)
    return []


def _period(state: OfficeDay, counter: CounterState, at: datetime) -> tuple[object, ...]:
    return (state.day, counter.id, counter.officer, str(counter.status), counter.pause_reason, _text(at))


def _corrected(state: OfficeDay, event: ev.ClockCorrected, at: datetime) -> list[Statement]:
    """Who is still there gets moments of the new clock and a mark; a counter's period is cut, so that none is negative.

    Ends of the one, and begins of the other, are the same moment by the two clocks.
    """
    rows: list[Statement] = []
    for ticket in state.active():
        rows.append((_PUT_TICKET, ticket_row(state.day, ticket)))
        rows.append((_PUT_VISIT, visit_row(state.day, state.visits[ticket.visit])))
        rows.append((_PUT_CORRECTION, (state.day, _text(at), ticket.id, event.by)))
    for counter in state.counters.values():
        if counter.status is not CounterStatus.CLOSED:
            rows.append((_END_PERIOD, (_text(at - timedelta(seconds=event.by)), state.day, counter.id)))
            rows.append((_PUT_PERIOD, _period(state, counter, at)))
    return rows


def ticket_row(day: str, t: Ticket) -> tuple[object, ...]:
    """One row of `tickets`, in the order of TICKET_COLUMNS. Seconds; `handled` is call → end."""
    handled = (t.ended_at - t.called_at).total_seconds() if t.ended_at and t.called_at and t.answered else None
    printed = _flag(t.printed)
    return (
        day, t.id, t.visit, t.number, t.service, t.procedure, t.class_id, t.channel, t.language, t.kiosk,
        _text(t.taken_at), _text(t.since), _text(t.appointment_at), str(t.state), t.counter, _text(t.called_at),
        _text(t.started_at), _text(t.ended_at), t.waited, handled, t.calls, t.reason, t.people_ahead, t.wait_low,
        t.wait_likely, t.wait_high, printed, t.score,
        *matter_row(t.matter), t.expected, t.spread,
    )  # fmt: skip


def matter_row(matter: Matter) -> tuple[object, ...]:
    """The facts of a matter in the order of their columns; the cases are ids with a blank between them."""
    return (
        None if matter.cases is None else " ".join(matter.cases),
        matter.papers,
        matter.copies,
        _flag(matter.supplement),
        _flag(matter.ready),
        _flag(matter.form_filled),
    )


def visit_row(day: str, visit: Visit) -> tuple[object, ...]:
    """One row of `visits`, in the order of VISIT_COLUMNS."""
    return (day, visit.id, visit.number, _text(visit.taken_at), _text(visit.answered_at), visit.waited)


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
