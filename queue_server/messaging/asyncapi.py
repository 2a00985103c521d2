"""The topics as an AsyncAPI 3.0 document, made from the contract: `python -m queue_server.messaging.asyncapi`."""

import json
import re
import sys
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from queue_server.contract.messages import CommandAnswer, DeviceCommand, KeypadEvent
from queue_server.contract.topics import ROOT, TOPICS, Topic
from queue_server.messaging.payloads import (
    AlertEvent,
    BoardCalls,
    CallEvent,
    CounterState,
    OfficeState,
    Presence,
    ServiceState,
)

VERSION = "1.0.0"  # of the topics and payloads, not of the program
CLOUD_EVENT = "application/cloudevents+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The model of a topic and an example that it accepts."""

    model: type[BaseModel]
    example: dict[str, Any]


_HEAD = {"v": 1, "at": "2026-11-23T01:04:10+00:00", "epoch": 1795395600, "seq": 482}
_EVENT = {
    "specversion": "1.0",
    "source": f"/{ROOT}/lien-chieu",
    "time": "2026-11-23T01:04:10+00:00",
    "datacontenttype": "application/json",
    "epoch": 1795395600,
    "seq": 482,
}
_CALL = {
    "number": "A012", "counter": "3", "counter_label": "3", "zone": "main", "priority": False, "language": "vi",
}  # fmt: skip

PAYLOADS: dict[str, Payload] = {
    "office_state": Payload(
        model=OfficeState,
        example={**_HEAD, "open": True, "unit_name": {"vi": "UBND phường Liên Chiểu", "en": "Liên Chiểu Ward"},
                 "mean_wait": 6.4, "target": 15.0},
    ),
    "service_state": Payload(
        model=ServiceState,
        example={**_HEAD, "service": "land", "waiting": 3, "wait": {"low": 5, "likely": 9, "high": 15},
                 "counters": ["3", "4"], "state": "open"},
    ),
    "counter_state": Payload(
        model=CounterState,
        example={**_HEAD, "counter": "3", "label": "3", "zone": "main", "status": "open", "doing": "called",
                 "number": "A012", "called_at": "2026-11-23T01:04:10+00:00", "times": 1},
    ),
    "board_calls": Payload(
        model=BoardCalls,
        example={**_HEAD, "zone": "main", "calls": [
            {**_CALL, "id": "20261123-A012-3-1", "called_at": "2026-11-23T01:04:10+00:00", "time": 1,
             "serving": False}]},
    ),
    "call": Payload(
        model=CallEvent,
        example={**_EVENT, "id": "019dd8f4-9710-7cc3-98c4-dc0c0c07398f", "type": "motcua.call.v1",
                 "data": {**_CALL, "times": 1}},
    ),
    "alert": Payload(
        model=AlertEvent,
        example={**_EVENT, "id": "019dd8f4-9710-7cc3-98c4-dc0c0c073990", "type": "motcua.alert.v1",
                 "data": {"kind": "device-fault", "device": "printer-1", "problem": "paper-out"}},
    ),
    "counter_command": Payload(
        model=DeviceCommand,
        example={"v": 1, "id": "terminal-3-000017", "command": "call-next", "arguments": {"finish_current": True},
                 "expires": "2026-11-23T01:04:20+00:00"},
    ),
    "counter_answer": Payload(
        model=CommandAnswer,
        example={"v": 1, "id": "terminal-3-000017", "ok": True, "code": None, "detail": None, "number": "A012"},
    ),
    "keypad_event": Payload(
        model=KeypadEvent,
        example={"v": 1, "id": "5f0c6c9e-8a51-4b7e-9a55-3f4f2f1c0a11", "button": "next", "seq": 41,
                 "boot": "9b1de0c47a"},
    ),
    "kiosk_state": Payload(model=Presence, example={"v": 1, "online": True, "problem": None, "boot": "77ac01"}),
    "device_availability": Payload(
        model=Presence, example={"v": 1, "online": True, "problem": "paper-near-end", "boot": "77ac02"}
    ),
}  # fmt: skip


def document() -> dict[str, Any]:
    """The whole document, seen from the server: it sends states, calls, alerts and answers, and receives the rest."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "motcua",
            "version": VERSION,
            "description": "Topics of one office. Retained topics carry state, the others events. "
            "Order by (epoch, seq), never by clock or arrival. No topic carries personal data.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {each.name: _channel(each) for each in TOPICS},
        "operations": {_operation_name(each): _operation(each) for each in TOPICS},
        "components": {
            "messages": {each.name: _message(each) for each in TOPICS},
            "schemas": _schemas(),
            "securitySchemes": {"device": {"type": "userPassword", "description": "A user and an ACL per device."}},
        },
    }


def document_text() -> str:
    """The document as it stands in docs/asyncapi.json."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


def _servers() -> dict[str, Any]:
    security = [{"$ref": "#/components/securitySchemes/device"}]
    return {
        "private": {
            "host": "127.0.0.1:1883",
            "protocol": "mqtt",
            "protocolVersion": "3.1.1",
            "description": "The broker that the server runs itself, on the loopback.",
            "security": security,
        },
        "site": {
            "host": "{broker}:8883",
            "protocol": "secure-mqtt",
            "protocolVersion": "3.1.1",
            "description": "The site's own broker, over TLS.",
            "variables": {"broker": {"description": "Host name of the broker."}},
            "security": security,
        },
    }


def _channel(each: Topic) -> dict[str, Any]:
    address = f"{ROOT}/{{site}}/{each.path}"
    parameters = {name: {"description": f"Id of the {name}."} for name in re.findall(r"{(\w+)}", address)}
    return {
        "address": address,
        "description": each.summary,
        "parameters": parameters,
        "messages": {each.name: {"$ref": f"#/components/messages/{each.name}"}},
    }


def _operation_name(each: Topic) -> str:
    return f"{'send' if each.publisher == 'server' else 'receive'}_{each.name}"


def _operation(each: Topic) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "action": "send" if each.publisher == "server" else "receive",
        "channel": {"$ref": f"#/channels/{each.name}"},
        "summary": each.summary,
        "messages": [{"$ref": f"#/channels/{each.name}/messages/{each.name}"}],
        "bindings": {"mqtt": {"qos": 1, "retain": each.retained, "bindingVersion": "0.2.0"}},
    }
    if each.name == "counter_command":
        operation["reply"] = {
            "channel": {"$ref": "#/channels/counter_answer"},
            "messages": [{"$ref": "#/channels/counter_answer/messages/counter_answer"}],
        }
    return operation


def _message(each: Topic) -> dict[str, Any]:
    payload = PAYLOADS[each.name]
    is_event = "specversion" in payload.model.model_fields
    return {
        "name": each.name,
        "title": each.summary.rstrip("."),
        "contentType": CLOUD_EVENT if is_event else "application/json",
        "payload": {"$ref": f"#/components/schemas/{payload.model.__name__}"},
        "examples": [{"name": each.name, "payload": payload.example}],
    }


def _schemas() -> dict[str, Any]:
    models = dict.fromkeys(payload.model for payload in PAYLOADS.values())
    _, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    found: dict[str, Any] = schemas["$defs"]
    return found


if __name__ == "__main__":
    sys.stdout.write(document_text())
