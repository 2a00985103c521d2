"""Who may do what: every call of the door, knocked at by everybody."""

import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from queue_server.contract.problems import Problem
from queue_server.http.desk import COOKIE
from queue_server.site.model import Site
from tests.http.house import URL, House, example, refused

STAFF = {"officer 1", "officer 2", "officer", "manager", "admin"}
LEADERS = {"manager", "admin", "auditor"}
EVERYBODY = {*STAFF, "auditor", "kiosk", "board", "follower", None}
AT_Q1 = STAFF - {"officer 2"}

# (method, path) → who may, with a body that fits. What the office then says to it is another matter.
CALLS: dict[tuple[str, str], tuple[set[str | None], object]] = {
    ("GET", "/services"): (EVERYBODY, None),
    ("GET", "/fields"): (EVERYBODY, None),
    ("GET", "/procedures"): (EVERYBODY, None),
    ("GET", "/procedures/{procedure}"): (EVERYBODY, None),
    ("GET", "/catalogue"): (EVERYBODY, None),
    ("GET", "/tickets/{token}"): (EVERYBODY, None),
    ("POST", "/tickets/{token}/cancel"): (EVERYBODY, {}),
    ("POST", "/tickets/{token}/postpone"): (EVERYBODY, {}),
    ("POST", "/tickets/{token}/feedback"): (EVERYBODY, {"score": 3}),
    ("POST", "/tickets"): ({*STAFF, "kiosk"}, {"service": "ho_tich"}),
    ("GET", "/kiosks/{kiosk}"): ({*STAFF, "kiosk"}, None),
    ("POST", "/kiosks/{kiosk}/lease"): ({"admin", "kiosk"}, {}),
    ("POST", "/kiosks/{kiosk}/hand-in"): (
        {"admin", "kiosk"},
        {"service": "ho_tich", "number": "A999", "taken_at": "2026-11-23T01:00:00Z"},
    ),
    ("POST", "/kiosks/{kiosk}/print-report"): ({*STAFF, "kiosk"}, {"ticket": "nobody"}),
    ("POST", "/kiosks/{kiosk}/help"): ({*STAFF, "kiosk"}, {}),
    ("POST", "/kiosks/{kiosk}/device"): ({*STAFF, "kiosk"}, {"device": "printer"}),
    ("GET", "/counters"): ({*STAFF, "auditor", "kiosk"}, None),
    ("GET", "/state"): ({*STAFF, "auditor", "board"}, None),
    ("GET", "/policy"): ({*STAFF, "auditor", "board"}, None),
    ("POST", "/policy"): ({"manager", "admin"}, {}),
    ("POST", "/policy/check"): ({"manager", "admin"}, {}),
    ("GET", "/replay/days"): ({"manager", "admin"}, None),
    ("POST", "/replay"): ({"manager", "admin"}, {"last": 5, "change": "policy", "policy": "fcfs"}),
    ("GET", "/generation"): (EVERYBODY, None),
    ("GET", "/follower/entries"): ({"follower"}, None),
    ("GET", "/follower/files/{name}"): ({"follower"}, None),
    ("GET", "/clock"): (LEADERS, None),
    ("POST", "/clock/take"): ({"admin"}, {}),
    ("GET", "/targets"): (LEADERS, None),
    ("GET", "/forecast"): (LEADERS, None),
    ("POST", "/advice/{advice}/apply"): ({"manager", "admin"}, {}),
    ("GET", "/reports/today"): (LEADERS, None),
    ("GET", "/reports/days/{day}"): (LEADERS, None),
    ("POST", "/help/{help_id}/done"): (STAFF, {}),
    ("POST", "/tickets/by-number/{number}/reinstate"): (STAFF, {}),
    ("POST", "/tickets/by-number/{number}/cancel"): (STAFF, {}),
    ("POST", "/tickets/priority"): (STAFF, {"ticket": "A001", "priority": "elderly"}),
    **{
        ("POST", f"/counters/{{counter}}/{name}"): (AT_Q1, body)
        for name, body in {
            "open": {}, "pause": {}, "unpause": {}, "close": {}, "reskill": {"services": ["ho_tich"]}, "call-next": {},
            "call": {"ticket": "A001"}, "recall": {}, "start": {}, "finish": {}, "no-show": {}, "hold": {},
            "resume": {"ticket": "A001"}, "transfer": {"service": "dat_dai"}, "return": {},
            "served-by-mouth": {"ticket": "A001", "at": "2026-11-23T01:00:00Z"},
        }.items()
    },
}  # fmt: skip

PLACES = {
    "counter": "q1", "kiosk": "kiosk-1", "token": "a" * 22, "number": "A999", "help_id": "H9", "day": "20260101",
    "procedure": "none", "name": "none", "advice": "open-counter-q9",
}  # fmt: skip


def here(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: PLACES[found[1]], path)


def is_shut_out(got: httpx.Response) -> bool:
    return got.status_code in (401, 403)


@pytest.mark.parametrize(("method", "path"), CALLS, ids=str)
def test_each_call_is_for_whom_it_is(quiet_house: House, method: str, path: str) -> None:
    allowed, body = CALLS[method, path]
    everybody: list[str | None] = [None, *quiet_house.cast]
    let_in = {
        who
        for who in everybody
        if not is_shut_out(quiet_house.ask(method, here(path), who, json=body) if body is not None
                           else quiet_house.ask(method, here(path), who))
    }  # fmt: skip
    assert let_in == allowed


