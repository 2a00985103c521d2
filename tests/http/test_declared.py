"""The document declares every answer of every operation, with examples that the example office understands."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from queue_server.contract import messages
from queue_server.http.operations import BODIES, EXAMPLES, EXAMPLES_FILE, OPERATIONS, TEXTS
from tests.http.declared import unknown
from tests.http.examples import Answers, answers
from tests.http.house import House, example
from tests.http.test_openapi import document

# What was computed: its figures may differ in the last place on another processor.
ESTIMATES = {
    "GET /api/v1/follower/entries",
    "GET /api/v1/forecast",
    "GET /api/v1/reports/days/{day}",
    "GET /api/v1/reports/today",
    "POST /api/v1/advice/{advice}/apply",
    "POST /api/v1/replay",
}


def operations(house: House) -> dict[str, dict[str, Any]]:
    paths = document(house)["paths"]
    return {f"{method.upper()} {path}": one for path, methods in paths.items() for method, one in methods.items()}


def test_every_answer_of_every_operation_has_a_schema(quiet_house: House) -> None:
    found = operations(quiet_house)
    assert found.keys() == OPERATIONS.keys() | TEXTS.keys()
    for name, operation in found.items():
        answers = operation["responses"]
        good = OPERATIONS[name].answers if name in OPERATIONS else {200: str}
        for status, model in good.items():
            content = answers[str(status)].get("content", {})
            assert bool(content) is (model is not None), (name, status)
            assert all(each.get("schema") for each in content.values()), (name, status)
        refused = {status for status in answers if status != "default" and int(status) not in good}
        for status in refused:
            assert answers[status]["content"]["application/problem+json"]["example"]["status"] == int(status), name
        assert not name.startswith("POST") or {"409", "422", "413", "503"} <= refused, name


def test_every_parameter_and_body_has_an_example(quiet_house: House) -> None:
    schemas = document(quiet_house)["components"]["schemas"]
    plain = {"lang", "limit", "counter_id", "if-none-match"}
    for name, operation in operations(quiet_house).items():
        for parameter in operation.get("parameters", []):
            assert "example" in parameter or parameter["name"] in plain, (name, parameter["name"])
        body = operation.get("requestBody")
        if body:
            assert any(f'/{model}"' in str(body).replace("'", '"') for model in BODIES), name
    assert all(schemas[model]["examples"] == [body] for model, body in BODIES.items())


@pytest.mark.parametrize("name", BODIES)
def test_examples_of_bodies_are_valid(name: str) -> None:
    model: type[BaseModel] = getattr(messages, name)
    TypeAdapter(model).validate_python(BODIES[name])


def test_examples_name_what_the_example_office_has() -> None:
    office = example().office
    assert EXAMPLES["counter"] in office.counters
    assert EXAMPLES["kiosk"] in example().kiosks
    assert example().procedure(EXAMPLES["procedure"]).field == EXAMPLES["field"]
    for name, body in BODIES.items():
        services = [body.get("service"), *(body.get("services") or ())]  # type: ignore[misc]
        assert {each for each in services if each} <= office.services.keys(), name
        assert body.get("priority", office.default_class) in office.classes, name
        assert body.get("counter", EXAMPLES["counter"]) in office.counters, name


def test_metrics_say_their_type(quiet_house: House) -> None:
    got = quiet_house.get("/metrics")
    assert list(operations(quiet_house)["GET /metrics"]["responses"]["200"]["content"]) == [got.headers["content-type"]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return answers(tmp_path_factory.mktemp("played"))


def test_every_good_answer_has_an_example_of_its_schema(quiet_house: House) -> None:
    found = operations(quiet_house)
    for name, known in OPERATIONS.items():
        for status, model in known.answers.items():
            if model is not None:
                shown = found[name]["responses"][str(status)]["content"]["application/json"]["example"]
                adapter = TypeAdapter(model)
                written = adapter.dump_python(adapter.validate_json(json.dumps(shown)), mode="json")
                assert not unknown(shown, written), (name, status)


def test_the_examples_are_what_the_played_day_answers(played: Answers) -> None:
    """Run `python -m tests.http.examples` when an answer has changed. Estimates may differ in their figures."""
    kept: Answers = json.loads(EXAMPLES_FILE.read_text("utf-8"))
    assert {name: set(shown) for name, shown in kept.items()} == {name: set(shown) for name, shown in played.items()}
    for name, shown in played.items():
        if name in ESTIMATES:
            assert {*kept[name]["200"]} == {*shown["200"]}, name
        else:
            assert kept[name] == shown, name


def test_the_examples_are_short() -> None:
    assert EXAMPLES_FILE.stat().st_size < 96 * 1024
