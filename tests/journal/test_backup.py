"""One file that brings an office back: made while the server writes, checked, and never over what is there."""

import random
import sqlite3
import stat
import tarfile
import threading
from pathlib import Path

import pytest

from queue_server.journal.backup import backup, check, restore
from queue_server.journal.journal import JournalError
from queue_server.settings import JOURNAL
from tests.journal.builders import a_full_day, a_journal, forge, next_day, opened, write
from tests.queue.builders import DAY


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of an office that has worked for a day."""
    folder = tmp_path / "data"
    folder.mkdir()
    a_journal(folder / JOURNAL)
    (folder / "secret").write_text("0123456789abcdef")
    (folder / "secret").chmod(0o600)
    return folder


def test_there_and_back(data: Path, tmp_path: Path) -> None:
    archive = backup(data, tmp_path / "b.tar.gz")
    entries = restore(archive, tmp_path / "new")
    with opened(data / JOURNAL) as old, opened(tmp_path / "new" / JOURNAL) as new:
        assert entries == old.last_seq == new.last_seq
        assert list(new.day(DAY)) == list(old.day(DAY))
    assert (tmp_path / "new" / "secret").read_text() == "0123456789abcdef"
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600
    assert {path.name for path in (tmp_path / "new").iterdir()} == {JOURNAL, "secret", "anchor"}


def test_only_its_owner_reads_a_backup(data: Path, tmp_path: Path) -> None:
    archive = backup(data, tmp_path / "b.tar.gz")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("b.*")] == ["b.tar.gz"]


def test_a_backup_during_work_is_a_moment_of_it(data: Path, tmp_path: Path) -> None:
    log = a_full_day().log
    writing = threading.Event()

    def serve() -> None:
        with opened(data / JOURNAL) as journal:
            writing.set()
            write(journal, next_day(log), batch=1, prefix="n")

    server = threading.Thread(target=serve)
    server.start()
    writing.wait()
    archives = []
    while server.is_alive() or not archives:
        archives.append(backup(data, tmp_path / f"b{len(archives)}.tar.gz"))
    server.join()
    counts = [restore(archive, tmp_path / f"r{number}") for number, archive in enumerate(archives)]
    assert counts == sorted(counts)
    assert all(len(log) <= count <= 2 * len(log) for count in counts)


def test_a_journal_that_does_not_verify_is_not_backed_up_nor_restored(data: Path, tmp_path: Path) -> None:
    good = backup(data, tmp_path / "good.tar.gz")
    forge(data / JOURNAL, "update journal set actor = 'x' where seq = 5")
    with pytest.raises(JournalError, match="entry 5: was changed"):
        backup(data, tmp_path / "bad.tar.gz")
    assert not (tmp_path / "bad.tar.gz").exists()
    with tarfile.open(tmp_path / "forged.tar.gz", "w:gz") as archive:
        archive.add(data / JOURNAL, JOURNAL)
    with pytest.raises(JournalError, match="entry 5: was changed"):
        restore(tmp_path / "forged.tar.gz", tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert restore(good, tmp_path / "new") > 0


def test_nothing_is_restored_over_a_journal(data: Path, tmp_path: Path) -> None:
    archive = backup(data, tmp_path / "b.tar.gz")
    before = check(data / JOURNAL)
    with pytest.raises(JournalError, match="already holds a journal"):
        restore(archive, data)
    assert check(data / JOURNAL) == before


def test_nothing_is_restored_beside_the_log_of_a_lost_journal(data: Path, tmp_path: Path) -> None:
    archive = backup(data, tmp_path / "b.tar.gz")
    other = tmp_path / "other"
    other.mkdir()
    (other / f"{JOURNAL}-wal").write_bytes(b"what an earlier journal left behind")
    with pytest.raises(JournalError, match="already holds a journal"):
        restore(archive, other)


def test_what_is_no_backup_says_so(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0 no archive at all")
    with pytest.raises(JournalError, match=r"photo\.jpg is not a backup"):
        restore(tmp_path / "photo.jpg", tmp_path / "new")
    (tmp_path / "notes.txt").write_text("x")
    with tarfile.open(tmp_path / "notes.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "notes.txt", "notes.txt")
    with pytest.raises(JournalError, match="holds no journal"):
        restore(tmp_path / "notes.tar.gz", tmp_path / "new")
    with pytest.raises(JournalError, match="is not a backup"):
        restore(tmp_path / "nowhere.tar.gz", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.95])
def test_a_backup_cut_off_anywhere_is_refused_in_words(data: Path, tmp_path: Path, part: float) -> None:
    (data / "secret").write_bytes(random.Random(1).randbytes(400_000))
    whole = backup(data, tmp_path / "b.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(JournalError, match="is not a backup"):
        restore(tmp_path / "cut.tar.gz", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_backup_with_spoiled_bytes_is_refused_in_words(data: Path, tmp_path: Path) -> None:
    whole = bytearray(backup(data, tmp_path / "b.tar.gz").read_bytes())
    whole[40:80] = bytes(40)
    (tmp_path / "spoiled.tar.gz").write_bytes(whole)
    with pytest.raises(JournalError, match="is not a backup"):
        restore(tmp_path / "spoiled.tar.gz", tmp_path / "new")


def test_an_archive_cannot_write_outside_the_folder(tmp_path: Path, data: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
        archive.add(data / "secret", "../escaped")
        archive.add(data / JOURNAL, JOURNAL)
    with pytest.raises(JournalError, match="is not a backup"):
        restore(tmp_path / "evil.tar.gz", tmp_path / "new")
    assert not list(tmp_path.rglob("escaped"))


def test_an_empty_folder_has_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="nothing to back up"):
        backup(tmp_path, tmp_path / "b.tar.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_restored_journal_goes_on(data: Path, tmp_path: Path) -> None:
    restore(backup(data, tmp_path / "b.tar.gz"), tmp_path / "new")
    with opened(tmp_path / "new" / JOURNAL) as journal:
        write(journal, next_day(a_full_day().log), prefix="n")
    assert check(tmp_path / "new" / JOURNAL).seq == 2 * check(data / JOURNAL).seq
    connection = sqlite3.connect(tmp_path / "new" / JOURNAL)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("delete from journal")
    connection.close()
