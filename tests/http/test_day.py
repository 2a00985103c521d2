"""A person's way through the office over HTTP, and what each answer says."""

import json
from datetime import datetime, timedelta

import pytest

from queue_server.contract.problems import Problem
from tests.http.house import DAY, URL, House, refused


def test_from_the_kiosk_to_thanks(house: House) -> None:
    house.open_counter("q1")
    ticket = house.take("ho_tich", language="en")
    assert (ticket["id"], ticket["number"], ticket["service"]) == (f"{DAY}-A001", "A001", "ho_tich")
    assert len(ticket["token"]) == 22
    assert ticket["url"] == f"{URL}/t/{ticket['token']}"
    assert (ticket["people_ahead"], ticket["wait"]["low"], ticket["counters"]) == (0, 0, ["1"])
    mine = f"/tickets/{ticket['token']}"
    assert house.get(mine).json()["state"] == "waiting"
    house.later(minutes=4)
    called = house.next("q1")
    assert called is not None
    assert (called["number"], called["counter_label"]) == ("A001", "1")
    assert called["reason"]["code"] == "only_one"
    assert called["reason"]["vi"] == "Người duy nhất đang chờ quầy này, đã chờ 4 phút."
    seen = house.get(mine).json()
    assert (seen["state"], seen["counter_label"]) == ("called", "1")
    assert house.post("/counters/q1/start", {}, "officer 1").json()["ticket"]["state"] == "serving"
    house.later(minutes=6)
    done = house.post("/counters/q1/finish", {}, "officer 1").json()
    assert (done["counter"]["served"], done["ticket"]) == (1, None)
    seen = house.post(f"{mine}/feedback", {"score": 4, "reasons": ["lich_su"]}).json()
    assert (seen["state"], seen["can"]) == ("served", [])
    refused(house.post(f"{mine}/feedback", {"score": 1}), Problem.FEEDBACK_GIVEN)
    assert house.is_whole()


def test_every_move_of_an_officer(house: House) -> None:
    house.open_counter("q1", "q2")
    for _ in range(3):
        house.take()
    house.next("q1")
    refused(house.post("/counters/q1/recall", {}, "officer 1"), Problem.CALL_TOO_SOON)
    for time in (2, 3, 4):
        house.later(seconds=20)
        assert house.post("/counters/q1/recall", {}, "officer 1").json()["ticket"]["calls"] == time
    house.later(seconds=20)
    refused(house.post("/counters/q1/recall", {}, "officer 1"), Problem.CALL_LIMIT)
    assert house.post("/counters/q1/return", {}, "officer 1").json()["ticket"] is None
    assert house.next("q1")["number"] == "A001"  # type: ignore[index]  # the place was kept
    assert house.post("/counters/q1/no-show", {}, "officer 1").json()["counter"]["doing"] == "idle"
    assert house.post("/tickets/by-number/A001/reinstate", {}, "officer 1").json()["state"] == "waiting"
    called = house.post("/counters/q1/call", {"ticket": "A003"}, "officer 1").json()
    assert (called["number"], called["reason"]["code"]) == ("A003", "officer_choice")
    held = house.post("/counters/q1/hold", {"reason": "Tờ khai"}, "officer 1").json()
    assert held["counter"]["doing"] == "idle"
    again = house.post("/counters/q1/resume", {"ticket": "A003"}, "officer 1").json()
    assert (again["ticket"]["number"], again["ticket"]["state"]) == ("A003", "serving")
    body = {"service": "chung_thuc", "return_to_sender": True, "note": "bản sao"}
    assert house.post("/counters/q1/transfer", body, "officer 1").json()["ticket"] is None
    assert house.post("/tickets/priority", {"ticket": "A002", "priority": "elderly"}, "officer 1").status_code == 200
    assert house.next("q2")["number"] == "A002"  # type: ignore[index]
    assert house.post("/tickets/by-number/A001/cancel", {}, "officer 1").json()["state"] == "cancelled"
    paused = house.post("/counters/q1/pause", {"reason": "Nghỉ trưa"}, "officer 1").json()["counter"]
    assert (paused["status"], paused["pause_reason"]) == ("paused", "Nghỉ trưa")
    refused(house.post("/counters/q1/call-next", {}, "officer 1"), Problem.COUNTER_PAUSED)
    assert house.post("/counters/q1/unpause", {}, "officer 1").json()["counter"]["status"] == "open"
    skills = {"services": ["chung_thuc"]}
    assert house.post("/counters/q1/reskill", skills, "officer 1").json()["counter"]["services"] == ["chung_thuc"]
    assert house.next("q1")["number"] == "A003"  # type: ignore[index]
    assert house.post("/counters/q1/finish", {}, "officer 1").json()["ticket"] is None
    assert house.post("/counters/q1/close", {}, "officer 1").json()["counter"]["status"] == "closed"
    assert house.is_whole()


