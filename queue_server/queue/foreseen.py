"""What the forecast saw of one counter's next call, as the rules of calling take it. Pure.

The rules believe none of it: the ticket must be one that the counter may call now, nobody may be past a ceiling, and
the base rule must still want to call whom the foreseen ticket was weighed against.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

LOOK_AHEAD = "look-ahead"  # the policy's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """Whom a counter would best call, against the base rule's choice; `saved`: minutes of everybody together."""

    ticket: str
    against: str
    services: tuple[str, ...]  # of the counter when it was weighed
    runner_up: str | None = None
    saved: float = 0.0
    futures: int = 0

    def holds(self, base_choice: str, services: tuple[str, ...]) -> bool:
        """Whether the comparison still stands and speaks for another ticket than the base rule."""
        return (
            self.ticket != base_choice
            and self.against == base_choice
            and self.services == services
            and isfinite(self.saved)
        )


def foreseen_again(ticket: str, services: tuple[str, ...], runner_up: str | None, facts: Mapping[str, Any]) -> Foreseen:
    """What must have been foreseen for a call by look-ahead, from the facts that stand in the journal."""
    return Foreseen(
        ticket=ticket,
        against=str(facts.get("against", "")),
        services=services,
        runner_up=runner_up,
        saved=float(facts.get("saved", 0.0)),
        futures=int(facts.get("futures", 0)),
    )
