"""Known vulnerabilities of what requirements.lock names, as the OSV database has them: `python scripts/audit.py`.

Ends with 0 when none is known, 1 when some are, and 0 with a plain sentence when nobody could be asked, so that a
network that is away fails no check. `--strict` ends with 3 then. Sends package names and versions, nothing else.
"""

import argparse
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from scripts.sbom import LOCK, Pinned, pinned  # noqa: E402  run as a file, without an installed package

URL = "https://api.osv.dev/v1/querybatch"
SECONDS = 20.0
UNKNOWN = 3


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/audit", description=__doc__)
    parser.add_argument("--url", default=URL, help="where to ask")
    parser.add_argument("--strict", action="store_true", help="end with 3 when nobody could be asked")
    options = parser.parse_args(argv)
    packages = pinned(LOCK.read_text("utf-8"))
    try:
        known = asked(options.url, packages)
    except (OSError, ValueError) as error:
        unknown = f"whether {len(packages)} packages are safe is not known"
        print(f"audit: could not look ({error}); {unknown}.", file=sys.stderr)
        return UNKNOWN if options.strict else 0
    for package, names in known.items():
        print(f"{package.name} {package.version}: {', '.join(names)}")
    print(f"audit: {len(packages)} packages looked up, {len(known)} with known vulnerabilities.")
    return 1 if known else 0


def asked(url: str, packages: list[Pinned]) -> dict[Pinned, list[str]]:
    """The vulnerabilities of each package that has some; raises `OSError` or `ValueError` when the answer is none."""
    queries = [{"package": {"name": each.name, "ecosystem": "PyPI"}, "version": each.version} for each in packages]
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  given by the user
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        told = json.load(answer)
    results = told.get("results") if isinstance(told, dict) else None
    if not isinstance(results, list) or len(results) != len(packages):
        raise ValueError("the answer does not fit the question")
    return {each: names for each, found in zip(packages, results, strict=True) if (names := _names(found))}


def _names(found: dict[str, Any]) -> list[str]:
    return sorted(str(each["id"]) for each in (found or {}).get("vulns", ()))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