def test_nobody_fits(house: House) -> None:
    house.open_counter("q1")
    got = house.post("/counters/q1/call-next", {}, "officer 1")
    assert (got.status_code, got.content) == (204, b"")


def test_a_citizen_postpones_and_gives_back(house: House) -> None:
    first, second = house.take(), house.take()
    mine = f"/tickets/{first['token']}"
    postponed = house.post(f"{mine}/postpone", {"minutes": 10}).json()
    assert (postponed["state"], postponed["people_ahead"]) == ("waiting", 1)
    assert house.post(f"{mine}/postpone").status_code == 200
    refused(house.post(f"{mine}/postpone"), Problem.POSTPONE_LIMIT)
    assert house.post(f"{mine}/cancel").json()["state"] == "cancelled"
    assert house.post(f"{mine}/cancel").json()["state"] == "cancelled"
    assert house.get(f"/tickets/{second['token']}").json()["people_ahead"] == 0


def test_two_services_share_a_number_and_a_page(house: House) -> None:
    house.open_counter("q1")
    ticket = house.take("ho_tich", also=[{"service": "dat_dai"}])
    page = house.get(f"/tickets/{ticket['token']}").json()
    assert page["number"] == "A001"
    assert [state for _, state in page["others"]] == ["waiting"]
    house.next("q1")
    assert [t["state"] for t in house.get("/state", "board").json()["tickets"]] == ["called", "waiting"]
    house.post("/counters/q1/finish", {}, "officer 1")
    gone = house.post(f"/tickets/{ticket['token']}/cancel", headers={"idempotency-key": "give-back"}).json()
    assert sorted([gone["state"], *(state for _, state in gone["others"])]) == ["cancelled", "served"]
    again = house.post(f"/tickets/{ticket['token']}/cancel", headers={"idempotency-key": "give-back"})
    assert again.status_code == 200, again.text


def test_the_served_one_of_two_services_is_rated(house: House) -> None:
    house.open_counter("q5")
    ticket = house.take("ho_tich", also=[{"service": "dat_dai"}])
    house.post("/counters/q5/call", {"ticket": f"{ticket['id']}-2"}, "officer")
    house.post("/counters/q5/finish", {}, "officer")
    house.post(f"/tickets/{ticket['token']}/cancel")
    page = house.get(f"/tickets/{ticket['token']}").json()
    assert (page["state"], page["can"]) == ("served", ["feedback"])
    assert house.post(f"/tickets/{ticket['token']}/feedback", {"score": 4}).status_code == 200


@pytest.mark.parametrize("written", ["A001", "a1", "A-001", " a 01 ", "1"])
def test_an_officer_calls_a_number_however_it_is_written(house: House, written: str) -> None:
    house.open_counter("q1")
    house.take("ho_tich")
    called = house.post("/counters/q1/call", {"ticket": written}, "officer").json()
    assert called["number"] == "A001"


def test_a_number_that_several_lines_have_is_asked_for_with_its_letter(house: House) -> None:
    house.open_counter("q1")
    house.open_counter("q5")
    first, other = house.take("ho_tich"), house.take("dat_dai")
    refused = house.post("/counters/q1/call", {"ticket": "1"}, "officer")
    assert (refused.status_code, refused.json()["code"]) == (409, "number-ambiguous")
    assert refused.json()["detail"] == ", ".join(sorted((first["number"], other["number"])))
    house.post("/counters/q5/call-next", {}, "officer")
    house.post("/counters/q5/finish", {}, "officer")
    assert house.post("/counters/q1/call", {"ticket": "1"}, "officer").json()["number"] == first["number"]


