"""What the nightly fit found, and what it learns from: `fitted.json` and `lessons.json` in the data folder.

They are files of their own, since the fit runs while the forecaster goes on writing `forecast.json`.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from math import isfinite, nan
from pathlib import Path
from typing import Any

from queue_server.forecaster.files import replace_whole
from queue_server.forecaster.fitted_words import FITTED, sentence, signature
from queue_server.forecasting.features_live import LEAST_LESSONS, Lesson
from queue_server.forecasting.learned import WaitModel
from queue_server.forecasting.office_tuning import LEAST_DAYS, Tuned
from queue_server.logs import Log
from queue_server.queue.config import Policy
from queue_server.queue.state import OfficeDay

log = Log(__name__)

LESSONS = "lessons.json"
MOST_LESSONS = 20_000  # the newest


@dataclass(slots=True)
class Fitted:
    """The last fit. `against` is the policy that was in force; the numbers are a proposal and change nothing."""

    at: datetime | None = None
    days: int = 0
    lessons: int = 0
    tuned: dict[str, Any] | None = None
    against: dict[str, Any] = field(default_factory=dict)
    model: WaitModel | None = None
    applied: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        return f"tuned-{self.at:%Y%m%d}" if self.at else ""

    def offered(self, state: OfficeDay) -> list[dict[str, Any]]:
        """A row of `contract.views.AdviceRow` with its command, while the policy is the one it was judged against."""
        found = self.tuned
        if found is None or not found["better"] or self.id in self.applied or state.config is None or state.closed:
            return []
        if signature(state.policy) != self.against:
            return []
        gain, people = -found["mean"], found["people"]
        return [
            {
                "id": self.id,
                "kind": "policy",
                "text": {
                    "vi": f"Dùng bộ số gọi mới, rút ra từ {found['fitted']} ngày qua",
                    "en": f"Call by new numbers, fitted to {found['fitted']} past days",
                },
                "effect": sentence(found),
                "saved": gain * people,
                "low": -found["high"] * people,
                "high": -found["low"] * people,
                "per_hour": 0.0,
                "commands": [{"kind": "ChangePolicy", "name": found["name"], "options": found["options"]}],
            }
        ]

    def pressed(self, name: str) -> bool:
        """Whether it was this proposal that somebody applied; it is not offered again."""
        if not name or name != self.id:
            return False
        self.applied.add(name)
        return True

    def told(self, days: int) -> list[str]:
        """The last fit in words, for the scores."""
        lines = ["fitted at night"]
        if self.at is None:
            return [*lines, "Nothing has been fitted yet: the forecaster does it after the close of a day."]
        lines.append(f"{self.at:%Y-%m-%d %H:%M} UTC, from {self.days} past days and {self.lessons} scored tickets")
        if self.tuned is None:
            lines.append(f"Numbers of calling need {LEAST_DAYS} past days; there are {days}.")
        else:
            verdict = "offered to the manager" if self.tuned["better"] else "not better beyond doubt, so not offered"
            lines.append(f"Numbers of calling: {sentence(self.tuned)['en']} ({verdict})")
        if self.model is None:
            lines.append(f"The learned model needs {LEAST_LESSONS} scored tickets; there are {self.lessons}.")
        else:
            lines.append("The learned model is scored beside the others and speaks when it has been the best.")
        return lines


def keep(
    data: Path, *, at: datetime, days: int, lessons: int, against: Policy, tuned: Tuned | None, model: WaitModel | None
) -> None:
    """Replaces what the last fit found; raises `OSError`."""
    document = {
        "v": 1,
        "at": at.isoformat(),
        "days": days,
        "lessons": lessons,
        "against": signature(against),
        "tuned": None if tuned is None else _figures(tuned),
        "model": None if model is None else model.to_state(),
    }
    replace_whole(data / FITTED, document)


def _figures(tuned: Tuned) -> dict[str, Any]:
    row = asdict(tuned)
    ends, policy = row.pop("difference"), row.pop("policy")
    return {**row, **ends, "better": tuned.better, "name": policy["name"], "options": policy["options"]}


def read_fitted(data: Path) -> Fitted:
    """The last fit; none, and a file that nobody can read, is as if nothing had been fitted."""
    try:
        found = json.loads((data / FITTED).read_text("utf-8"))
        if found["tuned"] is not None:
            sentence(found["tuned"])
        return Fitted(
            at=datetime.fromisoformat(found["at"]),
            days=int(found["days"]),
            lessons=int(found["lessons"]),
            tuned=found["tuned"],
            against=dict(found["against"]),
            model=None if found["model"] is None else WaitModel.from_state(found["model"]),
        )
    except FileNotFoundError:
        return Fitted()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("fitted-file-unreadable", file=data / FITTED, error=repr(error))
        return Fitted()


def keep_lessons(data: Path, more: Sequence[Lesson]) -> bool:
    """Adds a day's lessons to those kept, the newest 20,000; always true: a day was closed, a fit is wanted."""
    try:
        kept = [*read_lessons(data), *more][-MOST_LESSONS:]
        rows = [[*(value if isfinite(value) else None for value in row), wait] for row, wait in kept]
        replace_whole(data / LESSONS, rows)
    except (OSError, ValueError) as error:
        log.warning("lessons-not-kept", error=str(error))
    return True


def read_lessons(data: Path) -> list[Lesson]:
    """All lessons kept; none where there is no file or nobody can read it."""
    try:
        rows = json.loads((data / LESSONS).read_text("utf-8"))
        return [(tuple(nan if v is None else float(v) for v in row[:-1]), float(row[-1])) for row in rows]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, IndexError) as error:
        log.warning("lessons-file-unreadable", file=data / LESSONS, error=repr(error))
        return []
