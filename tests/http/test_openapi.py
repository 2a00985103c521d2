"""The OpenAPI document is complete and true: random bodies made from it never break the server."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_server.contract.problems import Problem
from tests.http.house import House
from tests.http.test_rights import CALLS, here

POSTS = sorted(path for method, path in CALLS if method == "POST")
Json = dict[str, Any]


def document(house: House) -> Json:
    got = house.get("/openapi.json")
    assert got.status_code == 200
    return dict(got.json())


def resolved(node: Any, root: Json) -> Any:
    """A schema with its references put in."""
    if isinstance(node, dict):
        if "$ref" in node:
            target: Any = root
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            return resolved(target, root)
        return {key: resolved(value, root) for key, value in node.items()}
    return [resolved(each, root) for each in node] if isinstance(node, list) else node


def test_every_call_is_described(quiet_house: House) -> None:
    paths = document(quiet_house)["paths"]
    described = {(m.upper(), path.removeprefix("/api/v1")) for path, found in paths.items() for m in found}
    assert described >= CALLS.keys() | {
        ("GET", "/events"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
    }
    for path, methods in paths.items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["description"], where
            problem = operation["responses"]["default"]["content"]
            assert list(problem) == ["application/problem+json"], where
            named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}, where


def test_every_reference_leads_somewhere(quiet_house: House) -> None:
    root = document(quiet_house)
    assert root["openapi"].startswith("3.1")
    text = json.dumps(resolved(root["paths"], root))
    assert "$ref" not in text


def test_every_problem_code_is_listed(quiet_house: House) -> None:
    schema = document(quiet_house)["components"]["schemas"]["Problem"]
    assert schema["properties"]["code"]["enum"] == [str(problem) for problem in Problem]


def test_calls_that_need_a_token_say_so(quiet_house: House) -> None:
    paths = document(quiet_house)["paths"]
    for (method, path), (allowed, _) in CALLS.items():
        needs = "security" in paths[f"/api/v1{path}"][method.lower()]
        assert needs == (None not in allowed), (method, path)


# Values that fit the schema sometimes and break it sometimes: what a program with a bug would send.
words = st.sampled_from([
    "ho_tich", "dat_dai", "q1", "q2", "A001", "A003", "A701", "20261123-A002", "elderly", "appointment", "vi", "phone",
    "kiosk", "next", "2026-11-23T01:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "", "\x00", "'--",
])  # fmt: skip
scalars = st.one_of(words, st.text(max_size=40), st.integers(), st.floats(), st.booleans(), st.none())
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=3), max_leaves=6
)


def bodies(schema: Json) -> st.SearchStrategy[Any]:
    """Bodies near a schema: each field is left out, right or anything."""
    if "anyOf" in schema:
        return st.one_of([bodies(each) for each in schema["anyOf"]])
    match schema.get("type"):
        case "object":
            known = {name: st.one_of(bodies(part), values) for name, part in schema.get("properties", {}).items()}
            return st.fixed_dictionaries({}, optional=known)
        case "array":
            return st.lists(bodies(schema["items"]), max_size=schema.get("maxItems", 3) + 1)
        case "integer":
            return st.integers(schema.get("minimum", -5), schema.get("maximum", 10**6))
        case "number":
            return st.floats(schema.get("exclusiveMinimum", -1), schema.get("maximum", 1e6))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    return st.sampled_from(schema["enum"]) if "enum" in schema else words


@pytest.mark.parametrize("path", POSTS)
def test_random_bodies_are_answered_with_sense(quiet_house: House, path: str) -> None:
    root = document(quiet_house)
    operation = resolved(root["paths"][f"/api/v1{path}"]["post"], root)
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    near = st.one_of(bodies(schema), values) if schema else values
    places = st.sampled_from([here(path), here(path).replace("A999", "A002"), here(path).replace("q1", "q2")])

    @settings(max_examples=15, deadline=None, database=None, derandomize=True,
              suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
    @given(place=places, body=near)
    def fuzz(place: str, body: Any) -> None:
        before = quiet_house.trace()
        content = json.dumps(body).encode("utf-8", "surrogatepass")
        got = quiet_house.ask("POST", place, "admin", content=content, headers={"content-type": "application/json"})
        assert got.status_code < 500, (body, got.text)
        if got.status_code >= 400:
            assert got.json()["code"] in set(Problem)
            assert quiet_house.trace() == before
        else:
            assert quiet_house.office.healthy

    fuzz()


def test_after_all_that_the_journal_is_whole(quiet_house: House) -> None:
    assert quiet_house.is_whole()
    assert quiet_house.office.listener_failures == 0
