"""The loop of the forecasting program: follow the journal, look, write one line a look; presses come on standard input.

It needs nothing of the server but the journal file, and ends when its standard input does: with the server.
"""

import json
import os
import select
import sqlite3
import sys
import time
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from queue_server.forecaster.fitted import Fitted, keep_lessons, read_fitted
from queue_server.forecaster.follow import Follower
from queue_server.forecaster.kept import load, save
from queue_server.forecaster.knowledge import Hours, as_past, known_now, outlasting
from queue_server.forecaster.look import close_day, learn, look, press
from queue_server.forecaster.matters import Matters, usual_of
from queue_server.forecaster.next_hour_kept import read_next_hour
from queue_server.forecaster.night_fit import NightFit
from queue_server.forecaster.past import Past
from queue_server.forecaster.server_time import ServerTime
from queue_server.forecasting.arrivals import Calendar
from queue_server.forecasting.target_look import Known
from queue_server.logs import Log
from queue_server.queue.events import DayClosed, DayOpened, Event, PolicyChanged, SetupChanged
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import TicketState
from queue_server.settings import journal_path
from queue_server.site.model import Site

log = Log(__name__)

EVERY = 1.0  # seconds between two looks when something happens
QUIET = 5.0  # and when nothing does: waits shrink all the same
LONGEST_PAUSE = 60.0  # between looks that fail again and again
SHARE = 0.25  # of one core, at most: after a look of one second it rests for three
LEARN_EVERY = timedelta(minutes=10)
SAVE_EVERY = timedelta(minutes=1)
NEW_SETUP = (DayOpened, SetupChanged, PolicyChanged)
YEAR = 370


def hours_of(site: Site, today: date) -> Hours:
    """The site's calendar as the forecasts need it; an office that never shuts has no closing time."""
    schedule = site.hours
    closed = frozenset(d for d, one in schedule.exceptions.items() if not one.spans)
    weekend = frozenset(d for d, spans in enumerate(schedule.week) if not spans)
    closes: dict[date, datetime] = {}
    plain = Hours(timezone=site.timezone)
    for offset in range(-1, YEAR):
        day = today + timedelta(days=offset)
        spans = schedule.spans_on(day)
        if spans and spans[-1][1] < 24 * 60:
            closes[day] = plain.midnight(day.strftime("%Y%m%d")) + timedelta(minutes=spans[-1][1])
    return Hours(timezone=site.timezone, calendar=Calendar(closed=closed, weekend=weekend), closes=closes)


