"""What the pages need from the server: views to draw and the right to see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from queue_server.contract.views import BoardView, CitizenView, ConsoleView, CounterRow, ManagerView, ServiceRow

SESSION = timedelta(hours=12)  # from signing in to being asked again


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who is behind a token: a role and, where it matters, one counter or kiosk."""

    role: str  # officer, kiosk, manager, admin, auditor, board
    counter: str | None = None
    kiosk: str | None = None
    subject: str = ""


class Source(Protocol):
    """Views of the office now. Unknown ids raise `Refused` with a not-found code."""

    def now(self) -> datetime: ...

    def zones(self) -> dict[str, dict[str, str]]: ...

    def services(self) -> tuple[ServiceRow, ...]: ...

    def counters(self) -> tuple[CounterRow, ...]: ...

    def board(self, zone: str) -> BoardView: ...

    def console(self, counter: str) -> ConsoleView: ...

    def citizen(self, token: str) -> CitizenView: ...

    def manager(self) -> ManagerView: ...

    def past_days(self) -> tuple[str, ...]:
        """Office days (YYYYMMDD) that have ended, newest first."""

    def procedure_name(self, procedure: str) -> dict[str, str] | None: ...


class Gate(Protocol):
    """Access codes, and the sessions that begin with one. A cookie holds the value of a session and no code."""

    def identify(self, token: str) -> Identity | None: ...

    def sign_in(self, code: str, running: str | None) -> str | None:
        """The value of the session's cookie; None when the code opens nothing. `running`: the cookie of before."""

    def session(self, value: str) -> Identity | None:
        """Who is behind a cookie."""

    def sign_out(self, value: str) -> None:
        """Ends a session: its cookie opens nothing any more."""
