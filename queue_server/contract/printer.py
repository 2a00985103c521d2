"""The address of a ticket printer as people write it. Pure."""

PRINTER_PORT = 9100


def printer_address(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`, `HOST` alone or `[IPv6]:PORT`.

    Raises `ValueError` with a sentence for people when it is none.
    """
    host, colon, port = text.strip().rpartition(":")
    if not colon or text.strip().endswith("]"):
        host, port = text.strip(), str(PRINTER_PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not host or any(sign.isspace() or sign == "/" for sign in host) or not port.isascii() or not port.isdigit():
        raise ValueError(f"a printer's address is HOST:PORT, such as 192.0.2.7:{PRINTER_PORT}, not {text!r}")
    if not 0 < int(port) < 65536:
        raise ValueError(f"{port} in a printer's address is not a port")
    return host, int(port)