class Worker:
    """One follower with its memory. `step` is one look; the constructor reads what was kept."""

    def __init__(self, data: Path, site: Site, *, night: NightFit | None = None) -> None:
        self.data = data
        self.site = site
        self.follower = Follower(journal_path(data))
        self.memory = load(data)
        self.night = night or NightFit(data)
        self.fitted = self._fitted()
        self.past = Past()
        self._past_of = ""
        self._known: Known | None = None
        self._known_at: datetime | None = None
        self._saved_at: datetime | None = None
        self.matters = Matters()
        self.usual = usual_of(site)
        self._taught: set[str] = set()
        self._published = (-1, 0)
        self.not_followed = ""  # why the journal could not be read

    def catch_up(self) -> int:
        """Folds in what is new; how many entries. Raises `sqlite3.Error`."""
        many = 0
        for state, event, at in self.follower.news():
            many += 1
            self._remember(state, event, at)
            if isinstance(event, NEW_SETUP):
                self._known_at = None
        if many:
            self.memory.seq = min(self.memory.seq, self.follower.seq)  # a journal restored from a backup is shorter
        return many

    def _remember(self, state: OfficeDay, event: Event, at: datetime) -> None:
        """Teaches the memory what it has not learned yet: a program that starts anew reads the day from its beginning.

        A day whose end was missed is scored when the next one begins.
        """
        memory, seq, day = self.memory, self.follower.seq, self.follower.day
        if memory.day not in ("", day):
            close_day(memory, memory.day)
            self._keep_lessons()
            memory.seq = 0
        memory.day = day
        if seq <= memory.seq:
            return
        memory.seq = seq
        learn(memory, state, event, at)
        if isinstance(event, DayClosed):
            self._saved_at = None
            self._keep_lessons()
            self._teach()
            if memory.nights and memory.nights[-1]["day"] == state.day:
                memory.nights[-1]["durations"] = self.matters.summary()

    def _keep_lessons(self) -> None:
        self.night.wanted = keep_lessons(self.data, self.memory.teller.take_lessons())

    def step(self, now: datetime) -> dict[str, Any]:
        """One look. Raises `sqlite3.Error` when past days cannot be read."""
        began = time.perf_counter()
        state = self.follower.state
        if state.config is not None and not state.closed:
            self._learn(now)
            self._teach()
        answer = look(state, self._foretold(), self.memory, now)
        answer["advice"] += self.fitted.offered(state)
        self._at_night(now)
        overlong = outlasting(state, now)
        if (lesson := (self.matters.told, len(overlong))) != self._published:
            self._published = lesson
            answer["durations"] = self.matters.with_open(overlong, self.usual).table()
        if self._saved_at is None or abs(now - self._saved_at) >= SAVE_EVERY:
            self._save(now)
        answer["seq"] = self.follower.seq
        answer["cost_ms"] = round(1000 * (time.perf_counter() - began), 1)
        return answer

    def told(self, line: str) -> None:
        """A press as the server tells it: {"applied": id, "at": …, "by": …}."""
        try:
            said = json.loads(line)
            if self.fitted.pressed(str(said["applied"])):
                return
            known = press(self.memory, str(said["applied"]), datetime.fromisoformat(said["at"]), said.get("by"))
        except (ValueError, KeyError, TypeError) as error:
            log.warning("press-not-understood", error=repr(error))
            return
        if not known:
            log.info("press-of-an-old-advice", advice=said["applied"])
            return
        self._saved_at = None  # kept at the next look: a press is measured an hour later, whoever restarts meanwhile

    def _at_night(self, now: datetime) -> None:
        """Starts the fit when it is due and nobody waits, and takes in what it found."""
        state = self.follower.state
        if self.night.done():
            self.fitted = self._fitted()
        elif self.night.due(now, self.fitted.at) and (state.closed or not any(True for _ in state.waiting())):
            self.night.start()

    def _fitted(self) -> Fitted:
        found = read_fitted(self.data)
        self.next_hour = read_next_hour(self.data)
        self.memory.model = found.model
        return found

    def _learn(self, now: datetime) -> None:
        state = self.follower.state
        if self._past_of != state.day:
            self.past, self._past_of, self._known_at = self.follower.past(), state.day, None
            self.matters, self._taught = Matters(), set()
            self.matters.take(self.past.tickets, self.usual)
        if self._known_at is None or abs(now - self._known_at) >= LEARN_EVERY:
            hours = hours_of(self.site, now.date())
            self._known = known_now(state, self.past, hours, now, next_hour=self.next_hour)
            self._known_at = now

    def _teach(self) -> None:
        """Every ticket that was finished since the last look, in the order of their ends."""
        state = self.follower.state
        fresh = [
            t
            for t in state.tickets.values()
            if t.state is TicketState.SERVED and t.ended_at and t.id not in self._taught
        ]
        fresh.sort(key=lambda t: (t.ended_at or t.taken_at, t.order))
        self.matters.take((as_past(state.day, t) for t in fresh), self.usual)
        self._taught |= {t.id for t in fresh}

    def _foretold(self) -> Known | None:
        """What is known, with what each matter waiting or at a counter is expected to take, where believed."""
        if self._known is None or not self.matters.believed:
            return self._known
        state = self.follower.state
        served = [state.tickets[c.ticket] for c in state.counters.values() if c.ticket is not None]
        told = {
            t.id: t.expected for t in (*state.waiting(), *served) if t.expected is not None and t.spread is not None
        }
        return replace(self._known, predicted=told)

    def end(self, now: datetime) -> None:
        """Keeps the day so far and ends the fit in hand; both go on at the next start."""
        self.night.stop()
        self._save(now)

    def _save(self, now: datetime) -> None:
        self._saved_at = now
        try:
            save(self.data, self.memory)
        except (OSError, ValueError) as error:
            log.warning("forecast-not-kept", error=str(error))


def run(
    worker: Worker, *, clock: ServerTime | None = None, out: TextIO = sys.stdout, source: int = 0,
    looks: int | None = None,
) -> None:  # fmt: skip
    """Looks until standard input ends (or `looks` times). What fails is logged and tried again."""
    clock = clock or ServerTime()
    inbox = b""
    rest, last, failing = 0.0, -QUIET, Failing()
    while looks is None or looks > 0:
        ready, _, _ = select.select([source], [], [], rest)
        if ready:
            got = os.read(source, 65536)
            if not got:
                return
            *lines, inbox = (inbox + got).split(b"\n")
            for line in lines:
                text = line.decode("utf-8", "replace")
                if not clock.hears(text):
                    worker.told(text)
        began = time.monotonic()
        changed = _caught_up(worker) or bool(ready)
        rest = EVERY
        if not changed and began - last < QUIET:
            continue
        last = began
        try:
            out.write(json.dumps(worker.step(clock()), ensure_ascii=False, allow_nan=False) + "\n")
            out.flush()
        except BrokenPipeError:
            return
        except Exception as error:  # the program must outlive a bug in a model; the server falls back meanwhile
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            if reason != failing.reason:  # said once
                log.exception("look-failed", seq=worker.follower.seq)
            failing = failing.once_more(reason)
            out.write(json.dumps({"failed": failing.reason}) + "\n")
            out.flush()
            rest = failing.pause
        else:
            failing = Failing()
            rest = min(QUIET, max(EVERY, (time.monotonic() - began) * (1 / SHARE - 1)))
        looks = None if looks is None else looks - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """Looks that failed one after the other, for the same reason: the pauses between them grow."""

    reason: str = ""
    pause: float = QUIET

    def once_more(self, reason: str) -> "Failing":
        """After another failure."""
        same = reason == self.reason
        return Failing(reason=reason, pause=min(LONGEST_PAUSE, 2 * self.pause) if same else QUIET)


def _caught_up(worker: Worker) -> bool:
    try:
        many = worker.catch_up()
    except (sqlite3.Error, OSError, KeyError, TypeError, ValueError) as error:
        if repr(error) != worker.not_followed:  # said once, tried every second
            log.warning("journal-not-followed", error=repr(error))
        worker.not_followed = repr(error)
        worker.follower.forget()
        return False
    worker.not_followed = ""
    return many > 0
