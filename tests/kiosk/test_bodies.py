"""What the kiosk sends fits the contract."""

from datetime import UTC, datetime

from kiosk.events import AskForTicket
from kiosk.taking import hand_in_body, ticket_body
from kiosk.world import Wanted
from queue_server.contract.messages import HandInBody, TicketBody

BIRTH = Wanted(service="ho_tich", procedure="khai_sinh", ready=True, papers=3, cases=())
COLLECT = Wanted(service="tra_ket_qua")
NOW = datetime(2026, 9, 21, 1, 12, tzinfo=UTC)


def test_bodies_fit_the_contract() -> None:
    ask = AskForTicket("boot-1", (BIRTH, COLLECT), "elderly", "vi")
    assert TicketBody.model_validate(ticket_body(ask)).also[0].service == "tra_ket_qua"
    handed = HandInBody.model_validate(hand_in_body(ask, BIRTH, NOW) | {"number": "A001"})
    assert (handed.procedure, handed.priority, handed.taken_at) == ("khai_sinh", "elderly", NOW)


def test_nothing_is_said_that_is_not_known() -> None:
    ask = AskForTicket("boot-1", (COLLECT,), None, "vi")
    assert ticket_body(ask) == {"service": "tra_ket_qua", "language": "vi", "channel": "kiosk"}
