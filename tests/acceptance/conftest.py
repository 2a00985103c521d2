"""Programs that are cleared away at the end, and one that all tests of a file share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.program import Program
from tests.conftest import take_free_ports
from tests.messaging.conftest import Device

Make = Callable[..., Program]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Program] = []

    def one(*, hardware: bool = False) -> Program:
        http, mqtt = take_free_ports(2)
        made.append(Program(tmp_path / f"data-{len(made)}", http, mqtt, hardware))
        return made[-1]

    yield one
    for program in made:
        program.clear_away()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A running office."""
    program = Program(tmp_path_factory.mktemp("office") / "data")
    try:
        yield program.start()
    finally:
        program.stop()
        program.clear_away()


@pytest.fixture
def plug_in(office: Program) -> Iterator[Callable[..., Device]]:
    """MQTT programs with one user's name: `plug_in("monitor", topic…)`."""
    made: list[Device] = []

    def one(user: str, *topics: str) -> Device:
        made.append(Device(office.way(user)).plug_in(*topics))
        return made[-1]

    yield one
    for device in made:
        device.plug_out()
