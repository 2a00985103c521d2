"""The OpenAPI document: what FastAPI knows of the routes, and the problems, keys and tokens common to all."""

from typing import Any

from fastapi import FastAPI

from queue_server.contract.problems import Problem

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
    "description": "A repeat under the same key returns the first answer; another command under it is refused. "
    "A key belongs to who asks; make it at random, a UUID for instance.",
    "schema": {"type": "string", "maxLength": 128},
}
EVENTS = {
    "get": {
        "tags": ["office"],
        "summary": "Events",
        "description": "Server-sent events: `state` first, then every journal entry as it becomes durable.",
        "operationId": "events_api_v1_events_get",
        "responses": {"200": {"description": "The stream.", "content": {"text/event-stream": {}}}, **REFUSED},
    }
}
OPEN = ("/api/v1/services", "/api/v1/fields", "/api/v1/procedures", "/api/v1/catalogue", "/api/v1/tickets/{token}")


class DocumentedApp(FastAPI):
    """FastAPI whose document is complete."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Adds what the routes have in common. Changes and returns `document`."""
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = PROBLEM
    parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["paths"]["/api/v1/events"] = EVENTS
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "post":
                operation["parameters"] = [*operation.get("parameters", []), KEY]
            if path.startswith("/api/v1") and not path.startswith(OPEN):
                operation["security"] = [{"bearer": []}]
    return document
