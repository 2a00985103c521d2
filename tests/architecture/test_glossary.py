"""docs/glossary.md uses the words of the code, and every office word of the rules stands in it."""

import re
from collections import Counter
from functools import cache

from queue_server.queue.commands import Command
from queue_server.queue.states import TicketState
from tests.architecture.source import PRODUCT, ROOT, told, tracked_files

PAGE = (ROOT / "docs/glossary.md").read_text("utf-8")
WRITTEN_IN = {".py", ".yaml", ".html", ".kv"}
# Commands of the house itself: no word that people at a counter or kiosk say.
OF_THE_HOUSE = {
    "OpenDay", "CloseDay", "ChangeSetup", "ChangePolicy", "ReportPrint", "ReportDevice", "ReskillCounter",
    "ResumeCounter", "ResumeTicket", "CancelTicket", "PostponeTicket", "ChangePriority", "RequestHelp", "GiveHelp",
    "SkipNumbers",
}  # fmt: skip


def rows() -> list[list[str]]:
    found = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")
    ]
    return [row for row in found if row[0] not in {"Vietnamese", "---"} and not row[0].startswith("--")]


def terms() -> list[str]:
    """What the second column gives as words of the code."""
    return [term for row in rows() for term in re.findall(r"`([^`]+)`", row[1])]


@cache
def words_of_the_code() -> frozenset[str]:
    files = [path for path in tracked_files() if path.parts[0] in PRODUCT and path.suffix in WRITTEN_IN]
    return frozenset(word for path in files for word in re.findall(r"\w+", (ROOT / path).read_text("utf-8")))


def test_every_term_is_a_word_of_the_code() -> None:
    lost = [term for term in terms() if term not in words_of_the_code()]
    assert not lost, told("the code has no such word any more: follow it in docs/glossary.md", lost)


def test_every_row_has_both_languages() -> None:
    empty = [row for row in rows() if len(row) != 3 or not row[0] or not re.search(r"`\w+`", row[1])]
    assert not empty, told("give the Vietnamese word and the word of the code", empty)


def test_no_word_means_two_things() -> None:
    twice = [term for term, times in Counter(terms()).items() if times > 1]
    assert not twice, told("one row for one term", twice)


def test_every_command_of_people_is_a_term() -> None:
    commands = {
        each.__name__ for each in Command.__subclasses__() if each.__module__ == Command.__module__
    } - OF_THE_HOUSE
    assert not commands - set(terms()), told("add these to docs/glossary.md", sorted(commands - set(terms())))


def test_the_exempt_commands_exist() -> None:
    assert {each.__name__ for each in Command.__subclasses__()} >= OF_THE_HOUSE


def test_states_on_boards_are_terms() -> None:
    assert {TicketState.SERVING, TicketState.MISSED} <= set(terms())
