"""What must hold whatever struck: each check gives sentences, none when all is well.

They read what the people saw, what the office said to be durable, and the journal as it is at the end.
"""

import random
from collections.abc import Callable, Iterator

from tests.storm.checks_clock import clocks_cured, only_fresh_foresight, recall_possible, time_advances, waits_measured
from tests.storm.checks_journal import Ledger, bound_kept, called_once, counted_once, nobody_forgotten, way_back
from tests.storm.checks_kiosk import (
    hand_in_keeps_its_day,
    never_refused,
    no_ghosts,
    no_number_twice,
    no_overtaking,
    papers_arrive,
)
from tests.storm.cuts import silent_losses
from tests.storm.story import Story

Check = Callable[[Story, Ledger], Iterator[str]]


def starts(story: Story, _: Ledger) -> Iterator[str]:
    """Every program comes up again on what it left behind, and no callback of a living one fails."""
    for machine in (story.office, *story.kiosks.values()):
        yield from (f"{machine.name} does not start: {failure}" for failure in machine.failed)
        if machine.program is None:
            yield f"{machine.name} is not up at the end"
    yield from (f"nobody caught: {error}" for error in story.timeline.uncaught)


def record_holds(story: Story, ledger: Ledger) -> Iterator[str]:
    """The journal verifies, and replaying it gives the day that is in memory."""
    program = story.office.program
    if program is None:
        return
    yield from (f"verify: {problem}" for problem in program.problems())
    if program.replayed() != program.state:
        yield "the journal, replayed, is another day than the one in memory"
    record = story.record
    durable = {known.entry.hash for known in record.written if not record.undone(known.at - 1.0, known.at)}
    lost = durable - {entry.hash for entry in ledger.entries}
    if lost:
        yield f"{len(lost)} entries that were durable are not in the journal"


def lost_tail_found(story: Story, ledger: Ledger) -> Iterator[str]:
    """Whatever a disk cuts off or turns in the record, the start or verify says that something is wrong."""
    truth = [entry.hash for entry in ledger.entries]
    dice = random.Random(story.plan.seed)
    for cut, wrong in silent_losses(story.office.disk, truth, story.cuts, dice):
        story.record.count("disk-cut")
        if wrong is not None:
            yield f"{cut}: {wrong}"


CHECKS: dict[str, Check] = {
    "starts": starts,
    "record": record_holds,
    "tail": lost_tail_found,
    "conservation": nobody_forgotten,
    "once": counted_once,
    "number-twice": no_number_twice,
    "called-twice": called_once,
    "bound": bound_kept,
    "foresight": only_fresh_foresight,
    "time": time_advances,
    "clock": clocks_cured,
    "waits": waits_measured,
    "recall": recall_possible,
    "refused": never_refused,
    "hand-in": hand_in_keeps_its_day,
    "papers": papers_arrive,
    "ghosts": no_ghosts,
    "overtaking": no_overtaking,
    "way-back": way_back,
}


def violations(story: Story, chosen: frozenset[str]) -> list[str]:
    """Every broken promise as "check: sentence"."""
    program = story.office.program
    ledger = Ledger(program.entries() if program is not None else [])
    return [f"{name}: {found}" for name, check in CHECKS.items() if name in chosen for found in check(story, ledger)]
