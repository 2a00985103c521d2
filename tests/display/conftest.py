"""A running server with the pages on an office in memory, and one browser per worker."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.responses import JSONResponse, Response

from display.hub import Hub
from display.web import Display
from queue_server.contract.messages import PolicyBody
from queue_server.contract.views import PolicyView
from queue_server.http.policy import tried
from queue_server.queue.config import OfficeConfig
from queue_server.site.loader import load_site
from queue_server.views.policy import policy_view
from tests.display.office import TOKENS, Office


@dataclass(frozen=True)
class Sent:
    """One command that a page sent."""

    path: str
    body: Any
    key: str


class Server:
    """uvicorn in a thread."""

    def __init__(self, app: FastAPI, display: Display, port: int) -> None:
        self.display = display
        self.socket = socket.create_server(("127.0.0.1", port))
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, lifespan="off")
        self.server = uvicorn.Server(config)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        until(lambda: self.server.started)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.server.serve(sockets=[self.socket]))
        self.loop.close()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.display.close(), self.loop).result(5)
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive(), "open streams keep the server from stopping"


def rules_of(view: PolicyView) -> SimpleNamespace:
    """The rules of a page, to be changed by tests."""
    return SimpleNamespace(**{f.name: getattr(view, f.name) for f in fields(view)})


@dataclass
class Hall:
    """Pages on a port: the office behind them, what they sent, and how to change things while they are open."""

    voices: Path
    office: Office = field(default_factory=Office)
    sent: list[Sent] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    site: OfficeConfig = field(default_factory=lambda: load_site(None).office)
    policy: SimpleNamespace = field(init=False)
    delay: float = 0.0
    port: int = 0

    def __post_init__(self) -> None:
        self.policy = rules_of(policy_view(self.site, self.site.policy))

    def start(self) -> None:
        """Starts the server, after a stop on the port that it had."""
        self.display = Display(
            self.office,
            self.office,
            Hub(heartbeat=0.3),
            voice_folder=self.voices,
            policy=lambda: self.policy,
            silence=1.5,
        )
        app = FastAPI()
        app.add_route("/api/v1/{path:path}", self.take, methods=["POST"])
        app.include_router(self.display.router)
        self.server = Server(app, self.display, self.port)
        self.port = self.server.socket.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def take(self, request: Request) -> Response:
        """What the server's own routes do with commands, as far as pages can see it."""
        path = request.path_params["path"]
        self.sent.append(Sent(path, await request.json(), request.headers.get("idempotency-key", "")))
        await asyncio.sleep(self.delay)
        if path in ("policy", "policy/check"):
            self.answers.setdefault(path, (200, {}))
            if self.answers[path] == (200, {}):
                return self.try_policy(path, PolicyBody.model_validate(self.sent[-1].body))
        status, body = self.answers.get(path, (200, {}))
        if status == 204:
            return Response(status_code=204)
        if status >= 400:
            return JSONResponse(body, status, media_type="application/problem+json")
        act = {"call-next": self.office.call_next, "start": self.office.start, "finish": self.office.finish}
        act.get(path.rpartition("/")[2], lambda: None)()
        self.display.changed()
        return JSONResponse(body, status)

    def try_policy(self, path: str, body: PolicyBody) -> Response:
        """The server's own verdict on wanted rules."""
        found = tried(self.site, self.site.policy, body)
        refused = path == "policy" and found["errors"]
        return JSONResponse(found, 422 if refused else 200)

    def change(self, act: Callable[[], Any]) -> None:
        """Changes the office on the server's loop and tells the pages, as a commit does."""

        async def run() -> None:
            act()
            self.display.changed()

        asyncio.run_coroutine_threadsafe(run(), self.server.loop).result(5)


def until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    """Waits for something to become true."""
    for _ in range(int(seconds * 100)):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen in time")


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clip packs are made once per worker."""
    return tmp_path_factory.mktemp("voice")


@pytest.fixture
def hall(voices: Path) -> Iterator[Hall]:
    made = Hall(voices)
    made.start()
    yield made
    made.server.stop()


@pytest.fixture(scope="module")
def browser(chromium_launch: dict[str, Any]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        args = [*chromium_launch["args"], "--autoplay-policy=no-user-gesture-required"]
        started = playwright.chromium.launch(**{**chromium_launch, "args": args})
        yield started
        started.close()


WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.__violations.push(event.violatedDirective));
"""


@pytest.fixture
def context(browser: Browser, hall: Hall) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=hall.url, locale="vi-VN")
    made.set_default_timeout(8000)
    made.add_init_script(WATCH)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; whatever its test does, no script may fail and nothing may break the content policy."""
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    yield tab
    assert errors == []


@pytest.fixture
def sign_in(context: BrowserContext, hall: Hall) -> Callable[[str], None]:
    """Gives the browser the session of a role, as the sign-in page does."""

    def give(token: str) -> None:
        assert token in TOKENS
        context.add_cookies([{"name": "motcua_session", "value": token, "url": hall.url}])

    return give
