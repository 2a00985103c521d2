"""HTTP bodies and MQTT payloads, as pydantic models. Unknown fields are refused."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Slug = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
Text = Annotated[str, Field(max_length=200)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]  # HH:MM
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class Strict(BaseModel):
    """Base of everything that comes from outside."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WantedBody(Strict):
    """One thing a person came for: a service, or a procedure that the site maps to its service.

    The facts tell how long it will take; what is left out is not known. `cases`: ids of the procedure's case questions
    answered with yes, [] when all were answered with no. `ready`: the person has all papers.
    """

    service: Slug | None = None
    procedure: Slug | None = None
    cases: Annotated[tuple[Slug, ...], Field(max_length=20)] | None = None
    papers: Annotated[int, Field(ge=0, le=500)] | None = None
    copies: Annotated[int, Field(ge=0, le=500)] | None = None
    supplement: bool | None = None
    ready: bool | None = None
    form_filled: bool | None = None

    @model_validator(mode="after")
    def one_of(self) -> "WantedBody":
        if self.service is None and self.procedure is None:
            raise ValueError("give a service or a procedure")
        return self


class TicketBody(WantedBody):
    """`POST /tickets`. `also` holds further services of the same visit."""

    priority: Slug | None = None
    language: Language = "vi"
    channel: Literal["kiosk", "desk", "phone", "simulator"] = "kiosk"
    appointment_at: AwareDatetime | None = None
    also: Annotated[tuple[WantedBody, ...], Field(max_length=5)] = ()


class HandInBody(WantedBody):
    """`POST /kiosks/{id}/hand-in`: a number issued from the lease while the server was away."""

    number: Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{3,6}$")]
    taken_at: AwareDatetime
    day: Annotated[str | None, Field(pattern=r"^[0-9]{8}$")] = None  # of the lease; kiosks of before leave it out
    priority: Slug | None = None
    language: Language = "vi"


class ClockAnswer(BaseModel):
    """`GET /clock`: both clocks. `ahead`: seconds by which the machine's is before the office's, negative behind.

    `agrees`: they differ by no more than anybody notices; `followed`: by so little that it is made up by itself.
    `speed`: office seconds a second, 1 but in a demonstration.
    """

    office: AwareDatetime
    machine: AwareDatetime
    ahead: float
    agrees: bool
    followed: bool
    speed: float = 1.0
    last_entry: AwareDatetime | None
    timezone: str


class WaitMinutes(BaseModel):
    low: int
    likely: int
    high: int


class TicketAnswer(BaseModel):
    """201 of `POST /tickets` and `hand-in`."""

    id: str
    number: str
    service: str
    token: str
    people_ahead: int
    wait: WaitMinutes | None
    issued_at: datetime
    visit: str
    url: str
    counters: list[str]
    provisional: bool = False


class LeasedNumber(BaseModel):
    number: str
    prefix: str
    token: str
    url: str


class LeaseAnswer(BaseModel):
    """200 of `POST /kiosks/{id}/lease`: the numbers in hand, lowest first per prefix, for this office day."""

    day: str
    at: datetime
    numbers: list[LeasedNumber]


class PrintReportBody(Strict):
    ticket: Annotated[str, Field(max_length=64)]
    problem: Slug | None = None


class DeviceBody(Strict):
    device: Slug
    problem: Slug | None = None


class OpenCounterBody(Strict):
    officer: Text | None = None
    services: Annotated[tuple[Slug, ...], Field(max_length=60)] | None = None


class ReskillBody(Strict):
    services: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=60)]


class PauseBody(Strict):
    reason: Text = ""


class CallNextBody(Strict):
    finish_current: bool = False


class TicketChoiceBody(Strict):
    """Names a waiting, held or missed ticket by its id or its number."""

    ticket: Annotated[str, Field(min_length=1, max_length=64)]


class ServedByMouthBody(Strict):
    """Names a ticket as `TicketChoiceBody` does; `at` is when the counter was done with the person."""

    ticket: Annotated[str, Field(min_length=1, max_length=64)]
    at: AwareDatetime


class HoldBody(Strict):
    reason: Text = ""


class TransferBody(Strict):
    service: Slug | None = None
    counter: Slug | None = None
    return_to_sender: bool = False
    note: Text = ""


class PostponeBody(Strict):
    minutes: Annotated[float, Field(gt=0, le=240, allow_inf_nan=False)] = 10


class FeedbackBody(Strict):
    score: Annotated[int, Field(ge=1, le=4)]
    reasons: Annotated[tuple[Slug, ...], Field(max_length=10)] = ()


class PriorityBody(Strict):
    ticket: Annotated[str, Field(min_length=1, max_length=64)]
    priority: Slug


