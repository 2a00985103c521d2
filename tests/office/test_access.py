"""`motcua token` and `motcua keys`: codes that open something, for places as people call them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from queue_server import cli
from queue_server.access import meant, places
from queue_server.auth import Tokens
from queue_server.contract.ports import Identity
from queue_server.journal.journal import Journal
from queue_server.keys import KEYS, SECRET, load_secret
from queue_server.options import ConfigError
from tests.journal.builders import a_journal


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, standard output, and everything else said in one line."""
    env = {"TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "400", "MOTCUA_DATA": None, "MOTCUA_SITE": None}
    result = CliRunner().invoke(cli.app, [str(each) for each in arguments], env=env)
    return result.exit_code, result.stdout.strip(), " ".join(result.stderr.split())


@pytest.mark.parametrize("text", ["q3", "Q3", "c3", "C3", "3", "Quầy 3", "quầy 3", "quay 3", "counter 3", "q 3"])
def test_a_counter_as_people_write_it(tmp_path: Path, text: str) -> None:
    code, token, said = run("token", "officer", "--counter", text, "--data", tmp_path)
    assert (code, said) == (0, "")
    who = Tokens(load_secret(tmp_path)).identify(token)
    assert who == Identity(role="officer", counter="q3", subject="q3")


@pytest.mark.parametrize("text", ["kiosk-1", "1", "k1", "kiosk 1", "Ki-ốt 1", "Ki-ốt cửa chính", "main entrance kiosk"])
def test_a_kiosk_as_people_write_it(tmp_path: Path, text: str) -> None:
    code, token, _ = run("token", "kiosk", "--kiosk", text, "--data", tmp_path)
    assert code == 0
    assert Tokens(load_secret(tmp_path)).identify(token) == Identity(role="kiosk", kiosk="kiosk-1", subject="kiosk-1")


@pytest.mark.parametrize(
    ("role", "option", "text", "listed"),
    [
        ("officer", "--counter", "77", "q1 (1), q2 (2)"),
        ("officer", "--counter", "", "q1 (1), q2 (2)"),
        ("officer", "--counter", "kiosk-1", "q1 (1)"),
        ("kiosk", "--kiosk", "kiosk-9", "kiosk-1 (Ki-ốt cửa chính)"),
        ("manager", "--counter", "q3", "belongs to an officer"),
        ("officer", "--kiosk", "kiosk-1", "belongs to a kiosk"),
    ],
)
def test_an_unknown_place_is_refused_with_the_list(
    tmp_path: Path, role: str, option: str, text: str, listed: str
) -> None:
    code, token, said = run("token", role, option, text, "--data", tmp_path)
    assert (code, token) == (2, "")
    assert listed in said
    assert list(tmp_path.iterdir()) == []


def test_what_may_be_two_is_refused_with_both() -> None:
    counters = {"a": ("Tư pháp",), "b": ("tu phap",), "c": ("9",)}
    with pytest.raises(ConfigError, match="may be a or b"):
        meant("counter", "TƯ PHÁP", counters)
    assert meant("counter", "Quầy 9", counters) == "c"
    assert meant("counter", "b", counters) == "b"


def test_places_are_those_that_the_office_opened_last(tmp_path: Path) -> None:
    a_journal(tmp_path / "journal.sqlite3")
    counters, kiosks = places(tmp_path, None)
    assert set(counters) == {"1", "2", "3"}
    assert set(kiosks) == {"k1", "k2"}
    assert run("token", "officer", "--counter", "Quầy 2", "--data", tmp_path)[0] == 0


def test_an_empty_journal_knows_no_places_yet(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    journal.open()
    journal.close()
    assert "q1" in places(tmp_path, None)[0]


def test_the_wrong_folder_gets_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code made there would open nothing, and nobody would know why."""
    (tmp_path / "letters").mkdir()
    monkeypatch.chdir(tmp_path)
    for arguments in (("token", "kiosk"), ("token", "kiosk", "--data", tmp_path), ("keys", "rotate", "staff")):
        code, token, said = run(*arguments)
        assert (code, token) == (2, "")
        assert "--data" in said
        assert "nothing was changed" in said
    assert [path.name for path in tmp_path.rglob("*")] == ["letters"]


def test_a_folder_that_is_named_may_be_of_an_office_to_come(tmp_path: Path) -> None:
    assert run("token", "admin", "--data", tmp_path)[0] == 0
    assert {SECRET, KEYS} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("arguments", [("token", "admin"), ("keys", "rotate", "staff"), ("journal", "losses")])
def test_a_folder_that_does_not_exist_is_a_slip_of_the_pen(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, said, why = run(*arguments, "--data", tmp_path / "never")
    assert (code, said) == (2, "")
    assert "does not exist" in why
    assert not (tmp_path / "never").exists()


def test_codes_of_one_purpose_are_ended_by_command(tmp_path: Path) -> None:
    officer, kiosk = (run("token", role, "--data", tmp_path)[1] for role in ("officer", "kiosk"))
    code, said, _ = run("keys", "rotate", "staff", "--data", tmp_path)
    assert (code, "motcua token officer" in said) == (0, True)
    now = Tokens(load_secret(tmp_path))
    assert now.identify(officer) is None
    assert now.identify(kiosk) is not None
