"""The pages and their streams as HTTP routes: who may see what, security headers, sign-in, static files, voice."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from display import assets, render, session, texts
from display.answers import (
    HEADERS,
    IMMUTABLE,
    EventStream,
    address,
    around,
    html,
    plain,
    posted_fields,
    wanted_language,
)
from display.choices import NEW_RESERVATION, Policy, choices, past_choices
from display.clips import Voice
from display.formats import ZONE
from display.hub import Hub
from display.live import Live
from display.render import Channel, View
from display.words import language_of, translations
from queue_server.contract.origins import is_own
from queue_server.contract.ports import SESSION, Gate, Identity, Source
from queue_server.contract.problems import Refused
from queue_server.contract.views import CallRow, CounterRow

PHONES_PER_TICKET = 8
STREAMS = 2000
CALLS = 500
FAIR_FAST = 0.5  # where the slider stands while the site has not chosen between fair (0) and fast (1)
STRANGE_PAGE = "sent from another site; if this is the office's own address, set public_url in the site file"
RETRY = {"Retry-After": "30"}

Endpoint = Callable[[Request], Awaitable[Response]]


class Display:
    """All pages. `router` goes into the application; `changed()` is called on the event loop after every commit.

    `zone`: the office's time zone. `voice_folder`: where clip packs lie and are made.
    `policy`: the calling rules in force, for `/admin`. `links`: further pages for the technician, (name, address).
    `silence`: seconds until a page says "as of". `streams`: live pages that may be open at once. `speed`: of the clock.
    `origins`: addresses under which the pages may be read.
    """

    def __init__(
        self,
        source: Source,
        gate: Gate,
        hub: Hub,
        *,
        base_url: str = "",
        voice_folder: Path | None = None,
        policy: Policy | None = None,
        links: Sequence[tuple[str, str]] = (),
        silence: float = 20.0,
        zone: str = ZONE,
        pace: float = 0.08,
        streams: int = STREAMS,
        origins: frozenset[str] = frozenset(),
        speed: float = 1.0,
    ) -> None:
        self.source, self.gate, self.hub = source, gate, hub
        self.secure = base_url.startswith("https:")
        self.voice = Voice(voice_folder)
        self.live = Live(hub, self.look, zone=zone, pace=pace)
        self.zone, self._page = zone, partial(render.page, zone=zone, speed=speed)
        self.policy, self.links, self.silence = policy, links, silence
        self._streams, self._origins = streams, origins
        self._calls: dict[str, CallRow] = {}
        self.router = APIRouter(include_in_schema=False)
        self._add_routes()

    def changed(self) -> None:
        """Something was committed: open pages show it."""
        self.live.changed()

    async def prepare(self) -> bool:
        """Makes the clip packs ready, so that the first call is not late; whether calls will be spoken."""
        return await asyncio.to_thread(self.voice.prepare)

    async def close(self) -> None:
        """Ends all streams. To be called when the server begins to stop, before it waits for open connections."""
        self.live.stop()
        await self.hub.close()

    def look(self, channel: Channel) -> tuple[View, Mapping[str, Any]]:
        """The view of a page now and what else its templates need. Raises `Refused` for unknown ids."""
        fault = {"fault": partial(texts.fault_words, language=channel.language)}
        match channel.kind:
            case "board":
                board = self.source.board(channel.key)
                self._remember(board.calls)
                return board, {}
            case "console":
                view = self.source.console(channel.key)
                about = view.current.procedure if view.current else None
                named = self.source.procedure_name(about) if about else None
                other = {"lang": "en" if channel.language == "vi" else "vi", "counter": channel.key}
                return view, {"procedure": named, "other_language": f"/console?{urlencode(other)}", **fault}
            case "manager":
                named_predictor = partial(texts.predictor_words, language=channel.language)
                return self.source.manager(), {"predictor": named_predictor, **fault}
            case _:
                words = partial(texts.state_words, language=channel.language)
                return self.source.citizen(channel.key), {"state_words": words}

    def _add_routes(self) -> None:
        pages: dict[str, Endpoint] = {
            "/": self.index,
            "/board/{zone}": self.board,
            "/board/{zone}/stream": self.board_stream,
            "/console": self.console,
            "/console/stream": self.console_stream,
            "/manager": self.manager,
            "/manager/stream": self.manager_stream,
            "/admin": self.admin,
            "/t/{token}": self.citizen,
            "/t/{token}/stream": self.citizen_stream,
            "/sign-in": self.sign_in_form,
            "/static/{version}/{name}": self.static,
            "/voice/chime.wav": self.chime,
            "/voice/{call}.wav": self.spoken,
        }
        for path, endpoint in pages.items():
            self.router.add_route(path, endpoint, methods=["GET"], include_in_schema=False)
        self.router.add_route("/sign-in", self.sign_in, methods=["POST"], include_in_schema=False)
        self.router.add_route("/sign-out", self.sign_out, methods=["POST"], include_in_schema=False)

    async def index(self, request: Request) -> Response:
        """Links to everything."""
        language = wanted_language(request)
        try:
            name = self.source.board("all").unit_name
        except Refused:
            name = {}
        body = self._page(
            "index.html",
            language,
            unit_name=name,
            zones=self.source.zones(),
            counters=self.source.counters(),
            links=self.links,
            **around(request, language),
        )
        return html(body)

    async def board(self, request: Request) -> Response:
        """A hall board. `?speaks=0|1` overrules the site's choice of the speaking board."""
        zone, language = request.path_params["zone"], wanted_language(request)
        try:
            view = self.source.board(zone)
        except Refused:
            return self._gone(language, "board", 404)
        speaks = {"0": False, "1": True}.get(request.query_params.get("speaks", ""), view.speaks)
        return self._live_page(request, Channel(kind="board", key=zone, language=language), speaks=speaks)

    async def board_stream(self, request: Request) -> Response:
        """The stream of a hall board; open to everybody."""
        return self._stream(Channel(kind="board", key=request.path_params["zone"], language=wanted_language(request)))

    async def console(self, request: Request) -> Response:
        """The officer's console of `?counter=`; without one, their own or a choice."""
        language = wanted_language(request)
        identity = self._identity(request)
        if not session.may_open(identity, "console"):
            return self._sign_in_page(request, identity)
        wanted = request.query_params.get("counter") or (identity.counter if identity else None)
        counter = self._counter(wanted)
        if counter is None:
            page = self._page("choose.html", language, counters=self.source.counters(), wanted=wanted)
            return html(page, 404 if wanted else 200)
        if not session.may_open(identity, "console", counter.id):
            return self._sign_in_page(request, identity)
        if request.query_params.get("counter") != counter.id:
            language_part = {"lang": language} if language != "vi" else {}
            return RedirectResponse(f"/console?{urlencode({'counter': counter.id, **language_part})}", 303)
        channel = Channel(kind="console", key=counter.id, language=language)
        return self._live_page(request, channel, console_words=texts.console_words(language))

    async def console_stream(self, request: Request) -> Response:
        """The stream of a console."""
        counter = self._counter(request.query_params.get("counter"))
        if counter is None:
            return plain("no such counter", 404)
        identity = self._identity(request)
        if not session.may_open(identity, "console", counter.id):
            return plain("not signed in", 401) if identity is None else plain("forbidden", 403)
        return self._stream(Channel(kind="console", key=counter.id, language=wanted_language(request)))

    async def manager(self, request: Request) -> Response:
        """Today's figures against the targets."""
        identity, language = self._identity(request), wanted_language(request)
        if not session.may_open(identity, "manager"):
            return self._sign_in_page(request, identity)
        return self._live_page(
            request,
            Channel(kind="manager", key="today", language=language),
            may_apply=session.may_open(identity, "admin"),
            manager_words=texts.manager_words(language),
            **past_choices(self.source, self.policy, language),
        )

    async def manager_stream(self, request: Request) -> Response:
        """The stream of the manager's page."""
        identity = self._identity(request)
        if not session.may_open(identity, "manager"):
            return plain("not signed in", 401) if identity is None else plain("forbidden", 403)
        return self._stream(Channel(kind="manager", key="today", language=wanted_language(request)))

    async def admin(self, request: Request) -> Response:
        """The calling rules in force and the target table."""
        identity, language = self._identity(request), wanted_language(request)
        if not session.may_open(identity, "admin"):
            return self._sign_in_page(request, identity)
        policy = self.policy() if self.policy else None
        body = self._page(
            "admin.html",
            language,
            view=self.source.manager(),
            policy=policy,
            new_reservation=NEW_RESERVATION,
            day_choices=texts.weekdays(language),
            chosen_from=choices(policy, language) if policy else {},
            policies=texts.policies(language),
            fair_fast=FAIR_FAST,
            admin_words=texts.admin_words(language),
            **around(request, language),
        )
        return html(body)

    async def citizen(self, request: Request) -> Response:
        """The phone page of one ticket; whoever holds its token may see it."""
        token = request.path_params["token"]
        try:
            view = self.source.citizen(token)
        except Refused:
            return self._gone(wanted_language(request), "ticket", 404)
        language = language_of(request.query_params.get("lang") or view.language)
        channel = Channel(kind="citizen", key=token, language=language)
        return self._live_page(request, channel, citizen_words=texts.citizen_words(language))

    async def citizen_stream(self, request: Request) -> Response:
        """The stream of one ticket, for a handful of phones at most."""
        channel = Channel(kind="citizen", key=request.path_params["token"], language=wanted_language(request))
        if self.hub.listeners(str(channel)) >= PHONES_PER_TICKET:
            return plain("too many open pages", 429, **RETRY)
        return self._stream(channel)

    async def sign_in_form(self, request: Request) -> Response:
        """A form to paste an access code; a link may bring the code in its fragment."""
        return self._sign_in_page(request, None, status=200)

    async def sign_in(self, request: Request) -> Response:
        """Takes an access code and begins a session, whose cookie scripts cannot read."""
        if not self._from_own_page(request):
            return plain(STRANGE_PAGE, 403)
        form = await posted_fields(request)
        if form is None:
            return plain("too much data", 413)
        token = form.get("token", "").strip()
        value = self.gate.sign_in(token, request.cookies.get(session.COOKIE)) if token else None
        identity = self.gate.session(value) if value else None
        if value is None or identity is None:
            _ = translations(wanted_language(request)).gettext
            message = _("This access code is not valid. Please check it or ask for a new one.")
            return self._sign_in_page(request, None, status=401, message=message, onward=form.get("next", ""))
        onward = session.local_path(form.get("next"), session.home_of(identity))
        answer = RedirectResponse(onward, 303, HEADERS)
        answer.set_cookie(
            session.COOKIE,
            value,
            max_age=int(SESSION.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=self.secure,
        )
        return answer

    async def sign_out(self, request: Request) -> Response:
        """Ends the session: a copy of its cookie opens nothing either."""
        if not self._from_own_page(request):
            return plain(STRANGE_PAGE, 403)
        self.gate.sign_out(request.cookies.get(session.COOKIE, ""))
        answer = RedirectResponse("/", 303, HEADERS)
        answer.delete_cookie(session.COOKIE, httponly=True, samesite="strict", secure=self.secure)
        return answer

    async def static(self, request: Request) -> Response:
        """A static file of this version, to be kept for ever."""
        asset = assets.assets().get(request.path_params["name"])
        if asset is None or request.path_params["version"] != assets.version():
            return plain("not found", 404)
        return Response(asset.body, media_type=asset.type, headers=IMMUTABLE)

    async def chime(self, request: Request) -> Response:
        """The chime alone."""
        del request
        return Response(await asyncio.to_thread(self.voice.chime), media_type="audio/wav", headers=HEADERS)

    async def spoken(self, request: Request) -> Response:
        """A call of the boards, spoken."""
        row = self._calls.get(request.path_params["call"])
        if row is None:
            return plain("no such call", 404)
        return Response(await asyncio.to_thread(self.voice.call, row), media_type="audio/wav", headers=HEADERS)

    def _live_page(self, request: Request, channel: Channel, **context: Any) -> Response:
        view, extra = self.look(channel)
        query = {**dict(request.query_params), "lang": channel.language}
        query.pop("speaks", None)
        body = self._page(
            f"{channel.kind}.html",
            channel.language,
            shown=render.regions(channel, view, extra, self.zone),
            view=view,
            kind=channel.kind,
            stream=f"{quote(request.url.path)}/stream?{urlencode(query)}",
            at=view.as_of.isoformat(),
            silence=self.silence,
            **around(request, channel.language),
            **context,
        )
        return html(body)

    def _stream(self, channel: Channel) -> Response:
        if self.hub.total() >= self._streams:
            return plain("too many open pages", 503, **RETRY)
        try:
            self.look(channel)
        except Refused:
            return plain("not found", 404)
        return EventStream(self.hub.stream(str(channel), partial(self.live.first, channel)))

    def _identity(self, request: Request) -> Identity | None:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.gate.identify(bearer.strip())
        value = request.cookies.get(session.COOKIE)
        return self.gate.session(value) if value else None

    def _from_own_page(self, request: Request) -> bool:
        """Whether a form was sent from our own pages. Programs without a browser send no Origin."""
        origin = request.headers.get("origin")
        return origin is None or is_own(origin, self._origins, request.scope.get("server"))

    def _counter(self, wanted: str | None) -> CounterRow | None:
        rows = self.source.counters()
        by_id = next((row for row in rows if row.id == wanted), None)
        return by_id or next((row for row in rows if row.label == wanted), None)

    def _remember(self, calls: Sequence[CallRow]) -> None:
        """Keeps what boards have shown: in a rush a call leaves the board before its turn to be spoken comes."""
        for row in calls:
            self._calls[row.id] = row
        while len(self._calls) > CALLS:
            del self._calls[next(iter(self._calls))]

    def _sign_in_page(
        self,
        request: Request,
        identity: Identity | None,
        *,
        status: int | None = None,
        message: str = "",
        onward: str | None = None,
    ) -> Response:
        language = wanted_language(request)
        _ = translations(language).gettext
        if identity is not None:
            message = _("Your account may not open this page. Sign in with another access code.")
        here = request.query_params.get("next", "") if request.url.path == "/sign-in" else address(request)
        body = self._page(
            "sign_in.html",
            language,
            message=message,
            next=session.local_path(here if onward is None else onward, ""),
            **around(request, language),
        )
        return html(body, status or (401 if identity is None else 403))

    def _gone(self, language: str, what: str, status: int) -> Response:
        _ = translations(language).gettext
        if what == "ticket":
            title = _("This number is not known")
            text = _("It may be from another day, or the link is incomplete. Please ask at the guide's desk.")
        else:
            title, text = _("There is no such board"), _("Please choose one from the list.")
        return html(self._page("gone.html", language, title=title, text=text, home=what == "board"), status)
