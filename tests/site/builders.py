"""The complete small office of the documentation, changed where a test needs it."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from queue_server.catalogue.loader import load_catalogues
from queue_server.catalogue.model import Catalogues
from queue_server.site.loader import SiteError, load_site
from queue_server.site.model import Site

GUIDE = Path(__file__).parents[2] / "docs" / "site-file.md"


def guide_example() -> str:
    """The last YAML block of the guide."""
    blocks = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return str(blocks[-1])


def small_office() -> dict[str, Any]:
    """Its content as plain values."""
    content: dict[str, Any] = yaml.safe_load(guide_example())
    return content


def entry(content: dict[str, Any], section: str, name: str) -> dict[str, Any]:
    """One entry of a section by its id."""
    found: dict[str, Any] = next(item for item in content[section] if item["id"] == name)
    return found


def written(folder: Path, content: dict[str, Any]) -> Path:
    """The content as a site file."""
    path = folder / "site.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return path


@cache
def starter() -> Catalogues:
    """The starter catalogue, read once for all tests."""
    return load_catalogues()


def _known(content: dict[str, Any]) -> Catalogues | None:
    return starter() if content.get("catalogues") == ["starter"] else None


def opened(folder: Path, change: Callable[[dict[str, Any]], None] = lambda _: None) -> Site:
    """The small office, changed, loaded."""
    content = small_office()
    change(content)
    return load_site(written(folder, content), _known(content))


def refused(folder: Path, change: Callable[[dict[str, Any]], None]) -> list[str]:
    """The problems of the small office, changed into something wrong."""
    content = small_office()
    change(content)
    path = written(folder, content)
    try:
        load_site(path, _known(content))
    except SiteError as error:
        return [problem.removeprefix(str(path)) for problem in error.problems]
    return []
