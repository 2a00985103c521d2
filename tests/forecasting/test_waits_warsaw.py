"""Queues rebuilt from snapshots: people are counted right, and nothing is known before it happened."""

from datetime import date

import numpy as np
import pytest

from queue_server.forecasting import features_warsaw as features
from queue_server.forecasting.warsaw import Line, call_times, known_waits, read, tickets

HEADER = "office,queue,label,date,minute,called,waiting,open_counters,vendor_minutes"


def a_line(snapshots: list[tuple[int, int, int]], day: str = "2020-01-08") -> Line:
    """(minute, called, waiting) of one queue."""
    rows = [f"UD,1,A: x,{day},{minute},{called},{waiting},2,10" for minute, called, waiting in snapshots]
    return read([HEADER, *rows])[0]


def test_people_that_came_and_went_add_up():
    line = a_line([(480, 0, 0), (485, 0, 3), (490, 2, 4), (495, 6, 0)])
    assert line.came.tolist() == [0, 3, 6, 6]
    assert line.left.tolist() == [0, 0, 2, 6]


def test_a_ticket_counts_from_its_first_snapshot_to_its_call():
    line = a_line([(480, 0, 0), (485, 0, 2), (490, 0, 2), (495, 2, 0)])
    found = list(tickets(line))
    assert [one.ahead for one in found] == [0, 1]
    assert [one.wait for one in found] == [pytest.approx(6.25), pytest.approx(8.75)]


def test_another_series_of_numbers_is_not_five_hundred_people():
    line = a_line([(480, 12, 4), (485, 905, 3), (490, 13, 3), (495, 14, 2)])
    assert line.left.tolist() == [0, 1, 1, 2]


def test_people_sent_home_at_closing_were_never_called():
    line = a_line([(480, 0, 0), (485, 0, 3), (490, 1, 2), (960, 1, 0)])
    assert [one.number for one in tickets(line)] == [1]


def test_nothing_is_timed_across_a_hole_in_the_snapshots():
    line = a_line([(480, 0, 0), (485, 0, 2), (580, 1, 2), (585, 3, 0)])
    assert np.isnan(call_times(line)[1])
    assert [one.number for one in tickets(line)] == [2]


def test_people_called_before_any_snapshot_saw_them_have_waited_nothing():
    line = a_line([(480, 0, 0), (485, 3, 0), (490, 3, 1)])
    times, waits = known_waits(line)
    assert waits[1:4].tolist() == [0, 0, 0]
    assert np.isnan(times[4])


def test_broken_rows_are_left_out():
    lines = read([HEADER, "UD,1,A,2020-01-08,480,1,0,1,10", "UD,1,A,2020-01-08,nonsense,1,0,1,10", "UD,1,A,2020-01-08"])
    assert len(lines) == 1
    assert lines[0].minute.tolist() == [480]


def test_a_file_without_rows_gives_no_lines():
    assert read([HEADER]) == []
    assert features.table([], 1).rows.shape == (0, 0)


def a_week(steps: int = 60) -> list[Line]:
    """Ten days of one queue: three people come and about three are called in each five minutes."""
    rng = np.random.default_rng(1)
    lines = []
    for day in range(6, 16):
        called = waiting = 0
        snapshots = [(480, 0, 0)]
        for step in range(1, steps):
            gone = min(int(rng.poisson(3)), waiting)
            called, waiting = called + gone, waiting - gone + int(rng.poisson(3.2))
            snapshots.append((480 + 5 * step, called, waiting))
        lines.append(a_line(snapshots, f"2020-01-{day:02d}"))
    return lines


def test_no_column_knows_the_future():
    """Cutting the day off after a ticket's snapshot changes nothing about that ticket's columns."""
    lines = a_week()
    until = date(2020, 1, 14).toordinal()
    whole = features.table(lines, until)
    last = lines[-1]
    cut = Line(
        office=last.office, queue=last.queue, day=last.day, minute=last.minute[:31], called=last.called[:31],
        waiting=last.waiting[:31], open_counters=last.open_counters[:31], vendor_minutes=last.vendor_minutes[:31],
        came=last.came[:31], left=last.left[:31],
    )  # fmt: skip
    short = features.table([*lines[:-1], cut], until)
    day = last.day.toordinal()
    before = short.rows[(short.day == day) & (short.asked_at < 600)]
    same = whole.rows[(whole.day == day) & (whole.asked_at < 600)][: len(before)]
    assert len(before) > 20
    assert np.array_equal(before, same, equal_nan=True)


def test_test_days_teach_nothing():
    lines = a_week()
    until = date(2020, 1, 14).toordinal()
    first = features.table(lines[:9], until)
    second = features.table(lines, until)
    count = len(first.wait)
    assert np.array_equal(first.rows, second.rows[:count], equal_nan=True)


def test_draining_a_steady_queue_takes_people_over_pace():
    rates = np.full(features.BINS, 0.5)
    assert features.drain(rates, 487.0, np.array([10.0]))[0] == pytest.approx(20.0)
    assert features.drain(np.full(features.BINS, 1e-9), 480.0, np.array([10.0]))[0] == features.HORIZON


def test_a_queue_never_seen_has_a_pace_all_the_same():
    assert (features.curve(features.empty_pace()) > 0).all()
