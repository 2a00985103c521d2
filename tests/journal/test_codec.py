"""Events as JSON: every kind comes back the same, and old or new versions stay readable."""

import json
from datetime import timedelta

import pytest

from queue_server.journal.codec import decode, encode
from queue_server.queue import events as ev
from tests.journal.builders import a_full_day
from tests.queue.builders import DAY, MONDAY, an_office

LOG = a_full_day().log


def of_kind(kind: str) -> list[ev.Event]:
    return [event for event, _ in LOG if type(event).__name__ == kind]


@pytest.mark.parametrize("kind", ev.EVENTS)
def test_every_kind_comes_back_the_same(kind: str) -> None:
    found = of_kind(kind)
    assert found, "the full day lacks this kind"
    for event in found:
        assert decode(kind, encode(event)) == event


@pytest.mark.parametrize("kind", ev.EVENTS)
def test_a_field_of_a_newer_version_is_left_out(kind: str) -> None:
    event = of_kind(kind)[0]
    grown = json.loads(encode(event)) | {"from_the_future": {"deep": [1, 2]}}
    assert decode(kind, json.dumps(grown)) == event


def test_a_newer_configuration_is_read_by_an_older_program() -> None:
    data = json.loads(encode(ev.DayOpened(day=DAY, config=an_office())))
    config = data["config"]
    for part in (config, config["services"]["ho_tich"], config["counters"]["1"], config["classes"]["elderly"]):
        part["from_the_future"] = 1
    config["policy"]["from_the_future"] = config["rules"]["from_the_future"] = 1
    assert decode("DayOpened", json.dumps(data)) == ev.DayOpened(day=DAY, config=an_office())


def test_an_older_configuration_takes_the_defaults() -> None:
    data = json.loads(encode(ev.DayOpened(day=DAY, config=an_office(kiosks=()))))
    for name in ("policy", "rules", "kiosks", "target", "timezone"):
        del data["config"][name]
    assert decode("DayOpened", json.dumps(data)) == ev.DayOpened(day=DAY, config=an_office(kiosks=()))


def test_what_holds_its_default_is_not_written() -> None:
    event = ev.ServiceStarted(ticket="t", counter="1")
    assert json.loads(encode(event)) == {"ticket": "t", "counter": "1"}
    assert decode("ServiceStarted", '{"ticket":"t","counter":"1"}') == event


def test_moments_keep_their_microseconds_and_their_zone() -> None:
    until = MONDAY + timedelta(microseconds=1)
    event = decode("TicketPostponed", encode(ev.TicketPostponed(ticket="t", until=until)))
    assert isinstance(event, ev.TicketPostponed)
    assert event.until == until
    assert event.until.utcoffset() == timedelta()


@pytest.mark.parametrize("text", ["Nguyễn Thị Ế", "\x00\x1f\x1e", '"}\n{"', "🪪", "a" * 5000, "\u2028"])
def test_any_text_comes_back_the_same(text: str) -> None:
    event = ev.TicketHeld(ticket="t", counter="1", reason=text)
    assert decode("TicketHeld", encode(event)) == event
    assert "\n" not in encode(event)


@pytest.mark.parametrize(
    ("kind", "data", "error"),
    [
        ("TicketSold", "{}", KeyError),
        ("TicketHeld", '{"ticket":"t"}', TypeError),
        ("TicketHeld", '{"ticket":', ValueError),
        ("TicketPostponed", '{"ticket":"t","until":"soon"}', ValueError),
    ],
)
def test_what_cannot_be_read_says_why(kind: str, data: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        decode(kind, data)


def test_an_event_holds_plain_values_only() -> None:
    with pytest.raises(TypeError, match="set"):
        encode(ev.TicketHeld(ticket="t", counter="1", reason={"x"}))  # type: ignore[arg-type]
