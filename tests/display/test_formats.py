"""How figures and times are written."""

from datetime import UTC, datetime, timedelta

from display import formats
from queue_server.contract.views import Wait
from tests.display.office import MONDAY, a_call, a_counter, a_service


def test_times_are_the_offices_local_time():
    late = datetime(2026, 11, 20, 18, 5, tzinfo=UTC)  # after midnight in the office
    assert formats.clock(late) == "01:05"
    assert formats.day(late) == "21/11/2026"


def test_minutes_are_full_ones_and_never_negative():
    assert [formats.whole(value) for value in (0.0, 0.99, 12.9, -3.0, None)] == ["0", "0", "12", "0", "–"]


def test_decimals_have_the_comma_of_the_language():
    assert formats.decimal(12.54, "vi") == "12,5"
    assert formats.decimal(12.54, "en") == "12.5"
    assert formats.decimal(9.0, "vi") == "9"
    assert formats.decimal(9.96, "vi") == "10"
    assert formats.decimal(None, "vi") == "–"


def test_shares_are_whole_percentages():
    assert [formats.share(value) for value in (0.0, 0.184, 1.0, None)] == ["0 %", "18 %", "100 %", "–"]


def test_an_interval_of_one_value_is_that_value():
    assert formats.span(Wait(low=8, likely=10, high=14)) == "8–14"
    assert formats.span(Wait(low=5, likely=5, high=5)) == "5"


def test_counters_stand_in_the_order_of_the_hall():
    assert formats.counter_list(("10", "2", "1")) == "1; 2; 10"
    assert formats.counter_name("3A", "vi") == "Quầy 3A"
    assert formats.counter_name("3A", "en") == "Counter 3A"


def test_a_recall_takes_the_place_of_the_call_before_it():
    recall = a_call("A012", id="second", time=2, called_at=MONDAY + timedelta(seconds=40))
    calls = formats.latest_calls((recall, a_call("A011"), a_call("A012", id="first")))
    assert [call.id for call in calls] == ["second", "20261123-A011-1"]


def test_a_call_is_past_once_its_counter_is_with_somebody_else():
    at_three = a_counter("q3", number="A012", doing="serving")
    assert formats.standing(a_call("A012"), (at_three,)) == "serving"
    assert formats.standing(a_call("A011"), (at_three,)) == "past"
    assert formats.standing(a_call("A012"), ()) == "past"


def test_a_full_board_keeps_the_services_that_people_wait_for():
    shut = a_service("shut", state="no-counter", waiting=0)
    asked = a_service("asked", state="no-counter", waiting=2)
    rows = (shut, a_service("one"), asked, a_service("two"))
    assert [row.id for row in formats.busiest(rows, 3)] == ["one", "asked", "two"]
    assert formats.busiest(rows, 4) == rows


def test_an_interval_of_a_mean_is_rounded_outward():
    assert formats.outward(13.4, 20.6) == "13–21"
    assert formats.outward(5.0, 5.0) == "5"
    assert formats.outward(-1.0, 0.2) == "0–1"


def test_probabilities_are_tenths():
    assert [formats.tenths(p) for p in (0.0, 0.04, 0.06, 0.62, 0.94, 0.96, 1.0)] == [0, 0, 1, 6, 9, 10, 10]


def test_journal_days_are_read_by_people():
    assert formats.short_day("20261105") == "05/11"
    assert formats.is_day_before("20261231", "20270101")
    assert not formats.is_day_before("20261121", "20261123")
    assert not formats.is_day_before("20261122", "")
