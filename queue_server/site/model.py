"""One office as its site file describes it: the queue's configuration and everything around it. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from queue_server.catalogue.everyday import Everyday
from queue_server.catalogue.model import Catalogue, Catalogues, Procedure
from queue_server.messaging.foreign_buttons import ForeignButton
from queue_server.queue.config import OfficeConfig
from queue_server.queue.opening import Opening
from queue_server.site.hours import Schedule
from queue_server.site.schema import Measure, UnitType


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One row of the target table (R-01…R-05). `minutes` is a mean; of rows that contradict one is `chosen`."""

    id: str
    year: int
    measure: Measure
    minutes: float
    direction: str  # "max": a ceiling, "min": a floor
    chosen: bool
    source: str
    quote: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kiosk:
    """One kiosk. `services` empty: it offers all that the kiosk may offer."""

    id: str
    zone: str
    name: dict[str, str]
    languages: tuple[str, ...]
    orientation: str  # "portrait" | "landscape"
    services: tuple[str, ...]
    printer: str | None = None  # HOST:PORT; without one the kiosk is told on its own machine

    @property
    def printer_name(self) -> str:
        """The name of its printer as a device."""
        return f"{self.id}-printer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One hall board; at most one board of a zone speaks."""

    id: str
    zone: str
    name: dict[str, str]
    speaks: bool
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Somebody who may serve, as colleagues see the name. `counters` empty: any counter."""

    id: str
    name: str
    counters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The office. Built by `load_site`, never changed while the program runs."""

    id: str
    example: bool
    name: dict[str, str]
    unit_type: UnitType
    address: dict[str, str]
    timezone: str
    public_url: str | None
    phone_channel: bool
    phone_numbers_per_address: int  # that may wait at once
    office: OfficeConfig
    hours: Schedule  # of the office as a whole
    service_hours: dict[str, Schedule]
    counter_hours: dict[str, Schedule]
    targets: tuple[Target, ...]
    live_target: Target
    kiosks: dict[str, Kiosk]
    boards: dict[str, Board]
    officers: dict[str, Officer]
    buttons: tuple[ForeignButton, ...]  # of other makers, on the counters
    counter_services: dict[str, str]  # service of the site → service of the catalogue without procedure
    catalogues: Catalogues
    everyday: Everyday
    connected_data: frozenset[str]  # data bases of the State that this office can really ask
    by_field: dict[str, str]
    by_procedure: dict[str, str]
    without_service: dict[str, str]  # procedure → why this office does not receive it
    fitted_nightly: bool = False  # numbers fitted at night are taken by themselves, where they have earned it

    @property
    def printers(self) -> tuple[str, ...]:
        """The ticket printers by their names as devices: one to a kiosk."""
        return tuple(kiosk.printer_name for kiosk in self.kiosks.values()) or ("printer-1",)

    def service_of(self, procedure: Procedure | str) -> str | None:
        """The service that receives a procedure; None when a stated exception keeps it away.

        Takes a procedure, or the id of one that is in any catalogue version of the site.
        Raises `KeyError` for an id that no version knows.
        """
        known = procedure if isinstance(procedure, Procedure) else self.procedure(procedure)
        if known.id in self.without_service:
            return None
        return self.by_procedure.get(known.id) or self.by_field.get(known.field)

    def procedure(self, procedure_id: str) -> Procedure:
        """The newest version of a procedure; raises `KeyError` for an id that no version of the catalogue knows."""
        for version in reversed(self.catalogues.versions):
            if procedure_id in version.procedures:
                return version.procedures[procedure_id]
        raise KeyError(procedure_id)

    @property
    def opening(self) -> Opening:
        """The hours of an ordinary week, as the checks of a policy need them."""
        return Opening(
            counters={name: hours.week for name, hours in self.counter_hours.items()},
            services={name: hours.week for name, hours in self.service_hours.items()},
        )

    def schedule_of(self, service: str | None) -> Schedule:
        """Hours of a service, or of the whole office for None. Raises `KeyError` for an unknown service."""
        return self.hours if service is None else self.service_hours[service]

    def local_date(self, now: datetime) -> date:
        """The date of a moment in the office."""
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def is_open(self, service: str | None, now: datetime) -> bool:
        """Whether tickets may be issued now (R-27): the service's own hours, else the office's."""
        return self.schedule_of(service).is_open(now)

    def closes_at(self, service: str | None, now: datetime) -> datetime | None:
        """When it shuts next; None when it is shut now or never shuts."""
        return self.schedule_of(service).closes_at(now)

    def next_opening(self, service: str | None, now: datetime) -> datetime | None:
        """When it opens next; None when it is open now or never opens again."""
        return self.schedule_of(service).next_opening(now)

    def counter_is_open(self, counter: str, now: datetime) -> bool:
        """Whether this counter keeps hours now. Raises `KeyError` for an unknown counter."""
        return self.counter_hours[counter].is_open(now)


def uncovered(site_catalogue: Catalogue, site: Site) -> tuple[str, ...]:
    """Procedures of a catalogue that have neither a service nor a stated exception (R-22): must be empty."""
    return tuple(
        procedure.id
        for procedure in site_catalogue.procedures.values()
        if procedure.id not in site.without_service and site.service_of(procedure) is None
    )
