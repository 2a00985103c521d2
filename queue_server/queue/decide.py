"""The one door of the rules: a command becomes the events that carry it out, or is refused. Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from queue_server.contract.problems import Problem, Refused
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.queue import gap, rules_by_mouth, rules_calls, rules_counters, rules_day, rules_tickets
from queue_server.queue.evolve import evolve
from queue_server.queue.state import OfficeDay


def decide(state: OfficeDay, command: cmd.Command, now: datetime) -> list[ev.Event]:
    """The events that carry out one simple command; raises `Refused` and changes nothing when it does not fit."""
    if state.closed and not isinstance(command, AFTER_CLOSE):
        raise Refused(Problem.DAY_CLOSED)
    return RULES[type(command)](state, command, now)


def steps(state: OfficeDay, command: cmd.Command) -> tuple[cmd.Command, ...]:
    """Splits a compound command; each step is decided on the state that the one before left behind."""
    if isinstance(command, cmd.CallNext) and command.finish_current:
        counter = state.counter(command.counter)
        call = cmd.CallNext(counter=command.counter, foreseen=command.foreseen)
        return (cmd.Finish(counter=command.counter), call) if counter.ticket else (call,)
    return (command,)


def apply(state: OfficeDay, command: cmd.Command, now: datetime) -> list[ev.Event]:
    """Decides and folds a command with all its steps; for simulators and tests. Changes `state`.

    A later step that is refused ends the command: what came before it stands.
    """
    done: list[ev.Event] = []
    for step in steps(state, command):
        try:
            events = decide(state, step, now)
        except Refused:
            if done:
                break
            raise
        for event in events:
            evolve(state, event, now)
        done += events
    return done


AFTER_CLOSE = (cmd.OpenDay, cmd.CorrectClock, cmd.RateVisit, cmd.ReportDevice, cmd.ReportPrint)

RULES: dict[type[cmd.Command], Callable[[OfficeDay, Any, datetime], list[ev.Event]]] = {
    cmd.OpenDay: rules_day.open_day,
    cmd.CloseDay: rules_day.close_day,
    cmd.CorrectClock: rules_day.correct_clock,
    cmd.ChangeSetup: rules_day.change_setup,
    cmd.ChangePolicy: rules_day.change_policy,
    cmd.LeaseNumbers: rules_day.lease_numbers,
    cmd.SkipNumbers: gap.skip_numbers,
    cmd.RequestHelp: rules_day.request_help,
    cmd.GiveHelp: rules_day.give_help,
    cmd.ReportDevice: rules_day.report_device,
    cmd.OpenCounter: rules_counters.open_counter,
    cmd.PauseCounter: rules_counters.pause_counter,
    cmd.ResumeCounter: rules_counters.resume_counter,
    cmd.CloseCounter: rules_counters.close_counter,
    cmd.ReskillCounter: rules_counters.reskill_counter,
    cmd.IssueTicket: rules_tickets.issue_ticket,
    cmd.HandIn: rules_tickets.hand_in,
    cmd.ReportPrint: rules_tickets.report_print,
    cmd.CancelTicket: rules_tickets.cancel_ticket,
    cmd.PostponeTicket: rules_tickets.postpone_ticket,
    cmd.ChangePriority: rules_tickets.change_priority,
    cmd.Reinstate: rules_tickets.reinstate,
    cmd.RateVisit: rules_tickets.rate_visit,
    cmd.CallNext: rules_calls.call_next,
    cmd.CallNumber: rules_calls.call_number,
    cmd.Recall: rules_calls.recall,
    cmd.Start: rules_calls.start,
    cmd.Finish: rules_calls.finish,
    cmd.ServeByMouth: rules_by_mouth.serve_by_mouth,
    cmd.NoShow: rules_calls.no_show,
    cmd.Hold: rules_calls.hold,
    cmd.ResumeTicket: rules_calls.resume_ticket,
    cmd.Transfer: rules_calls.transfer,
    cmd.PutBack: rules_calls.put_back,
}
