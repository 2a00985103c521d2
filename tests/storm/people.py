"""Who comes to the office and who works there: citizens at kiosks and telephones, officers, a counter with a keypad."""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kiosk.events import AskForTicket, TicketRefused, TicketTaken
from kiosk.world import Wanted
from tests.storm.adapter_site import COUNTERS, SERVICES, prefix, token, zone
from tests.storm.machines import KioskMachine, OfficeMachine
from tests.storm.network import Network, parse_answer
from tests.storm.record import Answer, Paper, Record, Refused
from tests.storm.timeline import Host

LOCAL_DAY = "%Y%m%d"
TRIES = 4


class Browser(asyncio.Protocol):
    """One request of a page: waits for the answer of its line."""

    def __init__(self, answered: "asyncio.Future[tuple[int, Any]]") -> None:
        self._answered = answered
        self._heard = bytearray()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        found = parse_answer(bytes(self._heard))
        if found is not None and not self._answered.done():
            self._answered.set_result(found)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError("closed"))


@dataclass(slots=True)
class Hall:
    """What everybody in the story shares."""

    host: Host
    network: Network
    record: Record
    office: OfficeMachine
    kiosks: dict[str, KioskMachine]
    over: float  # nobody begins anything new after this moment

    @property
    def now(self) -> float:
        return self.host.time()

    async def ask(
        self, who: str, token: str | None, path: str, body: Any, key: str, limit: float = 4.0
    ) -> tuple[int, Any] | None:
        """One POST to the office; None when no answer comes."""
        payload = json.dumps(body).encode()
        head = [f"POST /api/v1{path} HTTP/1.1", "host: office", "content-type: application/json"]
        head += [f"idempotency-key: {key}", f"content-length: {len(payload)}"]
        head += [f"authorization: Bearer {token}"] if token else []
        answered: asyncio.Future[tuple[int, Any]] = self.host.create_future()
        try:
            async with asyncio.timeout(limit):
                line, _ = await self.network.connect(
                    who, self.host, lambda: Browser(answered), OfficeMachine.address, 80
                )
                line.write("\r\n".join([*head, "", ""]).encode() + payload)
                return await answered
        except (OSError, TimeoutError):
            return None
        finally:
            answered.cancel()

    async def insist(self, who: str, token: str | None, path: str, body: Any, key: str) -> Answer | None:
        """Asks again under the same key until an answer comes, a few times; a failure of the server is none."""
        place, act = path.split("/")[-2:]
        for _ in range(TRIES):
            asked = self.now
            found = await self.ask(who, token, path, body, key)
            if found is not None and found[0] < 500:
                heard = Answer(
                    who=who, key=key, act=act, place=place, status=found[0], body=found[1], asked=asked, heard=self.now
                )
                self.record.answers.append(heard)
                return heard
            await asyncio.sleep(1.5)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One person's plan."""

    name: str
    comes: float
    kiosk: str
    services: tuple[str, ...]
    class_id: str | None
    afterwards: str  # "", cancel, postpone
    after: float


async def visit(hall: Hall, plan: Visitor) -> None:
    """Touches the glass, takes what comes; perhaps does something with the number by telephone later."""
    await asyncio.sleep(plan.comes)
    machine = hall.kiosks[plan.kiosk]
    host, program = machine.host, machine.program
    if host is None or program is None:
        return  # the screen is black
    ask = AskForTicket(
        command_id=f"{plan.name}-command",
        wanted=tuple(Wanted(service=service) for service in plan.services),
        class_id=plan.class_id,
        language="vi",
    )
    day = machine.clock.true().astimezone(zone()).strftime(LOCAL_DAY)
    held = min(program.free(day, prefix(service)) for service in plan.services)
    touched, error = hall.now, machine.clock.error
    heard: asyncio.Future[Any] = hall.host.create_future()
    host.create_task(program.take(ask)).add_done_callback(lambda task: _pass_on(task, heard))
    try:
        async with asyncio.timeout(20.0):
            event = await heard
    except TimeoutError:
        return  # the screen went black while the person waited
    if isinstance(event, TicketRefused):
        refusal = Refused(person=plan.name, kiosk=plan.kiosk, reason=str(event.reason), at=touched, held=held)
        hall.record.refused.append(refusal)
    if not isinstance(event, TicketTaken):
        return
    for ticket in (event.ticket, *event.ticket.more):
        given = (ticket.id or "")[:8] or program.letter_day(ticket.number) or ""
        hall.record.papers.append(
            Paper(
                person=plan.name, kiosk=plan.kiosk, command_id=ask.command_id, number=ticket.number,
                token=ticket.token, service=ticket.service, day=given, at=touched, alone=ticket.provisional,
                clock_error=error, contact=program.contact, ticket=ticket.id,
            )
        )  # fmt: skip
    if plan.afterwards:
        await asyncio.sleep(plan.after)
        body = {"minutes": 10} if plan.afterwards == "postpone" else {}
        path = f"/tickets/{event.ticket.token}/{plan.afterwards}"
        await hall.insist("phone", None, path, body, f"{plan.name}-{plan.afterwards}")


def _pass_on(task: "asyncio.Task[Any]", heard: "asyncio.Future[Any]") -> None:
    if not heard.done() and not task.cancelled() and task.exception() is None:
        heard.set_result(task.result())


