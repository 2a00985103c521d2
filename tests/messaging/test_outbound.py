"""What the server says, byte for byte where others rely on it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.contract.messages import CommandAnswer
from queue_server.messaging.outbound import (
    Outgoing,
    alert_event,
    board_calls,
    call_event,
    counter_answer,
    counter_state,
    encode,
    office_state,
    presence,
    service_state,
    uuid7,
)
from tests.messaging.rows import BOARD, CALL, CLOSED, COUNTER, LAND, MONDAY, recalled, stamp

HEAD = {"v": 1, "at": "2026-11-23T01:00:07+00:00", "epoch": 1, "seq": 7}


def said(message: Outgoing) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(message.payload)
    return found


def test_a_service_says_who_waits_and_how_long() -> None:
    message = service_state(LAND, stamp(7))
    assert (message.topic, message.retained) == ("motcua/v1/lien-chieu/service/land/state", True)
    assert said(message) == {
        **HEAD, "service": "land", "waiting": 3, "wait": {"low": 5, "likely": 9, "high": 15}, "counters": ["1"],
        "state": "open",
    }  # fmt: skip


def test_a_service_without_counter_has_no_wait() -> None:
    assert said(service_state(replace(LAND, wait=None, counters=(), state="no-counter"), stamp()))["wait"] is None


def test_a_counter_says_whom_it_called() -> None:
    message = counter_state(COUNTER, recalled(CALL, 2), stamp(7))
    assert (message.topic, message.retained) == ("motcua/v1/lien-chieu/counter/1/state", True)
    assert said(message) == {
        **HEAD, "counter": "1", "label": "1", "zone": "main", "status": "open", "doing": "called", "number": "A012",
        "called_at": "2026-11-23T01:02:00+00:00", "times": 2,
    }  # fmt: skip


def test_a_counter_does_not_take_anothers_call_for_its_own() -> None:
    before = said(counter_state(replace(COUNTER, number="A013"), CALL, stamp()))
    assert (before["called_at"], before["times"]) == ("2026-11-23T01:00:00+00:00", 1)


def test_a_closed_counter_has_called_nobody() -> None:
    closed = said(counter_state(CLOSED, CALL, stamp()))
    assert (closed["number"], closed["called_at"], closed["times"]) == (None, None, 0)


def test_a_board_shows_the_newest_call_first() -> None:
    newer = recalled(CALL, 2)
    message = board_calls(replace(BOARD, calls=(newer, CALL)), stamp(7))
    assert (message.topic, message.retained) == ("motcua/v1/lien-chieu/board/main/calls", True)
    first, second = said(message)["calls"]
    assert (first["time"], second["time"]) == (2, 1)
    assert second == {
        "id": "20261123-A012/1", "number": "A012", "counter": "1", "counter_label": "1", "zone": "main",
        "called_at": "2026-11-23T01:00:00+00:00", "time": 1, "serving": False, "priority": True, "language": "vi",
    }  # fmt: skip


def test_the_office_says_its_mean_wait_to_a_tenth() -> None:
    message = office_state(BOARD, stamp(7))
    assert message.topic == "motcua/v1/lien-chieu/office/state"
    assert said(message) == {
        **HEAD, "open": True, "unit_name": {"vi": "UBND phường Liên Chiểu"}, "mean_wait": 6.4, "target": 15.0,
    }  # fmt: skip


def test_a_call_is_a_cloud_event() -> None:
    message = call_event(CALL, stamp(7))
    assert (message.topic, message.retained) == ("motcua/v1/lien-chieu/call", False)
    event = said(message)
    event_id = UUID(event.pop("id"))
    assert event_id.version == 7
    assert event == {
        "specversion": "1.0", "source": "/motcua/v1/lien-chieu", "type": "motcua.call.v1",
        "time": "2026-11-23T01:00:00+00:00", "datacontenttype": "application/json", "epoch": 1, "seq": 7,
        "data": {"number": "A012", "counter": "1", "counter_label": "1", "zone": "main", "times": 1, "priority": True,
                 "language": "vi"},
    }  # fmt: skip


def test_one_call_told_twice_has_one_id_and_a_recall_another() -> None:
    first, again, recall = (
        call_event(CALL, stamp(7)),
        call_event(CALL, stamp(9)),
        call_event(recalled(CALL, 2), stamp()),
    )
    assert said(first)["id"] == said(again)["id"] != said(recall)["id"]


def test_an_alert_says_what_and_where() -> None:
    message = alert_event("device-fault", {"device": "printer-1", "problem": "paper-out"}, stamp(7))
    assert (message.topic, message.retained) == ("motcua/v1/lien-chieu/alert", False)
    assert said(message)["type"] == "motcua.alert.v1"
    assert said(message)["data"] == {"kind": "device-fault", "device": "printer-1", "problem": "paper-out"}


def test_a_ticket_that_did_not_print_is_told_by_its_number() -> None:
    message = alert_event("print-failed", {"number": "A012", "problem": "paper-out"}, stamp())
    assert said(message)["data"] == {"kind": "print-failed", "number": "A012", "problem": "paper-out"}


@pytest.mark.parametrize(
    ("kind", "data"), [("gossip", {}), ("help-called", {"name": "Nguyễn Văn An"}), ("help-called", {"kiosk": 7})]
)
def test_an_alert_tells_nothing_it_has_no_field_for(kind: str, data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="AlertData"):
        alert_event(kind, data, stamp())


def test_an_answer_carries_the_id_of_its_command() -> None:
    message = counter_answer("1", CommandAnswer(id="0123456789", ok=False, code="counter-closed"), "lien-chieu")
    assert (message.topic, message.retained) == ("motcua/v1/lien-chieu/counter/1/answer", False)
    assert said(message) == {
        "v": 1, "id": "0123456789", "ok": False, "code": "counter-closed", "detail": None, "number": None,
    }  # fmt: skip


def test_the_servers_presence_is_retained() -> None:
    message = presence("server", "lien-chieu", online=False)
    assert (message.topic, message.retained) == ("motcua/v1/lien-chieu/device/server/availability", True)
    assert said(message) == {"v": 1, "online": False}


def test_nothing_personal_leaves() -> None:
    everything = b"".join(
        message.payload
        for message in (
            counter_state(COUNTER, CALL, stamp()), service_state(LAND, stamp()), board_calls(BOARD, stamp()),
            office_state(BOARD, stamp()), call_event(CALL, stamp()),
        )
    ).decode()  # fmt: skip
    assert "Bình" not in everything  # the officer
    assert "khám" not in everything  # why the counter is paused


def test_meaning_does_not_change_with_the_stamp() -> None:
    one, other = service_state(LAND, stamp(1)), service_state(LAND, stamp(2, epoch=5))
    assert one.payload != other.payload
    assert one.meaning == other.meaning


def test_json_has_no_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"wait": float("nan")})


@given(
    at=st.integers(0, 7_000_000_000_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC)),
    entropy=st.binary(min_size=10, max_size=40),
)
def test_uuid7_holds_its_time_and_is_well_formed(at: datetime, entropy: bytes) -> None:
    made = uuid7(at, entropy)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(at.timestamp() * 1000)
    assert uuid7(at + timedelta(milliseconds=2), entropy) > made


def test_uuid7_matches_the_example_of_rfc_9562() -> None:
    at = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    entropy = ((0xCC3 << 62) | 0x18C4DC0C0C07398F).to_bytes(10, "big")
    assert str(uuid7(at, entropy)) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_the_monday_of_these_stories_is_one() -> None:
    assert MONDAY.weekday() == 0
