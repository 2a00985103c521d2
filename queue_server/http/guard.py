"""Rights before contents: who may not call a route is told so before anybody reads what they sent."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from queue_server.http.desk import STAFF, TECHNICIANS, Desk

Guard = Callable[[Request], object]  # raises `Refused`
NUMBERS_IN_HAND = ("/lease", "/hand-in")  # calls of the kiosk itself
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def guarded(guard: Guard) -> type[APIRoute]:
    """Routes that ask `guard` first where they take a body.

    A dependency would not do: FastAPI refuses a body that is no JSON before it asks any.
    """

    class Guarded(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()
            if self.methods == {"GET"}:
                return handle

            async def ask_first(request: Request) -> Response:
                guard(request)
                return await handle(request)

            return ask_first

    return Guarded


def by_role(desk: Desk, roles: frozenset[str]) -> Guard:
    """Only these roles."""
    return lambda request: desk.require(request, roles)


def by_place(desk: Desk) -> Guard:
    """Whoever may work at the counter or kiosk of the address; staff where it names neither."""

    def guard(request: Request) -> None:
        if "counter" in request.path_params:
            desk.require_counter(request, request.path_params["counter"])
        elif "kiosk" in request.path_params:
            others = TECHNICIANS if request.url.path.endswith(NUMBERS_IN_HAND) else STAFF
            desk.require_kiosk(request, request.path_params["kiosk"], others)
        else:
            desk.require(request, STAFF)

    return guard
