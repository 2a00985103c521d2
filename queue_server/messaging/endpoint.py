"""Where and as whom a program speaks MQTT. Pure."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

PLAIN_PORT = 1883
TLS_PORT = 8883


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One user's way to a broker. TLS checks the host's name against `ca`, or the system's authorities without one."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)  # never in a log
    tls: bool = False
    ca: Path | None = None


def endpoint_from_url(url: str, *, ca: Path | None = None) -> Endpoint:
    """The site's own broker from `mqtt://user:password@host:port`, or `mqtts://…` for TLS.

    Raises `ValueError` with a sentence for people when the address cannot be used. The sentence never holds the
    password.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"mqtt", "mqtts"}:
        raise ValueError("the broker's address must start with mqtt:// or mqtts://")
    if not parts.hostname:
        raise ValueError("the broker's address names no host")
    if not parts.username or parts.password is None:
        raise ValueError("the broker's address must hold user and password: anonymous clients are not supported")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("nothing may follow the port in the broker's address")
    tls = parts.scheme == "mqtts"
    if ca is not None and not tls:
        raise ValueError("a certificate authority needs mqtts://")
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError("the port in the broker's address is not a port") from error
    return Endpoint(
        host=parts.hostname,
        port=port or (TLS_PORT if tls else PLAIN_PORT),
        user=unquote(parts.username),
        password=unquote(parts.password),
        tls=tls,
        ca=ca,
    )
