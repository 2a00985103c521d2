"""A house of its own for a test, or one for all tests of a file that change nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from queue_server.site.model import Site
from tests.http.house import House, example

Build = Callable[..., House]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Opens houses on other sites; all are closed at the end."""
    made: list[House] = []

    def one(site: Site | None = None) -> House:
        made.append(House(path=tmp_path / f"journal-{len(made)}.sqlite3", site=site or example()).open())
        return made[-1]

    yield one
    for house in made:
        house.close()


@pytest.fixture
def house(build: Build) -> House:
    return build()


@pytest.fixture(scope="module")
def quiet_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For tests in which nothing may change; a person waits, one is called, one is served."""
    made = House(path=tmp_path_factory.mktemp("house") / "journal.sqlite3").open()
    for counter in ("q1", "q2"):
        made.post(f"/counters/{counter}/open", {"officer": "Lan"}, "officer")
    for _ in range(4):
        made.take()
    made.next("q1")
    made.next("q2")
    made.post("/counters/q2/start", {}, "officer")
    yield made
    made.close()
