"""Addresses of this machine: which one it has for itself, and what to do when one cannot be had."""

import errno
import socket


def port_cure(error: OSError, host: str, port: int, option: str) -> str:
    """Why an address cannot be had, and what to do."""
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"port {port} is taken. `sudo ss -ltnp 'sport = :{port}'` says by which program; "
                f"end that one, or choose another port with {option}."
            )
        case errno.EADDRNOTAVAIL:
            other = "::1" if host == "127.0.0.1" else "127.0.0.1"
            return (
                f"this machine has no address {host}. `ip address` lists those it has; "
                f"choose one with --host or MOTCUA_HOST, such as {other}."
            )
        case errno.EACCES:
            return f"ports below 1024 are for root. Choose another with {option}, and let nginx pass it on."
        case _:
            return f"{error.strerror}. Choose another with --host or {option}."


def loopback() -> str:
    """The address of this machine for itself; the one of IPv6 where there is no other."""
    try:
        socket.create_server(("127.0.0.1", 0)).close()
    except OSError:
        return "::1"
    return "127.0.0.1"


def family(address: str) -> socket.AddressFamily:
    """Of an address to serve on; only one of IPv6 has a colon."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET
