"""How many rows of a list fit one screen, and which. Pure."""

from collections.abc import Sequence
from typing import TypeVar

from kiosk.events import Aid
from kiosk.state import Screen, State

Row = TypeVar("Row")

# rows a screen holds: (portrait, landscape), then the same with large text, then seated (portrait only)
_HOLDS: dict[Screen, tuple[int, int, int, int, int]] = {
    Screen.HOME: (16, 15, 12, 12, 8),
    Screen.SERVICES: (8, 8, 6, 6, 4),
    Screen.PROCEDURES: (8, 8, 6, 6, 4),
    Screen.SEARCH: (4, 4, 4, 4, 2),
    Screen.CASES: (5, 4, 3, 3, 3),
    Screen.PAPERS: (5, 4, 4, 3, 2),
    Screen.MISSING: (6, 4, 4, 3, 3),
    Screen.PRIORITY: (6, 6, 5, 4, 4),
}


def holds(state: State) -> int:
    """How many rows the screen shows at once, as it is laid out now."""
    portrait, landscape, large_portrait, large_landscape, seated = _HOLDS.get(state.screen, (8, 8, 6, 6, 4))
    large = Aid.LARGE in state.aids
    if not state.portrait:
        return large_landscape if large else landscape
    if Aid.LOW in state.aids:
        return max(1, seated - 1) if large else seated
    return large_portrait if large else portrait


def length(state: State) -> int:
    """How many rows the list of this screen has in all."""
    world, place, procedure = state.world, state.place, state.procedure
    match place.screen:
        case Screen.HOME:
            return len(world.filled_fields())
        case Screen.SERVICES:
            return len(world.plain_services())
        case Screen.PROCEDURES:
            return len(world.procedures_of(place.field or ""))
        case Screen.SEARCH:
            return len(place.found)
        case Screen.CASES:
            return len(procedure.questions) if procedure else 0
        case Screen.PAPERS | Screen.MISSING:
            return len(procedure.needed(place.cases)) if procedure else 0
        case Screen.PRIORITY:
            return len(world.office.classes)
        case _:
            return 0


def last_page(state: State) -> int:
    """The number of the list's last page, counted from 0."""
    return max(0, -(-length(state) // holds(state)) - 1)


def page_of(state: State) -> int:
    """The page shown: the one asked for, or the last where the list has become shorter."""
    return min(state.place.page, last_page(state))


def shown(state: State, rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows of the page that is shown."""
    size, page = holds(state), page_of(state)
    return tuple(rows[page * size : (page + 1) * size])
