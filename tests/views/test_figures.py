"""Figures against numbers worked out by hand: waits, shares, targets, hours, counters."""

from dataclasses import replace

import pytest

from queue_server.contract.views import ManagerView, TargetRow
from queue_server.queue import commands as cmd
from queue_server.queue.state import OfficeDay
from queue_server.site.loader import load_site
from queue_server.site.model import Target
from queue_server.views.figures import mean, over, quantile
from queue_server.views.manager import manager
from tests.queue.builders import Day, an_office

WAITS = [minute % 40 for minute in range(100)]  # 0…39 twice, then 0…19: mean 17.5, 52 of them over 15


@pytest.fixture(scope="module")
def targets() -> tuple[Target, ...]:
    return load_site(None).targets


@pytest.fixture(scope="module")
def hundred() -> Day:
    """A hundred people, one after the other, each with a known wait and five minutes at the counter."""
    day = Day().open("1")
    for wait in WAITS:
        day.take()
        day.later(minutes=wait).do(cmd.CallNext(counter="1"))
        day.later(minutes=5).do(cmd.Finish(counter="1"))
    return day


def view_of(day: Day, targets: tuple[Target, ...] = (), **periods: dict[str, float]) -> ManagerView:
    return manager(day.state, day.now, targets, periods)


def row(view: ManagerView, target: str) -> TargetRow:
    return next(each for each in view.targets if each.id == target)


def test_a_hundred_known_waits(hundred: Day, targets: tuple[Target, ...]) -> None:
    view = view_of(hundred, targets)
    assert (view.issued, view.served, view.waiting, view.at_counters, view.missed) == (100, 100, 0, 0, 0)
    assert view.mean_wait == pytest.approx(17.5)
    assert view.mean_wait_transaction == pytest.approx(17.5)
    assert view.over_target == 0.52
    assert view.mean_handled == pytest.approx(5.0)
    (ho_tich, dat_dai, _) = view.services
    assert (ho_tich.issued, ho_tich.served, dat_dai.issued) == (100, 100, 0)
    assert ho_tich.mean_wait == pytest.approx(17.5)
    assert ho_tich.p90_wait == 34.0  # the ninetieth of them in order
    assert ho_tich.over_target == 0.52
    assert (dat_dai.mean_wait, dat_dai.p90_wait, dat_dai.over_target, dat_dai.mean_handled) == (None,) * 4


def test_the_verdict_on_each_target(hundred: Day, targets: tuple[Target, ...]) -> None:
    view = view_of(hundred, targets)
    verdicts = {each.id: each.met for each in view.targets}
    assert verdicts == {"wait_2022_plan": True, "wait_2022_annex": True, "wait_2025": False, "counter_2025": True}
    assert [row(view, each.id).value for each in targets] == pytest.approx([17.5, 17.5, 17.5, 5.0])


def test_both_rows_of_2022_stand_side_by_side(hundred: Day, targets: tuple[Target, ...]) -> None:
    view = view_of(hundred, targets)
    plan, annex = row(view, "wait_2022_plan"), row(view, "wait_2022_annex")
    assert ((plan.minutes, plan.chosen), (annex.minutes, annex.chosen)) == ((30, False), (20, True))
    assert plan.note == annex.note
    assert "hai mức" in plan.note["vi"]
    assert "30 phút" in plan.quote
    assert "20 phút" in annex.quote
    switched = tuple(replace(t, chosen=t.id != "wait_2022_annex") for t in targets)
    assert [row(view_of(hundred, switched), each).chosen for each in ("wait_2022_plan", "wait_2022_annex")] == [
        True, False,
    ]  # fmt: skip


def test_a_target_between_the_two_of_2022_splits_them(targets: tuple[Target, ...]) -> None:
    day = Day().open("1")
    day.take()
    day.later(minutes=25).do(cmd.CallNext(counter="1"))
    day.do(cmd.Finish(counter="1"))
    view = view_of(day, targets)
    assert (row(view, "wait_2022_plan").met, row(view, "wait_2022_annex").met) == (True, False)


def test_the_literal_wording_is_shown_and_can_be_taken_at_its_word(hundred: Day, targets: tuple[Target, ...]) -> None:
    ceiling = row(view_of(hundred, targets), "counter_2025")
    assert (ceiling.direction, ceiling.met, ceiling.kind) == ("max", True, "handling")
    assert "tối thiểu 30 phút" in ceiling.quote
    assert "tối thiểu" in ceiling.note["vi"]
    literal = tuple(replace(t, direction="min") if t.id == "counter_2025" else t for t in targets)
    floor = row(view_of(hundred, literal), "counter_2025")
    assert (floor.direction, floor.met, floor.note["vi"]) == ("min", False, "")


def test_exactly_on_the_target_is_met(targets: tuple[Target, ...]) -> None:
    day = Day().open("1")
    day.take()
    day.later(minutes=15).do(cmd.CallNext(counter="1"))
    day.do(cmd.Finish(counter="1"))
    view = view_of(day, targets)
    assert (row(view, "wait_2025").met, view.over_target) == (True, 0.0)


def test_a_visit_counts_once_its_transactions_each(targets: tuple[Target, ...]) -> None:
    day = Day().open("1", "2")
    day.take("ho_tich+dat_dai")
    day.later(minutes=10).do(cmd.CallNext(counter="1"))
    day.later(minutes=6).do(cmd.Finish(counter="1"))  # not waiting while being served
    day.later(minutes=4).do(cmd.CallNext(counter="2"))
    day.later(minutes=3).do(cmd.Transfer(counter="2", to_service="ho_tich"))
    day.later(minutes=7).do(cmd.CallNext(counter="1"))
    day.later(minutes=2).do(cmd.Finish(counter="1"))
    view = view_of(day, targets)
    assert view.issued == 2
    assert view.mean_wait == pytest.approx(10.0)
    assert view.mean_wait_transaction == pytest.approx((10 + 14 + 7) / 3)
    assert row(view, "wait_2022_annex").value == pytest.approx(10.0)
    assert row(view, "wait_2025").value == pytest.approx((10 + 14 + 7) / 3)
    assert row(view, "wait_2022_annex").unit != row(view, "wait_2025").unit


