"""Everything wrong that can be sent: a problem with its code, and nothing has changed."""

import json
from collections.abc import AsyncIterator

import pytest

from queue_server.contract.problems import Problem
from tests.http.house import House, refused

DEEP = "[" * 100_000
# what is sent to /tickets as it stands, and the code that answers it
RAW_BODIES: dict[str, tuple[bytes, Problem]] = {
    "nothing": (b"", Problem.BODY_INVALID),
    "no JSON": (b"hello", Problem.BODY_INVALID),
    "half": (b'{"service": "ho_t', Problem.BODY_INVALID),
    "two": (b'{"service": "ho_tich"} {}', Problem.BODY_INVALID),
    "a list": (b"[]", Problem.BODY_INVALID),
    "null": (b"null", Problem.BODY_INVALID),
    "a word": (b'"ho_tich"', Problem.BODY_INVALID),
    "invalid UTF-8": (b'{"service": "ho_tich\xff\xfe"}', Problem.BODY_INVALID),
    "a null byte": (b'{"service": "ho_tich\\u0000"}', Problem.BODY_INVALID),
    "half a surrogate": (b'{"service": "\\ud800"}', Problem.BODY_INVALID),
    "deep": (b'{"service": ' + DEEP.encode()[:60_000] + b"}", Problem.BODY_INVALID),
    "deep objects": (b'{"also":' * 6_000, Problem.BODY_INVALID),
    "NaN": (b'{"service": "ho_tich", "papers": NaN}', Problem.BODY_INVALID),
    "endless": (b'{"service": "ho_tich", "papers": 1e999}', Problem.BODY_INVALID),
    "huge": (b'{"service": "ho_tich", "papers": ' + b"9" * 6_000 + b"}", Problem.BODY_INVALID),
    "negative": (b'{"service": "ho_tich", "papers": -1}', Problem.BODY_INVALID),
    "a fraction": (b'{"service": "ho_tich", "papers": 1.5}', Problem.BODY_INVALID),
    "an unknown field": (b'{"service": "ho_tich", "cheat": true}', Problem.BODY_INVALID),
    "no service": (b'{"priority": "elderly"}', Problem.BODY_INVALID),
    "a path": (b'{"service": "../../etc/passwd"}', Problem.BODY_INVALID),
    "SQL": (b'{"service": "x\'; drop table journal; --"}', Problem.BODY_INVALID),
    "a long service": (b'{"service": "' + b"a" * 65 + b'"}', Problem.BODY_INVALID),
    "a line break": (b'{"service": "ho_tich\\n"}', Problem.BODY_INVALID),
    "a language": (b'{"service": "ho_tich", "language": "vi_VN"}', Problem.BODY_INVALID),
    "a channel": (b'{"service": "ho_tich", "channel": "backdoor"}', Problem.BODY_INVALID),
    "a naive time": (b'{"service": "ho_tich", "appointment_at": "2026-11-23T08:00:00"}', Problem.BODY_INVALID),
    "a time far away": (b'{"service": "ho_tich", "appointment_at": "9999-12-31T23:59:59Z"}', Problem.TIME_INVALID),
    "too many": (b'{"service": "ho_tich", "also": ' + json.dumps([{"service": "a"}] * 6).encode() + b"}",
                 Problem.BODY_INVALID),
    "the same twice": (b'{"service": "ho_tich", "also": [{"service": "ho_tich"}]}', Problem.BODY_INVALID),
    "an unknown service": (b'{"service": "nothing"}', Problem.SERVICE_UNKNOWN),
    "an unknown second service": (b'{"service": "ho_tich", "also": [{"service": "nothing"}]}', Problem.SERVICE_UNKNOWN),
    "an unknown procedure": (b'{"procedure": "nothing"}', Problem.PROCEDURE_UNKNOWN),
    "an unknown class": (b'{"service": "ho_tich", "priority": "king"}', Problem.CLASS_UNKNOWN),
    "an appointment without a time": (b'{"service": "ho_tich", "priority": "appointment"}', Problem.TIME_INVALID),
    "fewer than no papers": (b'{"service": "ho_tich", "papers": -1}', Problem.BODY_INVALID),
    "ten thousand copies": (b'{"service": "ho_tich", "copies": 10000}', Problem.BODY_INVALID),
    "half a paper": (b'{"service": "ho_tich", "papers": 2.5}', Problem.BODY_INVALID),
    "a case that is a sentence": (b'{"procedure": "khai_sinh", "cases": ["my name is"]}', Problem.BODY_INVALID),
    "a person among the facts": (b'{"procedure": "khai_sinh", "name": "A"}', Problem.BODY_INVALID),
    "doubled fields": (b'{"service": "ho_tich", "service": 7}', Problem.BODY_INVALID),
}  # fmt: skip


