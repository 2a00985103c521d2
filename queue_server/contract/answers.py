"""What each call answers, as models: for the OpenAPI document and for whoever writes a client.

Answers are written from the office's rows without passing through these models; the tests hold every real answer of
the door against them. `views.py` has the rows, `answers_catalogue.py` what the catalogue answers, `messages.py` the
answers that other programs of ours read.
"""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from queue_server.contract.sending import WarningRow
from queue_server.contract.views import (
    AccuracyRow,
    AdviceRow,
    CounterRow,
    EffectRow,
    RiskRow,
    ServiceRow,
    TargetRow,
    TicketRow,
)
from queue_server.contract.words import Words


class ServicesAnswer(BaseModel):
    services: tuple[ServiceRow, ...]
    open: bool
    as_of: datetime


class StaffTicketAnswer(BaseModel):
    """The ticket after what staff did with it."""

    id: str
    number: str
    state: str


class ClassChoice(BaseModel):
    id: str
    name: Words
    kind: str


class KioskAnswer(BaseModel):
    """What a kiosk is, and the office around it."""

    id: str
    site: str
    zone: str
    name: Words
    unit_name: Words
    languages: tuple[str, ...]
    orientation: str
    printer: str | None
    services: tuple[str, ...]
    classes: tuple[ClassChoice, ...]
    open: bool
    opens_at: datetime | None
    closes_at: datetime | None
    hours: Words
    server_time: datetime
    timezone: str
    public_url: str


class PrintReportAnswer(BaseModel):
    ticket: str


class HelpAnswer(BaseModel):
    help: str | None


class HelpDoneAnswer(BaseModel):
    help: str
    done: bool


class DeviceAnswer(BaseModel):
    device: str
    problem: str | None


class HallCounterRow(BaseModel):
    """A counter as boards and kiosks read it."""

    id: str
    label: str
    zone: str
    name: Words
    status: str
    services: tuple[str, ...]
    number: str | None
    doing: str
    since: datetime | None
    served: int


class HallTicketRow(BaseModel):
    """A ticket as boards read it."""

    id: str
    number: str
    service: str
    service_name: Words
    state: str
    waited: float
    handled: float | None
    taken_at: datetime
    called_at: datetime | None
    counter_label: str | None
    calls: int
    over_target: bool
    provisional: bool


class CountersAnswer(BaseModel):
    """Staff read whole rows, a kiosk what stands in the hall."""

    counters: tuple[CounterRow, ...] | tuple[HallCounterRow, ...]
    as_of: datetime


class SessionAnswer(BaseModel):
    """The counter and whom it serves after a command."""

    counter: CounterRow
    ticket: TicketRow | None
    warnings: tuple[WarningRow, ...] = ()


class Reason(BaseModel):
    """Why this number: a stable code, a sentence in both languages."""

    code: str
    vi: str
    en: str


class CallAnswer(BaseModel):
    """The called ticket; minutes."""

    id: str
    number: str
    service: str
    service_name: Words
    class_id: str
    class_name: Words
    procedure: str | None
    counter: str
    counter_label: str
    state: str
    called_at: datetime
    taken_at: datetime
    waited: float
    reason: Reason
    runner_up: str | None


class ClassTerms(BaseModel):
    target_minutes: float
    ceiling_minutes: float | None
    weight: float


class Reservation(BaseModel):
    kind: str
    counters: tuple[str, ...]
    services: tuple[str, ...]
    classes: tuple[str, ...]
    hours: str
    days: tuple[str, ...]


class PolicyAnswer(BaseModel):
    """The rules of calling in force, in the shape of their body."""

    name: str
    ordinary_per_priority: int
    ceiling_multiple: float
    options: dict[str, float]
    classes: dict[str, ClassTerms]
    reservations: tuple[Reservation, ...]
    own_first: bool
    least_flexible_first: bool
    grace_seconds: float
    appointment_early_minutes: float
    appointment_late_minutes: float


class WrongPoint(BaseModel):
    field: str
    message: str
    message_vi: str


class PolicyCheckAnswer(BaseModel):
    errors: tuple[WrongPoint, ...]
    changes: tuple[Words, ...]


class StateAnswer(BaseModel):
    """The office now; a board reads nothing of people."""

    as_of: datetime
    day: str
    open: bool
    seq: int
    counters: tuple[CounterRow, ...] | tuple[HallCounterRow, ...]
    services: tuple[ServiceRow, ...]
    tickets: tuple[TicketRow, ...] | tuple[HallTicketRow, ...]
    mean_wait: float | None
    target: float
    policy: PolicyAnswer


class ReplayDaysAnswer(BaseModel):
    days: tuple[str, ...]


class ReplaySide(BaseModel):
    """One day as it was, as it is replayed, or with the change; minutes and shares."""

    visits: int
    unserved: int
    mean: float | None
    p90: float | None
    over: float | None


class ReplayDay(BaseModel):
    day: date
    actual: ReplaySide
    replayed: ReplaySide
    changed: ReplaySide


class ReplayDifference(BaseModel):
    """A paired difference with its 95 % interval; no interval for one day."""

    mean: float
    low: float | None
    high: float | None


class ReplayGroup(BaseModel):
    """The mean wait of one service or class, minutes."""

    id: str
    actual: float | None
    replayed: float | None
    changed: float | None
    difference: ReplayDifference


class ReplayAnswer(BaseModel):
    """Past days beside what they would have been. `page`: the texts of the manager's page."""

    change: str
    days: tuple[ReplayDay, ...]
    difference: dict[str, ReplayDifference]
    by_service: tuple[ReplayGroup, ...]
    by_class: tuple[ReplayGroup, ...]
    fidelity: float
    skipped: tuple[str, ...]
    empty: tuple[str, ...]
    touched: int
    text: tuple[str, ...]
    page: dict[str, Any]


class TargetsAnswer(BaseModel):
    targets: tuple[TargetRow, ...]
    as_of: datetime


class ForecastAnswer(BaseModel):
    as_of: datetime
    forecast_at: datetime | None
    risks: tuple[RiskRow, ...]
    advice: tuple[AdviceRow, ...]
    effects: tuple[EffectRow, ...]
    accuracy: tuple[AccuracyRow, ...]


class AdviceAnswer(BaseModel):
    advice: str
    applied: bool


class DayOfService(BaseModel):
    service: str
    issued: int
    served: int
    missed: int
    mean_wait: float | None
    over_target: float | None
    mean_handled: float | None


class DayReportAnswer(BaseModel):
    """One day from the journal's tables; minutes and shares."""

    day: str
    visits: int
    mean_wait: float | None
    over_target: float | None
    services: tuple[DayOfService, ...]


class AliveAnswer(BaseModel):
    ok: bool


class ReadyAnswer(BaseModel):
    """Each part: "ok", or what is wrong in words."""

    ready: bool
    parts: dict[str, str]
