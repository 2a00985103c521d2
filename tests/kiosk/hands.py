"""A kiosk's hands for tests: everything between the flow and the network, on a real spool."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from kiosk import events as ev
from kiosk.catalogue import read_services
from kiosk.courier import Courier
from kiosk.events import AskForTicket
from kiosk.lease import Leased
from kiosk.server import Server
from kiosk.spool import Spool
from kiosk.taking import Taking
from kiosk.world import Wanted
from tests.kiosk.standin import TOKEN, StandIn, services_json

Value = TypeVar("Value")
BIRTH = Wanted(service="ho_tich", procedure="khai_sinh", ready=True, papers=3, cases=())
COLLECT = Wanted(service="tra_ket_qua")
ASK = AskForTicket("boot-1", (BIRTH,), "elderly", "vi")


@dataclass
class Kiosk:
    """A kiosk's hands: everything between the flow and the network."""

    standin: StandIn
    server: Server
    spool: Spool
    taking: Taking
    courier: Courier

    async def take(self, ask: AskForTicket = ASK, *, server_up: bool = True) -> ev.Event:
        return await self.taking.take(ask, services=read_services(services_json()), server_up=server_up)

    async def lease(self) -> None:
        answer = await self.server.lease(key="lease-1")
        numbers = [Leased(day=answer.day, **each.model_dump()) for each in answer.numbers]
        self.spool.keep_lease(numbers, day=answer.day)


def now() -> datetime:
    return datetime.now(UTC)


def with_kiosk(standin: StandIn, folder: Path, story: Callable[[Kiosk], Awaitable[Value]], *, url: str = "") -> Value:
    async def told() -> Value:
        server = Server(url=url or standin.url, kiosk="kiosk-1", token=TOKEN)
        spool = Spool(folder / "spool.db")
        spool.open()
        taking = Taking(server=server, spool=spool, clock=now)
        courier = Courier(server=server, spool=spool, clock=now)
        try:
            return await story(Kiosk(standin, server, spool, taking, courier))
        finally:
            await server.close()
            spool.close()

    return asyncio.run(told())
