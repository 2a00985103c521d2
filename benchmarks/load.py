"""A lean HTTP load: keep-alive clients on raw sockets, so that the client costs little beside the server.

Run as a program of its own: `python -m benchmarks.load URL PATH CLIENTS REQUESTS BODY [TOKEN]` prints requests per
second and the number of answers that were not 2xx.
"""

import asyncio
import sys
import time
from urllib.parse import urlsplit


class Client(asyncio.Protocol):
    """Sends one request after the other on one connection."""

    def __init__(self, request: bytes, take: "Take") -> None:
        self.request = request
        self.take = take
        self.buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        if self.take.left <= 0:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.take.left -= 1
        self.transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(rest) < length:
            return
        self.buffer = b""
        if not head.startswith(b"HTTP/1.1 2"):
            self.take.failed += 1
        self.send()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.done.done():
            self.take.failed += 1
            self.done.set_result(None)


class Take:
    """What is left to do, shared by all clients."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.failed = 0


async def run(url: str, path: str, clients: int, requests: int, body: str, token: str = "") -> tuple[float, int]:
    """Requests per second, and how many failed."""
    where = urlsplit(url)
    data = body.encode()
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {where.netloc}",
        "Content-Type: application/json",
        f"Content-Length: {len(data)}",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode() + data
    take = Take(requests)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    made = [
        await loop.create_connection(lambda: Client(request, take), where.hostname or "127.0.0.1", where.port or 80)
        for _ in range(clients)
    ]
    await asyncio.gather(*(client.done for _, client in made))
    return requests / (time.perf_counter() - started), take.failed


def main() -> None:
    url, path, clients, requests, body, *token = sys.argv[1:]
    rate, failed = asyncio.run(run(url, path, int(clients), int(requests), body, *token))
    print(f"{rate:.1f} {failed}")


if __name__ == "__main__":
    main()
