"""Plays a recorded day again on a virtual clock: people and officers as they were, calls made by the rules now. Pure.

Idle officers are woken by whatever brings somebody new into a line, the one with the fewest services first, then the
one idle longest.
"""

import heapq
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import OfficeConfig
from queue_server.queue.reservations import moments
from queue_server.queue.state import OfficeDay
from queue_server.simulate.offline import VirtualOffice
from queue_server.simulate.replay_day import End, Recorded, Shift, Turn, Visitor

LONGEST_DAY = 36 * 3600.0
SECOND = 1.0  # nobody looks again sooner


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """An officer with nobody to call, at the latest until this moment."""

    counter: str
    until: float


Part = Generator[float | Idle | cmd.Command, str | None, None]


@dataclass(slots=True)
class _Stage:
    """The office, the clock and everybody's next step."""

    office: VirtualOffice
    opens: datetime
    agenda: list[tuple[float, int, Part]] = field(default_factory=list)
    serial: int = 0
    parked: dict[str, tuple[float, int, Part]] = field(default_factory=dict)  # counter → idle since, its alarm
    silenced: set[int] = field(default_factory=set)  # alarms of officers who were woken before
    turns: dict[str, list[Turn]] = field(default_factory=dict)  # ticket → its turns still to come
    clock: float = 0.0
    waking: bool = False

    def later(self, at: float, part: Part) -> int:
        self.serial += 1
        heapq.heappush(self.agenda, (at, self.serial, part))
        return self.serial


def play_again(day: Recorded) -> OfficeDay:
    """The office day that comes of it; what the rules refuse (a late cancellation) does not happen."""
    office = VirtualOffice()
    stage = _Stage(office=office, opens=day.opens)
    office.sink = lambda event, _now, _command, _first: _tell(stage, event)
    office.carry_out(cmd.OpenDay(day=day.day, config=day.config), day.opens)
    for shift in day.shifts:
        stage.later(shift.opens, _officer(stage, shift))
    for visitor in day.visitors:
        stage.later(visitor.at, _visitor(stage, visitor))
    for at, changed in day.policies:
        stage.later(at, _policy(changed))
    while stage.agenda:
        at, serial, part = heapq.heappop(stage.agenda)
        if serial in stage.silenced:
            continue
        if at > LONGEST_DAY:
            break
        stage.clock = at
        _unpark(stage, serial)
        _step(stage, part)
        _wake(stage)
    return office.state


def _unpark(stage: _Stage, serial: int) -> None:
    for counter, (_, wake, _) in list(stage.parked.items()):
        if wake == serial:
            del stage.parked[counter]


def _step(stage: _Stage, part: Part) -> None:
    """Lets one process go on until it waits for a time or for somebody to come."""
    answer: str | None = None
    now = stage.opens + timedelta(seconds=round(stage.clock, 6))
    try:
        while True:
            wanted = part.send(answer)
            if isinstance(wanted, cmd.Command):
                answer = stage.office.ask(wanted, now)
            elif isinstance(wanted, Idle):
                stage.parked[wanted.counter] = (stage.clock, stage.later(wanted.until, part), part)
                return
            else:
                stage.later(stage.clock + max(0.0, wanted), part)
                return
    except StopIteration:
        return


def _wake(stage: _Stage) -> None:
    """Idle officers look again, since somebody new stands in a line."""
    while stage.waking and stage.parked:
        stage.waking = False
        counters = stage.office.state.counters
        for counter in sorted(stage.parked, key=lambda c: (len(counters[c].services), stage.parked[c][0])):
            since, alarm, part = stage.parked.pop(counter)
            stage.silenced.add(alarm)
            _step(stage, part)
            if counter in stage.parked:
                stage.parked[counter] = (since, *stage.parked[counter][1:])
    stage.waking = False


def _tell(stage: _Stage, event: ev.Event) -> None:
    """Notes what may give an idle officer somebody to call, now or at a later moment."""
    match event:
        case ev.TicketIssued() | ev.TicketReinstated():
            stage.waking = True
            _tick(stage, event.since)
        case ev.TicketPostponed():
            _tick(stage, event.until)
        case ev.TicketTransferred() | ev.ServiceFinished() | ev.TicketMissed() | ev.CounterClosed():
            stage.waking = True
        case ev.PriorityChanged() | ev.TicketPutBack() | ev.CounterReskilled() | ev.PolicyChanged():
            stage.waking = True
        case _:
            pass


def _tick(stage: _Stage, since: datetime) -> None:
    early = stage.office.state.early
    for at in {(since - stage.opens).total_seconds() - early, (since - stage.opens).total_seconds()}:
        if at > stage.clock:
            stage.later(at, _look_again(stage))


