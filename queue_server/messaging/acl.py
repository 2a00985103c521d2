"""Who may publish and hear what at the broker. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from queue_server.contract.topics import BY_NAME, ROOT, pattern, topic

SERVER = "server"
MONITOR = "monitor"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")


class Kind(StrEnum):
    """What a user of the broker is; its rights follow from this and its place."""

    SERVER = "server"
    MONITOR = "monitor"
    KIOSK = "kiosk"
    KEYPAD = "keypad"
    TERMINAL = "terminal"
    PANEL = "panel"
    BOARD = "board"
    DEVICE = "device"
    TASMOTA = "tasmota"
    ZIGBEE = "zigbee"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user of the broker: `name` is also, for a device, its id in topics.

    `counter` is where a keypad, terminal or panel stands, `zone` what a board shows ("all": every zone).
    `hears` are topics of foreign buttons that the server listens to.
    """

    name: str
    kind: Kind
    counter: str = ""
    zone: str = ""
    hears: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Topic patterns that a user may publish to and hear."""

    publish: tuple[str, ...] = ()
    hear: tuple[str, ...] = ()


_PUBLISHES: Mapping[Kind, tuple[str, ...]] = {
    Kind.KIOSK: ("kiosk_state", "device_availability"),
    Kind.KEYPAD: ("keypad_event", "device_availability"),
    Kind.TERMINAL: ("counter_command", "device_availability"),
    Kind.PANEL: ("device_availability",),
    Kind.BOARD: ("device_availability",),
    Kind.DEVICE: ("device_availability",),
}
# Each hears its own presence too: a will that comes late says it is gone, and it can say at once that it is not.
_HEARS: Mapping[Kind, tuple[str, ...]] = {
    Kind.KIOSK: ("kiosk_state", "office_state", "service_state"),
    Kind.KEYPAD: ("device_availability", "counter_answer", "counter_state"),
    Kind.TERMINAL: (
        "device_availability", "counter_answer", "counter_state", "service_state", "office_state", "call",
    ),
    Kind.PANEL: ("device_availability", "counter_state", "office_state", "call"),
    Kind.BOARD: ("device_availability", "board_calls", "counter_state", "service_state", "office_state", "call"),
    Kind.DEVICE: ("device_availability",),
}  # fmt: skip
_NEEDS_COUNTER = frozenset({Kind.KEYPAD, Kind.TERMINAL, Kind.PANEL})


def users_of(
    *,
    counters: Iterable[str],
    kiosks: Iterable[str] = (),
    boards: Mapping[str, str] | None = None,
    devices: Iterable[str] = (),
    others: Iterable[User] = (),
    hears: tuple[str, ...] = (),
) -> tuple[User, ...]:
    """The users of an office: server, monitor, each kiosk, a keypad, terminal and panel per counter, boards, devices.

    `boards` maps a board to its zone, `devices` are those that only say whether they work (printers, speakers),
    `hears` the topics of foreign buttons.
    Raises `ValueError` when two would share a name, or a name does not fit into a topic.
    """
    users = [User(name=SERVER, kind=Kind.SERVER, hears=hears), User(name=MONITOR, kind=Kind.MONITOR)]
    users += [User(name=kiosk, kind=Kind.KIOSK) for kiosk in kiosks]
    for counter in counters:
        for kind in (Kind.KEYPAD, Kind.TERMINAL, Kind.PANEL):
            users.append(User(name=f"{kind}-{counter}", kind=kind, counter=counter))
    users += [User(name=board, kind=Kind.BOARD, zone=zone) for board, zone in (boards or {}).items()]
    users += [User(name=device, kind=Kind.DEVICE) for device in devices]
    users += others
    _check(users)
    return tuple(users)


def rights(site: str, user: User) -> Rights:
    """What a user may publish and hear. Nobody but the server publishes state, calls, alerts and answers."""
    everything = f"{ROOT}/{site}/#"
    match user.kind:
        case Kind.SERVER:
            return Rights(publish=(everything,), hear=(everything, *user.hears))
        case Kind.MONITOR:
            return Rights(hear=(everything,))
        case Kind.TASMOTA:
            own = user.name
            return Rights(publish=(f"stat/{own}/#", f"tele/{own}/#"), hear=(f"cmnd/{own}/#",))
        case Kind.ZIGBEE:
            return Rights(publish=("zigbee2mqtt/#",), hear=("zigbee2mqtt/#",))
        case _:
            hears = [_place(site, name, user) for name in _HEARS.get(user.kind, ())]
            if user.kind is not Kind.DEVICE:
                hears.append(server_presence(site))
            return Rights(publish=tuple(_place(site, name, user) for name in _PUBLISHES[user.kind]), hear=tuple(hears))


def server_presence(site: str) -> str:
    """Where the server, or its last will, says whether anybody is behind the broker."""
    return topic(site, "device_availability", device=SERVER)


def acl_text(site: str, users: Iterable[User]) -> str:
    """Mosquitto's ACL file. What is not granted is refused."""
    blocks = []
    for user in users:
        granted = rights(site, user)
        both = [each for each in granted.publish if each in granted.hear]
        lines = [f"user {user.name}"]
        lines += [f"topic readwrite {each}" for each in both]
        lines += [f"topic write {each}" for each in granted.publish if each not in both]
        lines += [f"topic read {each}" for each in granted.hear if each not in both]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _place(site: str, name: str, user: User) -> str:
    """The pattern of a topic that fits the user's own place."""
    path = BY_NAME[name].path
    if "{kiosk}" in path:
        return topic(site, name, kiosk=user.name)
    if "{device}" in path:
        return topic(site, name, device=user.name)
    if "{counter}" in path and user.counter:
        return topic(site, name, counter=user.counter)
    if "{zone}" in path and user.zone and user.zone != "all":
        return topic(site, name, zone=user.zone)
    return pattern(site, name)


def _check(users: Iterable[User]) -> None:
    seen: set[str] = set()
    for user in users:
        places = [place for place in (user.counter, user.zone) if place]
        if not all(_NAME.match(each) for each in [user.name, *places]):
            raise ValueError(f"{user.name!r} cannot be a user of the broker: letters, digits, - and _ only")
        if user.name in seen:
            raise ValueError(f"two devices are called {user.name!r}: each needs a name of its own")
        if user.kind in _NEEDS_COUNTER and not user.counter:
            raise ValueError(f"{user.name!r} stands at no counter")
        if any(not each or set(each) & set("\r\n\0") for each in user.hears):
            raise ValueError(f"{user.name!r} is to hear a topic that is not one")
        seen.add(user.name)
