"""What people and devices ask of an office day. Pure.

Every door (page, HTTP, MQTT, simulator) makes these same commands. Who asks and under which command id is the
loop's business and stands in the journal entry, not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from queue_server.queue.config import OfficeConfig, Policy
from queue_server.queue.foreseen import Foreseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Base of all commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDay(Command):
    """Opens a day; `serials` and `leased` are the numbers, by prefix, that its date has used already.

    `again`: the day was closed by a clock that showed a later date.
    """

    day: str
    config: OfficeConfig
    serials: Mapping[str, int] = field(default_factory=dict)
    leased: Mapping[str, int] = field(default_factory=dict)
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDay(Command):
    """Ends the day; `abandoned`: it is one that has not come yet, opened by a clock that was wrong."""

    abandoned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectClock(Command):
    """The office's clock moved by `by` seconds; None: it takes the machine's clock over now, and the loop measures.

    `measured`: inside one run, where both clocks are known.
    """

    by: float | None = None
    measured: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSetup(Command):
    """Takes over a changed site file during the day."""

    config: OfficeConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePolicy(Command):
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCounter(Command):
    counter: str
    officer: str
    services: tuple[str, ...] | None = None  # None: what the site file says


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseCounter(Command):
    counter: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCounter(Command):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCounter(Command):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReskillCounter(Command):
    counter: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseNumbers(Command):
    """Tops up the numbers that a kiosk may issue alone."""

    kiosk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipNumbers(Command):
    """After part of the record was lost: numbers go on behind all that may be on paper, `lost` a prefix at most.

    `serials` and `leased`: what earlier gaps of the day had come to, by prefix, which may be lost as well.
    """

    generation: str
    reason: str
    lost: int
    serials: Mapping[str, int] = field(default_factory=dict)
    leased: Mapping[str, int] = field(default_factory=dict)


Expected = tuple[float, float]  # seconds at the counter, and the standard deviation of their logarithm


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One service that a person came for, with what the kiosk learned about it (`matter.Matter` names the facts)."""

    service: str
    procedure: str | None = None
    cases: tuple[str, ...] | None = None
    papers: int | None = None
    copies: int | None = None
    supplement: bool | None = None
    ready: bool | None = None
    form_filled: bool | None = None
    expected: Expected | None = field(default=None, repr=False)  # not in the repr: a repeat is the same command


Told = dict[str, tuple[float, float, float]]  # service → seconds: low, likely, high


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTicket(Command):
    """Takes one number for one or more services. `told`: the forecast's waits, which no part of the wish.

    `claimed`: a class with priority that somebody says to belong to, and nobody has seen.
    """

    wanted: tuple[Wanted, ...]
    class_id: str | None = None
    channel: str = "kiosk"
    language: str = "vi"
    kiosk: str | None = None
    appointment_at: datetime | None = None
    claimed: str | None = field(default=None, repr=False)  # not in the repr: digests of before stay as they are
    told: Told | None = field(default=None, repr=False)  # not in the repr: a repeat is the same command


@dataclass(frozen=True, slots=True, kw_only=True)
class HandIn(Command):
    """A kiosk hands in a number that it issued from its lease while the server was away. `day`: of that lease."""

    kiosk: str
    number: str
    taken_at: datetime
    wanted: tuple[Wanted, ...]
    class_id: str | None = None
    language: str = "vi"
    day: str | None = field(default=None, repr=False)  # not in the repr: a repeat by a newer kiosk is the same command


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPrint(Command):
    ticket: str
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTicket(Command):
    ticket: str
    by: str = "citizen"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostponeTicket(Command):
    ticket: str
    minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePriority(Command):
    ticket: str
    class_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNext(Command):
    """Calls whom the policy chooses. `finish_current` first ends what the counter is doing.

    `foreseen`: what the forecast saw of this call; no part of the wish.
    """

    counter: str
    finish_current: bool = False
    foreseen: Foreseen | None = field(default=None, repr=False)  # not in the repr: a repeat is the same command


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNumber(Command):
    """Calls one ticket out of turn; the journal records that the officer chose it."""

    counter: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(Command):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Command):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish(Command):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoShow(Command):
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstate(Command):
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Command):
    counter: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeTicket(Command):
    counter: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Command):
    counter: str
    to_service: str | None = None
    to_counter: str | None = None
    return_to_sender: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack(Command):
    """Undoes a call made by mistake."""

    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeByMouth(Command):
    """Tells afterwards that a counter served somebody at `at`, called by word of mouth while the server was away."""

    counter: str
    ticket: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RateVisit(Command):
    ticket: str
    score: int
    reasons: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHelp(Command):
    kiosk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveHelp(Command):
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDevice(Command):
    device: str
    problem: str | None
