"""Keeps open pages up to date: what changed is rendered once per page and language, and only what differs is sent."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from logging import getLogger
from typing import Any

from display import assets
from display.formats import ZONE
from display.hub import Hub, frame
from display.render import Channel, View, regions
from queue_server.contract.problems import Refused

log = getLogger(__name__)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A call must reach desks and hall first; figures and phones follow, at most once a second each.
ORDER = {"console": 0, "board": 1, "citizen": 2, "manager": 3}
SLOW = frozenset({"citizen", "manager"})
GONE = frame("gone", "1")  # the page loads itself anew and then says what is wrong
TICKS = 5  # a page that nothing changes is looked at every fifth second


@dataclass(slots=True)
class _Shown:
    regions: dict[str, str]
    view: View
    slot: int


class Live:
    """The open pages. `look` gives the view of a channel and what else its templates need; all on the event loop.

    `pace`: seconds between two renderings under load; `budget`: seconds of rendering before others get the loop.
    """

    def __init__(
        self,
        hub: Hub,
        look: Callable[[Channel], tuple[View, Mapping[str, Any]]],
        *,
        zone: str = ZONE,
        pace: float = 0.08,
        budget: float = 0.004,
        tick: float = 1.0,
    ) -> None:
        self.failures = 0
        self._hub = hub
        self._look, self._zone = look, zone
        self._pace, self._budget, self._tick_seconds = pace, budget, tick
        self._shown: dict[Channel, _Shown] = {}
        self._due: dict[Channel, None] = {}
        self._batch: list[Channel] = []
        self._work_handle: asyncio.Handle | None = None
        self._tick_handle: asyncio.TimerHandle | None = None
        self._ticks = 0
        self._slow_due = False
        self._slow_at = 0.0

    def changed(self) -> None:
        """Something was committed. At once when quiet, at most every `pace` under load, nothing when nobody looks."""
        if not self._shown:
            return
        self._due.update((channel, None) for channel in self._shown if channel.kind not in SLOW)
        self._slow_due = True
        self._mark_slow()
        self._start_work()

    def first(self, channel: Channel) -> bytes:
        """All regions of a page now, as the first frame of its stream."""
        try:
            view, extra = self._look(channel)
        except Refused:
            return GONE
        whole = regions(channel, view, extra, self._zone)
        if channel not in self._shown:
            self._shown[channel] = _Shown(regions=whole, view=_timeless(view), slot=len(self._shown) % TICKS)
        self._start_ticker()
        return _frame(view, whole)

    def stop(self) -> None:
        """Cancels what is planned."""
        for handle in (self._work_handle, self._tick_handle):
            if handle is not None:
                handle.cancel()
        self._work_handle = self._tick_handle = None

    def _mark_slow(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._slow_due and now - self._slow_at >= self._tick_seconds:
            self._slow_due, self._slow_at = False, now
            self._due.update((channel, None) for channel in self._shown if channel.kind in SLOW)

    def _start_work(self) -> None:
        if self._due and self._work_handle is None:
            # A turn later than call_soon: whoever waits for the answer of this commit gets it first.
            self._work_handle = asyncio.get_running_loop().call_later(0, self._work)

    def _work(self) -> None:
        loop = asyncio.get_running_loop()
        if not self._batch:
            self._batch = sorted(self._due, key=lambda channel: ORDER[channel.kind], reverse=True)
            self._due.clear()
        until = loop.time() + self._budget
        while self._batch:
            self._refresh(self._batch.pop())
            if loop.time() >= until:
                break
        if self._batch:
            self._work_handle = loop.call_soon(self._work)
        else:
            self._work_handle = loop.call_later(self._pace, self._rested)

    def _rested(self) -> None:
        self._work_handle = None
        self._start_work()

    def _refresh(self, channel: Channel) -> None:
        shown = self._shown.get(channel)
        if shown is None:
            return
        if not self._hub.listeners(str(channel)):
            del self._shown[channel]
            return
        try:
            self._send_changes(channel, shown)
        except Refused:
            self._hub.publish(str(channel), GONE)
            del self._shown[channel]
        except Exception:  # the boundary of this loop: one broken page must not stop the others
            self.failures += 1
            log.exception("page not rendered: %s", channel)

    def _send_changes(self, channel: Channel, shown: _Shown) -> None:
        view, extra = self._look(channel)
        timeless = _timeless(view)
        if timeless == shown.view:
            return
        whole = regions(channel, view, extra, self._zone)
        changed = {name: html for name, html in whole.items() if shown.regions[name] != html}
        shown.regions, shown.view = whole, timeless
        if changed:
            self._hub.publish(str(channel), _frame(view, changed))

    def _start_ticker(self) -> None:
        if self._tick_handle is None:
            self._tick_handle = asyncio.get_running_loop().call_later(self._tick_seconds, self._tick)

    def _tick(self) -> None:
        self._tick_handle = None
        self._ticks += 1
        self._due.update((channel, None) for channel, it in self._shown.items() if it.slot == self._ticks % TICKS)
        self._mark_slow()
        self._start_work()
        if self._shown:
            self._start_ticker()


def _timeless(view: View) -> View:
    """The view without its time: equal when there is nothing new to draw."""
    return replace(view, as_of=EPOCH)


def _frame(view: View, changed: Mapping[str, str]) -> bytes:
    data = {"at": view.as_of.isoformat(), "version": assets.version(), "regions": changed}
    return frame("regions", json.dumps(data, ensure_ascii=False, separators=(",", ":")))
