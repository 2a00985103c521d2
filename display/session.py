"""Who may open which page, and where a person goes after signing in. Pure."""

from urllib.parse import quote, urlsplit

from queue_server.contract.ports import Identity

COOKIE = "motcua_session"
PAGES: dict[str, frozenset[str]] = {
    "console": frozenset({"officer", "manager", "admin"}),
    "manager": frozenset({"manager", "admin", "auditor"}),
    "admin": frozenset({"admin", "manager"}),
}


def may_open(identity: Identity | None, page: str, counter: str | None = None) -> bool:
    """Staff pages go by role; an officer bound to a counter opens only that counter's console."""
    if identity is None or identity.role not in PAGES[page]:
        return False
    bound = identity.counter if identity.role == "officer" else None
    return page != "console" or counter is None or bound is None or bound == counter


def local_path(wanted: str | None, otherwise: str) -> str:
    """A path on this server to go on to; anything that could lead elsewhere is dropped."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return otherwise
    if any(ord(character) < 0x20 or character == "\\" for character in wanted):
        return otherwise
    parts = urlsplit(wanted)
    return otherwise if parts.scheme or parts.netloc else wanted


def home_of(identity: Identity) -> str:
    """The page that a role starts with."""
    match identity.role:
        case "officer":
            return f"/console?counter={quote(identity.counter)}" if identity.counter else "/console"
        case "manager" | "auditor":
            return "/manager"
        case "admin":
            return "/admin"
        case _:
            return "/"
