"""Durations that can be foreseen: a synthetic office of procedures and papers, and the forecast from them. Pure.

The yardstick's tickets carry no procedure. Here every service gets four procedures and every ticket its papers; the
mean and the spread of each service stay those of the office file, but part of the spread is explained.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from queue_server.forecasting.office_days import Day, DayTicket, OfficeFacts

SHARES = (0.35, 0.3, 0.25, 0.1)  # of the four procedures of a service
LENGTHS = (0.5, 0.85, 1.25, 2.6)  # their mean minutes against the service's, before papers
PAPERS = 3.0  # mean number of papers
PER_PAPER = 0.12  # each paper more than the mean lengthens the service by this share
NOISE = 0.3  # coefficient of variation that nothing foresees


def with_procedures(days: Sequence[Day], office: OfficeFacts, *, seed: int = 1) -> tuple[Day, ...]:
    """The same arrivals, classes and no-shows; minutes drawn anew from procedure, papers and unforeseen noise."""
    rng = np.random.default_rng(seed)
    norm = float(np.dot(SHARES, LENGTHS))
    spread = float(np.sqrt(np.log1p(NOISE**2)))

    def drawn(ticket: DayTicket) -> DayTicket:
        procedure = int(rng.choice(len(SHARES), p=SHARES))
        papers = 1 + int(rng.poisson(PAPERS - 1))
        noise = float(np.exp(rng.normal(-spread * spread / 2, spread)))
        length = LENGTHS[procedure] / norm * max(0.2, 1 + PER_PAPER * (papers - PAPERS)) * noise
        minutes = max(1.0, office.services[ticket.service].mean_minutes * length)
        return replace(ticket, procedure=procedure, papers=papers, minutes=minutes)

    return tuple(replace(day, tickets=tuple(drawn(t) for t in day.tickets)) for day in days)


def with_forecasts(days: Sequence[Day], past: Sequence[Day], office: OfficeFacts) -> tuple[Day, ...]:
    """Tickets with `predicted` minutes learned from past days; days without procedures come back unchanged.

    Per service and procedure a mean shrunk to the service's by ten services' worth, times a common slope in papers.
    """
    shown = [t for day in past for t in day.tickets if not t.no_show and t.procedure is not None]
    if not shown:
        return tuple(days)
    sums: dict[tuple[int, int | None], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for t in shown:
        cell = sums[t.service, t.procedure]
        cell[0] += t.minutes
        cell[1] += 1
    typical = [facts.mean_minutes for facts in office.services]

    def base(t: DayTicket) -> float:
        total, count = sums[t.service, t.procedure]
        return (total + 10 * typical[t.service]) / (count + 10)

    papers = np.array([float(t.papers or 0) for t in shown])
    ratio = np.array([t.minutes / base(t) for t in shown])
    mean = float(papers.mean())
    slope = float(((papers - mean) * ratio).sum() / max(1.0, ((papers - mean) ** 2).sum()))

    def told(t: DayTicket) -> DayTicket:
        return replace(t, predicted=max(1.0, base(t) * (1 + slope * (float(t.papers or 0) - mean))))

    return tuple(replace(day, tickets=tuple(told(t) for t in day.tickets)) for day in days)
