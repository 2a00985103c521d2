"""The file itself: what is appended is there, in order, chained, and stays as it was written."""

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from queue_server.journal.entry import GENESIS, Origin
from queue_server.journal.journal import Journal, JournalDamagedError, JournalError
from queue_server.journal.replay import rebuild, replay
from queue_server.journal.schema import PROJECTIONS, SCHEMA
from queue_server.journal.verify import verify
from queue_server.queue import events as ev
from queue_server.queue.state import OfficeDay
from tests.journal.builders import a_full_day, a_journal, next_day, opened, write
from tests.queue.builders import DAY, MONDAY, Day


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    log = a_full_day().log
    path = a_journal(tmp_path / "j.sqlite3", log)
    with opened(path) as journal:
        entries = list(journal.day(DAY))
    assert [(entry.event, entry.at) for entry in entries] == log
    assert [entry.seq for entry in entries] == list(range(1, len(log) + 1))
    assert entries[0].prev_hash == GENESIS
    assert all(second.prev_hash == first.hash for first, second in itertools.pairwise(entries))


def test_replay_gives_the_same_day(tmp_path: Path) -> None:
    day = a_full_day()
    with opened(a_journal(tmp_path / "j.sqlite3", day.log)) as journal:
        assert replay(journal.day(DAY)) == day.state


def test_the_chain_goes_on_after_opening_again(tmp_path: Path) -> None:
    log = a_full_day().log
    path = a_journal(tmp_path / "j.sqlite3", log)
    with opened(path) as journal:
        assert journal.last_seq == len(log)
        write(journal, next_day(log), prefix="next")
        verdict = verify(journal)
        assert journal.days() == [DAY, "20261124"]
        assert journal.last_day() == "20261124"
    assert (verdict.entries, verdict.days, verdict.problems) == (2 * len(log), 2, [])


def test_a_batch_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with opened(a_journal(tmp_path / "j.sqlite3")) as journal:
        before = journal.last_seq
        origin = Origin(day=DAY, command_id="c0", actor="officer:1")  # taken already
        fresh = Origin(day=DAY, command_id="fresh", actor="officer:1")
        good = journal.chain(ev.CounterResumed(counter="1"), MONDAY, fresh)
        bad = journal.chain(ev.CounterResumed(counter="1"), MONDAY, origin)
        with pytest.raises(sqlite3.IntegrityError):
            journal.append([good, bad], [])
        journal.reload_end()
        assert journal.last_seq == before
        assert journal.command("fresh", "officer:1") == []
        assert verify(journal).problems == []


def test_a_bad_row_takes_its_entries_back(tmp_path: Path) -> None:
    with opened(a_journal(tmp_path / "j.sqlite3")) as journal:
        before = journal.last_seq
        entry = journal.chain(ev.CounterResumed(counter="1"), MONDAY, Origin(day=DAY))
        with pytest.raises(sqlite3.Error):
            journal.append([entry], [("insert into no_such_table values (?)", (1,))])
        journal.reload_end()
        assert journal.last_seq == before


@pytest.mark.parametrize("statement", ["update journal set data = '{}' where seq = 3", "delete from journal"])
def test_entries_cannot_be_changed_or_removed(tmp_path: Path, statement: str) -> None:
    path = a_journal(tmp_path / "j.sqlite3")
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
    with opened(path) as journal:
        assert verify(journal).problems == []


def test_a_command_gives_back_all_its_entries(tmp_path: Path) -> None:
    with opened(tmp_path / "j.sqlite3") as journal:
        made = [
            ev.CounterPaused(counter="1", reason="x"),
            ev.CounterResumed(counter="1"),
            ev.CounterClosed(counter="1"),
        ]
        first = journal.chain(made[0], MONDAY, Origin(day=DAY, command_id="one", digest="d1", actor="a"))
        second = journal.chain(made[1], MONDAY, Origin(day=DAY, command_id=None, digest="d1", actor="a"))
        other = journal.chain(made[2], MONDAY, Origin(day=DAY, command_id="one", digest="d2", actor="b"))
        journal.append([first, second, other], [])
        assert [entry.event for entry in journal.command("one", "a")] == made[:2]
        assert [entry.event for entry in journal.command("one", "b")] == made[2:]
        assert journal.command("two", "a") == journal.command("one", "c") == []


def test_a_journal_whose_ids_belonged_to_nobody_opens(tmp_path: Path) -> None:
    path = a_journal(tmp_path / "j.sqlite3")
    connection = sqlite3.connect(path)
    connection.execute("drop index idx_journal_command_id_actor")
    connection.execute("create unique index idx_journal_command_id on journal (command_id)")
    connection.execute("delete from _sqlite_migrations where name = 'give_each_actor_keys_of_their_own'")
    connection.execute("pragma user_version = 2")
    connection.commit()
    connection.close()
    with opened(path) as journal:
        assert [entry.seq for entry in journal.command("c0", "officer:1")] == [1]
        assert journal.command("c0", "citizen") == []
        report = ev.DeviceReported(device="printer-1", problem="paper-out")
        journal.append([journal.chain(report, MONDAY, Origin(day=DAY, command_id="c0"))], [])
        assert verify(journal).problems == []