class Officer:
    """Works at one counter through the console: what is pressed next depends on the last answer and on the dice."""

    def __init__(self, hall: Hall, counter: str, dice: random.Random, pace: float) -> None:
        self._hall = hall
        self._counter = counter
        self._dice = dice
        self._pace = pace
        self._pressed = 0
        self._doing = "closed"
        self._aside: list[tuple[str, str]] = []  # numbers put on hold or missed
        self._token = token("officer", counter=counter)

    async def work(self, comes: float) -> None:
        """Until the hall says that it is over."""
        await asyncio.sleep(comes)
        while self._hall.now < self._hall.over:
            await self._next_act()
            await asyncio.sleep(self._dice.expovariate(1 / self._pace))

    async def _press(self, act: str, body: Any = None, path: str = "") -> Answer | None:
        self._pressed += 1
        key = f"{self._counter}-press-{self._pressed:04d}"
        where = path or f"/counters/{self._counter}/{act}"
        return await self._hall.insist(f"console-{self._counter}", self._token, where, body or {}, key)

    async def _next_act(self) -> None:
        acts: dict[str, Callable[[], Any]] = {
            "closed": self._open, "paused": self._unpause, "idle": self._call, "called": self._receive,
            "serving": self._serve,
        }  # fmt: skip
        await acts[self._doing]()

    async def _open(self) -> None:
        answer = await self._press("open")
        if answer is not None:
            self._see(answer, otherwise="idle")

    async def _unpause(self) -> None:
        await self._press("unpause")
        self._doing = "idle"

    async def _call(self) -> None:
        drawn = self._dice.random()
        if drawn < 0.05:
            await self._press("pause")
            self._doing = "paused"
        elif drawn < 0.12:
            answer = await self._press("close")
            self._doing = "closed" if answer is not None and answer.status == 200 else "idle"
        elif drawn < 0.3 and self._aside:
            await self._take_up(*self._aside.pop())
        else:
            answer = await self._press("call-next", {"finish_current": self._dice.random() < 0.3})
            self._see(answer, otherwise="idle")

    async def _take_up(self, act: str, number: str) -> None:
        if act == "hold":
            self._see(await self._press("resume", {"ticket": number}), otherwise="idle")
        else:
            await self._press("reinstate", path=f"/tickets/by-number/{number}/reinstate")

    async def _receive(self) -> None:
        drawn = self._dice.random()
        if drawn < 0.12:
            await asyncio.sleep(20.0)  # nobody comes yet
            self._see(await self._press("recall"), otherwise="called")
        elif drawn < 0.2:
            self._put_aside(await self._press("no-show"), "no-show")
        elif drawn < 0.25:
            self._see(await self._press("return"), otherwise="idle")
        else:
            self._see(await self._press("start"), otherwise="serving")

    async def _serve(self) -> None:
        drawn = self._dice.random()
        if drawn < 0.3:
            self._see(await self._press("transfer", self._elsewhere()), otherwise="idle")
        elif drawn < 0.38:
            self._put_aside(await self._press("hold"), "hold")
        elif drawn < 0.6:
            self._see(await self._press("call-next", {"finish_current": True}), otherwise="idle")
        else:
            self._see(await self._press("finish"), otherwise="idle")

    def _elsewhere(self) -> dict[str, Any]:
        back = self._dice.random() < 0.6
        if self._dice.random() < 0.6:
            others = [counter for counter in COUNTERS if counter != self._counter]
            return {"counter": self._dice.choice(others), "return_to_sender": back}
        return {"service": self._dice.choice(SERVICES), "return_to_sender": back}

    def _put_aside(self, answer: Answer | None, act: str) -> None:
        if answer is not None and answer.status == 200 and self._number:
            self._aside.append((act, self._number))
        self._see(answer, otherwise="idle")

    _number = ""

    def _see(self, answer: Answer | None, *, otherwise: str) -> None:
        """The page after an answer; who hears none presses on as if it had worked."""
        if answer is None or not isinstance(answer.body, dict):
            self._doing = otherwise if answer is None or answer.status == 204 else self._doing
            return
        if answer.status >= 400:
            self._doing = {"counter-closed": "closed", "counter-paused": "paused", "counter-idle": "idle"}.get(
                str(answer.body.get("code")), self._dice.choice(("idle", "called", "serving"))
            )
            return
        ticket = answer.body.get("ticket", answer.body if "number" in answer.body else None)
        if isinstance(ticket, dict):
            self._number = str(ticket["number"])
            self._doing = {"called": "called", "serving": "serving"}.get(str(ticket.get("state")), "called")
        else:
            self._doing = "idle"


BUTTONS = ("next", "next", "next", "start", "finish", "finish", "recall", "no-show", "hold")
TERMINAL = ("open", "call-next", "call-next", "start", "finish", "recall", "hold", "pause", "unpause", "return")


async def press_keys(hall: Hall, counter: str, dice: random.Random, presses: int, comes: float) -> None:
    """An officer with a keypad and a terminal: messages go over the broker, which is late, doubles and loses."""
    await asyncio.sleep(comes)
    place = f"motcua/v1/tan-loi/counter/{counter}"
    for seq in range(presses):
        if dice.random() < 0.3:
            command = {"v": 1, "id": f"{counter}-terminal-{seq:05d}", "command": dice.choice(TERMINAL)}
            hall.network.publish(hall.office, f"{place}/command", json.dumps(command).encode())
        else:
            press = {"v": 1, "id": f"{counter}-key-{seq:05d}", "button": dice.choice(BUTTONS), "seq": seq}
            press["boot"] = f"{counter}-boot"
            hall.network.publish(hall.office, f"{place}/keypad/event", json.dumps(press).encode())
        await asyncio.sleep(dice.expovariate(1 / 60.0))
        if hall.now > hall.over:
            return
