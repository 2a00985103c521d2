"""What each role reads of people: every route that reads, and the stream, asked by everybody."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_server.contract.views import CounterRow, TicketRow
from queue_server.http.reading import HALL_COUNTER, HALL_EVENTS, HALL_TICKET, READS_PEOPLE
from queue_server.queue import commands as cmd
from queue_server.queue.events import EVENTS
from tests.http.house import House
from tests.http.test_rights import CALLS, PLACES
from tests.http.test_streams import Listener

OFFICER, PAUSE, NOTE, CLASS = "Trần Thị Hạnh", "đưa con đi khám", "thiếu giấy ra viện", "disabled"
SECRETS = {OFFICER, PAUSE, NOTE, f'"class_id":"{CLASS}"'}


@pytest.fixture(scope="module")
def people_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One officer pauses for a reason of her own, one writes a note, a person of a class waits."""
    made = House(path=tmp_path_factory.mktemp("people") / "journal.sqlite3").open()
    happen(made)
    yield made
    made.close()


def happen(made: House) -> None:
    for counter in ("q1", "q2"):
        assert made.post(f"/counters/{counter}/open", {"officer": OFFICER}, "admin").status_code == 200
    made.take()
    made.next("q1")
    made.post("/counters/q1/hold", {"reason": NOTE}, "admin")
    made.take(priority=CLASS)
    assert made.post("/counters/q2/pause", {"reason": PAUSE}, "admin").status_code == 200


def read(house: House, path: str, who: str | None) -> str:
    token = house.source.token("20261123-A001")
    here = path
    for name, value in (PLACES | {"token": token}).items():
        here = here.replace("{" + name + "}", value)
    return house.get(here, who).text


READING = sorted(path for method, path in CALLS if method == "GET")


@pytest.mark.parametrize("path", READING)
def test_boards_kiosks_and_strangers_read_nothing_of_people(people_house: House, path: str) -> None:
    for who in ("board", "kiosk", None):
        text = read(people_house, path, who)
        assert not {secret for secret in SECRETS if secret in text}, who


def test_staff_read_what_they_work_with(people_house: House) -> None:
    for who in ("officer 1", "manager", "admin", "auditor"):
        counters = people_house.get("/counters", who).text
        assert OFFICER in counters
        assert PAUSE in counters
        state = people_house.get("/state", who).json()
        assert {row["class_id"] for row in state["tickets"]} == {"walk_in", CLASS}
        assert NOTE in {row["note"] for row in state["tickets"]}


def test_a_board_is_told_of_tickets_without_their_class(people_house: House) -> None:
    state = people_house.get("/state", "board").json()
    assert {frozenset(row) for row in state["tickets"]} == {HALL_TICKET}
    assert {frozenset(row) for row in state["counters"]} == {HALL_COUNTER}
    assert [row["number"] for row in state["tickets"]] == ["A001", "A002"]


@pytest.mark.parametrize(("who", "knows"), [("board", False), ("auditor", True), ("officer 1", True)])
def test_the_stream_tells_the_hall_what_happens_and_not_to_whom(house: House, who: str, knows: bool) -> None:
    async def story() -> None:
        async with Listener(house, who) as listener:
            await house.office.do(cmd.OpenCounter(counter="q1", officer=OFFICER))
            taken = await house.office.do(
                cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich", papers=17),), class_id=CLASS)
            )
            ticket = taken.events[0].ticket
            await house.office.do(cmd.ChangePriority(ticket=ticket, class_id="walk_in"))
            await house.office.do(cmd.ChangePriority(ticket=ticket, class_id=CLASS))
            await house.office.do(cmd.CallNext(counter="q1"))
            await house.office.do(cmd.Hold(counter="q1", reason=NOTE))
            await house.office.do(cmd.PauseCounter(counter="q1", reason=PAUSE))
            await listener.until(lambda: listener.events[-1][0] == "CounterPaused")
            told = listener.text.split("\n\n", 1)[1]
            secrets = [*SECRETS, '"papers"', '"facts"', '"reason"']
            assert [value in told for value in secrets] == [knows] * len(secrets)
            kinds = {name for name, _, _ in listener.events}
            assert kinds >= {"CounterOpened", "TicketIssued", "TicketCalled", "TicketHeld", "CounterPaused"}
            assert ("PriorityChanged" in kinds) is knows

    house.run(asyncio.wait_for(story(), 30))


def test_the_hall_knows_only_fields_that_there_are() -> None:
    for kind, fields in HALL_EVENTS.items():
        assert fields <= set(EVENTS[kind].__dataclass_fields__), kind
    assert set(CounterRow.__dataclass_fields__) >= HALL_COUNTER
    assert set(TicketRow.__dataclass_fields__) >= HALL_TICKET


def test_the_page_names_what_roles_read() -> None:
    page = (Path(__file__).parents[2] / "docs/architecture.md").read_text("utf-8")
    for role in (*READS_PEOPLE, "board", "kiosk"):
        assert f"`{role}`" in page
