"""Procedures (thủ tục hành chính) as data: components, fees, time limits and how sure we are. Pure."""

from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

Texts = dict[str, str]  # language → text; Vietnamese is always there


class Certainty(StrEnum):
    """How far a fact of the catalogue may be trusted."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ComponentKind(StrEnum):
    """Whether a paper is handed in or only shown."""

    SUBMIT = "submit"
    PRESENT = "present"


class TimeUnit(StrEnum):
    """Unit of a time limit; `SAME_DAY` carries a cut-off after which the next working day counts."""

    WORKING_DAY = "working_day"
    DAY = "day"
    HOUR = "hour"
    SAME_DAY = "same_day"


class Level(StrEnum):
    """Level of the administration that resolves a procedure."""

    COMMUNE = "commune"
    PROVINCE = "province"


class AcceptScope(StrEnum):
    """Where a dossier may be handed in (NĐ 118/2025)."""

    PROVINCE = "province"
    NATIONAL = "national"
    COMPETENT_OFFICE = "competent_office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The case in which a component is needed, with the yes/no question that tells it."""

    id: str
    text_vi: str
    question: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One paper of a dossier. `code` is stable within a catalogue version: "1.001193-02"."""

    code: str
    name: Texts
    kind: ComponentKind
    originals: int = 0
    copies: int = 0
    condition: Condition | None = None
    replaced_by_data: str | None = None  # the data base whose answer makes the paper unnecessary
    form: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeReduction:
    """A cut of the fee for a time: the amount is multiplied by `factor` from `starts` to `ends`, both included."""

    factor: float
    starts: date | None
    ends: date | None
    basis_vi: str | None

    def holds_on(self, day: date) -> bool:
        """Whether the cut is in force on that day."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What a procedure costs in đồng. `amount` 0: free; None: set elsewhere or not verified."""

    amount: int | None
    per: Texts | None = None
    exempt: Texts | None = None
    note: Texts | None = None
    note_to: date | None = None  # last day on which the note is true
    set_by_provincial_council: bool = False
    reduction: FeeReduction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """How long the office may take. `value` None: not known to this catalogue."""

    value: int | None
    unit: TimeUnit
    same_day_cutoff: time | None = None
    note: Texts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the citizen takes home."""

    name: Texts
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainties:
    """Certainty per aspect of a procedure."""

    code: Certainty
    time: Certainty
    fee: Certainty
    components: Certainty
    overall: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of procedures (lĩnh vực)."""

    id: str
    name: Texts
    suggested_prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterService:
    """Something done at a counter that is no procedure, e.g. collecting a result."""

    id: str
    name: Texts
    minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One administrative procedure (TTHC) as published."""

    id: str
    code: str
    name: Texts
    field: str
    field_name: Texts
    levels: tuple[Level, ...]
    components: tuple[Component, ...]
    time_limit: TimeLimit
    fee: Fee
    result: Result
    minutes: float  # expected at the counter, an estimate
    accept_scope: AcceptScope
    site_inspection: bool
    certainty: Certainties
    sources: tuple[str, ...]
    agency: Texts | None = None
    decision_vi: str | None = None
    note: str | None = None
    code_aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One published list of procedures and the days on which it is in force, both ends included."""

    id: str
    title: str
    status: str
    decision_vi: str | None
    in_force_from: date | None
    in_force_to: date | None
    sources: dict[str, str]
    fields: dict[str, Field]
    counter_services: dict[str, CounterService]
    procedures: dict[str, Procedure]

    def in_force_on(self, day: date) -> bool:
        """Whether this version is the law of that day, as far as its own dates say."""
        started = self.in_force_from is None or self.in_force_from <= day
        return started and (self.in_force_to is None or day <= self.in_force_to)

    def by_code(self, code: str) -> Procedure | None:
        """The procedure with this national code or one of its former codes."""
        for known in self.procedures.values():
            if code == known.code or code in known.code_aliases:
                return known
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogues:
    """All versions the office holds (R-28): a new list switches at its date, old days keep the old names."""

    versions: tuple[Catalogue, ...] = field(default_factory=tuple)  # oldest first

    def catalogue_on(self, day: date) -> Catalogue:
        """The version in force on `day`; of several the one that came into force last.

        Before the first and after the last one the nearest version answers: an office must never stand
        without a catalogue because somebody forgot to import the next list.
        """
        candidates = [version for version in self.versions if version.in_force_on(day)]
        if candidates:
            return candidates[-1]
        started = [v for v in self.versions if v.in_force_from is not None and v.in_force_from <= day]
        return started[-1] if started else self.versions[0]
