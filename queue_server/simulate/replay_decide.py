"""A journal day decided again as it was: every command that made its entries, put to the rules of today. Pure.

Tells whether the rules of calling would still decide as they did, entry by entry, and gives the fingerprint of the
state that the day ends in.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import orjson

from queue_server.contract.problems import Refused
from queue_server.journal.entry import Entry
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.decide import decide
from queue_server.queue.evolve import evolve
from queue_server.queue.foreseen import foreseen_again
from queue_server.queue.state import OfficeDay
from queue_server.queue.way_back import is_return
from queue_server.simulate.replay_day import wish_of

SHOWN = 20  # differences that are told one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class AsItWas:
    """The day folded from its entries, its fingerprint, and where today's rules would decide otherwise."""

    state: OfficeDay
    fingerprint: str
    entries: int
    decided: int  # entries that the rules made again exactly
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether every entry was decided again as it stands."""
        return self.decided == self.entries


def fingerprint(state: OfficeDay) -> str:
    """SHA-256 over everything in an office day; equal days have equal fingerprints."""
    plain = asdict(state)
    plain["lines"] = {pool: sorted(lanes.items()) for pool, lanes in state.lines.items()}  # a lane is no key of JSON
    return hashlib.sha256(
        orjson.dumps(plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    ).hexdigest()


def as_it_was(entries: Sequence[Entry]) -> AsItWas:
    """Folds the day as it stands and asks the rules again on the way; a difference does not stop it."""
    state = OfficeDay()
    again: list[ev.Event | None] = []
    for group in grouped(entries):
        again += _decided(state, group)
    differences = [
        f"entry {entry.seq}: {entry.kind} {entry.ticket or ''} — now {type(event).__name__ if event else 'nothing'}"
        for entry, event in zip(entries, again, strict=True)
        if event is None or _essence(event) != _essence(entry.event)
    ]
    return AsItWas(
        state=state,
        fingerprint=fingerprint(state),
        entries=len(entries),
        decided=len(entries) - len(differences),
        differences=tuple(differences[:SHOWN]),
    )


def grouped(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries of each command together: its id stands on the first of them."""
    group: list[Entry] = []
    for entry in entries:
        if group and entry.command_id is not None:
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def _decided(state: OfficeDay, group: Sequence[Entry]) -> list[ev.Event | None]:
    """What the rules decide now in place of each entry of one command; folds the entries as they stand."""
    wanted = commands_of(state, group)
    again: list[ev.Event | None] = []
    for place, command in enumerate(wanted, start=1):
        rest = len(group) - len(again)
        made = _asked(state, command, group[0].at)
        taken = rest if place == len(wanted) else min(len(made), rest)
        for k in range(taken):
            entry = group[len(again)]
            again.append(made[k] if k < len(made) else None)
            evolve(state, entry.event, entry.at)
    for entry in group[len(again) :]:
        again.append(None)
        evolve(state, entry.event, entry.at)
    return again


def _asked(state: OfficeDay, command: cmd.Command, at: datetime) -> list[ev.Event]:
    try:
        return decide(state, command, at)
    except Refused:
        return []


def _essence(event: ev.Event) -> ev.Event:
    """An event without what the forecaster of the day said: forecasts are no decisions.

    Records of before name the first of an only line the only one waiting.
    """
    if isinstance(event, ev.TicketIssued):
        return replace(event, people_ahead=0, wait_low=None, wait_likely=None, wait_high=None)
    if isinstance(event, ev.TicketCalled) and event.reason == "only_one":
        return replace(event, reason="arrival_order")
    return event


def commands_of(state: OfficeDay, group: Sequence[Entry]) -> list[cmd.Command]:
    """The commands that a group of entries carries out, given the office before it."""
    events = [entry.event for entry in group]
    if any(isinstance(e, ev.DayClosed | ev.TicketExpired) for e in events):
        return [cmd.CloseDay(abandoned=any(isinstance(e, ev.DayClosed) and e.abandoned for e in events))]
    issued = [e for e in events if isinstance(e, ev.TicketIssued)]
    if issued:
        return [_taken(issued)]
    if isinstance(events[0], ev.NumbersLeased):
        return [cmd.LeaseNumbers(kiosk=events[0].kiosk)]
    if isinstance(events[0], ev.NumbersSkipped):
        return []  # decided by what was lost, which the day does not hold
    found = []
    for event in events:
        if isinstance(event, ev.TicketReinstated) and len(events) > 1:
            continue  # called by number after having been missed
        if isinstance(event, ev.ServiceStarted) and event.implied:
            continue  # comes with the end
        command = _command(state, event, group[0].at)
        if command is None:
            return []  # of a kind that this version does not know the command of
        found.append(command)
    return found


