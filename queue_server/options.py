"""What each command was asked to do: one frozen record per command. Pure."""

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from pathlib import Path

from queue_server.syslog import Receiver

HTTP_PORT = 8080
MQTT_PORT = 1884  # of the private broker; 1883 is held by the service that Debian's package starts


class ConfigError(Exception):
    """A command cannot start as it was asked to: the text says what is wrong and what to do."""


class MachineError(Exception):
    """The machine does not give what is needed, perhaps only now: the text says what, and what to do."""


class Ahead(StrEnum):
    """What `motcua forecast` prints."""

    DAY = "day"
    SCORE = "score"


class Role(StrEnum):
    """Who a token speaks for."""

    OFFICER = "officer"
    KIOSK = "kiosk"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"
    BOARD = "board"
    FOLLOWER = "follower"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleOptions:
    """List what is known of persons."""

    data: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseOptions:
    """Erase what is known of persons, by the ids of the list."""

    data: Path
    ids: tuple[str, ...]


class KeyPurpose(StrEnum):
    """Whose key is to change."""

    STAFF = "staff"
    DEVICES = "devices"
    TICKETS = "tickets"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """Everything on this machine: broker, server, pages, devices, kiosk."""

    data: Path
    site: Path | None = None  # without one, the example office, open at any hour
    host: str = "127.0.0.1"
    port: int = HTTP_PORT
    mqtt_port: int = MQTT_PORT
    kiosk: bool = True
    hardware: bool = True
    devices_port: int = 0  # of the devices' page, and the printers behind it; 0: any free ports
    speed: float = 1.0  # office seconds a second; another than 1 makes a demonstration


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """The server and its pages; the broker is its own child, or the site's when `mqtt_url` names one."""

    data: Path
    site: Path | None = None
    host: str = "127.0.0.1"
    port: int = HTTP_PORT
    mqtt_port: int = MQTT_PORT
    mqtt_url: str | None = None  # mqtt://user:password@host:port or mqtts://…
    anchor: Path | None = None  # folder for the end of the record; the data folder without one
    syslog: Receiver | None = None  # where a day's two ends of the record go as well


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskOptions:
    """One kiosk's screen."""

    url: str
    data: Path
    kiosk: str | None = None  # without one, the first of the site
    token: str | None = None  # without one, from the data folder
    site: Path | None = None
    printer: tuple[str, int] | None = None  # host and port; without one, the printer of the site
    mqtt_url: str | None = None  # mqtt[s]://user:password@host:port
    fullscreen: bool = True
    size: tuple[int, int] | None = None  # width, height in pixels; without one, the whole screen


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardOptions:
    """One hall board in a browser without borders."""

    url: str
    zone: str | None = None  # without one, the first of the site


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareOptions:
    """The devices of one place: a real printer to watch over, or all of them simulated."""

    data: Path
    site: Path | None = None
    mqtt_url: str | None = None
    simulated: bool = False
    printer: tuple[str, int] | None = None
    device: str | None = None  # the printer's name on the broker; without one, its account there
    devices_port: int = 0  # of the simulated ones: their page, and the printers behind it; 0: any free ports


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateOptions:
    """A synthetic day, played against a server or on a virtual clock."""

    data: Path
    site: Path | None = None
    speed: float | None = None  # office seconds a second; without one, as the office's clock runs
    url: str | None = None
    seed: int = 1
    offline: bool = False
    day: date | None = None  # without one, today
    out: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastOptions:
    """A day to come from the days before it, or how good the told waits were."""

    data: Path
    site: Path | None = None
    day: date | None = None  # without one, tomorrow
    service: str | None = None
    seed: int = 1
    score: bool = False


class Language(StrEnum):
    """What a command speaks."""

    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What should have been different on past days, in words; empty means as it was."""

    policy: str | None = None
    option: tuple[str, ...] = ()
    ratio: int | None = None
    ceiling_multiple: float | None = None
    opened: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether something is changed at all."""
        return any(getattr(self, f.name) not in (None, ()) for f in fields(Wish))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions(Wish):
    """Past days as they were, or with a change; the change is empty where nothing is to be different."""

    data: Path
    day: date | None = None
    first: date | None = None  # from … to …, both included
    to: date | None = None
    last: int | None = None
    check: bool = False  # put every entry to today's rules instead of playing the day
    json: bool = False
    language: Language = Language.EN


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """Check the file, its chain, every table, and the ends that were noted outside it."""

    data: Path
    anchor: Path | None = None
    digests: tuple[str, ...] = ()  # SEQ:HASH
    digest_file: Path | None = None  # text in which such ends stand, such as a log


@dataclass(frozen=True, slots=True, kw_only=True)
class LossesOptions:
    """What the record has lost; `confirm` when a person has taken note of it."""

    data: Path
    anchor: Path | None = None
    confirm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestOptions:
    """Where the record ended on a day, to be kept where the administrator of this machine cannot change it."""

    data: Path
    day: date | None = None  # the newest one without a choice
    site: Path | None = None  # whose name stands on the slip
    printer: tuple[str, int] | None = None  # host and port; without one, no slip


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """Write journal entries as JSON lines."""

    data: Path
    day: date | None = None  # without one, all days
    out: Path | None = None  # without one, standard output


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupOptions:
    """Copy a consistent snapshot into one archive; the server may run on."""

    data: Path
    target: Path
    site: Path | None = None  # whose clock names a file in a folder; copied with its catalogues
    thin: bool = False  # older backups beside it go, fewer the older they are
    also: tuple[Path, ...] = ()  # other files of the office outside the data folder, such as certificates
    anchor: Path | None = None  # folder for the end of the record, where it is not the data folder


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCheckOptions:
    """Look at a site file; with `against` also at what today's office still needs."""

    site: Path | None = None
    against: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerFilesOptions:
    """Write what the site's own broker needs to know."""

    data: Path
    site: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddressOptions:
    """One user's address of the site's own broker."""

    data: Path
    user: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreOptions:
    """Unpack a snapshot into a data folder that holds no journal yet."""

    data: Path
    source: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOptions:
    """A bearer token for one role, bound to a counter or kiosk where the role has one."""

    data: Path
    role: Role
    counter: str | None = None
    kiosk: str | None = None
    site: Path | None = None  # without one, places as the office opened last
    chosen: bool = True  # the data folder was named, not the one of the place where we stand


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOptions:
    """The clocks of the office that serves at `url`; `take` confirms the machine's."""

    data: Path
    url: str
    site: Path | None = None
    take: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOptions:
    """Keep the record and the files of the office that serves at `of`."""

    of: str
    data: Path
    token: str | None = None  # without one, made with the keys of the data folder
    address: str | None = None  # where this machine will serve after a take-over; its own on the office's network


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOverOptions(ServerOptions):
    """Open the office that this folder followed, as its server."""

    start: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateOptions:
    """A new key for one purpose."""

    data: Path
    purpose: KeyPurpose
