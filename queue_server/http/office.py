"""Routes of the whole office: state, events, figures, health."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import Receive, Scope, Send

from queue_server.contract.problems import Problem, Refused
from queue_server.http.connections import WORDS
from queue_server.http.desk import LEADERS, Desk, answer
from queue_server.http.events import channel_of, first_frame
from queue_server.http.policy import READERS, policy_row
from queue_server.http.reading import counter_rows_for, ticket_rows_for
from queue_server.http.room import Doors
from queue_server.views.figures import mean_visit_wait
from queue_server.views.rows import ticket_row

# The office works on without them: a fault is shown, and costs nobody their number.
OPTIONAL = {"clock", "follower", "forecast", "people", "record", "site"}
WAITING_FRAMES = 256  # a program that reads slowly is told every event, up to here; then the whole state again


def office_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["office"])

    @router.get("/state")
    async def state(request: Request) -> Response:
        """The office now: counters, services, tickets that have not ended; a board reads nothing of people."""
        return answer(office_state(desk, desk.require(request, READERS).role))

    @router.get("/targets")
    async def targets(request: Request) -> Response:
        """The target table with today's verdicts (R-01…R-05)."""
        desk.require(request, LEADERS)
        view = desk.source.manager()
        return answer({"targets": [asdict(row) for row in view.targets], "as_of": view.as_of})

    @router.get("/reports/today")
    async def today(request: Request) -> Response:
        """Today's figures, per service, counter and hour."""
        desk.require(request, LEADERS)
        return answer(asdict(desk.source.manager()))

    @router.get("/reports/days/{day}")
    async def a_day(day: str, request: Request) -> Response:
        """Figures of one day (YYYYMMDD) from the journal's tables."""
        desk.require(request, LEADERS)
        if not (day.isdigit() and len(day) == 8):
            raise Refused(Problem.NOT_FOUND, "a day is written YYYYMMDD")
        return answer(day_report(desk, day))

    return router


class EventStream:
    """`GET /api/v1/events`: the whole state first, then each event as it becomes durable. Bare ASGI."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        role = self._desk.require(Request(scope, receive), READERS).role
        stream = self._desk.streams.stream(
            channel_of(role), lambda: first_frame(office_state(self._desk, role)), WAITING_FRAMES
        )
        await stream(scope, receive, send)


def office_state(desk: Desk, role: str) -> dict[str, Any]:
    """The office now, as a role may read it."""
    state, now = desk.office.state, desk.source.now()
    return {
        "as_of": now,
        "day": state.day,
        "open": state.config is not None and not state.closed,
        "seq": desk.office.journal.last_seq,
        "counters": counter_rows_for(role, desk.source.counters()),
        "services": [asdict(row) for row in desk.source.services()],
        "tickets": ticket_rows_for(role, (ticket_row(state, t, now, desk.source.people.text) for t in state.active())),
        "mean_wait": mean_visit_wait(state),
        "target": state.setup.target / 60,
        "policy": policy_row(state.setup, state.policy),
    }


_DAY = """
select service, count(*) as issued, sum(state = 'served') as served, sum(state = 'missed') as missed,
       avg(waited) / 60.0 as mean_wait, avg(waited > ?) as over_target, avg(handled) / 60.0 as mean_handled
from tickets where day = ? group by service order by service
"""
_VISITS = """
select count(*) as visits, avg(waited) / 60.0 as mean_wait, avg(waited > ?) as over_target from visits where day = ?
"""


def day_report(desk: Desk, day: str) -> dict[str, Any]:
    target = desk.site.office.target
    visits = desk.office.journal.rows(_VISITS, (target, day))[0]
    if not visits["visits"]:
        raise Refused(Problem.NOT_FOUND, f"no tickets on {day}")
    return {"day": day, **visits, "services": desk.office.journal.rows(_DAY, (target, day))}


class OfficeCollector(Collector):
    """Figures of the office for Prometheus, read when they are asked for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Any:
        office = self._desk.office
        state = office.state
        waiting = GaugeMetricFamily("motcua_waiting", "People waiting", labels=["service"])
        for service in state.setup.services if state.config else ():
            waiting.add_metric([service], state.waiting_count(service))
        yield waiting
        counters = GaugeMetricFamily("motcua_counters", "Counters by status", labels=["status"])
        for status in ("open", "paused", "closed"):
            counters.add_metric([status], sum(str(c.status) == status for c in state.counters.values()))
        yield counters
        mean = mean_visit_wait(state)
        if mean is not None:  # no value is not a wait of nothing
            yield GaugeMetricFamily("motcua_mean_wait_minutes", "Mean wait per visit today", value=mean)
        yield CounterMetricFamily("motcua_tickets", "Tickets issued today", value=len(state.tickets))
        yield CounterMetricFamily("motcua_commands", "Commands decided", value=office.commands)
        yield CounterMetricFamily("motcua_refused", "Commands refused", value=office.refused)
        yield CounterMetricFamily(
            "motcua_device_messages_dropped",
            "Messages of devices beyond their allowance",
            value=self._desk.reports.dropped,
        )
        yield CounterMetricFamily(
            "motcua_listener_failures", "Pages or relays that failed", value=office.listener_failures
        )
        yield from door_figures(self._desk.doors)
        yield GaugeMetricFamily(
            "motcua_clock_ahead_seconds",
            "Machine's clock against the office's",
            office.clock.read().ahead.total_seconds(),
        )
        yield CounterMetricFamily("motcua_clock_changes", "Changes of that difference", value=office.clock.changes)
        yield GaugeMetricFamily("motcua_journal_seq", "Newest journal entry", value=office.journal.last_seq)
        yield GaugeMetricFamily("motcua_healthy", "1 when the journal takes writes", value=int(office.healthy))


def door_figures(doors: Doors) -> Iterator[Metric]:
    """Who is connected, and who was turned away."""
    yield GaugeMetricFamily("motcua_connections", "Open connections", value=len(doors.connections))
    yield GaugeMetricFamily("motcua_streams", "Live pages open without a token", value=len(doors.streams))
    closed = CounterMetricFamily("motcua_connections_closed", "Connections closed or refused", labels=["reason"])
    for reason in WORDS:
        closed.add_metric([reason], doors.connections.closed[reason])
    yield closed
    refused = CounterMetricFamily("motcua_streams_refused", "Live pages refused", labels=["reason"])
    for reason in ("address-share", "no-room"):
        refused.add_metric([reason], doors.streams.refused[reason])
    yield refused


def health_routes(desk: Desk) -> APIRouter:
    router = APIRouter(tags=["health"])
    registry = CollectorRegistry()
    registry.register(OfficeCollector(desk))

    @router.get("/healthz")
    async def alive() -> Response:
        """The process answers."""
        return answer({"ok": True})

    @router.get("/readyz")
    async def ready() -> Response:
        """The journal takes writes, the day is open, the broker is there; 503 names what is not."""
        parts = desk.health()
        wrong = {name: text for name, text in parts.items() if text != "ok" and name not in OPTIONAL}
        return answer({"ready": not wrong, "parts": parts}, 503 if wrong else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        """Prometheus figures."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