def _taken(issued: Sequence[ev.TicketIssued]) -> cmd.Command:
    first = issued[0]
    wanted = tuple(wish_of(e) for e in issued)
    if first.handed_in:
        return cmd.HandIn(
            kiosk=first.kiosk or "",
            number=first.number,
            taken_at=first.taken_at,
            wanted=wanted,
            class_id=first.class_id,
            language=first.language,
        )
    return cmd.IssueTicket(
        wanted=wanted,
        class_id=first.class_id,
        channel=first.channel,
        language=first.language,
        kiosk=first.kiosk,
        appointment_at=first.appointment_at,
        claimed=first.claimed,
    )


def _command(state: OfficeDay, event: ev.Event, at: datetime) -> cmd.Command | None:
    """The command behind one event."""
    match event:
        case ev.DayOpened():
            serials, leased = event.serials or {}, event.leased or {}
            return cmd.OpenDay(day=event.day, config=event.config, serials=serials, leased=leased)
        case ev.ClockCorrected():
            return cmd.CorrectClock(by=event.by, measured=event.measured)
        case ev.SetupChanged():
            return cmd.ChangeSetup(config=event.config)
        case ev.PolicyChanged():
            return cmd.ChangePolicy(policy=event.policy)
        case ev.CounterOpened():
            return cmd.OpenCounter(counter=event.counter, officer=event.officer, services=event.services)
        case ev.CounterPaused():
            return cmd.PauseCounter(counter=event.counter, reason=event.reason)
        case ev.CounterResumed():
            return cmd.ResumeCounter(counter=event.counter)
        case ev.CounterClosed():
            return cmd.CloseCounter(counter=event.counter)
        case ev.CounterReskilled():
            return cmd.ReskillCounter(counter=event.counter, services=event.services)
        case ev.HelpRequested():
            return cmd.RequestHelp(kiosk=event.kiosk)
        case ev.HelpGiven():
            return cmd.GiveHelp(help=event.help)
        case ev.DeviceReported():
            return cmd.ReportDevice(device=event.device, problem=event.problem)
    return _of_ticket(state, event, at)


def _of_ticket(state: OfficeDay, event: ev.Event, at: datetime) -> cmd.Command | None:
    match event:
        case ev.TicketPrinted():
            return cmd.ReportPrint(ticket=event.ticket)
        case ev.PrintFailed():
            return cmd.ReportPrint(ticket=event.ticket, problem=event.problem)
        case ev.TicketCancelled():
            return cmd.CancelTicket(ticket=event.ticket, by=event.by)
        case ev.TicketPostponed():
            since = max(at, state.tickets[event.ticket].since)
            return cmd.PostponeTicket(ticket=event.ticket, minutes=(event.until - since) / timedelta(minutes=1))
        case ev.PriorityChanged():
            return cmd.ChangePriority(ticket=event.ticket, class_id=event.class_id)
        case ev.TicketReinstated():
            return cmd.Reinstate(ticket=event.ticket)
        case ev.TicketRated():
            return cmd.RateVisit(ticket=event.ticket, score=event.score, reasons=event.reasons)
        case ev.TicketCalled() if event.reason == "officer_choice":
            return cmd.CallNumber(counter=event.counter, ticket=event.ticket)
        case ev.TicketCalled() if event.reason == "look_ahead":
            services = state.counters[event.counter].services
            seen = foreseen_again(event.ticket, services, event.runner_up, event.facts)
            return cmd.CallNext(counter=event.counter, foreseen=seen)
        case ev.TicketCalled():
            return cmd.CallNext(counter=event.counter)
    return _of_work(event)


def _of_work(event: ev.Event) -> cmd.Command | None:
    match event:
        case ev.TicketRecalled():
            return cmd.Recall(counter=event.counter)
        case ev.ServiceStarted():
            return cmd.Start(counter=event.counter)
        case ev.ServiceFinished():
            return cmd.Finish(counter=event.counter)
        case ev.ServedByMouth():
            return cmd.ServeByMouth(counter=event.counter, ticket=event.ticket, at=event.served_at)
        case ev.TicketMissed():
            return cmd.NoShow(counter=event.counter)
        case ev.TicketHeld():
            return cmd.Hold(counter=event.counter, reason=event.reason)
        case ev.TicketResumed():
            return cmd.ResumeTicket(counter=event.counter, ticket=event.ticket)
        case ev.TicketPutBack():
            return cmd.PutBack(counter=event.counter)
        case ev.TicketTransferred() if is_return(event):
            return cmd.Finish(counter=event.counter)
        case ev.TicketTransferred():
            return cmd.Transfer(
                counter=event.counter,
                to_service=None if event.to_counter else event.service,
                to_counter=event.to_counter,
                return_to_sender=event.return_to is not None,
                note=event.note,
            )
    return None
