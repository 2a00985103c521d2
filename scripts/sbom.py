"""A software bill of materials from requirements.lock (what an office runs): CycloneDX 1.5, same bytes from same lock.

Standard library only, so that it runs before anything is installed: `python scripts/sbom.py [FILE]`.
"""

import hashlib
import json
import re
import sys
import tomllib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pinned:
    """One line of the lock: a package, its version, and the SHA-256 of each of its files."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version}"


def pinned(lock: str) -> list[Pinned]:
    """Every package of a lock, in its order."""
    found: list[Pinned] = []
    for line in lock.splitlines():
        match = PINNED.match(line)
        if match:
            found.append(Pinned(match["name"], match["version"], ()))
        if found and (hashes := HASH.findall(line)):
            last = found.pop()
            found.append(Pinned(last.name, last.version, (*last.hashes, *hashes)))
    return found


def bill(lock: str, name: str, version: str) -> dict[str, Any]:
    """The bill of materials of a program with this lock."""
    packages = pinned(lock)
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"{name}@{version}#{hashlib.sha256(lock.encode()).hexdigest()}")
    program = {"type": "application", "bom-ref": f"{name}@{version}", "name": name, "version": version}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": program},
        "components": [_component(package) for package in packages],
        "dependencies": [{"ref": program["bom-ref"], "dependsOn": [package.purl for package in packages]}],
    }


def _component(package: Pinned) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "hashes": [{"alg": "SHA-256", "content": content} for content in package.hashes],
    }


def main(argv: list[str]) -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    made = bill(LOCK.read_text("utf-8"), project["name"], project["version"])
    text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    if argv:
        Path(argv[0]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
