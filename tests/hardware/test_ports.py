"""The rule that nothing heard is never paper OK."""

import pytest

from hardware.ports import Outcome, Paper, PrinterStatus, PrintResult, Problem


def test_a_printer_nobody_has_heard_cannot_print() -> None:
    nothing = PrinterStatus()

    assert nothing.paper is Paper.UNKNOWN
    assert not nothing.can_print
    assert nothing.problem is Problem.SILENT


@pytest.mark.parametrize("paper", [Paper.OK, Paper.NEAR_END])
def test_online_with_paper_can_print(paper: Paper) -> None:
    assert PrinterStatus(online=True, paper=paper).can_print


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (PrinterStatus(online=True, paper=Paper.OUT), Problem.PAPER_OUT),
        (PrinterStatus(online=True), Problem.SILENT),
        (PrinterStatus(online=False, paper=Paper.OK), Problem.OFFLINE),
        (PrinterStatus(online=True, paper=Paper.OK, overheated=True), Problem.OVERHEATED),
        (PrinterStatus(paper=Paper.OUT, cover_open=True, jam=True), Problem.COVER_OPEN),
        (PrinterStatus(unheard=Problem.GARBLED), Problem.GARBLED),
        (PrinterStatus(unheard=Problem.UNREACHABLE), Problem.UNREACHABLE),
    ],
)
def test_the_problem_names_what_to_mend_first(status: PrinterStatus, problem: Problem) -> None:
    assert status.problem is problem
    assert not status.can_print


def test_silence_is_told_apart_from_an_address_without_a_printer() -> None:
    assert PrinterStatus(unheard=Problem.SILENT).silent
    assert not PrinterStatus(unheard=Problem.UNREACHABLE).silent


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNKNOWN])
def test_only_printed_is_printed(outcome: Outcome) -> None:
    assert PrintResult(outcome=Outcome.PRINTED, job_id="1").printed
    assert not PrintResult(outcome=outcome, job_id="1").printed