def test_who_did_not_come_has_no_wait_yet() -> None:
    day = Day().open("1")
    day.take()
    day.later(minutes=20).do(cmd.CallNext(counter="1"))
    day.do(cmd.NoShow(counter="1"))
    view = view_of(day)
    assert (view.mean_wait, view.over_target, view.missed) == (None, None, 1)


def test_the_wait_before_a_booked_time_is_none() -> None:
    day = Day().open("1")
    booked = day.now.replace(minute=30)
    day.do(cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),), appointment_at=booked))
    day.now = booked.replace(minute=37)
    day.do(cmd.CallNext(counter="1"))
    day.do(cmd.Finish(counter="1"))
    assert view_of(day).mean_wait == pytest.approx(7.0)


def test_waits_that_still_run() -> None:
    day = Day()
    day.take()
    day.later(minutes=12)
    day.take("dat_dai")
    day.later(minutes=3)
    view = view_of(day)
    assert view.longest_now == pytest.approx(15.0, abs=0.1)
    assert [round(each.longest_now) for each in view.services] == [15, 3, 0]
    assert [each.waiting for each in view.services] == [1, 1, 0]


def test_hours_are_local_and_without_gaps() -> None:
    day = Day().open("1")  # 08:00 local
    day.take()
    day.later(minutes=30).do(cmd.CallNext(counter="1"))
    day.do(cmd.Finish(counter="1"))
    day.later(minutes=130)  # 10:40
    day.take()
    day.later(minutes=25).do(cmd.CallNext(counter="1"))  # 11:05
    day.do(cmd.Finish(counter="1"))
    hours = view_of(day).hours
    assert [(each.hour, each.issued, each.called) for each in hours] == [(8, 1, 1), (9, 0, 0), (10, 1, 0), (11, 0, 1)]
    assert [each.mean_wait for each in hours] == [30.0, None, None, 25.0]


def test_counters_with_their_time() -> None:
    day = Day().open("1", "3")
    day.take(), day.take()
    day.do(cmd.CallNext(counter="1"))
    day.later(minutes=8).do(cmd.Finish(counter="1"))
    view = view_of(day, **{"1": {"open": 5400.0, "paused": 600.0}})
    first, second, third = view.counters
    assert (first.served, first.mean_handled, first.busy_minutes) == (1, 8.0, 8.0)
    assert (first.open_minutes, first.paused_minutes) == (90.0, 10.0)
    assert (second.row.status, second.served, second.open_minutes) == ("closed", 0, 0.0)
    assert (third.row.status, third.mean_handled) == ("open", None)


def test_ratings_devices_and_calls_for_help() -> None:
    day = Day().open("1")
    for score in (4, 3, 2):
        ticket = day.take()
        day.do(cmd.CallNext(counter="1"))
        day.do(cmd.Finish(counter="1"))
        day.do(cmd.RateVisit(ticket=ticket.id, score=score))
    day.do(cmd.RequestHelp(kiosk="k1"))
    day.do(cmd.ReportDevice(device="printer-k1", problem="paper-out"))
    day.do(cmd.ReportDevice(device="printer-k2", problem="jam"))
    day.do(cmd.ReportDevice(device="printer-k2", problem=None))
    view = view_of(day)
    assert (view.rating, view.ratings) == (3.0, 3)
    assert [each.kiosk for each in view.helps] == ["k1"]
    assert view.problems == (("printer-k1", "paper-out"),)
    day.do(cmd.GiveHelp(help="H1"))
    assert view_of(day).helps == ()


def test_an_empty_office_has_no_figures(targets: tuple[Target, ...]) -> None:
    view = view_of(Day(), targets)
    assert (view.issued, view.mean_wait, view.over_target, view.mean_handled, view.rating) == (
        0,
        None,
        None,
        None,
        None,
    )
    assert (view.longest_now, view.hours, view.open) == (0.0, (), True)
    assert {(each.value, each.met) for each in view.targets} == {(None, None)}


def test_a_closed_day_keeps_its_figures(hundred: Day) -> None:
    day = Day(an_office())
    day.state = replace_day(hundred.state)
    day.now = hundred.now
    before = view_of(day)
    day.do(cmd.CloseDay())
    after = view_of(day)
    assert (after.open, after.mean_wait, after.served) == (False, before.mean_wait, before.served)


def replace_day(state: OfficeDay) -> OfficeDay:
    """A copy, so that closing it does not close the day that others look at."""
    from copy import deepcopy

    return deepcopy(state)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.9, None), ([5], 0.9, 5), ([1, 2], 0.5, 1), ([1, 2, 3], 0.5, 2), (list(range(1, 11)), 0.9, 9),
     (list(range(1, 101)), 0.95, 95), ([3, 1, 2], 1.0, 3), ([1, 2, 3], 0.0, 1)],
)  # fmt: skip
def test_quantiles(values: list[float], share: float, expected: float | None) -> None:
    assert quantile(values, share) == expected


def test_means_and_shares() -> None:
    assert (mean([]), mean([1, 2])) == (None, 1.5)
    assert (over([], 1), over([1, 2], 1), over([2, 3], 1)) == (None, 0.5, 1.0)
