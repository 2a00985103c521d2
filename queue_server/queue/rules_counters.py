"""Rules of counters: opened, paused, resumed, closed, reskilled. Pure."""

from collections.abc import Iterable
from datetime import datetime

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue.state import CounterState, OfficeDay
from queue_server.queue.states import CounterStatus


def ready_counter(state: OfficeDay, counter_id: str) -> CounterState:
    """A counter that may call somebody: open, not paused, with nobody at it."""
    counter = state.counter(counter_id)
    if counter.status is CounterStatus.CLOSED:
        raise Refused(Problem.COUNTER_CLOSED, counter_id)
    if counter.status is CounterStatus.PAUSED:
        raise Refused(Problem.COUNTER_PAUSED, counter_id)
    if counter.ticket is not None:
        raise Refused(Problem.COUNTER_BUSY, state.tickets[counter.ticket].number)
    return counter


def open_counter(state: OfficeDay, command: cmd.OpenCounter, now: datetime) -> list[ev.Event]:
    """A closed counter opens for its own services or for those named; another officer cannot take it over."""
    counter = state.counter(command.counter)
    if counter.status is not CounterStatus.CLOSED:
        same = counter.officer == command.officer
        raise Refused(Problem.ALREADY_OPEN if same else Problem.COUNTER_TAKEN, command.counter)
    services = command.services or state.setup.counters[command.counter].services
    known_services(state, services)
    return [ev.CounterOpened(counter=command.counter, officer=command.officer, services=tuple(services))]


def known_services(state: OfficeDay, services: Iterable[str]) -> None:
    """Refuses services that the office does not have."""
    for service in services:
        if service not in state.setup.services:
            raise Refused(Problem.SERVICE_UNKNOWN, service)


def pause_counter(state: OfficeDay, command: cmd.PauseCounter, now: datetime) -> list[ev.Event]:
    """A counter may pause while it still serves somebody; it just calls nobody after that."""
    counter = state.counter(command.counter)
    if counter.status is CounterStatus.CLOSED:
        raise Refused(Problem.COUNTER_CLOSED, command.counter)
    if counter.status is CounterStatus.PAUSED:
        raise Refused(Problem.COUNTER_PAUSED, command.counter)
    return [ev.CounterPaused(counter=command.counter, reason=command.reason)]


def resume_counter(state: OfficeDay, command: cmd.ResumeCounter, now: datetime) -> list[ev.Event]:
    """Only a paused counter resumes."""
    if state.counter(command.counter).status is not CounterStatus.PAUSED:
        raise Refused(Problem.COUNTER_NOT_PAUSED, command.counter)
    return [ev.CounterResumed(counter=command.counter)]


def close_counter(state: OfficeDay, command: cmd.CloseCounter, now: datetime) -> list[ev.Event]:
    """A counter closes when nobody is at it; people kept for it go back to the whole office."""
    counter = state.counter(command.counter)
    if counter.status is CounterStatus.CLOSED:
        raise Refused(Problem.COUNTER_CLOSED, command.counter)
    if counter.ticket is not None:
        raise Refused(Problem.COUNTER_BUSY, state.tickets[counter.ticket].number)
    return [ev.CounterClosed(counter=command.counter)]


def reskill_counter(state: OfficeDay, command: cmd.ReskillCounter, now: datetime) -> list[ev.Event]:
    """The services of an open counter may change at any time; whom it serves now is not touched."""
    counter = state.counter(command.counter)
    if counter.status is CounterStatus.CLOSED:
        raise Refused(Problem.COUNTER_CLOSED, command.counter)
    known_services(state, command.services)
    if not command.services:
        raise Refused(Problem.SERVICE_UNKNOWN, "a counter serves at least one service")
    return [ev.CounterReskilled(counter=command.counter, services=tuple(dict.fromkeys(command.services)))]
