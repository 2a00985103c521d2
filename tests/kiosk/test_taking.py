"""One taking, one number, against a real HTTP server that misbehaves."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import events as ev
from kiosk.events import AskForTicket, Refusal, TicketRefused, TicketTaken
from kiosk.lease import Leased, office_day
from kiosk.spool import Fate, Kind
from kiosk.taking import ticket_body
from tests.kiosk.hands import ASK, BIRTH, COLLECT, Kiosk, now, with_kiosk
from tests.kiosk.standin import Faults, StandIn, running


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with running() as standin:
        yield standin


def number_of(event: ev.Event) -> str:
    assert isinstance(event, TicketTaken), event
    return event.ticket.number


def test_the_server_gives_a_number(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        taken = await kiosk.take()
        assert isinstance(taken, TicketTaken)
        assert (taken.ticket.number, taken.ticket.provisional, taken.ticket.wait_high) == ("A001", False, 15)
        assert kiosk.spool.due() == ()

    with_kiosk(standin, tmp_path, story)
    assert standin.tickets["A001"].body == {
        "procedure": "khai_sinh",
        "ready": True,
        "papers": 3,
        "cases": [],
        "priority": "elderly",
        "language": "vi",
        "channel": "kiosk",
    }
    assert standin.tickets["A001"].key == "boot-1"


def test_several_things_are_one_number(standin: StandIn, tmp_path: Path) -> None:
    with_kiosk(standin, tmp_path, lambda kiosk: kiosk.take(AskForTicket("boot-1", (BIRTH, COLLECT), None, "en")))
    assert standin.tickets["A001"].body["also"] == [{"service": "tra_ket_qua"}]
    assert standin.posts() == 1


def test_a_cut_line_after_issuing_is_healed_by_the_same_key(standin: StandIn, tmp_path: Path) -> None:
    standin.faults = Faults(silent=True, times=1)
    taken = with_kiosk(standin, tmp_path, lambda kiosk: kiosk.take())
    assert number_of(taken) == "A001"
    assert standin.waiting() == ["A001"]
    assert standin.posts() == 2


def test_status_500_once_is_healed_by_the_same_key(standin: StandIn, tmp_path: Path) -> None:
    standin.faults = Faults(status=500, times=1)
    assert number_of(with_kiosk(standin, tmp_path, lambda kiosk: kiosk.take())) == "A001"


def test_an_answer_that_comes_too_late_makes_no_second_number(standin: StandIn, tmp_path: Path) -> None:
    """The server issued a number that never arrived: the person gets a leased one, the other is cancelled."""

    async def story(kiosk: Kiosk) -> str:
        await kiosk.lease()
        standin.faults = Faults(silent=True)
        taken = await kiosk.take()
        assert isinstance(taken, TicketTaken)
        assert taken.ticket.provisional
        assert [letter.kind for letter in kiosk.spool.due()] == [Kind.SETTLE, Kind.HAND_IN]
        assert not await kiosk.courier.deliver(), "the server is still silent"
        standin.faults = Faults()
        assert await kiosk.courier.deliver()
        assert await kiosk.courier.deliver(), "a second round finds nothing to do"
        return taken.ticket.number

    number = with_kiosk(standin, tmp_path, story)
    assert standin.waiting() == [number]
    assert len(standin.tickets) == 2, "the number that the server issued alone was cancelled"


def test_a_slow_server_is_left_after_three_seconds(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> str:
        await kiosk.lease()
        standin.faults = Faults(delay=3.5)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        number = number_of(await kiosk.take())
        assert loop.time() - begun < 30
        standin.faults = Faults()
        assert await kiosk.courier.deliver()
        return number

    number = with_kiosk(standin, tmp_path, story)
    assert standin.waiting() == [number]


def test_without_a_server_the_lease_gives_and_hands_in_later(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> list[str]:
        await kiosk.lease()
        standin.faults = Faults(cut=True, everywhere=True)
        taken = [await kiosk.take(AskForTicket(f"boot-{count}", (BIRTH,), None, "vi")) for count in range(3)]
        numbers = [number_of(each) for each in taken]
        standin.faults = Faults()
        assert await kiosk.courier.deliver()
        return numbers

    numbers = with_kiosk(standin, tmp_path, story)
    assert numbers == ["A001", "A002", "A003"]
    assert standin.waiting() == numbers
    times = [standin.tickets[number].taken_at for number in numbers]
    assert times == sorted(times)
    assert all(times), "each with its own true time of taking"


def test_a_known_absence_goes_straight_to_the_lease(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.lease()
        assert number_of(await kiosk.take(server_up=False)) == "A001"
        assert [letter.kind for letter in kiosk.spool.due()] == [Kind.HAND_IN], "nothing was asked, nothing to settle"

    with_kiosk(standin, tmp_path, story)
    assert standin.posts() == 0


def test_nobody_listens_is_no_doubt(standin: StandIn, tmp_path: Path, free_port: int) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.spool.keep_lease(
            [Leased(day=office_day(now()), number="A050", prefix="A", token="t", url="u")], day=office_day(now())
        )
        assert number_of(await kiosk.take()) == "A050"
        assert [letter.kind for letter in kiosk.spool.due()] == [Kind.HAND_IN]

    with_kiosk(standin, tmp_path, story, url=f"http://127.0.0.1:{free_port}")


def test_two_things_offline_are_two_numbers_and_both_are_handed_in(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.lease()
        taken = await kiosk.take(AskForTicket("boot-1", (BIRTH, COLLECT), "elderly", "vi"), server_up=False)
        assert isinstance(taken, TicketTaken)
        assert [each.number for each in (taken.ticket, *taken.ticket.more)] == ["A001", "N001"]
        assert await kiosk.courier.deliver()

    with_kiosk(standin, tmp_path, story)
    assert standin.waiting() == ["A001", "N001"]
    assert {each.body["priority"] for each in standin.tickets.values()} == {"elderly"}


def test_no_server_and_no_lease_is_said(standin: StandIn, tmp_path: Path) -> None:
    standin.faults = Faults(cut=True)
    answer = with_kiosk(standin, tmp_path, lambda kiosk: kiosk.take())
    assert answer == TicketRefused("boot-1", Refusal.NO_NUMBERS)


def test_no_lease_and_a_lost_answer_leaves_no_ghost(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        standin.faults = Faults(silent=True)
        assert await kiosk.take() == TicketRefused("boot-1", Refusal.NO_NUMBERS)
        standin.faults = Faults()
        assert await kiosk.courier.deliver()

    with_kiosk(standin, tmp_path, story)
    assert standin.waiting() == []


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (409, "office-closed", Refusal.CLOSED),
        (409, "day-closed", Refusal.CLOSED),
        (409, "service-not-offered", Refusal.NOT_OFFERED),
        (422, "procedure-unknown", Refusal.NOT_OFFERED),
    ],
)
def test_a_clear_no_is_final(standin: StandIn, tmp_path: Path, status: int, code: str, reason: Refusal) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.lease()
        standin.faults = Faults(status=status, code=code)
        assert await kiosk.take() == TicketRefused("boot-1", reason)
        assert kiosk.spool.due() == ()

    with_kiosk(standin, tmp_path, story)
    assert standin.posts() == 1


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_passing_no_costs_nobody_a_number(standin: StandIn, tmp_path: Path, status: int) -> None:
    async def story(kiosk: Kiosk) -> str:
        await kiosk.lease()
        standin.faults = Faults(status=status, code="whatever", everywhere=True)
        number = number_of(await kiosk.take())
        assert not await kiosk.courier.deliver()
        standin.faults = Faults()
        assert await kiosk.courier.deliver()
        return number

    number = with_kiosk(standin, tmp_path, story)
    assert standin.waiting() == [number]


def test_a_kiosk_killed_while_asking_leaves_no_ghost(standin: StandIn, tmp_path: Path) -> None:
    """The command was noted and sent, then the power went. Nobody has that number."""

    async def before(kiosk: Kiosk) -> None:
        kiosk.spool.begin(command_id="boot-1", body=ticket_body(ASK), day=office_day(now()))
        await kiosk.server.take(ticket_body(ASK), key="boot-1")

    async def after(kiosk: Kiosk) -> None:
        assert await kiosk.courier.deliver()

    with_kiosk(standin, tmp_path, before)
    assert standin.waiting() == ["A001"]
    with_kiosk(standin, tmp_path, after)
    assert standin.waiting() == []


def test_a_late_copy_of_a_settled_command_brings_nothing(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.spool.begin(command_id="boot-1", body=ticket_body(ASK), day=office_day(now()))
        kiosk.spool.unclear("boot-1")
        assert await kiosk.courier.deliver()
        await kiosk.server.take(ticket_body(ASK), key="boot-1")

    with_kiosk(standin, tmp_path, story)
    assert standin.waiting() == []


def test_outside_the_hours_a_command_waits_to_be_settled(standin: StandIn, tmp_path: Path) -> None:
    """The server refuses before it looks the id up: a number may still stand behind it when it opens again."""

    async def story(kiosk: Kiosk) -> None:
        await kiosk.server.take(ticket_body(ASK), key="boot-1")
        kiosk.spool.begin(command_id="boot-1", body=ticket_body(ASK), day=office_day(now()))
        kiosk.spool.unclear("boot-1")
        standin.faults = Faults(status=409, code="office-closed")
        assert not await kiosk.courier.deliver()
        assert standin.waiting() == ["A001"]
        standin.faults = Faults()
        assert await kiosk.courier.deliver()

    with_kiosk(standin, tmp_path, story)
    assert standin.waiting() == []


def test_yesterday_s_command_is_not_asked_today(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.spool.begin(command_id="boot-1", body=ticket_body(ASK), day="2020-01-01")
        kiosk.spool.unclear("boot-1")
        assert await kiosk.courier.deliver()

    with_kiosk(standin, tmp_path, story)
    assert standin.posts() == 0


def test_a_hand_in_whose_answer_was_lost_is_handed_in_once(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.lease()
        await kiosk.take(server_up=False)
        standin.faults = Faults(silent=True, everywhere=True)
        assert not await kiosk.courier.deliver()
        standin.faults = Faults()
        assert await kiosk.courier.deliver()

    with_kiosk(standin, tmp_path, story)
    assert standin.waiting() == ["A001"]


def test_a_refused_hand_in_does_not_hold_up_the_others(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.lease()
        await kiosk.take(server_up=False)
        await kiosk.take(AskForTicket("boot-2", (COLLECT,), None, "vi"), server_up=False)
        del standin.leased["A001"]
        assert await kiosk.courier.deliver()
        refused = [letter for letter in kiosk.spool.all_letters() if letter.state is Fate.REFUSED]
        assert [(letter.body["number"], letter.answer) for letter in refused] == [("A001", "number-not-leased")]

    with_kiosk(standin, tmp_path, story)
    assert standin.waiting() == ["N001"]


def test_a_letter_the_server_breaks_on_lets_the_others_pass_after_a_while(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.lease()
        kiosk.spool.begin(command_id="boot-0", body=ticket_body(ASK), day=office_day(now()))
        kiosk.spool.unclear("boot-0")
        await kiosk.take(server_up=False)
        standin.faults = Faults(status=500)
        for _ in range(5):
            assert not await kiosk.courier.deliver()
        assert standin.waiting() == ["A001"]
        assert [letter.key for letter in kiosk.spool.due()] == ["boot-0"], "it stays due"

    with_kiosk(standin, tmp_path, story)


def test_print_reports_follow_the_number(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.lease()
        await kiosk.take(server_up=False)
        body = {"number": "A001", "problem": "paper-out"}
        kiosk.spool.post(key="print-1", kind=Kind.REPORT, day=office_day(now()), body=body)
        body = {"number": "A777", "problem": None}
        kiosk.spool.post(key="print-2", kind=Kind.REPORT, day=office_day(now()), body=body)
        assert await kiosk.courier.deliver()

    with_kiosk(standin, tmp_path, story)
    (report,) = standin.reports
    assert report["ticket"].endswith("-A001")
    assert report["problem"] == "paper-out"


def test_a_full_disk_keeps_nobody_from_a_number(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> ev.Event:
        kiosk.spool.close()
        return await kiosk.take()

    assert number_of(with_kiosk(standin, tmp_path, story)) == "A001"


def test_a_full_disk_without_a_server_is_said(standin: StandIn, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> ev.Event:
        await kiosk.lease()
        kiosk.spool.close()
        standin.faults = Faults(cut=True)
        return await kiosk.take()

    assert with_kiosk(standin, tmp_path, story) == TicketRefused("boot-1", Refusal.NO_NUMBERS)
