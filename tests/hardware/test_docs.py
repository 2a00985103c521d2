"""The guide to the devices cannot forget a code, a button or a knob."""

from dataclasses import fields
from pathlib import Path

import pytest

from hardware.ports import Outcome, Paper, Problem
from hardware.simulated.virtual_printer import Knobs
from queue_server.contract.buttons import Button

GUIDE = (Path(__file__).parents[2] / "docs" / "hardware.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*Problem, *Button, *Outcome, *Paper, *(knob.name for knob in fields(Knobs))])
def test_the_guide_names_it(name: str) -> None:
    assert f"`{name}`" in GUIDE


def test_the_guide_names_every_file() -> None:
    root = Path(__file__).parents[2] / "hardware"
    files = [*root.glob("*.py"), *(root / "drivers").glob("*.py")]

    assert [path.name for path in files if path.name != "__init__.py" and path.name not in GUIDE] == []
