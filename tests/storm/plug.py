"""How the kiosks' HTTP library reaches the network: straight through the event loop.

Its usual way, anyio, cancels tasks in the order of a set, which is another one in every process: a seed would not be
told the same twice. The arguments' names are the library's.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import httpcore
from httpcore._async import connection, connection_pool


def plug_in() -> None:
    """From now on clients of this process connect through here."""
    for module in (connection, connection_pool):
        module.AutoBackend = Plugs  # type: ignore[attr-defined,misc]


class Plugs(httpcore.AsyncNetworkBackend):
    """Opens connections with the event loop that runs."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                _, plug = await asyncio.get_running_loop().create_connection(Plug, host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return plug

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Plug(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """The client's end of one connection."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._news = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended, self._error = True, exc
        self._news.set()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        try:
            async with asyncio.timeout(timeout):
                while not self._heard and not self._ended:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error
        if self._error is not None and not self._heard:
            raise httpcore.ReadError(str(self._error)) from self._error
        found = bytes(self._heard[:max_bytes])
        del self._heard[:max_bytes]
        return found

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if self._ended:
            raise httpcore.WriteError(str(self._error or "closed"))
        self._transport.write(buffer)

    async def aclose(self) -> None:
        self._transport.close()

    def get_extra_info(self, info: str) -> Any:
        """Whether an idle connection was closed by the other side; nothing else is asked."""
        return bool(self._heard) or self._ended if info == "is_readable" else None
