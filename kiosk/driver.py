"""Holds the state, feeds it events, sets its effects going, and tells whoever draws. Knows nothing of drawing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from kiosk.events import Effect, Event
from kiosk.flow import step
from kiosk.state import State
from kiosk.world import World

_log = logging.getLogger(__name__)


class Runner(Protocol):
    """Whoever carries out effects."""

    def run(self, effect: Effect, world: World) -> AsyncIterator[Event]:
        """Do it, and tell what happened."""
        ...


class Driver:
    """The one owner of the state. Events come from one event loop; `clock` gives steady seconds."""

    def __init__(self, *, state: State, runner: Runner, clock: Callable[[], float]) -> None:
        self.state = state
        self._runner = runner
        self._clock = clock
        self._listeners: list[Callable[[State], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.failures = 0

    def listen(self, listener: Callable[[State], None]) -> None:
        """Call this after every change of the state."""
        self._listeners.append(listener)

    def now(self) -> float:
        """Steady seconds."""
        return self._clock()

    def handle(self, event: Event) -> None:
        """One event in; effects go their own way and come back as events."""
        before = self.state
        self.state, effects = step(before, event, self._clock())
        for effect in effects:
            task = asyncio.get_running_loop().create_task(self._carry_out(effect))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if self.state is not before and self.state != before:
            for listener in self._listeners:
                listener(self.state)

    async def settle(self) -> None:
        """Wait until no effect is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry_out(self, effect: Effect) -> None:
        try:
            async for event in self._runner.run(effect, self.state.world):
                self.handle(event)
        except Exception:  # noqa: BLE001  # a fault in one effect must not stop the kiosk; the flow's own limits lead on
            self.failures += 1
            _log.exception("effect failed: %s", type(effect).__name__)
