"""What has happened in an office day: one frozen dataclass per kind, the words of the journal. Pure.

An event carries no personal data. Times are aware UTC datetimes; durations are seconds. The moment of the
event itself is the journal entry's `at`, which `evolve` receives beside it.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from queue_server.queue.config import ClassTerms, OfficeConfig, Policy, Reservation


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOpened(Event):
    """The office day begins with this configuration.

    Where numbers of this day were in use before, under a clock that was wrong, they go on after `serials` (in order)
    and `leased` (by kiosks), by prefix.
    """

    day: str
    config: OfficeConfig
    serials: dict[str, int] | None = None
    leased: dict[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClosed(Event):
    """The office day ends; nothing is issued or called any more. `abandoned`: a clock that was wrong had opened it."""

    abandoned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCorrected(Event):
    """The office's clock moved by so many seconds. Moments of this day before this entry are of the old clock.

    What still waits or is being served moves with it, so that every wait goes on as if nothing had happened. At a
    start nobody knows how long the office was away: then `by` is the least that fits (`measured` is false).
    """

    by: float
    measured: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupChanged(Event):
    """The site file was changed during the day."""

    config: OfficeConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChanged(Event):
    """The rules of calling were changed during the day."""

    name: str
    ordinary_per_priority: int
    ceiling_multiple: float
    options: dict[str, float] = field(default_factory=dict)
    classes: dict[str, ClassTerms] = field(default_factory=dict)
    reservations: tuple[Reservation, ...] = ()
    own_first: bool = True
    least_flexible_first: bool = False
    grace: float = 20.0
    appointment_early: float | None = None
    appointment_late: float | None = None

    @property
    def policy(self) -> Policy:
        """The whole policy that holds from now on."""
        return Policy(**{f.name: getattr(self, f.name) for f in fields(Policy)})

    @classmethod
    def to(cls, policy: Policy) -> "PolicyChanged":
        """The change to a policy."""
        return cls(**{f.name: getattr(policy, f.name) for f in fields(Policy)})


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterOpened(Event):
    """An officer opened a counter for some services."""

    counter: str
    officer: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPaused(Event):
    """The counter calls nobody until it resumes."""

    counter: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterResumed(Event):
    """The counter calls again."""

    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterClosed(Event):
    """The officer left; people kept for this counter go back to the whole office."""

    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterReskilled(Event):
    """The services of an open counter changed."""

    counter: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersLeased(Event):
    """A kiosk may issue `first`…`last` of a prefix without the server, today."""

    kiosk: str
    prefix: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersSkipped(Event):
    """Part of the record was lost: numbers go on after `serials` (in order) and `leased`, by prefix.

    `reason`: restore, take-over or tail-lost. Tickets from here on are of a new generation: paper of before opens none
    of their pages.
    """

    generation: str
    reason: str
    serials: dict[str, int]
    leased: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketIssued(Event):
    """A person took a number for one service. A visit with several services issues several tickets under one number."""

    ticket: str
    visit: str
    number: str
    service: str
    class_id: str
    channel: str  # kiosk, desk, phone, appointment, simulator
    taken_at: datetime  # true time of taking; earlier than the entry when handed in later
    since: datetime  # the wait counts from here: taken_at, or the booked time when that is later
    language: str = "vi"
    procedure: str | None = None
    kiosk: str | None = None
    appointment_at: datetime | None = None
    handed_in: bool = False
    claimed: str | None = None  # the class that the person claimed by phone; it counts once a desk has confirmed it
    ready: bool | None = None  # the person said that all papers are there
    papers: int | None = None
    cases: tuple[str, ...] | None = None  # case questions answered with yes
    copies: int | None = None
    supplement: bool | None = None
    form_filled: bool | None = None
    expected: float | None = None  # seconds at the counter; None in journals of before
    spread: float | None = None  # standard deviation of the logarithm of those seconds; None: not known
    people_ahead: int = 0
    wait_low: float | None = None  # seconds; None when no open counter serves it
    wait_likely: float | None = None
    wait_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPrinted(Event):
    """The printer confirmed the paper."""

    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintFailed(Event):
    """The paper did not come out; the person keeps the number on the screen."""

    ticket: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCancelled(Event):
    """The ticket left the queue before being served."""

    ticket: str
    by: str  # citizen, officer


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPostponed(Event):
    """The citizen asked to be called later; the place is counted from `until`."""

    ticket: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityChanged(Event):
    """Staff corrected the class of a waiting person, or answered what the person had claimed."""

    ticket: str
    class_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCalled(Event):
    """A counter called a ticket; `reason` is a code, `facts` the numbers its sentence is made of."""

    ticket: str
    counter: str
    reason: str
    waited: float
    facts: dict[str, Any] = field(default_factory=dict)
    runner_up: str | None = None
    corrected: bool = False  # the clock was put right while the person waited


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRecalled(Event):
    """The same person is called again; `time` is 2 for the first recall."""

    ticket: str
    counter: str
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStarted(Event):
    """The person is at the counter: the call was answered. `implied` when the officer went straight to the end."""

    ticket: str
    counter: str
    implied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFinished(Event):
    """The matter is done at this counter."""

    ticket: str
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedByMouth(Event):
    """While the server was away a counter called the person by word of mouth and was done with them at `served_at`.

    `waited`: to that moment, or to the call where there was one.
    """

    ticket: str
    counter: str
    served_at: datetime
    waited: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMissed(Event):
    """The person did not come (quá lượt)."""

    ticket: str
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketReinstated(Event):
    """A missed person reported back in time and is placed behind some of the line."""

    ticket: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketHeld(Event):
    """The matter rests (a form to fill, a copy to make); the counter is free meanwhile."""

    ticket: str
    counter: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketResumed(Event):
    """A held person is served again at this counter."""

    ticket: str
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTransferred(Event):
    """The person waits again, for another service or one counter; time already waited is credited in `since`."""

    ticket: str
    counter: str
    service: str
    to_counter: str | None
    return_to: str | None
    since: datetime
    note: str = ""
    returned: bool = False  # the office sent the person back to who had asked for it


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPutBack(Event):
    """A call was made by mistake: the person waits again in the old place."""

    ticket: str
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketExpired(Event):
    """The day ended before the person was served. `abandoned`: it was a day that a wrong clock had opened."""

    ticket: str
    abandoned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRated(Event):
    """The person rated the visit (1–4) with reasons from the list."""

    ticket: str
    score: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpRequested(Event):
    """Somebody at a kiosk asked for a guide (R-12)."""

    help: str
    kiosk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpGiven(Event):
    """A guide came."""

    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReported(Event):
    """A device changed its health; `problem` is None when it works."""

    device: str
    problem: str | None


EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}