def test_a_procedure_leads_to_its_service(house: House) -> None:
    found = house.get("/procedures", params={"q": "khai sinh", "limit": 3}).json()["procedures"]
    ticket = house.post("/tickets", {"procedure": found[0]["id"]}, "kiosk").json()
    assert ticket["service"] == found[0]["service"] == "ho_tich"
    one = house.get(f"/procedures/{found[0]['id']}").json()
    assert one["id"] == found[0]["id"]
    assert [row["procedures"] > 0 for row in house.get("/fields").json()["fields"]]


def test_the_catalogue_is_sent_once(house: House) -> None:
    first = house.get("/catalogue")
    assert {"version", "fields", "procedures"} <= first.json().keys()
    assert "khai_sinh" in first.json()["everyday"]["phrases"], "a kiosk that is alone searches by everyday words"
    again = house.get("/catalogue", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = house.get("/catalogue", headers={"if-none-match": '"an older one"'})
    assert (other.status_code, other.headers["etag"]) == (200, first.headers["etag"])


def test_what_a_kiosk_asks(house: House) -> None:
    about = house.get("/kiosks/kiosk-1", "kiosk").json()
    assert (about["id"], about["zone"], about["open"], about["languages"]) == ("kiosk-1", "a", True, ["vi", "en"])
    assert {row["id"] for row in about["classes"]} >= {"elderly", "pregnant", "disabled", "merit", "with_infant"}
    ticket = house.take()
    report = {"ticket": ticket["id"], "problem": "paper-out"}
    assert house.post("/kiosks/kiosk-1/print-report", report, "kiosk").status_code == 200
    assert house.office.state.tickets[ticket["id"]].printed is False
    call = house.post("/kiosks/kiosk-1/help", {}, "kiosk")
    assert (call.status_code, call.json()) == (201, {"help": "H1"})
    assert house.post("/kiosks/kiosk-1/help", {}, "kiosk").json() == {"help": "H1"}  # one guide is on the way
    assert house.post("/help/H1/done", {}, "officer 1").json() == {"help": "H1", "done": True}
    device = {"device": "printer", "problem": "jam"}
    assert house.post("/kiosks/kiosk-1/device", device, "kiosk").json()["device"] == "kiosk-1-printer"
    assert house.office.state.devices == {"kiosk-1-printer": "jam"}


def test_numbers_in_hand_come_back_with_their_own_time(house: House) -> None:
    lease = house.post("/kiosks/kiosk-1/lease", {}, "kiosk").json()
    mine = [row for row in lease["numbers"] if row["prefix"] == "A"]
    assert len(mine) == 20
    assert lease["day"] == DAY
    other = {row["number"] for row in house.post("/kiosks/kiosk-2/lease", {}, "admin").json()["numbers"]}
    assert other.isdisjoint(row["number"] for row in lease["numbers"])
    house.later(minutes=10)
    later = house.take()
    taken = (datetime.fromisoformat(lease["at"]) + timedelta(minutes=2)).isoformat()
    body = {"service": "ho_tich", "number": mine[0]["number"], "taken_at": taken}
    got = house.post("/kiosks/kiosk-1/hand-in", body, "kiosk", headers={"idempotency-key": "in-1"})
    assert (got.status_code, got.json()["token"], got.json()["provisional"]) == (201, mine[0]["token"], True)
    again = house.post("/kiosks/kiosk-1/hand-in", body, "kiosk", headers={"idempotency-key": "in-1"})
    assert again.json()["id"] == got.json()["id"]
    refused(house.post("/kiosks/kiosk-1/hand-in", body, "kiosk"), Problem.NUMBER_USED)
    house.open_counter("q1")
    order = [house.next("q1"), house.next("q1")]
    assert [row["number"] for row in order if row] == [mine[0]["number"], later["number"]]
    assert mine[0]["number"] not in {
        r["number"] for r in house.post("/kiosks/kiosk-1/lease", {}, "kiosk").json()["numbers"]
    }


def test_a_kiosk_that_was_alone_hands_in_all_it_gave_at_once(house: House) -> None:
    lease = house.post("/kiosks/kiosk-1/lease", {}, "kiosk").json()
    services = {service.prefix: service.id for service in house.site.office.services.values()}
    before = house.journal.last_seq
    for row in lease["numbers"]:
        body = {"service": services[row["prefix"]], "number": row["number"], "taken_at": lease["at"]}
        got = house.post("/kiosks/kiosk-1/hand-in", body, "kiosk")
        assert got.status_code == 201, got.text
        for _ in range(3):  # and its printer says again and again that it has no paper
            report = {"ticket": got.json()["id"], "problem": "paper-out"}
            assert house.post("/kiosks/kiosk-1/print-report", report, "kiosk").status_code == 200
    assert len(lease["numbers"]) >= 60
    assert house.journal.last_seq - before == 2 * len(lease["numbers"]), "one entry a number, one a report"


def test_leaders_see_figures(house: House) -> None:
    house.open_counter("q1")
    house.take()
    house.later(minutes=12)
    house.next("q1")
    house.next("q1")
    today = house.get("/reports/today", "auditor").json()
    assert (today["issued"], today["served"], round(today["mean_wait"], 1)) == (1, 1, 12.0)
    rows = {row["id"]: row for row in house.get("/targets", "manager").json()["targets"]}
    assert (rows["wait_2025"]["met"], rows["wait_2022_plan"]["met"]) == (True, True)
    day = house.get(f"/reports/days/{DAY}", "manager").json()
    assert (day["visits"], round(day["mean_wait"], 1), day["over_target"]) == (1, 12.0, 0.0)
    policy = {"ordinary_per_priority": 3, "ceiling_multiple": 2}
    assert house.post("/policy", policy, "manager").json()["ordinary_per_priority"] == 3
    assert house.get("/policy", "auditor").json()["ceiling_multiple"] == 2


def test_health_and_metrics(house: House) -> None:
    house.take()
    assert house.get("/healthz").json() == {"ok": True}
    assert house.get("/readyz").json()["ready"] is True
    house.broker = "no connection"
    got = house.get("/readyz")
    assert (got.status_code, got.json()["parts"]["broker"]) == (503, "no connection")
    lines = dict(line.rsplit(" ", 1) for line in house.get("/metrics").text.splitlines() if not line.startswith("#"))
    assert lines['motcua_waiting{service="ho_tich"}'] == "1.0"
    assert lines["motcua_tickets_total"] == "1.0"
    assert float(lines["motcua_journal_seq"]) == house.journal.last_seq


def test_a_full_disk_is_said_and_nothing_is_lost(house: House) -> None:
    house.take()
    writer = house.journal._writer
    assert writer is not None
    writer.execute("pragma max_page_count = 1")
    answers = [house.post("/tickets", {"service": "ho_tich"}, "kiosk", headers={"idempotency-key": f"k{n}"})
               for n in range(40)]  # fmt: skip
    lost = [n for n, got in enumerate(answers) if got.status_code != 201]
    assert lost
    refused(answers[lost[0]], Problem.STORAGE_FAILED)
    assert house.get("/readyz").status_code == 503
    writer.execute("pragma max_page_count = 1000000")
    retried = [house.post("/tickets", {"service": "ho_tich"}, "kiosk", headers={"idempotency-key": f"k{n}"})
               for n in range(40)]  # fmt: skip
    assert [got.status_code for got in retried] == [201] * 40
    assert len({got.json()["number"] for got in retried}) == 40
    assert len(house.office.state.tickets) == 41
    assert house.get("/readyz").status_code == 200
    assert house.is_whole()


def test_answers_are_plain_json(house: House) -> None:
    house.open_counter("q1")
    house.take(priority="elderly")
    for path in ("/services", "/state", "/counters", "/reports/today"):
        got = house.get(path, "admin")
        assert got.headers["content-type"] == "application/json"
        assert "NaN" not in got.text
        assert json.loads(got.content)
