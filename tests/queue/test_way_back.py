"""Somebody sent on with return comes home, whatever the counters do meanwhile and however often they are sent on."""

import random

import pytest

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from queue_server.queue.events import TicketTransferred
from queue_server.queue.state import Ticket
from queue_server.queue.states import TicketState
from queue_server.queue.way_back import Stop, after, is_return
from tests.queue.builders import Day


def sent(day: Day, **where: str) -> Ticket:
    """Somebody of counter 1 whom it sends on and wants back."""
    ticket = day.take("ho_tich")
    day.next("1")
    day.do(cmd.Transfer(counter="1", return_to_sender=True, **where))
    return ticket


def served_at(day: Day, counter: str, ticket: Ticket) -> None:
    assert day.next(counter) is ticket
    day.later(minutes=5).do(cmd.Finish(counter=counter))


def where(ticket: Ticket) -> tuple[TicketState, str, str | None]:
    return ticket.state, ticket.service, ticket.pinned


def test_a_sender_who_closes_meanwhile_loses_nobody() -> None:
    day = Day().open("1", "2", "3")
    ticket = sent(day, to_service="dat_dai")
    day.do(cmd.CloseCounter(counter="1"))
    served_at(day, "2", ticket)
    assert where(ticket) == (TicketState.WAITING, "ho_tich", None)
    served_at(day, "3", ticket)
    assert ticket.state is TicketState.SERVED


def test_a_sender_who_opens_again_gets_the_person_back() -> None:
    day = Day().open("1", "2")
    ticket = sent(day, to_service="dat_dai")
    day.do(cmd.CloseCounter(counter="1"))
    day.open("1")
    served_at(day, "2", ticket)
    assert where(ticket) == (TicketState.WAITING, "ho_tich", "1")


def test_a_sender_who_closes_while_the_person_waits_to_come_back_leaves_them_to_the_service() -> None:
    day = Day().open("1", "2", "3")
    ticket = sent(day, to_service="dat_dai")
    served_at(day, "2", ticket)
    day.do(cmd.CloseCounter(counter="1"))
    assert where(ticket) == (TicketState.WAITING, "ho_tich", None)
    served_at(day, "3", ticket)
    assert ticket.state is TicketState.SERVED


def test_sent_onward_by_the_second_counter_the_person_still_comes_back() -> None:
    day = Day().open("1", "2", "3")
    ticket = sent(day, to_counter="2")
    assert day.next("2") is ticket
    day.do(cmd.Transfer(counter="2", to_service="noi_bo"))
    served_at(day, "3", ticket)
    assert where(ticket) == (TicketState.WAITING, "ho_tich", "1")


def test_nested_returns_come_home_one_after_the_other() -> None:
    day = Day().open("1", "2", "3")
    ticket = sent(day, to_service="dat_dai")
    assert day.next("2") is ticket
    day.do(cmd.Transfer(counter="2", to_service="noi_bo", return_to_sender=True))
    served_at(day, "3", ticket)
    assert where(ticket) == (TicketState.WAITING, "dat_dai", "2")
    served_at(day, "2", ticket)
    assert where(ticket) == (TicketState.WAITING, "ho_tich", "1")
    served_at(day, "1", ticket)
    assert ticket.state is TicketState.SERVED


def test_a_sender_who_serves_the_person_himself_is_done_with_them() -> None:
    day = Day().open("3")
    ticket = day.take("ho_tich")
    day.next("3")
    day.do(cmd.Transfer(counter="3", to_service="dat_dai", return_to_sender=True))
    served_at(day, "3", ticket)
    assert ticket.state is TicketState.SERVED


@pytest.mark.parametrize("home", [{"to_counter": "1"}, {"to_service": "ho_tich"}])
def test_sent_home_by_hand_is_sent_home(home: dict[str, str]) -> None:
    day = Day().open("1", "2")
    ticket = sent(day, to_service="dat_dai")
    assert day.next("2") is ticket
    day.do(cmd.Transfer(counter="2", **home))
    served_at(day, "1", ticket)
    assert ticket.state is TicketState.SERVED


