"""Talking to the queue server over HTTP: one method per call, and an honest word on what is known when it fails."""

import asyncio
import ssl
from typing import Any, Final, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from kiosk.addresses import Addresses
from queue_server.contract.messages import LeaseAnswer, TicketAnswer

Model = TypeVar("Model", bound=BaseModel)

TICKET_LIMIT: Final = 2.0  # a person stands there and waits
LOOK_LIMIT: Final = 3.0
CONNECT_LIMIT: Final = 1.0


class ServerError(Exception):
    """Base of everything that can go wrong with a call."""


class NotSentError(ServerError):
    """No connection: the server cannot have seen the command."""


class UnclearError(ServerError):
    """The command may or may not have been carried out: no answer in time, a cut line, a fault of the server."""

    def __init__(self, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


class RefusedError(ServerError):
    """The server said no, and nothing has changed. `code` is the problem's stable name."""

    def __init__(self, *, code: str, status: int) -> None:
        super().__init__(f"{status} {code}")
        self.code = code
        self.status = status

    @property
    def may_pass(self) -> bool:
        """Whether the same command may succeed later without being changed: rights, or too many requests."""
        return self.status in (401, 403, 408, 429)


class Server:
    """The server's door for one kiosk. `limit` in every call is seconds for the whole of it.

    `url` may name several machines with a comma between them: the office's, and the one that would take it over.
    """

    def __init__(self, *, url: str, kiosk: str, token: str) -> None:
        self._addresses = Addresses(url)
        self._kiosk = kiosk
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(None, connect=CONNECT_LIMIT),
            # What the machine trusts, an office's own authority too; `SSL_CERT_FILE` names another store.
            verify=ssl.create_default_context(),
            trust_env=False,  # a proxy for the web has no place between a kiosk and its server
        )

    @property
    def url(self) -> str:
        """The machine that is called now."""
        return self._addresses.current

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def office(self) -> Any:
        """What the server says of this kiosk and its office."""
        return await self._json("GET", f"/kiosks/{self._kiosk}")

    async def services(self) -> Any:
        """The services with their live waits."""
        return await self._json("GET", "/services")

    async def catalogue(self, etag: str = "") -> tuple[str, Any] | None:
        """The catalogue with its ETag; None when the one we hold is the newest."""
        answer = await self._send("GET", "/catalogue", headers={"If-None-Match": etag} if etag else {})
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        return answer.headers.get("ETag", ""), _body(answer)

    async def search(self, query: str, *, limit: float) -> Any:
        """Procedures found by plain words, best first."""
        return await self._json("GET", "/procedures", params={"q": query, "limit": 12}, limit=limit)

    async def take(self, body: dict[str, Any], *, key: str, limit: float = TICKET_LIMIT) -> TicketAnswer:
        """Take a number. The same key always gives the same number."""
        return _read(TicketAnswer, await self._json("POST", "/tickets", json=body, key=key, limit=limit))

    async def hand_in(self, body: dict[str, Any], *, key: str) -> TicketAnswer:
        """Hand in a number that was issued from the lease.

        A server of the version before takes no day in the body, and reads none from the key.
        """
        path = f"/kiosks/{self._kiosk}/hand-in"
        try:
            answer = await self._json("POST", path, json=body, key=key)
        except RefusedError as refusal:
            if "day" not in body or refusal.status != httpx.codes.UNPROCESSABLE_ENTITY:
                raise
            older = {name: value for name, value in body.items() if name != "day"}
            answer = await self._json("POST", path, json=older, key=key)
        return _read(TicketAnswer, answer)

    async def lease(self, *, key: str) -> LeaseAnswer:
        """Top up the numbers this kiosk may issue alone."""
        return _read(LeaseAnswer, await self._json("POST", f"/kiosks/{self._kiosk}/lease", json={}, key=key))

    async def cancel(self, token: str, *, key: str) -> None:
        """Cancel a ticket by its own token."""
        await self._send("POST", f"/tickets/{token}/cancel", json={}, key=key)

    async def report_print(self, *, ticket: str, problem: str | None, key: str) -> None:
        """Tell how the printing of a ticket ended."""
        body = {"ticket": ticket, "problem": problem}
        await self._send("POST", f"/kiosks/{self._kiosk}/print-report", json=body, key=key)

    async def report_device(self, *, device: str, problem: str | None, key: str) -> None:
        """Tell the desk how a device of this kiosk is."""
        body = {"device": device, "problem": problem}
        await self._send("POST", f"/kiosks/{self._kiosk}/device", json=body, key=key)

    async def call_help(self, *, key: str) -> None:
        """Call a guide to this kiosk."""
        await self._send("POST", f"/kiosks/{self._kiosk}/help", json={}, key=key)

    async def _json(self, method: str, path: str, **options: Any) -> Any:
        return _body(await self._send(method, path, **options))

    async def _send(
        self,
        method: str,
        path: str,
        *,
        key: str = "",
        limit: float = LOOK_LIMIT,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        sent = {**(headers or {}), **({"Idempotency-Key": key} if key else {})}
        try:
            async with asyncio.timeout(limit):
                url = await self._addresses.choose(self._client)
                answer = await self._client.request(method, f"{url}/api/v1{path}", headers=sent, **options)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as missing:
            self._addresses.lost()
            raise NotSentError(str(missing)) from missing
        except TimeoutError as late:
            self._addresses.lost()
            raise UnclearError("no answer in time") from late
        except httpx.HTTPError as broken:
            self._addresses.lost()
            raise UnclearError(str(broken) or type(broken).__name__) from broken
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            self._addresses.lost()
            raise UnclearError(f"status {answer.status_code}", status=answer.status_code)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise RefusedError(code=_code(answer), status=answer.status_code)
        return answer


def _body(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as garbled:
        raise UnclearError("the answer is no JSON") from garbled


def _code(answer: httpx.Response) -> str:
    try:
        code = answer.json().get("code")
    except (ValueError, AttributeError):
        return "unknown"
    return code if isinstance(code, str) else "unknown"


def _read(model: type[Model], body: Any) -> Model:
    try:
        return model.model_validate(body)
    except ValidationError as garbled:
        raise UnclearError("the answer is not what it should be") from garbled
