"""How long each screen waits for a person. Pure.

Seconds without a sign of life. Nobody is asked whether they are still there before a slow reader, at two and a half
words a second, has had the time to read the longest page of that screen once.
"""

from dataclasses import dataclass
from typing import Final

from kiosk.events import Aid, Printing
from kiosk.state import Screen, State


@dataclass(frozen=True, slots=True)
class Stay:
    """`shown`: until the screen moves on by itself; `counted`: the last of these seconds are counted down."""

    shown: float
    counted: float = 20.0


CHOOSING: Final = Stay(60.0)
STAYS: Final[dict[Screen, Stay]] = {
    Screen.HOME: Stay(100.0),
    Screen.PROCEDURES: Stay(75.0),
    Screen.PAPERS: Stay(100.0),
    Screen.MISSING: Stay(75.0),
    Screen.TAKING: Stay(15.0, counted=0.0),
    Screen.THANKS: Stay(8.0, counted=0.0),
}
PRINTED: Final = Stay(30.0, counted=0.0)  # the number is in the person's hand: there is nothing to ask
UNPRINTED: Final = Stay(120.0)  # no paper: time to note the number
SLOW_FACTOR: Final = 2.0  # more time with large text or speech
_NOT_READ: Final = frozenset({Screen.TAKING, Screen.THANKS})


def stay_of(state: State) -> Stay | None:
    """The stay of the screen that stands now; None: for ever."""
    if state.screen is Screen.ATTRACT or (state.screen is Screen.CLOSED and not state.trail):
        return None
    if state.screen is Screen.TICKET:
        stay = PRINTED if state.printing is Printing.PRINTED else UNPRINTED
    else:
        stay = STAYS.get(state.screen, CHOOSING)
    slow = state.aids & {Aid.LARGE, Aid.SPEECH} and state.screen not in _NOT_READ
    return Stay(stay.shown * SLOW_FACTOR, stay.counted) if slow else stay


def is_over(state: State, now: float) -> bool:
    """Whether nobody has given a sign of life for as long as the screen waits."""
    stay = stay_of(state)
    return stay is not None and _alone(state, now) >= stay.shown


def seconds_left(state: State, now: float) -> int | None:
    """Whole seconds until the screen forgets the person, while they are counted down; else None."""
    stay = stay_of(state)
    if stay is None:
        return None
    left = stay.shown - _alone(state, now)
    return None if left > stay.counted or not stay.counted else max(0, -int(-left // 1))


def _alone(state: State, now: float) -> float:
    """Seconds since the last sign of life; touches neither hasten nor delay a number, nor a farewell."""
    return now - (state.since if state.screen in _NOT_READ else max(state.touched, state.since))
