"""What the record has lost: said until a person confirms it, wherever it is noted, and kept in the backup."""

import shutil
from pathlib import Path

import pytest

import queue_server.site
from queue_server.journal.anchor import Anchor, End
from queue_server.journal.backup import note_end
from queue_server.record import Record
from queue_server.settings import ANCHOR, JOURNAL, LOSSES, journal_path
from tests.journal.builders import a_journal, forge, opened
from tests.office.test_start import run

EXAMPLE = Path(queue_server.site.__file__).with_name("example.yaml")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder whose newest entry is gone, and beside it, in `noted`, the anchor that knows it."""
    folder, noted = tmp_path / "data", tmp_path / "noted"
    folder.mkdir()
    noted.mkdir()
    with opened(a_journal(journal_path(folder))) as journal:
        end = End(journal.last_seq, journal.last_hash)
    note_end(noted / ANCHOR, end)
    forge(folder / JOURNAL, "delete from journal where seq = (select max(seq) from journal)")
    return folder


def start(data: Path) -> str:
    """What `/readyz` says of the record after a start."""
    record = Record(data, data.parent / "noted")
    record.journal.open()
    try:
        record.opened()
        return record.health()
    finally:
        record.close()
        record.journal.close()


def test_a_loss_is_said_until_a_person_confirms_it(data: Path) -> None:
    where = ("--data", data, "--anchor", data.parent / "noted")
    assert "1 entries are lost from its end" in start(data)
    listed = run("journal", "losses", *where)
    assert listed.exit_code == 1
    assert "1 losses, 1 not confirmed" in listed.output
    confirmed = run("journal", "losses", "--confirm", *where)
    assert confirmed.exit_code == 0
    assert "1 losses, 0 not confirmed" in confirmed.output
    assert start(data) == "ok"


def test_verify_takes_a_confirmed_loss_and_no_other(data: Path) -> None:
    """Before the next entry the anchor still tells of the loss; the next start needs it, to leave a gap."""
    noted = data.parent / "noted"
    anchored = Anchor(noted / ANCHOR).read()
    start(data)
    run("journal", "losses", "--confirm", "--data", data, "--anchor", noted)
    assert run("journal", "verify", "--data", data, "--anchor", noted).exit_code == 0
    assert Anchor(noted / ANCHOR).read() == anchored
    outside = run("journal", "verify", "--data", data, "--anchor", noted, "--digest", str(anchored))
    assert (outside.exit_code, "1 entries are lost" in outside.output) == (1, True)
    forge(data / JOURNAL, "delete from journal where seq = (select max(seq) from journal)")
    again = run("journal", "verify", "--data", data, "--anchor", noted)
    assert (again.exit_code, "2 entries are lost" in again.output) == (1, True)


def test_an_anchor_whose_disk_is_away_stops_nobody(data: Path) -> None:
    shutil.rmtree(data.parent / "noted")
    (data.parent / "noted").write_text("where the disk should be")
    said = start(data)
    assert f"cannot be noted in {data.parent / 'noted' / ANCHOR}" in said
    assert "open to the service" in said


def test_a_loss_that_cannot_be_noted_is_said(data: Path) -> None:
    (data.parent / "noted" / f"{LOSSES}.new").mkdir()
    said = start(data)
    assert "1 entries are lost from its end" in said
    assert "cannot be noted" in said


def test_an_office_without_losses_has_nothing_to_confirm(tmp_path: Path) -> None:
    a_journal(journal_path(tmp_path))
    result = run("journal", "losses", "--confirm", "--data", tmp_path)
    assert result.exit_code == 0
    assert "0 losses, 0 not confirmed" in result.output


def test_a_backup_takes_anchor_and_losses_from_a_folder_elsewhere(data: Path, tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    lost = Anchor(noted / ANCHOR).read()
    start(data)
    note_end(noted / ANCHOR, lost or End(0, ""))
    made = run("backup", tmp_path / "b.tar.gz", "--data", data, "--anchor", noted)
    assert made.exit_code == 0, made.output
    assert run("restore", tmp_path / "b.tar.gz", "--data", tmp_path / "new").exit_code == 0
    assert (tmp_path / "new" / LOSSES).read_bytes() == (noted / LOSSES).read_bytes()
    assert Anchor(tmp_path / "new" / ANCHOR).read() == lost
    assert "lost from its end" in run("journal", "verify", "--data", tmp_path / "new").output


def test_site_file_catalogues_and_certificates_are_there_and_back(tmp_path: Path) -> None:
    data, settings = tmp_path / "data", tmp_path / "settings"
    data.mkdir()
    settings.mkdir()
    a_journal(journal_path(data))
    certificate = tmp_path / "ca.pem"
    certificate.write_text("certificate")
    site = settings / "site.yaml"
    site.write_text(f"{EXAMPLE.read_text('utf-8')}\ncatalogues: [own/matters.yaml]\n", "utf-8")
    (settings / "own").mkdir()
    (settings / "own" / "matters.yaml").write_text("matters of this office")
    made = run("backup", tmp_path / "b.tar.gz", "--data", data, "--site", site, "--also", certificate)
    assert made.exit_code == 0, made.output
    assert run("restore", tmp_path / "b.tar.gz", "--data", tmp_path / "new").exit_code == 0
    outside = tmp_path / "new" / "outside"
    assert (outside / "site.yaml").read_bytes() == site.read_bytes()
    assert (outside / "own" / "matters.yaml").read_text() == "matters of this office"
    assert (outside / "ca.pem").read_text() == "certificate"
