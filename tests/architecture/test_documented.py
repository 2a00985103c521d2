"""What a person can type, receive or be refused with stands in docs/."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from typer.main import get_command

from queue_server.cli import app
from queue_server.contract.problems import Problem
from queue_server.contract.topics import TOPICS
from queue_server.queue.events import EVENTS
from tests.architecture.source import ROOT, told


@cache
def docs() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))


def missing(names: Iterable[str]) -> list[str]:
    """Names that stand nowhere in docs/ as a whole word."""
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", docs())]


def commands(command: Any, path: tuple[str, ...] = ("motcua",)) -> Iterator[tuple[str, Any]]:
    yield " ".join(path), command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


def test_every_command_is_documented() -> None:
    found = missing(name for name, _ in commands(get_command(app)))
    assert not found, told("describe these commands in docs/operations.md", found)


def test_every_option_is_documented() -> None:
    options = {
        name
        for _, command in commands(get_command(app))
        for parameter in command.params
        for name in [*parameter.opts, *(parameter.envvar if isinstance(parameter.envvar, list) else [parameter.envvar])]
        if name and (name.startswith("--") or name.isupper())
    }
    found = missing(sorted(options))
    assert not found, told("describe these options in docs/operations.md", found)


def test_every_problem_code_is_documented() -> None:
    found = missing(f"`{problem.value}`" for problem in Problem)
    assert not found, told("list these codes of queue_server.contract.problems in docs/reference/", found)


def test_every_event_kind_is_documented() -> None:
    found = missing(f"`{kind}`" for kind in EVENTS)
    assert not found, told("list these kinds of queue_server.queue.events in docs/reference/", found)


def test_every_topic_is_documented() -> None:
    found = missing(f"`{topic.path}`" for topic in TOPICS)
    assert not found, told("list these topics of queue_server.contract.topics in docs/reference/", found)


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert not dead, told("these links lead nowhere", dead)
