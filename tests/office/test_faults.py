"""Full disks and bugs in rules: a clear refusal, memory as the journal has it, and work goes on."""

import asyncio
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from tests.office.builders import Bureau, Clock, bureau, play

LONG = "x" * 180


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


async def fill(it: Bureau) -> list[str]:
    """Takes numbers until the disk is full; returns those that were answered."""
    taken: list[str] = []

    async def take_on() -> None:
        while len(taken) < 500:
            taken.append(await it.take())

    with pytest.raises(Refused, match="full") as refused:
        await take_on()
    assert refused.value.code == Problem.STORAGE_FAILED
    return taken


def test_a_full_disk_refuses_and_forgets_nothing_it_answered(path: Path) -> None:
    clock = Clock()

    async def story(it: Bureau) -> None:
        await it.do(cmd.OpenCounter(counter="1", officer="o"))
        it.limit_pages(2)
        taken = await fill(it)
        assert not it.office.healthy
        assert it.numbers == taken
        assert it.memory_equals_journal()
        assert await it.refused(cmd.PauseCounter(counter="1", reason=LONG), "pause-1") == Problem.STORAGE_FAILED
        it.limit_pages(None)
        assert (await it.do(cmd.PauseCounter(counter="1", reason=LONG), "pause-1")).repeated is False
        assert await it.take() == f"A{len(taken) + 1:03d}"
        assert it.office.healthy
        assert it.memory_equals_journal()

    play(path, story, clock)

    async def restarted(it: Bureau) -> None:
        assert it.memory_equals_journal()

    play(path, restarted, clock)


def test_a_batch_on_a_full_disk_is_refused_whole(path: Path) -> None:
    async def story(it: Bureau) -> None:
        await it.take()
        it.limit_pages(1)
        results = await asyncio.gather(*(it.take() for _ in range(200)), return_exceptions=True)
        refusals = [error for error in results if isinstance(error, Refused)]
        assert {refusal.code for refusal in refusals} == {Problem.STORAGE_FAILED}
        answered = [number for number in results if isinstance(number, str)]
        assert it.numbers == ["A001", *answered]
        assert it.told.count("TicketIssued") == 1 + len(answered)
        assert it.memory_equals_journal()
        it.limit_pages(None)
        assert await it.take() == f"A{len(it.numbers):03d}"

    play(path, story)


def test_a_locked_file_is_waited_for_then_refused(path: Path) -> None:
    async def story(it: Bureau) -> None:
        writer = it.journal._writer
        assert writer is not None
        writer.execute("pragma busy_timeout = 20")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("begin immediate")
        assert await it.refused(cmd.RequestHelp(kiosk="k1")) == Problem.STORAGE_FAILED
        assert it.office.state.helps == {}
        other.execute("rollback")
        other.close()
        await it.do(cmd.RequestHelp(kiosk="k1"))
        assert list(it.office.state.helps) == ["H1"]

    play(path, story)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange(cmd.Command):
    """A command that no rule knows."""


HOSTILE = {
    "no rule knows it": Strange(),
    "wrong type": cmd.PostponeTicket(ticket="20261123-A001", minutes="ten"),  # type: ignore[arg-type]
    "not a list": cmd.IssueTicket(wanted=7),  # type: ignore[arg-type]
    "not to be written": cmd.ReportDevice(device="printer", problem="\ud800"),
    "no configuration": cmd.ChangeSetup(config=None),  # type: ignore[arg-type]
    "a number without end": cmd.RateVisit(ticket="20261123-A001", score=10**400),
    "unhashable": cmd.Recall(counter=["1"]),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bug_in_a_rule_does_not_stop_the_office(path: Path, name: str) -> None:
    async def story(it: Bureau) -> None:
        await it.take()
        version = it.office.state.version
        with pytest.raises(Refused):
            await asyncio.wait_for(it.do(HOSTILE[name]), 5)
        assert it.office.state.version <= version + 1
        assert it.numbers == ["A001"]
        assert await asyncio.wait_for(it.take(), 5) == "A002"
        assert it.office.healthy
        assert it.memory_equals_journal()

    play(path, story)


def test_a_bug_takes_back_only_what_was_not_yet_written(path: Path) -> None:
    async def story(it: Bureau) -> None:
        before = await it.take()
        results = await asyncio.gather(it.take(), it.do(Strange()), it.take(), return_exceptions=True)
        assert isinstance(results[1], Refused)
        answered = [number for number in results if isinstance(number, str)]
        assert it.numbers == [before, *answered]
        assert it.memory_equals_journal()

    play(path, story)


def test_stopping_while_the_disk_is_full_answers_everybody(path: Path) -> None:
    async def run() -> None:
        async with bureau(path, Clock()) as it:
            it.limit_pages(0)
            asked = [asyncio.ensure_future(it.take()) for _ in range(300)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await it.office.stop()
            results = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 10)
            assert all(isinstance(result, str | Refused) for result in results)

    asyncio.run(run())
