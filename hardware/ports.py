"""What the rest of the house may ask of a device. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from PIL import Image


class Paper(StrEnum):
    """What the paper sensors say; `UNKNOWN` whenever they were not heard."""

    OK = "ok"
    NEAR_END = "near_end"
    OUT = "out"
    UNKNOWN = "unknown"


class Problem(StrEnum):
    """Stable codes of everything that can keep a ticket from being printed."""

    UNREACHABLE = "unreachable"
    SILENT = "silent"
    GARBLED = "garbled"
    COVER_OPEN = "cover-open"
    PAPER_OUT = "paper-out"
    JAM = "jam"
    FAULT = "fault"
    OVERHEATED = "overheated"
    OFFLINE = "offline"
    BUSY = "busy"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection-lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStatus:
    """What a printer last said of itself.

    The defaults describe a printer nobody has heard: no answer is never "paper OK".
    `unheard` says why there was no usable answer (unreachable, silent or garbled).
    """

    online: bool = False
    paper: Paper = Paper.UNKNOWN
    cover_open: bool = False
    jam: bool = False
    fault: bool = False
    overheated: bool = False
    unheard: Problem | None = None

    @property
    def silent(self) -> bool:
        """True when the connection stood and no answer came."""
        return self.unheard is Problem.SILENT

    @property
    def problem(self) -> Problem | None:
        """The first thing a person must mend, most basic first; None when it can print."""
        causes = (
            (self.unheard is not None, self.unheard),
            (self.cover_open, Problem.COVER_OPEN),
            (self.paper is Paper.OUT, Problem.PAPER_OUT),
            (self.jam, Problem.JAM),
            (self.fault, Problem.FAULT),
            (self.overheated, Problem.OVERHEATED),
            (self.paper is Paper.UNKNOWN, Problem.SILENT),
            (not self.online, Problem.OFFLINE),
        )
        return next((problem for holds, problem in causes if holds), None)

    @property
    def can_print(self) -> bool:
        """True only when the printer itself said that nothing stands in the way."""
        return self.problem is None


class Outcome(StrEnum):
    """How a print job ended, as far as the printer confirmed it."""

    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintResult:
    """The end of one job.

    `FAILED`: no whole ticket came out, printing again is safe.
    `UNKNOWN`: it may have come out; whether to print again is for the caller, who can ask the person.
    """

    outcome: Outcome
    job_id: str
    problem: Problem | None = None
    paper: Paper = Paper.UNKNOWN

    @property
    def printed(self) -> bool:
        """True only when the printer confirmed the whole ticket."""
        return self.outcome is Outcome.PRINTED


class Printer(Protocol):
    """A ticket printer."""

    async def status(self) -> PrinterStatus:
        """Ask the printer now. Never raises for a fault of the device."""
        ...

    async def print(self, image: Image.Image, cut: bool = True, *, job_id: str = "") -> PrintResult:
        """Print one black-and-white picture, at most once. Never raises for a fault of the device."""
        ...
