"""What is known of a call centre when a call joins the line: the learned predictor's columns. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from queue_server.forecasting.bank import Bank, BankDay
from queue_server.forecasting.features_table import Asked, Table, tabulate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HEAD_START = 90.0  # seconds a caller is placed before his coming for each step of priority above the first
NEW = 20  # calls; an agent seen less often is taken to answer everything
LONGEST_LINE = 600  # calls looked back for those still waiting
WINDOWS = (120.0, 300.0, 900.0, 1800.0, 3600.0)


def head_start(priority: Ints) -> Floats:
    """How many seconds before his coming a caller stands in the line, as the order of answers shows it."""
    return np.asarray(HEAD_START * (priority - 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What the training days teach: who answers what, how long calls last, how long people wait."""

    skills: npt.NDArray[np.bool_]  # (agents, types)
    means: Floats  # (types,)
    pace: Floats  # (agents,) factor on service times
    usual: Floats  # (7, 24, types) mean wait of delayed calls
    arrivals: Floats  # (7, 24, types) calls an hour
    gap: float  # seconds between two calls of an agent while callers wait


def habits(bank: Bank, days: Sequence[BankDay]) -> Habits:
    """The habits of the given days; of none, every agent answers nothing and every call takes three minutes."""
    days = days or [_nothing()]
    agents, types = len(bank.agents), len(bank.types)
    kind = np.concatenate([d.kind for d in days])
    agent = np.concatenate([d.agent for d in days])
    took = np.concatenate([d.ended - d.left for d in days])
    wait = np.concatenate([d.wait for d in days])
    hour = np.concatenate([np.clip(d.came // 3600, 0, 23).astype(int) for d in days])
    weekday = np.concatenate([np.full(len(d.kind), d.day.weekday()) for d in days])
    served = agent >= 0
    counts = np.zeros((agents, types))
    np.add.at(counts, (agent[served], kind[served]), 1)
    means = np.array(
        [took[served & (kind == t)].mean() if (served & (kind == t)).any() else 180.0 for t in range(types)]
    )
    spent = np.bincount(agent[served], took[served], agents)
    meant = np.bincount(agent[served], means[kind[served]], agents)
    return Habits(
        skills=(counts >= np.maximum(5, 0.01 * counts.sum(1, keepdims=True))) | (counts.sum(1, keepdims=True) < NEW),
        means=means,
        pace=(spent + 7200) / (meant + 7200),
        usual=_usual(weekday, hour, kind, wait, served & (wait > 0), types),
        arrivals=_arrivals(days, weekday, hour, kind, types),
        gap=_gap(days),
    )


def _nothing() -> BankDay:
    """A day without calls."""
    none, never = np.zeros(0, dtype=np.int64), np.zeros(0)
    return BankDay(day=date.min, kind=none, priority=none, came=never, left=never, ended=never, agent=none)


def _usual(weekday: Ints, hour: Ints, kind: Ints, wait: Floats, keep: npt.NDArray[np.bool_], types: int) -> Floats:
    """Mean wait of delayed calls by weekday, hour and type, shrunk to the type's own mean."""
    sums, counts = np.zeros((7, 24, types)), np.zeros((7, 24, types))
    np.add.at(sums, (weekday[keep], hour[keep], kind[keep]), wait[keep])
    np.add.at(counts, (weekday[keep], hour[keep], kind[keep]), 1)
    whole = (sums.sum((0, 1)) + 100) / (counts.sum((0, 1)) + 1)
    return np.asarray((sums + 10 * whole) / (counts + 10))


def _arrivals(days: Sequence[BankDay], weekday: Ints, hour: Ints, kind: Ints, types: int) -> Floats:
    """Calls an hour by weekday, hour and type."""
    counts = np.zeros((7, 24, types))
    np.add.at(counts, (weekday, hour, kind), 1)
    seen = np.bincount([d.day.weekday() for d in days], minlength=7)
    return np.asarray(counts / np.maximum(seen, 1)[:, None, None])


def _gap(days: Sequence[BankDay]) -> float:
    """The usual pause of an agent before a call that had waited."""
    pauses: list[float] = []
    for d in days:
        served = np.flatnonzero(d.served)
        order = served[np.lexsort((d.left[served], d.agent[served]))]
        same = d.agent[order[1:]] == d.agent[order[:-1]]
        waited = d.wait[order[1:]] > 0
        pauses += (d.left[order[1:]] - d.ended[order[:-1]])[same & waited].tolist()
    return float(np.clip(np.median(pauses), 0, 60)) if pauses else 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Today:
    """One day's arrays in the orders the features need."""

    d: BankDay
    starts: Ints  # served calls by the second they were answered
    start_times: Floats
    by_type: list[Ints]
    by_type_times: list[Floats]
    left_sorted: Floats
    agent_order: list[Ints]  # of each agent, his calls in order
    agent_starts: list[Floats]


def _today(bank: Bank, d: BankDay) -> _Today:
    served = np.flatnonzero(d.served)
    starts = served[np.argsort(d.left[served], kind="stable")]
    by_type = [starts[d.kind[starts] == t] for t in range(len(bank.types))]
    agent_order = [starts[d.agent[starts] == a] for a in range(len(bank.agents))]
    return _Today(
        d=d, starts=starts, start_times=d.left[starts], by_type=by_type,
        by_type_times=[d.left[calls] for calls in by_type], left_sorted=np.sort(d.left),
        agent_order=agent_order, agent_starts=[d.left[calls] for calls in agent_order],
    )  # fmt: skip


def _agents(today: _Today, now: float) -> tuple[Ints, Ints, Floats, Ints]:
    """Busy agents, the type and elapsed seconds of their calls; and agents idle now but at work lately."""
    d = today.d
    busy, kinds, elapsed, idle = [], [], [], []
    for agent, times in enumerate(today.agent_starts):
        at = int(np.searchsorted(times, now, side="right")) - 1
        if at < 0:
            continue
        call = today.agent_order[agent][at]
        if d.ended[call] > now:
            busy.append(agent)
            kinds.append(int(d.kind[call]))
            elapsed.append(now - float(times[at]))
        elif now - d.ended[call] < 600:
            idle.append(agent)
    return np.array(busy, dtype=np.int64), np.array(kinds, dtype=np.int64), np.array(elapsed), np.array(idle, np.int64)


def _recent(times: Floats, now: float, window: float) -> float:
    return float(np.searchsorted(times, now, side="right") - np.searchsorted(times, now - window, side="right"))


def _history(today: _Today, call: int, before: dict[str, int]) -> dict[str, float]:
    """The delays of those who were answered last, as they came and as they would be from this caller's place."""
    d, kind, now = today.d, int(today.d.kind[call]), float(today.d.came[call])
    mine = head_start(d.priority[call : call + 1])[0]
    row: dict[str, float] = {}
    for name, calls, times in (
        ("all", today.starts, today.start_times),
        ("own", today.by_type[kind], today.by_type_times[kind]),
    ):
        at = int(np.searchsorted(times, now, side="right"))
        last = calls[max(0, at - 40) : at]
        waits = d.wait[last]
        row[f"les_{name}"] = float(waits[-1]) if at else np.nan
        row[f"last_three_{name}"] = float(waits[-3:].mean()) if at else np.nan
        row[f"last_ten_{name}"] = float(waits[-10:].mean()) if at else np.nan
        delayed = waits[waits > 0]
        row[f"last_delayed_{name}"] = float(delayed[-5:].mean()) if len(delayed) else np.nan
        row[f"since_{name}"] = now - float(times[at - 1]) if at else np.nan
        placed = (waits + head_start(d.priority[last]) - mine)[waits > 0]
        row[f"les_placed_{name}"] = float(placed[-1]) if len(placed) else np.nan
        row[f"placed_three_{name}"] = float(placed[-3:].mean()) if len(placed) else np.nan
        row[f"placed_ten_{name}"] = float(placed[-10:].mean()) if len(placed) else np.nan
        row[f"placed_high_{name}"] = float(placed[-6:].max()) if len(placed) else np.nan
        like = last[d.priority[last] == d.priority[call]]
        row[f"les_class_{name}"] = float(d.wait[like[-1]]) if len(like) else np.nan
        back = at - before[name] - 1
        row[f"back_{name}"] = now - float(times[back]) if back >= 0 else np.nan
    return row


def _line(d: BankDay, waiting: Ints, call: int, types: int) -> dict[str, float]:
    """Who stands in the line."""
    now = d.came[call]
    since = now - d.came[waiting]
    place = d.came[waiting] - head_start(d.priority[waiting])
    mine = now - head_start(d.priority[call : call + 1])[0]
    own = d.kind[waiting] == d.kind[call]
    before = place <= mine
    behind = mine - place
    row = {
        "waiting": float(len(waiting)),
        "waiting_own": float(own.sum()),
        "before": float(before.sum()),
        "before_own": float((before & own).sum()),
        "urgent": float((d.priority[waiting] == 2).sum()),
        "hol": float(since.max(initial=0.0)),
        "hol_own": float(since[own].max(initial=0.0)),
        "hol_class": float(since[d.priority[waiting] == d.priority[call]].max(initial=0.0)),
        "since_sum": float(since.sum()),
        "since_mean": float(since.mean()) if len(since) else 0.0,
        "newest": float(since.min(initial=999.0)),
        "head_placed": float(behind.max(initial=0.0)),
        "head_placed_own": float(behind[own].max(initial=0.0)),
    }
    for kind in range(types):
        row[f"waiting_{kind}"] = float((d.kind[waiting] == kind).sum())
        row[f"before_{kind}"] = float((before & (d.kind[waiting] == kind)).sum())
    return row


def _capacity(
    known: Habits, kind: int, busy: Ints, kinds: Ints, elapsed: Floats, idle: Ints, before: float
) -> dict[str, float]:
    """Who can answer, and how soon somebody should be free."""
    able = known.skills[busy, kind] if len(busy) else np.zeros(0, dtype=bool)
    mean = known.means[kinds] * known.pace[busy] if len(busy) else np.zeros(0)
    rate = float((1 / (mean + known.gap)).sum())
    rate_own = float((1 / (mean + known.gap))[able].sum())
    return {
        "busy": float(len(busy)),
        "able": float(able.sum()),
        "idle": float(len(idle)),
        "idle_able": float(known.skills[idle, kind].sum()) if len(idle) else 0.0,
        "rate": rate,
        "rate_own": rate_own,
        "queue_length": min((before + 1) / max(rate, 1e-3), 3600.0),
        "queue_length_own": min((before + 1) / max(rate_own, 1e-3), 3600.0),
        "elapsed_mean": float(elapsed.mean()) if len(elapsed) else 0.0,
        "elapsed_max": float(elapsed.max(initial=0.0)),
        "elapsed_min": float(elapsed.min(initial=999.0)),
        "long_calls": float((elapsed > 300).sum()),
        "pace": float(known.pace[busy].mean()) if len(busy) else 1.0,
    }


def _staff(today: _Today, known: Habits, kind: int, now: float) -> dict[str, float]:
    """The agents of the last quarter-hour and hour, those who answered this type today, and callers who hung up."""
    d = today.d
    row: dict[str, float] = {}
    at = int(np.searchsorted(today.start_times, now, side="right"))
    for window in (900.0, 3600.0):
        lately = today.starts[int(np.searchsorted(today.start_times, now - window)) : at]
        row[f"agents_{window:.0f}"] = float(len(np.unique(d.agent[lately])))
        row[f"agents_own_{window:.0f}"] = float(len(np.unique(d.agent[lately[d.kind[lately] == kind]])))
        row[f"took_{window:.0f}"] = float((d.ended[lately] - d.left[lately]).mean()) if len(lately) else np.nan
        row[f"able_{window:.0f}"] = float(known.skills[np.unique(d.agent[lately]), kind].sum())
    for window in (300.0, 1800.0):
        gone = ~d.served & (d.left <= now) & (d.left > now - window)
        row[f"hung_up_{window:.0f}"] = float(gone.sum())
    return row


def _when(d: BankDay, known: Habits, kind: int, now: float) -> dict[str, float]:
    hour = int(min(now // 3600, 23))
    weekday = d.day.weekday()
    return {
        "second": now,
        "weekday": float(weekday),
        "month_day": float(d.day.day),
        "usual": float(known.usual[weekday, hour, kind]),
        "usual_next": float(known.usual[weekday, min(hour + 1, 23), kind]),
        "expected": float(known.arrivals[weekday, hour].sum()),
        "expected_next": float(known.arrivals[weekday, min(hour + 1, 23)].sum()),
    }


def _rows(bank: Bank, d: BankDay, known: Habits) -> Iterator[Asked]:
    """Each answered call of the day that had to wait, with its columns."""
    today = _today(bank, d)
    waited = np.flatnonzero(d.left > d.came)
    for call in np.flatnonzero(d.served & (d.left > d.came)):
        now, kind = float(d.came[call]), int(d.kind[call])
        some = waited[: np.searchsorted(waited, call)][-LONGEST_LINE:]
        waiting = some[d.left[some] > now]
        row = _when(d, known, kind, now) | {"kind": float(kind), "priority": float(d.priority[call])}
        row |= _line(d, waiting, int(call), len(bank.types))
        row |= _capacity(known, kind, *_agents(today, now), row["before"])
        row |= _history(today, int(call), {"all": int(row["before"]), "own": int(row["before_own"])})
        row |= _staff(today, known, kind, now)
        for window in WINDOWS:
            row[f"answered_{window:.0f}"] = _recent(today.start_times, now, window)
            row[f"came_{window:.0f}"] = float(call - np.searchsorted(d.came, now - window))
            row[f"answered_own_{window:.0f}"] = _recent(today.by_type_times[kind], now, window)
        yield Asked(
            day=d.day.toordinal(), asked_at=now, wait=float(d.wait[call]), service=bank.types[kind], columns=row
        )


def table(bank: Bank, train_until: date) -> Table:
    """Every answered call that had to wait; the habits are those of the days before `train_until`."""
    known = habits(bank, [d for d in bank.days if d.day < train_until])
    return tabulate([asked for d in bank.days for asked in _rows(bank, d, known)])
