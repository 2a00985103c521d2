"""R-27 and opening hours: a fixed Monday, 23 November 2026, in Viet Nam (UTC+7)."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.site.hours import Exceptional, Schedule, Span, merged
from queue_server.site.model import Site
from tests.site.builders import entry, opened

VIETNAM = timezone(timedelta(hours=7))
MORNING, AFTERNOON = (7 * 60, 11 * 60 + 30), (13 * 60 + 30, 17 * 60)
WEEKDAYS = (((MORNING, AFTERNOON),) * 5) + ((), ())


def moment(day: int, clock: str, month: int = 11) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=VIETNAM)


def a_schedule(week: tuple[tuple[Span, ...], ...] = WEEKDAYS, *exceptions: Exceptional) -> Schedule:
    return Schedule(
        id="gio", name={"vi": "Giờ"}, week=week, exceptions={special.day: special for special in exceptions}
    )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return opened(tmp_path)


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("06:59", False), ("07:00", True), ("11:29", True), ("11:30", False), ("13:30", True), ("17:00", False)],
)
def test_opening_is_inclusive_and_closing_exclusive(clock: str, *, is_open: bool) -> None:
    assert a_schedule().is_open(moment(23, clock)) is is_open


def test_the_last_second_before_closing_is_open() -> None:
    assert a_schedule().is_open(moment(23, "11:29") + timedelta(seconds=59.9))


def test_moments_of_any_zone_are_read_in_the_offices_own() -> None:
    assert a_schedule().is_open(datetime(2026, 11, 23, 0, 0, tzinfo=UTC))  # 07:00 in Viet Nam
    assert not a_schedule().is_open(datetime(2026, 11, 23, 8, 0, tzinfo=UTC).astimezone(UTC) + timedelta(hours=3))


def test_a_moment_without_a_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="aware"):
        a_schedule().is_open(datetime(2026, 11, 23, 8, 0))  # noqa: DTZ001 - the mistake under test


def test_when_it_shuts_and_opens_next() -> None:
    hours = a_schedule()
    assert hours.closes_at(moment(23, "08:00")) == moment(23, "11:30")
    assert hours.next_opening(moment(23, "12:00")) == moment(23, "13:30")
    assert hours.next_opening(moment(27, "17:00")) == moment(30, "07:00")  # Friday evening → Monday
    assert hours.closes_at(moment(23, "12:00")) is None
    assert hours.next_opening(moment(23, "08:00")) is None


def test_hours_over_midnight_are_one_interval() -> None:
    night = a_schedule((((20 * 60, 24 * 60),), ((0, 6 * 60),), (), (), (), (), ()))
    assert night.is_open(moment(23, "23:59"))
    assert night.is_open(moment(24, "00:00"))
    assert night.closes_at(moment(23, "22:00")) == moment(24, "06:00")


def test_what_never_shuts_has_no_closing_time() -> None:
    assert a_schedule((((0, 1440),),) * 7).closes_at(moment(23, "08:00")) is None


def test_what_never_opens_has_no_next_opening() -> None:
    assert a_schedule(((),) * 7).next_opening(moment(23, "08:00")) is None


def test_a_holiday_is_shut_and_an_extra_saturday_open() -> None:
    holiday = Exceptional(day=date(2026, 11, 24), spans=(), note={"vi": "Nghỉ lễ"})
    extra = Exceptional(day=date(2026, 11, 28), spans=(MORNING,))
    hours = a_schedule(WEEKDAYS, holiday, extra)
    assert not hours.is_open(moment(24, "08:00"))
    assert hours.next_opening(moment(23, "18:00")) == moment(25, "07:00")
    assert hours.is_open(moment(28, "08:00"))
    assert hours.closes_at(moment(28, "08:00")) == moment(28, "11:30")


def test_several_schedules_together_are_open_when_any_is() -> None:
    saturday = a_schedule(((), (), (), (), (), (MORNING,), ()))
    holiday = Exceptional(day=date(2026, 11, 24), spans=(), note={"vi": "Nghỉ lễ"})
    both = merged([a_schedule(WEEKDAYS, holiday), saturday], name="both")
    assert both.is_open(moment(23, "08:00"))
    assert both.is_open(moment(28, "08:00"))
    assert not both.is_open(moment(24, "08:00"))
    assert both.exceptions[date(2026, 11, 24)].note == {"vi": "Nghỉ lễ"}


def test_touching_and_overlapping_times_join() -> None:
    early = a_schedule((((420, 600),),) * 7)
    late = a_schedule((((600, 700), (690, 720)),) * 7)
    assert merged([early, late], name="x").spans_on(date(2026, 11, 23)) == ((420, 720),)


@given(st.integers(0, 60 * 24 * 400))
def test_open_or_shut_there_is_always_a_way_on(minutes: int) -> None:
    hours = a_schedule()
    now = moment(23, "00:00") + timedelta(minutes=minutes)
    closing, opening = hours.closes_at(now), hours.next_opening(now)
    if hours.is_open(now):
        assert opening is None
        assert closing is not None
        assert closing > now
        assert not hours.is_open(closing)
    else:
        assert closing is None
        assert opening is not None
        assert opening > now
        assert hours.is_open(opening)


# The small office: counter 2 is the commune police with its own hours, Saturday morning among them.


def test_a_vertical_agency_keeps_its_own_hours(site: Site) -> None:
    saturday = moment(28, "08:00")
    assert not site.is_open(None, saturday)
    assert not site.is_open("ho_tich", saturday)
    assert site.is_open("cong_an", saturday)
    assert site.counter_is_open("q2", saturday)
    assert not site.counter_is_open("q1", saturday)


def test_no_ticket_of_the_agency_outside_its_hours(site: Site) -> None:
    tuesday = moment(24, "08:00")
    assert site.is_open("ho_tich", tuesday)
    assert not site.is_open("cong_an", tuesday)
    assert site.next_opening("cong_an", tuesday) == moment(27, "07:00")
    assert site.closes_at("ho_tich", tuesday) == moment(24, "11:30")


def test_a_service_without_hours_follows_the_counters_that_serve_it(tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        del entry(content, "services", "cong_an")["hours"]

    site = opened(tmp_path, change)
    assert site.is_open("cong_an", moment(28, "08:00"))
    assert not site.is_open("cong_an", moment(24, "08:00"))


def test_a_counter_without_hours_follows_what_it_serves(tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        entry(content, "counters", "q1")["services"].append("cong_an")

    site = opened(tmp_path, change)
    assert site.counter_is_open("q1", moment(28, "08:00"))
    assert site.counter_is_open("q1", moment(24, "08:00"))


def test_an_unknown_service_or_counter_is_an_error(site: Site) -> None:
    with pytest.raises(KeyError):
        site.is_open("bay", moment(23, "08:00"))
    with pytest.raises(KeyError):
        site.counter_is_open("q9", moment(23, "08:00"))
