"""Who may do what, read off the rules without a broker."""

import pytest

from queue_server.contract.topics import TOPICS, pattern
from queue_server.messaging.acl import Kind, User, acl_text, rights, users_of

SITE = "lien-chieu"
OFFICE = users_of(counters=("1", "2"), kiosks=("kiosk-1",), boards={"board-1": "main"}, devices=("printer-1",))


def test_every_place_gets_its_users() -> None:
    assert {user.name for user in OFFICE} == {
        "server", "monitor", "kiosk-1", "board-1", "printer-1",
        "keypad-1", "terminal-1", "panel-1", "keypad-2", "terminal-2", "panel-2",
    }  # fmt: skip


def test_the_acl_of_a_keypad_is_its_counter_and_nothing_else() -> None:
    (keypad,) = [user for user in OFFICE if user.name == "keypad-2"]
    assert acl_text(SITE, [keypad]) == (
        "user keypad-2\n"
        "topic readwrite motcua/v1/lien-chieu/device/keypad-2/availability\n"
        "topic write motcua/v1/lien-chieu/counter/2/keypad/event\n"
        "topic read motcua/v1/lien-chieu/counter/2/answer\n"
        "topic read motcua/v1/lien-chieu/counter/2/state\n"
        "topic read motcua/v1/lien-chieu/device/server/availability\n"
    )


def test_nobody_but_the_server_publishes_what_is_the_servers() -> None:
    servers = {pattern(SITE, each.name) for each in TOPICS if each.publisher == "server"}
    for user in OFFICE:
        if user.kind is not Kind.SERVER:
            granted = {as_pattern(each) for each in rights(SITE, user).publish}
            assert not granted & servers, user.name


def as_pattern(granted: str) -> str:
    """A granted topic with its ids put back to `+`."""
    places = {"1", "2", "main", "kiosk-1", "board-1", "printer-1", *(user.name for user in OFFICE)}
    return "/".join("+" if part in places else part for part in granted.split("/"))


def test_what_devices_publish_is_in_the_contract_with_their_kind() -> None:
    publishers = {pattern(SITE, each.name): each.publisher for each in TOPICS}
    for user in OFFICE:
        if user.kind in {Kind.KIOSK, Kind.KEYPAD, Kind.TERMINAL}:
            kinds = {publishers[as_pattern(each)] for each in rights(SITE, user).publish}
            assert kinds == {user.kind.value, "device"}


def test_only_server_monitor_and_gateways_hear_by_hash() -> None:
    for user in OFFICE:
        if user.kind not in {Kind.SERVER, Kind.MONITOR}:
            assert not any("#" in each for each in [*rights(SITE, user).hear, *rights(SITE, user).publish])


def test_a_board_hears_its_zone_and_the_whole_board_every_zone() -> None:
    one = rights(SITE, User(name="b", kind=Kind.BOARD, zone="main")).hear
    whole = rights(SITE, User(name="b", kind=Kind.BOARD, zone="all")).hear
    assert "motcua/v1/lien-chieu/board/main/calls" in one
    assert "motcua/v1/lien-chieu/board/+/calls" in whole


def test_a_foreign_button_speaks_its_own_topics_and_the_server_hears_it() -> None:
    button = User(name="button3", kind=Kind.TASMOTA)
    assert rights(SITE, button).publish == ("stat/button3/#", "tele/button3/#")
    (server, *_) = users_of(counters=("3",), hears=("stat/button3/RESULT",))
    assert "topic read stat/button3/RESULT\n" in acl_text(SITE, [server])
    assert "topic readwrite zigbee2mqtt/#\n" in acl_text(SITE, [User(name="zigbee", kind=Kind.ZIGBEE)])


@pytest.mark.parametrize(
    ("kiosks", "others", "told"),
    [
        (("server",), (), "two devices are called 'server'"),
        (("keypad-1",), (), "two devices are called 'keypad-1'"),
        (("kiosk 1",), (), "cannot be a user"),
        (("+",), (), "cannot be a user"),
        (("k\nuser x",), (), "cannot be a user"),
        ((), (User(name="k", kind=Kind.KEYPAD),), "stands at no counter"),
        ((), (User(name="k", kind=Kind.KEYPAD, counter="#"),), "cannot be a user"),
        ((), (User(name="k", kind=Kind.DEVICE, hears=("a\ntopic #",)),), "is to hear"),
    ],
)
def test_a_name_that_would_open_doors_is_refused(kiosks: tuple[str, ...], others: tuple[User, ...], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        users_of(counters=("1",), kiosks=kiosks, others=others)
