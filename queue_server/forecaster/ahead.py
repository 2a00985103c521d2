"""What each open counter would best call now, at every look under the policy `look-ahead`. Pure.

At most `PER_LOOK` counters are weighed in one look: those with nobody first, then whose foresight is oldest. What was
foreseen a look or two ago stays for `KEPT`, while both tickets of the comparison still wait.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from queue_server.forecasting.foresight import SETTINGS, Settings, draw, foresee
from queue_server.forecasting.outlook_office import LiveScene
from queue_server.queue.foreseen import LOOK_AHEAD, Foreseen
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import CounterStatus, TicketState

PER_LOOK = 16  # counters; 16 decisions of the largest office take about 0.15 s of one core
KEPT = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The newest foresight of one counter; `seen` is None where there was nothing to choose."""

    at: datetime
    version: int  # of the office day that was seen
    seen: Foreseen | None


def foresights(
    live: LiveScene, kept: dict[str, Weighed], now: datetime, settings: Settings = SETTINGS
) -> dict[str, dict[str, Any]] | None:
    """Counter → its row for the office, freshest first; None under any other policy. `kept` is brought up to date."""
    state = live.state
    if state.policy.name != LOOK_AHEAD:
        kept.clear()
        return None
    for counter in [c for c, one in kept.items() if not _stands(state, c, one, now)]:
        del kept[counter]
    asked = turn(state, kept)
    lot = draw(live, settings) if asked else None
    for counter in asked:
        assert lot is not None
        kept[counter] = Weighed(at=now, version=state.version, seen=foresee(live, lot, counter, settings))
    newest = sorted(kept.items(), key=lambda item: item[1].at, reverse=True)
    return {c: row(one.seen, one.at, one.version) for c, one in newest if one.seen is not None}


def turn(state: OfficeDay, kept: dict[str, Weighed]) -> list[str]:
    """The counters to weigh at this look: those with nobody, then those that were not asked for longest."""
    opened = [c for c in state.counters.values() if c.status is CounterStatus.OPEN]
    never = datetime.min.replace(tzinfo=state.opened_at.tzinfo if state.opened_at else None)
    opened.sort(key=lambda c: (c.ticket is not None, kept[c.id].at if c.id in kept else never))
    return [c.id for c in opened[:PER_LOOK]]


def _stands(state: OfficeDay, counter: str, one: Weighed, now: datetime) -> bool:
    known = state.counters.get(counter)
    if known is None or known.status is not CounterStatus.OPEN or not timedelta() <= now - one.at <= KEPT:
        return False
    if one.seen is None:
        return True
    tickets = [state.tickets.get(ticket) for ticket in (one.seen.ticket, one.seen.against)]
    return known.services == one.seen.services and all(t and t.state is TicketState.WAITING for t in tickets)


def row(seen: Foreseen, at: datetime, version: int) -> dict[str, Any]:
    """A foresight as plain values; `seq` counts the events of the office day that was seen."""
    return {**asdict(seen), "saved": round(seen.saved, 2), "at": at.isoformat(), "seq": version}
