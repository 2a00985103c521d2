"""The command line: help without weight, wrong use refused with exit 2, faults as short messages."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from queue_server import cli
from queue_server.catalogue.loader import CatalogueError
from queue_server.cli.run import finish
from queue_server.journal.journal import JournalError
from queue_server.messaging.broker import BrokerError
from queue_server.options import BackupOptions, ConfigError
from queue_server.site.loader import SiteError

COMMANDS = [
    "up",
    "server",
    "kiosk",
    "board",
    "hardware",
    "simulate",
    "forecast",
    "replay",
    "journal",
    "backup",
    "restore",
    "token",
    "keys",
]


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and everything said, in plain letters."""
    result = CliRunner().invoke(cli.app, arguments, env={"TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "200"})
    return result.exit_code, result.output


def test_help_names_every_command() -> None:
    code, text = run("--help")
    assert code == 0
    assert [name for name in COMMANDS if f" {name} " not in text] == []


@pytest.mark.parametrize("command", [*([name] for name in COMMANDS), ["journal", "verify"], ["journal", "export"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    code, text = run(*command, "--help")
    assert code == 0
    assert "Usage" in text


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'fastapi', 'kivy', 'numba', 'numpy', 'paho', 'pydantic', 'sqlite_utils', 'PIL'}"
    code = (
        "import sys\nsys.argv = ['motcua', '--help']\nfrom queue_server.cli import main\n"
        f"try: main()\nfinally: print('LOADED', sorted({heavy} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "LOADED []" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nothing"], "No such command"),
        (["up", "--port", "70000"], "--port"),
        (["up", "--mqtt-port", "-1"], "--mqtt-port"),
        (["simulate", "--speed", "0"], "--speed"),
        (["simulate", "--day", "32-01-2026"], "--day"),
        (["simulate", "--offline", "--url", "http://127.0.0.1:1"], "leave out --url"),
        (["simulate", "--out", "day.jsonl"], "belongs to --offline"),
        (["replay", "--last", "0"], "--last"),
        (["replay", "--day", "2026-11-23", "--last", "3"], "choose days by"),
        (["replay", "--from", "2026-11-23", "--to", "2026-11-20"], "--to is before --from"),
        (["kiosk", "--window", "big"], "WIDTHxHEIGHT"),
        (["restore", "no-such-file"], "does not exist"),
        (["backup"], "FILE"),
        (["token", "king"], "king"),
    ],
)
def test_wrong_use_is_refused(arguments: list[str], reason: str) -> None:
    code, text = run(*arguments)
    assert code == 2
    assert reason in " ".join(text.split())


OPTIONS = BackupOptions(data=Path("data"), target=Path("copy"))


def finished_with(fault: Exception) -> int:
    def command(_: BackupOptions) -> int:
        raise fault

    with pytest.raises(typer.Exit) as left:
        finish(command, OPTIONS)
    return left.value.exit_code


def test_the_code_of_a_command_is_the_exit_code() -> None:
    with pytest.raises(typer.Exit) as left:
        finish(lambda _: 1, OPTIONS)
    assert left.value.exit_code == 1


@pytest.mark.parametrize("error", [SiteError, CatalogueError])
def test_a_bad_site_is_told_line_by_line(error: type[Exception], capsys: pytest.CaptureFixture[str]) -> None:
    assert finished_with(error(["site.yaml:3: first", "site.yaml:9: second"])) == 2
    assert capsys.readouterr().err.splitlines()[1:] == ["  site.yaml:3: first", "  site.yaml:9: second"]


def test_a_bad_configuration_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert finished_with(ConfigError("port 8080 is taken; choose another with --port")) == 2
    assert capsys.readouterr().err == "motcua: port 8080 is taken; choose another with --port\n"


def test_a_fault_of_the_machine_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    fault = OSError(errno.EROFS, os.strerror(errno.EROFS), "data/journal.db")
    assert finished_with(fault) == 1
    assert capsys.readouterr().err == "motcua: Read-only file system: data/journal.db\n"


@pytest.mark.parametrize("error", [JournalError, BrokerError])
def test_a_fault_of_a_part_speaks_for_itself(error: type[Exception], capsys: pytest.CaptureFixture[str]) -> None:
    assert finished_with(error("port 1883 cannot be had")) == 1
    assert capsys.readouterr().err == "motcua: port 1883 cannot be had\n"


def test_a_fault_of_the_program_is_not_hidden() -> None:
    def command(_: BackupOptions) -> int:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        finish(command, OPTIONS)


def test_a_window_has_a_size() -> None:
    assert cli._size("540x960") == (540, 960)
    assert cli._size(None) is None
