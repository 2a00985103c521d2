"""A damaged database: one sentence with the cure from every command, and the exit code that ends all restarts."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from queue_server.journal.anchor import Anchor
from queue_server.journal.backup import backup, note_end
from queue_server.runtime import RunOptions, Runtime
from queue_server.settings import JOURNAL, anchor_path, losses_path
from tests.journal.builders import a_journal, forge, opened
from tests.office.test_start import run, serve


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    with opened(a_journal(folder / JOURNAL)) as journal:
        end = journal.end_of(journal.last_day() or "")
    assert end is not None
    note_end(anchor_path(folder), end)
    return folder


@pytest.mark.parametrize("command", ["server", "verify", "backup", "replay", "forecast"])
def test_a_file_that_is_no_database(data: Path, tmp_path: Path, command: str) -> None:
    (data / JOURNAL).write_bytes(b"\x13" * 20_000)
    ways = {"verify": ("journal", "verify"), "backup": ("backup", tmp_path / "b.tar.gz")}
    result = serve(data) if command == "server" else run(*ways.get(command, (command,)), "--data", data)
    assert result.exit_code == 3, result.output
    assert "motcua restore" in result.output
    assert "Traceback" not in result.output


def test_a_damaged_index_is_said_by_verify(data: Path) -> None:
    forge(
        data / JOURNAL,
        "pragma writable_schema = 1",
        "update sqlite_master set rootpage = (select rootpage from sqlite_master where name = 'idx_journal_day') "
        "where name = 'idx_journal_command_id_actor'",
    )
    result = run("journal", "verify", "--data", data)
    assert result.exit_code == 3, result.output
    assert "damaged" in result.output


def damage_a_page(path: Path, index: str) -> None:
    """Changes one byte of a key on the first page of an index, as a failing disk does."""
    with closing(sqlite3.connect(path)) as base:
        size = base.execute("pragma page_size").fetchone()[0]
        (page,) = base.execute("select rootpage from sqlite_master where name = ?", (index,)).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        key = file.read(size).index(b"officer:1")
        file.seek((page - 1) * size + key)
        file.write(b"x")


async def ready_parts(runtime: Runtime, until: str) -> dict[str, str]:
    """The parts of `/readyz`, once part `record` says something with these words."""
    async with httpx.AsyncClient(base_url=runtime.url) as client, asyncio.timeout(30):
        while True:
            parts: dict[str, str] = (await client.get("/readyz")).json()["parts"]
            if until in parts["record"]:
                return parts
            await asyncio.sleep(0.02)


def test_a_damaged_page_of_an_index_is_said_after_a_start(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    damage_a_page(data / JOURNAL, "idx_journal_command_id_actor")

    async def parts_after_the_check() -> dict[str, str]:
        options = RunOptions(
            data=data, site=None, host="127.0.0.1", port=0, mqtt_port=0, forecast=False, check_after=0.1
        )
        runtime = Runtime(options)
        try:
            await runtime.start()
            return await ready_parts(runtime, "damaged")
        finally:
            await runtime.stop()

    parts = asyncio.run(parts_after_the_check())
    assert "idx_journal_command_id_actor" in parts["record"]
    assert "motcua journal verify" in parts["record"]
    assert sum(line.startswith("record-damaged") for line in caplog.messages) == 1


def test_a_lost_end_is_said_by_verify_and_by_a_digest_from_outside(data: Path) -> None:
    digest = run("journal", "digest", "--data", data).output.split()[-1]
    assert run("journal", "verify", "--data", data, "--digest", digest).exit_code == 0
    forge(data / JOURNAL, "delete from journal where seq = (select max(seq) from journal)")
    assert "1 entries are lost from its end" in run("journal", "verify", "--data", data).output
    anchor_path(data).unlink()
    result = run("journal", "verify", "--data", data, "--digest", digest)
    assert result.exit_code == 1
    assert "1 entries are lost from its end" in result.output


def test_a_digest_that_is_none_is_refused(data: Path) -> None:
    assert run("journal", "verify", "--data", data, "--digest", "12:abc").exit_code == 2


def test_a_backup_holds_all_but_what_is_made_anew(data: Path, tmp_path: Path) -> None:
    for name in ("secret", "taken.json", "broker/passwords.json", "voice/vi/number-1.wav", "forecast.json"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(name)
    for name in ("lock", "broker/acl", "broker/mosquitto.db", "voice/made/vi/a.wav", "compiled/x.nbi"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(name)
    archive = backup(data, tmp_path / "b.tar.gz")
    assert run("restore", archive, "--data", tmp_path / "new").exit_code == 0
    whole = {path.relative_to(tmp_path / "new").as_posix() for path in (tmp_path / "new").rglob("*") if path.is_file()}
    assert {"secret", "taken.json", "broker/passwords.json", "voice/vi/number-1.wav", "forecast.json"} <= whole
    assert not {"lock", "broker/acl", "broker/mosquitto.db", "voice/made/vi/a.wav", "compiled/x.nbi"} & whole
    assert Anchor(anchor_path(tmp_path / "new")).read() == Anchor(anchor_path(data)).read()
    assert losses_path(data).exists() is False
