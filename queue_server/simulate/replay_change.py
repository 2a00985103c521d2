"""A change to a past day as a person writes it: "6@08:30-11:00:ho_tich", "4@11:30/45", "5=ho_tich,dat_dai". Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time

from queue_server.options import Wish
from queue_server.queue.config import Policy
from queue_server.queue.policy import policy_problems
from queue_server.simulate.replay import Change, Extra
from queue_server.simulate.replay_day import ReplayError

_OPEN = re.compile(r"(?P<counter>[^@\s]+)@(?P<opens>[\d:]+)(-(?P<closes>[\d:]+?))?(:(?P<services>[a-z][\w,-]*))?")
_BREAK = re.compile(r"(?P<counter>[^@\s]+)@(?P<at>[\d:]+)/(?P<minutes>\d+)")
_SERVICES = re.compile(r"(?P<counter>[^=\s]+)=(?P<services>[\w,-]+)")
LONGEST_BREAK = 8 * 60


def change_of(wish: Wish, policy: Policy) -> Change:
    """The change; `policy` is the one in force, which a single number is changed of. Raises `ReplayError`."""
    extra = tuple(_extra(text) for text in wish.opened)
    return Change(
        policy=_policy(wish, policy),
        extra=extra,
        breaks=_breaks(wish.breaks) if wish.breaks else None,
        services=dict(_services(text) for text in wish.services) if wish.services else None,
        without=tuple(counter for text in wish.without for counter in _listed(text)),
    )


def _policy(wish: Wish, before: Policy) -> Policy | None:
    if wish.policy is None and wish.ratio is None and wish.ceiling_multiple is None and not wish.option:
        return None
    made = before
    if wish.policy is not None and wish.policy != before.name:
        made = replace(before, name=wish.policy, options={})
    if wish.ratio is not None:
        made = replace(made, ordinary_per_priority=wish.ratio)
    if wish.ceiling_multiple is not None:
        made = replace(made, ceiling_multiple=wish.ceiling_multiple)
    made = replace(made, options={**made.options, **dict(_option(text) for text in wish.option)})
    problems = [en for _, en in policy_problems(made)]
    if problems:
        raise ReplayError("; ".join(problems))
    return made


def _option(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    try:
        return name.strip(), float(value) if equals else float("nan")
    except ValueError as error:
        raise ReplayError(f"an option is written NAME=NUMBER, such as fair_fast=0.5, not {text!r}") from error


def _extra(text: str) -> Extra:
    found = _OPEN.fullmatch(text)
    if found is None:
        raise ReplayError(f"an opening is written COUNTER@HH:MM[-HH:MM][:service,service], not {text!r}")
    opens, closes = _time(found["opens"]), found["closes"]
    until = _time(closes) if closes else None
    if until is not None and until <= opens:
        raise ReplayError(f"{text}: the counter would close before it opens")
    services = found["services"]
    return Extra(
        counter=found["counter"],
        opens=opens,
        closes=until,
        services=tuple(_listed(services)) if services else None,
    )


def _breaks(texts: Sequence[str]) -> Mapping[str, tuple[tuple[time, float], ...]]:
    """Counter → its breaks of the day; a counter named twice has two."""
    made: dict[str, tuple[tuple[time, float], ...]] = {}
    for text in texts:
        found = _BREAK.fullmatch(text)
        if found is None:
            raise ReplayError(f"a break is written COUNTER@HH:MM/MINUTES, not {text!r}")
        minutes = float(found["minutes"])
        if not 0 <= minutes <= LONGEST_BREAK:
            raise ReplayError(f"{text}: a break has 0 to {LONGEST_BREAK} minutes")
        own = made.get(found["counter"], ())
        made[found["counter"]] = (*own, (_time(found["at"]), minutes))
    return made


def _services(text: str) -> tuple[str, tuple[str, ...]]:
    found = _SERVICES.fullmatch(text)
    services = _listed(found["services"]) if found else ()
    if found is None or not services:
        raise ReplayError(f"services are written COUNTER=service,service, not {text!r}")
    return found["counter"], tuple(services)


def _listed(text: str) -> Sequence[str]:
    return [part for part in (one.strip() for one in text.split(",")) if part]


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    try:
        return time(int(hour), int(minute))
    except ValueError as error:
        raise ReplayError(f"a time is written HH:MM, such as 08:30, not {text!r}") from error
