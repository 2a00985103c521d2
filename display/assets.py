"""Static files under a hash of their contents, so that one version of a page never mixes with another."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    body: bytes
    type: str


@cache
def assets() -> dict[str, Asset]:
    """All static files by name; they are small and stay in memory."""
    found = {}
    for entry in files("display").joinpath("static").iterdir():
        ending = entry.name.rpartition(".")[2]
        if ending in TYPES:
            found[entry.name] = Asset(body=entry.read_bytes(), type=TYPES[ending])
    return found


@cache
def version() -> str:
    """Changes whenever a static file changes."""
    digest = hashlib.sha256()
    for name, asset in sorted(assets().items()):
        digest.update(name.encode() + b"\0" + asset.body + b"\0")
    return digest.hexdigest()[:12]
