"""One virtual time for many programs: each has an event loop of its own, and may die between any two steps.

The loops share one queue of callbacks and one of timers, so everything happens in one order that the seed decides.
A program that dies leaves its tasks where they stand: nothing of it runs any more, no `finally`, no `except`.
"""

import asyncio
import contextlib
import contextvars
import heapq
import random
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class StandstillError(Exception):
    """Nothing is left to happen, and somebody still waits."""


class Step:
    """What is to be called, once: as `asyncio.Handle`, without what only debugging asks for."""

    __slots__ = ("_args", "_callback", "_cancelled", "_context", "_when")

    def __init__(
        self,
        callback: Callable[..., object],
        args: tuple[object, ...],
        context: contextvars.Context | None,
        when: float = 0.0,
    ) -> None:
        self._callback = callback
        self._args = args
        self._context = contextvars.copy_context() if context is None else context
        self._when = when
        self._cancelled = False

    def run(self) -> None:
        """Calls it in the context of whoever asked for it."""
        self._context.run(self._callback, *self._args)

    def when(self) -> float:
        """The virtual second, of a timer."""
        return self._when

    def cancel(self) -> None:
        """It is not called any more."""
        self._cancelled = True

    def cancelled(self) -> bool:
        """Whether it is not called any more."""
        return self._cancelled


class Timeline:
    """Virtual seconds since the beginning of the story. `dice` is for what is no machine's own."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.steps = 0
        self.dice = random.Random(seed)
        self._ready: deque[tuple[Host, Step]] = deque()
        self._timers: list[tuple[float, int, Host, Step]] = []
        self._dead: list[Step] = []
        self._count = 0
        self.hosts: list[Host] = []
        self.uncaught: list[str] = []  # what a callback of a living program let go
        self.wire = Host(self, "wire")  # what is no program's own: cables, clocks, people

    def soon(self, host: "Host", step: Step) -> None:
        """Runs a callback of a program after those that wait already."""
        self._ready.append((host, step))

    def at(self, when: float, host: "Host", step: Step) -> None:
        """Runs a callback of a program at a moment."""
        self._count += 1
        heapq.heappush(self._timers, (when, self._count, host, step))

    def run_until(self, when: float) -> None:
        """Lets everything happen that happens before `when`, and the time be `when`."""
        while self._ready or (self._timers and self._timers[0][0] <= when):
            if not self._ready:
                self._next_timer()
            else:
                self._step(*self._ready.popleft())
        self.now = max(self.now, when)

    def run(self, host: "Host", work: Coroutine[Any, Any, T], limit: float = 86400.0) -> T:
        """Carries out `work` as a task of a program; everything else goes on meanwhile."""
        task = host.create_task(work)
        end = self.now + limit
        while not task.done():
            if self._ready:
                self._step(*self._ready.popleft())
            elif self._timers and self._timers[0][0] <= end:
                self._next_timer()
            else:
                raise StandstillError(f"nothing happens any more, and {task.get_coro()} waits")
        return task.result()

    def bury(self) -> None:
        """After the story: closes what every program left where it stood, in order and not in a collection's order."""
        for host in self.hosts:
            host.kill()
            for task in host.tasks:
                if not task.done():
                    with contextlib.suppress(Exception):
                        task.get_coro().close()  # type: ignore[union-attr]
            host.tasks.clear()
        self._ready.clear()
        self._timers.clear()
        self._dead.clear()

    def _next_timer(self) -> None:
        when, _, host, step = heapq.heappop(self._timers)
        if step.cancelled() or not host.alive:
            self._dead.append(step)
            return
        self.now = max(self.now, when)
        self._ready.append((host, step))

    def _step(self, host: "Host", step: Step) -> None:
        if step.cancelled() or not host.alive:
            self._dead.append(step)
            return
        self.steps += 1
        host.steps += 1
        asyncio._set_running_loop(host)
        try:
            step.run()
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001  # as an event loop does: it goes on, and says so
            host.call_exception_handler({"exception": error, "handle": step})
        finally:
            asyncio._set_running_loop(None)
        if host.dies_at is not None and host.steps >= host.dies_at:
            host.dies_at = None
            host.on_death()


class Host(asyncio.AbstractEventLoop):
    """The event loop of one program. Work for threads is done in one piece, after and before a delay of the disk."""

    def __init__(self, timeline: Timeline, name: str, connect: Any = None) -> None:
        self.timeline = timeline
        timeline.hosts.append(self)
        self.name = name
        self.alive = True
        self.steps = 0
        self.tasks: list[asyncio.Task[Any]] = []  # held, so that a dead program's work is not even cleaned up
        self.dies_at: int | None = None
        self.on_death: Callable[[], None] = lambda: None
        self.disk_delay: Callable[[], float] = lambda: 0.001
        self.disk_work: Callable[[Callable[[], Any]], Any] = lambda work: work()
        self._connect = connect

    def kill(self) -> None:
        """From now on no step of this program happens."""
        self.alive = False

    def time(self) -> float:
        return self.timeline.now

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: object, context: contextvars.Context | None = None
    ) -> Step:
        step = Step(callback, args, context)
        self.timeline.soon(self, step)
        return step

    call_soon_threadsafe = call_soon  # type: ignore[assignment]  # there are no threads

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: object, context: contextvars.Context | None = None
    ) -> Step:
        return self.call_at(self.timeline.now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: object, context: contextvars.Context | None = None
    ) -> Step:
        step = Step(callback, args, context, when)
        self.timeline.at(when, self, step)
        return step

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: str | None = None, context: Any = None) -> asyncio.Task[Any]:  # type: ignore[override]
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        self.tasks.append(task)
        return task

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """The work is done at one moment, and its end is heard at a later one: a death may lie before or between."""
        ended = self.create_future()

        def heard(value: Any, error: BaseException | None) -> None:
            if not ended.done():
                ended.set_result(value) if error is None else ended.set_exception(error)

        def done() -> None:
            try:
                value, error = self.disk_work(lambda: func(*args)), None
            except Exception as failure:  # noqa: BLE001  # handed on to whoever waits, as an executor does
                value, error = None, failure
            self.call_later(self.disk_delay(), heard, value, error)

        self.call_later(self.disk_delay(), done)
        return ended

    async def create_connection(self, protocol_factory: Any, host: Any = None, port: Any = None, **_: Any) -> Any:  # type: ignore[override]
        """The network's, which may be down."""
        return await self._connect(self.name, self, protocol_factory, str(host), int(port))

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """What a callback let go is a finding; what a dead task left is not."""
        if "handle" in context and self.alive:
            self.timeline.uncaught.append(f"{self.name}: {context.get('exception')!r}")

    def get_task_factory(self) -> None:
        return None

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return self.alive

    def is_closed(self) -> bool:
        return False

    async def shutdown_asyncgens(self) -> None:
        """Nobody waits for them."""

    async def shutdown_default_executor(self) -> None:  # type: ignore[override]
        """There is none."""
