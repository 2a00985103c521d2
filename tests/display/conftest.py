"""A running server with the pages on an office in memory, and one browser per worker."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.responses import JSONResponse, Response

from display.hub import Hub
from display.web import Display
from tests.display.office import TOKENS, Office


@dataclass
class Sent:
    """One command that a page sent."""

    path: str
    body: Any
    key: str


@dataclass
class Hall:
    """Pages on a port: the office behind them, what they sent, and how to change things while they are open."""

    office: Office
    display: Display
    url: str
    loop: asyncio.AbstractEventLoop
    sent: list[Sent] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    delay: float = 0.0

    def change(self, act: Callable[[], Any]) -> None:
        """Changes the office on the server's loop and tells the pages, as a commit does."""

        async def run() -> None:
            act()
            self.display.changed()

        asyncio.run_coroutine_threadsafe(run(), self.loop).result(5)


def application(hall_of: Callable[[], Hall], display: Display) -> FastAPI:
    app = FastAPI()

    @app.post("/api/v1/{path:path}")
    async def take(path: str, request: Request) -> Response:
        hall = hall_of()
        hall.sent.append(Sent(path, await request.json(), request.headers["idempotency-key"]))
        await asyncio.sleep(hall.delay)
        status, body = hall.answers.get(path, (200, {}))
        if status >= 400:
            return JSONResponse(body, status, media_type="application/problem+json")
        act = {"call-next": hall.office.call_next, "start": hall.office.start, "finish": hall.office.finish}
        if path.rpartition("/")[2] in act:
            act[path.rpartition("/")[2]]()
        hall.display.changed()
        return JSONResponse(body, status)

    app.include_router(display.router)
    return app


class Server:
    """uvicorn in a thread on a port that stays the same over restarts."""

    def __init__(self, app: FastAPI, display: Display, port: int = 0) -> None:
        self.display = display
        self.socket = socket.create_server(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, lifespan="off")
        self.server = uvicorn.Server(config)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.server.serve(sockets=[self.socket]))
        self.loop.close()

    def start(self) -> None:
        self.thread.start()
        for _ in range(500):
            if self.server.started:
                return
            threading.Event().wait(0.01)
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.display.close(), self.loop).result(5)
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Clip packs are made once per worker."""
    return tmp_path_factory.mktemp("voice")


@pytest.fixture
def hall(voices: Any) -> Iterator[Hall]:
    office = Office()
    display = Display(office, office, Hub(heartbeat=0.3), voice_folder=voices, silence=1.5)
    found: list[Hall] = []
    server = Server(application(lambda: found[0], display), display)
    server.start()
    found.append(Hall(office, display, f"http://127.0.0.1:{server.port}", server.loop))
    yield found[0]
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
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
