"""A past day decided again, played again, and played with a change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from statistics import median

import pytest

from queue_server.forecasting.paired import difference, student
from queue_server.journal.entry import Entry
from queue_server.journal.journal import Journal
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import Policy, Reservation, ReservationKind
from queue_server.queue.foreseen import Foreseen
from queue_server.queue.reservations import FREE, holding, reach
from queue_server.simulate.offline import JournalSink, VirtualOffice, open_day, play
from queue_server.simulate.people import plan_day
from queue_server.simulate.play import processes
from queue_server.simulate.replay import Change, Extra, compare, with_change
from queue_server.simulate.replay_day import ReplayError, recorded
from queue_server.simulate.replay_decide import as_it_was, fingerprint
from queue_server.simulate.replay_words import report
from tests.forecasting.live import a_town
from tests.queue.builders import DAY, MONDAY, Day, an_office

OPENS = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # 07:30 in Buôn Ma Thuột
UNSTAFFED = Change(name="without counter 6", without=("6",))


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[list[Entry]]:
    """Five simulated days, as the journal file has them."""
    folder: Path = tmp_path_factory.mktemp("journals")
    found = []
    for seed in range(5):
        journal = Journal(folder / f"{seed}.db")
        journal.open()
        office = VirtualOffice()
        sink = JournalSink(journal, lambda office=office: office.state)
        office.sink = sink
        day, opens = f"202611{23 + seed}", OPENS + timedelta(days=seed)
        open_day(office, a_town(), day, opens)
        play(office, processes(plan_day(a_town(), seed, {}, load=0.7), None), opens)
        sink.flush()
        found.append(list(journal.day(day)))
        journal.close()
    return found


@pytest.fixture
def by_hand(tmp_path: Path) -> Callable[[Day], list[Entry]]:
    """The entries that a day driven by commands leaves in a journal; one command each."""

    def write(day: Day) -> list[Entry]:
        journal = Journal(tmp_path / "day.db")
        journal.open()
        office = VirtualOffice()
        sink = JournalSink(journal, lambda: office.state)
        office.sink = sink
        for command, at in day.commands:
            office.carry_out(command, at)
        sink.flush()
        entries = list(journal.day(DAY))
        journal.close()
        return entries

    return write


class Told(Day):
    """A day that remembers its commands."""

    def __init__(self, **parts: object) -> None:
        self.commands: list[tuple[cmd.Command, datetime]] = []
        super().__init__(an_office(**parts))

    def do(self, command: cmd.Command) -> list[ev.Event]:
        self.commands.append((command, self.now))
        return super().do(command)


def a_full_day() -> Told:
    """Every kind of event that people and officers can cause."""
    day = Told()
    day.do(cmd.LeaseNumbers(kiosk="k1"))
    for counter in "123":
        day.do(cmd.OpenCounter(counter=counter, officer=f"o{counter}"))
    tickets = [day.take(service) for service in ("ho_tich", "dat_dai", "ho_tich", "ho_tich", "dat_dai", "ho_tich")]
    two = (cmd.Wanted(service="ho_tich", ready=True, papers=3), cmd.Wanted(service="dat_dai"))
    day.do(cmd.IssueTicket(wanted=two, class_id="elderly"))
    day.do(cmd.HandIn(kiosk="k1", number="A701", taken_at=day.now, wanted=(cmd.Wanted(service="ho_tich"),)))
    day.do(cmd.IssueTicket(wanted=two[:1], appointment_at=day.now + timedelta(minutes=5)))
    day.do(cmd.ReportPrint(ticket=tickets[0].id))
    day.do(cmd.ReportPrint(ticket=tickets[1].id, problem="paper-out"))
    day.later(1).do(cmd.CallNext(counter="1"))
    day.later(seconds=30).do(cmd.Recall(counter="1"))
    day.later(seconds=30).do(cmd.NoShow(counter="1"))
    day.do(cmd.Reinstate(ticket=tickets[0].id) if tickets[0].state == "missed" else cmd.CallNext(counter="1"))
    day.do(cmd.CallNext(counter="2"))
    day.later(1).do(cmd.Start(counter="2"))
    day.later(3).do(cmd.Hold(counter="2", reason="tờ khai"))
    held = next(t.id for t in day.state.tickets.values() if t.state == "held")
    day.later(2).do(cmd.ResumeTicket(counter="2", ticket=held))
    day.later(2).do(cmd.Transfer(counter="2", to_counter="3", return_to_sender=True))
    day.do(cmd.CallNext(counter="3"))
    day.later(4).do(cmd.CallNext(counter="3", finish_current=True))
    day.do(cmd.PostponeTicket(ticket=tickets[3].id, minutes=5))
    day.do(cmd.ChangePriority(ticket=tickets[3].id, class_id="elderly"))
    day.do(cmd.PauseCounter(counter="3", reason="họp"))
    day.later(3).do(cmd.ResumeCounter(counter="3"))
    day.do(cmd.ReskillCounter(counter="2", services=("dat_dai", "ho_tich")))
    day.do(cmd.ChangePolicy(policy=Policy(ordinary_per_priority=1)))
    day.do(cmd.CancelTicket(ticket=tickets[5].id))
    day.do(cmd.CallNext(counter="2"))
    day.later(1).do(cmd.PutBack(counter="2"))
    waiting = sorted(t.id for t in day.state.waiting() if t.service == "ho_tich" and t.pinned is None)
    day.do(cmd.CallNumber(counter="2", ticket=waiting[-1]))
    day.later(5).do(cmd.Finish(counter="2"))
    day.do(cmd.RateVisit(ticket=waiting[-1], score=4))
    day.do(cmd.RequestHelp(kiosk="k1"))
    day.do(cmd.GiveHelp(help="H1"))
    day.do(cmd.ReportDevice(device="printer-k1", problem="paper-low"))
    day.later(20).do(cmd.CloseDay())
    return day


def test_every_kind_of_entry_is_decided_again_as_it_stands(by_hand: Callable[[Day], list[Entry]]) -> None:
    entries = by_hand(a_full_day())
    found = as_it_was(entries)
    assert found.differences == ()
    assert found.same
    assert len({entry.kind for entry in entries}) >= 25


def test_a_call_by_look_ahead_is_decided_again_as_it_stands(by_hand: Callable[[Day], list[Entry]]) -> None:
    day = Told(policy=Policy(name="look-ahead"))
    day.open("3")
    first, land = day.take("ho_tich"), day.take("dat_dai")
    services = day.state.counters["3"].services
    seen = Foreseen(ticket=land.id, against=first.id, services=services, saved=3.4, futures=64)
    day.later(5).do(cmd.CallNext(counter="3", foreseen=seen))
    assert day.state.tickets[land.id].reason == "look_ahead"
    found = as_it_was(by_hand(day))
    assert found.same, found.differences


def test_the_fingerprint_is_that_of_the_day_itself(by_hand: Callable[[Day], list[Entry]]) -> None:
    day = a_full_day()
    entries = by_hand(day)
    assert as_it_was(entries).fingerprint == fingerprint(day.state)
    assert as_it_was(entries[:-1]).fingerprint != fingerprint(day.state)


def test_a_simulated_day_is_decided_again_as_it_stands(days: list[list[Entry]]) -> None:
    assert as_it_was(days[0]).same


def test_a_call_that_the_rules_would_not_make_is_named(days: list[list[Entry]]) -> None:
    calls = [place for place, entry in enumerate(days[0]) if isinstance(entry.event, ev.TicketCalled)]
    place = calls[len(calls) // 2]
    event = days[0][place].event
    assert isinstance(event, ev.TicketCalled)
    forged = replace(days[0][place], event=replace(event, waited=event.waited + 60.0))
    found = as_it_was([*days[0][:place], forged, *days[0][place + 1 :]])
    assert not found.same
    assert f"entry {forged.seq}: TicketCalled" in found.differences[0]


def test_the_unchanged_replay_is_near_the_real_day(days: list[list[Entry]]) -> None:
    """In eight draws of five days the middle one is 0.3 to 1.0 minutes off; one day in twenty is off by ten."""
    found = compare(days, Change())
    off = [abs(before.mean - actual.mean) for before, actual in zip(found.before, found.actual, strict=True)]
    assert median(off) < 2.0
    for actual, before in zip(found.actual, found.before, strict=True):
        assert abs(before.visits - actual.visits) <= 0.05 * actual.visits


def test_no_change_is_no_difference(days: list[list[Entry]]) -> None:
    found = compare(days, Change())
    assert (found.mean.mean, found.mean.low, found.mean.high) == (0.0, 0.0, 0.0)
    assert found.before == found.after


def test_people_and_their_matters_are_the_same_on_both_sides(days: list[list[Entry]]) -> None:
    before, after = with_change(days[0], Change()), with_change(days[0], UNSTAFFED)
    assert [(t.taken_at, t.service, t.class_id) for t in before.tickets.values()] == [
        (t.taken_at, t.service, t.class_id) for t in after.tickets.values()
    ]
    assert all(t.counter != "6" for t in after.tickets.values())


def test_a_day_under_reservations_and_courtesy_serves_the_same_people(days: list[list[Entry]]) -> None:
    config = recorded(days[0]).config
    counter = next(c for c in config.counters.values() if len(c.services) > 1)
    kept = Reservation(
        kind=ReservationKind.COUNTER, counters=(counter.id,), services=counter.services[:1], begins=480, ends=600
    )
    policy = replace(config.policy, reservations=(kept,), least_flexible_first=True)
    before, after = with_change(days[0], Change()), with_change(days[0], Change(policy=policy))
    assert {t.state for t in after.tickets.values()} == {t.state for t in before.tickets.values()}
    at_it = [t for t in after.tickets.values() if t.counter == counter.id and t.called_at and not t.sent_at]
    in_hours = [t for t in at_it if reach(holding(policy, config.timezone, t.called_at), counter.id) != FREE]
    assert in_hours
    assert {t.service for t in in_hours} == {kept.services[0]}
    assert {t.service for t in at_it} > {kept.services[0]}


def test_a_counter_less_lengthens_the_waits_beyond_doubt(days: list[list[Entry]]) -> None:
    found = compare(days, UNSTAFFED)
    assert found.mean.low is not None
    assert 0 < found.mean.low < found.mean.mean
    assert all(after.mean > before.mean for before, after in zip(found.before, found.after, strict=True))


def test_one_more_counter_from_half_past_eight_shortens_them(days: list[list[Entry]]) -> None:
    without = compare(days[:1], UNSTAFFED).after[0].mean
    back = compare(days[:1], replace(UNSTAFFED, extra=(Extra(counter="6", opens=time(8, 30)),))).after[0]
    opened = with_change(days[0], replace(UNSTAFFED, extra=(Extra(counter="6", opens=time(8, 30)),)))
    assert back.mean < without
    local = [t.called_at for t in opened.tickets.values() if t.counter == "6" and t.called_at]
    assert min(local) >= datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def test_breaks_are_taken_at_their_new_time(days: list[list[Entry]]) -> None:
    noon = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    moved = Change(breaks={"1": ((time(12, 0), 60.0),)})
    calls = [t.called_at for t in with_change(days[0], moved).tickets.values() if t.counter == "1" and t.called_at]
    assert not [at for at in calls if noon + timedelta(minutes=30) < at < noon + timedelta(minutes=60)]
    before = [at for at in calls if noon - timedelta(hours=1) < at < noon]
    assert before


def test_another_policy_makes_other_calls(days: list[list[Entry]]) -> None:
    eager = compare(days, Change(policy=Policy(ordinary_per_priority=0)))
    patient = compare(days, Change(policy=Policy(ordinary_per_priority=20)))
    assert [day.by_class["elderly"] for day in eager.after] < [day.by_class["elderly"] for day in patient.after]


@pytest.mark.parametrize(
    "change",
    [
        Change(without=("99",)),
        Change(extra=(Extra(counter="99", opens=time(8)),)),
        Change(services={"1": ("nowhere",)}),
    ],
)
def test_a_change_that_does_not_fit_the_office_is_refused_by_name(days: list[list[Entry]], change: Change) -> None:
    with pytest.raises(ReplayError, match=r"99|nowhere"):
        compare(days[:1], change)


def test_a_day_that_was_never_opened_is_left_out_and_named(days: list[list[Entry]]) -> None:
    found = compare([[], days[0][1:], days[0]], Change())
    assert len(found.before) == 1
    assert len(found.skipped) == 2
    assert (found.mean.low, found.mean.high) == (None, None)
    assert "never opened" in report(found)


def test_a_day_without_people(by_hand: Callable[[Day], list[Entry]]) -> None:
    found = compare([by_hand(Told())], Change(without=("3",)))
    assert (found.before, found.after, found.mean.mean, len(found.empty)) == ((), (), 0.0, 1)


def test_a_day_of_one_ticket(by_hand: Callable[[Day], list[Entry]]) -> None:
    day = Told()
    day.do(cmd.OpenCounter(counter="1", officer="o1"))
    day.take()
    day.later(2).do(cmd.CallNext(counter="1"))
    found = compare([by_hand(day)], Change())
    assert found.before[0].visits == 1
    assert found.before[0].mean == 0.0


def test_a_service_that_never_ended_takes_the_usual_time(by_hand: Callable[[Day], list[Entry]]) -> None:
    day = Told()
    day.do(cmd.OpenCounter(counter="1", officer="o1"))
    day.take()
    day.take()
    day.do(cmd.CallNext(counter="1"))
    day.later(240)
    day.take()
    again = with_change(by_hand(day), Change())
    called = [t.called_at for t in again.tickets.values() if t.called_at]
    assert len(called) == 3
    assert called[1] - called[0] == timedelta(seconds=an_office().services["ho_tich"].typical)


def test_nobody_is_lost_when_the_counter_they_were_sent_to_is_closed(by_hand: Callable[[Day], list[Entry]]) -> None:
    day = Told()
    for counter in "13":
        day.do(cmd.OpenCounter(counter=counter, officer=f"o{counter}"))
    day.take()
    day.do(cmd.CallNext(counter="1"))
    day.later(5).do(cmd.Transfer(counter="1", to_counter="3"))
    day.do(cmd.CallNext(counter="3"))
    day.later(5).do(cmd.Finish(counter="3"))
    again = with_change(by_hand(day), Change(without=("3",)))
    assert [str(t.state) for t in again.tickets.values()] == ["served"]


def test_time_on_hold_is_not_counted_as_work(by_hand: Callable[[Day], list[Entry]]) -> None:
    day = Told()
    day.do(cmd.OpenCounter(counter="1", officer="o1"))
    ticket = day.take()
    day.do(cmd.CallNext(counter="1"))
    day.later(4).do(cmd.Hold(counter="1"))
    day.later(30).do(cmd.ResumeTicket(counter="1", ticket=ticket.id))
    day.later(2).do(cmd.Finish(counter="1"))
    assert recorded(by_hand(day)).visitors[0].turns[0][0].seconds == 360.0


@pytest.mark.parametrize(("freedom", "expected"), [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (20, 2.086)])
def test_students_quantiles_are_those_of_the_tables(freedom: int, expected: float) -> None:
    assert student(freedom, 0.975) == pytest.approx(expected, rel=0.005)


def test_an_interval_needs_two_days() -> None:
    assert difference([2.0]).low is None
    both = difference([1.0, 3.0])
    assert both.mean == 2.0
    assert both.low is not None
    assert both.low < 0.0


def test_the_report_tells_what_really_happened_too(days: list[list[Entry]]) -> None:
    text = report(compare(days[:2], UNSTAFFED))
    assert "If: no counter 6 (days: 2)" in text
    assert "actual   replayed    changed" in text
    assert "Fidelity: the unchanged replay is" in text
    assert f"{MONDAY:%Y-%m-%d}" in text


def test_a_day_with_entries_missing_is_left_out_and_named(days: list[list[Entry]]) -> None:
    holed = [entry for entry in days[0] if not isinstance(entry.event, ev.TicketIssued)]
    found = compare([holed, days[1]], UNSTAFFED)
    assert len(found.before) == 1
    assert "missing" in found.skipped[0]
