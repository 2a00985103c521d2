"""Where and as whom a program speaks MQTT: the one broker address of all programs. Pure."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

PLAIN_PORT = 1883
TLS_PORT = 8883


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """One account's way to a broker; without a `user` an anonymous one, which only a broker for trials lets in.

    With `tls` the host proves its name to `ca`, or to the system's authorities without one. An authority without TLS
    raises `ValueError`: whoever names one does not mean to send a password in the clear.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)  # never in a log
    tls: bool = False
    ca: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what would silently be plain."""
        if self.ca is not None and not self.tls:
            raise ValueError("a certificate authority needs mqtts://")

    @property
    def url(self) -> str:
        """The address with its password, for the environment of a program of ours; the authority is not in it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        account = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        return f"{'mqtts' if self.tls else 'mqtt'}://{account}{host}:{self.port}"


def broker_address(url: str, *, ca: Path | None = None) -> BrokerAddress:
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
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError("the port in the broker's address is not a port") from error
    tls = parts.scheme == "mqtts"
    return BrokerAddress(
        host=parts.hostname,
        port=port or (TLS_PORT if tls else PLAIN_PORT),
        user=unquote(parts.username),
        password=unquote(parts.password),
        tls=tls,
        ca=ca,
    )
