"""The bare programs that ours are compared with: as little as can do the same kind of work.

`python -m benchmarks.floors post FILE`: FastAPI, one POST that inserts one durable row in group commit.
`python -m benchmarks.floors hop`: FastAPI, one POST that hands a frame to one event stream, nothing stored.
"""

import asyncio
import socket
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse


class Body(BaseModel):
    service: str
    priority: str | None = None
    language: str = "vi"


def post_app(path: str) -> FastAPI:
    app = FastAPI()
    waiting: asyncio.Queue[tuple[str, asyncio.Future[int]]] = asyncio.Queue()
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("create table if not exists tickets (id integer primary key, service text)")
    thread = ThreadPoolExecutor(1)
    tasks: set[asyncio.Task[None]] = set()

    def write(rows: list[str]) -> list[int]:
        connection.execute("begin immediate")
        ids = [int(connection.execute("insert into tickets (service) values (?)", (r,)).lastrowid or 0) for r in rows]
        connection.execute("commit")
        return ids

    async def loop() -> None:
        while True:
            batch = [await waiting.get()]
            while not waiting.empty() and len(batch) < 256:
                batch.append(waiting.get_nowait())
            ids = await asyncio.get_running_loop().run_in_executor(thread, write, [row for row, _ in batch])
            for (_, future), made in zip(batch, ids, strict=True):
                future.set_result(made)

    @app.post("/tickets", status_code=201)
    async def take(body: Body) -> dict[str, Any]:
        if not tasks:
            tasks.add(asyncio.create_task(loop()))
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        waiting.put_nowait((body.service, future))
        return {"id": await future, "service": body.service}

    return app


def hop_app() -> FastAPI:
    app = FastAPI()
    listeners: list[asyncio.Queue[bytes]] = []

    @app.post("/hop")
    async def hop(request: Request) -> dict[str, bool]:
        body = await request.body()
        for listener in listeners:
            listener.put_nowait(b"event: hop\ndata: " + body + b"\n\n")
        return {"ok": True}

    @app.get("/events")
    async def events() -> StreamingResponse:
        mine: asyncio.Queue[bytes] = asyncio.Queue()
        listeners.append(mine)

        async def stream() -> Any:
            yield b"event: first\ndata: 1\n\n"
            while True:
                yield await mine.get()

        return StreamingResponse(stream(), media_type="text/event-stream")

    return app


def main() -> None:
    kind, *rest = sys.argv[1:]
    app = post_app(rest[0]) if kind == "post" else hop_app()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(f"ready http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1))
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
