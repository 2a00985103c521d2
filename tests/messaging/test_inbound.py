"""What devices may ask, and what becomes of everything else."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.contract.problems import Problem
from queue_server.contract.topics import TOPICS, topic
from queue_server.messaging.inbound import (
    CommandRequest,
    DeviceAvailability,
    KeypadRequest,
    Rejected,
    Request,
    parse,
    subscriptions,
)
from queue_server.messaging.outbound import encode, presence
from queue_server.queue import commands as cmd
from tests.messaging.rows import MONDAY, SITE

COMMAND = topic(SITE, "counter_command", counter="3")
PRESS = topic(SITE, "keypad_event", counter="3")
PRINTER = topic(SITE, "device_availability", device="printer-1")
A_COMMAND = {"v": 1, "id": "terminal-0001", "command": "recall"}
A_PRESS = {"v": 1, "id": "press-0001", "button": "next", "seq": 7, "boot": "b1"}


def heard(where: str, payload: Any, *, retained: bool = False) -> Request | None:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return parse(where, raw, site=SITE, now=MONDAY, retained=retained)


@pytest.mark.parametrize(
    ("name", "arguments", "command"),
    [
        ("open", {}, cmd.OpenCounter(counter="3", officer="terminal-3")),
        ("open", {"officer": "binh"}, cmd.OpenCounter(counter="3", officer="binh")),
        (
            "open",
            {"officer": "binh", "services": ["land"]},
            cmd.OpenCounter(counter="3", officer="binh", services=("land",)),
        ),
        ("pause", {}, cmd.PauseCounter(counter="3")),
        ("pause", {"reason": "họp"}, cmd.PauseCounter(counter="3", reason="họp")),
        ("unpause", {}, cmd.ResumeCounter(counter="3")),
        ("close", {}, cmd.CloseCounter(counter="3")),
        ("call-next", {}, cmd.CallNext(counter="3")),
        ("call-next", {"finish_current": True}, cmd.CallNext(counter="3", finish_current=True)),
        ("call", {"ticket": "A012"}, cmd.CallNumber(counter="3", ticket="A012")),
        ("recall", {}, cmd.Recall(counter="3")),
        ("start", {}, cmd.Start(counter="3")),
        ("finish", {}, cmd.Finish(counter="3")),
        ("no-show", {}, cmd.NoShow(counter="3")),
        ("hold", {"reason": "photo"}, cmd.Hold(counter="3", reason="photo")),
        (
            "served-by-mouth",
            {"ticket": "A012", "at": MONDAY.isoformat()},
            cmd.ServeByMouth(counter="3", ticket="A012", at=MONDAY),
        ),
        ("resume", {"ticket": "20261123-A012"}, cmd.ResumeTicket(counter="3", ticket="20261123-A012")),
        (
            "transfer",
            {"service": "tax", "return_to_sender": True, "note": "thuế"},
            cmd.Transfer(counter="3", to_service="tax", return_to_sender=True, note="thuế"),
        ),
        ("transfer", {"counter": "5"}, cmd.Transfer(counter="3", to_counter="5")),
        ("return", {}, cmd.PutBack(counter="3")),
    ],
)
def test_a_terminal_commands_what_a_console_does(name: str, arguments: dict[str, Any], command: cmd.Command) -> None:
    said = {"v": 1, "id": "terminal-0001", "command": name, "arguments": arguments}
    assert heard(COMMAND, said) == CommandRequest(counter="3", id="terminal-0001", command=command, expires=None)


def test_a_press_names_its_button_and_place() -> None:
    assert heard(PRESS, A_PRESS) == KeypadRequest(counter="3", id="press-0001", button="next", boot="b1", seq=7)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"v": 1, "online": True}, DeviceAvailability(device="printer-1", online=True, problem=None)),
        (
            {"v": 1, "online": True, "boot": "x", "problem": "paper-out", "paper": "out"},
            DeviceAvailability(device="printer-1", online=True, problem="paper-out"),
        ),
        ({"v": 1, "online": False, "boot": "x"}, DeviceAvailability(device="printer-1", online=False, problem=None)),
        (b"", DeviceAvailability(device="printer-1", online=False, problem=None)),
    ],
)
def test_a_device_says_whether_it_works(said: Any, expected: DeviceAvailability) -> None:
    assert heard(PRINTER, said, retained=True) == expected


def test_a_kiosk_says_whether_it_is_there() -> None:
    where = topic(SITE, "kiosk_state", kiosk="kiosk-1")
    said = {"v": 1, "online": True, "screen": "attract"}
    assert heard(where, said) == DeviceAvailability(device="kiosk-1", online=True, problem=None)


def test_the_server_does_not_listen_to_itself() -> None:
    said = presence("server", SITE, online=False)
    assert heard(said.topic, said.payload) is None


@pytest.mark.parametrize("seconds", [-60, 0])
def test_an_expired_command_is_refused_with_its_id(seconds: int) -> None:
    said = {**A_COMMAND, "expires": (MONDAY + timedelta(seconds=seconds)).isoformat()}
    refused = heard(COMMAND, said)
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.counter, refused.id) == (Problem.COMMAND_EXPIRED, "3", "terminal-0001")


def test_a_command_is_good_until_it_expires() -> None:
    expires = MONDAY + timedelta(seconds=1)
    found = heard(COMMAND, {**A_COMMAND, "expires": expires.isoformat()})
    assert isinstance(found, CommandRequest)
    assert found.expires == expires


BAD_COMMANDS = [
    b"", b"not json", b"\xff\xfe", b"null", b"[]", b"7", b'"open"', b"{", b"[" * 10_000, b'{"a":' * 3_000, b"NaN",
    b'{"v":1,"id":"12345678","command":"recall","arguments":NaN}', b'{"v":1e400,"id":"12345678","command":"recall"}',
    b'{"v":1,"id":"\\ud800aaaaaaa","command":"recall"}', b"9" * 5_000,
    {}, {**A_COMMAND, "v": 2}, {**A_COMMAND, "command": "drop"}, {**A_COMMAND, "id": 7}, {**A_COMMAND, "id": "short"},
    {**A_COMMAND, "id": "x" * 65}, {**A_COMMAND, "extra": 1}, {**A_COMMAND, "expires": "2026-11-23T08:00:00"},
    {**A_COMMAND, "expires": 1e308}, {**A_COMMAND, "arguments": []}, {**A_COMMAND, "arguments": {"counter": "4"}},
    {**A_COMMAND, "command": "call"}, {**A_COMMAND, "command": "call", "arguments": {"ticket": ""}},
    {**A_COMMAND, "command": "call-next", "arguments": {"finish_current": float("nan")}},
    {**A_COMMAND, "command": "hold", "arguments": {"reason": "x" * 201}},
    {**A_COMMAND, "command": "open", "arguments": {"services": "land"}},
    {**A_COMMAND, "command": "open", "arguments": {"services": ["../etc"]}},
    {**A_COMMAND, "command": "transfer", "arguments": {"service": {"$gt": ""}}},
]  # fmt: skip


@pytest.mark.parametrize("said", BAD_COMMANDS, ids=range(len(BAD_COMMANDS)))
def test_a_bad_command_is_refused(said: Any) -> None:
    refused = heard(COMMAND, said)
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.counter) == (Problem.BODY_INVALID, "3")
    assert 0 < len(refused.detail) <= 200


@pytest.mark.parametrize(
    "change", [{"button": "eject"}, {"seq": -1}, {"seq": 1.5}, {"boot": "x" * 65}, {"boot": None}, {"id": ""}, {"v": 0}]
)
def test_a_bad_press_is_refused(change: dict[str, Any]) -> None:
    refused = heard(PRESS, {**A_PRESS, **change})
    assert isinstance(refused, Rejected)
    assert refused.code is Problem.BODY_INVALID


@pytest.mark.parametrize("said", [b"Online", {}, {"online": "yes"}, {"online": 1}, {"online": True, "problem": "a b"}])
def test_a_bad_presence_is_refused(said: Any) -> None:
    refused = heard(PRINTER, said)
    assert isinstance(refused, Rejected)
    assert refused.code is Problem.BODY_INVALID


def test_too_much_is_refused_unread() -> None:
    refused = heard(COMMAND, b"x" * (16 * 1024 + 1))
    assert isinstance(refused, Rejected)
    assert refused.code is Problem.BODY_TOO_LARGE


@pytest.mark.parametrize(("where", "said"), [(COMMAND, A_COMMAND), (PRESS, A_PRESS)])
def test_a_retained_command_is_refused(where: str, said: dict[str, Any]) -> None:
    refused = heard(where, said, retained=True)
    assert isinstance(refused, Rejected)
    assert "retained" in refused.detail


@pytest.mark.parametrize(
    "where",
    [
        "", "/", "motcua/v1", "motcua/v1/other/counter/3/command", f"motcua/v2/{SITE}/counter/3/command",
        topic(SITE, "counter_state", counter="3"), topic(SITE, "call"), f"{COMMAND}/more", "\0",
    ],
)  # fmt: skip
def test_another_topic_is_not_listened_to(where: str) -> None:
    refused = heard(where, A_COMMAND)
    assert isinstance(refused, Rejected)
    assert refused.code is Problem.NOT_FOUND


@pytest.mark.parametrize("place", ["", "a b", "é", "x" * 65, "../3", "3\n"])
def test_a_place_that_is_no_id_is_refused(place: str) -> None:
    refused = heard(f"motcua/v1/{SITE}/counter/{place}/command", A_COMMAND)
    assert isinstance(refused, Rejected)


def test_everything_that_others_publish_is_listened_to() -> None:
    others = [each for each in TOPICS if each.publisher != "server"]
    assert len(subscriptions(SITE)) == len(others)
    assert "motcua/v1/lien-chieu/counter/+/command" in subscriptions(SITE)
    assert not any("#" in each for each in subscriptions(SITE))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["open", "pause", "call-next", "call", "hold", "resume", "transfer", "recall", "return"])
KEYS = st.sampled_from(
    ["officer", "services", "reason", "finish_current", "ticket", "service", "counter", "return_to_sender", "note"]
)
NEARLY_COMMANDS = st.fixed_dictionaries(
    {"v": st.just(1) | JSON, "id": st.text(min_size=8, max_size=64) | JSON, "command": NAMES | JSON},
    optional={
        "expires": st.datetimes().map(lambda at: at.isoformat() + "Z") | JSON,
        "arguments": st.dictionaries(KEYS, JSON, max_size=3) | JSON,
        "more": JSON,
    },
)
NEARLY_PRESSES = st.fixed_dictionaries({}, optional={key: st.just(value) | JSON for key, value in A_PRESS.items()})
PAYLOADS = st.binary(max_size=300) | (JSON | NEARLY_COMMANDS | NEARLY_PRESSES).map(
    lambda value: json.dumps(value).encode()
)
WHERE = st.sampled_from([COMMAND, PRESS, PRINTER, topic(SITE, "kiosk_state", kiosk="k")]) | st.text(max_size=60)


@settings(max_examples=400, deadline=None)
@given(where=WHERE, payload=PAYLOADS, retained=st.booleans())
def test_whatever_comes_gives_a_request_or_a_refusal(where: str, payload: bytes, retained: bool) -> None:
    found = parse(where, payload, site=SITE, now=MONDAY, retained=retained)
    assert isinstance(found, CommandRequest | KeypadRequest | DeviceAvailability | Rejected)
    if isinstance(found, Rejected):
        assert found.code in Problem
        encode({"id": found.id, "detail": found.detail})  # it can be answered


@settings(max_examples=200, deadline=None)
@given(said=NEARLY_COMMANDS)
def test_what_is_accepted_holds_only_texts_that_can_be_written(said: dict[str, Any]) -> None:
    found = parse(COMMAND, json.dumps(said).encode(), site=SITE, now=MONDAY)
    if isinstance(found, CommandRequest):
        assert repr(found).encode()
        assert 8 <= len(found.id) <= 64
