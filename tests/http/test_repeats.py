"""`Idempotency-Key`: a repeat reads the first answer, also after a restart and on another day."""

from typing import Any

import pytest

from queue_server.contract.problems import Problem
from queue_server.days import keep_day
from tests.http.house import House, refused


def key(text: str) -> dict[str, Any]:
    return {"headers": {"idempotency-key": text}}


def test_a_repeated_ticket_is_one_ticket(house: House) -> None:
    first = house.post("/tickets", {"service": "ho_tich"}, "kiosk", **key("tap-1"))
    again = house.post("/tickets", {"service": "ho_tich"}, "kiosk", **key("tap-1"))
    assert (again.status_code, again.json()) == (201, first.json())
    after = house.restart().post("/tickets", {"service": "ho_tich"}, "kiosk", **key("tap-1"))
    assert after.json() == first.json()
    assert len(house.office.state.tickets) == 1
    assert house.get(f"/tickets/{first.json()['token']}").status_code == 200


def test_a_repeated_call_calls_nobody_else(house: House) -> None:
    house.open_counter("q1")
    house.take()
    house.take()
    first = house.post("/counters/q1/call-next", {}, "officer 1", **key("press-1"))
    house.post("/counters/q1/finish", {}, "officer 1")
    again = house.post("/counters/q1/call-next", {}, "officer 1", **key("press-1"))
    assert again.json() == first.json()
    assert house.office.state.counters["q1"].ticket is None


@pytest.mark.parametrize(
    ("path", "body", "who"),
    [
        ("/tickets", {"service": "dat_dai"}, "kiosk"),
        ("/tickets", {"service": "ho_tich", "language": "en"}, "kiosk"),
        ("/kiosks/kiosk-1/help", None, "kiosk"),
    ],
)
def test_another_command_under_the_same_key_is_refused(house: House, path: str, body: object, who: str) -> None:
    house.post("/tickets", {"service": "ho_tich"}, "kiosk", **key("k"))
    before = house.trace()
    refused(house.post(path, body, who, **key("k")), Problem.COMMAND_ID_REUSED)
    assert house.trace() == before


def test_a_strangers_key_takes_nothing_from_anybody(house: House) -> None:
    """A ticket's holder and an officer use the key of a kiosk's letter first; its number is taken all the same."""
    leased = house.post("/kiosks/kiosk-1/lease", None, "kiosk").json()["numbers"][0]["number"]
    mine = house.take()
    used = key(f"hand-in-{leased}")
    assert house.post(f"/tickets/{mine['token']}/postpone", {"minutes": 5}, **used).status_code == 200
    assert house.post("/tickets", {"service": "ho_tich"}, "officer 1", **used).status_code == 201
    service = next(s.id for s in house.site.office.services.values() if s.prefix == leased[0])
    body = {"service": service, "number": leased, "taken_at": house.clock.now.isoformat()}
    first = house.post("/kiosks/kiosk-1/hand-in", body, "kiosk", **used)
    assert (first.status_code, first.json()["number"]) == (201, leased), first.text
    assert house.restart().post("/kiosks/kiosk-1/hand-in", body, "kiosk", **used).json() == first.json()


def test_a_key_survives_what_the_visit_comes_to(house: House) -> None:
    house.open_counter("q1", "q5")
    ticket = house.take("ho_tich", also=[{"service": "dat_dai"}])
    first = house.post("/counters/q1/call", {"ticket": "A001"}, "officer", **key("call"))
    assert first.status_code == 200, first.text
    house.post("/counters/q1/finish", {}, "officer")
    assert house.post("/counters/q1/call", {"ticket": "A001"}, "officer", **key("call")).json() == first.json()
    gone = house.post("/tickets/by-number/A001/cancel", {}, "officer", **key("gone"))
    assert gone.json()["id"] == f"{ticket['id']}-2"
    assert house.post("/tickets/by-number/A001/cancel", {}, "officer", **key("gone")).json() == gone.json()


def test_somebody_elses_key_does_not_reach_their_ticket(house: House) -> None:
    mine, theirs = house.take(), house.take()
    house.post(f"/tickets/{theirs['token']}/postpone", {"minutes": 5}, **key("theirs"))
    for _ in range(2):
        assert house.post(f"/tickets/{mine['token']}/postpone", {"minutes": 5}, **key("theirs")).status_code == 200
    assert house.office.state.tickets[theirs["id"]].postponed == 1
    assert house.office.state.tickets[mine["id"]].postponed == 1


def test_yesterdays_keys_and_tokens(house: House) -> None:
    house.open_counter("q1")
    old = house.post("/tickets", {"service": "ho_tich"}, "kiosk", **key("tap"))
    house.post("/counters/q1/call-next", {}, "officer", **key("press"))
    house.post("/counters/q1/finish", {}, "officer")
    house.later(days=1)
    assert house.run(keep_day(house.office, house.site))
    refused(house.get(f"/tickets/{old.json()['token']}"), Problem.TICKET_UNKNOWN)
    before = house.trace()
    again = house.post("/tickets", {"service": "ho_tich"}, "kiosk", **key("tap"))
    assert (again.status_code, again.json()["id"]) == (201, old.json()["id"])
    refused(house.get(f"/tickets/{old.json()['token']}"), Problem.TICKET_UNKNOWN)
    refused(house.post("/counters/q1/call-next", {}, "officer", **key("press")), Problem.TICKET_UNKNOWN)
    assert house.trace() == before
