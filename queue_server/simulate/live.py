"""Plays a day against a running server over HTTP, faster than life."""

import asyncio
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import httpx

from queue_server.queue import commands as cmd
from queue_server.simulate.play import Process

LIMIT = 5.0


@dataclass(slots=True)
class Tally:
    """What happened, for the line that the player prints."""

    issued: int = 0
    called: int = 0
    refused: int = 0
    failed: int = 0
    codes: dict[str, int] = field(default_factory=dict)


class Player:
    """Runs processes in real time divided by `speed`; `tokens` maps role to bearer token."""

    def __init__(self, client: httpx.AsyncClient, tokens: Mapping[str, str], speed: float) -> None:
        self.tally = Tally()
        self._client = client
        self._tokens = tokens
        self.speed = speed
        self._own: dict[str, str] = {}  # ticket → its citizen's token

    async def play(self, cast: Iterable[Process]) -> None:
        """Returns when every process has ended."""
        async with asyncio.TaskGroup() as group:
            for process in cast:
                group.create_task(self._run(process))

    async def _run(self, process: Process) -> None:
        answer: str | None = None
        while True:
            try:
                wanted = process.send(answer)
            except StopIteration:
                return
            if isinstance(wanted, cmd.Command):
                answer = await self._ask(wanted)
            else:
                await asyncio.sleep(wanted / self.speed)
                answer = None

    async def _ask(self, command: cmd.Command) -> str | None:
        path, body, role = self._call(command)
        headers = {"idempotency-key": str(uuid.uuid4())}
        if role in self._tokens:
            headers["authorization"] = f"Bearer {self._tokens[role]}"
        try:
            got = await self._client.post(f"/api/v1{path}", json=body, headers=headers, timeout=LIMIT)
        except httpx.HTTPError:
            self.tally.failed += 1
            return None
        if got.status_code >= 400:
            self.tally.refused += 1
            code = str(got.json().get("code", got.status_code))
            self.tally.codes[code] = self.tally.codes.get(code, 0) + 1
            return None
        if got.status_code == 204:
            return None
        return self._learn(command, got.json())

    def _learn(self, command: cmd.Command, found: dict[str, str]) -> str | None:
        if isinstance(command, cmd.IssueTicket):
            self.tally.issued += 1
            self._own[found["id"]] = found["token"]
            return found["id"]
        if isinstance(command, cmd.CallNext):
            self.tally.called += 1
            return found["id"]
        return None

    def _token(self, ticket: str) -> str:
        """The page of a ticket's visit; a second service ("…-A001-2") has that of the first."""
        return self._own.get(ticket) or self._own.get(ticket.rpartition("-")[0], "-")

    def _call(self, command: cmd.Command) -> tuple[str, dict[str, object], str]:
        """Path, body and role of the HTTP call that carries a command."""
        match command:
            case cmd.IssueTicket():
                first, *more = command.wanted
                body: dict[str, object] = {
                    "service": first.service,
                    "priority": command.class_id,
                    "language": command.language,
                    "also": [{"service": item.service} for item in more],
                }
                said = {"procedure": first.procedure, "papers": first.papers, "ready": first.ready}
                body |= {name: fact for name, fact in said.items() if fact is not None}
                return "/tickets", body, "kiosk"
            case cmd.CancelTicket():
                return f"/tickets/{self._token(command.ticket)}/cancel", {}, "citizen"
            case cmd.PostponeTicket():
                return (
                    f"/tickets/{self._token(command.ticket)}/postpone",
                    {"minutes": command.minutes},
                    "citizen",
                )
            case cmd.RateVisit():
                return f"/tickets/{self._token(command.ticket)}/feedback", {"score": command.score}, "citizen"
            case cmd.Reinstate():
                return f"/tickets/by-number/{command.ticket.split('-')[1]}/reinstate", {}, "officer"
        return counter_call(command)


def counter_call(command: cmd.Command) -> tuple[str, dict[str, object], str]:
    """The call of an officer's command."""
    match command:
        case cmd.OpenCounter():
            return f"/counters/{command.counter}/open", {"officer": command.officer}, "officer"
        case cmd.PauseCounter():
            return f"/counters/{command.counter}/pause", {"reason": command.reason}, "officer"
        case cmd.ResumeCounter():
            return f"/counters/{command.counter}/unpause", {}, "officer"
        case cmd.CloseCounter():
            return f"/counters/{command.counter}/close", {}, "officer"
        case cmd.CallNext():
            return f"/counters/{command.counter}/call-next", {}, "officer"
        case cmd.Recall():
            return f"/counters/{command.counter}/recall", {}, "officer"
        case cmd.Start():
            return f"/counters/{command.counter}/start", {}, "officer"
        case cmd.Finish():
            return f"/counters/{command.counter}/finish", {}, "officer"
        case cmd.NoShow():
            return f"/counters/{command.counter}/no-show", {}, "officer"
        case cmd.Hold():
            return f"/counters/{command.counter}/hold", {"reason": command.reason}, "officer"
        case cmd.ResumeTicket():
            return f"/counters/{command.counter}/resume", {"ticket": command.ticket}, "officer"
        case cmd.Transfer():
            return f"/counters/{command.counter}/transfer", {"service": command.to_service}, "officer"
    raise TypeError(f"no call for {type(command).__name__}")
