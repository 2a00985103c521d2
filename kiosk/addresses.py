"""Where the office is: one address, or those of its machines, of which the one with the latest generation serves."""

import asyncio
from typing import Final

import httpx

ASK_LIMIT: Final = 1.0  # seconds for a machine to say which generation it serves


class Addresses:
    """Tries them in order, keeps to the one that answered, and asks all again once `lost` is called.

    A machine of an earlier generation than we ever met is the office's no more, as long as this program runs.
    """

    def __init__(self, urls: str) -> None:
        self._urls = [url.strip().rstrip("/") for url in urls.split(",") if url.strip()]
        self.current = self._urls[0] if self._urls else ""
        self._settled = len(self._urls) < 2
        self._generation = 0

    def lost(self) -> None:
        """The current one did not answer as it should."""
        self._settled = len(self._urls) < 2

    async def choose(self, client: httpx.AsyncClient) -> str:
        """The address to call now; the current one where none answers, so that the call says what is wrong."""
        if self._settled:
            return self.current
        found = await asyncio.gather(*(_generation(client, url) for url in self._urls))
        known = [number for number in found if number is not None and number >= self._generation]
        if known:
            self._generation = max(known)
            self.current = self._urls[found.index(self._generation)]
            self._settled = True
        elif any(number is not None for number in found):
            raise httpx.ConnectError("only a machine answers whose office another one has taken over")
        return self.current


async def _generation(client: httpx.AsyncClient, url: str) -> int | None:
    """The generation that a machine serves, 0 for a program of before; None where no office answers."""
    try:
        async with asyncio.timeout(ASK_LIMIT):
            answer = await client.get(f"{url}/api/v1/generation")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return 0
        return int(answer.json()["generation"]) if answer.is_success else None
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, KeyError, TypeError):
        return None
