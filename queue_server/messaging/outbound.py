"""View rows become retained states and events. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from queue_server.contract.messages import CommandAnswer
from queue_server.contract.topics import ROOT, topic
from queue_server.contract.views import BoardView, CallRow, CounterRow, ServiceRow
from queue_server.messaging.payloads import AlertData, CallData, Presence

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """When and in which order something was said, and by which office. `at` is aware."""

    at: datetime
    epoch: int
    seq: int
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to send. `meaning` is the payload without its stamp: two that mean the same need one sending."""

    topic: str
    payload: bytes
    retained: bool
    meaning: Mapping[str, Any]


def service_state(row: ServiceRow, stamp: Stamp) -> Outgoing:
    """`service/{service}/state`."""
    meaning = {
        "service": row.id,
        "waiting": row.waiting,
        "wait": None if row.wait is None else asdict(row.wait),
        "counters": list(row.counters),
        "state": row.state,
    }
    return _state(topic(stamp.site, "service_state", service=row.id), meaning, stamp)


def counter_state(row: CounterRow, call: CallRow | None, stamp: Stamp) -> Outgoing:
    """`counter/{counter}/state`. `call` is the counter's last call, if any is known; another number's is ignored.

    Neither the officer nor the reason of a pause is told.
    """
    current = call if call is not None and row.number is not None and call.number == row.number else None
    called_at = current.called_at if current else row.since if row.number else None
    meaning = {
        "counter": row.id,
        "label": row.label,
        "zone": row.zone,
        "status": row.status,
        "doing": row.doing,
        "number": row.number,
        "called_at": called_at.isoformat() if called_at else None,
        "times": current.time if current else int(row.number is not None),
    }
    return _state(topic(stamp.site, "counter_state", counter=row.id), meaning, stamp)


def board_calls(view: BoardView, stamp: Stamp) -> Outgoing:
    """`board/{zone}/calls`, newest first."""
    calls = [asdict(row) | {"called_at": row.called_at.isoformat()} for row in view.calls]
    meaning = {"zone": view.zone, "calls": calls}
    return _state(topic(stamp.site, "board_calls", zone=view.zone), meaning, stamp)


def office_state(view: BoardView, stamp: Stamp) -> Outgoing:
    """`office/state`. The mean wait is told to a tenth of a minute: finer steps are noise to everybody."""
    meaning = {
        "open": view.open,
        "unit_name": view.unit_name,
        "mean_wait": None if view.mean_wait is None else round(view.mean_wait, 1),
        "target": view.target,
    }
    return _state(topic(stamp.site, "office_state"), meaning, stamp)


def call_event(row: CallRow, stamp: Stamp) -> Outgoing:
    """`call`: one call or recall."""
    data = CallData(
        number=row.number, counter=row.counter, counter_label=row.counter_label, zone=row.zone, times=row.time,
        priority=row.priority, language=row.language,
    )  # fmt: skip
    return _event("call", data.model_dump(), row.id, row.called_at, stamp)


def alert_event(kind: str, data: Mapping[str, Any], stamp: Stamp) -> Outgoing:
    """`alert`. Raises `ValueError` for a kind or a field that `AlertData` does not know."""
    checked = AlertData.model_validate({**data, "kind": kind}).model_dump(exclude_none=True)
    return _event("alert", checked, json.dumps(checked, sort_keys=True), stamp.at, stamp)


def counter_answer(counter: str, answer: CommandAnswer, site: str) -> Outgoing:
    """`counter/{counter}/answer`."""
    meaning = answer.model_dump()
    return Outgoing(
        topic=topic(site, "counter_answer", counter=counter), payload=encode(meaning), retained=False, meaning=meaning
    )


def presence(device: str, site: str, *, online: bool) -> Outgoing:
    """`device/{device}/availability` of the server itself; the one with `online` false is its last will."""
    meaning = Presence(online=online).model_dump(include={"v", "online"})
    where = topic(site, "device_availability", device=device)
    return Outgoing(topic=where, payload=encode(meaning), retained=True, meaning=meaning)


def encode(payload: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8. Raises `ValueError` for numbers that JSON does not have."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def uuid7(at: datetime, entropy: bytes) -> UUID:
    """A UUID version 7 (RFC 9562) from a time and at least ten bytes of entropy."""
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    rest = int.from_bytes(entropy[:10], "big")
    value = milliseconds << 80 | 0x7 << 76 | (rest >> 62 & 0xFFF) << 64 | 0b10 << 62 | rest & ((1 << 62) - 1)
    return UUID(int=value)


def _state(where: str, meaning: Mapping[str, Any], stamp: Stamp) -> Outgoing:
    head = {"v": 1, "at": stamp.at.isoformat(), "epoch": stamp.epoch, "seq": stamp.seq}
    return Outgoing(topic=where, payload=encode({**head, **meaning}), retained=True, meaning=meaning)


def _event(name: str, data: Mapping[str, Any], sameness: str, at: datetime, stamp: Stamp) -> Outgoing:
    """An event whose id follows from what happened, so that one told twice can be known by its id."""
    entropy = hashlib.sha256(f"{stamp.site}\n{stamp.epoch}\n{name}\n{sameness}".encode()).digest()
    envelope = {
        "specversion": "1.0",
        "id": str(uuid7(at, entropy)),
        "source": f"/{ROOT}/{stamp.site}",
        "type": f"motcua.{name}.v1",
        "time": at.isoformat(),
        "datacontenttype": JSON,
        "epoch": stamp.epoch,
        "seq": stamp.seq,
        "data": data,
    }
    return Outgoing(topic=topic(stamp.site, name), payload=encode(envelope), retained=False, meaning=data)
