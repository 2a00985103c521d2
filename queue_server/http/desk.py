"""What every route needs: the office, its views, the rights of who asks, and how answers are written."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from fastapi import Request, Response

from queue_server.contract.origins import is_own
from queue_server.contract.ports import Identity
from queue_server.contract.problems import TITLES, Problem, Refused, status_of
from queue_server.device_reports import DeviceReports
from queue_server.follower.followers import Followers
from queue_server.http.phones import PhoneNumbers
from queue_server.http.room import ENOUGH, Doors, room_for
from queue_server.journal.entry import CITIZEN, Entry, citizen_of
from queue_server.logs import Log
from queue_server.office import Office, Outcome
from queue_server.office import Request as Asked
from queue_server.people.commands import without_persons
from queue_server.queue.commands import Command
from queue_server.queue.state import Ticket
from queue_server.replaying import Replays
from queue_server.site.model import Site
from queue_server.source import OfficeSource

log = Log(__name__)

COOKIE = "motcua_session"
STAFF = frozenset({"officer", "manager", "admin"})
LEADERS = frozenset({"manager", "admin", "auditor"})
TECHNICIANS = frozenset({"admin"})
KEY_LIMIT = 128
STRANGE = 50  # origins


class Streams(Protocol):
    """The hub of server-sent events, as far as HTTP needs it."""

    def stream(
        self, channel: str, first: Callable[[], bytes], limit: int | None = None
    ) -> Any: ...  # an ASGI application


@dataclass(slots=True)
class Desk:
    """Handed to every route by the composition root."""

    office: Office
    source: OfficeSource
    site: Site
    public_url: str
    streams: Streams
    replays: Replays
    reports: DeviceReports
    followers: Followers
    origins: frozenset[str] = frozenset()
    health: Callable[[], dict[str, str]] = dict
    doors: Doors = field(default_factory=lambda: Doors.of(room_for(ENOUGH)))
    phones: PhoneNumbers = field(init=False)
    _strange: set[str] = field(default_factory=set)  # origins that were refused and said so

    def __post_init__(self) -> None:
        self.phones = PhoneNumbers(self.site.phone_numbers_per_address)

    def identity(self, request: Request) -> Identity | None:
        """Who asks: a bearer token, or the session cookie when the request comes from our own pages."""
        header = request.headers.get("authorization", "")
        if header[:7].lower() == "bearer ":
            return self.source.identify(header[7:].strip())
        token = request.cookies.get(COOKIE)
        if token is None or not self._own_page(request):
            return None
        return self.source.session(token)

    def _own_page(self, request: Request) -> bool:
        origin = request.headers.get("origin")
        if origin is None:
            return request.method in ("GET", "HEAD")
        if is_own(origin, self.origins, request.scope.get("server")):
            return True
        if origin not in self._strange and len(self._strange) < STRANGE:
            self._strange.add(origin)
            log.warning("strange-origin", origin=origin[:200], why="if this is your own address, set public_url")
        return False

    def require(self, request: Request, roles: frozenset[str]) -> Identity:
        """The identity, when its role is one of these; refused with `not-signed-in` or `forbidden`."""
        known = self.identity(request)
        if known is None:
            raise Refused(Problem.NOT_SIGNED_IN)
        if known.role not in roles:
            raise Refused(Problem.FORBIDDEN, known.role)
        return known

    def require_counter(self, request: Request, counter: str) -> Identity:
        """Staff who may work at this counter; a token bound to a counter opens only that one."""
        known = self.require(request, STAFF)
        if known.counter is not None and known.counter != counter:
            raise Refused(Problem.FORBIDDEN, f"this account belongs to counter {known.counter}")
        return known

    def require_kiosk(self, request: Request, kiosk: str | None = None, others: frozenset[str] = STAFF) -> Identity:
        """A kiosk's own token, or one of `others`; numbers in hand are for nobody but `TECHNICIANS` besides."""
        known = self.require(request, others | {"kiosk"})
        if known.role == "kiosk" and kiosk is not None and known.kiosk not in (None, kiosk):
            raise Refused(Problem.FORBIDDEN, f"this token belongs to kiosk {known.kiosk}")
        if kiosk is not None and kiosk not in self.site.kiosks:
            raise Refused(Problem.KIOSK_UNKNOWN, kiosk)
        return known

    def repeated(self, request: Request, visit: str | None = None) -> Ticket | None:
        """The ticket that the first command under this request's key was about, when this is a repeat of today.

        `visit`: the one whose token opened the way, where the request came by a ticket's token.
        """
        made = self._made(request, visit)
        return self.office.state.tickets.get(made[0].ticket or "") if made else None

    def was_made(self, request: Request) -> bool:
        """Whether a command under this request's key was carried out before."""
        return bool(self._made(request))

    def _made(self, request: Request, visit: str | None = None) -> list[Entry]:
        key = request.headers.get("idempotency-key")
        who = None if visit else self.identity(request)
        return self.office.journal.command(key, actor_of(who, visit)) if key else []

    def meant(self, request: Request, text: str) -> Ticket:
        """A ticket by id or number. A repeat means the same one, whatever the visit has come to since."""
        known = self.repeated(request)
        return known if known and text in (known.id, known.number) else self.source.find_ticket(text)

    async def command(
        self, request: Request, command: Command, who: Identity | None, visit: str | None = None
    ) -> Outcome:
        """Submits a command under the request's `Idempotency-Key`, or under a fresh one. `visit` as in `repeated`."""
        given = request.headers.get("idempotency-key")
        key = given or str(uuid.uuid4())
        if len(key) > KEY_LIMIT or not key.isprintable():
            raise Refused(Problem.BODY_INVALID, "Idempotency-Key is at most 128 printable characters")
        own = {who.subject} if who else set()
        command = await without_persons(command, self.source.people, self.source.now(), own=own)
        actor = actor_of(who, visit)
        device = None if who is None else who.kiosk or who.counter
        return await self.office.submit(
            Asked(command=command, command_id=key, actor=actor, device=device, fresh=not given)
        )


def actor_of(who: Identity | None, visit: str | None = None) -> str:
    """Who asks, as the journal names them; keys of idempotency belong to this name."""
    if who is not None:
        return f"{who.role}:{who.subject}"
    return citizen_of(visit) if visit else CITIZEN


def answer(data: object, status: int = 200) -> Response:
    """A JSON answer; rows (dataclasses) and datetimes are written as they are."""
    return Response(orjson.dumps(data), status_code=status, media_type="application/json")


def problem(code: Problem, detail: str = "", extra: dict[str, object] | None = None) -> Response:
    """An RFC 9457 answer with our stable code."""
    status = status_of(code)
    vi, en = TITLES[code]
    body = {
        "type": "about:blank",
        "title": en,
        "title_vi": vi,
        "status": status,
        "code": str(code),
        "detail": detail,
        **(extra or {}),
    }
    headers = {"www-authenticate": "Bearer"} if status == 401 else None
    return Response(orjson.dumps(body), status_code=status, media_type="application/problem+json", headers=headers)
