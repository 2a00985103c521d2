"""The rules of the office day read no clock, throw no dice and wait for nothing."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import PRODUCT, python_files, told, tree

CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.monotonic",
    "uuid.uuid4",
}
PURE = ("queue_server/queue", "queue_server/contract")


def dotted(node: ast.AST) -> str:
    """The written name of an attribute chain: `datetime.datetime.now`."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def names_used(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            yield node.lineno, dotted(node)


def test_the_core_reads_no_clock() -> None:
    found = [
        f"{path}:{line} {name}"
        for path in python_files(*PURE)
        for line, name in names_used(path)
        if any(name == clock or name.endswith(f".{clock}") for clock in CLOCKS)
    ]
    assert not found, told("take `now` as an argument", found)


def test_the_core_throws_no_dice() -> None:
    found = [
        f"{path}:{line} {name}"
        for path in python_files(*PURE)
        for line, name in names_used(path)
        if name.startswith(("random.", "secrets."))
    ]
    assert not found, told("take randomness and ids as arguments", found)


def test_the_core_waits_for_nothing() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in python_files(*PURE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]
    assert not found, told("keep the core synchronous", found)


def test_naive_utc_is_nowhere() -> None:
    found = [
        f"{path}:{line} {name}"
        for path in python_files(*PRODUCT)
        for line, name in names_used(path)
        if name.endswith(("datetime.utcnow", "datetime.utcfromtimestamp"))
    ]
    assert not found, told("use aware times: datetime.now(UTC)", found)
