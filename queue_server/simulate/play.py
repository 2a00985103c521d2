"""The day as processes that ask the office for things and wait. Pure: generators, no clock, no I/O.

A process yields either seconds to wait or a command; for a command it is sent back what came of it: the ticket
of an issue or call (None when nobody fitted or it was refused).
"""

from collections.abc import Generator
from dataclasses import dataclass, field

from queue_server.queue import commands as cmd
from queue_server.simulate.people import DayPlan, Person, Shift

Process = Generator[float | cmd.Command, str | None, None]

IDLE = 10.0  # an officer with nobody to call looks again after this
WALK = 25.0
PATIENCE = 40.0  # before a recall, and again before a no-show


@dataclass(slots=True)
class Cast:
    """Who holds which ticket, so that the officer's process knows what a called person will do."""

    people: dict[str, Person] = field(default_factory=dict)
    left: dict[str, set[str]] = field(default_factory=dict)  # ticket → what its visit still has to do
    called: set[str] = field(default_factory=set)  # at a counter, or done there
    held: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)


def processes(plan: DayPlan, kiosk: str | None) -> list[Process]:
    """Every person and every officer of the day."""
    cast = Cast()
    made = [visitor(person, cast, kiosk) for person in plan.people]
    return [*(officer(shift, cast) for shift in plan.shifts), *made]


def visitor(person: Person, cast: Cast, kiosk: str | None) -> Process:
    """Comes, takes a number, and perhaps loses patience or asks to be called later."""
    yield person.at
    first, *more = person.services
    mine = cmd.Wanted(service=first, procedure=person.procedure, papers=person.papers, ready=person.ready)
    wanted = (mine, *(cmd.Wanted(service=s) for s in more))
    ticket = yield cmd.IssueTicket(
        wanted=wanted, class_id=person.class_id, channel="kiosk", language=person.language, kiosk=kiosk
    )
    if ticket is None:
        return
    tickets = {ticket if place == 1 else f"{ticket}-{place}" for place in range(1, len(wanted) + 1)}
    for one in tickets:
        cast.people[one] = person
        cast.left[one] = tickets
    if person.postpones:
        yield 60.0
        if ticket not in cast.called:
            yield cmd.PostponeTicket(ticket=ticket, minutes=10)
    elif person.leaves_after is not None:
        yield person.leaves_after
        if ticket not in cast.called:
            yield cmd.CancelTicket(ticket=ticket)


def officer(shift: Shift, cast: Cast) -> Process:
    """Opens, calls and serves, takes lunch when free at or after its time, closes when the day is over."""
    now = shift.opens
    yield shift.opens
    yield cmd.OpenCounter(counter=shift.counter, officer=shift.officer)
    lunched = False
    while True:
        if not lunched and now >= shift.lunch_at:
            lunched = True
            yield cmd.PauseCounter(counter=shift.counter, reason="Nghỉ trưa")
            yield shift.lunch
            now += shift.lunch
            yield cmd.ResumeCounter(counter=shift.counter)
        ticket = yield cmd.CallNext(counter=shift.counter)
        if ticket is None:
            if now >= shift.closes:
                break
            yield IDLE
            now += IDLE
            continue
        now += yield from serve(shift.counter, ticket, cast)
    yield cmd.CloseCounter(counter=shift.counter)


def serve(counter: str, ticket: str, cast: Cast) -> Generator[float | cmd.Command, str | None, float]:
    """One called person; returns the seconds it took."""
    person = cast.people.get(ticket)
    cast.called.add(ticket)
    if person is None:  # somebody else's ticket on a shared office
        yield WALK
        yield cmd.Start(counter=counter)
        yield 120.0
        yield cmd.Finish(counter=counter)
        return WALK + 120.0
    if person.no_show and ticket not in cast.back:
        return (yield from absent(counter, ticket, person, cast))
    yield WALK
    yield cmd.Start(counter=counter)
    spent = person.minutes
    if person.held and ticket not in cast.held:
        cast.held.add(ticket)
        yield spent / 3
        yield cmd.Hold(counter=counter, reason="Điền thêm tờ khai")
        cast.called.discard(ticket)
        yield 90.0
        yield cmd.ResumeTicket(counter=counter, ticket=ticket)
        cast.called.add(ticket)
        yield 2 * spent / 3
        spent += 90.0
    else:
        yield spent
    if person.transferred_to is not None and ticket not in cast.moved:
        cast.moved.add(ticket)
        yield cmd.Transfer(counter=counter, to_service=person.transferred_to)
        cast.called.discard(ticket)
    else:
        yield cmd.Finish(counter=counter)
        cast.left[ticket].discard(ticket)
        if person.score is not None and not cast.left[ticket]:
            yield cmd.RateVisit(ticket=ticket, score=person.score)
    return WALK + spent


def absent(counter: str, ticket: str, person: Person, cast: Cast) -> Generator[float | cmd.Command, str | None, float]:
    """Nobody comes: recalled once, then missed; some report back and are taken back into the line."""
    yield PATIENCE
    yield cmd.Recall(counter=counter)
    yield PATIENCE
    yield cmd.NoShow(counter=counter)
    cast.called.discard(ticket)
    if person.reports_back:
        cast.back.add(ticket)
        yield cmd.Reinstate(ticket=ticket)
    return 2 * PATIENCE
