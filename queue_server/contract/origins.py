"""Whose page a request was sent from. Pure, standard library only."""

import socket
from urllib.parse import urlsplit

Server = tuple[str, int | None]  # local end of a connection: what nobody can write into a request

PORTS = {"http": 80, "https": 443}


def own_origins(url: str, public_url: str | None = None) -> frozenset[str]:
    """The addresses under which our pages may be read: the site's, and this machine's by its names."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, PORTS.get(parts.scheme)) else f":{parts.port}"
    name = socket.gethostname().lower()
    names = {f"{parts.scheme}://{host}{port}" for host in ("localhost", name, f"{name}.local")}
    return frozenset({url, *names} | ({_origin(public_url)} if public_url else set()))


def is_own(origin: str, own: frozenset[str], server: Server | None) -> bool:
    """Whether a page of this origin is ours: by a known address, or by the one this connection came in at.

    The header `Host` says nothing: whoever forges `Origin` forges both.
    """
    if origin in own:
        return True
    if server is None:
        return False
    host, port = server
    shown = f"[{host}]" if ":" in host else host
    return origin == f"http://{shown}:{port}" or (port in (None, PORTS["http"]) and origin == f"http://{shown}")


def _origin(url: str) -> str:
    """Scheme, host and port of an address, as browsers write them into `Origin`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
