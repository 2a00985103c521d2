"""Checks of the kiosks: a number for everybody, of its day, once, in its place."""

from collections.abc import Iterator

from queue_server.queue import events as ev
from queue_server.queue.states import TicketState
from tests.storm.checks_journal import Ledger
from tests.storm.record import Look, Paper
from tests.storm.story import Story

PLACE = 120.0  # seconds that a place in the line may be off
NEAR = 5.0  # seconds: the office's own time counts as right


def never_refused(story: Story, _: Ledger) -> Iterator[str]:
    """A kiosk that holds numbers of the day sends nobody away, as long as the office itself knows the day."""
    for each in story.record.refused:
        if each.reason == "no-numbers" and each.held > 0 and _right_time(story.record.looks, each.at, each.at):
            yield f"{each.person} was sent away by {each.kiosk}, which held {each.held} numbers of the day"


def no_number_twice(story: Story, _: Ledger) -> Iterator[str]:
    """Two people never hold the same number of the same day."""
    holders: dict[tuple[str, str], str] = {}
    for paper in story.record.papers:
        first = holders.setdefault((paper.day, paper.number), paper.person)
        if first != paper.person:
            yield f"{first} and {paper.person} both hold {paper.number} of {paper.day}"


def hand_in_keeps_its_day(story: Story, ledger: Ledger) -> Iterator[str]:
    """A number that a kiosk gave for one day is never taken as another day's."""
    given = {(p.kiosk, p.number): set[str]() for p in story.record.papers if p.alone}
    for paper in story.record.papers:
        if paper.alone:
            given[paper.kiosk, paper.number].add(paper.day)
    for entry in ledger.entries:
        event = entry.event
        if isinstance(event, ev.TicketIssued) and event.handed_in:
            days = given.get((event.kiosk or "", event.number), set())
            if days and entry.day not in days:
                yield f"{event.number} of {min(days)} was taken as the {event.number} of {entry.day}"


def papers_arrive(story: Story, ledger: Ledger) -> Iterator[str]:
    """Long after the last fault the office knows every number of its day that somebody holds.

    Where it was started with a clock of another day meanwhile, it closed this one, and what came then is lost to it.
    """
    program = story.office.program
    if program is None or program.state.closed:
        return
    known = {(e.day, e.event.number) for e in ledger.entries if isinstance(e.event, ev.TicketIssued)}
    for paper in story.record.papers:
        if any(paper.at < until for _, until in story.record.gone):
            continue  # it may have been handed in, and the restore has undone it
        days = {look.day for look in story.record.looks if look.at > paper.at}
        if days == {paper.day} == {program.state.day} and (paper.day, paper.number) not in known:
            yield f"{paper.person} holds {paper.number}, and the office does not know it"


def no_ghosts(story: Story, _: Ledger) -> Iterator[str]:
    """Who got a number from the lease has no second one in a line: it was cancelled, or called before that in vain."""
    program = story.office.program
    if program is None:
        return
    held = {paper.command_id for paper in story.record.papers if paper.alone}
    visits = {t.id: t.visit for t in program.state.tickets.values()}
    called = {visits.get(w.entry.ticket) for w in story.record.written if isinstance(w.entry.event, ev.TicketCalled)}
    for known in story.record.written:
        event, day = known.entry.event, known.entry.day
        if any(known.at < until for _, until in story.record.gone):
            continue  # it may have been cancelled, and that is undone
        if isinstance(event, ev.TicketIssued) and known.entry.command_id in held and day == program.state.day:
            ticket = program.state.tickets.get(event.ticket)
            stands = ticket is not None and ticket.state is TicketState.WAITING and event.visit not in called
            if stands and not program.state.closed:
                yield f"{event.number} of {known.entry.command_id} stands in the line, and the person holds another"


def no_overtaking(story: Story, _: Ledger) -> Iterator[str]:
    """A kiosk that heard the server since it started counts the moment of taking right, whatever its clock says."""
    papers = {(p.kiosk, p.number, p.day): p for p in story.record.papers if p.alone and p.contact}
    for known in story.record.written:
        event = known.entry.event
        if isinstance(event, ev.TicketIssued) and event.handed_in:
            paper = papers.get((event.kiosk or "", event.number, known.entry.day))
            if paper is not None and _right_time(story.record.looks, paper.at, known.at):
                yield from _moved(story, paper, event)


def _right_time(looks: list[Look], since: float, until: float) -> bool:
    """Whether the office's own time was right all the while, as far as anybody looked."""
    seen = [look for look in looks if since - 3600.0 <= look.at <= until + 60.0]
    return bool(seen) and all(abs((look.now - look.true).total_seconds()) <= NEAR for look in seen)


def _moved(story: Story, paper: Paper, event: ev.TicketIssued) -> Iterator[str]:
    true = story.kiosks[paper.kiosk].clock.true_at(paper.at)
    early = (true - event.taken_at).total_seconds()
    if abs(early) > PLACE:
        way = "before" if early > 0 else "after"
        off = f"clock {paper.clock_error:+.0f} s"
        yield f"{paper.number} counts from {abs(early):.0f} s {way} it was taken ({off})"
