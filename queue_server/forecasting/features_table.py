"""Tickets as rows for learning: columns by name, and what came of each. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One ticket: its columns when it asked, and its wait. Times are minutes or seconds of the day, as the data are."""

    day: int  # ordinal
    asked_at: float
    wait: float
    service: str
    columns: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows for learning; all arrays have one entry (or row) a ticket."""

    names: tuple[str, ...]
    rows: Floats
    wait: Floats
    day: npt.NDArray[np.int64]
    asked_at: Floats
    service: npt.NDArray[np.str_]

    def column(self, name: str) -> Floats:
        """One column."""
        return self.rows[:, self.names.index(name)]


def tabulate(asked: Sequence[Asked]) -> Table:
    """The table of the given tickets; all must have the same columns."""
    names = tuple(asked[0].columns) if asked else ()
    return Table(
        names=names,
        rows=np.array([[one.columns[name] for name in names] for one in asked]).reshape(len(asked), len(names)),
        wait=np.array([one.wait for one in asked]),
        day=np.array([one.day for one in asked], dtype=np.int64),
        asked_at=np.array([one.asked_at for one in asked]),
        service=np.array([one.service for one in asked], dtype=np.str_),
    )
