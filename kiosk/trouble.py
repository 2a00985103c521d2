"""Why this kiosk and its server do not come together: for the technician on the screen, and for the log. Pure."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kiosk.server import RefusedError, UnclearError


class Cause(StrEnum):
    """What stands between a kiosk and its server."""

    CERTIFICATE = "certificate"  # the machine trusts no authority that signed it, or it names another host
    NAME = "name"  # no such host in the DNS
    REFUSED = "refused"  # the host is there, nobody listens
    UNREACHABLE = "unreachable"  # no way to the host, or no answer from it in time
    TOKEN = "token"  # noqa: S105  # the server does not know the token
    OTHER_KIOSK = "other-kiosk"  # the token is another kiosk's
    UNKNOWN_KIOSK = "unknown-kiosk"  # the site names no such kiosk
    SERVER = "server"  # it answers, and not as a queue server should


BY_STATUS = {401: Cause.TOKEN, 403: Cause.OTHER_KIOSK, 404: Cause.UNKNOWN_KIOSK}
SHUT_OUT = frozenset(BY_STATUS.values())  # nothing this kiosk asks for will be granted


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A cause, and the words of the machine about it."""

    cause: Cause
    detail: str = ""


def trouble_of(failure: Exception) -> Trouble:
    """What a failed call to the server comes from."""
    match failure:
        case RefusedError(status=status, code=code):
            return Trouble(cause=BY_STATUS.get(status, Cause.SERVER), detail=f"{status} {code}")
        case UnclearError(status=int(status)):
            return Trouble(cause=Cause.SERVER, detail=str(status))
    came_from = sorted(_chain(failure), key=_vague)
    match came_from[0]:
        case ssl.SSLCertVerificationError() as error:
            return Trouble(cause=Cause.CERTIFICATE, detail=error.verify_message)
        case ssl.SSLError() as error:
            return Trouble(cause=Cause.CERTIFICATE, detail=error.reason or "TLS")
        case socket.gaierror() as error:
            return Trouble(cause=Cause.NAME, detail=error.strerror or "")
        case ConnectionRefusedError():
            return Trouble(cause=Cause.REFUSED)
        case OSError() as error:
            return Trouble(cause=Cause.UNREACHABLE, detail=error.strerror or "")
        case _:
            return Trouble(cause=Cause.SERVER, detail=str(failure))


def _vague(error: BaseException) -> int:
    """Libraries wrap an error of the machine in vaguer ones; the plainest speaks."""
    plain = (ssl.SSLError, socket.gaierror, ConnectionRefusedError)
    return 0 if isinstance(error, plain) else 1 if isinstance(error, OSError) else 2


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from, those of several tries at once too."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from _chain(one)
        error = error.__cause__ or error.__context__
