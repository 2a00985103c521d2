"""docs/architecture.md says who may import whom; the imports keep to it."""

import re

import pytest

from tests.architecture.source import PRODUCT, ROOT, imports, python_files, told, under

PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
OF_THE_SERVER = "the server's packages"


def rows() -> dict[str, set[str]]:
    """Package → what it may import of this project, as the table of the page gives it."""
    found: dict[str, set[str]] = {}
    for line in PAGE.split("\n## Packages", 1)[1].split("\n## ", 1)[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and cells[2] != OF_THE_SERVER:
            found[cells[0].strip("`")] = {whole(name) for name in re.findall(r"`([\w.]+)`", cells[2])}
    return found


def whole(name: str) -> str:
    """`queue` → `queue_server.queue`; the packages beside the server keep their names."""
    return name if name.partition(".")[0] in PRODUCT else f"queue_server.{name}"


def neighbours(package: str) -> dict[str, str]:
    """Modules of this project outside a package that it imports, with one place each."""
    return {
        name: f"{path}:{line} imports {name}"
        for path in python_files(*PRODUCT)
        if under(".".join(path.with_suffix("").parts), package)
        for line, name in imports(path)
        if any(under(name, ours) for ours in PRODUCT) and not under(name, package)
    }


@pytest.mark.parametrize("package", rows())
def test_a_package_imports_only_what_the_page_says(package: str) -> None:
    found, allowed = neighbours(package), rows()[package]
    strangers = [place for name, place in found.items() if not any(under(name, each) for each in allowed)]
    assert not strangers, told(f"{package}: correct the imports or docs/architecture.md", strangers)


def test_the_page_names_every_package() -> None:
    inside = {f"queue_server.{path.parent.name}" for path in (ROOT / "queue_server").glob("*/__init__.py")}
    named = set(re.findall(r"^\| `([\w.]+)`", PAGE, re.MULTILINE))
    assert not {*inside, "display", "hardware", "kiosk"} - named, told(
        "name these packages in docs/architecture.md", sorted({*inside, "display", "hardware", "kiosk"} - named)
    )
