"""The project's own files as the architecture tests see them."""

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("kiosk", "queue_server", "display", "hardware")
# What .gitignore names, and git itself.
NOT_OURS = {".git", ".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}
NOT_OURS_AT_TOP = {"data", "build", "dist", ".import_linter_cache"}
ALL = (*PRODUCT, "benchmarks", "tests")


def python_files(*folders: str) -> list[Path]:
    """Python files of top-level folders, as paths from the root."""
    return sorted(
        path.relative_to(ROOT)
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module a file imports, wherever in the file, with its line; `from a import b` gives a.b."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def under(name: str, package: str) -> bool:
    """Whether a dotted name is a package or something inside it."""
    return name == package or name.startswith(f"{package}.")


def tracked_files() -> list[Path]:
    """The checkout's own files, as paths from the root; found without git, since a checkout may come as an archive."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        folders[:] = [name for name in folders if name not in NOT_OURS and str(here / name) not in NOT_OURS_AT_TOP]
        found += [here / name for name in names if not name.endswith((".pyc", ".nbi", ".nbc"))]
    return sorted(found)


def tracked_texts() -> Iterator[tuple[Path, str]]:
    """Every tracked file that is text."""
    for path in tracked_files():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content[:8000]:
            yield path, content.decode("utf-8", "replace")


def told(cure: str, found: Iterable[object]) -> str:
    """The message of a failed rule: what to do, then every place, unshortened."""
    return "\n".join([cure, *(f"  {each}" for each in found)])