ANYBODY = {call for call, (allowed, _) in CALLS.items() if None in allowed}
NONSENSE = [b"", b"not JSON", b"[]", b'{"cheat": true}', b"\xff\xfe"]


@pytest.mark.parametrize("content", NONSENSE, ids=str)
@pytest.mark.parametrize(("method", "path"), sorted({c for c in CALLS if c[0] == "POST"} - ANYBODY), ids=str)
def test_rights_are_looked_at_before_what_was_sent(quiet_house: House, method: str, path: str, content: bytes) -> None:
    sent = {"content": content, "headers": {"content-type": "application/json"}}
    before = quiet_house.trace()
    if path != "/tickets":  # the example office has an open phone channel: strangers are told what is wrong
        refused(quiet_house.ask(method, here(path), None, **sent), Problem.NOT_SIGNED_IN)
    for who in quiet_house.cast.keys() - CALLS[method, path][0]:
        refused(quiet_house.ask(method, here(path), who, **sent), Problem.FORBIDDEN)
    assert quiet_house.trace() == before


def test_whoever_may_call_learns_what_is_wrong_with_the_body(quiet_house: House) -> None:
    sent = {"content": b"not JSON", "headers": {"content-type": "application/json"}}
    refused(quiet_house.ask("POST", "/policy", "manager", **sent), Problem.BODY_INVALID)
    refused(quiet_house.ask("POST", "/tickets", "kiosk", **sent), Problem.BODY_INVALID)


@pytest.mark.parametrize(("phones", "code"), [(True, Problem.BODY_INVALID), (False, Problem.NOT_SIGNED_IN)])
def test_what_strangers_send_is_read_where_the_phone_channel_is_open(
    build: Callable[[Site], House], phones: bool, code: Problem
) -> None:
    made = build(replace(example(), phone_channel=phones))
    refused(made.ask("POST", "/tickets", None, content=b"no", headers={"content-type": "application/json"}), code)


def test_the_table_above_knows_every_route(quiet_house: House) -> None:
    routes = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in quiet_house.app.openapi()["paths"].items()
        if path.startswith("/api/v1")
        for method in methods
    }
    assert routes - CALLS.keys() == {("GET", "/events")}  # has tests of its own
    assert CALLS.keys() <= routes


@pytest.mark.parametrize("who", [None, "auditor", "board"])
def test_a_stranger_changes_nothing(house: House, who: str | None) -> None:
    house.open_counter("q1")
    ticket = house.take()
    before = house.trace()
    for (method, path), (allowed, body) in CALLS.items():
        if method == "POST" and who not in allowed:
            got = house.post(here(path).replace("A999", ticket["number"]), body, who)
            refused(got, Problem.NOT_SIGNED_IN if who is None else Problem.FORBIDDEN)
    assert house.trace() == before


def test_an_officer_works_at_the_own_counter_only(house: House) -> None:
    assert house.post("/counters/q1/open", {}, "officer 1").status_code == 200
    before = house.trace()
    refused(house.post("/counters/q2/open", {}, "officer 1"), Problem.FORBIDDEN)
    refused(house.post("/counters/q1/close", {}, "officer 2"), Problem.FORBIDDEN)
    assert house.trace() == before


def test_a_kiosk_speaks_for_itself_only(house: House) -> None:
    before = house.trace()
    for name, body in {"lease": {}, "help": {}, "device": {"device": "printer", "problem": "paper-out"}}.items():
        refused(house.post(f"/kiosks/kiosk-2/{name}", body, "kiosk"), Problem.FORBIDDEN)
    assert house.trace() == before


@pytest.mark.parametrize(
    "header",
    ["Bearer ", "Bearer x", "Bearer " + "a" * 5000, "Basic YTpi", "Bearer eyJyIjoiYWRtaW4ifQ.forged", "bearer null"],
)
def test_a_token_that_is_not_ours_opens_nothing(quiet_house: House, header: str) -> None:
    refused(quiet_house.get("/state", headers={"authorization": header}), Problem.NOT_SIGNED_IN)


def test_a_token_of_another_data_folder_opens_nothing(quiet_house: House) -> None:
    from queue_server.auth import Tokens
    from queue_server.contract.ports import Identity
    from queue_server.keys import Secret

    foreign = Tokens(Secret.single(b"another key")).make(Identity(role="admin"))
    got = quiet_house.get("/state", headers={"authorization": f"Bearer {foreign}"})
    refused(got, Problem.NOT_SIGNED_IN)
    assert got.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", f"{URL}.evil.example", "http://office.tes"])
def test_a_cookie_from_another_page_carries_no_command(house: House, origin: str | None) -> None:
    headers = {"cookie": f"{COOKIE}={house.session('officer')}"} | ({"origin": origin} if origin else {})
    before = house.trace()
    refused(house.post("/counters/q1/open", {}, headers=headers), Problem.NOT_SIGNED_IN)
    if origin:
        refused(house.get("/state", headers=headers), Problem.NOT_SIGNED_IN)
    assert house.trace() == before


def test_a_cookie_from_our_page_works(house: House) -> None:
    headers = {"cookie": f"{COOKIE}={house.session('officer')}"}
    assert house.get("/state", headers=headers).status_code == 200
    assert house.post("/counters/q1/open", {}, headers=headers | {"origin": URL}).status_code == 200


def test_a_bad_bearer_is_not_saved_by_a_good_cookie(house: House) -> None:
    headers = {"cookie": f"{COOKIE}={house.session('officer')}", "origin": URL, "authorization": "Bearer nonsense"}
    refused(house.post("/counters/q1/open", {}, headers=headers), Problem.NOT_SIGNED_IN)
