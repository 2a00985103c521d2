"""How a machine that follows asks the office: one question after the other over one connection."""

import ssl
from typing import Any

import httpx
from pydantic import ValidationError

from queue_server.contract.follower import FollowAnswer, GenerationAnswer
from queue_server.follower.copy import NotOursError
from queue_server.journal.anchor import End
from queue_server.options import ConfigError

LIMIT = 10.0  # seconds for an answer; the office waits one for entries
CONNECT_LIMIT = 3.0


class CutError(Exception):
    """The office does not answer now; it may later."""


class Link:
    """The office at `url`, asked with a follower's token."""

    def __init__(self, url: str, token: str, address: str) -> None:
        self.url = url.rstrip("/")
        self._address = address
        self._client = httpx.Client(
            base_url=self.url + "/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(LIMIT, connect=CONNECT_LIMIT),
            verify=ssl.create_default_context(),  # what the machine trusts, an office's own authority too
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def after(self, end: End, files: str) -> FollowAnswer:
        """Entries after an end; raises `CutError`, `NotOursError`, `ConfigError`."""
        asked = {"after": str(end.seq), "hash": end.hash, "files": files, "address": self._address}
        got = self._get("/follower/entries", asked)
        try:
            return FollowAnswer.model_validate_json(got.content)
        except ValidationError as error:
            raise CutError(f"the answer is none of an office: {error.error_count()} faults") from error

    def file(self, name: str) -> bytes | None:
        """A file's content; None where it has gone meanwhile."""
        try:
            return self._get(f"/follower/files/{name}", {}).content
        except FileNotFoundError:
            return None

    def _get(self, path: str, asked: dict[str, str]) -> httpx.Response:
        try:
            got = self._client.get(path, params=asked)
        except httpx.UnsupportedProtocol as error:
            raise ConfigError(f"{self.url} is no address of an office: write --of http://HOST:PORT") from error
        except httpx.HTTPError as error:
            raise CutError(str(error) or type(error).__name__) from error
        if got.status_code == httpx.codes.OK:
            return got
        raise self._refusal(path, got)

    def _refusal(self, path: str, got: httpx.Response) -> Exception:
        match got.status_code:
            case httpx.codes.UNAUTHORIZED | httpx.codes.FORBIDDEN:
                return ConfigError(
                    f"{self.url} does not let this machine follow: make a token there (motcua token follower) "
                    "and give it with --token or MOTCUA_TOKEN"
                )
            case httpx.codes.CONFLICT:
                return NotOursError(
                    f"{self.url} holds another record: {_detail(got)}. Nothing was changed here. Keep this folder, "
                    "and follow into an empty one"
                )
            case httpx.codes.NOT_FOUND if path.startswith("/follower/files/"):
                return FileNotFoundError(path)
            case httpx.codes.NOT_FOUND:
                return ConfigError(f"the program at {self.url} is of a version that nobody can follow; update it")
        return CutError(f"{self.url} answers {got.status_code}")


def generation(url: str, limit: float = CONNECT_LIMIT) -> GenerationAnswer | None:
    """Which office serves at an address; None where none does, or one of a version that does not say."""
    try:
        with httpx.Client(timeout=limit, verify=ssl.create_default_context(), trust_env=False) as client:
            got = client.get(f"{url.rstrip('/')}/api/v1/generation")
        return GenerationAnswer.model_validate_json(got.content)
    except (httpx.HTTPError, httpx.InvalidURL, ValidationError):
        return None


def serves(url: str, limit: float = CONNECT_LIMIT) -> bool:
    """Whether an office answers at an address."""
    try:
        with httpx.Client(timeout=limit, verify=ssl.create_default_context(), trust_env=False) as client:
            return client.get(f"{url.rstrip('/')}/healthz").is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def _detail(got: httpx.Response) -> str:
    try:
        body: dict[str, Any] = got.json()
        return str(body.get("detail") or body.get("code"))
    except (ValueError, AttributeError):
        return str(got.status_code)
