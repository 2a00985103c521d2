"""A machine's clock that steps is said in words, counted, and taken over when an administrator says so."""

from datetime import datetime, timedelta

import pytest

from queue_server.clock import OfficeClock, Reading
from queue_server.contract.problems import Problem
from queue_server.views.clock import clock_health, clock_row, difference
from tests.http.house import MONDAY, House, refused
from tests.http.test_metrics import figures

HOUR = timedelta(hours=1)


def test_an_office_whose_clocks_agree_says_so(house: House) -> None:
    found = house.get("/clock", "manager").json()
    assert (found["agrees"], found["ahead"], found["timezone"]) == (True, 0.0, "Asia/Ho_Chi_Minh")
    assert datetime.fromisoformat(found["last_entry"]) == MONDAY
    assert house.source.manager().clock is None
    assert house.post("/clock/take", {}, "admin").json()["agrees"]
    assert house.journal.last_seq == 1  # there was nothing to correct


def test_a_step_is_shown_counted_and_taken_by_an_administrator(house: House) -> None:
    house.open_counter("q1")
    house.take()
    house.later(minutes=10)
    house.office.clock.check()
    house.clock.now -= HOUR
    house.office.clock.check()
    found = house.get("/clock", "auditor").json()
    assert (found["agrees"], found["followed"], found["ahead"]) == (False, False, -3600.0)
    shown = house.source.manager().clock
    assert shown is not None
    assert shown.office - shown.wall == HOUR
    assert figures(house)["motcua_clock_ahead_seconds"] == -3600.0
    assert figures(house)["motcua_clock_changes_total"] == 1
    refused(house.post("/clock/take", {}, "manager"), Problem.FORBIDDEN)
    taken = house.post("/clock/take", {}, "admin", headers={"idempotency-key": "clock-1"})
    assert (taken.status_code, taken.json()["ahead"]) == (200, 0.0)
    again = house.post("/clock/take", {}, "admin", headers={"idempotency-key": "clock-1"})
    assert again.status_code == 200
    assert [e.kind for e in house.journal.entries()].count("ClockCorrected") == 1
    house.later(minutes=5)
    called = house.next("q1")
    assert called is not None
    assert called["waited"] == pytest.approx(15, abs=0.2)
    assert house.source.manager().clock is None


def test_a_day_that_a_step_led_to_opens_after_the_confirmation(house: House) -> None:
    """The machine had started a day ahead: its day is abandoned, today's opens, and the pages know both."""
    from queue_server.days import keep_day

    token = house.take()["token"]
    house.clock.now -= 24 * HOUR
    house.office.now()
    house.post("/clock/take", {}, "admin")
    assert house.office.clock_moved.is_set()  # the day need not wait for the next look
    assert house.run(keep_day(house.office, house.site))
    house.source.reload()
    assert house.office.state.day == "20261122"
    assert house.take()["number"] == "A002"
    refused(house.get(f"/tickets/{token}"), Problem.TICKET_UNKNOWN)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(0), "even with"),
        (timedelta(seconds=1), "1 second ahead of"),
        (timedelta(minutes=-3, seconds=-5), "3 minutes 5 seconds behind"),
        (timedelta(hours=3), "3 hours ahead of"),
        (timedelta(days=3650, hours=1, minutes=4), "3650 days 1 hour ahead of"),
    ],
)
def test_a_difference_in_words(ahead: timedelta, words: str) -> None:
    assert difference(ahead) == words


def test_readyz_says_what_is_and_what_helps() -> None:
    def health(off: timedelta) -> str:
        return clock_health(Reading(office=MONDAY, wall=MONDAY + off), "Asia/Ho_Chi_Minh", "motcua")

    assert health(timedelta(seconds=1)) == "ok"
    assert health(timedelta(seconds=30)).endswith(
        "30 seconds ahead of the office's; the office's clock follows it slowly"
    )
    far = health(3 * HOUR)
    assert far.startswith("the machine's clock shows 2026-11-23 11:00:00, 3 hours ahead of the office's")
    assert far.endswith("take it over with `motcua clock --take`")


def test_people_are_only_asked_where_they_can_decide() -> None:
    assert clock_row(Reading(office=MONDAY, wall=MONDAY + timedelta(minutes=1))) is None
    row = clock_row(Reading(office=MONDAY, wall=MONDAY + timedelta(hours=3, seconds=59)))
    assert row is not None
    assert (row.office, row.wall) == (MONDAY, MONDAY + 3 * HOUR)


def test_a_machine_as_it_is_agrees_with_itself() -> None:
    clock = OfficeClock()
    assert clock.check().agrees
    assert clock.changes == 0
