"""The blocks of docs/operations.md that a person runs, in their order: input of the tests of that page."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/operations.md"
_PART = re.compile(
    r"^## (?P<chapter>\d+)\.|(?:^<!-- run: (?P<note>[^>]*) -->\n)?^```sh\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """`machines`: where it is run; `gives`: the word that its last line stands for; `note`: what else is said of it."""

    chapter: int
    line: int
    machines: tuple[str, ...]
    note: str
    text: str

    @property
    def gives(self) -> str:
        return self.note.removeprefix("gives ") if self.note.startswith("gives ") else ""


def blocks(page: str | None = None) -> list[Block]:
    """Every shell block; one without a mark has no machines."""
    page = PAGE.read_text("utf-8") if page is None else page
    found, chapter = [], 0
    for part in _PART.finditer(page):
        if part["chapter"]:
            chapter = int(part["chapter"])
            continue
        machines, _, note = (part["note"] or "").partition(",")
        line = page.count("\n", 0, part.start("text")) + 1
        found.append(Block(chapter, line, tuple(machines.split()), note.strip(), part["text"]))
    return found
