"""`motcua forecast`: a day to come from the days before it, and the scores of the waits that were told."""

import sqlite3
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from queue_server.forecaster.fitted import read_fitted
from queue_server.forecaster.kept import read
from queue_server.forecaster.knowledge import Hours, day_ahead, day_counts, habits_of, learned
from queue_server.forecaster.matters import Matters, usual_of
from queue_server.forecaster.past import Past, PastTicket, read_only, read_past
from queue_server.forecaster.worker import hours_of
from queue_server.forecasting import arrivals, scores, staffing
from queue_server.forecasting.office_days import CounterFacts, Day, DayTicket, OfficeFacts, ServiceFacts
from queue_server.journal.journal import journal_error
from queue_server.options import ConfigError, ForecastOptions
from queue_server.queue.policy import Rule
from queue_server.settings import journal_path
from queue_server.site.loader import load_site
from queue_server.site.model import Site

PLANNED_DAYS = 10  # days drawn from the forecast; nine of them must keep the target
ALL = "99999999"  # past every day
TESTED_DAYS = 10  # past days on which the forecast is held against last week's figures
NOTHING = (
    "No past day in this journal yet: nothing can be said of {day}. A forecast needs at least one day of tickets.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The quarter-hours of a day in which people come: first, and one past the last."""

    first: int
    last: int


def run(options: ForecastOptions) -> int:
    """Prints the forecast of a day, or with `score` the kept scores; 1 when the journal is not there."""
    site = load_site(options.site)
    if options.service is not None and options.service not in site.office.services:
        raise ConfigError(f"no service {options.service}; there are {', '.join(site.office.services)}")
    path = journal_path(options.data)
    if not path.is_file():
        sys.stderr.write(f"motcua: {path} is not there. Is --data right?\n")
        return 1
    today = site.local_date(datetime.now(UTC))
    hours = hours_of(site, options.day or today)
    day = options.day or today + timedelta(days=1)
    connection = read_only(path)
    try:
        past = read_past(connection, ALL, days=None) if options.score else read_past(connection, f"{day:%Y%m%d}")
        real = read_past(connection, f"{day + timedelta(days=1):%Y%m%d}", days=1)
    except sqlite3.Error as error:
        raise journal_error(path, error) from error
    finally:
        connection.close()
    sys.stdout.write(scored(options, past) if options.score else told(options, site, past, real, hours, day))
    return 0


def told(options: ForecastOptions, site: Site, past: Past, real: Past, hours: Hours, day: date) -> str:
    """The forecast of one day as a text; `real` is what is known of the day itself, when it is over or begun."""
    if not past.tickets:
        if real.tickets and options.service is None:
            return (
                "\n".join([f"{day:%A %Y-%m-%d}, no day before it", *hindsight(site, real, hours, day, options.seed)])
                + "\n"
            )
        return NOTHING.format(day=day)
    ahead = {s: f for s, f in day_ahead(past, hours, day).items() if s in site.office.services}
    if options.service is not None:
        ahead = {s: f for s, f in ahead.items() if s == options.service}
    total = sum(float(f.mean.sum()) for f in ahead.values())
    lines = [f"{day:%A %Y-%m-%d}, from {len(past.days)} past days: about {total:.0f} people"]
    if total < 1:
        return "\n".join([*lines, "The office is closed, or nobody is expected."]) + "\n"
    lines += arrivals_table(ahead, spread_of(past, hours, day))
    lines += back_test(past, hours)
    if options.service is None:
        span = span_of(whole(ahead))
        facts = office_facts(site, past, hours, day, span)
        lines += staffing_table(
            site, facts, drawn_days(site, facts, day, span, ahead, options.seed), span, options.seed
        )
        lines += hindsight(site, real, hours, day, options.seed)
    return "\n".join(lines) + "\n"


def arrivals_table(ahead: Mapping[str, arrivals.Forecast], spread: float) -> list[str]:
    """People per service, and per half-hour over all of them."""
    lines = ["", "service                 people"]
    lines += [f"{s:<22} {f.mean.sum():>7.1f}" for s, f in ahead.items()]
    total = whole(ahead)
    span = span_of(total)
    halves = arrivals.forecast(total[span.first : span.last].reshape(-1, 2).sum(axis=1), spread)
    lines += ["", "half-hour   people   80 %"]
    for half in range(len(halves.mean)):
        band = f"{halves.low[half]:.0f}–{halves.high[half]:.0f}"
        lines.append(f"{clock(span.first + 2 * half)}  {halves.mean[half]:>10.1f}   {band}")
    return lines


def spread_of(past: Past, hours: Hours, day: date) -> float:
    """How much the whole office's days differ beyond chance."""
    by_service = list(day_counts(past.tickets, hours).values())
    pooled = [
        arrivals.DayCount(day=of_day[0].day, counts=np.asarray(np.sum([one.counts for one in of_day], axis=0)))
        for of_day in zip(*by_service, strict=True)
    ]
    return arrivals.day_ahead(pooled, day, hours.calendar).spread


def whole(ahead: Mapping[str, arrivals.Forecast]) -> arrivals.Floats:
    """People by quarter-hour over all services."""
    return np.asarray(np.sum([f.mean for f in ahead.values()], axis=0))


def span_of(people: arrivals.Floats) -> Span:
    """From the first to the last half-hour in which somebody is likely to come."""
    some = np.flatnonzero(people >= 0.05)
    return Span(first=int(some[0]) // 2 * 2, last=(int(some[-1]) // 2 + 1) * 2) if len(some) else Span(first=0, last=0)


def clock(quarter: float) -> str:
    """A quarter-hour of the day as the time at which it begins."""
    return f"{int(quarter) // 4:02d}:{int(quarter % 4 * 15):02d}"


def back_test(past: Past, hours: Hours) -> list[str]:
    """How the last days would have been told the evening before, against the same weekday of the week before (R-69)."""
    ours, theirs, truth = [], [], []
    for counts in day_counts(past.tickets, hours).values():
        for one in counts[-TESTED_DAYS:]:
            if (one.day - counts[0].day).days < 7:
                continue
            ours.append(arrivals.day_ahead(counts, one.day, hours.calendar).mean)
            theirs.append(arrivals.last_week(counts, one.day))
            truth.append(one.counts)
    if not truth:
        return ["", "Too few days to test the forecast against last week's figures."]
    real = np.concatenate(truth)
    mine, week = (scores.weighted_percentage_error(np.concatenate(said), real) for said in (ours, theirs))
    verdict = "better" if mine < week else "WORSE"
    return [
        "",
        f"last days, error by quarter-hour: {mine:.0%}, last week's figures {week:.0%}: the forecast is {verdict}",
    ]


def office_facts(site: Site, past: Past, hours: Hours, day: date, span: Span) -> OfficeFacts:
    """The office as the plan plays it: durations, paces and breaks as the past days had them.

    Where matters are believed, a service takes what its latest people's matters are expected to.
    """
    config = site.office
    known = learned(config, past.tickets)
    matters, usual = Matters(), usual_of(site)
    matters.take(past.tickets, usual)
    mixes = matters.mixes(past.tickets, usual)
    breaks = habits_of(past.periods, hours, day.strftime("%Y%m%d"), config).breaks
    place = {service: number for number, service in enumerate(config.services)}
    begins = hours.midnight(day.strftime("%Y%m%d")) + timedelta(minutes=15 * span.first)
    services = []
    for service in config.services:
        table = np.asarray(known.seconds[service]) / 60.0
        mean, cv = mixes.get(service, (float(table.mean()), float(table.std() / table.mean())))
        services.append(ServiceFacts(mean_minutes=mean, cv=cv))
    counters = []
    for counter in config.counters.values():
        at, length = breaks.get(counter.id, ((begins, 0.0),))[0]
        counters.append(
            CounterFacts(
                skills=tuple(sorted(place[s] for s in counter.services if s in place)),
                speed=known.pace.get(counter.id, 1.0),
                lunch_at=30.0 * round((at - begins).total_seconds() / 1800.0),
                lunch_minutes=length / 60.0,
            )
        )
    return OfficeFacts(
        services=tuple(services),
        counters=tuple(counters),
        classes=("walk_in",),
        no_show_minutes=1.5,
        close_at=15.0 * (span.last - span.first),
    )


def drawn_days(
    site: Site, facts: OfficeFacts, day: date, span: Span, ahead: Mapping[str, arrivals.Forecast], seed: int
) -> list[Day]:
    """Days as the forecast expects them; the same seed draws the same."""
    nobody = np.zeros(arrivals.QUARTERS)
    counts = [
        [float(x) for x in (ahead[s].mean if s in ahead else nobody)[span.first : span.last]]
        for s in site.office.services
    ]
    return [staffing.as_day(facts, counts, seed=seed + n, weekday=day.weekday()) for n in range(PLANNED_DAYS)]


def hindsight(site: Site, real: Past, hours: Hours, day: date, seed: int) -> list[str]:
    """What a past day would have needed: its own arrivals, with service times drawn anew (R-21)."""
    counts = {s: found[-1].counts for s, found in day_counts(real.tickets, hours).items() if s in site.office.services}
    if not counts:
        return []
    span = span_of(np.asarray(np.sum(list(counts.values()), axis=0)))
    facts = office_facts(site, real, hours, day, span)
    begins = hours.midnight(f"{day:%Y%m%d}") + timedelta(minutes=15 * span.first)
    place = {service: number for number, service in enumerate(site.office.services)}
    came = [
        ((t.taken_at - begins).total_seconds() / 60.0, place[t.service]) for t in real.tickets if t.service in place
    ]
    tickets = tuple(
        DayTicket(arrive=at, due_from=at, service=service, cls=0, minutes=1.0, no_show=False, pause_after=0.0)
        for at, service in sorted(came)
    )
    as_it_came = Day(weekday=day.weekday(), tickets=tickets)
    drawn = staffing.resampled(as_it_came, facts, copies=PLANNED_DAYS, seed=seed)
    head = ["", f"As the day really came ({len(tickets)} people), it would have needed:"]
    return [*head, *staffing_table(site, facts, drawn, span, seed)]


def staffing_table(site: Site, facts: OfficeFacts, drawn: Sequence[Day], span: Span, seed: int) -> list[str]:
    """Counters and skills per half-hour that keep the target on nine days of ten, their breaks, and the waits."""
    target = site.office.target / 60.0
    made = staffing.plan(facts, drawn, Rule(name="fcfs", targets={0: 1.0}), target=staffing.Target(minutes=target))
    labels = [c.label for c in site.office.counters.values()] + [f"extra {n + 1}" for n in range(made.helpers)]
    lines = ["", "half-hour   counters   Erlang C   open"]
    for half, needed in enumerate(made.needed):
        begin = staffing.HALF_HOUR * half
        there = sorted({s.counter for s in made.shifts if s.begin < begin + staffing.HALF_HOUR and s.end > begin})
        lines.append(
            f"{clock(span.first + 2 * half)}  {needed:>10}   {made.erlang[half]:>8}   "
            f"{', '.join(labels[c] for c in there)}"
        )
    lines += skills_table(site, made, span, {ticket.service for one in drawn for ticket in one.tickets})
    for counter, begin, end in made.breaks:
        free = f"{clock(span.first + begin / 15)}–{clock(span.first + end / 15)}"
        lines.append(f"counter {labels[counter]} has its break within {free}")
    kept = f"{made.share_of_days:.0%} of {PLANNED_DAYS} drawn days keep {target:.0f} minutes"
    lines += [
        "",
        f"expected mean wait {made.mean_wait:.1f} min; {kept}; {made.counter_hours:.1f} counter hours (seed {seed})",
    ]
    if made.helpers:
        lines.append(f"The office's own counters are too few: the plan adds {made.helpers} that serve everything.")
    if not made.reached:
        lines.append("Even so the target is not kept: more counters or fewer people an hour are needed.")
    return lines


def skills_table(site: Site, made: staffing.Plan, span: Span, asked: set[int]) -> list[str]:
    """How many of the open counters can serve each service that somebody wants, by half-hour."""
    services = [s for number, s in enumerate(site.office.services) if number in asked]
    own = [set(c.services) for c in site.office.counters.values()] + [set(services)] * made.helpers
    widths = [max(len(service), 4) + 2 for service in services]
    lines = ["", "half-hour" + "".join(f"{s:>{w}}" for s, w in zip(services, widths, strict=True))]
    for half in range(len(made.needed)):
        begin = staffing.HALF_HOUR * half
        there = {s.counter for s in made.shifts if s.begin < begin + staffing.HALF_HOUR and s.end > begin}
        able = [sum(service in own[counter] for counter in there) for service in services]
        row = "".join(f"{n:>{w}}" for n, w in zip(able, widths, strict=True))
        lines.append(f"{clock(span.first + 2 * half):<9}{row}")
    return lines


def scored(options: ForecastOptions, past: Past) -> str:
    """What was told against what came: the nightly scores, and the intervals that stand in the journal."""
    lines = [*nightly(options), "", *read_fitted(options.data).told(len(past.days))]
    lines += ["", "as printed on the tickets", "day        tickets   inside 80 %   error (min)"]
    rows = [(day, [t for t in past.tickets if t.day == day and _judged(t, options.service)]) for day in past.days]
    found = [(day, of_day) for day, of_day in rows if of_day]
    for day, of_day in found[-30:]:
        inside, error = judged(of_day)
        lines.append(f"{day}  {len(of_day):>8}   {inside:>11.0%}   {error:>11.1f}")
    if not found:
        lines.append("no ticket that was told a wait has been called yet")
    return "\n".join(lines) + "\n"


def _judged(ticket: PastTicket, service: str | None) -> bool:
    return ticket.told is not None and ticket.waited is not None and service in (None, ticket.service)


def judged(tickets: Sequence[PastTicket]) -> tuple[float, float]:
    """The share of waits inside what the ticket said, and the mean error in minutes of its likely wait."""
    ends = np.array([t.told for t in tickets], dtype=np.float64)
    waited = np.array([t.waited for t in tickets], dtype=np.float64)
    return scores.coverage(ends[:, 0], ends[:, 2], waited), scores.mean_absolute_error(ends[:, 1], waited) / 60.0


def nightly(options: ForecastOptions) -> list[str]:
    """The scores that the forecaster kept at each close of day: it beside the classic predictors."""
    try:
        nights = list(read(options.data)["nights"])
    except FileNotFoundError:
        nights = []
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"the kept scores cannot be read: {error}"]
    if not nights:
        return ["No day has been scored yet: the forecaster does it at the close of each day."]
    lines = ["day        tickets   inside 80 %   error (min)   by            the others' errors (min)"]
    for one in nights[-30:]:
        others = "  ".join(f"{by} {error:.1f}" for by, error in sorted(one.get("errors", {}).items()))
        lines.append(
            f"{one['day']}  {one['tickets']:>8}   {one['inside']:>11.0%}   {one['mean_error']:>11.1f}   "
            f"{one['predictor']:<12}  {others}"
        )
    return lines + _minutes_told(nights)


def _or_dash(value: float | None) -> str:
    """Nights that were kept before a score was have none."""
    return "–" if value is None else f"{value:.1f}"


def _minutes_told(nights: Sequence[Mapping[str, Any]]) -> list[str]:
    """How well the minutes at the counter were told, as kept at the close of each day."""
    kept = [(one["day"], one["durations"]) for one in nights[-30:] if one.get("durations", {}).get("tickets")]
    if not kept:
        return []
    lines = ["", "minutes at the counter, the last thousand or so tickets"]
    lines.append(
        "day        tickets   inside 80 %   error (min)   service's   catalogue's   CRPS   service's   who speaks"
    )
    for day, told in kept:
        speaks = "matter" if told["believed"] else "service"
        lines.append(
            f"{day}  {told['tickets']:>8}   {told['inside']:>11.0%}   {told['mean_error']:>11.1f}   "
            f"{told['service_error']:>9.1f}   {told['catalogue_error']:>11.1f}   "
            f"{_or_dash(told.get('crps')):>4}   {_or_dash(told.get('service_crps')):>9}   {speaks}"
        )
    return lines
