"""What every answer of the pages has in common: security headers, streams as responses, forms, addresses."""

from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from display.hub import App
from display.words import language_of

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types motcua"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # "no-referrer" would send our own forms with Origin: null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
LARGEST_FORM = 4096


class EventStream(Response):
    """A stream of the hub as a response that FastAPI and Starlette hand through."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def html(body: str, status: int = 200) -> HTMLResponse:
    """A page."""
    return HTMLResponse(body, status, HEADERS)


def plain(text: str, status: int, **headers: str) -> PlainTextResponse:
    """A few words for programs."""
    return PlainTextResponse(text, status, {**HEADERS, **headers})


def wanted_language(request: Request) -> str:
    """The language asked for by `?lang=`."""
    return language_of(request.query_params.get("lang"))


def address(request: Request) -> str:
    """The address of a request on this server."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def around(request: Request, language: str) -> dict[str, Any]:
    """What every page needs to link to itself in another language and to others in its own."""
    query = dict(request.query_params)

    def in_language(code: str) -> str:
        return f"?{urlencode({**query, 'lang': code})}"

    return {"here": in_language, "query": "" if language == "vi" else f"?lang={language}"}


async def posted_fields(request: Request) -> dict[str, str] | None:
    """The fields of a posted form; None when it is larger than any of ours can be."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[-1] for name, values in fields.items()}