def _look_again(stage: _Stage) -> Part:
    stage.waking = True
    yield from ()


def _policy(changed: ev.PolicyChanged) -> Part:
    yield cmd.ChangePolicy(policy=changed.policy)


def _visitor(stage: _Stage, who: Visitor) -> Part:
    """Comes and takes a number, and perhaps postpones or gives it back when not called by then."""
    config = stage.office.state.setup
    channel = "desk" if who.channel in {"kiosk", "phone"} and not _offered(config, who) else who.channel
    ticket = yield cmd.IssueTicket(
        wanted=who.wanted,
        class_id=who.class_id,
        channel=channel,
        language=who.language,
        kiosk=who.kiosk,
        appointment_at=who.appointment_at,
    )
    if ticket is None:
        return
    for place, turns in enumerate(who.turns, start=1):
        stage.turns[ticket if place == 1 else f"{ticket}-{place}"] = list(turns)
    waited = 0.0
    for after, minutes in who.postpones:
        yield max(0.0, after - waited)
        waited = max(waited, after)
        yield cmd.PostponeTicket(ticket=ticket, minutes=minutes)
    if who.cancels_after is not None:
        yield max(0.0, who.cancels_after - waited)
        yield cmd.CancelTicket(ticket=ticket)


def _offered(config: OfficeConfig, who: Visitor) -> bool:
    services = [config.services[s] for s in who.services if s in config.services]
    return all(s.walk_in if who.channel == "kiosk" else s.phone for s in services)


def _officer(stage: _Stage, shift: Shift) -> Part:
    """Opens, takes breaks when free, calls, serves as long as each matter takes, and closes when nobody is left."""
    yield cmd.OpenCounter(counter=shift.counter, officer=shift.officer, services=shift.services)
    breaks, reskills = list(shift.breaks), list(shift.reskills)
    while True:
        now = stage.clock
        while reskills and reskills[0][0] <= now:
            yield cmd.ReskillCounter(counter=shift.counter, services=reskills.pop(0)[1])
        if breaks and breaks[0][0] <= now:
            yield cmd.PauseCounter(counter=shift.counter, reason="break")
            yield breaks.pop(0)[1]
            yield cmd.ResumeCounter(counter=shift.counter)
            continue
        ticket = yield cmd.CallNext(counter=shift.counter)
        if ticket is not None:
            yield from _serve(stage, shift.counter, ticket)
            if shift.gap:
                yield shift.gap
        elif now >= shift.closes:
            break
        else:
            soon = (shift.closes, *(b[0] for b in breaks[:1]), *(r[0] for r in reskills[:1]), *_second_looks(stage))
            yield Idle(counter=shift.counter, until=min(soon))
    yield cmd.CloseCounter(counter=shift.counter)


def _second_looks(stage: _Stage) -> Iterator[float]:
    """When an idle officer may find somebody though nobody has come: other reservations hold, or a grace is over."""
    state = stage.office.state
    now = stage.opens + timedelta(seconds=stage.clock)
    for moment in moments(state.policy, state.setup.timezone, now, now + timedelta(seconds=LONGEST_DAY))[:1]:
        yield (moment - stage.opens).total_seconds()
    if state.policy.least_flexible_first and state.lines:
        yield stage.clock + max(SECOND, state.policy.grace)


def _serve(stage: _Stage, counter: str, ticket: str) -> Part:
    """One call and what follows it."""
    turns = stage.turns.get(ticket) or [Turn(seconds=_typical(stage, ticket), end=End.SERVED)]
    turn = turns.pop(0)
    stage.turns[ticket] = turns
    if turn.end is End.MISSED:
        yield turn.seconds
        yield cmd.NoShow(counter=counter)
        if turn.back_after is not None:
            stage.later(stage.clock + turn.back_after, _comes_back(ticket))
        return
    yield cmd.Start(counter=counter)
    yield turn.seconds
    if turn.end is End.TRANSFERRED:
        yield cmd.Transfer(
            counter=counter,
            to_service=turn.to_service,
            to_counter=turn.to_counter,
            return_to_sender=turn.returns,
        )
        if stage.office.state.counters[counter].ticket == ticket:
            yield cmd.Finish(counter=counter)  # where they were sent is closed in this variant
        return
    yield cmd.Finish(counter=counter)


def _typical(stage: _Stage, ticket: str) -> float:
    state = stage.office.state
    return state.setup.services[state.tickets[ticket].service].typical


def _comes_back(ticket: str) -> Part:
    yield cmd.Reinstate(ticket=ticket)
