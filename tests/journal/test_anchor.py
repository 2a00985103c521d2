"""The end of the record is noted outside the database, so that a lost tail is noticed whatever took it."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from queue_server.journal.anchor import SLOT, Anchor, End
from queue_server.journal.journal import Journal
from tests.journal.builders import a_full_day, forge, next_day, write

DB, NOTE = "journal.sqlite3", "anchor"


def anchored(folder: Path) -> Journal:
    return Journal(folder / DB, Anchor(folder / NOTE))


def power_cut(folder: Path, copy: Path) -> Path:
    """An office that wrote a day and then lost its power: the newest entries are in the write-ahead log only."""
    folder.mkdir()
    journal = anchored(folder)
    journal.open()
    write(journal, a_full_day().log, batch=3)
    shutil.copytree(folder, copy)
    journal.close()
    return copy


def emptied(folder: Path) -> None:
    (folder / DB).write_bytes(b"")
    (folder / f"{DB}-wal").unlink(missing_ok=True)


def deleted(folder: Path) -> None:
    for path in folder.glob(f"{DB}*"):
        path.unlink()


def without_log(folder: Path) -> None:
    (folder / f"{DB}-wal").unlink()


def flipped(folder: Path) -> None:
    """One byte in the last third of the write-ahead log: SQLite believes the log up to there, and says nothing."""
    log = folder / f"{DB}-wal"
    content = bytearray(log.read_bytes())
    content[len(content) * 2 // 3] ^= 0x10
    log.write_bytes(content)


def cut(folder: Path) -> None:
    forge(folder / DB, "delete from journal where seq > (select max(seq) - 5 from journal)")


def another_tail(folder: Path) -> None:
    forge(folder / DB, f"update journal set hash = '{'7' * 64}' where seq = (select max(seq) from journal)")


WAYS: dict[str, Callable[[Path], None]] = {
    "the file emptied": emptied,
    "the file deleted": deleted,
    "the write-ahead log deleted": without_log,
    "a byte of the log flipped": flipped,
    "rows cut": cut,
    "another record in its place": another_tail,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_lost_end_is_said_in_one_sentence(tmp_path: Path, way: str) -> None:
    folder = power_cut(tmp_path / "office", tmp_path / "cut")
    before = Anchor(folder / NOTE).read()
    assert before is not None
    WAYS[way](folder)
    journal = anchored(folder)
    journal.open()
    try:
        assert journal.loss is not None
        assert journal.loss.anchored == before
        assert f"entry {before.seq}" in str(journal.loss)
        assert "newest backup" in str(journal.loss)
        assert "\n" not in str(journal.loss)
    finally:
        journal.close()


def test_an_older_copy_of_the_file_is_noticed(tmp_path: Path) -> None:
    log = a_full_day().log
    journal = anchored(tmp_path)
    journal.open()
    write(journal, log[:20])
    journal.close()
    shutil.copy2(tmp_path / DB, tmp_path / "older")
    journal.open()
    write(journal, next_day(log), prefix="n")
    ended = journal.last_seq
    journal.close()
    (tmp_path / "older").replace(tmp_path / DB)
    journal = anchored(tmp_path)
    journal.open()
    journal.close()
    assert journal.loss is not None
    assert (journal.loss.ends, journal.loss.missing) == (20, ended - 20)


def test_the_log_of_a_lost_end_is_kept_as_it_was(tmp_path: Path) -> None:
    folder = power_cut(tmp_path / "office", tmp_path / "cut")
    flipped(folder)
    before = (folder / f"{DB}-wal").read_bytes()
    journal = anchored(folder)
    journal.open()
    write(journal, next_day(a_full_day().log), prefix="n")
    journal.close()
    assert [path.read_bytes() for path in folder.glob("lost-*.wal")] == [before]


def test_a_power_cut_alone_loses_nothing_and_says_nothing(tmp_path: Path) -> None:
    folder = power_cut(tmp_path / "office", tmp_path / "cut")
    journal = anchored(folder)
    journal.open()
    journal.close()
    assert journal.loss is None
    assert not list(folder.glob("lost-*"))


def test_a_note_that_lags_is_no_loss(tmp_path: Path) -> None:
    """After a power cut the note may be a second older than the journal, never newer."""
    log = a_full_day().log
    journal = anchored(tmp_path)
    journal.open()
    write(journal, log)
    older = (tmp_path / NOTE).read_bytes()
    write(journal, next_day(log), prefix="n")
    journal.close()
    (tmp_path / NOTE).write_bytes(older)
    journal = anchored(tmp_path)
    journal.open()
    journal.close()
    assert journal.loss is None


def test_an_office_of_before_gets_its_note(tmp_path: Path) -> None:
    with_none = Journal(tmp_path / DB)
    with_none.open()
    entries = write(with_none, a_full_day().log)
    with_none.close()
    journal = anchored(tmp_path)
    journal.open()
    assert journal.loss is None
    more = write(journal, next_day(a_full_day().log), prefix="n")
    journal.close()
    assert Anchor(tmp_path / NOTE).read() == End(len(entries) + len(more), more[-1].hash)


def test_after_a_loss_the_note_follows_the_record_that_goes_on(tmp_path: Path) -> None:
    folder = power_cut(tmp_path / "office", tmp_path / "cut")
    cut(folder)
    for _ in range(2):
        journal = anchored(folder)
        journal.open()
        write(journal, [], prefix="n")
        seq = journal.last_seq
        journal.close()
        assert journal.loss is not None
    journal = anchored(folder)
    journal.open()
    made = write(journal, next_day(a_full_day().log)[:3], prefix="n")
    journal.close()
    assert Anchor(folder / NOTE).read() == End(seq + 3, made[-1].hash)
    again = anchored(folder)
    again.open()
    again.close()
    assert again.loss is None


@pytest.mark.parametrize("seed", range(20))
def test_a_torn_note_leaves_the_one_before(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    anchor = Anchor(tmp_path / NOTE)
    anchor.open()
    ends = [End(number, rng.randbytes(32).hex()) for number in range(1, rng.randint(3, 9))]
    for end in ends:
        anchor.write(end)
    anchor.close()
    content = bytearray((tmp_path / NOTE).read_bytes())
    last = len(ends) % 2 * SLOT
    for place in range(rng.randint(0, 60), 80):
        content[last + place] = rng.randrange(256)
    (tmp_path / NOTE).write_bytes(content)
    assert Anchor(tmp_path / NOTE).read() == ends[-2]


def test_a_file_that_holds_no_note_is_refused_and_costs_no_start(tmp_path: Path) -> None:
    (tmp_path / NOTE).write_text("buy paper for the printer\n")
    with pytest.raises(ValueError, match="no end of a journal"):
        Anchor(tmp_path / NOTE).read()
    journal = anchored(tmp_path)
    journal.open()
    made = write(journal, a_full_day().log)
    journal.close()
    assert Anchor(tmp_path / NOTE).read() == End(len(made), made[-1].hash)


def test_a_note_that_cannot_be_written_costs_nobody_an_answer(tmp_path: Path) -> None:
    journal = anchored(tmp_path)
    journal.open()
    assert journal.anchor is not None
    readonly = os.open(tmp_path / NOTE, os.O_RDONLY)
    os.dup2(readonly, journal.anchor.descriptor)
    os.close(readonly)
    made = write(journal, a_full_day().log)
    assert not journal.anchor.healthy
    journal.close()
    rows = sqlite3.connect(tmp_path / DB).execute("select count(*) from journal").fetchone()
    assert rows == (len(made),)


def test_a_write_that_fails_notes_nothing(tmp_path: Path) -> None:
    journal = anchored(tmp_path)
    journal.open()
    made = write(journal, a_full_day().log)
    with pytest.raises(sqlite3.Error):
        journal.append([made[-1]], [])
    journal.close()
    assert Anchor(tmp_path / NOTE).read() == End(len(made), made[-1].hash)


def test_a_note_that_is_deleted_under_the_running_program_is_made_again(tmp_path: Path) -> None:
    note = Anchor(tmp_path / NOTE)
    note.open()
    note.write(End(1, "a" * 64))
    (tmp_path / NOTE).unlink()
    note.write(End(2, "b" * 64))
    assert Anchor(tmp_path / NOTE).read() == End(2, "b" * 64)
    note.close()


@pytest.mark.parametrize("end", ["", "-wal"])
def test_a_journal_without_a_name_acknowledges_nothing(tmp_path: Path, end: str) -> None:
    journal = anchored(tmp_path)
    journal.open()
    log = a_full_day().log
    write(journal, log[:6], batch=3)
    assert journal.displaced() is None
    file = tmp_path / f"{DB}{end}"
    file.rename(tmp_path / "away")
    assert journal.displaced() == file
    with pytest.raises(sqlite3.OperationalError, match="deleted or replaced"):
        write(journal, log[6:], batch=3)
    journal.rescue(tmp_path / "copy")
    journal.close()
    with Journal(tmp_path / "copy").reading() as copy:
        assert copy.last_seq == 6


def test_a_folder_of_the_note_that_goes_away_costs_nobody_an_answer(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    note = Anchor(tmp_path / "disk" / NOTE)
    note.open()
    (tmp_path / "disk").rename(tmp_path / "away")
    note.write(End(1, "a" * 64))
    assert not note.healthy
    (tmp_path / "disk").mkdir()
    note.write(End(2, "b" * 64))
    assert note.healthy
    assert Anchor(tmp_path / "disk" / NOTE).read() == End(2, "b" * 64)
    note.close()
