"""Event streams are held open for hours: how many one address and all strangers may hold. Bare ASGI."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from queue_server.contract.ports import Identity
from queue_server.contract.problems import Problem
from queue_server.http.desk import problem
from queue_server.http.phones import neighbourhood
from queue_server.http.room import StreamRoom

RETRY_AFTER = "30"


class StreamDoor:
    """Lets strangers' streams in while there is room; staff, kiosks and boards with a token always."""

    def __init__(self, app: ASGIApp, room: StreamRoom, identify: Callable[[Request], Identity | None]) -> None:
        self.app = app
        self.room = room
        self.identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_stream(scope) or self.identify(Request(scope)) is not None:
            await self.app(scope, receive, send)
            return
        address = neighbourhood(scope["client"][0]) if scope.get("client") else ""
        reason = self.room.full(address)
        if reason is not None:
            self.room.refuse(address, reason)
            answer = problem(Problem.TOO_MANY_REQUESTS, "too many live pages are open")
            answer.headers["retry-after"] = RETRY_AFTER
            await answer(scope, receive, send)
            return
        self.room.opened(address)
        try:
            await self.app(scope, receive, send)
        finally:
            self.room.ended(address)


def is_stream(scope: Scope) -> bool:
    """Whether a request asks for server-sent events."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    path: str = scope["path"]
    return path.endswith("/stream") or path == "/api/v1/events"
