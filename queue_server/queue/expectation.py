"""How long a matter is expected to hold its counter, from effects that add up in logarithms. Pure, stdlib only.

The logarithm of the minutes is the usual one (the catalogue's, or the service's) plus an effect of each known fact:
service, procedure, cases, papers, copies, supplement, checklist, form. `forecasting.durations` learns the effects;
the server needs nothing but their table to tell what a new ticket will take.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import exp, isfinite, log, log1p

from queue_server.queue.matter import Matter

SHORTEST, LONGEST = 0.1, 240.0  # minutes; what is outside is a slip of the finger and teaches nothing beyond
SPREAD = 0.55  # of the logarithm, a coefficient of variation of 0.6, until the procedure has taught its own
USUAL_PAPERS = 4

# The prior mean and variance of each kind of effect on the logarithm of the minutes.
PRIORS: Mapping[str, tuple[float, float]] = {
    "office": (0.0, 0.05),
    "service": (0.0, 0.05),
    "procedure": (0.0, 0.12),
    "case": (0.0, 0.05),
    "papers": (0.15, 0.02),
    "copies": (0.03, 0.01),
    "supplement": (-0.2, 0.05),
    "incomplete": (0.2, 0.05),
    "unfilled": (0.2, 0.05),
    "officer": (0.0, 0.03),
    "hour": (0.0, 0.01),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a ticket before it is called; None is "not known". `typical`: the usual minutes."""

    typical: float
    service: str = ""
    procedure: str = ""
    cases: tuple[str, ...] = ()
    papers: int | None = None
    copies: int | None = None
    supplement: bool | None = None
    checklist_complete: bool | None = None
    form_filled: bool | None = None
    officer: str = ""
    hour: int | None = None

    @property
    def kind(self) -> str:
        """What its spread is learned by."""
        return self.procedure or self.service


def facts_of(service: str, procedure: str | None, matter: Matter, typical: float) -> Facts:
    """The facts of a ticket; `typical` in minutes."""
    return Facts(
        typical=typical,
        service=service,
        procedure=procedure or "",
        cases=matter.cases or (),
        papers=matter.papers,
        copies=matter.copies,
        supplement=matter.supplement,
        checklist_complete=matter.ready,
        form_filled=matter.form_filled,
    )


def effects_of(facts: Facts) -> Iterator[tuple[str, float]]:
    """The effects that apply, and how strongly. A fact that is not known has no effect."""
    yield "office", 1.0
    if facts.service:
        yield f"service:{facts.service}", 1.0
    if facts.procedure:
        yield f"procedure:{facts.procedure}", 1.0
    for case in facts.cases:
        yield f"case:{facts.procedure}/{case}", 1.0
    if facts.papers is not None:
        yield "papers", log1p(min(max(facts.papers, 0), 200)) - log1p(USUAL_PAPERS)
    if facts.copies is not None:
        yield "copies", log1p(min(max(facts.copies, 0), 200))
    if facts.supplement:
        yield "supplement", 1.0
    if facts.checklist_complete is False:
        yield "incomplete", 1.0
    if facts.form_filled is False:
        yield "unfilled", 1.0
    if facts.officer:
        yield f"officer:{facts.officer}", 1.0
    if facts.hour is not None:
        yield f"hour:{facts.hour}", 1.0


def believed(minutes: float) -> float:
    """Minutes within what is believed; ten for what is no number."""
    return min(max(minutes, SHORTEST), LONGEST) if isfinite(minutes) else 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Learned effects, as the server holds them. Whatever it does not name is at its prior."""

    effects: Mapping[str, float] = field(default_factory=dict)
    spreads: Mapping[str, float] = field(default_factory=dict)  # procedure, or service → of the logarithm
    matters: bool = True  # False: only the service counts, what the matter tells has not earned its say

    def expected(self, facts: Facts, *, usual: float) -> tuple[float, float]:
        """Expected minutes and the spread of their logarithm; `usual`: the site's minutes of the service."""
        facts = facts if self.matters else Facts(typical=usual, service=facts.service)
        spread = self.spreads.get(facts.kind, SPREAD)
        centre = log(believed(facts.typical)) - SPREAD**2 / 2
        for name, amount in effects_of(facts):
            centre += amount * self.effects.get(name, PRIORS[name.partition(":")[0]][0])
        return believed(exp(min(centre + spread**2 / 2, 20.0))), spread
