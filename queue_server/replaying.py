"""Replays for the manager's page: `motcua replay` as a program of its own, one at a time, with a time limit.

A replay is seconds of plain computing. In the server's own process the office would wait for it at every call.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from queue_server.contract.problems import Problem, Refused
from queue_server.logs import Log

log = Log(__name__)

LIMIT = 60.0  # seconds
NICENESS = 10  # beside the server's own: calls, boards and the forecaster come first
REFUSED = 2  # how `motcua` ends when what it was asked for cannot be done
ENDED = {0, 1}  # with an answer; 1 when it holds no day


class Replays:
    """The one replay of this office. `arguments` of `run` are checked before: they reach a command line (no shell)."""

    def __init__(self, data: Path, *, limit: float = LIMIT) -> None:
        self.data = data
        self.limit = limit
        self._taken = False
        self._stopped = False
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The program's process, while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def run(self, arguments: Sequence[str]) -> dict[str, Any]:
        """What `motcua replay --json` says; refused while another runs, after the time limit, or when it cannot be."""
        if self._taken:
            raise Refused(Problem.REPLAY_BUSY, "one at a time")
        self._taken = True
        try:
            return await self._run(arguments)
        finally:
            self._taken = False

    async def stop(self) -> None:
        """Ends the replay that runs, and lets no other begin."""
        self._stopped = True
        if self._process is not None:
            await _end(self._process)

    async def _run(self, arguments: Sequence[str]) -> dict[str, Any]:
        command = [sys.executable, "-m", "queue_server", "replay", "--json", f"--data={self.data}", *arguments]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
        )
        self._process = process
        try:
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, process.pid, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
            if self._stopped:
                raise Refused(Problem.STORAGE_FAILED, "the server is stopping")
            said, wrong = await asyncio.wait_for(process.communicate(), self.limit)
        except TimeoutError as error:
            raise Refused(Problem.REPLAY_TOO_LONG, f"no answer within {self.limit:g} seconds") from error
        finally:
            await _end(process)
        return self._answer(process.returncode, said, wrong.decode(errors="replace"))

    def _answer(self, code: int | None, said: bytes, wrong: str) -> dict[str, Any]:
        if self._stopped:
            raise Refused(Problem.STORAGE_FAILED, "the server is stopping")
        if code == REFUSED:
            raise Refused(Problem.REPLAY_IMPOSSIBLE, wrong.strip().removeprefix("motcua: ")[:300])
        try:
            answer = orjson.loads(said) if code in ENDED else None
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            log.error("replay-failed", code=code, said=wrong[-500:])
            raise Refused(Problem.STORAGE_FAILED, "the past days could not be replayed; the server's log says why")
        return answer


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kills it if it still runs, and waits for its end: a replay writes nothing that could be left half done."""
    with contextlib.suppress(ProcessLookupError):
        if process.returncode is None:
            process.kill()
    await process.wait()
