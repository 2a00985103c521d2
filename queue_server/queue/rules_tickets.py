"""Rules of tickets outside a counter: taken, handed in, cancelled, postponed, reinstated, rated. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import ClassKind, OfficeConfig
from queue_server.queue.gap import was_lost
from queue_server.queue.numbers import number_text, split_number
from queue_server.queue.outlook import outlook
from queue_server.queue.rules_day import LEASE_FROM
from queue_server.queue.state import OfficeDay, Ticket
from queue_server.queue.states import TicketState, require_move

CHECK_IN_RANGE = timedelta(hours=12)
LONGEST = 4 * 3600.0  # seconds at a counter that are still believed
MOST_PRINT_FAILURES = 10  # entries of one ticket; a printer that fails in ever new words fills no journal


def issue_ticket(state: OfficeDay, command: cmd.IssueTicket, now: datetime) -> list[ev.Event]:
    """One number for one or more services; who comes too late for a booked time is an ordinary visitor."""
    config = state.setup
    _check_wanted(config, command.wanted, command.channel)
    class_id, since = _class_and_since(state, command, now)
    number = next_number(state, config.services[command.wanted[0].service].prefix)
    shared = {
        "channel": "appointment" if command.appointment_at else command.channel,
        "class_id": class_id,
        "taken_at": now,
        "since": since,
        "language": command.language,
        "kiosk": command.kiosk,
        "appointment_at": command.appointment_at,
        "claimed": _claimed(config, command.claimed),
    }
    return _issued(state, number, command.wanted, shared, now, command.told)


def hand_in(state: OfficeDay, command: cmd.HandIn, now: datetime) -> list[ev.Event]:
    """A number from the kiosk's lease joins with its true time of taking, kept between the lease and now."""
    config = state.setup
    if command.kiosk not in config.kiosks:
        raise Refused(Problem.KIOSK_UNKNOWN, command.kiosk)
    if command.day not in (None, state.day):
        raise Refused(Problem.DAY_OTHER, command.day or "")
    _check_wanted(config, command.wanted, "kiosk")
    prefix, serial = split_number(command.number)
    ranges = state.leases.get(command.kiosk, {}).get(prefix, [])
    leased_at = next((at for first, last, at in ranges if first <= serial <= last), None)
    if leased_at is None and was_lost(state, prefix, serial):
        leased_at = state.opened_at or now
    if leased_at is None or prefix != config.services[command.wanted[0].service].prefix:
        raise Refused(Problem.NUMBER_NOT_LEASED, command.number)
    if command.number in state.numbers:
        raise Refused(Problem.NUMBER_USED, command.number)
    taken = min(max(command.taken_at, leased_at), now)
    shared = {
        "channel": "kiosk",
        "class_id": _class(config, command.class_id),
        "taken_at": taken,
        "since": taken,
        "language": command.language,
        "kiosk": command.kiosk,
        "handed_in": True,
    }
    return _issued(state, command.number, command.wanted, shared, now)


def _issued(
    state: OfficeDay,
    number: str,
    wanted: Sequence[cmd.Wanted],
    shared: dict[str, object],
    now: datetime,
    told: cmd.Told | None = None,
) -> list[ev.Event]:
    visit = f"{state.day}-{number}"
    events: list[ev.Event] = []
    for place, item in enumerate(wanted, start=1):
        view = outlook(state, item.service, str(shared["class_id"]), now)
        low, likely, high = _interval(told, item.service) or (view.low, view.likely, view.high)
        seconds, spread = expected_of(state.setup, item)
        events.append(
            ev.TicketIssued(
                ticket=visit if place == 1 else f"{visit}-{place}",
                visit=visit,
                number=number,
                service=item.service,
                procedure=item.procedure,
                ready=item.ready,
                papers=item.papers,
                cases=item.cases,
                copies=item.copies,
                supplement=item.supplement,
                form_filled=item.form_filled,
                expected=seconds,
                spread=spread,
                people_ahead=view.people_ahead,
                wait_low=low,
                wait_likely=likely,
                wait_high=high,
                **shared,  # type: ignore[arg-type]  # one dict of checked fields for every ticket of the visit
            )
        )
    return events


def expected_of(config: OfficeConfig, item: cmd.Wanted) -> tuple[float, float | None]:
    """Seconds at the counter and their spread: what is known of the matter, else what is usual for its service."""
    if item.expected is not None:
        seconds, spread = item.expected
        if 0.0 < seconds <= LONGEST and 0.0 <= spread < inf:
            return round(seconds, 1), round(spread, 3)
    return config.services[item.service].typical, None


def _interval(told: cmd.Told | None, service: str) -> tuple[float, float, float] | None:
    """What a better forecast said of the service; what is no interval is not said to anybody."""
    ends = (told or {}).get(service)
    return ends if ends is not None and 0.0 <= ends[0] <= ends[1] <= ends[2] < inf else None


def _check_wanted(config: OfficeConfig, wanted: Sequence[cmd.Wanted], channel: str) -> None:
    if not wanted:
        raise Refused(Problem.SERVICE_UNKNOWN, "nothing wanted")
    for item in wanted:
        service = config.services.get(item.service)
        if service is None:
            raise Refused(Problem.SERVICE_UNKNOWN, item.service)
        if (channel == "kiosk" and not service.walk_in) or (channel == "phone" and not service.phone):
            raise Refused(Problem.SERVICE_NOT_OFFERED, item.service)
    if len({item.service for item in wanted}) < len(wanted):
        raise Refused(Problem.BODY_INVALID, "the same service twice in one visit")


def _class(config: OfficeConfig, class_id: str | None) -> str:
    if class_id is None:
        return config.default_class
    if class_id not in config.classes:
        raise Refused(Problem.CLASS_UNKNOWN, class_id)
    return class_id


