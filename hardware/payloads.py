"""JSON payloads of devices, written and read. Pure."""

import json
from collections.abc import Mapping
from typing import Final

_MAX_PAYLOAD: Final = 8_192


class BadPayloadError(ValueError):
    """A message that is not a JSON object of a reasonable size."""


def encode(payload: Mapping[str, object]) -> bytes:
    """JSON in UTF-8, letters as they are."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def decode(payload: bytes) -> dict[str, object]:
    """The JSON object in a message, or BadPayloadError."""
    if len(payload) > _MAX_PAYLOAD:
        raise BadPayloadError(f"{len(payload)} bytes are too many")
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError) as problem:
        raise BadPayloadError(str(problem)) from problem
    if not isinstance(value, dict):
        raise BadPayloadError("not a JSON object")
    return value
