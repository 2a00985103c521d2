"""Events to JSON and back. Pure.

Unknown fields of an older or newer version are ignored when reading, missing ones take their defaults, so a
journal stays readable when an event grows.
"""

from collections.abc import Callable, Iterable
from dataclasses import MISSING, asdict, fields
from datetime import datetime
from typing import Any

import orjson

from queue_server.queue.config import (
    ClassKind,
    ClassTerms,
    Counter,
    OfficeConfig,
    Policy,
    PriorityClass,
    Reservation,
    ReservationKind,
    Rules,
    Service,
)
from queue_server.queue.events import EVENTS, Event

Decoder = Callable[[Any], Any]


def encode(event: Event) -> str:
    """The data of an event as compact JSON; fields that hold their default are left out."""
    kept: dict[str, Any] = {}
    for name, default in _DEFAULTS[type(event)]:
        value = getattr(event, name)
        if value != default or default is MISSING:
            kept[name] = asdict(value) if isinstance(value, OfficeConfig) else value
    return orjson.dumps(kept).decode()


def decode(kind: str, data: str) -> Event:
    """The event of a kind; raises `KeyError` for an unknown kind and `TypeError` when a field is missing."""
    made = EVENTS[kind]
    values = orjson.loads(data)
    decoders = _DECODERS[made]
    for name in values.keys() & decoders.keys():
        if values[name] is not None:
            values[name] = decoders[name](values[name])
    names = _NAMES[made]
    return made(**values) if values.keys() <= names else made(**{k: v for k, v in values.items() if k in names})


def office_config(data: dict[str, Any]) -> OfficeConfig:
    """The configuration that `asdict` took apart; fields of another version are left out here too."""
    parts = _known(OfficeConfig, data)
    parts["services"] = {k: Service(**_known(Service, v)) for k, v in data["services"].items()}
    parts["counters"] = {
        k: Counter(**{**_known(Counter, v), "services": tuple(v["services"])}) for k, v in data["counters"].items()
    }
    parts["classes"] = {
        k: PriorityClass(**{**_known(PriorityClass, v), "kind": ClassKind(v["kind"])})
        for k, v in data["classes"].items()
    }
    parts["kiosks"] = tuple(data.get("kiosks", ()))
    parts["policy"] = policy(data.get("policy", {}))
    parts["rules"] = Rules(**_known(Rules, data.get("rules", {})))
    return OfficeConfig(**parts)


def policy(data: dict[str, Any]) -> Policy:
    """The policy that `asdict` took apart."""
    parts = _known(Policy, data)
    parts["classes"] = class_terms(data.get("classes", {}))
    parts["reservations"] = reservations(data.get("reservations", ()))
    return Policy(**parts)


def class_terms(data: dict[str, Any]) -> dict[str, ClassTerms]:
    """What a policy promises the classes."""
    return {name: ClassTerms(**_known(ClassTerms, terms)) for name, terms in data.items()}


def reservations(data: Iterable[dict[str, Any]]) -> tuple[Reservation, ...]:
    """Who keeps to whom."""
    lists = ("counters", "services", "classes", "days")
    return tuple(
        Reservation(
            **{
                **_known(Reservation, one),
                "kind": ReservationKind(one["kind"]),
                **{name: tuple(one[name]) for name in lists if name in one},
            }
        )
        for one in data
    )


def _known(made: type[Any], data: dict[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(made)}
    return {name: value for name, value in data.items() if name in names}


_BY_TYPE: dict[str, Decoder] = {
    "datetime": datetime.fromisoformat,
    "tuple": tuple,
    "OfficeConfig": office_config,
    str(dict[str, ClassTerms]): class_terms,
    str(tuple[Reservation, ...]): reservations,
}


def _decoder(annotation: object) -> Decoder | None:
    name = getattr(annotation, "__name__", "") or str(annotation)
    if str(annotation) in _BY_TYPE:
        return _BY_TYPE[str(annotation)]
    if "datetime" in str(annotation):
        name = "datetime"
    elif str(annotation).startswith("tuple"):
        name = "tuple"
    return _BY_TYPE.get(name)


_NAMES = {made: {f.name for f in fields(made)} for made in EVENTS.values()}
_DEFAULTS = {made: tuple((f.name, f.default) for f in fields(made)) for made in EVENTS.values()}
_DECODERS = {
    made: {f.name: decoder for f in fields(made) if (decoder := _decoder(f.type)) is not None}
    for made in EVENTS.values()
}
