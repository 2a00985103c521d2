"""The end of the record on paper: what comes out of the printer leads back to the entry in the journal."""

import asyncio
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from typer.testing import Result

from hardware.simulated.virtual_printer import Knobs, VirtualPrinter
from hardware.slip_words import groups
from queue_server.settings import JOURNAL
from tests.hardware.conftest import free_port
from tests.journal.builders import a_journal
from tests.office.test_start import run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    a_journal(folder / JOURNAL)
    return folder


def printed(data: Path, paper: Path, **knobs: float) -> tuple[Result, int]:
    """The command's result, and how many whole slips came out."""

    async def print_it() -> tuple[Result, int]:
        printer = VirtualPrinter(paper, knobs=Knobs(speed_mm_s=5_000, **knobs))
        await printer.start()
        try:
            to = f"{printer.host}:{printer.port}"
            result = await asyncio.to_thread(run, "journal", "digest", "--data", data, "--print", to)
            return result, sum(slip.whole for slip in printer.slips)
        finally:
            await printer.stop()

    return asyncio.run(print_it())


def test_the_paper_holds_the_end_and_verify_takes_it(data: Path, tmp_path: Path) -> None:
    result, slips = printed(data, tmp_path / "paper")
    assert (result.exit_code, slips) == (0, 1), result.output
    with Image.open(tmp_path / "paper" / "last.png") as paper:
        (code,) = zxingcpp.read_barcodes(paper.convert("L"))
    assert result.output == f"2026-11-23 {code.text}\n"
    seq, digest = code.text.split(":")
    typed = f"{seq}: {' '.join(groups(digest)).upper()}"
    for noted in (code.text, typed):
        assert run("journal", "verify", "--data", data, "--digest", noted).exit_code == 0
    assert run("journal", "verify", "--data", data, "--digest", f"{seq}:{digest[::-1]}").exit_code == 1


def test_a_printer_without_paper_is_said_and_the_end_stands_on_the_screen(data: Path, tmp_path: Path) -> None:
    result, slips = printed(data, tmp_path / "paper", roll_mm=0)
    assert (result.exit_code, slips) == (1, 0)
    assert "printed no slip (paper-out)" in result.output
    assert result.stdout.startswith("2026-11-23 ")


def test_a_printer_that_is_not_there(data: Path) -> None:
    result = run("journal", "digest", "--data", data, "--print", f"127.0.0.1:{free_port()}")
    assert result.exit_code == 1
    assert "printed no slip (unreachable)" in result.output


def test_an_address_that_is_none_is_refused(data: Path) -> None:
    assert run("journal", "digest", "--data", data, "--print", "printer:x").exit_code == 2
