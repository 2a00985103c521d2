"""Sessions: begun with a code, ended by signing out, by time or by a new key; links that sign in once."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from queue_server.auth import Tokens
from queue_server.contract.ports import SESSION, Identity
from queue_server.keys import Purpose, change_key, load_secret
from queue_server.sessions import FILE, INVITATION, Sessions
from tests.queue.builders import MONDAY

OFFICER = Identity(role="officer", counter="q3", subject="Nguyễn Thị Hoa")
BLINK = timedelta(microseconds=1)


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(load_secret(tmp_path))


@pytest.fixture
def sessions(tokens: Tokens, tmp_path: Path) -> Sessions:
    return Sessions(tokens, tmp_path / FILE)


def signed_in(sessions: Sessions, tokens: Tokens, who: Identity = OFFICER) -> str:
    value = sessions.begin(tokens.make(who), MONDAY)
    assert value
    return value


def test_a_session_knows_who_signed_in_and_outlives_the_program(
    sessions: Sessions, tokens: Tokens, tmp_path: Path
) -> None:
    value = signed_in(sessions, tokens)
    sessions.close()
    again = Sessions(tokens, tmp_path / FILE)
    assert again.find(value, MONDAY) == OFFICER
    assert again.find(value, MONDAY + SESSION - BLINK) == OFFICER
    assert again.find(value, MONDAY + SESSION) is None


def test_a_cookie_is_no_code_and_a_code_no_cookie(sessions: Sessions, tokens: Tokens) -> None:
    code = tokens.make(OFFICER)
    value = signed_in(sessions, tokens)
    assert tokens.identify(value) is None
    assert sessions.find(code, MONDAY) is None
    assert value != signed_in(sessions, tokens)


def test_the_file_does_not_hold_what_opens_a_page(sessions: Sessions, tokens: Tokens, tmp_path: Path) -> None:
    value = signed_in(sessions, tokens)
    sessions.close()
    held = b"".join(path.read_bytes() for path in tmp_path.glob(f"{FILE}*"))
    assert value.encode() not in held
    assert tokens.make(OFFICER).encode() not in held
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_signing_out_ends_one_session_for_good(sessions: Sessions, tokens: Tokens, tmp_path: Path) -> None:
    mine, other = signed_in(sessions, tokens), signed_in(sessions, tokens)
    sessions.end(mine)
    sessions.end(mine)
    sessions.end("nonsense \ud800")
    sessions.close()
    again = Sessions(tokens, tmp_path / FILE)
    assert (again.find(mine, MONDAY), again.find(other, MONDAY)) == (None, OFFICER)


@pytest.mark.parametrize(("changed", "stays"), [(Purpose.STAFF, False), (Purpose.DEVICES, True)])
def test_a_new_key_ends_the_sessions_of_its_people(
    sessions: Sessions, tokens: Tokens, tmp_path: Path, changed: Purpose, stays: bool
) -> None:
    value = signed_in(sessions, tokens)
    change_key(tmp_path, changed)
    tokens.renew(load_secret(tmp_path))
    assert (sessions.find(value, MONDAY) is not None) is stays
    sessions.close()
    assert (Sessions(tokens, tmp_path / FILE).find(value, MONDAY) is not None) is stays


def test_an_invitation_signs_in_once_and_soon(sessions: Sessions) -> None:
    code, late = sessions.invite(OFFICER, MONDAY), sessions.invite(OFFICER, MONDAY)
    assert sessions.begin(late, MONDAY + INVITATION) is None
    value = sessions.begin(code, MONDAY + INVITATION - BLINK)
    assert value
    assert sessions.find(value, MONDAY) == OFFICER
    assert sessions.begin(code, MONDAY) is None
    assert sessions.begin(code, MONDAY, running="somebody else's") is None


def test_a_link_opened_again_goes_on_with_its_session(sessions: Sessions, tokens: Tokens) -> None:
    code = sessions.invite(OFFICER, MONDAY)
    value = sessions.begin(code, MONDAY)
    assert sessions.begin(code, MONDAY, running=value) == value
    assert sessions.begin(code, MONDAY, running=signed_in(sessions, tokens)) is None
    sessions.end(value or "")
    assert sessions.begin(code, MONDAY, running=value) is None


def test_an_invitation_ends_with_the_program(sessions: Sessions, tokens: Tokens, tmp_path: Path) -> None:
    code = sessions.invite(OFFICER, MONDAY)
    sessions.close()
    assert Sessions(tokens, tmp_path / FILE).begin(code, MONDAY) is None


def test_a_spoilt_file_costs_only_the_sessions(tokens: Tokens, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    sessions = Sessions(tokens, tmp_path / FILE)
    assert sessions.find(signed_in(sessions, tokens), MONDAY) == OFFICER
