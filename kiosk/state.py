"""Where a person is at the kiosk and what they said so far. Pure."""

from dataclasses import dataclass
from dataclasses import field as given
from enum import StrEnum

from kiosk.events import Aid, Printing, Refusal
from kiosk.keyboard import Typing
from kiosk.world import Procedure, Ticket, Wanted, World


class Screen(StrEnum):
    """Every screen of the kiosk."""

    ATTRACT = "attract"
    CLOSED = "closed"
    LANGUAGE = "language"
    HOME = "home"
    SERVICES = "services"
    PROCEDURES = "procedures"
    SEARCH = "search"
    CASES = "cases"
    PAPERS = "papers"
    READY = "ready"
    MISSING = "missing"
    PRIORITY = "priority"
    TAKING = "taking"
    TICKET = "ticket"
    NO_NUMBER = "no-number"
    HELP = "help"
    THANKS = "thanks"


RESTING = frozenset({Screen.ATTRACT, Screen.CLOSED})


class Helping(StrEnum):
    """How far a call for a guide is."""

    CALLING = "calling"
    COMING = "coming"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What *Back* brings back: the screen and all that was said on the way to it."""

    screen: Screen = Screen.ATTRACT
    page: int = 0
    field: str | None = None
    procedure: str | None = None
    cases: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    basket: tuple[Wanted, ...] = ()
    typing: Typing = given(default_factory=Typing)
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that the flow knows. Times are seconds of one steady clock.

    `boot` is random and unique to a start of the program; with the count of takings it makes command ids.
    """

    boot: str
    world: World
    portrait: bool = True
    place: Place = given(default_factory=Place)
    trail: tuple[Place, ...] = ()
    since: float = 0.0  # the screen came up
    touched: float = 0.0  # last sign of a person
    tapped: float = -1.0  # last tap that counted
    language: str = "vi"
    aids: frozenset[Aid] = frozenset()
    takings: int = 0
    calls: int = 0
    asked: str | None = None
    ticket: Ticket | None = None
    refusal: Refusal | None = None
    printing: Printing = Printing.NONE
    problem: str | None = None
    prints: int = 0
    list_printing: Printing = Printing.NONE
    helping: Helping = Helping.CALLING

    @property
    def screen(self) -> Screen:
        """The screen that stands now."""
        return self.place.screen

    @property
    def procedure(self) -> Procedure | None:
        """The procedure in hand, if the catalogue still has it."""
        return self.world.procedures.get(self.place.procedure or "")
