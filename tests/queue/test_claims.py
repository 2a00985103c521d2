"""A class that somebody claims from afar: it waits like everybody's until a desk has confirmed it."""

import pytest

from queue_server.contract.problems import Problem
from queue_server.journal.codec import decode, encode
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.state import Ticket
from queue_server.queue.states import TicketState
from tests.queue.builders import Day
from tests.queue.test_calls import refused


def claim(day: Day, claimed: str = "elderly", service: str = "ho_tich") -> Ticket:
    wanted = (cmd.Wanted(service=service),)
    (event,) = day.do(cmd.IssueTicket(wanted=wanted, channel="phone", claimed=claimed))
    assert isinstance(event, ev.TicketIssued)
    return day.state.tickets[event.ticket]


def answer(day: Day, ticket: Ticket, class_id: str) -> list[ev.Event]:
    return day.do(cmd.ChangePriority(ticket=ticket.id, class_id=class_id))


def test_nobody_stands_first_by_a_claim() -> None:
    day = Day().open("1")
    first = day.take()
    claimed = claim(day)
    assert (claimed.class_id, claimed.claimed) == ("walk_in", "elderly")
    assert day.next("1") is first


def test_a_confirmed_claim_counts_from_when_the_number_was_taken() -> None:
    day = Day().open("1")
    day.take()
    claimed = claim(day)
    since = claimed.since
    assert len(answer(day, claimed, "elderly")) == 1
    assert (claimed.class_id, claimed.claimed, claimed.since) == ("elderly", None, since)
    assert day.next("1") is claimed


def test_a_claim_that_is_not_so_is_answered_once() -> None:
    day = Day().open("1")
    claimed = claim(day)
    assert len(answer(day, claimed, "walk_in")) == 1
    assert (claimed.class_id, claimed.claimed) == ("walk_in", None)
    assert answer(day, claimed, "walk_in") == []


def test_only_a_class_with_priority_is_to_be_confirmed() -> None:
    day = Day()
    assert claim(day, "walk_in").claimed is None
    assert claim(day, "appointment").claimed is None
    wanted = (cmd.Wanted(service="ho_tich"),)
    assert refused(day, cmd.IssueTicket(wanted=wanted, claimed="vip")) is Problem.CLASS_UNKNOWN


def test_whoever_was_called_has_nothing_to_confirm_any_more() -> None:
    day = Day().open("1")
    claimed = claim(day)
    assert day.next("1") is claimed
    assert refused(day, cmd.ChangePriority(ticket=claimed.id, class_id="elderly")) is Problem.TICKET_STATE
    assert claimed.state is TicketState.CALLED


@pytest.mark.parametrize("claimed", [None, "elderly"])
def test_the_journal_keeps_the_claim(claimed: str | None) -> None:
    day = Day()
    wanted = (cmd.Wanted(service="ho_tich"),)
    (event,) = day.do(cmd.IssueTicket(wanted=wanted, claimed=claimed))
    assert decode("TicketIssued", encode(event)) == event
    assert ("claimed" in encode(event)) is (claimed is not None)