def _claimed(config: OfficeConfig, class_id: str | None) -> str | None:
    """A class that is to be confirmed: only one with priority changes anything."""
    known = None if class_id is None else config.classes[_class(config, class_id)]
    return known.id if known is not None and known.kind is ClassKind.PRIORITY else None


def _class_and_since(state: OfficeDay, command: cmd.IssueTicket, now: datetime) -> tuple[str, datetime]:
    config = state.setup
    booked = command.appointment_at
    wanted = _class(config, command.class_id)
    if booked is None:
        if config.classes[wanted].kind is ClassKind.APPOINTMENT:
            raise Refused(Problem.TIME_INVALID, "an appointment needs its booked time")
        return wanted, now
    if abs(booked - now) > CHECK_IN_RANGE:
        raise Refused(Problem.TIME_INVALID, "check in on the day of the appointment")
    known = [c.id for c in config.classes.values() if c.kind is ClassKind.APPOINTMENT]
    late = now > booked + timedelta(seconds=config.late(state.policy))
    if late or not known or config.classes[wanted].kind is ClassKind.PRIORITY:
        ordinary = config.classes[wanted].kind is ClassKind.APPOINTMENT
        return (config.default_class if ordinary else wanted), now
    return known[0], max(now, booked)


def next_number(state: OfficeDay, prefix: str) -> str:
    """The next number of a prefix in the order of the day; what kiosks were leased is left out."""
    serial = state.serials.get(prefix, 0) + 1
    leased = state.leased.get(prefix, 0)
    return number_text(prefix, leased + 1 if LEASE_FROM < serial <= leased else serial)


def report_print(state: OfficeDay, command: cmd.ReportPrint, now: datetime) -> list[ev.Event]:
    """Paper or no paper: the number stays the same and valid. What is no news makes no entry."""
    ticket = state.ticket(command.ticket)
    if command.problem is None:
        return [] if ticket.printed else [ev.TicketPrinted(ticket=ticket.id)]
    if command.problem == ticket.print_problem or ticket.print_failures >= MOST_PRINT_FAILURES:
        return []
    return [ev.PrintFailed(ticket=ticket.id, problem=command.problem)]


def cancel_ticket(state: OfficeDay, command: cmd.CancelTicket, now: datetime) -> list[ev.Event]:
    """A ticket may be given back while nobody serves it; giving it back twice changes nothing."""
    ticket = state.ticket(command.ticket)
    if ticket.state is TicketState.CANCELLED:
        return []
    require_move("cancel", ticket.state)
    return [ev.TicketCancelled(ticket=ticket.id, by=command.by)]


def postpone_ticket(state: OfficeDay, command: cmd.PostponeTicket, now: datetime) -> list[ev.Event]:
    """A waiting person may ask to be called later, a few times, at most an hour each; the place counts from then."""
    ticket, rules = state.ticket(command.ticket), state.setup.rules
    require_move("postpone", ticket.state)
    if ticket.postponed >= rules.postpone_limit:
        raise Refused(Problem.POSTPONE_LIMIT, str(rules.postpone_limit))
    if not 0 < command.minutes * 60 <= rules.postpone_max:
        raise Refused(Problem.TIME_INVALID, f"at most {rules.postpone_max / 60:.0f} minutes")
    until = max(now, ticket.since) + timedelta(minutes=command.minutes)
    return [ev.TicketPostponed(ticket=ticket.id, until=until)]


def change_priority(state: OfficeDay, command: cmd.ChangePriority, now: datetime) -> list[ev.Event]:
    """Staff may correct the class of a waiting person, and answer a claim; the time already waited stays."""
    ticket = state.ticket(command.ticket)
    require_move("change-priority", ticket.state)
    class_id = _class(state.setup, command.class_id)
    as_it_is = ticket.class_id == class_id and ticket.claimed is None
    return [] if as_it_is else [ev.PriorityChanged(ticket=ticket.id, class_id=class_id)]


def reinstate(state: OfficeDay, command: cmd.Reinstate, now: datetime) -> list[ev.Event]:
    """A missed person who reports back in time waits again, behind a few people of the same line."""
    ticket = state.ticket(command.ticket)
    require_move("reinstate", ticket.state)
    within = timedelta(seconds=state.setup.rules.reinstate_within)
    if ticket.ended_at is not None and now - ticket.ended_at > within:
        raise Refused(Problem.REINSTATE_TOO_LATE, ticket.number)
    return [ev.TicketReinstated(ticket=ticket.id, since=_behind(state, ticket, now))]


def _behind(state: OfficeDay, ticket: Ticket, now: datetime) -> datetime:
    """The moment just after the n-th person of the pool, never earlier than the ticket's own."""
    places = state.setup.rules.reinstate_after
    line = sorted(entry for known in state.lines.get(ticket.pool, {}).values() for entry in known)
    standing = [state.tickets[entry[2]].since for entry in line[:places]]
    if len(standing) < places:
        return now
    return min(now, max(ticket.since, standing[-1] + timedelta(microseconds=1)))


def rate_visit(state: OfficeDay, command: cmd.RateVisit, now: datetime) -> list[ev.Event]:
    """A served person rates once, 1 (not satisfied) to 4 (very satisfied)."""
    ticket = state.ticket(command.ticket)
    if ticket.state is not TicketState.SERVED:
        raise Refused(Problem.FEEDBACK_TOO_EARLY, ticket.number)
    if ticket.score is not None:
        raise Refused(Problem.FEEDBACK_GIVEN, ticket.number)
    if not 1 <= command.score <= 4:
        raise Refused(Problem.BODY_INVALID, "score is 1 to 4")
    return [ev.TicketRated(ticket=ticket.id, score=command.score, reasons=command.reasons)]
