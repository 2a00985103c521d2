"""`motcua replay` on real journals: as it was, with a change, and everything that is asked or kept wrongly."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from queue_server.journal.journal import Journal, JournalError
from queue_server.options import ConfigError, Language, ReplayOptions
from queue_server.queue import commands as cmd
from queue_server.replay import run
from queue_server.settings import journal_path
from queue_server.simulate.offline import JournalSink, VirtualOffice, open_day, play
from queue_server.simulate.people import plan_day
from queue_server.simulate.play import processes
from tests.forecasting.live import a_town
from tests.journal.builders import forge

OPENS = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # 07:30 in Buôn Ma Thuột


def write_days(data: Path, seeds: Sequence[int], *, closed: bool = True) -> Path:
    """One simulated town day per seed in one journal, from Monday 23 November 2026 on."""
    journal = Journal(journal_path(data))
    journal.open()
    for seed in seeds:
        office = VirtualOffice()
        sink = JournalSink(journal, lambda office=office: office.state)
        office.sink = sink
        opens = OPENS + timedelta(days=seed)
        open_day(office, a_town(), f"{opens:%Y%m%d}", opens)
        ended = play(office, processes(plan_day(a_town(), seed, {}, load=0.7), None), opens)
        if closed or seed != seeds[-1]:
            office.carry_out(cmd.CloseDay(), ended)
        sink.flush()
    journal.close()
    return data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_days(tmp_path_factory.mktemp("days"), range(6))


def said(capsys: pytest.CaptureFixture[str], data: Path, *, code: int = 0, **asked: object) -> str:
    assert run(ReplayOptions(data=data, **asked)) == code  # type: ignore[arg-type]
    found = capsys.readouterr()
    return found.out + found.err


def test_a_day_as_it_was_is_decided_again(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    text = said(capsys, data, check=True, last=2)
    assert [line.split(":")[0] for line in text.splitlines()] == ["2026-11-27", "2026-11-28"]
    assert text.count("same") == 2


def test_a_difference_is_named_and_the_command_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = journal_path(write_days(tmp_path, [0]))
    forge(path, "update journal set data = replace(data, 'arrival_order', 'ceiling') where kind = 'TicketCalled'")
    text = said(capsys, tmp_path, code=1, check=True)
    assert "different in" in text
    assert "first: entry" in text
    assert "TicketCalled" in text


def test_without_a_change_the_replay_stands_beside_the_day(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    text = said(capsys, data)
    assert text.startswith("As it was (days: 6)")
    assert "Fidelity" in text
    assert "difference" not in text


def test_a_change_is_told_in_plain_words_by_service_and_class(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    text = said(capsys, data, without=("6",))
    assert "minutes longer per visit on average (95 %: from" in text
    assert "service" in text
    assert "class" in text
    vietnamese = said(capsys, data, without=("6",), language=Language.VI)
    assert "Nếu không có quầy 6 (số ngày: 6)" in vietnamese
    assert "Chờ thêm trung bình" in vietnamese


def test_every_kind_of_change_is_played(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    service = next(iter(a_town().services))
    asked = {
        "policy": "index", "option": ("head_start=0.4",), "ceiling_multiple": 2.0,
        "opened": (f"6@08:30-11:00:{service}",),
        "breaks": ("4@11:30/45",), "services": (f"5={service}",), "without": ("1",), "json": True,
    }  # fmt: skip
    found = json.loads(said(capsys, data, last=2, **asked))
    assert len(found["days"]) == 2
    assert found["difference"]["mean"]["low"] <= found["difference"]["mean"]["mean"]
    assert {row["id"] for row in found["by_service"]} <= set(a_town().services)


def test_the_ratio_alone_keeps_the_policy_in_force(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    assert "calls by the policy ratio 9 : 1" in said(capsys, data, last=1, ratio=9)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"without": ("99",)}, "no counter 99"),
        ({"opened": ("6@08:30:nowhere",)}, "no service nowhere"),
        ({"opened": ("6 at nine",)}, "COUNTER@HH:MM"),
        ({"opened": ("6@25:00",)}, "a time is written"),
        ({"opened": ("6@11:00-08:00",)}, "close before it opens"),
        ({"breaks": ("4@11:30",)}, "COUNTER@HH:MM/MINUTES"),
        ({"breaks": ("4@11:30/999",)}, "480 minutes"),
        ({"services": ("5",)}, "COUNTER=service"),
        ({"policy": "best"}, "best"),
        ({"option": ("head_start=much",)}, "NAME=NUMBER"),
        ({"option": ("head_start",)}, "head_start"),
        ({"day": date(2025, 1, 1)}, "2026-11-23 to 2026-11-28"),
        ({"check": True, "without": ("6",)}, "leave out the change"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(data: Path, asked: dict[str, object], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        run(ReplayOptions(data=data, **asked))  # type: ignore[arg-type]


def test_no_journal_and_an_empty_one_are_said_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="is not there"):
        run(ReplayOptions(data=tmp_path))
    write_days(tmp_path, [])
    assert "nothing can be replayed" in said(capsys, tmp_path, code=1)


def test_a_cut_off_file_is_said_so(tmp_path: Path, data: Path) -> None:
    whole = journal_path(data).read_bytes()
    journal_path(tmp_path).write_bytes(whole[: len(whole) // 3])
    with pytest.raises(JournalError, match="is damaged"):
        run(ReplayOptions(data=tmp_path, without=("6",)))


def test_an_unreadable_entry_is_said_so(tmp_path: Path) -> None:
    path = journal_path(write_days(tmp_path, [0]))
    forge(path, "update journal set data = '{' where seq = 9")
    with pytest.raises(JournalError, match="journal verify"):
        run(ReplayOptions(data=tmp_path))


def test_it_reads_beside_a_server_that_writes_and_leaves_out_the_running_day(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = journal_path(write_days(tmp_path, [0, 1], closed=False))
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("begin immediate")
    before = writer.execute("select count(*) from journal").fetchone()
    text = said(capsys, tmp_path, without=("6",))
    assert "(days: 1)" in text
    assert "one day cannot tell it from chance" in text
    assert "2026-11-24" in said(capsys, tmp_path, day=date(2026, 11, 24))
    assert writer.execute("select count(*) from journal").fetchone() == before
    writer.close()
