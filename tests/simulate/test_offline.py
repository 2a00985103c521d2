"""A whole day on a virtual clock: the same seed is the same day, and every rule of the office holds in it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from queue_server.cli import app
from queue_server.journal.journal import Journal
from queue_server.journal.replay import replay
from queue_server.journal.verify import verify
from queue_server.queue import events as ev
from queue_server.queue.routing import ceiling
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import AT_COUNTER, TicketState
from queue_server.simulate.offline import JournalSink, VirtualOffice, open_day, play
from queue_server.simulate.people import DAY_LENGTH, DayPlan, plan_day
from queue_server.simulate.play import processes
from queue_server.simulate.run import procedures_of
from queue_server.site.loader import load_site
from queue_server.site.model import Site

OPENS = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # 07:30 local
DAY = "20261123"


@cache
def site() -> Site:
    return load_site(None)


@cache
def plan(seed: int) -> DayPlan:
    return plan_day(site().office, seed, procedures_of(site()))


@dataclass
class Played:
    """A day that was played, everything that happened in it, and what did not hold."""

    office: VirtualOffice
    log: list[tuple[ev.Event, datetime]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    served: Counter[str] = field(default_factory=Counter)


def watch(played: Played, event: ev.Event, now: datetime) -> None:
    """Looks at the office after each event."""
    state = played.office.state
    played.log.append((event, now))
    at_counters = [t.id for t in state.tickets.values() if t.state in AT_COUNTER]
    held_by = [c.ticket for c in state.counters.values() if c.ticket]
    if sorted(at_counters) != sorted(held_by):
        played.wrong.append(f"{now}: {at_counters} at counters that hold {held_by}")
    if isinstance(event, ev.TicketIssued):
        before = sum(t.service == event.service and t.state is TicketState.WAITING for t in state.tickets.values())
        if not 0 <= event.people_ahead < before:
            played.wrong.append(f"{event.ticket}: {event.people_ahead} ahead of {before} who wait")
        interval = (event.wait_low, event.wait_likely, event.wait_high)
        if None not in interval and not 0 <= interval[0] <= interval[1] <= interval[2]:  # type: ignore[operator]
            played.wrong.append(f"{event.ticket}: promised {interval}")
    if isinstance(event, ev.TicketCalled):
        overtaken(played, event, now)


def overtaken(played: Played, event: ev.TicketCalled, now: datetime) -> None:
    """Nobody past the ceiling is passed by somebody still within theirs."""
    state = played.office.state
    called = state.tickets[event.ticket]
    if event.waited > ceiling(state.setup, state.policy, called.class_id):
        return
    services = state.counters[event.counter].services
    for other in state.waiting():
        late = (now - other.since).total_seconds() > ceiling(state.setup, state.policy, other.class_id)
        if late and other.pool in (*services, f"counter:{event.counter}"):
            played.wrong.append(f"{called.id} was called before {other.id}, who is past the ceiling")


@cache
def played(seed: int = 1) -> Played:
    office = VirtualOffice()
    made = Played(office)
    office.sink = lambda event, now, _id, _first: watch(made, event, now)
    open_day(office, site().office, DAY, OPENS)
    play(office, processes(plan(seed), "kiosk-1"), OPENS)
    return made


def journal_of(seed: int, path: Path) -> tuple[int, str]:
    """Length and last hash of the journal of a day."""
    journal = Journal(path)
    journal.open()
    office = VirtualOffice()
    sink = JournalSink(journal, lambda: office.state)
    office.sink = sink
    open_day(office, site().office, DAY, OPENS)
    play(office, processes(plan(seed), "kiosk-1"), OPENS)
    sink.flush()
    found = (journal.last_seq, journal.last_hash)
    assert verify(journal).problems == []
    assert replay(journal.day(DAY)).tickets == office.state.tickets
    journal.close()
    return found


def test_the_same_seed_gives_the_same_journal(tmp_path: Path) -> None:
    first, again = (journal_of(7, tmp_path / f"{n}.sqlite3") for n in (1, 2))
    assert first == again
    assert journal_of(8, tmp_path / "3.sqlite3") != first


def test_a_plan_depends_on_its_seed_alone() -> None:
    procedures = procedures_of(site())
    assert plan_day(site().office, 3, procedures) == plan_day(site().office, 3, procedures)
    assert plan_day(site().office, 3, procedures) != plan_day(site().office, 4, procedures)
    assert plan_day(site().office, 3, procedures, load=0.1).people != plan(3).people


def test_people_come_within_the_day_in_order() -> None:
    people = plan(1).people
    assert len(people) > 50
    assert [p.at for p in people] == sorted(p.at for p in people)
    assert all(0 <= p.at < DAY_LENGTH for p in people)
    assert all(set(p.services) <= site().office.services.keys() and p.minutes >= 30 for p in people)
    assert {s.counter for s in plan(1).shifts} == set(site().office.counters)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_rule_holds_all_day(seed: int) -> None:
    assert played(seed).wrong == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nobody_asks_for_what_cannot_be(seed: int) -> None:
    refused = played(seed).office.refused
    assert refused == 0
    rated = [event for event, _ in played(seed).log if isinstance(event, ev.TicketRated)]
    assert rated


def test_nobody_is_lost() -> None:
    state = played().office.state
    issued = [e for e, _ in played().log if isinstance(e, ev.TicketIssued)]
    assert len(issued) == len(state.tickets)
    assert len({e.number for e in issued}) == len(state.visits)
    ends = Counter(str(t.state) for t in state.tickets.values())
    assert set(ends) <= {"served", "missed", "cancelled"}, ends  # nobody waits, nobody stands at a counter
    assert sum(ends.values()) == len(issued)
    assert ends["served"] > 0.8 * len(issued)
    assert len(state.visits) == len(plan(1).people)


def test_officers_open_pause_and_close_once() -> None:
    kinds = Counter(type(event).__name__ for event, _ in played().log)
    counters = len(site().office.counters)
    assert [kinds[k] for k in ("CounterOpened", "CounterPaused", "CounterResumed", "CounterClosed")] == [counters] * 4
    assert {str(c.status) for c in played().office.state.counters.values()} == {"closed"}


def test_the_day_has_everything_that_happens_in_offices() -> None:
    kinds = {type(event).__name__ for seed in (1, 2, 3) for event, _ in played(seed).log}
    assert kinds >= {
        "TicketIssued", "TicketCalled", "ServiceStarted", "ServiceFinished", "TicketRecalled", "TicketMissed",
        "TicketReinstated", "TicketHeld", "TicketResumed", "TicketTransferred", "TicketCancelled", "TicketRated",
    }  # fmt: skip


def test_time_runs_forward_and_the_day_ends() -> None:
    moments = [at for _, at in played().log]
    assert moments == sorted(moments)
    assert moments[0] == OPENS
    assert moments[-1] - OPENS < timedelta(hours=14)


def test_replay_of_what_happened_is_the_same_office() -> None:
    state = OfficeDay()
    from queue_server.queue.evolve import evolve

    for event, at in played().log:
        evolve(state, event, at)
    assert state == played().office.state


def test_from_the_command_line(tmp_path: Path) -> None:
    def simulate(*more: object) -> str:
        result = CliRunner().invoke(app, ["simulate", "--offline", *map(str, more)])
        assert result.exit_code == 0, result.output
        return result.output

    first = simulate("--seed", 5, "--out", tmp_path / "a.sqlite3").splitlines()
    again = simulate("--seed", 5, "--out", tmp_path / "b.sqlite3").splitlines()
    assert first[0].split(": ")[1] == again[0].split(": ")[1]
    assert "last hash" in first[0]
    assert first[1].startswith("seed 5: ")
    taken = CliRunner().invoke(app, ["simulate", "--offline", "--out", str(tmp_path / "a.sqlite3")])
    assert (taken.exit_code, "is there already" in taken.output) == (2, True)
