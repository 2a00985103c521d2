"""Starting with something wrong: one clear message, the right exit code, and nothing broken by the attempt."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import queue_server.runtime
import queue_server.whole  # all that a start loads, before rights are given up
from queue_server.cli import app
from queue_server.journal.journal import Journal
from queue_server.keys import load_secret
from queue_server.machine import make_data_folder
from tests.journal.builders import a_full_day, write

NOBODY = 65534


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@contextmanager
def without_rights() -> Iterator[None]:
    """As an ordinary account: root may write everywhere, so it steps down for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def serve(data: Path, *more: object) -> Result:
    return run("server", "--data", data, "--port", 0, "--mqtt-port", 0, *more)


def test_a_read_only_data_folder() -> None:
    with tempfile.TemporaryDirectory() as place:  # not tmp_path: only its owner may look into that
        Path(place).chmod(0o755)
        data = Path(place) / "data"
        data.mkdir(mode=0o555)
        with without_rights():
            result = serve(data)
        assert result.exit_code == 1
        assert f"the data folder {data} cannot be written: Permission denied" in result.output
        assert "--data" in result.output
        assert list(data.iterdir()) == []


def test_a_folder_that_a_start_makes_is_for_its_owner_alone(tmp_path: Path) -> None:
    umask = os.umask(0o022)
    try:
        make_data_folder(tmp_path / "office")
        load_secret(tmp_path / "keys")
    finally:
        os.umask(umask)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o700}


@pytest.mark.parametrize("ahead", [False, True])
def test_a_record_in_a_read_only_folder_is_read_or_the_cure_is_named(ahead: bool) -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        data = Path(place) / "data"
        journal = Journal(data / "journal.sqlite3")
        data.mkdir()
        journal.open()
        entries = len(write(journal, a_full_day().log))
        if ahead:
            shutil.copytree(data, data.with_name("copy"), ignore=shutil.ignore_patterns("*-shm"))
        journal.close()
        data = data.with_name("copy") if ahead else data
        for path in data.iterdir():
            path.chmod(0o444)
        data.chmod(0o555)
        with without_rights():
            verified, exported = run("journal", "verify", "--data", data), run("journal", "export", "--data", data)
        if ahead:
            assert "Copy the folder to where you may write" in verified.output
            assert (verified.exit_code, exported.exit_code) == (1, 1)
        else:
            assert f"{entries} entries" in verified.output
            assert (verified.exit_code, exported.exit_code) == (0, 0)
            assert exported.output.count("\n") == entries


def test_a_file_where_the_data_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("notes")
    result = serve(tmp_path / "data")
    assert result.exit_code == 1
    assert "cannot be written: File exists" in result.output
    assert (tmp_path / "data").read_text() == "notes"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site: [", "line"),
        ("", "site"),
        ("site: x\nservices: nothing\n", "services"),
        ("site: x\ncolour: blue\n", "colour"),
        ("\x00\x01\x02", "site.yaml"),
    ],
)
def test_a_broken_site_file(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "site.yaml").write_text(text)
    result = serve(tmp_path / "data", "--site", tmp_path / "site.yaml")
    assert result.exit_code == 2
    assert "the site cannot be opened as described" in result.output
    assert expected in result.output
    assert not (tmp_path / "data" / "journal.sqlite3").exists()


def test_a_site_file_that_is_not_there(tmp_path: Path) -> None:
    result = serve(tmp_path / "data", "--site", tmp_path / "nowhere.yaml")
    assert result.exit_code == 2
    assert "nowhere.yaml" in result.output


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("server", "--data", tmp_path, "--port", port, "--mqtt-port", 0)
    assert result.exit_code == 1
    assert f"port {port} is taken. `sudo ss -ltnp 'sport = :{port}'` says by which program" in result.output
    assert "MOTCUA_PORT" in result.output


def test_a_port_of_the_broker_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("server", "--data", tmp_path, "--port", 0, "--mqtt-port", port)
    assert result.exit_code == 1
    assert f"port {port} is taken" in result.output
    assert "MOTCUA_MQTT_PORT" in result.output


def test_an_address_that_the_machine_has_not(tmp_path: Path) -> None:
    result = run("server", "--data", tmp_path, "--host", "192.0.2.1", "--port", 0, "--mqtt-port", 0)
    assert result.exit_code == 1
    assert "this machine has no address 192.0.2.1" in result.output
    assert "MOTCUA_HOST" in result.output


def test_a_folder_that_systemd_keeps_closed_names_the_lines_that_open_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOCATION_ID", "made by systemd for each start")
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        with without_rights():
            result = serve(Path(place) / "data")
    assert result.exit_code == 1
    assert f"ReadWritePaths={place}/data" in result.output


def test_a_journal_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").write_text("a shopping list, long enough to be no empty file" * 20)
    result = run("journal", "verify", "--data", tmp_path)
    assert result.exit_code == 3
    assert "file is not a database" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", [("journal", "verify"), ("journal", "export")])
def test_a_folder_without_a_journal(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(*command, "--data", tmp_path)
    assert result.exit_code == 1
    assert "Is --data right?" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_broker_address_that_is_none(tmp_path: Path) -> None:
    result = serve(tmp_path, "--mqtt", "http://broker")
    assert result.exit_code == 2
    assert "mqtt" in result.output


def test_the_runtime_does_nothing_before_it_starts(tmp_path: Path) -> None:
    options = queue_server.runtime.RunOptions(data=tmp_path, site=None, host="127.0.0.1", port=0, mqtt_port=0)
    queue_server.runtime.Runtime(options)
    assert list(tmp_path.iterdir()) == []
