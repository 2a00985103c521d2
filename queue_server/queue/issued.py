"""The ticket that an issue makes. Pure."""

from queue_server.queue.events import TicketIssued
from queue_server.queue.matter import matter_of
from queue_server.queue.state import Ticket


def issued(e: TicketIssued, *, order: int) -> Ticket:
    """A fresh ticket, the `order`-th of the day."""
    return Ticket(
        id=e.ticket,
        visit=e.visit,
        number=e.number,
        service=e.service,
        class_id=e.class_id,
        order=order,
        taken_at=e.taken_at,
        since=e.since,
        language=e.language,
        channel=e.channel,
        kiosk=e.kiosk,
        procedure=e.procedure,
        matter=matter_of(e),
        expected=e.expected,
        spread=e.spread,
        appointment_at=e.appointment_at,
        claimed=e.claimed,
        provisional=e.handed_in,
        people_ahead=e.people_ahead,
        wait_low=e.wait_low,
        wait_likely=e.wait_likely,
        wait_high=e.wait_high,
    )
