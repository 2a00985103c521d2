"""Checks of time: it advances, it is cured, waits are measured, a recall is possible after its seconds."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from queue_server.queue import events as ev
from tests.storm.adapter import is_correction
from tests.storm.adapter_site import recall_gap, zone
from tests.storm.checks_journal import Ledger
from tests.storm.record import Look, Written
from tests.storm.story import Story

SLACK = 2.0  # seconds of the network and the disk
SLEW = 0.002  # a clock that follows a small difference runs so much faster or slower at most
RIGHT = 5.0  # seconds that a cured clock may still be off
SOON = 60.0  # after so many seconds it is cured, and the day kept
FRESH = 20.0  # seconds in which a forecast is believed
LATEST_CLOSE = 3  # o'clock: until then yesterday may go on while people wait


def time_advances(story: Story, _: Ledger) -> Iterator[str]:
    """Inside a run the office's time goes as the steady clock does, whatever the clock on the wall says."""
    corrected = [w.at for w in story.record.written if is_correction(w.entry.event)]
    for before, after in pairwise(story.record.looks):
        if before.life == after.life and not any(before.at <= at <= after.at for at in corrected):
            told = (after.now - before.now).total_seconds()
            if abs(told - (after.at - before.at)) > SLACK:
                yield f"in {after.at - before.at:.0f} s the office's time moved by {told:.0f} s"
                return


def clocks_cured(story: Story, _: Ledger) -> Iterator[str]:
    """A program that never saw a wrong clock, and the office at the end, have the right time and the right day."""
    looks = story.record.looks
    for before, look in pairwise(looks):
        began_right = look.right_for is not None and look.right_for >= look.age
        if began_right and look.age >= SOON and (wrong := _wrong(before, look)):
            yield f"started on a right clock, {wrong}"
            break
    if len(looks) > 1 and (wrong := _wrong(*looks[-2:])):
        yield f"long after every clock was right, {wrong}"


def _wrong(before: Look, look: Look) -> str | None:
    """What is wrong in two looks one after the other: the office looks after its day a few times a minute."""
    off = (look.now - look.true).total_seconds()
    if abs(off) > RIGHT:
        return f"the office's time is {off:.0f} s off"
    days = [_wrong_day(each) for each in (before, look)]
    return days[-1] if None not in days else None


def _wrong_day(look: Look) -> str | None:
    local = look.true.astimezone(zone())
    today, yesterday = local.strftime("%Y%m%d"), (local - timedelta(days=1)).strftime("%Y%m%d")
    goes_on = look.day == yesterday and look.waiting and (local.hour, local.minute) < (LATEST_CLOSE, 2)
    if (look.day == today and not look.closed) or goes_on or (local.hour, local.minute) < (0, 2):
        return None
    return f"the day is {look.day} ({'closed' if look.closed else 'open'}) instead of {today}"


def waits_measured(story: Story, _: Ledger) -> Iterator[str]:
    """No wait is below 0, and one that a single run saw from end to end is what the steady clock says."""
    issued: dict[str, Written] = {}
    for known in story.record.written:
        event = known.entry.event
        ticket = getattr(event, "ticket", None)
        if isinstance(event, ev.TicketIssued):
            plain = not event.handed_in and event.ticket == event.visit and event.since == event.taken_at
            issued.pop(event.visit, None)
            if plain:
                issued[event.visit] = known
        elif isinstance(event, ev.TicketCalled):
            if event.waited < 0:
                yield f"{event.ticket} waited {event.waited:.0f} s"
            first = issued.pop(event.ticket, None)
            if first is not None and first.life == known.life:
                took = known.at - first.at
                if abs(event.waited - took) > SLACK + SLEW * took:
                    yield f"{event.ticket} waited {took:.0f} s and {event.waited:.0f} s were counted"
        elif ticket is not None and not isinstance(event, ev.TicketPrinted | ev.PrintFailed | ev.PriorityChanged):
            issued.pop(ticket, None)


def recall_possible(story: Story, _: Ledger) -> Iterator[str]:
    """Once its seconds are over, a recall is not refused as too soon."""
    calls = [w for w in story.record.written if isinstance(w.entry.event, ev.TicketCalled | ev.TicketRecalled)]
    for answer in story.record.answers:
        if answer.act == "recall" and answer.status >= 400 and answer.body.get("code") == "call-too-soon":
            mine = [w.at for w in calls if w.entry.event.counter == answer.place and w.at <= answer.asked]
            if mine and answer.asked - mine[-1] > recall_gap() + SLACK:
                yield f"{answer.place}: a recall {answer.asked - mine[-1]:.0f} s after the call was refused as too soon"


def only_fresh_foresight(story: Story, _: Ledger) -> Iterator[str]:
    """Whom a forecast picked was foreseen for that counter a moment ago, however late or doubled its lines came."""
    named: dict[tuple[str, str], list[float]] = {}
    for at, counter, ticket in story.record.foreseen:
        named.setdefault((counter, ticket), []).append(at)
    for known in story.record.written:
        event = known.entry.event
        if isinstance(event, ev.TicketCalled) and event.reason == "look_ahead":
            seen = named.get((event.counter, event.ticket), [])
            if not any(-SLACK <= known.at - at <= FRESH + SLACK for at in seen):
                yield f"{event.ticket} was called to {event.counter} by a forecast that was not fresh"
