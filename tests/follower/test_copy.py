"""The record on the second machine: whatever comes is checked, and what does not fit writes nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from queue_server.follower.copy import Copy, NotOursError
from queue_server.journal.entry import chain_hash
from queue_server.journal.journal import Journal, entry_row
from queue_server.journal.schema import COLUMNS
from queue_server.journal.verify import verify
from tests.journal.builders import a_full_day, write

Row = list[object]


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    """What an office wrote in a full day."""
    journal = Journal(tmp_path / "office.sqlite3")
    journal.open()
    made = [list(entry_row(entry)) for entry in write(journal, a_full_day().log)]
    journal.close()
    return made


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    (tmp_path / "second").mkdir()
    made = Copy(tmp_path / "second")
    made.open()
    yield made
    made.close()


def test_a_record_that_came_in_pieces_is_whole_with_its_tables(copy: Copy, rows: list[Row], tmp_path: Path) -> None:
    for start in range(0, len(rows), 5):
        copy.append(COLUMNS, rows[start : start + 5])
        if start == 20:  # the program was ended and started again
            copy.close()
            copy = Copy(tmp_path / "second")
            copy.open()
    assert (copy.end.seq, copy.end.hash) == (len(rows), rows[-1][-1])
    verdict = verify(copy.journal, [copy.end])
    copy.close()
    assert (verdict.entries, verdict.problems) == (len(rows), [])


def forged(row: Row) -> Row:
    """Another actor under a hash that fits: the chain after it would show it, this entry alone does not."""
    made = [*row]
    made[COLUMNS.index("actor")] = "officer:9"
    made[-1] = chain_hash(str(made[-2]), *made[:-2])
    return made


SPOILT: dict[str, tuple[Callable[[list[Row]], list[Row]], str]] = {
    "changed": (lambda rows: [*rows[:3], [*rows[3][:7], "officer:9", *rows[3][8:]]], "was changed after"),
    "missing": (lambda rows: [*rows[:3], *rows[4:]], "does not follow"),
    "twice": (lambda rows: [*rows[:3], rows[2]], "does not follow"),
    "fork": (lambda rows: [*rows[:3], forged(rows[3]), rows[4]], "does not follow"),
    "unknown kind": (
        lambda rows: [*rows[:3], [*rows[3][:3], "CoffeeMade", *rows[3][4:-1], _rehash(rows[3])]],
        "cannot be read by this program",
    ),
}


def _rehash(row: Row) -> str:
    return chain_hash(str(row[-2]), *row[:3], "CoffeeMade", *row[4:-2])


@pytest.mark.parametrize("name", SPOILT)
def test_what_does_not_fit_stops_it_and_is_not_written(copy: Copy, rows: list[Row], name: str) -> None:
    spoil, said = SPOILT[name]
    copy.append(COLUMNS, rows[:2])
    with pytest.raises(NotOursError, match=said):
        copy.append(COLUMNS, spoil(rows)[2:])
    assert copy.end.seq == 2
    assert verify(copy.journal, [copy.end]).problems == []


def test_columns_come_in_any_order(copy: Copy, rows: list[Row]) -> None:
    copy.append(COLUMNS[::-1], [row[::-1] for row in rows])
    assert verify(copy.journal).problems == []
