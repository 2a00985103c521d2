"""View rows: what one page or screen needs to draw itself, and nothing more. Frozen.

Waits are whole minutes rounded outward to what may be shown; None means "not known" (no open counter).
`Words` maps a language ("vi", "en") to a text.
"""

from dataclasses import dataclass
from datetime import datetime

from queue_server.contract.follower import FollowerRow
from queue_server.contract.sending import SentRow, TransferRow, WarningRow
from queue_server.contract.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A waiting interval in minutes: 80 % of people wait between `low` and `high`."""

    low: int
    likely: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One call on a board. `time` is 1 for the call and 2… for recalls; `id` changes with every call and recall."""

    id: str
    number: str
    counter: str
    counter_label: str
    zone: str
    called_at: datetime
    time: int
    serving: bool
    priority: bool
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """A service with its live wait. `state` is open, no-counter or closed."""

    id: str
    name: Words
    prefix: str
    zone: str
    waiting: int
    wait: Wait | None
    counters: tuple[str, ...]  # labels of the open counters that serve it
    state: str
    walk_in: bool = True
    phone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRow:
    """A counter as others see it. `doing` is idle, called or serving."""

    id: str
    label: str
    zone: str
    name: Words
    status: str
    officer: str | None
    services: tuple[str, ...]
    number: str | None
    doing: str
    since: datetime | None
    served: int
    pause_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """A hall board of one zone; `zone` "all" shows every zone."""

    zone: str
    zone_name: Words
    unit_name: Words
    as_of: datetime
    open: bool
    calls: tuple[CallRow, ...]
    services: tuple[ServiceRow, ...]
    counters: tuple[CounterRow, ...]
    missed: tuple[str, ...]
    mean_wait: float | None  # minutes, today, per visit
    target: float  # minutes
    speaks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """A ticket as staff see it; `waited` and `handled` are minutes so far."""

    id: str
    number: str
    service: str
    service_name: Words
    class_id: str
    class_name: Words
    priority: bool
    state: str
    waited: float
    handled: float | None
    taken_at: datetime
    called_at: datetime | None
    counter_label: str | None
    procedure: str | None
    calls: int
    note: str
    over_target: bool
    provisional: bool = False
    due_at: datetime | None = None  # booked for or postponed to a time that is still to come
    claimed: str | None = None  # class with priority that was claimed by phone and that nobody has confirmed
    claimed_name: Words | None = None
    back_label: str | None = None  # the counter that the person goes back to when this matter ends
    back_service: Words | None = None  # the service they wait in again, where that counter has closed


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRow:
    """Who *next* will call and why; `reason` is a sentence, `code` stable."""

    number: str
    service_name: Words
    waited: float
    code: str
    reason: Words
    runner_up: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtesyRow:
    """Whoever waits is left to idle counters (their labels) for so many seconds at most."""

    seconds: int
    counters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpRow:
    id: str
    kiosk: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleView:
    """The officer's console of one counter."""

    as_of: datetime
    day_open: bool
    counter: CounterRow
    current: TicketRow | None
    next: NextRow | None
    waiting: tuple[TicketRow, ...]  # callable by this counter, in order of arrival
    held: tuple[TicketRow, ...]
    missed: tuple[TicketRow, ...]  # may still report back
    counters: tuple[CounterRow, ...]
    services: tuple[ServiceRow, ...]
    classes: tuple[tuple[str, Words], ...]
    recalls_left: int
    helps: tuple[HelpRow, ...]
    problems: tuple[tuple[str, str], ...]  # device, problem code
    mean_wait: float | None
    target: float
    resting: bool = False  # look-ahead is in force and nothing looks ahead: the index calls
    courtesy: CourtesyRow | None = None  # why nobody is next although people wait
    sent: tuple[SentRow, ...] = ()  # sent on from here, to come back
    transfers: tuple[TransferRow, ...] = ()
    closing: tuple[WarningRow, ...] = ()  # what closing the counter now would do


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenView:
    """The phone page of one ticket. `can` lists what its owner may do: postpone, cancel, feedback."""

    as_of: datetime
    number: str
    unit_name: Words
    service_name: Words
    class_name: Words
    state: str
    people_ahead: int
    wait: Wait | None
    counters: tuple[str, ...]  # labels where it may be called
    counter_label: str | None
    taken_at: datetime
    called_at: datetime | None
    language: str
    can: tuple[str, ...]
    claimed_name: Words | None = None  # class with priority that a desk has still to confirm
    others: tuple[tuple[Words, str], ...] = ()  # other services of the visit and their state


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """One row of the target table: its minutes, year and source, and whether today meets it."""

    id: str
    year: int
    minutes: float
    unit: Words
    source: str
    quote: str
    kind: str  # wait or handling
    direction: str  # max or min
    chosen: bool
    value: float | None  # minutes, today
    met: bool | None
    note: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFigures:
    """Today's figures of one service, minutes and shares (0–1)."""

    id: str
    name: Words
    issued: int
    served: int
    waiting: int
    missed: int
    mean_wait: float | None
    p90_wait: float | None
    over_target: float | None
    mean_handled: float | None
    longest_now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterFigures:
    """Today's figures of one counter."""

    row: CounterRow
    served: int
    mean_handled: float | None
    open_minutes: float
    paused_minutes: float
    busy_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HourFigures:
    """One local hour: tickets issued, calls made, mean wait of those called (minutes)."""

    hour: int
    issued: int
    called: int
    mean_wait: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """How likely the target is missed. `scope` is hour or day, `level` safe, amber or red; minutes, 80 % interval."""

    scope: str
    level: str
    probability: float
    mean: float
    low: float
    high: float
    target: float
    cause: str | None  # code; None while safe
    text: Words  # a sentence: what is expected and why


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRow:
    """A move that is possible now. Person-minutes saved in the next hours, 80 % interval, and per officer-hour."""

    id: str
    kind: str
    text: Words  # the move: "Mở quầy 4"
    effect: Words  # what it saves, in words
    saved: float
    low: float
    high: float
    per_hour: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """What an applied move did to the mean wait of the hour after it, minutes; None while it is too early to say."""

    at: datetime
    text: Words
    actual: float | None
    without: float | None
    verdict: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyRow:
    """How good the announced waits of one closed day were."""

    day: str
    tickets: int
    inside: float  # share called within the interval
    mean_error: float  # minutes
    predictor: str
    minutes_error: float | None = None  # of the minutes foretold for the counter; None: too few tickets yet
    minutes_better: float = 0.0  # share by which that beats the usual minutes of the service; 0: those speak


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """The office's clock and its machine's, to the minute, where they differ so much that a person must decide."""

    office: datetime
    wall: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerView:
    """The manager's page."""

    as_of: datetime
    day: str
    unit_name: Words
    open: bool
    issued: int
    served: int
    waiting: int
    at_counters: int
    missed: int
    cancelled: int
    mean_wait: float | None  # per visit: issue → first answered call
    mean_wait_transaction: float | None
    over_target: float | None  # share of visits over the target
    longest_now: float
    mean_handled: float | None
    target: float
    targets: tuple[TargetRow, ...]
    services: tuple[ServiceFigures, ...]
    counters: tuple[CounterFigures, ...]
    hours: tuple[HourFigures, ...]
    helps: tuple[HelpRow, ...]
    problems: tuple[tuple[str, str], ...]
    rating: float | None = None
    ratings: int = 0
    clock: ClockRow | None = None  # the clocks differ
    follower: FollowerRow | None = None  # None: no office that serves
    resting: bool = False  # look-ahead is in force and nothing looks ahead
    forecast_at: datetime | None = None  # None: no forecast at hand, waits come from the virtual schedule
    risks: tuple[RiskRow, ...] = ()
    advice: tuple[AdviceRow, ...] = ()
    effects: tuple[EffectRow, ...] = ()
    accuracy: tuple[AccuracyRow, ...] = ()  # newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsRow:
    """What a class is promised; minutes. `ceiling` None: the policy's multiple of the target."""

    id: str
    name: Words
    kind: str
    target: float
    ceiling: float | None
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationRow:
    """Who keeps to whom; `begins` and `ends` as "07:30", `days` as "mon" … "sun"."""

    kind: str
    counters: tuple[str, ...]
    services: tuple[str, ...]
    classes: tuple[str, ...]
    begins: str
    ends: str
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyView:
    """The rules of calling in force, and what of the office they speak of. Minutes, the grace in seconds."""

    name: str
    ordinary_per_priority: int
    ceiling_multiple: float
    options: dict[str, float]
    classes: tuple[TermsRow, ...] = ()
    reservations: tuple[ReservationRow, ...] = ()
    own_first: bool = True
    least_flexible_first: bool = False
    grace: float = 20.0
    appointment_early: float = 10.0
    appointment_late: float = 15.0
    counters: tuple[tuple[str, str], ...] = ()  # id, label
    services: tuple[tuple[str, Words], ...] = ()
    nightly: Words | None = None  # what was taken of the nightly fit, where the site file lets the office take it
    site_waits: Words | None = None  # why the site file as it was read takes over only when the next day opens
