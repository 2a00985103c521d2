"""docs/states.md says what the code does: every move, its call, its events, its refusals, and the drawing."""

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType
from typing import Any, cast

import pytest

from queue_server.contract.problems import Problem, Refused
from queue_server.http.counters import counter_routes
from queue_server.http.desk import Desk
from queue_server.http.tickets import ticket_routes
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.decide import RULES, decide
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import MOVES, CounterStatus, TicketState
from tests.architecture.source import ROOT, told
from tests.queue.builders import DAY, Day

PAGE = (ROOT / "docs/states.md").read_text("utf-8")
EVERYWHERE = {Problem.DAY_CLOSED}  # of any command; said once on the page


def table(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its two head lines."""
    part = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def words(cell: str) -> list[str]:
    """What stands in code marks."""
    return re.findall(r"`([^`]+)`", cell)


def moves_on_page() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for move, states, end, *_ in table("Moves of a ticket"):
        for state in words(states):
            found.setdefault(words(move)[0], {})[state] = words(end)[0]
    return found


@cache
def commands_on_page() -> dict[type[cmd.Command], tuple[list[str], set[str], set[str]]]:
    """Command → its HTTP calls, events and refusals, as the page lists them."""
    rows = [*table("Commands on tickets"), *table("Commands on counters")]
    return {
        getattr(cmd, words(command)[0]): (words(calls), set(words(events)), set(words(codes)))
        for command, calls, events, codes, *_ in rows
    }


def test_the_page_has_the_moves_of_the_code() -> None:
    assert moves_on_page() == {move: {str(a): str(b) for a, b in known.items()} for move, known in MOVES.items()}


def test_the_page_explains_every_state() -> None:
    assert [words(row[0])[0] for row in table("States of a ticket")] == list(TicketState)
    assert [words(row[0])[0] for row in table("States of a counter")] == list(CounterStatus)


def test_the_drawing_has_the_moves_of_the_code() -> None:
    drawn: dict[str, dict[str, str]] = {}
    drawing = PAGE.split("```mermaid", 1)[1].split("```", 1)[0]
    for start, end, moves in re.findall(r"^ *(\w+) --> (\w+): (.+)$", drawing, re.MULTILINE):
        for move in moves.split(", "):
            drawn.setdefault(move, {})[start] = end
    assert drawn == {move: {str(a): str(b) for a, b in known.items()} for move, known in MOVES.items()}


def paths() -> set[str]:
    """Every call of tickets and counters, as the page writes it."""
    desk = cast(Desk, None)  # routes look at it when they are called
    routes = [route for router in (ticket_routes(desk), counter_routes(desk)) for route in router.routes]
    return {str(getattr(route, "path", "")).removeprefix("/api/v1") for route in routes}


def test_every_call_on_the_page_exists() -> None:
    named = {call.removeprefix("POST ") for calls, _, _ in commands_on_page().values() for call in calls}
    assert not named - paths(), told("these calls of docs/states.md do not exist", sorted(named - paths()))


def test_every_call_that_changes_a_ticket_or_counter_stands_on_the_page() -> None:
    named = {call.removeprefix("POST ") for calls, _, _ in commands_on_page().values() for call in calls}
    apart = {"/counters", "/tickets/{token}", "/help/{help_id}/done"}  # they only read, or are no move
    assert not paths() - named - apart, told("name these calls in docs/states.md", sorted(paths() - named - apart))


def callees(rule: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Functions of the queue package, and methods of the office day, whose names a function uses."""
    for name in re.findall(r"\b(?:state\.)?(\w+)", body(rule)):
        known = getattr(inspect.getmodule(rule), name, None)
        if isinstance(known, FunctionType) and known.__module__.startswith("queue_server.queue.rules"):
            yield known
    for name in re.findall(r"\bstate\.(\w+)", body(rule)):
        method = vars(OfficeDay).get(name)
        if isinstance(method, FunctionType):
            yield method


@cache
def body(rule: Callable[..., Any]) -> str:
    return textwrap.dedent(inspect.getsource(rule)).split(":\n", 1)[1]


@cache
def reached(rule: Callable[..., Any], kind: str) -> frozenset[str]:
    """Names after `Problem.` or `ev.` in a rule and in all it calls."""
    seen: set[Callable[..., Any]] = set()
    open_ones = [rule]
    found: set[str] = set()
    while open_ones:
        each = open_ones.pop()
        if each in seen:
            continue
        seen.add(each)
        found |= set(re.findall(rf"\b{kind}\.(\w+)", body(each)))
        if kind == "Problem" and "require_move(" in body(each):
            found.add("TICKET_STATE")
        open_ones += callees(each)
    return frozenset(found)


@pytest.mark.parametrize("command", commands_on_page(), ids=lambda command: command.__name__)
def test_the_refusals_on_the_page_are_those_of_the_rule(command: type[cmd.Command]) -> None:
    codes = {Problem[name] for name in reached(RULES[command], "Problem")} - EVERYWHERE
    assert commands_on_page()[command][2] == {str(code) for code in codes}


@pytest.mark.parametrize("command", commands_on_page(), ids=lambda command: command.__name__)
def test_the_events_on_the_page_are_those_of_the_rule(command: type[cmd.Command]) -> None:
    assert commands_on_page()[command][1] == reached(RULES[command], "ev") & set(ev.EVENTS)


def counter_in(status: CounterStatus) -> Day:
    day = Day()
    if status is not CounterStatus.CLOSED:
        day.do(cmd.OpenCounter(counter="1", officer="an"))
    if status is CounterStatus.PAUSED:
        day.do(cmd.PauseCounter(counter="1"))
    return day


COUNTER_COMMANDS = {
    "open": cmd.OpenCounter(counter="1", officer="an"),
    "pause": cmd.PauseCounter(counter="1"),
    "unpause": cmd.ResumeCounter(counter="1"),
    "reskill": cmd.ReskillCounter(counter="1", services=("dat_dai",)),
    "close": cmd.CloseCounter(counter="1"),
    "call-next": cmd.CallNext(counter="1"),
}


def what_happens(day: Day, command: cmd.Command) -> str:
    try:
        day.do(command)
    except Refused as refusal:
        return str(refusal.code)
    return str(day.state.counters["1"].status)


@pytest.mark.parametrize("row", table("Moves of a counter"), ids=lambda row: words(row[0])[0])
def test_the_counter_moves_on_the_page_happen(row: list[str]) -> None:
    command = COUNTER_COMMANDS[words(row[0])[0]]
    happened = [what_happens(counter_in(status), command) for status in CounterStatus]
    assert [words(cell)[0] for cell in row[1:4]] == happened


def test_the_page_has_every_counter_move() -> None:
    assert [words(row[0])[0] for row in table("Moves of a counter")] == list(COUNTER_COMMANDS)


def test_nothing_but_the_day_changes_after_closing() -> None:
    day = Day()
    ticket = day.take()
    day.do(cmd.CloseDay())
    with pytest.raises(Refused) as refusal:
        decide(day.state, cmd.Reinstate(ticket=ticket.id), day.now)
    assert refusal.value.code is Problem.DAY_CLOSED
    assert day.state.day == DAY
