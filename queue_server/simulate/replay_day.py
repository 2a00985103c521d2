"""What people and officers did on a day of the journal, without who was called when. Pure.

A replay with a change takes from here who came, for what, how long each matter took and who was absent; the calls are
made anew. Seconds after the day's opening throughout.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median

from queue_server.journal.entry import Entry
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import OfficeConfig
from queue_server.queue.way_back import is_return

LONGEST_GAP = 120.0  # between an end and the next call; a longer one is something else than the officer's pace
LEAST_GAPS = 3
ABSENT = 80.0  # two calls without an answer, where the day shows none


class ReplayError(ValueError):
    """The day cannot be replayed as wished; the text says why."""


class End(StrEnum):
    """How a turn at a counter ended."""

    SERVED = "served"
    MISSED = "missed"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One call and what followed. Time on hold is left out: the counter was free meanwhile."""

    seconds: float
    end: End
    to_service: str | None = None
    to_counter: str | None = None
    returns: bool = False
    back_after: float | None = None  # a missed person reports back this long afterwards


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One visit: when, for what, and the turns of each of its matters in order."""

    at: float
    wanted: tuple[cmd.Wanted, ...]
    class_id: str
    channel: str
    language: str
    kiosk: str | None
    appointment_at: datetime | None
    turns: tuple[tuple[Turn, ...], ...]
    cancels_after: float | None = None
    postpones: tuple[tuple[float, float], ...] = ()  # seconds after coming, minutes

    @property
    def services(self) -> tuple[str, ...]:
        """What they came for."""
        return tuple(wanted.service for wanted in self.wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One stretch of work at a counter. `reskills` are (moment, services)."""

    counter: str
    officer: str
    opens: float
    closes: float
    services: tuple[str, ...]
    breaks: tuple[tuple[float, float], ...] = ()
    reskills: tuple[tuple[float, tuple[str, ...]], ...] = ()
    gap: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A day as it can be played again."""

    day: str
    config: OfficeConfig
    opens: datetime
    visitors: tuple[Visitor, ...]
    shifts: tuple[Shift, ...]
    policies: tuple[tuple[float, ev.PolicyChanged], ...] = ()


@dataclass(slots=True)
class _Matter:
    """One ticket while the day is read."""

    issued: ev.TicketIssued
    at: float
    turns: list[Turn] = field(default_factory=list)
    called: float | None = None
    worked: float = 0.0  # in the present turn, before a hold
    missed_at: float | None = None
    cancelled: float | None = None
    postpones: list[tuple[float, float]] = field(default_factory=list)
    since: float = 0.0


def recorded(entries: Sequence[Entry]) -> Recorded:
    """Reads a day; raises `ReplayError` when its opening is not among the entries."""
    first = next((e for e in entries if isinstance(e.event, ev.DayOpened)), None)
    if first is None or not isinstance(first.event, ev.DayOpened):
        raise ReplayError("the day was never opened: its entries have no DayOpened")
    opens, config = first.at, first.event.config
    timed = [((entry.at - opens).total_seconds(), entry.event) for entry in entries]
    config = next((e.config for _, e in reversed(timed) if isinstance(e, ev.SetupChanged)), config)
    matters = _matters(timed, opens)
    gaps = _gaps(timed)
    return Recorded(
        day=first.event.day,
        config=config,
        opens=opens,
        visitors=_visitors(matters, config),
        shifts=tuple(_shifts(timed, gaps)),
        policies=tuple((at, e) for at, e in timed if isinstance(e, ev.PolicyChanged)),
    )


def _matters(timed: Iterable[tuple[float, ev.Event]], opens: datetime) -> dict[str, _Matter]:
    found: dict[str, _Matter] = {}
    for at, event in timed:
        if isinstance(event, ev.TicketIssued):
            came = (event.taken_at - opens).total_seconds()
            found[event.ticket] = _Matter(issued=event, at=max(0.0, came), since=(event.since - opens).total_seconds())
            continue
        matter = found.get(getattr(event, "ticket", ""))
        if matter is not None:
            _follow(matter, event, at, opens)
    return found


def _follow(matter: _Matter, event: ev.Event, at: float, opens: datetime) -> None:
    spent = matter.worked + (at - matter.called if matter.called is not None else 0.0)
    match event:
        case ev.TicketCalled():
            matter.called, matter.worked = at, 0.0
        case ev.TicketResumed():
            matter.called = at
        case ev.TicketHeld():
            matter.worked, matter.called = spent, None
        case ev.TicketPutBack():
            matter.called, matter.worked = None, 0.0
        case ev.ServiceFinished():
            matter.turns.append(Turn(seconds=spent, end=End.SERVED))
            matter.called = None
        case ev.TicketMissed():
            matter.turns.append(Turn(seconds=spent, end=End.MISSED))
            matter.called, matter.missed_at = None, at
        case ev.TicketReinstated():
            _came_back(matter, at)
        case ev.ServedByMouth():  # nobody knows how long it took: as long as is usual
            matter.called, matter.worked = None, 0.0
            if matter.turns and matter.turns[-1].end is End.MISSED and matter.turns[-1].back_after is None:
                _came_back(matter, (event.served_at - opens).total_seconds())
        case ev.TicketTransferred():
            matter.turns.append(_transferred(event, spent))
            matter.called = None
        case ev.TicketCancelled():
            matter.cancelled = at
        case ev.TicketPostponed():
            until = (event.until - opens).total_seconds()
            minutes = (until - max(at, matter.since)) / 60.0
            matter.postpones.append((at - matter.at, minutes))
            matter.since = until
        case _:
            pass


def _came_back(matter: _Matter, at: float) -> None:
    """Somebody who was missed reported back."""
    back = max(0.0, at - matter.missed_at) if matter.missed_at is not None else 0.0
    if matter.turns:
        matter.turns[-1] = Turn(seconds=matter.turns[-1].seconds, end=End.MISSED, back_after=back)


def _transferred(event: ev.TicketTransferred, spent: float) -> Turn:
    if is_return(event):  # the office sends them back by itself when the matter here ends
        return Turn(seconds=spent, end=End.SERVED)
    to_counter = event.to_counter
    return Turn(
        seconds=spent,
        end=End.TRANSFERRED,
        to_service=None if to_counter else event.service,
        to_counter=to_counter,
        returns=event.return_to is not None,
    )


def _visitors(matters: Mapping[str, _Matter], config: OfficeConfig) -> tuple[Visitor, ...]:
    visits: dict[str, list[_Matter]] = {}
    for matter in matters.values():
        visits.setdefault(matter.issued.visit, []).append(matter)
    made = []
    for each in visits.values():
        first = each[0].issued
        cancelled = [m.cancelled for m in each if m.cancelled is not None]
        made.append(
            Visitor(
                at=each[0].at,
                wanted=tuple(wish_of(m.issued) for m in each),
                class_id=first.class_id,
                channel=first.channel,
                language=first.language,
                kiosk=first.kiosk,
                appointment_at=first.appointment_at,
                turns=tuple(_full(m, config) for m in each),
                cancels_after=min(cancelled) - each[0].at if cancelled else None,
                postpones=tuple(p for m in each for p in m.postpones),
            )
        )
    return tuple(sorted(made, key=lambda visitor: visitor.at))


def wish_of(e: ev.TicketIssued) -> cmd.Wanted:
    """What the person asked for, with what was expected of it then."""
    return cmd.Wanted(
        service=e.service,
        procedure=e.procedure,
        cases=e.cases,
        papers=e.papers,
        copies=e.copies,
        supplement=e.supplement,
        ready=e.ready,
        form_filled=e.form_filled,
        expected=None if e.expected is None or e.spread is None else (e.expected, e.spread),
    )


def _full(matter: _Matter, config: OfficeConfig) -> tuple[Turn, ...]:
    """The turns of a matter; who was not served that day would have taken the usual time of the service."""
    turns = tuple(matter.turns)
    if turns and (turns[-1].end is End.SERVED or (turns[-1].end is End.MISSED and turns[-1].back_after is None)):
        return turns
    service = config.services.get(turns[-1].to_service or matter.issued.service) if turns else None
    service = service or config.services.get(matter.issued.service)
    return (*turns, Turn(seconds=service.typical if service else 600.0, end=End.SERVED))


def _gaps(timed: Iterable[tuple[float, ev.Event]]) -> dict[str, float]:
    """Counter → median seconds between an end and the next call of somebody who was already waiting."""
    ended: dict[str, float] = {}
    since: dict[str, float] = {}
    seen: dict[str, list[float]] = {}
    for at, event in timed:
        match event:
            case ev.TicketIssued():
                since[event.ticket] = at
            case ev.ServiceFinished() | ev.TicketMissed() | ev.TicketTransferred():
                ended[event.counter] = at
            case ev.CounterPaused() | ev.CounterClosed():
                ended.pop(event.counter, None)
            case ev.TicketCalled():
                end = ended.pop(event.counter, None)
                if end is not None and since.get(event.ticket, at) <= end and at - end <= LONGEST_GAP:
                    seen.setdefault(event.counter, []).append(at - end)
            case _:
                pass
    return {counter: median(gaps) for counter, gaps in seen.items() if len(gaps) >= LEAST_GAPS}


def _shifts(timed: Sequence[tuple[float, ev.Event]], gaps: Mapping[str, float]) -> Iterable[Shift]:
    """Stretches from opening to closing; a counter that never closed works to the last entry of the day."""
    last = timed[-1][0] if timed else 0.0
    opened: dict[str, tuple[float, ev.CounterOpened]] = {}
    breaks: dict[str, list[tuple[float, float]]] = {}
    paused: dict[str, float] = {}
    reskills: dict[str, list[tuple[float, tuple[str, ...]]]] = {}

    def shift(counter: str, closes: float) -> Shift:
        begun, event = opened.pop(counter)
        if counter in paused:
            closes = min(closes, paused.pop(counter))
        return Shift(
            counter=counter,
            officer=event.officer,
            opens=begun,
            closes=closes,
            services=event.services,
            breaks=tuple(breaks.pop(counter, ())),
            reskills=tuple(reskills.pop(counter, ())),
            gap=gaps.get(counter, 0.0),
        )

    for at, event in timed:
        match event:
            case ev.CounterOpened():
                opened[event.counter] = (at, event)
            case ev.CounterPaused():
                paused[event.counter] = at
            case ev.CounterResumed() if event.counter in paused:
                begin = paused.pop(event.counter)
                breaks.setdefault(event.counter, []).append((begin, at - begin))
            case ev.CounterReskilled():
                reskills.setdefault(event.counter, []).append((at, event.services))
            case ev.CounterClosed() if event.counter in opened:
                yield shift(event.counter, at)
            case _:
                pass
    for counter in list(opened):
        yield shift(counter, last)
