"""Tokens: whom they speak for, and that nobody else can make them."""

import string
from dataclasses import replace

import pytest
from itsdangerous import URLSafeSerializer

from queue_server.auth import PURPOSES, ROLES, TICKET_TOKEN, Tokens
from queue_server.contract.ports import Identity
from queue_server.keys import Purpose, Secret

KEYS = Secret(staff=b"0123456789abcdef", devices=b"fedcba9876543210", tickets=b"0a1b2c3d4e5f")
MINE = Tokens(KEYS)


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
    theirs = Tokens(Secret.single(b"another key"))
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


@pytest.mark.parametrize("changed", Purpose)
def test_a_changed_key_ends_the_tokens_of_its_purpose_alone(changed: Purpose) -> None:
    given = {role: MINE.make(Identity(role=role)) for role in ROLES}
    new = Tokens(KEYS)
    new.renew(replace(KEYS, **{changed: b"a new key"}))
    assert {role for role, token in given.items() if new.identify(token)} == {
        role for role, purpose in PURPOSES.items() if purpose is not changed
    }
    assert (new.ticket("20261123-A001") == MINE.ticket("20261123-A001")) is (changed is not Purpose.TICKETS)


def test_a_device_cannot_make_itself_staff() -> None:
    """Who got hold of the devices' key signs an administrator with it in vain."""
    stolen = Tokens(replace(KEYS, staff=KEYS.devices))
    assert stolen.identify(stolen.make(Identity(role="admin"))) is not None
    assert MINE.identify(stolen.make(Identity(role="admin"))) is None


@pytest.mark.parametrize("role", ROLES)
def test_a_token_of_the_one_key_of_before_works_until_its_purpose_changes(role: str) -> None:
    """The bytes are those that a program of before made with this key."""
    old = URLSafeSerializer(b"one key", salt="motcua.role.v1").dumps({"r": role, "s": "somebody"})
    after = replace(KEYS, former=b"one key", former_for=frozenset({PURPOSES[role]}))
    assert Tokens(after).identify(str(old)) == Identity(role=role, subject="somebody")
    others = frozenset(Purpose) - {PURPOSES[role]}
    assert Tokens(replace(after, former_for=others)).identify(str(old)) is None
    assert MINE.identify(str(old)) is None
