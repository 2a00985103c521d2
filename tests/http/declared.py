"""Holds a real answer of the door against what the OpenAPI document declares for it."""

import re
from functools import cache
from typing import Any

import httpx
from pydantic import TypeAdapter

from queue_server.http.openapi import OPEN
from queue_server.http.operations import OPERATIONS, TEXTS, refusals

PARAMETER = re.compile(r"\\\{\w+\\\}")


@cache
def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Every operation and what addresses it has; those without parameters first."""
    names = sorted((*OPERATIONS, *TEXTS), key=lambda name: name.count("{"))
    return [(name, re.compile(PARAMETER.sub("[^/]+", re.escape(name)))) for name in names]


@cache
def adapter(model: type) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def operation_of(method: str, path: str) -> str | None:
    return next((name for name, fits in patterns() if fits.fullmatch(f"{method} {path}")), None)


def check(got: httpx.Response) -> None:
    """Nothing is answered that the document does not declare; wrong addresses have no operation."""
    name = operation_of(got.request.method, got.request.url.path)
    if name is None or (name in TEXTS and got.status_code == 200):
        return
    if got.headers.get("content-type") == "application/problem+json":
        path = name.split(" ", 1)[1]
        secured = path.startswith("/api/v1") and not path.startswith(OPEN)
        known = refusals(name, secured=secured, validated=True)
        codes = [str(code) for code in known.get(got.status_code, [])]
        assert got.json()["code"] in codes, f"{name} does not declare {got.status_code} {got.json()['code']}"
        return
    answers = OPERATIONS[name].answers
    assert got.status_code in answers, f"{name} does not declare {got.status_code}"
    model = answers[got.status_code]
    if model is None:
        assert got.content == b"", name
        return
    written = adapter(model).dump_python(adapter(model).validate_json(got.content), mode="json")
    more = unknown(got.json(), written)
    assert not more, f"{name} answers {more}, which its schema does not know"


def unknown(real: Any, declared: Any, place: str = "") -> list[str]:
    """Places in an answer that its model does not have."""
    if isinstance(real, dict) and isinstance(declared, dict):
        more = [f"{place}.{key}" for key in real if key not in declared]
        inside = [unknown(value, declared[key], f"{place}.{key}") for key, value in real.items() if key in declared]
        return [*more, *(found for each in inside for found in each)]
    if isinstance(real, list) and isinstance(declared, list):
        pairs = zip(real, declared, strict=True)
        return [found for value, known in pairs for found in unknown(value, known, f"{place}[]")]
    return []
