"""The tables of docs/mqtt.md, made from the contract and the rights. Pure."""

import json

from queue_server.contract.topics import ROOT, TOPICS, pattern
from queue_server.messaging.acl import Kind, User, rights
from queue_server.messaging.asyncapi import PAYLOADS

_PLACE = {Kind.KEYPAD, Kind.TERMINAL, Kind.PANEL}
_WORDS = {
    Kind.SERVER: "the queue server",
    Kind.MONITOR: "a person or program that only looks",
    Kind.KIOSK: "a kiosk",
    Kind.KEYPAD: "the keypad of a counter",
    Kind.TERMINAL: "a terminal that commands a counter",
    Kind.PANEL: "the number panel of a counter",
    Kind.BOARD: "a hall board of a zone",
    Kind.DEVICE: "any other device",
    Kind.TASMOTA: "a Tasmota button",
    Kind.ZIGBEE: "Zigbee2MQTT",
}


def topic_table() -> str:
    """Every topic with who publishes it and how."""
    lines = ["| topic | retained | published by | carries |", "|---|---|---|---|"]
    for each in TOPICS:
        kept = "yes" if each.retained else "no"
        lines.append(f"| `{each.path}` | {kept} | {each.publisher} | {each.summary} |")
    return "\n".join(lines) + "\n"


def rights_table() -> str:
    """What each kind of user may publish and hear; ids are shown as placeholders."""
    lines = ["| user | is | may publish | may hear |", "|---|---|---|---|"]
    for kind, words in _WORDS.items():
        user = User(
            name=_user_name(kind), kind=kind, counter="COUNTER" if kind in _PLACE else "",
            zone="ZONE" if kind is Kind.BOARD else "",
            hears=("stat/BUTTON/RESULT",) if kind is Kind.SERVER else (),
        )  # fmt: skip
        granted = rights("SITE", user)
        lines.append(f"| `{_shown(user.name)}` | {words} | {_listed(granted.publish)} | {_listed(granted.hear)} |")
    return "\n".join(lines) + "\n"


def examples() -> str:
    """One payload of each topic."""
    blocks = [
        f"`{each.path}`\n\n```json\n{json.dumps(PAYLOADS[each.name].example, ensure_ascii=False)}\n```\n"
        for each in TOPICS
    ]
    return "\n".join(blocks)


def _user_name(kind: Kind) -> str:
    if kind in _PLACE:
        return f"{kind}-COUNTER"
    return {
        Kind.KIOSK: "KIOSK",
        Kind.BOARD: "BOARD",
        Kind.DEVICE: "DEVICE",
        Kind.TASMOTA: "BUTTON",
    }.get(kind, kind)


def _listed(topics: tuple[str, ...]) -> str:
    base = pattern("SITE", "call").removesuffix("call")
    short = [each.removeprefix(base) if each != f"{ROOT}/SITE/#" else "everything of the site" for each in topics]
    return "<br>".join(each if " " in each else f"`{_shown(each)}`" for each in short) or "–"


def _shown(text: str) -> str:
    for place in ("COUNTER", "KIOSK", "BOARD", "DEVICE", "BUTTON", "ZONE"):
        text = text.replace(place, f"{{{place.lower()}}}")
    return text
