"""How long matters take, learned from every finished ticket, and whether knowing the matter has earned its say. Pure.

Two models learn side by side: one from all facts of a matter, one from its service alone. Each ticket is told by both
before it teaches them; the matter is believed once it has been nearer than the service's usual time.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from math import exp, sqrt
from typing import Any

from queue_server.forecaster.past import PastTicket
from queue_server.forecasting.durations import Duration, Durations
from queue_server.queue.config import MINUTE
from queue_server.queue.expectation import Facts, facts_of
from queue_server.site.model import Site

LEAST = 200.0  # tickets told before anything is believed but the catalogue
BETTER = 0.98  # of the service's error; nearer than this has earned it
KEPT = 0.999  # of the old errors with each ticket: about the last thousand count
LATELY = 200  # the latest people of a service, whose matters are its mix
FEWEST = 20  # people that make a mix
UNKNOWN_SERVICE = 10 * MINUTE  # of a service that the site has given up

Usual = Callable[[str, str | None], tuple[float, float]]  # service, procedure → minutes: of the matter, of the service


@dataclass(slots=True)
class Matters:
    """Both models and their errors in minutes so far."""

    own: Durations = field(default_factory=Durations)
    plain: Durations = field(default_factory=Durations)
    told: int = 0
    weight: float = 0.0
    own_error: float = 0.0
    plain_error: float = 0.0
    catalogue_error: float = 0.0
    own_crps: float = 0.0
    plain_crps: float = 0.0
    inside: float = 0.0

    def take(self, tickets: Iterable[PastTicket], usual: Usual) -> None:
        """Takes in finished tickets in their order; what did not last, or is no number, teaches nothing."""
        for t in tickets:
            if t.handled is None or t.missed or not 0.0 < t.handled < float("inf"):
                continue
            facts, bare = both_facts(t, usual)
            self._score(facts, bare, t.handled / MINUTE)
            self.own.learn(facts, t.handled / MINUTE)
            self.plain.learn(bare, t.handled / MINUTE)

    def with_open(self, tickets: Iterable[PastTicket], usual: Usual) -> "Matters":
        """A copy that has also learned from services in progress; `handled` of these is how long they have lasted.

        Only what has outlasted its expectation teaches (a censored observation), and it does so on the copy: when it
        ends, it teaches the model itself once, with what it really took.
        """
        taught = replace(self, own=deepcopy(self.own), plain=deepcopy(self.plain))
        for t in tickets:
            if t.handled is not None and 0.0 < t.handled < float("inf"):
                facts, bare = both_facts(t, usual)
                taught.own.learn(facts, t.handled / MINUTE, finished=False)
                taught.plain.learn(bare, t.handled / MINUTE, finished=False)
        return taught

    def _score(self, facts: Facts, bare: Facts, minutes: float) -> None:
        law, plain = self.own.predict(facts), self.plain.predict(bare)
        self.told += 1
        self.weight = KEPT * self.weight + 1.0
        self.own_error = KEPT * self.own_error + abs(law.quantile(0.5) - minutes)
        self.plain_error = KEPT * self.plain_error + abs(plain.quantile(0.5) - minutes)
        self.catalogue_error = KEPT * self.catalogue_error + abs(facts.typical - minutes)
        self.own_crps = KEPT * self.own_crps + law.crps(minutes)
        self.plain_crps = KEPT * self.plain_crps + plain.crps(minutes)
        self.inside = KEPT * self.inside + (law.quantile(0.1) <= minutes <= law.quantile(0.9))

    @property
    def believed(self) -> bool:
        """Whether what the matter tells is nearer than the usual time of its service."""
        return self.told >= LEAST and self.own_error <= BETTER * self.plain_error

    def table(self) -> dict[str, Any] | None:
        """The effects as the server needs them; None until enough tickets were told: the catalogue speaks."""
        if self.told < LEAST:
            return None
        model = self.own if self.believed else self.plain
        return {
            "matters": self.believed,
            "effects": {name: round(mean, 4) for name, (mean, _) in model.effects.items()},
            "spreads": {kind: round(model.spread(kind), 4) for kind in model.spreads},
        }

    def mixes(self, tickets: Iterable[PastTicket], usual: Usual) -> dict[str, tuple[float, float]]:
        """Service → mean minutes and coefficient of variation of what its latest people came for.

        Empty until the matter is believed; without services that too few came for.
        """
        if not self.believed:
            return {}
        came: dict[str, list[PastTicket]] = {}
        for t in tickets:
            if not t.missed:
                came.setdefault(t.service, []).append(t)
        return {
            service: mixture(
                [
                    self.own.predict(facts_of(service, t.procedure, t.matter, usual(service, t.procedure)[0]))
                    for t in found[-LATELY:]
                ]
            )
            for service, found in came.items()
            if len(found) >= FEWEST
        }

    def summary(self) -> dict[str, Any]:
        """Of the last thousand or so: mean errors and mean CRPS in minutes, and the share inside the 80 % interval."""
        if not self.weight:
            return {"tickets": 0}
        return {
            "tickets": self.told,
            "mean_error": self.own_error / self.weight,
            "service_error": self.plain_error / self.weight,
            "catalogue_error": self.catalogue_error / self.weight,
            "crps": self.own_crps / self.weight,
            "service_crps": self.plain_crps / self.weight,
            "inside": self.inside / self.weight,
            "believed": self.believed,
        }


def both_facts(t: PastTicket, usual: Usual) -> tuple[Facts, Facts]:
    """All that is known of a ticket, and its service alone."""
    typical, of_service = usual(t.service, t.procedure)
    return facts_of(t.service, t.procedure, t.matter, typical), Facts(typical=of_service, service=t.service)


def mixture(laws: Sequence[Duration]) -> tuple[float, float]:
    """Mean and coefficient of variation of minutes that follow each of the laws equally often."""
    mean = sum(law.mean for law in laws) / len(laws)
    square = sum(law.mean**2 * exp(law.spread**2) for law in laws) / len(laws)
    return mean, sqrt(max(0.0, square / mean**2 - 1.0))


def usual_of(site: Site) -> Usual:
    """Minutes that the catalogue says of a matter, and the site of its service; the latter for what has gone."""

    def usual(service: str, procedure: str | None) -> tuple[float, float]:
        known = site.office.services.get(service)
        of_service = (known.typical if known else UNKNOWN_SERVICE) / MINUTE
        try:
            return (site.procedure(procedure).minutes if procedure else of_service), of_service
        except KeyError:
            return of_service, of_service

    return usual
