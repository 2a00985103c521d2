"""The HTTP door on a real office, and the people of the stories who knock at it."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI

from display.hub import Hub
from queue_server.auth import Tokens
from queue_server.contract.ports import Identity
from queue_server.contract.problems import TITLES, Problem, status_of
from queue_server.days import keep_day
from queue_server.device_reports import DeviceReports
from queue_server.follower.files import OfficeFiles
from queue_server.follower.followers import Followers
from queue_server.http.app import create_app
from queue_server.http.desk import Desk
from queue_server.http.events import publish_entries
from queue_server.journal.journal import Journal
from queue_server.journal.verify import verify
from queue_server.keys import Secret
from queue_server.office import Office
from queue_server.people.store import People
from queue_server.queue.events import TicketIssued
from queue_server.replaying import Replays
from queue_server.site.loader import load_site
from queue_server.site.model import Site
from queue_server.source import OfficeSource
from tests.http.declared import check

T = TypeVar("T")

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 local
DAY = "20261123"
URL = "http://office.test"


@cache
def example() -> Site:
    return load_site(None)


@dataclass
class Clock:
    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now


@dataclass
class House:
    """An office with its door. Calls are plain functions; everything runs on one loop of its own."""

    path: Path
    site: Site = field(default_factory=example)
    clock: Clock = field(default_factory=Clock)
    cast: dict[str, str] = field(default_factory=dict)
    hub: Hub = field(default_factory=lambda: Hub(heartbeat=60))
    broker: str = "ok"
    replay_limit: float = 60.0
    people: People = field(default_factory=People)

    def open(self) -> "House":
        self.runner = asyncio.Runner()
        self.journal = Journal(self.path)
        self.journal.open()
        self.tokens = Tokens(Secret.single(b"a key for tests"))
        self.cast = {
            "officer 1": self.token("officer", counter="q1"),
            "officer 2": self.token("officer", counter="q2"),
            "officer": self.token("officer"),
            "kiosk": self.token("kiosk", kiosk="kiosk-1"),
            "manager": self.token("manager"),
            "auditor": self.token("auditor"),
            "admin": self.token("admin"),
            "board": self.token("board"),
            "follower": self.token("follower"),
        }
        self.run(self._start())
        return self

    async def _start(self) -> None:
        self.office = Office(self.journal, self.clock)
        self.office.load()
        self.office.start()
        await keep_day(self.office, self.site)
        self.source = OfficeSource(self.office, self.site, self.tokens, people=self.people)
        self.source.reload()
        self.followers = Followers(
            OfficeFiles(self.path.parent), self.path, office=self.site.id, now=self.clock, steady=time.monotonic
        )
        self.followers.start(self.journal.last_seq, None)
        self.office.listen(self.followers.committed)
        self.source.followers = self.followers
        self.replays = Replays(self.path.parent, limit=self.replay_limit)
        self.desk = Desk(
            office=self.office,
            source=self.source,
            site=self.site,
            public_url=URL,
            streams=self.hub,
            replays=self.replays,
            reports=DeviceReports(self.office),
            followers=self.followers,
            origins=frozenset({URL}),
            health=lambda: {"journal": "ok" if self.office.healthy else "full", "day": "ok", "broker": self.broker},
        )
        self.app: FastAPI = create_app(self.desk)
        self.office.listen(self._committed)
        way = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=way, base_url=URL)

    def _committed(self, entries: Any) -> None:
        for entry in entries:
            if isinstance(entry.event, TicketIssued):
                self.source.remember(entry.event)
        publish_entries(self.hub, entries)

    def close(self) -> None:
        with ExitStack() as last:
            last.callback(self.runner.close)
            last.callback(self.journal.close)
            self.run(self._stop())

    async def _stop(self) -> None:
        await self.replays.stop()
        await self.client.aclose()
        await self.hub.close()
        await self.office.stop()
        self.followers.close()

    def restart(self) -> "House":
        """The same data folder, opened by a new program."""
        self.close()
        self.hub = Hub(heartbeat=60)
        return self.open()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def token(self, role: str, **place: str) -> str:
        return self.tokens.make(Identity(role=role, subject=role, **place))

    def session(self, who: str) -> str:
        """The cookie of somebody who signed in on a page."""
        value = self.source.sign_in(self.cast[who], None)
        assert value
        return value

    def later(self, **by: float) -> None:
        self.clock.now += timedelta(**by)

    def headers(self, who: str | None) -> dict[str, str]:
        return {"authorization": f"Bearer {self.cast[who]}"} if who in self.cast else {}

    def ask(self, method: str, path: str, who: str | None = None, **more: Any) -> httpx.Response:
        """A request to /api/v1; a second passes."""
        self.later(seconds=1)
        headers = {**self.headers(who), **more.pop("headers", {})}
        where = path if path.startswith(("/healthz", "/readyz", "/metrics", "/openapi")) else f"/api/v1{path}"
        got = self.run(self.client.request(method, where, headers=headers, **more))
        check(got)
        return got

    def get(self, path: str, who: str | None = None, **more: Any) -> httpx.Response:
        return self.ask("GET", path, who, **more)

    def post(self, path: str, body: Any = None, who: str | None = None, **more: Any) -> httpx.Response:
        if body is not None:
            more["json"] = body
        return self.ask("POST", path, who, **more)

    def take(self, service: str = "ho_tich", **more: Any) -> dict[str, Any]:
        """One more person with a ticket."""
        got = self.post("/tickets", {"service": service, **more}, "kiosk")
        assert got.status_code == 201, got.text
        return dict(got.json())

    def open_counter(self, *counters: str) -> None:
        for counter in counters:
            got = self.post(f"/counters/{counter}/open", {}, "officer")
            assert got.status_code == 200, got.text

    def next(self, counter: str = "q1", *, finish: bool = True) -> dict[str, Any] | None:
        got = self.post(f"/counters/{counter}/call-next", {"finish_current": finish}, "officer")
        assert got.status_code in (200, 204), got.text
        return dict(got.json()) if got.status_code == 200 else None

    def trace(self) -> tuple[int, int, str]:
        """What must stay the same when nothing is to change: version in memory, end of the journal."""
        return (self.office.state.version, self.journal.last_seq, self.journal.last_hash)

    def is_whole(self) -> bool:
        return verify(self.journal).problems == []


def refused(got: httpx.Response, code: Problem) -> None:
    """The answer is a problem of this code, complete and in both languages."""
    assert got.headers["content-type"] == "application/problem+json", got.text
    body = got.json()
    vi, en = TITLES[code]
    assert (body["code"], body["status"], got.status_code) == (str(code), status_of(code), status_of(code)), body
    assert (body["title"], body["title_vi"], body["type"]) == (en, vi, "about:blank")
    assert isinstance(body["detail"], str)


def with_hours(site: Site) -> Site:
    """The site with office hours 07:30–11:30 and 13:30–17:00, Monday to Friday; certificates in the morning only."""
    morning, afternoon = (450, 690), (810, 1020)
    weekday = (morning, afternoon)
    hours = replace(site.hours, id="lam_viec", week=(*(weekday,) * 5, (), ()))
    mornings = replace(hours, id="buoi_sang", week=(*((morning,),) * 5, (), ()))
    made = dict.fromkeys(site.service_hours, hours) | {"chung_thuc": mornings}
    return replace(site, hours=hours, service_hours=made)