def test_a_person_missed_held_or_put_back_keeps_the_way_back() -> None:
    day = Day().open("1", "2")
    ticket = sent(day, to_service="dat_dai")
    day.next("2")
    day.do(cmd.PutBack(counter="2"))
    assert day.do(cmd.CallNext(counter="2"))
    day.do(cmd.NoShow(counter="2"))
    day.do(cmd.Reinstate(ticket=ticket.id))
    day.next("2")
    day.do(cmd.Hold(counter="2"))
    day.do(cmd.ResumeTicket(counter="2", ticket=ticket.id))
    day.do(cmd.Finish(counter="2"))
    assert where(ticket) == (TicketState.WAITING, "ho_tich", "1")


def test_the_sender_note_stays_with_the_person() -> None:
    day = Day().open("1", "2")
    ticket = day.take("ho_tich")
    day.next("1")
    day.do(cmd.Transfer(counter="1", to_service="dat_dai", return_to_sender=True, note="n7"))
    served_at(day, "2", ticket)
    assert ticket.note == "n7"


def test_journals_of_before_say_in_the_note_that_somebody_came_back() -> None:
    event = TicketTransferred(
        ticket="t", counter="2", service="ho_tich", to_counter="1", return_to=None, since=Day().now, note="return"
    )
    assert is_return(event)
    assert after((Stop(counter="1", service="ho_tich"),), "dat_dai", event) == ()


def test_whatever_is_done_nobody_is_served_with_a_way_back_left() -> None:
    """Random work of three counters: the office itself never ends a visit that somebody wants back elsewhere."""
    for seed in range(60):
        draw = random.Random(seed)
        day = Day().open("1", "2", "3")
        ticket = day.take("ho_tich")
        for _ in range(60):
            counter = draw.choice("123")
            other = draw.choice([c for c in "123" if c != counter])
            wish = draw.choice(
                [
                    cmd.CallNext(counter=counter),
                    cmd.Start(counter=counter),
                    cmd.Transfer(counter=counter, to_counter=other, return_to_sender=draw.random() < 0.6),
                    cmd.Transfer(counter=counter, to_service="dat_dai", return_to_sender=draw.random() < 0.6),
                    cmd.CloseCounter(counter=counter),
                    cmd.OpenCounter(counter=counter, officer="o"),
                    cmd.Finish(counter=counter),
                ]
            )
            try:
                day.do(wish)
            except Refused:
                continue
            if ticket.state is TicketState.SERVED:
                left = {stop.counter for stop in ticket.way_back} - {ticket.counter}
                assert not left, f"seed {seed}"
                break


def test_no_service_twice_in_one_visit_by_a_transfer() -> None:
    day = Day().open("1", "2", "3")
    first = day.take("ho_tich+dat_dai")
    day.do(cmd.CallNumber(counter="1", ticket=first.id))
    with pytest.raises(Refused) as refusal:
        day.do(cmd.Transfer(counter="1", to_service="dat_dai"))
    assert refusal.value.code is Problem.SERVICE_WANTED
    assert first.state is TicketState.CALLED


def test_no_service_twice_where_somebody_is_to_come_back_to_it() -> None:
    day = Day().open("1", "2", "3")
    first = day.take("ho_tich+dat_dai")
    second = next(t for t in day.state.tickets.values() if t.service == "dat_dai")
    day.do(cmd.CallNumber(counter="1", ticket=first.id))
    day.do(cmd.Transfer(counter="1", to_service="noi_bo", return_to_sender=True))
    day.do(cmd.CallNumber(counter="2", ticket=second.id))
    with pytest.raises(Refused) as refusal:
        day.do(cmd.Transfer(counter="2", to_service="ho_tich"))
    assert refusal.value.code is Problem.SERVICE_WANTED
    day.do(cmd.Finish(counter="2"))
    served_at(day, "3", first)
    served_at(day, "1", first)
    assert first.state is TicketState.SERVED
