"""`python -m benchmarks`: every benchmark by its name, and a clear word for any other."""

import pytest

from benchmarks import __main__ as benchmarks


def test_an_unknown_name_is_told_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmarks.main(["nothing-of-that-name"]) == 2
    assert capsys.readouterr().err.startswith("benchmarks: none is called 'nothing-of-that-name'; there are: ")


def test_help_lists_what_can_be_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmarks.main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()[-1]
    assert listed == "Benchmarks: " + ", ".join(benchmarks.names())


def test_without_a_name_the_table_of_speeds_is_meant() -> None:
    assert benchmarks.DEFAULT in benchmarks.names()
