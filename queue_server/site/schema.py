"""The shape of the site file; docs/site-file.md explains every key."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from queue_server.contract.buttons import ONE_BUTTON, Button
from queue_server.contract.printer import printer_address
from queue_server.queue.config import ClassKind, Policy, ReservationKind
from queue_server.queue.policy import policy_problems

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Minutes = Annotated[float, Field(gt=0, le=24 * 60)]
_SPAN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _checked_span(text: str) -> str:
    if not _SPAN.match(text):
        raise ValueError('write opening times as "07:30-11:30" (24-hour clock, two digits)')
    start, end = span_minutes(text)
    if end <= start:
        raise ValueError("the hours end before they start; for a night split them at 24:00")
    return text


def span_minutes(text: str) -> tuple[int, int]:
    """ "07:30-11:30" as minutes after midnight."""
    opens, shuts = text.split("-")
    return _minute(opens), _minute(shuts)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _checked_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError('unknown time zone; use a name such as "Asia/Ho_Chi_Minh"')
    return name


Span = Annotated[str, AfterValidator(_checked_span)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Name(_Strict):
    """A text in the languages of the office."""

    vi: Text
    en: Text


class UnitType(StrEnum):
    """Kind of one-stop unit; districts exist only in old data."""

    PROVINCE_CENTER = "province_center"
    COMMUNE_CENTER = "commune_center"
    BRANCH = "branch"
    RECEPTION_POINT = "reception_point"
    DISTRICT = "district"


class ZoneFile(_Strict):
    """A part of the hall with its own board."""

    id: Slug
    name: Name


class ServiceFile(_Strict):
    """One line of the office, with the fields and procedures it receives."""

    id: Slug
    name: Name
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    zone: Slug
    minutes: Minutes = 10
    fields: list[Slug] = []
    procedures: list[Slug] = []
    counter_service: Slug | None = None
    hours: Slug | None = None
    walk_in: bool = True
    phone: bool = False


class CounterFile(_Strict):
    """One counter and the services it can do."""

    id: Slug
    label: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,4}$")]
    zone: Slug
    name: Name | None = None
    services: list[Slug] = Field(min_length=1)
    hours: Slug | None = None


class WeekFile(_Strict):
    """Opening times per weekday; a day left out is closed."""

    mon: list[Span] = []
    tue: list[Span] = []
    wed: list[Span] = []
    thu: list[Span] = []
    fri: list[Span] = []
    sat: list[Span] = []
    sun: list[Span] = []


class ExceptionFile(_Strict):
    """A day that differs: without `open` it is a holiday."""

    day: date
    open: list[Span] = []
    note: Name | None = None


class ScheduleFile(_Strict):
    """Named opening hours, of the office or of a vertical agency."""

    id: Slug
    name: Name
    always: bool = False
    week: WeekFile | None = None
    exceptions: list[ExceptionFile] = []


class PriorityClassFile(_Strict):
    """A class of people; the list is open (R-15)."""

    id: Slug
    kind: ClassKind
    name: Name
    target_minutes: Minutes = 15
    ceiling_minutes: Minutes | None = None
    weight: float = Field(default=1.0, gt=0, le=100)
    self_declared: bool = True
    age: int | None = Field(default=None, ge=0, le=120)


class Weekday(StrEnum):
    """A day of the week, as in a schedule."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class ReservationFile(_Strict):
    """Counters that keep to services or classes, or services that keep to counters, at given hours."""

    kind: ReservationKind
    counters: list[Slug] = Field(min_length=1)
    services: list[Slug] = []
    classes: list[Slug] = []
    hours: Span = "00:00-24:00"
    days: list[Weekday] = []


FITTED = ("index", "look-ahead")  # policies whose numbers are fitted at night


class PolicyFile(_Strict):
    """The rules of calling."""

    name: Slug = "index"
    ordinary_per_priority: int = Field(default=2, ge=0, le=100)
    ceiling_multiple: float = Field(default=3.0, ge=1, le=100)
    options: dict[str, float] = {}
    reservations: list[ReservationFile] = []
    own_first: bool = True
    least_flexible_first: bool = False
    grace_seconds: float = Field(default=20, ge=0, le=120)
    fitted: Literal["offered", "nightly"] = "offered"

    @model_validator(mode="after")
    def _known(self) -> "PolicyFile":
        wrong = [en for _, en in policy_problems(Policy(name=self.name, options=dict(self.options)))]
        if self.fitted == "nightly" and self.name not in FITTED:
            wrong.append(f"fitted: nightly is for {' and '.join(FITTED)}: {self.name} has no numbers to fit")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