def test_a_consumer_catches_up_from_its_cursor(tmp_path: Path) -> None:
    with opened(a_journal(tmp_path / "j.sqlite3")) as journal:
        seen = [entry.seq for entry in journal.after(10, limit=5)]
        assert seen == [11, 12, 13, 14, 15]
        assert journal.after(journal.last_seq) == []


def test_migrations_change_nothing_the_second_time(tmp_path: Path) -> None:
    path = a_journal(tmp_path / "j.sqlite3")

    def tables() -> list[tuple[str, str]]:
        connection = sqlite3.connect(path)
        found = connection.execute("select name, sql from sqlite_master where sql is not null order by name").fetchall()
        connection.execute("pragma user_version = 0")  # as a file of before this was kept
        connection.close()
        return found

    before = tables()
    for _ in range(2):
        with opened(path) as journal:
            assert journal.last_seq > 0
            assert verify(journal).problems == []
        assert tables() == before
    assert {"journal", *PROJECTIONS, "cursors"} <= {name for name, _ in before}


def test_projections_are_made_anew_from_the_entries(tmp_path: Path) -> None:
    path = a_journal(tmp_path / "j.sqlite3")

    def rows() -> list[list[tuple[object, ...]]]:
        connection = sqlite3.connect(path)
        found = [connection.execute(f"select * from {name} order by 1, 2, 3").fetchall() for name in PROJECTIONS]
        connection.close()
        return found

    before = rows()
    assert all(before)
    spoiled = sqlite3.connect(path, isolation_level=None)
    spoiled.execute("delete from visits")
    spoiled.execute("update tickets set waited = 0")
    with opened(path) as journal:
        assert len(verify(journal).problems) == 2
        assert rebuild(journal, spoiled) == journal.last_seq
        assert verify(journal).problems == []
    spoiled.close()
    assert rows() == before


def test_rows_say_how_long_people_waited_and_were_handled(tmp_path: Path) -> None:
    day = Day().open("1")
    first = day.take()
    day.later(minutes=10).next("1")
    day.later(minutes=6).next("1")
    with opened(a_journal(tmp_path / "j.sqlite3", day.log)) as journal:
        (row,) = journal.rows("select * from tickets")
        (visit,) = journal.rows("select * from visits")
        (period,) = journal.rows("select * from counter_periods")
    assert (row["id"], row["state"], row["waited"], row["handled"]) == (first.id, "served", 600.0, 360.0)
    assert (visit["number"], visit["waited"]) == ("A001", 600.0)
    assert (period["counter"], period["status"], period["ended_at"]) == ("1", "open", None)


def test_two_programs_on_one_file_never_write_the_same_place(tmp_path: Path) -> None:
    path = a_journal(tmp_path / "j.sqlite3")
    with opened(path) as one, opened(path) as two:
        first = one.chain(ev.CounterResumed(counter="1"), MONDAY, Origin(day=DAY, command_id="first"))
        second = two.chain(ev.CounterPaused(counter="1", reason=""), MONDAY, Origin(day=DAY, command_id="second"))
        assert first.seq == second.seq
        one.append([first], [])
        with pytest.raises(sqlite3.IntegrityError):
            two.append([second], [])
        two.reload_end()
        again = two.chain(ev.CounterPaused(counter="1", reason=""), MONDAY, Origin(day=DAY, command_id="second"))
        two.append([again], [])
        assert (again.seq, again.prev_hash) == (first.seq + 1, first.hash)


def test_a_closed_or_impossible_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("this is no database, it is a shopping list, and a long one at that")
    for place, said in ((tmp_path / "no folder" / "j.sqlite3", "writable"), (tmp_path / "text", "is damaged")):
        journal = Journal(place)
        with pytest.raises(JournalError, match=said):
            journal.open()
        journal.close()
    with pytest.raises(JournalError, match="not open"):
        Journal(tmp_path / "j.sqlite3").last_day()
    with pytest.raises(sqlite3.OperationalError, match="closed"):
        Journal(tmp_path / "j.sqlite3").append([], [])


def test_an_empty_file_is_an_empty_office(tmp_path: Path) -> None:
    with opened(tmp_path / "j.sqlite3") as journal:
        verdict = verify(journal)
        assert (journal.last_day(), journal.days(), replay([])) == (None, [], OfficeDay())
    assert (verdict.entries, verdict.days, verdict.problems) == (0, 0, [])


def test_a_journal_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal(path)
    journal.open()
    journal.close()
    with closing(sqlite3.connect(path)) as base:
        base.execute(f"pragma user_version = {SCHEMA + 1}")
    with pytest.raises(JournalDamagedError, match="newer version"):
        Journal(path).open()
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("pragma user_version").fetchone() == (SCHEMA + 1,)
