"""What devices send becomes requests to the office, or a refusal with a code; never an exception. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from queue_server.contract.messages import (
    CallNextBody,
    DeviceCommand,
    HoldBody,
    KeypadEvent,
    OpenCounterBody,
    PauseBody,
    ServedByMouthBody,
    Slug,
    Strict,
    TicketChoiceBody,
    TransferBody,
)
from queue_server.contract.problems import Problem
from queue_server.contract.topics import ids, pattern
from queue_server.messaging.acl import SERVER
from queue_server.messaging.payloads import Presence
from queue_server.queue import commands as cmd

PAYLOAD_LIMIT = 16 * 1024
HEARD = ("counter_command", "keypad_event", "kiosk_state", "device_availability")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRequest:
    """A terminal's command. `id` is the command id under which the office answers once."""

    counter: str
    id: str
    command: cmd.Command
    expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeypadRequest:
    """A press; what it means depends on the counter, see `keypad.keypad_command`."""

    counter: str
    id: str
    button: str
    boot: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAvailability:
    """A device or kiosk is there or not, and what troubles it."""

    device: str
    online: bool
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A message that asks for nothing the office can do. `counter` and `id` are given where an answer has a place."""

    code: Problem
    detail: str
    counter: str | None = None
    id: str | None = None


Request = CommandRequest | KeypadRequest | DeviceAvailability | Rejected


class _Place(Strict):
    """Ids in topics follow the same rule as ids in bodies."""

    id: Slug


class _Nothing(Strict):
    """The arguments of a command that takes none."""


_ARGUMENTS: dict[str, type[BaseModel]] = {
    "open": OpenCounterBody,
    "pause": PauseBody,
    "call-next": CallNextBody,
    "call": TicketChoiceBody,
    "resume": TicketChoiceBody,
    "served-by-mouth": ServedByMouthBody,
    "hold": HoldBody,
    "transfer": TransferBody,
}
_PLAIN: dict[str, Callable[..., cmd.Command]] = {
    "unpause": cmd.ResumeCounter,
    "close": cmd.CloseCounter,
    "recall": cmd.Recall,
    "start": cmd.Start,
    "finish": cmd.Finish,
    "no-show": cmd.NoShow,
    "return": cmd.PutBack,
}


def terminal_name(counter: str) -> str:
    """Who opened a counter at its terminal without giving a name."""
    return f"terminal-{counter}"


def subscriptions(site: str) -> tuple[str, ...]:
    """What the server listens to."""
    return tuple(pattern(site, name) for name in HEARD)


def parse(topic: str, payload: bytes, *, site: str, now: datetime, retained: bool = False) -> Request | None:
    """What a message asks for; None for what the server said itself and hears again.

    `now` is aware; a command is refused from `expires` on.
    A retained command or press is refused: the broker would repeat it at every connection.
    """
    if len(payload) > PAYLOAD_LIMIT:
        return Rejected(code=Problem.BODY_TOO_LARGE, detail=f"{len(payload)} bytes")
    for name in HEARD:
        places = ids(site, name, topic)
        if places is None:
            continue
        (place,) = places.values()
        if not _is_slug(place):
            return Rejected(code=Problem.BODY_INVALID, detail="the topic holds no id")
        if name in {"kiosk_state", "device_availability"}:
            if place == SERVER:
                return None
            return _presence(place, payload)
        if retained:
            return Rejected(code=Problem.BODY_INVALID, detail="commands and presses must not be retained")
        return _command(place, payload, now) if name == "counter_command" else _press(place, payload)
    return Rejected(code=Problem.NOT_FOUND, detail="no such topic")


def sender(topic: str, *, site: str) -> str:
    """The device behind a message, by the topic that only it may publish to; "unknown" for any other topic."""
    for name, kind in (("counter_command", "terminal-"), ("keypad_event", "keypad-"), ("kiosk_state", "")):
        if places := ids(site, name, topic):
            return kind + next(iter(places.values()))
    places = ids(site, "device_availability", topic)
    return next(iter(places.values())) if places else "unknown"


def _is_slug(place: str) -> bool:
    try:
        _Place(id=place)
    except ValidationError:
        return False
    return True


def _presence(device: str, payload: bytes) -> Request:
    if not payload:  # somebody took the topic away
        return DeviceAvailability(device=device, online=False, problem=None)
    try:
        said = Presence.model_validate_json(payload)
    except ValidationError as error:
        return Rejected(code=Problem.BODY_INVALID, detail=_told(error))
    return DeviceAvailability(device=device, online=said.online, problem=said.problem)


def _press(counter: str, payload: bytes) -> Request:
    try:
        press = KeypadEvent.model_validate_json(payload)
    except ValidationError as error:
        return Rejected(code=Problem.BODY_INVALID, detail=_told(error), counter=counter)
    return KeypadRequest(counter=counter, id=press.id, button=press.button, boot=press.boot, seq=press.seq)


def _command(counter: str, payload: bytes, now: datetime) -> Request:
    try:
        asked = DeviceCommand.model_validate_json(payload)
    except ValidationError as error:
        return Rejected(code=Problem.BODY_INVALID, detail=_told(error), counter=counter)
    try:
        arguments = _ARGUMENTS.get(asked.command, _Nothing).model_validate(asked.arguments)
    except ValidationError as error:
        return Rejected(code=Problem.BODY_INVALID, detail=_told(error), counter=counter, id=asked.id)
    if asked.expires is not None and asked.expires <= now:
        return Rejected(code=Problem.COMMAND_EXPIRED, detail=asked.expires.isoformat(), counter=counter, id=asked.id)
    command = _as_command(asked.command, counter, arguments)
    return CommandRequest(counter=counter, id=asked.id, command=command, expires=asked.expires)


def _as_command(name: str, counter: str, arguments: Any) -> cmd.Command:
    match name:
        case "open":
            return cmd.OpenCounter(
                counter=counter, officer=arguments.officer or terminal_name(counter), services=arguments.services
            )
        case "pause":
            return cmd.PauseCounter(counter=counter, reason=arguments.reason)
        case "call-next":
            return cmd.CallNext(counter=counter, finish_current=arguments.finish_current)
        case "call":
            return cmd.CallNumber(counter=counter, ticket=arguments.ticket)
        case "served-by-mouth":
            return cmd.ServeByMouth(counter=counter, ticket=arguments.ticket, at=arguments.at)
        case "hold":
            return cmd.Hold(counter=counter, reason=arguments.reason)
        case "resume":
            return cmd.ResumeTicket(counter=counter, ticket=arguments.ticket)
        case "transfer":
            return cmd.Transfer(
                counter=counter, to_service=arguments.service, to_counter=arguments.counter,
                return_to_sender=arguments.return_to_sender, note=arguments.note,
            )  # fmt: skip
        case _:
            return _PLAIN[name](counter=counter)


def _told(error: ValidationError) -> str:
    """Where the first fault is and what it is; never what stood there, which may be anything."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part)[:40] for part in first["loc"][:4])
    return f"{where}: {first['msg']}"[:200] if where else first["msg"][:200]
