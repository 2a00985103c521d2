"""A very small HTTP server on asyncio, for the page of the virtual devices. Trusts nobody."""

import asyncio
import ipaddress
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

_log = logging.getLogger(__name__)

_MAX_HEAD: Final = 16_384
_MAX_BODY: Final = 4_096
_MAX_CLIENTS: Final = 64
_REQUEST_SECONDS: Final = 10.0
_SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_REASONS: Final = {200: "OK", 303: "See Other", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 503: "Busy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that was read whole; `form` holds the fields of a posted form."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer; with `frames` it is a stream that lasts until the client goes."""

    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    frames: AsyncIterator[bytes] | None = None


class BadRequestError(Exception):
    """A request that is not answered in substance."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.response = Response(status=status, body=detail.encode())


Handler = Callable[[Request], Awaitable[Response]]


class SmallServer:
    """Serves one handler; each request has its own connection."""

    def __init__(self, handler: Handler, *, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the port (0: any free one; `port` then tells which)."""
        self._server = await asyncio.start_server(self._accept, self.host, self.port, limit=_MAX_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every stream."""
        if self._server is not None:
            self._server.close()
            self._server = None
        clients = tuple(self._clients)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._clients.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            _log.debug("a browser went away")
        except Exception:  # noqa: BLE001 - one broken request must not take the page away from the others
            _log.exception("the page of the devices failed")
        finally:
            if task is not None:
                self._clients.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                request = await _read(reader)
            if len(self._clients) > _MAX_CLIENTS:
                response = Response(status=503, body=b"too many connections")
            else:
                response = await self._handler(request)
        except BadRequestError as refused:
            response = refused.response
        except (TimeoutError, asyncio.IncompleteReadError):
            return
        writer.write(_head(response))
        if response.frames is None:
            await writer.drain()
            return
        async for frame in response.frames:
            writer.write(frame)
            await writer.drain()


def _head(response: Response) -> bytes:
    fields = _SECURITY | response.headers | {"Content-Type": response.content_type, "Connection": "close"}
    if response.frames is None:
        fields["Content-Length"] = str(len(response.body))
    lines = [f"HTTP/1.1 {response.status} {_REASONS[response.status]}", *(f"{k}: {v}" for k, v in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + response.body


async def _read(reader: asyncio.StreamReader) -> Request:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    except (asyncio.LimitOverrunError, UnicodeDecodeError) as problem:
        raise BadRequestError(400, "unreadable request") from problem
    first, *lines = head.split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or parts[0] not in ("GET", "POST") or not parts[1].startswith("/"):
        raise BadRequestError(400, "unreadable request")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    _check_origin(parts[0], headers)
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _MAX_BODY:
        raise BadRequestError(400, "the body is too long")
    body = (await reader.readexactly(int(length))).decode("utf-8", "replace")
    form = dict(parse_qsl(body, keep_blank_values=True))
    return Request(method=parts[0], path=urlsplit(parts[1]).path, headers=headers, form=form)


def _check_origin(method: str, headers: dict[str, str]) -> None:
    """Refuse names that a hostile site could point at us, and forms that another site posts."""
    host = headers.get("host", "")
    name = urlsplit(f"//{host}").hostname or ""
    if name != "localhost" and not _is_address(name):
        raise BadRequestError(403, "open this page by its address")
    origin = headers.get("origin")
    if method == "POST" and origin != f"http://{host}":
        raise BadRequestError(403, "this form belongs to another page")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
