"""From a command to the listener: the time until the event has been read, ours and a raw hop."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.servers import office, program
from queue_server.auth import Tokens
from queue_server.contract.ports import Identity
from queue_server.contract.topics import topic
from queue_server.keys import load_secret
from queue_server.site.loader import load_site

KIOSK = "kiosk-1"
PAUSE = 0.02  # between calls: a hop is measured, not a queue


async def _listen(
    client: httpx.AsyncClient, url: str, headers: dict[str, str], wanted: bytes, seen: asyncio.Queue[float]
) -> None:
    async with client.stream("GET", url, headers=headers, timeout=None) as stream:
        async for chunk in stream.aiter_raw():
            if wanted in chunk:
                seen.put_nowait(time.perf_counter())


Step = Callable[[], Coroutine[Any, Any, None]]


class Office:
    """A running server with many people waiting and one open counter."""

    def __init__(self, client: httpx.AsyncClient, data: Path) -> None:
        tokens = Tokens(load_secret(data))
        self.client = client
        self.kiosk = {"authorization": f"Bearer {tokens.make(Identity(role='kiosk', subject='b'))}"}
        self.officer = {"authorization": f"Bearer {tokens.make(Identity(role='officer', subject='b'))}"}

    async def prepare(self, people: int) -> None:
        got = (await self.client.get("/api/v1/counters", headers=self.officer)).json()
        self.counter, service = got["counters"][0]["id"], got["counters"][0]["services"][0]
        await self.client.post(f"/api/v1/counters/{self.counter}/open", headers=self.officer)
        for _ in range(people):
            made = await self.client.post("/api/v1/tickets", json={"service": service}, headers=self.kiosk)
            made.raise_for_status()

    async def call(self) -> None:
        """Calls the next person; the one before was finished, unmeasured, by `rest`."""
        got = await self.client.post(f"/api/v1/counters/{self.counter}/call-next", headers=self.officer)
        assert got.status_code == 200, got.text

    async def rest(self) -> None:
        await self.client.post(f"/api/v1/counters/{self.counter}/finish", headers=self.officer)
        await asyncio.sleep(PAUSE)


async def _measure(count: int, act: Step, rest: Step, seen: asyncio.Queue[float]) -> list[float]:
    times = []
    for _ in range(count):
        while not seen.empty():
            seen.get_nowait()
        started = time.perf_counter()
        acting = asyncio.create_task(act())
        times.append(await asyncio.wait_for(seen.get(), 5.0) - started)
        await acting
        await rest()
    return times


async def sse_hops(data: Path, count: int) -> tuple[list[float], list[float]]:
    """Seconds of ours and of the floor, taking turns in blocks."""
    ours: list[float] = []
    floor: list[float] = []
    with office(data) as server, program(["-m", "benchmarks.floors", "hop"]) as bare:
        async with httpx.AsyncClient(base_url=server.url) as mine, httpx.AsyncClient(base_url=bare.url) as raw:
            running = Office(mine, data)
            await running.prepare(count + 5)
            heard: asyncio.Queue[float] = asyncio.Queue()
            hopped: asyncio.Queue[float] = asyncio.Queue()
            listeners = [
                asyncio.create_task(_listen(mine, "/api/v1/events", running.officer, b"event: TicketCalled", heard)),
                asyncio.create_task(_listen(raw, "/events", {}, b"event: hop", hopped)),
            ]
            await asyncio.sleep(0.5)

            async def hop() -> None:
                await raw.post("/hop", json={"number": "A001"})

            async def nothing() -> None:
                await asyncio.sleep(PAUSE)

            for _ in range(5):
                floor += await _measure(count // 5, hop, nothing, hopped)
                ours += await _measure(count // 5, running.call, running.rest, heard)
            for listener in listeners:
                listener.cancel()
            await asyncio.gather(*listeners, return_exceptions=True)
    return ours, floor


async def mqtt_hops(data: Path, count: int) -> tuple[list[float], list[float]]:
    """HTTP command → MQTT subscriber, beside HTTP hop + bare publish → subscriber of the same broker."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[float] = asyncio.Queue()
    raw: asyncio.Queue[float] = asyncio.Queue()
    with office(data) as server, program(["-m", "benchmarks.floors", "hop"]) as bare:
        passwords = json.loads((data / "broker" / "passwords.json").read_text())
        config = (data / "broker" / "mosquitto.conf").read_text()
        port = int(next(line for line in config.splitlines() if line.startswith("listener")).split()[1])
        monitor, sender = (_client(name, passwords[name], port) for name in ("monitor", KIOSK))

        def on_message(_client: object, _data: object, message: paho.MQTTMessage) -> None:
            queue = heard if message.topic.endswith("/call") else raw
            loop.call_soon_threadsafe(queue.put_nowait, time.perf_counter())

        monitor.on_message = on_message
        bare_topic = topic(load_site(None).id, "kiosk_state", kiosk=KIOSK)  # one that this user may publish
        monitor.subscribe([("motcua/v1/+/call", 1), (bare_topic, 1)])
        async with httpx.AsyncClient(base_url=server.url) as mine, httpx.AsyncClient(base_url=bare.url) as hopping:
            running = Office(mine, data)
            await running.prepare(count + 5)

            async def hop() -> None:
                """What any server must do: answer a POST, then one QoS 1 publish."""
                await hopping.post("/hop", json={"number": "A001"})
                sender.publish(bare_topic, b'{"number":"A001"}', qos=1)

            async def nothing() -> None:
                await asyncio.sleep(PAUSE)

            ours: list[float] = []
            floor: list[float] = []
            for _ in range(5):
                floor += await _measure(count // 5, hop, nothing, raw)
                ours += await _measure(count // 5, running.call, running.rest, heard)
        monitor.loop_stop()
        sender.loop_stop()
    return ours, floor


def _client(name: str, password: str, port: int) -> paho.Client:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name)
    client.username_pw_set(name, password)
    client.connect("127.0.0.1", port)
    client.loop_start()
    return client
