"""Tokens: whom they speak for, and that nobody else can make them."""

import stat
import string
import subprocess
import sys
from pathlib import Path

import pytest

from queue_server.auth import ROLES, SECRET, TICKET_TOKEN, Tokens, load_secret
from queue_server.contract.ports import Identity

ROOT = Path(__file__).parents[2]
MINE = Tokens(b"0123456789abcdef")


@pytest.mark.parametrize("role", ROLES)
def test_a_token_says_whom_it_speaks_for(role: str) -> None:
    who = Identity(role=role, counter="q1", kiosk="kiosk-1", subject="Nguyễn Văn Ế")
    assert MINE.identify(MINE.make(who)) == who
    assert MINE.identify(MINE.make(Identity(role=role))) == Identity(role=role, subject=role)


def test_no_token_for_a_role_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="role is one of"):
        MINE.make(Identity(role="root"))


def test_a_changed_token_opens_nothing() -> None:
    token = MINE.make(Identity(role="officer", counter="q1"))
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        forged = token[:place] + other + token[place + 1 :]
        found = MINE.identify(forged)
        assert found is None or place == len(token) - 1  # the last letter holds two bits that say nothing
    for cut in (token[:-1], token[1:], token + ".", "." + token, token.replace(".", "")):
        assert MINE.identify(cut) is None


def test_another_key_reads_and_makes_other_tokens() -> None:
    theirs = Tokens(b"another key")
    assert theirs.identify(MINE.make(Identity(role="admin"))) is None
    assert theirs.ticket("20261123-A001") != MINE.ticket("20261123-A001")


@pytest.mark.parametrize("text", ["", ".", "..", "\x00", "é" * 50, "null.null", "a" * 10_000, "\ud800"])
def test_nonsense_is_nobody(text: str) -> None:
    assert MINE.identify(text) is None


def test_tickets_have_addresses_that_cannot_be_guessed() -> None:
    made = {MINE.ticket(f"20261123-A{n:03d}") for n in range(1000)}
    assert len(made) == 1000
    letters = set(string.ascii_letters + string.digits + "-_")
    assert all(len(token) == TICKET_TOKEN and set(token) <= letters for token in made)
    assert MINE.ticket("20261123-A001") == MINE.ticket("20261123-A001")
    assert MINE.ticket("20261124-A001") != MINE.ticket("20261123-A001")
    assert all(len({token[place] for token in made}) > 10 for place in range(TICKET_TOKEN))


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    key = load_secret(tmp_path / "data")
    assert len(key) >= 32
    assert load_secret(tmp_path / "data") == key
    assert stat.S_IMODE((tmp_path / "data" / SECRET).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == [SECRET]
    assert load_secret(tmp_path / "other") != key


def test_programs_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    code = "import sys, pathlib, queue_server.auth as a; print(a.load_secret(pathlib.Path(sys.argv[1])))"
    started = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    found = {each.communicate(timeout=60)[0] for each in started}
    assert found == {f"{load_secret(tmp_path)}\n"}
    assert [path.name for path in tmp_path.iterdir()] == [SECRET]