@pytest.mark.parametrize("name", RAW_BODIES)
def test_a_wrong_ticket_body(quiet_house: House, name: str) -> None:
    body, code = RAW_BODIES[name]
    before = quiet_house.trace()
    got = quiet_house.ask("POST", "/tickets", "kiosk", content=body, headers={"content-type": "application/json"})
    refused(got, code)
    assert quiet_house.trace() == before
    assert len(got.content) < 5_000  # what was sent is not sent back


# (path, body, code): wrong bodies, unknown ids and wrong states of every other call, on the quiet house:
# q1 has called somebody, q2 serves somebody, q3 is closed, two people wait.
WRONG: list[tuple[str, object, Problem]] = [
    ("/counters/q9/open", {}, Problem.COUNTER_UNKNOWN),
    ("/counters/q1/open", {"officer": "Lan"}, Problem.ALREADY_OPEN),
    ("/counters/q1/open", {"officer": "somebody else"}, Problem.COUNTER_TAKEN),
    ("/counters/q3/open", {"officer": "x" * 201}, Problem.BODY_INVALID),
    ("/counters/q3/open", {"services": ["nothing"]}, Problem.SERVICE_UNKNOWN),
    ("/counters/q3/open", {"services": "cu_tru"}, Problem.BODY_INVALID),
    ("/counters/q3/open", {"services": ["a"] * 61}, Problem.BODY_INVALID),
    ("/counters/q3/pause", {}, Problem.COUNTER_CLOSED),
    ("/counters/q1/pause", {"reason": 7}, Problem.BODY_INVALID),
    ("/counters/q1/unpause", None, Problem.COUNTER_NOT_PAUSED),
    ("/counters/q3/close", None, Problem.COUNTER_CLOSED),
    ("/counters/q1/close", None, Problem.COUNTER_BUSY),
    ("/counters/q1/reskill", {}, Problem.BODY_INVALID),
    ("/counters/q1/reskill", {"services": []}, Problem.BODY_INVALID),
    ("/counters/q1/reskill", {"services": ["nothing"]}, Problem.SERVICE_UNKNOWN),
    ("/counters/q3/reskill", {"services": ["cu_tru"]}, Problem.COUNTER_CLOSED),
    ("/counters/q3/call-next", {}, Problem.COUNTER_CLOSED),
    ("/counters/q1/call-next", {"finish_current": "perhaps"}, Problem.BODY_INVALID),
    ("/counters/q1/call-next", {}, Problem.COUNTER_BUSY),
    ("/counters/q1/call", {}, Problem.BODY_INVALID),
    ("/counters/q1/call", {"ticket": ""}, Problem.BODY_INVALID),
    ("/counters/q1/call", {"ticket": "Z999"}, Problem.TICKET_UNKNOWN),
    ("/counters/q3/call", {"ticket": "A003"}, Problem.COUNTER_CLOSED),
    ("/counters/q1/call", {"ticket": "A003"}, Problem.COUNTER_BUSY),
    ("/counters/q2/recall", None, Problem.TICKET_STATE),
    ("/counters/q3/recall", None, Problem.COUNTER_IDLE),
    ("/counters/q2/start", None, Problem.TICKET_STATE),
    ("/counters/q3/start", None, Problem.COUNTER_IDLE),
    ("/counters/q3/finish", None, Problem.COUNTER_IDLE),
    ("/counters/q2/no-show", None, Problem.TICKET_STATE),
    ("/counters/q3/hold", {"reason": ""}, Problem.COUNTER_IDLE),
    ("/counters/q1/hold", {"reason": None}, Problem.BODY_INVALID),
    ("/counters/q1/resume", {"ticket": "A003"}, Problem.COUNTER_BUSY),
    ("/counters/q1/resume", {"ticket": "Z1"}, Problem.TICKET_UNKNOWN),
    ("/counters/q2/transfer", {}, Problem.TRANSFER_NOWHERE),
    ("/counters/q2/transfer", {"service": "dat_dai", "counter": "q1"}, Problem.TRANSFER_NOWHERE),
    ("/counters/q2/transfer", {"service": "nothing"}, Problem.SERVICE_UNKNOWN),
    ("/counters/q2/transfer", {"counter": "q9"}, Problem.COUNTER_UNKNOWN),
    ("/counters/q2/transfer", {"counter": "q3"}, Problem.COUNTER_CLOSED),
    ("/counters/q2/transfer", {"counter": "q2"}, Problem.TRANSFER_NOWHERE),
    ("/counters/q3/transfer", {"service": "dat_dai"}, Problem.COUNTER_IDLE),
    ("/counters/q3/return", None, Problem.COUNTER_IDLE),
    ("/tickets/by-number/A003/reinstate", None, Problem.TICKET_STATE),
    ("/tickets/by-number/Z9/reinstate", None, Problem.TICKET_UNKNOWN),
    ("/tickets/by-number/A001/cancel", None, Problem.TICKET_STATE),
    ("/tickets/by-number/%00/cancel", None, Problem.TICKET_UNKNOWN),
    ("/tickets/priority", {"ticket": "A003"}, Problem.BODY_INVALID),
    ("/tickets/priority", {"ticket": "A003", "priority": "king"}, Problem.CLASS_UNKNOWN),
    ("/tickets/priority", {"ticket": "A001", "priority": "elderly"}, Problem.TICKET_STATE),
    ("/tickets/nobody-has-this-token/cancel", {}, Problem.TICKET_UNKNOWN),
    ("/tickets/nobody-has-this-token/postpone", {"minutes": 5}, Problem.TICKET_UNKNOWN),
    ("/tickets/nobody-has-this-token/feedback", {"score": 3}, Problem.TICKET_UNKNOWN),
    ("/kiosks/kiosk-9/lease", {}, Problem.KIOSK_UNKNOWN),
    ("/kiosks/kiosk-9/help", {}, Problem.KIOSK_UNKNOWN),
    ("/kiosks/kiosk-9/device", {"device": "printer", "problem": "jam"}, Problem.KIOSK_UNKNOWN),
    ("/kiosks/kiosk-9/print-report", {"ticket": "20261123-A001", "problem": "jam"}, Problem.KIOSK_UNKNOWN),
    ("/kiosks/kiosk-1/device", {"device": "a b"}, Problem.BODY_INVALID),
    ("/kiosks/kiosk-1/print-report", {"ticket": "nobody"}, Problem.TICKET_UNKNOWN),
    ("/kiosks/kiosk-1/print-report", {"ticket": "x" * 65}, Problem.BODY_INVALID),
    ("/kiosks/kiosk-1/hand-in", {"service": "ho_tich", "number": "A1"}, Problem.BODY_INVALID),
    ("/kiosks/kiosk-1/hand-in", {"service": "ho_tich", "number": "A701", "taken_at": "2026-11-23T01:00:00Z"},
     Problem.NUMBER_NOT_LEASED),
    ("/kiosks/kiosk-1/hand-in", {"service": "ho_tich", "number": "A701", "taken_at": "noon"}, Problem.BODY_INVALID),
    ("/help/H9/done", None, Problem.HELP_UNKNOWN),
    ("/policy", {"ordinary_per_priority": -1}, Problem.BODY_INVALID),
    ("/policy", {"ceiling_multiple": "a lot"}, Problem.BODY_INVALID),
    ("/policy", {"options": {"a b": 1}}, Problem.BODY_INVALID),
    ("/policy", [1, 2], Problem.BODY_INVALID),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "code"), WRONG, ids=lambda part: str(part)[:60])
