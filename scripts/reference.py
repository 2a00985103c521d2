"""Writes docs/reference/problems.md and events.md from the code. Run with .venv/bin/python."""

import dataclasses
from pathlib import Path

from queue_server.contract.problems import TITLES, Problem, status_of
from queue_server.queue.events import EVENTS

FOLDER = Path(__file__).parents[1] / "docs/reference"
NOTE = "Written by `scripts/reference.py`; change the code, then run it again."


def problems_page() -> str:
    """Every code with its HTTP status and its words in both languages."""
    rows = [
        f"| `{problem.value}` | {status_of(problem)} | {TITLES[problem][0]} | {TITLES[problem][1]} |"
        for problem in sorted(Problem, key=lambda each: each.value)
    ]
    return "\n".join([
        "# Problem codes",
        "",
        "What is refused answers with `application/problem+json` (RFC 9457), over MQTT with the same `code`,",
        "and has changed nothing. Programs compare the `code`, which never changes its meaning; people read the words.",
        "",
        NOTE,
        "",
        "| code | HTTP | Vietnamese | English |",
        "|---|---|---|---|",
        *rows,
        "",
    ])  # fmt: skip


def events_page() -> str:
    """Every kind of event with its meaning and its fields."""
    rows = []
    for name, kind in EVENTS.items():
        meaning = " ".join((kind.__doc__ or "").split())
        fields = ", ".join(f"`{field.name}`" for field in dataclasses.fields(kind)) or "none"
        rows.append(f"| `{name}` | {meaning} | {fields} |")
    return "\n".join([
        "# Events",
        "",
        "What the journal holds, in the order in which the code declares it. An event carries no personal data;",
        "its moment is the entry's `at`. Durations are seconds.",
        "",
        NOTE,
        "",
        "| kind | meaning | fields |",
        "|---|---|---|",
        *rows,
        "",
    ])  # fmt: skip


PAGES = {"problems.md": problems_page, "events.md": events_page}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
