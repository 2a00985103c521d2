"""The AsyncAPI document is well formed, is the committed one, and tells the truth about what is sent."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from queue_server.contract.messages import CommandAnswer
from queue_server.contract.topics import BY_NAME, ROOT, TOPICS, ids
from queue_server.messaging.asyncapi import PAYLOADS, document, document_text
from queue_server.messaging.inbound import Rejected, parse
from queue_server.messaging.outbound import Outgoing, alert_event, call_event, counter_answer, presence
from queue_server.messaging.relay import states
from tests.architecture.source import ROOT as PROJECT
from tests.messaging.rows import CALL, CLOSED, COUNTER, LAND, MONDAY, SITE, Office, stamp

DOCUMENT = document()


def every(node: Any, key: str) -> Iterator[Any]:
    """All values of a key, anywhere."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from every(value, key)
    elif isinstance(node, list):
        for each in node:
            yield from every(each, key)


def found(reference: str) -> Any:
    node: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def test_the_committed_document_is_the_generated_one() -> None:
    committed = (PROJECT / "docs" / "asyncapi.json").read_text("utf-8")
    assert committed == document_text(), "run: python -m queue_server.messaging.asyncapi > docs/asyncapi.json"


def test_it_has_what_asyncapi_3_asks_for() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT["info"].keys() >= {"title", "version"}
    assert DOCUMENT.keys() <= {
        "asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components",
    }  # fmt: skip
    assert all(server.keys() >= {"host", "protocol"} for server in DOCUMENT["servers"].values())
    for server in DOCUMENT["servers"].values():
        named = {part.split("}")[0] for part in server["host"].split("{")[1:]}
        assert named == server.get("variables", {}).keys()


def test_every_reference_leads_somewhere() -> None:
    references = list(every(DOCUMENT, "$ref"))
    assert len(references) > 40
    for reference in references:
        assert isinstance(found(reference), dict), reference


def test_channels_are_the_topics_of_the_contract() -> None:
    addresses = {name: channel["address"] for name, channel in DOCUMENT["channels"].items()}
    assert addresses == {each.name: f"{ROOT}/{{site}}/{each.path}" for each in TOPICS}


def test_channels_name_their_parameters_and_messages() -> None:
    for name, channel in DOCUMENT["channels"].items():
        in_address = {part.split("}")[0] for part in channel["address"].split("{")[1:]}
        assert channel["parameters"].keys() == in_address
        assert channel["messages"].keys() == {name}


def test_operations_point_to_channels_and_their_messages() -> None:
    assert len(DOCUMENT["operations"]) == len(TOPICS)
    for operation in DOCUMENT["operations"].values():
        name = operation["channel"]["$ref"].removeprefix("#/channels/")
        assert operation["action"] == ("send" if BY_NAME[name].publisher == "server" else "receive")
        assert operation["bindings"]["mqtt"]["retain"] is BY_NAME[name].retained
        assert operation["bindings"]["mqtt"]["qos"] == 1
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"#/channels/{name}/messages/")


def test_a_command_is_answered_on_its_channel() -> None:
    reply = DOCUMENT["operations"]["receive_counter_command"]["reply"]
    assert reply["channel"] == {"$ref": "#/channels/counter_answer"}


def test_schemas_are_plain_json_schema() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert "$defs" not in json.dumps(schemas)
    assert {"CounterState", "BoardCall", "CallData", "DeviceCommand"} <= schemas.keys()
    assert all(schema["type"] == "object" for schema in schemas.values())


@pytest.mark.parametrize("name", PAYLOADS)
def test_an_example_is_what_its_model_accepts(name: str) -> None:
    PAYLOADS[name].model.model_validate_json(json.dumps(PAYLOADS[name].example))


@pytest.mark.parametrize("name", ["counter_command", "keypad_event", "kiosk_state", "device_availability"])
def test_an_example_of_a_device_is_taken(name: str) -> None:
    where = f"{ROOT}/{SITE}/" + BY_NAME[name].path.format(counter="3", kiosk="kiosk-1", device="printer-1")
    payload = json.dumps(PAYLOADS[name].example).encode()
    assert not isinstance(parse(where, payload, site=SITE, now=MONDAY), Rejected)


def told() -> list[Outgoing]:
    """One of everything that the server says, and the empty forms of it."""
    quiet = Office(calls=(), mean_wait=None, desks=(COUNTER, CLOSED))
    return [
        *states(Office(), stamp()),
        *states(quiet, stamp()),
        *states(Office(lines=(LAND,)), stamp(2, epoch=3)),
        call_event(CALL, stamp()),
        alert_event("help-called", {"kiosk": "kiosk-1"}, stamp()),
        alert_event("target-at-risk", {"service": "land", "counter": "4", "minutes": 3.5}, stamp()),
        counter_answer("1", CommandAnswer(id="0123456789", ok=True, number="A012"), SITE),
        presence("server", SITE, online=True),
    ]


@pytest.mark.parametrize("message", told(), ids=lambda message: message.topic)
def test_what_is_sent_fits_its_schema(message: Outgoing) -> None:
    names = [each.name for each in TOPICS if ids(SITE, each.name, message.topic) is not None]
    assert len(names) == 1
    PAYLOADS[names[0]].model.model_validate_json(message.payload)
    assert message.retained is BY_NAME[names[0]].retained


def test_a_schema_knows_no_person() -> None:
    fields = {name for schema in DOCUMENT["components"]["schemas"].values() for name in schema.get("properties", {})}
    assert not fields & {"officer", "person", "phone", "citizen", "token", "pause_reason", "identity", "birth"}