def test_a_wrong_command(quiet_house: House, path: str, body: object, code: Problem) -> None:
    before = quiet_house.trace()
    quiet_house.clock.now = quiet_house.office.now()
    refused(quiet_house.post(path, body, "admin"), code)
    assert quiet_house.trace() == before


@pytest.mark.parametrize(
    "text", [b'{"minutes": NaN}', b'{"minutes": Infinity}', b'{"minutes": 0}', b'{"minutes": 241}']
)
def test_wrong_minutes(quiet_house: House, text: bytes) -> None:
    token = quiet_house.tokens.ticket("20261123-A003")
    before = quiet_house.trace()
    way = {"content-type": "application/json"}
    refused(quiet_house.ask("POST", f"/tickets/{token}/postpone", content=text, headers=way), Problem.BODY_INVALID)
    refused(quiet_house.post(f"/tickets/{token}/postpone", {"minutes": 61}), Problem.TIME_INVALID)
    refused(quiet_house.post(f"/tickets/{token}/feedback", {"score": 5}), Problem.BODY_INVALID)
    refused(quiet_house.post(f"/tickets/{token}/feedback", {"score": 4}), Problem.FEEDBACK_TOO_EARLY)
    assert quiet_house.trace() == before


@pytest.mark.parametrize(
    "path",
    [
        "/procedures?limit=0", "/procedures?limit=many", "/procedures?lang=de", "/procedures?q=" + "a" * 201,
    ],
)  # fmt: skip
def test_wrong_questions(quiet_house: House, path: str) -> None:
    refused(quiet_house.get(path), Problem.BODY_INVALID)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/nothing", Problem.NOT_FOUND), ("/procedures/nothing", Problem.NOT_FOUND),
        ("/tickets/nobody", Problem.TICKET_UNKNOWN), ("/tickets/" + "%F0%9F%92%A9" * 50, Problem.TICKET_UNKNOWN),
        ("/kiosks/kiosk-9", Problem.KIOSK_UNKNOWN), ("/reports/days/yesterday", Problem.NOT_FOUND),
        ("/reports/days/20200101", Problem.NOT_FOUND), ("/reports/days/2020%270101", Problem.NOT_FOUND),
        ("/procedures/..%2F..%2Fetc%2Fpasswd", Problem.NOT_FOUND),
    ],
)  # fmt: skip
def test_unknown_things(quiet_house: House, path: str, code: Problem) -> None:
    refused(quiet_house.get(path, "admin"), code)


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/tickets"), ("PUT", "/counters/q1/open"), ("GET", "/counters/q1/open"), ("PATCH", "/policy"),
     ("POST", "/services"), ("POST", "/healthz"), ("POST", "/events")],
)  # fmt: skip
def test_the_wrong_method(quiet_house: House, method: str, path: str) -> None:
    before = quiet_house.trace()
    got = quiet_house.ask(method, path, "admin")
    refused(got, Problem.METHOD_NOT_ALLOWED)
    assert got.headers["allow"]
    assert quiet_house.trace() == before


