"""What a kiosk learned of a matter travels with the ticket, and tells how long it will take."""

from math import log
from pathlib import Path
from typing import Any

from queue_server.forecaster.link import ForecastLink
from queue_server.queue.expectation import SPREAD, Table
from queue_server.queue.matter import Matter
from queue_server.queue.state import Ticket
from tests.http.house import House

BIRTH: dict[str, Any] = {
    "procedure": "khai_sinh",
    "cases": ["mang_thai_ho"],
    "papers": 3,
    "copies": 2,
    "supplement": True,
    "ready": False,
    "form_filled": True,
}
KNOWN = Matter(cases=("mang_thai_ho",), papers=3, copies=2, supplement=True, ready=False, form_filled=True)


def only_ticket(house: House) -> Ticket:
    (ticket,) = house.office.state.tickets.values()
    return ticket


def row(house: House) -> dict[str, Any]:
    (found,) = house.office.journal.rows(
        "select cases, papers, copies, supplement, ready, form_filled, expected, spread from tickets"
    )
    return found


def test_the_facts_stand_in_the_journal_and_after_a_restart(house: House) -> None:
    house.post("/tickets", BIRTH, "kiosk")
    assert only_ticket(house).matter == KNOWN
    assert row(house) == {
        "cases": "mang_thai_ho", "papers": 3, "copies": 2, "supplement": 1, "ready": 0, "form_filled": 1,
        "expected": 720.0, "spread": 0.55,
    }  # fmt: skip
    assert only_ticket(house.restart()).matter == KNOWN


def test_a_number_handed_in_later_brings_its_facts(house: House) -> None:
    lease = house.post("/kiosks/kiosk-1/lease", {}, "kiosk").json()
    number = next(row["number"] for row in lease["numbers"] if row["prefix"] == "A")
    taken = {"number": number, "taken_at": house.clock.now.isoformat()}
    got = house.post("/kiosks/kiosk-1/hand-in", BIRTH | taken, "kiosk")
    assert got.status_code == 201, got.text
    assert (only_ticket(house).matter, only_ticket(house).expected) == (KNOWN, 720.0)


def test_who_says_nothing_of_the_matter_is_expected_to_take_what_the_service_takes(house: House) -> None:
    house.take("ho_tich")
    ticket, service = only_ticket(house), house.office.state.setup.services["ho_tich"]
    assert (ticket.matter, ticket.expected, ticket.spread) == (Matter(), service.typical, None)


def test_a_question_of_an_older_catalogue_is_left_out(house: House) -> None:
    house.post("/tickets", {"procedure": "khai_sinh", "cases": ["gone", "tre_bi_bo_roi"]}, "kiosk")
    assert only_ticket(house).matter.cases == ("tre_bi_bo_roi",)


def test_what_was_learned_is_stamped_on_the_next_ticket(house: House, tmp_path: Path) -> None:
    link = ForecastLink(tmp_path)
    link.durations = Table(effects={"procedure:khai_sinh": log(0.5), "papers": 0.0}, spreads={"khai_sinh": SPREAD})
    house.desk.source.forecasts = link
    house.post("/tickets", {"procedure": "khai_sinh", "papers": 3}, "kiosk")
    assert (only_ticket(house).expected, only_ticket(house).spread) == (360.0, 0.55)
