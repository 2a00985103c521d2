"""The office floor in plain Python: the compiled loops' reference, into which any chooser plugs. Pure.

Slow and easy to read. With a rule it asks `policies.score_heads`, the same function that serves live calls.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

from queue_server.forecasting.kernel import Lines
from queue_server.forecasting.office_days import Day, DayTicket, OfficeFacts
from queue_server.queue.policy import Head, Rule, score_heads


@dataclass(slots=True, kw_only=True)
class CounterNow:
    """What can be seen of a counter: whom it serves since when, or until when it is at lunch."""

    idle: bool = True
    idle_since: float = 0.0
    free_at: float = inf  # the simulator's own knowledge: not for choosers, except at lunch
    lunched: bool = False
    at_lunch: bool = False
    serving: int = -1  # line of the ticket called, -1 when none
    serving_since: float = 0.0
    service_ends: float = inf  # the simulator's own knowledge
    run: int = 0


@dataclass(slots=True, kw_only=True)
class FloorNow:
    """Everything a chooser may look at. `waiting[line]` holds ticket numbers, first to be served first."""

    office: OfficeFacts
    lines: Lines
    tickets: Sequence[DayTicket]
    since: Sequence[float]  # per ticket: when its wait began to count
    waiting: list[list[int]]
    counters: list[CounterNow]
    line_of: Sequence[int]
    now: float = 0.0
    start: list[float] = field(default_factory=list)
    counter_of: list[int] = field(default_factory=list)

    def eligible(self, c: int) -> list[int]:
        """Lines with somebody waiting whom counter c may serve."""
        skills = self.office.counters[c].skills
        return [line for line, ids in enumerate(self.waiting) if ids and self.lines.keys[line][0] in skills]

    def head(self, line: int) -> Head:
        """The first of a line as numbers."""
        service, cls, _ = self.lines.keys[line]
        queue = sum(len(ids) for key, ids in zip(self.lines.keys, self.waiting, strict=True) if key[0] == service)
        since = self.since[self.waiting[line][0]]
        minutes = self.lines.minutes[line]
        return Head(service, cls, self.now - since, queue, minutes, favoured=cls > 0, rank=since)


Chooser = Callable[[FloorNow, int, list[int]], int]


def by_rule(rule: Rule) -> Chooser:
    """A chooser that follows a heads-only rule."""

    def choose(floor: FloorNow, c: int, lines: list[int]) -> int:
        heads = [floor.head(line) for line in lines]
        return lines[score_heads(rule, heads, run=floor.counters[c].run).best]

    return choose


def play_day_slowly(
    office: OfficeFacts, day: Day, lines: Lines, choose: Chooser, *, ratio: int = 0, by_arrival: bool = False
) -> tuple[list[float], list[int]]:
    """Start minute and counter of every ticket; `choose` picks among the lines that a free counter may serve."""
    tickets = day.tickets
    floor = FloorNow(
        office=office,
        lines=lines,
        tickets=tickets,
        since=[t.arrive if by_arrival else t.due_from for t in tickets],
        waiting=[[] for _ in lines.keys],
        counters=[CounterNow(free_at=c.lunch_at, run=ratio) for c in office.counters],
        line_of=[lines.of(t.service, t.cls, t.predicted) for t in tickets],
        start=[inf] * len(tickets),
        counter_of=[-1] * len(tickets),
    )
    arrived = 0
    while True:
        c = min(range(len(floor.counters)), key=lambda k: floor.counters[k].free_at)
        arrival = tickets[arrived].arrive if arrived < len(tickets) else inf
        floor.now = min(arrival, floor.counters[c].free_at)
        if floor.now == inf:
            return floor.start, floor.counter_of
        if arrival <= floor.counters[c].free_at:
            _arrive(floor, arrived, choose)
            arrived += 1
        else:
            _turn_to(floor, c, choose)


def _arrive(floor: FloorNow, ticket: int, choose: Chooser) -> None:
    line = floor.waiting[floor.line_of[ticket]]
    place = len(line)
    while place and floor.since[line[place - 1]] > floor.since[ticket]:
        place -= 1
    line.insert(place, ticket)
    service = floor.tickets[ticket].service
    fitting = [c for c, now in enumerate(floor.counters) if now.idle and service in floor.office.counters[c].skills]
    if fitting:
        taker = min(fitting, key=lambda c: (len(floor.office.counters[c].skills), floor.counters[c].idle_since, c))
        _call(floor, taker, choose(floor, taker, floor.eligible(taker)))


def _turn_to(floor: FloorNow, c: int, choose: Chooser) -> None:
    counter, facts = floor.counters[c], floor.office.counters[c]
    counter.at_lunch = False
    counter.serving = -1
    if not counter.lunched and floor.now >= facts.lunch_at:
        counter.lunched = counter.at_lunch = True
        counter.idle = False
        counter.free_at = floor.now + facts.lunch_minutes
        return
    lines = floor.eligible(c)
    if lines:
        _call(floor, c, choose(floor, c, lines))
        return
    counter.idle = True
    counter.idle_since = floor.now
    counter.free_at = inf if counter.lunched else facts.lunch_at


def _call(floor: FloorNow, c: int, line: int) -> None:
    counter = floor.counters[c]
    number = floor.waiting[line].pop(0)
    ticket = floor.tickets[number]
    minutes = floor.office.no_show_minutes if ticket.no_show else ticket.minutes * floor.office.counters[c].speed
    floor.start[number] = floor.now
    floor.counter_of[number] = c
    counter.idle = False
    counter.serving = line
    counter.serving_since = floor.now
    counter.service_ends = floor.now + minutes
    counter.free_at = floor.now + minutes + ticket.pause_after
    counter.run = 0 if floor.lines.keys[line][1] > 0 else counter.run + 1