class RulesFile(_Strict):
    """What is allowed around a call."""

    recall_limit: int = Field(default=3, ge=0, le=20)
    recall_gap_seconds: float = Field(default=15, ge=0, le=600)
    no_show_after_seconds: float = Field(default=30, ge=0, le=600)
    reinstate_within_minutes: float = Field(default=30, ge=0, le=24 * 60)
    reinstate_after: int = Field(default=3, ge=0, le=100)
    postpone_limit: int = Field(default=2, ge=0, le=20)
    postpone_max_minutes: float = Field(default=60, ge=0, le=24 * 60)
    appointment_early_minutes: float = Field(default=10, ge=0, le=240)
    appointment_late_minutes: float = Field(default=15, ge=0, le=240)
    lease_size: int = Field(default=20, ge=1, le=200)


class Measure(StrEnum):
    """What a target is compared with."""

    VISIT_WAIT = "visit_wait"  # ticket issued → first call, once per visit
    TRANSACTION_WAIT = "transaction_wait"  # the same for every ticket and transfer
    COUNTER_TIME = "counter_time"  # call → finish


class TargetFile(_Strict):
    """One row of the target table, with its source."""

    id: Slug
    year: int = Field(ge=2000, le=2100)
    measure: Measure
    minutes: Minutes
    direction: Literal["max", "min"] = "max"
    chosen: bool
    source: Text
    quote: Text | None = None


class TargetsFile(_Strict):
    """The target table and the row that is watched live."""

    live: Slug
    rows: list[TargetFile] = Field(min_length=1)


def _printer(text: str) -> str:
    printer_address(text)
    return text


Printer = Annotated[str, StringConstraints(max_length=100, strip_whitespace=True), AfterValidator(_printer)]


class KioskFile(_Strict):
    """One kiosk."""

    id: Slug
    zone: Slug
    name: Name | None = None
    languages: list[Language] = Field(default=["vi", "en"], min_length=1)
    orientation: Literal["portrait", "landscape"] = "portrait"
    printer: Printer | None = None
    services: list[Slug] = []


class BoardFile(_Strict):
    """One hall board."""

    id: Slug
    zone: Slug
    name: Name | None = None
    speaks: bool = False
    languages: list[Language] = Field(default=["vi"], min_length=1)


class ButtonFile(_Strict):
    """A Tasmota or Zigbee button on a counter."""

    topic: Annotated[
        str, StringConstraints(pattern=r"^(stat/[A-Za-z0-9_-]{1,64}/RESULT|zigbee2mqtt/[^/+#\s]{1,64}(/action)?)$")
    ]
    counter: Slug
    gestures: dict[Annotated[str, StringConstraints(pattern=r"^[1-9]\d?_(single|double|triple|hold)$")], Button] = dict(
        ONE_BUTTON
    )


class OfficerFile(_Strict):
    """Somebody who may serve."""

    id: Slug
    name: Text
    counters: list[Slug] = []


class SiteFile(_Strict):
    """A whole site file."""

    site: Slug
    example: bool = False
    name: Name
    unit_type: UnitType = UnitType.COMMUNE_CENTER
    address: Name
    timezone: Annotated[str, AfterValidator(_checked_zone)] = "Asia/Ho_Chi_Minh"
    public_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/[^\s]*)?$")] | None = None
    phone_channel: bool = False
    phone_numbers_per_address: Annotated[int, Field(ge=1, le=10_000)] = 30
    catalogues: list[Text] = []
    everyday: Text | None = None
    connected_data: list[Slug] = []
    zones: list[ZoneFile] = Field(min_length=1)
    schedules: list[ScheduleFile] = Field(min_length=1)
    hours: Slug
    services: list[ServiceFile] = Field(min_length=1)
    without_service: dict[Slug, Text] = {}
    counters: list[CounterFile] = Field(min_length=1)
    classes: list[PriorityClassFile] = Field(min_length=1)
    default_class: Slug = "walk_in"
    policy: PolicyFile = PolicyFile()
    rules: RulesFile = RulesFile()
    targets: TargetsFile
    kiosks: list[KioskFile] = []
    boards: list[BoardFile] = []
    officers: list[OfficerFile] = []
    buttons: list[ButtonFile] = []
