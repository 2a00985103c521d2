"""Shapes of what travels on MQTT, as pydantic models; requests stand in `queue_server.contract.messages`."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from queue_server.contract.messages import Slug

Count = Annotated[int, Field(ge=0)]
Minutes = Annotated[int, Field(ge=0)]


class Told(BaseModel):
    """Base of what the server says: exactly these fields, so nothing personal slips in."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class State(Told):
    """Base of retained state. Order by (`epoch`, `seq`), never by `at`.

    `epoch` rises with every start of the server, `seq` while it runs; states sent together share both.
    """

    v: Literal[1]
    at: AwareDatetime
    epoch: Count
    seq: Count


class WaitInterval(Told):
    """Minutes: 80 % of people wait between `low` and `high`."""

    low: Minutes
    likely: Minutes
    high: Minutes


class OfficeState(State):
    """The office; `mean_wait` (today, per visit) and `target` are minutes."""

    open: bool
    unit_name: dict[str, str]
    mean_wait: float | None
    target: float


class ServiceState(State):
    """A service; `counters` are the labels of its open counters, `wait` is null while nobody knows."""

    service: str
    waiting: Count
    wait: WaitInterval | None
    counters: list[str]
    state: Literal["open", "no-counter", "closed"]


class CounterState(State):
    """A counter; `times` is 1 for the call and more with each recall, 0 while nobody is called."""

    counter: str
    label: str
    zone: str
    status: Literal["open", "paused", "closed"]
    doing: Literal["idle", "called", "serving"]
    number: str | None
    called_at: AwareDatetime | None
    times: Count


class BoardCall(Told):
    """One line of a board. `id` changes with every call and recall."""

    id: str
    number: str
    counter: str
    counter_label: str
    zone: str
    called_at: AwareDatetime
    time: Count
    serving: bool
    priority: bool
    language: str


class BoardCalls(State):
    """The last calls of a zone, newest first."""

    zone: str
    calls: list[BoardCall]


class CallData(Told):
    """A call or recall. `times` is 1 for the call; `priority` only tells the voice what to say."""

    number: str
    counter: str
    counter_label: str
    zone: str
    times: Annotated[int, Field(ge=1)]
    priority: bool
    language: str


class AlertData(Told):
    """Something that somebody must look after; which of the ids are given depends on `kind`."""

    kind: Literal[
        "help-called", "help-given", "device-fault", "device-well", "print-failed", "target-at-risk", "target-safe"
    ]
    kiosk: str | None = None
    help: str | None = None
    number: str | None = None
    device: str | None = None
    problem: str | None = None
    service: str | None = None
    counter: str | None = None
    zone: str | None = None
    minutes: float | None = None


class CloudEvent(Told):
    """The envelope of CloudEvents 1.0 in structured JSON; `epoch` and `seq` are extensions that give the order."""

    specversion: Literal["1.0"]
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
    source: str
    time: AwareDatetime
    datacontenttype: Literal["application/json"]
    epoch: Count
    seq: Count


class CallEvent(CloudEvent):
    """`call`."""

    type: Literal["motcua.call.v1"]
    data: CallData


class AlertEvent(CloudEvent):
    """`alert`."""

    type: Literal["motcua.alert.v1"]
    data: AlertData


class Presence(BaseModel):
    """What a device or kiosk says of itself, and its last will (`online` false). More fields may follow."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    v: Literal[1] = 1
    online: Annotated[bool, Field(strict=True)]
    problem: Slug | None = None
    boot: Annotated[str, Field(max_length=64)] = ""
