"""MQTT topics under `motcua/v1/{site}/`: names, kinds, who may publish. Pure."""

from dataclasses import dataclass

ROOT = "motcua/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic of the contract. `path` holds {placeholders}; `retained` topics carry state, the others events."""

    name: str
    path: str
    retained: bool
    publisher: str  # server, kiosk, keypad, terminal, device
    summary: str


TOPICS: tuple[Topic, ...] = (
    Topic(name="office_state", path="office/state", retained=True, publisher="server",
          summary="Open or closed, unit name, epoch of the server, today's mean wait."),
    Topic(name="service_state", path="service/{service}/state", retained=True, publisher="server",
          summary="People waiting, waiting interval, open counters of a service."),
    Topic(name="counter_state", path="counter/{counter}/state", retained=True, publisher="server",
          summary="Status, current number and call time of a counter."),
    Topic(name="board_calls", path="board/{zone}/calls", retained=True, publisher="server",
          summary="The last calls of a zone, newest first."),
    Topic(name="call", path="call", retained=False, publisher="server",
          summary="A call or recall, as a CloudEvent."),
    Topic(name="alert", path="alert", retained=False, publisher="server",
          summary="Help called, device fault, target at risk, as a CloudEvent."),
    Topic(name="counter_command", path="counter/{counter}/command", retained=False, publisher="terminal",
          summary="A command of a terminal; idempotent by id, refused after it expires."),
    Topic(name="counter_answer", path="counter/{counter}/answer", retained=False, publisher="server",
          summary="The answer to a command, carrying its id."),
    Topic(name="keypad_event", path="counter/{counter}/keypad/event", retained=False, publisher="keypad",
          summary="A press of a keypad button."),
    Topic(name="kiosk_state", path="kiosk/{kiosk}/state", retained=True, publisher="kiosk",
          summary="What a kiosk is doing; its last will says offline."),
    Topic(name="device_availability", path="device/{device}/availability", retained=True, publisher="device",
          summary="Whether a device is there and works; its last will says offline."),
)  # fmt: skip

BY_NAME = {topic.name: topic for topic in TOPICS}


def topic(site: str, name: str, **ids: str) -> str:
    """The full topic of a name, e.g. topic("s1", "counter_state", counter="3")."""
    return f"{ROOT}/{site}/{BY_NAME[name].path.format(**ids)}"


def pattern(site: str, name: str) -> str:
    """The subscription that matches every id of a topic."""
    parts = [("+" if part.startswith("{") else part) for part in BY_NAME[name].path.split("/")]
    return f"{ROOT}/{site}/" + "/".join(parts)


def ids(site: str, name: str, received: str) -> dict[str, str] | None:
    """The placeholders of a received topic, or None when it is not of this name."""
    prefix = f"{ROOT}/{site}/"
    if not received.startswith(prefix):
        return None
    wanted, got = BY_NAME[name].path.split("/"), received[len(prefix) :].split("/")
    if len(wanted) != len(got):
        return None
    found: dict[str, str] = {}
    for expected, part in zip(wanted, got, strict=True):
        if expected.startswith("{"):
            found[expected[1:-1]] = part
        elif expected != part:
            return None
    return found
