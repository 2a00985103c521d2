"""What forms offer to choose from. Pure."""

from collections.abc import Callable
from typing import Any

from display import texts
from display.words import pick
from queue_server.contract.ports import Source
from queue_server.contract.views import PolicyView, ReservationRow

Policy = Callable[[], PolicyView]

NOT_REPLAYED = "look-ahead"  # nothing is foreseen in a replay
NEW_RESERVATION = ReservationRow(
    kind="counter", counters=(), services=(), classes=(), begins="07:30", ends="11:30", days=()
)


def choices(policy: PolicyView, language: str) -> dict[str, list[tuple[str, str]]]:
    """What a reservation may name, with its text."""
    return {
        "counter": list(policy.counters),
        "service": [(name, pick(text, language)) for name, text in policy.services],
        "class": [(one.id, pick(one.name, language)) for one in policy.classes],
    }


def past_choices(source: Source, policy: Policy | None, language: str) -> dict[str, Any]:
    """What a past day may be replayed with: the days that have ended, counters, rules."""
    return {
        "past_days": source.past_days(),
        "counters": source.counters(),
        "policies": [one for one in texts.policies(language) if one.name != NOT_REPLAYED],
        "policy_now": policy().name if policy else None,
    }