class ClassTermsBody(Strict):
    """What the policy promises a class; without `ceiling_minutes` the policy's multiple of the target holds."""

    target_minutes: Annotated[float, Field(gt=0, le=24 * 60, allow_inf_nan=False)]
    ceiling_minutes: Annotated[float, Field(gt=0, le=24 * 60, allow_inf_nan=False)] | None = None
    weight: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 1


class ReservationBody(Strict):
    """`counter`: the counters call only these services or classes; `service`: the services only at these counters."""

    kind: Literal["counter", "service"]
    counters: Annotated[tuple[Slug, ...], Field(max_length=100)]
    services: Annotated[tuple[Slug, ...], Field(max_length=100)] = ()
    classes: Annotated[tuple[Slug, ...], Field(max_length=100)] = ()
    hours: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")] = "00:00-24:00"
    days: Annotated[tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Field(max_length=7)] = ()


class PolicyBody(Strict):
    """The rules of calling; what is left out stays as it is."""

    name: Slug = "ratio"
    ordinary_per_priority: Annotated[int, Field(ge=0, le=100)] = 2
    ceiling_multiple: Annotated[float, Field(ge=1, le=100, allow_inf_nan=False)] = 3
    options: Annotated[
        dict[Annotated[str, Field(max_length=80)], Annotated[float, Field(allow_inf_nan=False)]], Field(max_length=80)
    ] = {}
    classes: Annotated[dict[Slug, ClassTermsBody], Field(max_length=100)] = {}
    reservations: Annotated[tuple[ReservationBody, ...], Field(max_length=100)] = ()
    own_first: bool = True
    least_flexible_first: bool = False
    grace_seconds: Annotated[float, Field(ge=0, le=120, allow_inf_nan=False)] = 20
    appointment_early_minutes: Annotated[float, Field(ge=0, le=240, allow_inf_nan=False)] | None = None
    appointment_late_minutes: Annotated[float, Field(ge=0, le=240, allow_inf_nan=False)] | None = None


class ReplayBody(Strict):
    """`POST /replay`: one past day or the last few, and the one thing that should have been different.

    `policy` needs `policy`; `open` a counter and `at`, perhaps `until`; `without` a counter; `break` a counter, `at`
    and `minutes`. Times are the office's own clock.
    """

    day: date | None = None
    last: Annotated[int, Field(ge=1, le=30)] | None = None
    change: Literal["policy", "open", "without", "break"]
    policy: Slug | None = None
    counter: Slug | None = None
    at: Clock | None = None
    until: Clock | None = None
    minutes: Annotated[int, Field(ge=0, le=480)] | None = None
    language: Literal["vi", "en"] = "vi"

    @model_validator(mode="after")
    def complete(self) -> "ReplayBody":
        if (self.day is None) == (self.last is None):
            raise ValueError("give a day, or how many of the last days")
        needed, allowed = CHANGE_FIELDS[self.change]
        given = {name for name in ("policy", "counter", "at", "until", "minutes") if getattr(self, name) is not None}
        if not needed <= given <= needed | allowed:
            raise ValueError(f"{self.change} needs {', '.join(sorted(needed))} and nothing else")
        if self.at is not None and self.until is not None and self.until <= self.at:
            raise ValueError("the counter would close before it opens")
        return self


CHANGE_FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {  # what each change needs, and may have
    "policy": (frozenset({"policy"}), frozenset()),
    "open": (frozenset({"counter", "at"}), frozenset({"until"})),
    "without": (frozenset({"counter"}), frozenset()),
    "break": (frozenset({"counter", "at", "minutes"}), frozenset()),
}


class DeviceCommand(Strict):
    """MQTT `counter/{counter}/command`: as the console. Idempotent by `id`, refused after `expires`."""

    v: Literal[1] = 1
    id: Annotated[str, Field(min_length=8, max_length=64)]
    command: Literal[
        "open", "pause", "unpause", "close", "call-next", "call", "recall", "start", "finish", "no-show", "hold",
        "resume", "transfer", "return", "served-by-mouth",
    ]  # fmt: skip
    expires: AwareDatetime | None = None
    arguments: dict[str, Any] = {}


class CommandAnswer(BaseModel):
    """MQTT `counter/{counter}/answer`: carries the `id` of its command."""

    v: int = 1
    id: str
    ok: bool
    code: str | None = None
    detail: str | None = None
    number: str | None = None


class KeypadEvent(Strict):
    """MQTT `counter/{counter}/keypad/event`: one press; (`boot`, `seq`) tells repeats apart."""

    v: Literal[1] = 1
    id: Annotated[str, Field(min_length=8, max_length=64)]
    button: Literal["next", "recall", "start", "finish", "no-show", "hold", "pause"]
    seq: Annotated[int, Field(ge=0, lt=2**53)]
    boot: Annotated[str, Field(max_length=64)]
