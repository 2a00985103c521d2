"""Rules of the day itself: opening, closing, leases of numbers, help, devices. Pure."""

from collections.abc import Mapping
from datetime import datetime

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.config import OfficeConfig
from queue_server.queue.numbers import number_text
from queue_server.queue.policy import NAMES
from queue_server.queue.policy_checks import wrong_policy
from queue_server.queue.state import OfficeDay
from queue_server.queue.states import CounterStatus, TicketState, require_move

LEASE_FROM = 700  # leased numbers start above what a prefix normally reaches in a day


def open_day(state: OfficeDay, command: cmd.OpenDay, now: datetime) -> list[ev.Event]:
    """A day opens once, unless a wrong clock had opened or closed it; the day before must be closed.

    People may still hold paper of an abandoned day: the numbers of the next one go on after it.
    """
    if state.config is not None and not state.closed:
        raise Refused(Problem.ALREADY_OPEN, state.day)
    again = state.abandoned or command.again
    if state.day == command.day and not again:
        raise Refused(Problem.DAY_CLOSED, command.day)
    serials, leased = dict(command.serials), dict(command.leased)
    if again:
        serials, leased = highest(serials, state.serials), highest(leased, state.leased)
    return [ev.DayOpened(day=command.day, config=command.config, serials=serials or None, leased=leased or None)]


def highest(one: Mapping[str, int], two: Mapping[str, int]) -> dict[str, int]:
    """The higher number of each prefix."""
    return {prefix: max(one.get(prefix, 0), two.get(prefix, 0)) for prefix in {**one, **two}}


def correct_clock(state: OfficeDay, command: cmd.CorrectClock, now: datetime) -> list[ev.Event]:
    """The clock of an office that has a day moved; of nothing there is nothing to correct."""
    if state.config is None or not command.by:
        return []
    return [ev.ClockCorrected(by=command.by, measured=command.measured)]


def close_day(state: OfficeDay, command: cmd.CloseDay, now: datetime) -> list[ev.Event]:
    """Who is being served counts as served, everybody else as not served; counters close."""
    state.setup  # noqa: B018  (refused before the day opens)
    events: list[ev.Event] = []
    for ticket in state.active():
        if ticket.state is TicketState.MISSED:
            continue
        if require_move("close-day", ticket.state) is TicketState.SERVED:
            events.append(ev.ServiceFinished(ticket=ticket.id, counter=ticket.counter or ""))
        else:
            events.append(ev.TicketExpired(ticket=ticket.id, abandoned=command.abandoned))
    events += [ev.CounterClosed(counter=c.id) for c in state.counters.values() if c.status is not CounterStatus.CLOSED]
    return [*events, ev.DayClosed(abandoned=command.abandoned)]


def change_setup(state: OfficeDay, command: cmd.ChangeSetup, now: datetime) -> list[ev.Event]:
    """A changed site file takes over at once, unless it drops what somebody needs today."""
    old, new = state.setup, command.config
    if old == new:
        return []
    missing = dropped_in_use(state, new)
    if old.site != new.site or missing:
        said = "; ".join(f"{kind} {name} is in use today" for kind, name in missing)
        raise Refused(Problem.BODY_INVALID, said or f"another site: {new.site}")
    return [ev.SetupChanged(config=new)]


def dropped_in_use(state: OfficeDay, new: OfficeConfig) -> list[tuple[str, str]]:
    """What today's office needs and the new configuration no longer names: (class, service or counter; its id)."""
    used_classes = {ticket.class_id for ticket in state.tickets.values()}
    used_services = {ticket.service for ticket in state.tickets.values()}
    used_counters = {ticket.counter for ticket in state.tickets.values() if ticket.counter}
    used_counters |= {c.id for c in state.counters.values() if c.status is not CounterStatus.CLOSED}
    used_services |= {service for c in state.counters.values() if c.id in used_counters for service in c.services}
    dropped = {
        "class": used_classes - new.classes.keys(),
        "service": used_services - new.services.keys(),
        "counter": used_counters - new.counters.keys(),
    }
    return [(kind, name) for kind, names in dropped.items() for name in sorted(names)]


def change_policy(state: OfficeDay, command: cmd.ChangePolicy, now: datetime) -> list[ev.Event]:
    """The rules of calling change from now on; the change stands in the journal."""
    wanted = command.policy
    wrong = wrong_policy(state.setup, wanted)
    if wrong:
        code = Problem.BODY_INVALID if wanted.name in NAMES else Problem.POLICY_UNKNOWN
        raise Refused(code, "; ".join(one.en for one in wrong))
    return [ev.PolicyChanged.to(wanted)]


def lease_numbers(state: OfficeDay, command: cmd.LeaseNumbers, now: datetime) -> list[ev.Event]:
    """A kiosk holds at least half of `lease_size` unused numbers of each prefix; it is topped up to the whole."""
    config = state.setup
    if command.kiosk not in config.kiosks:
        raise Refused(Problem.KIOSK_UNKNOWN, command.kiosk)
    size = config.rules.lease_size
    events: list[ev.Event] = []
    for prefix in prefixes(config):
        left = len(unused_leased(state, command.kiosk, prefix))
        if left * 2 >= size and left > 0:
            continue
        first = max(state.leased.get(prefix, LEASE_FROM), state.serials.get(prefix, 0)) + 1
        events.append(ev.NumbersLeased(kiosk=command.kiosk, prefix=prefix, first=first, last=first + size - left - 1))
    return events


def prefixes(config: OfficeConfig) -> list[str]:
    """The prefixes of the services that kiosks offer, each once."""
    return list(dict.fromkeys(s.prefix for s in config.services.values() if s.walk_in))


def unused_leased(state: OfficeDay, kiosk: str, prefix: str) -> list[str]:
    """The leased numbers of a kiosk and prefix that were not handed in yet, lowest first."""
    ranges = state.leases.get(kiosk, {}).get(prefix, [])
    numbers = [number_text(prefix, n) for first, last, _ in ranges for n in range(first, last + 1)]
    return [number for number in numbers if number not in state.numbers]


def numbers_in_hand(state: OfficeDay) -> list[str]:
    """The leased numbers of all kiosks that were not handed in yet: some may be on paper."""
    return [
        n for kiosk, leases in state.leases.items() for prefix in leases for n in unused_leased(state, kiosk, prefix)
    ]


def request_help(state: OfficeDay, command: cmd.RequestHelp, now: datetime) -> list[ev.Event]:
    """A kiosk calls a guide; a second press while one is on the way makes no second call."""
    if command.kiosk not in state.setup.kiosks:
        raise Refused(Problem.KIOSK_UNKNOWN, command.kiosk)
    if any(call.kiosk == command.kiosk and call.given_at is None for call in state.helps.values()):
        return []
    return [ev.HelpRequested(help=f"H{len(state.helps) + 1}", kiosk=command.kiosk)]


def give_help(state: OfficeDay, command: cmd.GiveHelp, now: datetime) -> list[ev.Event]:
    """Closing a help call twice changes nothing."""
    known = state.helps.get(command.help)
    if known is None:
        raise Refused(Problem.HELP_UNKNOWN, command.help)
    return [] if known.given_at else [ev.HelpGiven(help=command.help)]


def report_device(state: OfficeDay, command: cmd.ReportDevice, now: datetime) -> list[ev.Event]:
    """Only a change of health is worth an entry."""
    if state.config is None or state.devices.get(command.device) == command.problem:
        return []
    return [ev.DeviceReported(device=command.device, problem=command.problem)]
