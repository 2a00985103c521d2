"""What the kiosk knows of the office: fields, procedures, services, classes, and whether the server is there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as given
from datetime import datetime

from kiosk.lease import ZONE
from kiosk.trouble import Trouble

Words = Mapping[str, str]  # language → text


def said(words: Words, language: str) -> str:
    """The text in that language, else in Vietnamese, else in whichever there is."""
    return words.get(language) or words.get("vi") or next(iter(words.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of procedures (lĩnh vực)."""

    id: str
    name: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A yes/no question that tells whether some papers are needed."""

    id: str
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper of a dossier. `question` names the case in which it is needed; None: always.

    `amount` says how many originals and copies, `hint` whether it is only shown or may be left out.
    """

    code: str
    name: Words
    amount: Words = given(default_factory=dict)
    hint: Words = given(default_factory=dict)
    question: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fact as the catalogue tells it; `note` holds exceptions, and the mark of what is not certain."""

    text: Words = given(default_factory=dict)
    note: Words = given(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One administrative procedure. `service` None: this office does not receive it."""

    id: str
    code: str
    name: Words
    field: str
    service: str | None
    papers: tuple[Paper, ...] = ()
    questions: tuple[Question, ...] = ()
    fee: Told = given(default_factory=Told)
    time_limit: Told = given(default_factory=Told)
    where: Words = given(default_factory=dict)
    result: Words = given(default_factory=dict)

    def needed(self, cases: frozenset[str]) -> tuple[Paper, ...]:
        """The papers a person in these cases must bring or show."""
        return tuple(paper for paper in self.papers if paper.question is None or paper.question in cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A line of the office with its live wait in minutes; None where nothing is known."""

    id: str
    name: Words
    prefix: str
    waiting: int | None = None
    wait_low: int | None = None
    wait_high: int | None = None
    counters: tuple[str, ...] = ()
    walk_in: bool = True
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityClass:
    """A class of people that may say so themselves."""

    id: str
    name: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The office and this kiosk's place in it."""

    unit_name: Words = given(default_factory=lambda: {"vi": "Bộ phận Một cửa", "en": "One-stop shop"})
    languages: tuple[str, ...] = ("vi", "en")
    classes: tuple[PriorityClass, ...] = ()
    open: bool = True
    hours: Words = given(default_factory=dict)
    timezone: str = ZONE


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything the screens draw from, besides what the person did.

    `numbers_held`: numbers of today are at hand that this kiosk may issue alone. `trouble`: why the server is away.
    """

    office: Office = given(default_factory=Office)
    fields: tuple[Field, ...] = ()
    procedures: Mapping[str, Procedure] = given(default_factory=dict)
    services: Mapping[str, Service] = given(default_factory=dict)
    server_up: bool = True
    numbers_held: bool = True
    trouble: Trouble | None = None

    def procedures_of(self, field_id: str) -> tuple[Procedure, ...]:
        """The procedures of a field, in the catalogue's order."""
        return tuple(known for known in self.procedures.values() if known.field == field_id)

    def filled_fields(self) -> tuple[Field, ...]:
        """The fields that hold a procedure."""
        filled = {known.field for known in self.procedures.values()}
        return tuple(known for known in self.fields if known.id in filled)

    def plain_services(self) -> tuple[Service, ...]:
        """The services a person may take a number for without naming a procedure."""
        received = {known.service for known in self.procedures.values()}
        return tuple(known for known in self.services.values() if known.walk_in and known.id not in received)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One thing a person came for, with what the screens learned on the way. None: not asked.

    `ready`: has all papers, as the person says. `papers`: how many. `cases`: questions answered with yes.
    """

    service: str
    procedure: str | None = None
    ready: bool | None = None
    papers: int | None = None
    cases: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A number in somebody's hand. `provisional`: issued from the lease; `id` is then not known yet.

    `more` holds the numbers of further services where the lease had to give one number each.
    """

    command_id: str
    number: str
    service: str
    token: str
    url: str
    issued_at: datetime
    id: str | None = None
    people_ahead: int | None = None
    wait_low: int | None = None
    wait_high: int | None = None
    counters: tuple[str, ...] = ()
    class_id: str | None = None
    language: str = "vi"
    provisional: bool = False
    more: tuple["Ticket", ...] = ()
