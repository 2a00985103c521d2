"""A page as data: title, texts, choices in focus order. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.events import Event
from kiosk.state import Screen


class Tone(StrEnum):
    """How much a choice stands out."""

    MAIN = "main"
    PLAIN = "plain"
    QUIET = "quiet"


class Mood(StrEnum):
    """What a notice is about: drawn as its sign and colour."""

    CALM = "calm"
    GOOD = "good"
    CARE = "care"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to touch. `on`: a mark that is set or not; None: no mark. `note` is the small second line."""

    id: str
    label: str
    event: Event
    note: str = ""
    tone: Tone = Tone.PLAIN
    on: bool | None = None
    sign: str = ""  # name of a drawn sign, e.g. "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A labelled fact: fee, time limit, place."""

    label: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCard:
    """A number as the ticket screen shows it."""

    number: str
    service: str
    lines: tuple[str, ...]
    url: str
    more: tuple[str, ...] = ()  # further numbers, each with its service


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One screen's contents. `name` tells variants of a screen apart (ticket, ticket-no-paper, …)."""

    screen: Screen
    name: str
    title: str
    lead: str = ""
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    chips: tuple[str, ...] = ()
    rows: tuple[Choice, ...] = ()
    columns: tuple[int, int] = (1, 2)  # portrait, landscape
    pager: tuple[Choice, ...] = ()
    pager_text: str = ""
    actions: tuple[Choice, ...] = ()
    nav: tuple[Choice, ...] = ()
    bar: tuple[Choice, ...] = ()
    card: NumberCard | None = None
    typed: str | None = None
    mood: Mood = Mood.CALM
    first_line: int = 1  # the number of the first of `lines`
    language: str = "vi"
    warning: str = ""  # the strip above the page: server away, office closed
    technical: str = ""  # small, for the technician: why the server is away; not read aloud

    @property
    def focus(self) -> tuple[Choice, ...]:
        """Every choice in the order in which the keys walk them."""
        return (*self.rows, *self.pager, *self.actions, *self.nav, *self.bar)

    @property
    def spoken(self) -> str:
        """What is read aloud when the page comes up."""
        parts = [self.warning, self.title, self.lead, *self.chips]
        if self.card is not None:
            parts += [self.card.number, self.card.service, *self.card.lines, *self.card.more]
        parts += [*self.lines, *(f"{fact.label}: {fact.text}. {fact.note}".strip() for fact in self.facts)]
        return " ".join(part if part[-1] in ".?!…" else f"{part}." for part in parts if part)
