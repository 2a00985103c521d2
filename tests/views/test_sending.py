"""Sending on, coming back and closing, said to the officers of both counters."""

import pytest

from queue_server.contract.sending import WarningRow
from queue_server.queue import commands as cmd
from queue_server.views.pages import console
from queue_server.views.sending import closing_warnings, transfer_warnings
from tests.queue.builders import Day

HO_TICH, DAT_DAI = {"vi": "Hộ tịch", "en": "Hộ tịch"}, {"vi": "Đất đai", "en": "Đất đai"}


def seen(day: Day, counter: str):
    return console(day.state, counter, day.now, closed=frozenset())


def sent_on(day: Day) -> None:
    """Counter 1 sends somebody to land and wants them back."""
    day.take("ho_tich")
    day.next("1")
    day.do(cmd.Transfer(counter="1", to_service="dat_dai", return_to_sender=True))


def test_both_officers_see_the_way_back() -> None:
    day = Day().open("1", "2")
    sent_on(day)
    (sent,) = seen(day, "1").sent
    assert (sent.number, sent.counter_label, sent.service_name, sent.at_counter) == ("A001", None, DAT_DAI, False)
    day.next("2")
    (sent,) = seen(day, "1").sent
    assert (sent.counter_label, sent.at_counter, sent.back_service) == ("2", True, None)
    current = seen(day, "2").current
    assert (current.back_label, current.back_service, current.note) == ("1", None, "")
    assert seen(day, "2").sent == ()


def test_both_see_that_the_sender_has_closed() -> None:
    day = Day().open("1", "2")
    sent_on(day)
    day.next("2")
    day.do(cmd.CloseCounter(counter="1"))
    (sent,) = seen(day, "1").sent
    assert sent.back_service == HO_TICH
    current = seen(day, "2").current
    assert (current.back_label, current.back_service) == (None, HO_TICH)


def test_who_is_back_is_not_on_the_way() -> None:
    day = Day().open("1", "2")
    sent_on(day)
    day.next("2")
    day.do(cmd.Finish(counter="2"))
    assert seen(day, "1").sent == ()
    assert seen(day, "1").waiting[0].back_label is None
    day.next("1")
    assert seen(day, "1").current.back_label is None


def test_closing_says_how_many_it_leaves() -> None:
    day = Day().open("1", "2")
    sent_on(day)
    for _ in range(3):
        day.take("ho_tich")
    day.next("1")
    day.do(cmd.Hold(counter="1"))
    assert closing_warnings(day.state, "1") == (
        WarningRow(code="service-unserved", people=2, services=("ho_tich",)),
        WarningRow(code="held-here", people=1, services=("ho_tich",)),
        WarningRow(code="returns-here", people=1, services=("dat_dai",)),
    )
    day.open("3")
    assert [one.code for one in closing_warnings(day.state, "1")] == ["held-here", "returns-here"]
    assert closing_warnings(Day().state, "1") == ()


def test_who_was_sent_to_a_counter_is_counted_when_it_closes() -> None:
    day = Day().open("1", "3")
    day.take("ho_tich")
    day.next("1")
    day.do(cmd.Transfer(counter="1", to_counter="3"))
    assert closing_warnings(day.state, "3") == (WarningRow(code="sent-here", people=1, services=("ho_tich",)),)


@pytest.mark.parametrize(("counters", "people"), [(("1",), 2), (("1", "2"), 0)])
def test_a_transfer_to_where_nobody_serves_is_said(counters: tuple[str, ...], people: int) -> None:
    day = Day().open(*counters)
    day.take("dat_dai")
    day.take("ho_tich")
    day.next("1")
    day.do(cmd.Transfer(counter="1", to_service="dat_dai"))
    assert sum(one.people for one in transfer_warnings(day.state, "dat_dai", None)) == people
    rows = {(row.kind, row.id): row for row in seen(day, "1").transfers}
    land = rows["service", "dat_dai"]
    assert (land.open, land.waiting) == (len(counters) - 1, 2)
    assert rows["counter", "3"].closed
