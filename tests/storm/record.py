"""What the people of a story saw with their own eyes: numbers, answers, refusals. Moments are virtual seconds."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Paper:
    """A number in somebody's hand. `day`: of which office day it is, as the kiosk or the server wrote it."""

    person: str
    kiosk: str
    command_id: str
    number: str
    token: str
    service: str
    day: str
    at: float  # when the person touched the glass
    alone: bool  # given by the kiosk from its lease
    clock_error: float  # of the kiosk, seconds ahead
    contact: bool  # the kiosk had heard the server in this life
    ticket: str | None = None


@dataclass(slots=True, kw_only=True)
class Refused:
    """A person got no number. `held`: how many numbers of the true day and of the service the kiosk still had."""

    person: str
    kiosk: str
    reason: str
    at: float
    held: int


@dataclass(slots=True, kw_only=True)
class Answer:
    """What an answer said that somebody heard."""

    who: str
    key: str
    act: str
    place: str
    status: int
    body: Any
    asked: float
    heard: float


@dataclass(slots=True, kw_only=True)
class Written:
    """An entry that the office said to be durable, with the true moment and the life of the program."""

    entry: Any
    at: float
    life: int


@dataclass(slots=True, kw_only=True)
class Look:
    """The office's own time and day, looked at from outside."""

    at: float
    life: int
    now: Any
    true: Any
    error: float  # of the machine's clock, seconds ahead
    right_for: float | None  # seconds since it is right
    age: float  # of the program's life
    day: str
    closed: bool
    waiting: bool  # people of the day still wait


@dataclass(slots=True)
class Record:
    """Everything that was seen."""

    papers: list[Paper] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    foreseen: list[tuple[float, str, str]] = field(default_factory=list)  # when, for which counter, whom
    faults: dict[str, int] = field(default_factory=dict)
    gone: list[tuple[float, float]] = field(default_factory=list)  # what came to pass between these moments is undone

    def undone(self, begins: float, ends: float) -> bool:
        """Whether a restore, a take-over or a lost tail may have undone what happened then."""
        return any(begins <= until and ends >= since for since, until in self.gone)

    def count(self, kind: str) -> None:
        """One more fault of a kind."""
        self.faults[kind] = self.faults.get(kind, 0) + 1
