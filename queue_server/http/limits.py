"""Limits that stand before every route: size of a body, security headers. Bare ASGI."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from queue_server.contract.problems import Problem
from queue_server.http.desk import problem

BODY_LIMIT = 64 * 1024
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),  # pages bring their own
    (b"cache-control", b"no-store"),  # what may be kept says so itself
)
OVER_TLS = (b"strict-transport-security", b"max-age=31536000")


class TooLargeError(HTTPException):
    """The body passed the limit while it was read. FastAPI lets only its own kind of error through."""

    def __init__(self) -> None:
        super().__init__(413, f"a body has at most {BODY_LIMIT // 1024} KB")


class Limits:
    """Refuses bodies over 64 KB, by their header or while reading, and adds headers that every answer carries.

    `tls`: the office is read over https, and browsers are told to keep to it.
    """

    def __init__(self, app: ASGIApp, *, tls: bool = False) -> None:
        self.app = app
        self._headers = (*HEADERS, OVER_TLS) if tls else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > BODY_LIMIT:
                    raise TooLargeError
            return message

        async def stamped(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                # What an answer says itself stands: the pages' own forms need a Referrer-Policy with an Origin.
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in self._headers if pair[0] not in present)]
            await send(message)

        if _declared(scope) > BODY_LIMIT:
            await problem(Problem.BODY_TOO_LARGE)(scope, receive, stamped)
            return
        try:
            await self.app(scope, counted, stamped)
        except TooLargeError:
            if not started:
                await problem(Problem.BODY_TOO_LARGE)(scope, receive, stamped)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
