"""Lines of the log that also go to another machine, which this one's administrator cannot rewrite (RFC 5424).

A receiver that is away delays nobody: a thread of its own sends, and where the way says that a line did not arrive
(TCP, a socket file) it is sent again. UDP says nothing, so there a line can be lost unnoticed.
"""

import logging
import os
import queue
import socket
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import SysLogHandler

from queue_server.logs import Log

log = Log(__name__)

PORT = 514
PRIORITY = SysLogHandler.LOG_LOCAL0 << 3 | SysLogHandler.LOG_INFO
AGAIN = 30.0  # seconds until a line that did not arrive is sent again
LAST = 2.0  # seconds that the end of the program waits for lines in hand
ANSWER = 5.0  # seconds that a receiver has


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where lines go: a socket file, or host and port over UDP or TCP."""

    address: str | tuple[str, int]
    tcp: bool = False


def receiver(text: str) -> Receiver:
    """Reads `HOST[:PORT]` (UDP), `tcp://HOST[:PORT]` or `/path/of/socket`; raises `ValueError` with a sentence."""
    given = text.strip()
    if given.startswith("/"):
        return Receiver(given)
    tcp = given.startswith("tcp://")
    rest = given.removeprefix("tcp://").removeprefix("udp://")
    host, colon, port = rest.rpartition(":")
    if not colon or rest.endswith("]"):
        host, port = rest, str(PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not host or any(sign.isspace() or sign == "/" for sign in host) or not port.isascii() or not port.isdigit():
        raise ValueError(f"a syslog receiver is HOST[:PORT], tcp://HOST[:PORT] or /dev/log, not {text!r}")
    if not 0 < int(port) < 65536:
        raise ValueError(f"{port} in a syslog receiver's address is not a port")
    return Receiver((host, int(port)), tcp)


class Syslog(logging.Handler):
    """Hands a logger's lines to a receiver, in order, from a thread of its own. `close` ends it."""

    def __init__(self, to: Receiver, again: float = AGAIN) -> None:
        super().__init__()
        self._to = to
        self._again = again
        self._lines: queue.SimpleQueue[logging.LogRecord | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._sender = threading.Thread(target=self._send_all, name="syslog", daemon=True)
        self._sender.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Takes a line; it is sent soon."""
        self._lines.put(record)

    def close(self) -> None:
        """Sends what is in hand once more and ends."""
        self._stopping.set()
        self._lines.put(None)
        self._sender.join(LAST)
        super().close()

    def _send_all(self) -> None:
        while (record := self._lines.get()) is not None:
            said = False
            while not self._sent(record, quiet=said):
                said = True
                if self._stopping.wait(self._again):
                    break

    def _sent(self, record: logging.LogRecord, *, quiet: bool) -> bool:
        try:
            _send(self._to, record)
        except OSError as error:
            if not quiet:
                log.warning("syslog-not-reached", receiver=self._to.address, error=str(error))
            return False
        return True


def _send(to: Receiver, record: logging.LogRecord) -> None:
    """One line over a fresh socket: there are two a day. Raises `OSError`."""
    line = _line(record)
    if isinstance(to.address, str):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.settimeout(ANSWER)
            way.sendto(line, to.address)
    elif to.tcp:
        with socket.create_connection(to.address, timeout=ANSWER) as way:
            way.sendall(line + b"\n")  # a line feed ends it (RFC 6587)
    else:
        family, kind, _, _, address = socket.getaddrinfo(*to.address, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as way:
            way.sendto(line, address)


def _line(record: logging.LogRecord) -> bytes:
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return f"<{PRIORITY}>1 {moment} {socket.gethostname()} motcua {os.getpid()} - - {record.getMessage()}".encode()
