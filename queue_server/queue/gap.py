"""A gap in the numbers after part of the record was lost: what may be on paper already is not given out again. Pure.

After a restore or a take-over nobody knows which numbers were given out last. The office goes on behind all that may
have been, and its new tickets belong to a new generation, so that old paper opens nobody else's page.
"""

from datetime import datetime

from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.rules_day import LEASE_FROM, highest
from queue_server.queue.state import Gap, OfficeDay

ROUND = 100  # numbers go on at A201, not at A187


def skip_numbers(state: OfficeDay, command: cmd.SkipNumbers, now: datetime) -> list[ev.Event]:
    """Once for each generation, all prefixes go on behind the last number (of an earlier gap too) and `lost` more."""
    if any(gap.generation == command.generation for gap in state.gaps):
        return []
    config = state.setup
    prefixes = dict.fromkeys(service.prefix for service in config.services.values())
    in_hand = config.rules.lease_size * len(config.kiosks)  # kiosks are topped up by what they gave out
    serials, leased = highest(state.serials, command.serials), highest(state.leased, command.leased)
    return [
        ev.NumbersSkipped(
            generation=command.generation,
            reason=command.reason,
            serials={p: _behind(serials.get(p, 0), command.lost) for p in prefixes},
            leased={p: _behind(leased.get(p, LEASE_FROM), command.lost + in_hand) for p in prefixes},
        )
    ]


def _behind(last: int, lost: int) -> int:
    return -(-(last + lost) // ROUND) * ROUND


def numbers_skipped(state: OfficeDay, e: ev.NumbersSkipped, at: datetime) -> None:
    """Folds a gap. Kiosks may still hold leased numbers out of it."""
    lost = {prefix: (state.leased.get(prefix, LEASE_FROM) + 1, last) for prefix, last in e.leased.items()}
    state.gaps.append(Gap(generation=e.generation, lost=lost))
    state.serials |= e.serials
    state.leased |= e.leased


def gaps_at_opening(e: ev.DayOpened) -> list[Gap]:
    """A day that opens again, after a wrong clock: what kiosks were leased of it before is still in their hands."""
    return [Gap(generation="", lost={p: (LEASE_FROM + 1, last) for p, last in e.leased.items()})] if e.leased else []


def was_lost(state: OfficeDay, prefix: str, serial: int) -> bool:
    """Whether a kiosk may have been leased this number in a part of the record that is lost or closed."""
    ranges = [gap.lost[prefix] for gap in state.gaps if prefix in gap.lost]
    return any(first <= serial <= last for first, last in ranges)


def generation_of(state: OfficeDay, prefix: str, serial: int, *, leased: bool) -> str:
    """The generation of a number; empty before any gap. A leased one is of the time when the kiosk got it."""
    if not leased:
        return state.gaps[-1].generation if state.gaps else ""
    behind = [gap.generation for gap in state.gaps if serial > gap.lost.get(prefix, (0, 0))[1]]
    return behind[-1] if behind else ""
