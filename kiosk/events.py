"""What can happen at the kiosk, and what the flow may ask for. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.world import Ticket, Wanted, World


class Event:
    """Something that happened."""

    __slots__ = ()


class PersonEvent(Event):
    """Something a person did on purpose: debounced, and it ends the inactivity count."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Touched(Event):
    """The glass was touched somewhere, or a key pressed: somebody is there."""


@dataclass(frozen=True, slots=True)
class Tick(Event):
    """Time passed."""


@dataclass(frozen=True, slots=True)
class Begin(PersonEvent):
    """Leaves the first screen."""


@dataclass(frozen=True, slots=True)
class ChooseLanguage(PersonEvent):
    """Picks the language, or changes it on any screen."""

    language: str


@dataclass(frozen=True, slots=True)
class ChooseField(PersonEvent):
    """Opens the procedures of a field."""

    field: str


@dataclass(frozen=True, slots=True)
class ChooseProcedure(PersonEvent):
    """Opens a procedure."""

    procedure: str


@dataclass(frozen=True, slots=True)
class OpenServices(PersonEvent):
    """Opens the services that need no procedure."""


@dataclass(frozen=True, slots=True)
class ChooseService(PersonEvent):
    """Picks a service that needs no procedure."""

    service: str


@dataclass(frozen=True, slots=True)
class OpenSearch(PersonEvent):
    """Opens the search by plain words."""


@dataclass(frozen=True, slots=True)
class TypeKey(PersonEvent):
    """A key of the on-screen keyboard: a letter, " ", "backspace" or "clear"."""

    key: str


@dataclass(frozen=True, slots=True)
class ToggleCase(PersonEvent):
    """Says that a case is (or is not) the person's own."""

    question: str


@dataclass(frozen=True, slots=True)
class ShowPapers(PersonEvent):
    """From the case questions to the papers."""


@dataclass(frozen=True, slots=True)
class WantNumber(PersonEvent):
    """From the papers to "do you have everything?"."""


@dataclass(frozen=True, slots=True)
class SayReady(PersonEvent):
    """Answers "do you have everything?"."""

    ready: bool


@dataclass(frozen=True, slots=True)
class ToggleMissing(PersonEvent):
    """Marks a paper as missing, or not."""

    paper: str


@dataclass(frozen=True, slots=True)
class PrintPapers(PersonEvent):
    """Prints the list of papers."""


@dataclass(frozen=True, slots=True)
class TakeAnyway(PersonEvent):
    """Goes on to a number although papers are missing."""


@dataclass(frozen=True, slots=True)
class AddAnother(PersonEvent):
    """One more thing to do on this visit."""


@dataclass(frozen=True, slots=True)
class BackToVisit(PersonEvent):
    """From choosing one more thing back to what was chosen."""


@dataclass(frozen=True, slots=True)
class TakeNumber(PersonEvent):
    """Takes the number, with the class the person named."""

    class_id: str | None = None


@dataclass(frozen=True, slots=True)
class PrintAgain(PersonEvent):
    """Prints the same number once more."""


@dataclass(frozen=True, slots=True)
class Done(PersonEvent):
    """The person has what they came for."""


@dataclass(frozen=True, slots=True)
class AskHelp(PersonEvent):
    """Calls a guide."""


@dataclass(frozen=True, slots=True)
class Back(PersonEvent):
    """One step back."""


@dataclass(frozen=True, slots=True)
class StartOver(PersonEvent):
    """Forgets everything and starts again."""


@dataclass(frozen=True, slots=True)
class TurnPage(PersonEvent):
    """To the next (+1) or previous (-1) part of a long list."""

    by: int


class Aid(StrEnum):
    """An aid of the accessibility bar."""

    LARGE = "large"
    CONTRAST = "contrast"
    LOW = "low"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class ToggleAid(PersonEvent):
    """Switches an aid on or off."""

    aid: Aid


@dataclass(frozen=True, slots=True)
class WorldHeard(Event):
    """News of the office."""

    world: World


@dataclass(frozen=True, slots=True)
class SearchFound(Event):
    """The procedures found for a query, best first."""

    query: str
    procedures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TicketTaken(Event):
    """The number of a taking, durable at the server or in the spool."""

    command_id: str
    ticket: Ticket


class Refusal(StrEnum):
    """Why there is no number."""

    CLOSED = "closed"
    NOT_OFFERED = "not-offered"
    NO_NUMBERS = "no-numbers"


@dataclass(frozen=True, slots=True)
class TicketRefused(Event):
    """There is no number for this taking."""

    command_id: str
    reason: Refusal


class Printing(StrEnum):
    """How far the paper is. `DOUBTFUL`: it may have come out."""

    NONE = "none"
    UNDER_WAY = "under-way"
    PRINTED = "printed"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class PrintEnded(Event):
    """A print job ended. `subject` is the ticket's command id, or the procedure of a list of papers."""

    subject: str
    printing: Printing
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class HelpAnswered(Event):
    """Whether the call for a guide arrived."""

    came: bool


class Effect:
    """Something the flow asks the world to do."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class AskForTicket(Effect):
    """Take a number: one command id, one number, whatever happens on the way."""

    command_id: str
    wanted: tuple[Wanted, ...]
    class_id: str | None
    language: str


@dataclass(frozen=True, slots=True)
class GiveBack(Effect):
    """Cancel a number whose taker left before it came."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class PrintTicket(Effect):
    """Print a number."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class PrintList(Effect):
    """Print the list of papers of a procedure; `missing` are those the person lacks, empty: all."""

    procedure: str
    cases: frozenset[str]
    missing: frozenset[str]
    language: str


@dataclass(frozen=True, slots=True)
class CallGuide(Effect):
    """Call a guide to this kiosk."""

    command_id: str


@dataclass(frozen=True, slots=True)
class Search(Effect):
    """Find procedures by plain words."""

    query: str
