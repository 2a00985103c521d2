"""The loop on a real journal: one order, one answer per command id, durable before answered."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from queue_server.contract.problems import Problem, Refused
from queue_server.journal.entry import citizen_of
from queue_server.journal.journal import Journal
from queue_server.office import Office, Request
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from tests.office.builders import Bureau, Clock, bureau, play, same
from tests.queue.builders import DAY, an_office

TAKE = cmd.IssueTicket(wanted=(cmd.Wanted(service="ho_tich"),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def test_what_is_answered_is_on_disk(path: Path) -> None:
    async def story(it: Bureau) -> None:
        number = await it.take()
        other = Journal(path)  # another program looks at the file the moment the answer is there
        other.open()
        assert [e.event.number for e in other.day(DAY) if isinstance(e.event, ev.TicketIssued)] == [number]
        other.close()

    play(path, story)


def test_a_restart_remembers_everything(path: Path) -> None:
    clock = Clock()
    before: list[Office] = []

    async def morning(it: Bureau) -> None:
        for service in ("ho_tich", "dat_dai", "ho_tich"):
            await it.take(service)
        await it.do(cmd.OpenCounter(counter="3", officer="o"))
        await it.do(cmd.CallNext(counter="3"))
        before.append(it.office)

    async def after(it: Bureau) -> None:
        assert same(it.office.state, before[0].state)
        assert it.numbers == ["A001", "D001", "A002"]
        assert await it.take() == "A003"

    play(path, morning, clock)
    play(path, after, clock)


def test_a_repeat_gets_the_first_answer_and_changes_nothing(path: Path) -> None:
    async def story(it: Bureau) -> None:
        first = await it.do(TAKE, "key-1")
        it.clock.forward(minutes=5)
        again = await it.do(TAKE, "key-1")
        assert (again.events, again.at, again.repeated) == (first.events, first.at, True)
        assert it.numbers == ["A001"]
        assert it.told.count("TicketIssued") == 1

    play(path, story)


def test_a_repeat_after_a_restart_gets_the_first_answer(path: Path) -> None:
    clock, answers = Clock(), []

    async def story(it: Bureau) -> None:
        answers.append(await it.do(TAKE, "key-1"))
        answers.append(await it.do(cmd.OpenCounter(counter="1", officer="o"), "key-2") if len(answers) < 2 else None)
        assert it.numbers == ["A001"]

    play(path, story, clock)
    play(path, story, clock)
    assert (answers[0].repeated, answers[2].repeated) == (False, True)
    assert answers[0].events == answers[2].events


def test_a_repeat_of_an_earlier_day_gets_that_days_answer(path: Path) -> None:
    async def story(it: Bureau) -> None:
        first = await it.do(TAKE, "key-1")
        for number in range(3):
            await it.take(key=f"more-{number}")
        await it.do(cmd.CloseDay())
        await it.do(cmd.OpenDay(day="20261124", config=an_office()))
        await it.take()
        it.office.load()  # a restart knows only the new day by heart
        again = await it.do(TAKE, "key-1")
        assert (again.events, again.repeated) == (first.events, True)
        assert it.numbers == ["A001"]
        other = cmd.OpenCounter(counter="1", officer="o")
        assert await it.refused(other, "more-1", "kiosk:k1") == Problem.COMMAND_ID_REUSED

    play(path, story)


@pytest.mark.parametrize("command", [cmd.IssueTicket(wanted=(cmd.Wanted(service="dat_dai"),)), cmd.CloseDay()])
def test_another_command_under_the_same_id_is_refused(path: Path, command: cmd.Command) -> None:
    async def story(it: Bureau) -> None:
        await it.do(TAKE, "key-1")
        assert await it.refused(command, "key-1") == Problem.COMMAND_ID_REUSED
        assert it.numbers == ["A001"]
        assert it.memory_equals_journal()

    play(path, story)


def test_an_id_belongs_to_its_actor(path: Path) -> None:
    """The same id from four who ask is four commands, and each has its own repeat, also after a restart."""
    people = ("officer:1", "officer:2", "kiosk:k1", citizen_of("20261123-A001"))

    async def story(it: Bureau) -> None:
        first = {actor: await it.do(TAKE, "key-1", actor) for actor in people}
        assert it.numbers == ["A001", "A002", "A003", "A004"]
        for _ in range(2):
            again = {actor: await it.do(TAKE, "key-1", actor) for actor in people}
            assert all(again[actor].repeated and again[actor].events == first[actor].events for actor in people)
            it.office.load()
        assert it.memory_equals_journal()

    play(path, story)


def test_a_citizens_command_of_before_is_known_again(path: Path) -> None:
    """Journals of before named all citizens alike."""

    async def story(it: Bureau) -> None:
        number = await it.take()
        later = cmd.PostponeTicket(ticket=f"20261123-{number}", minutes=5)
        first = await it.do(later, "key-1", "citizen")
        again = await it.do(later, "key-1", citizen_of(f"20261123-{number}"))
        assert (again.events, again.repeated) == (first.events, True)

    play(path, story)


def test_repeats_that_come_together_are_carried_out_once(path: Path) -> None:
    async def story(it: Bureau) -> None:
        outcomes = await asyncio.gather(*(it.do(TAKE, "key-1") for _ in range(20)))
        assert len({outcome.events for outcome in outcomes}) == 1
        assert sum(not outcome.repeated for outcome in outcomes) == 1
        assert it.numbers == ["A001"]

    play(path, story)


def test_an_id_whose_command_was_refused_may_be_used_again(path: Path) -> None:
    async def story(it: Bureau) -> None:
        call = cmd.CallNext(counter="1")
        assert await it.refused(call, "key-1") == Problem.COUNTER_CLOSED
        await it.do(cmd.OpenCounter(counter="1", officer="o"))
        assert (await it.do(call, "key-1")).events == ()  # nobody fits, nothing happened
        await it.take()
        assert len((await it.do(call, "key-1")).events) == 1

    play(path, story)


def test_commands_that_wait_together_are_written_together(path: Path) -> None:
    async def story(it: Bureau) -> None:
        batches: list[int] = []
        it.office.listen(lambda entries: batches.append(len(entries)))
        numbers = await asyncio.gather(*(it.take() for _ in range(600)))
        assert numbers == [f"A{n:03d}" for n in range(1, 601)]
        assert sum(batches) == 600
        assert len(batches) < 60
        assert max(batches) <= 256
        assert it.memory_equals_journal()

    play(path, story)


def test_a_refused_command_changes_nothing(path: Path) -> None:
    async def story(it: Bureau) -> None:
        await it.take()
        version, seq = it.office.state.version, it.journal.last_seq
        refusals = {
            cmd.CallNext(counter="1"): Problem.COUNTER_CLOSED,
            cmd.CallNext(counter="99"): Problem.COUNTER_UNKNOWN,
            cmd.Finish(counter="1"): Problem.COUNTER_IDLE,
            cmd.CancelTicket(ticket="nobody"): Problem.TICKET_UNKNOWN,
            cmd.IssueTicket(wanted=()): Problem.SERVICE_UNKNOWN,
            cmd.LeaseNumbers(kiosk="k9"): Problem.KIOSK_UNKNOWN,
            cmd.GiveHelp(help="H9"): Problem.HELP_UNKNOWN,
        }
        for command, code in refusals.items():
            assert await it.refused(command) == code
        assert (it.office.state.version, it.journal.last_seq) == (version, seq)
        assert it.office.refused == len(refusals)
        assert it.memory_equals_journal()

    play(path, story)


def test_what_came_before_a_refused_step_stands(path: Path) -> None:
    async def story(it: Bureau) -> None:
        await it.do(cmd.OpenCounter(counter="1", officer="o"))
        await it.take()
        await it.do(cmd.CallNext(counter="1"))
        await it.do(cmd.PauseCounter(counter="1"))
        outcome = await it.do(cmd.CallNext(counter="1", finish_current=True), "key-1")
        assert [type(event).__name__ for event in outcome.events] == ["ServiceStarted", "ServiceFinished"]
        assert (await it.do(cmd.CallNext(counter="1", finish_current=True), "key-1")).events == outcome.events
        assert it.memory_equals_journal()

    play(path, story)


def test_listeners_hear_every_entry_in_order_after_it_is_durable(path: Path) -> None:
    async def story(it: Bureau) -> None:
        heard: list[int] = []
        it.office.listen(lambda entries: heard.extend(entry.seq for entry in entries))
        await asyncio.gather(*(it.take() for _ in range(40)))
        assert heard == [entry.seq for entry in it.journal.after(1)]

    play(path, story)


def test_a_listener_that_fails_does_not_stop_the_office(path: Path) -> None:
    def broken(_entries: object) -> None:
        raise KeyError("a page that cannot draw")

    async def story(it: Bureau) -> None:
        heard: list[object] = []
        it.office.listen(broken)
        it.office.listen(heard.append)
        assert [await it.take(), await it.take()] == ["A001", "A002"]
        assert len(heard) == 2
        assert it.office.listener_failures == 2
        assert it.office.healthy

    play(path, story)


def test_time_never_runs_backwards(path: Path) -> None:
    clock = Clock()

    async def story(it: Bureau) -> None:
        await it.take()
        high = clock.now
        clock.forward(hours=-3)  # the machine's clock was put right
        for _ in range(3):
            await it.take()
        assert it.office.now() == high + timedelta(seconds=2)  # since it noticed
        moments = [entry.at for entry in it.journal.day(DAY)]
        assert moments == sorted(moments)
        await it.do(cmd.OpenCounter(counter="1", officer="o"))
        called = [await it.do(cmd.CallNext(counter="1", finish_current=True)) for _ in range(4)]
        order = [e.ticket for c in called for e in c.events if isinstance(e, ev.TicketCalled)]
        assert order == [f"{DAY}-A00{n}" for n in range(1, 5)]
        assert it.memory_equals_journal()

    play(path, story, clock)


def test_stopping_refuses_what_still_waits_and_keeps_what_was_answered(path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        async with bureau(path, clock) as it:
            asked = [asyncio.ensure_future(it.take()) for _ in range(300)]
            await asyncio.sleep(0)  # they stand in the queue
            await asyncio.sleep(0)
            await it.office.stop()
            results = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 10)
            answered = [number for number in results if isinstance(number, str)]
            refusals = [error for error in results if isinstance(error, Refused)]
            assert len(answered) + len(refusals) == 300
            assert {refusal.code for refusal in refusals} <= {Problem.STORAGE_FAILED}
        async with bureau(path, clock) as it:
            assert it.numbers[: len(answered)] == answered
            assert it.memory_equals_journal()

    asyncio.run(run())


def test_who_gives_up_waiting_does_not_disturb_the_others(path: Path) -> None:
    async def story(it: Bureau) -> None:
        impatient = asyncio.ensure_future(it.office.submit(Request(command=TAKE, command_id="gone", actor="k")))
        await asyncio.sleep(0)
        impatient.cancel()
        assert await it.take() == "A002"  # the first was carried out all the same
        assert (await it.do(TAKE, "gone", "k")).repeated
        assert it.memory_equals_journal()

    play(path, story)