def test_a_body_that_says_it_is_too_large(quiet_house: House) -> None:
    before = quiet_house.trace()
    refused(quiet_house.post("/tickets", {"service": "x" * 70_000}, "kiosk"), Problem.BODY_TOO_LARGE)
    assert quiet_house.trace() == before


def test_a_body_that_turns_out_too_large(quiet_house: House) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"service": "'
        for _ in range(100):
            yield b"x" * 1024
        yield b'"}'

    before = quiet_house.trace()
    got = quiet_house.ask("POST", "/tickets", "kiosk", content=pieces(), headers={"content-type": "application/json"})
    refused(got, Problem.BODY_TOO_LARGE)
    assert quiet_house.trace() == before


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml", ""])
def test_a_body_that_is_not_called_json(quiet_house: House, content_type: str) -> None:
    before = quiet_house.trace()
    headers = {"content-type": content_type} if content_type else {}
    got = quiet_house.ask("POST", "/tickets", "kiosk", content=b'{"service": "ho_tich"', headers=headers)
    refused(got, Problem.BODY_INVALID)
    assert quiet_house.trace() == before


HOSTILE = ["<script>alert(1)</script>", "\x00\x1b[2J\r\nSet-Cookie: a=b", "\u202egnirts", "🪪" * 100, "%s%n{0}${7*7}"]


@pytest.mark.parametrize("text", HOSTILE, ids=["script", "control", "direction", "pictures", "format"])
def test_hostile_text_is_kept_as_text(house: House, text: str) -> None:
    house.open_counter("q1")
    got = house.post("/counters/q1/pause", {"reason": text}, "officer 1")
    assert got.json()["counter"]["pause_reason"] == text
    assert house.restart().get("/counters", "auditor").json()["counters"][0]["pause_reason"] == text
    assert house.is_whole()


@pytest.mark.parametrize("key", ["x" * 129, "a\x07b", "\x80"])
def test_a_wrong_key_of_a_command(house: House, key: str) -> None:
    before = house.trace()
    got = house.post("/tickets", {"service": "ho_tich"}, "kiosk", headers={"idempotency-key": key.encode("latin-1")})
    refused(got, Problem.BODY_INVALID)
    assert house.trace() == before


def test_every_answer_carries_its_guards(quiet_house: House) -> None:
    for got in (quiet_house.get("/services"), quiet_house.get("/nothing"), quiet_house.get("/state")):
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["x-frame-options"] == "DENY"
        assert got.headers["referrer-policy"] == "no-referrer"
