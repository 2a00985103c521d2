"""Puts the routes together."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute, Route

from queue_server.http.catalogue import catalogue_routes
from queue_server.http.clock import clock_routes
from queue_server.http.counters import counter_routes
from queue_server.http.desk import Desk
from queue_server.http.errors import install_errors
from queue_server.http.follower import follower_routes
from queue_server.http.forecast import forecast_routes
from queue_server.http.kiosks import kiosk_routes
from queue_server.http.limits import Limits
from queue_server.http.office import EventStream, health_routes, office_routes
from queue_server.http.openapi import REFUSED, DocumentedApp
from queue_server.http.policy import policy_routes
from queue_server.http.replay import replay_routes
from queue_server.http.streams import StreamDoor
from queue_server.http.tickets import ticket_routes

ABOUT = (
    "Queues of a one-stop public-service shop: tickets, counters, waiting times. Errors are problem+json with a `code`."
)


def create_app(desk: Desk, pages: Iterable[APIRouter | BaseRoute] = ()) -> FastAPI:
    """The application on an office that runs; the caller starts and stops the office."""
    app = DocumentedApp(
        title="motcua", version="1", description=ABOUT, docs_url=None, redoc_url=None, responses=REFUSED
    )
    install_errors(app)
    routes = (
        ticket_routes, counter_routes, kiosk_routes, catalogue_routes, office_routes, policy_routes, forecast_routes,
        replay_routes, clock_routes, follower_routes, health_routes,
    )  # fmt: skip
    for make in routes:
        app.include_router(make(desk))
    app.router.routes.append(Route("/api/v1/events", EventStream(desk), methods=["GET"]))
    for page in pages:
        if isinstance(page, APIRouter):
            app.include_router(page)
        else:
            app.router.routes.append(page)
    app.add_middleware(StreamDoor, room=desk.doors.streams, identify=desk.identity)
    app.add_middleware(Limits, tls=desk.public_url.startswith("https:"))
    return app
