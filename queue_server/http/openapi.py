"""The OpenAPI document: what FastAPI knows of the routes, and the problems, keys and tokens common to all."""

import json
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from queue_server.contract.problems import TITLES, Problem
from queue_server.http.operations import BODIES, EXAMPLES, EXAMPLES_FILE, OPERATIONS, TEXTS, good, refusals

PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. Programs compare `code`; people read `title` (English) or `title_vi` (Vietnamese).",
    "required": ["type", "title", "title_vi", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "title_vi": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": [str(problem) for problem in Problem]},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}, "description": "The wrong fields, with body-invalid."},
    },
}
REFUSED: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Refused; nothing has changed.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A repeat under the same key returns the first answer; another command under it is refused.",
    "schema": {"type": "string", "maxLength": 128},
    "example": "0192f5c8-2f6b-7c31-9d1c-5d2f7f3c9a11",
}
EVENTS = {
    "get": {
        "tags": ["office"],
        "summary": "Events",
        "description": "Server-sent events: `state` first, then every journal entry as it becomes durable.",
        "operationId": "events_api_v1_events_get",
        "responses": {**REFUSED},
    }
}
SAID = {
    200: "Done, or as it is now.",
    201: "Made.",
    204: "Nobody fits.",
    304: "As you have it.",
    503: "Not ready.",
}
OPEN = (
    "/api/v1/services",
    "/api/v1/fields",
    "/api/v1/procedures",
    "/api/v1/catalogue",
    "/api/v1/generation",
    "/api/v1/tickets/{token}",
)


class DocumentedApp(FastAPI):
    """FastAPI whose document is complete."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Adds what the routes have in common, each answer's schema, its refusals and examples. Changes `document`."""
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    references, definitions = _schemas()
    schemas.update(definitions)
    schemas["Problem"] = PROBLEM
    for name, example in BODIES.items():
        schemas[name]["examples"] = [example]
    parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["paths"]["/api/v1/events"] = EVENTS
    played: dict[str, dict[str, Any]] = json.loads(EXAMPLES_FILE.read_text("utf-8"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "post":
                operation["parameters"] = [*operation.get("parameters", []), KEY]
            if path.startswith("/api/v1") and not path.startswith(OPEN):
                operation["security"] = [{"bearer": []}]
            name = f"{method.upper()} {path}"
            _describe(name, operation, references, played.get(name, {}))
    return document


def _schemas() -> tuple[dict[type, dict[str, Any]], dict[str, Any]]:
    """A reference to each model that is answered, and the definitions that these lead to."""
    models = {model for known in OPERATIONS.values() for model in known.answers.values() if model is not None}
    inputs: list[tuple[type, JsonSchemaMode, TypeAdapter[Any]]] = [
        (model, "serialization", TypeAdapter(model)) for model in sorted(models, key=lambda each: each.__name__)
    ]
    found, whole = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")
    return {model: dict(schema) for (model, _), schema in found.items()}, dict(whole.get("$defs", {}))


def _describe(
    name: str, operation: dict[str, Any], references: dict[type, dict[str, Any]], played: dict[str, Any]
) -> None:
    """The answers of one operation, good (`played`: an example by status) and refused; an example of each parameter."""
    answers = operation["responses"]
    if name in TEXTS:
        media, example = TEXTS[name]
        answers["200"] = {
            "description": "Text.",
            "content": {media: {"schema": {"type": "string"}, "example": example}},
        }
    for status, model in OPERATIONS[name].answers.items() if name in OPERATIONS else ():
        answers[str(status)] = {"description": SAID[status], **_content(model, references, played.get(str(status)))}
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        if parameter["name"] in EXAMPLES:
            parameter["example"] = EXAMPLES[parameter["name"]]
    asked = any(parameter["in"] == "query" for parameter in parameters)
    validated = asked or "requestBody" in operation
    for status, codes in refusals(name, secured="security" in operation, validated=validated).items():
        known = answers.get(str(status), {}).get("content", {})
        known = {media: content for media, content in known.items() if status in good(name)}
        answers[str(status)] = _refusal(status, codes, known)
    answers["default"] = REFUSED["default"]


def _content(model: type | None, references: dict[type, dict[str, Any]], example: object) -> dict[str, Any]:
    if model is None:
        return {}
    shown = {} if example is None else {"example": example}
    return {"content": {"application/json": {"schema": references[model], **shown}}}


def _refusal(status: int, codes: list[Problem], known: dict[str, Any]) -> dict[str, Any]:
    """A refusal with its codes, and an example of the first."""
    vi, en = TITLES[codes[0]]
    example = {
        "type": "about:blank", "title": en, "title_vi": vi, "status": status, "code": str(codes[0]), "detail": "",
    }  # fmt: skip
    shown = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    named = ", ".join(f"`{code}`" for code in codes)
    return {"description": f"Refused: {named}.", "content": {**known, "application/problem+json": shown}}
