"""What `POST /api/v1/replay` answers, worked out from given days by the product's own words."""

from collections.abc import Sequence
from typing import Any

from queue_server.forecasting.paired import difference
from queue_server.simulate.replay import Change, Comparison, Figures
from queue_server.simulate.replay_rows import page_values
from queue_server.simulate.replay_words import Told
from queue_server.site.loader import load_site

BEFORE = (17.1, 18.0, 16.6, 17.9, 17.4)


def a_day(mean: float, number: int = 0, unserved: int = 1) -> Figures:
    """A day on which people waited so long on average; copies longer, certificates shorter."""
    return Figures(
        day=f"202611{16 + number}", visits=120, unserved=unserved, mean=mean, p90=2 * mean, over=mean / 40,
        by_service={"ho_tich": mean - 4, "chung_thuc": mean + 2}, by_class={"walk_in": mean, "elderly": mean / 3},
    )  # fmt: skip


def an_answer(
    shifts: Sequence[float], change: Change | None = None, language: str = "vi", *, sent_home: int = 1
) -> dict[str, Any]:
    """One day for each shift of the mean wait, in minutes; `sent_home`: people not served with the change."""
    before = tuple(a_day(wait, place) for place, wait in enumerate(BEFORE[: len(shifts)]))
    pairs = enumerate(zip(before, shifts, strict=True))
    after = tuple(a_day(day.mean + shift, place, sent_home) for place, (day, shift) in pairs)
    found = Comparison(
        change=change or Change(without=("q1",)), actual=before, before=before, after=after, touched=len(shifts),
        mean=difference([a.mean - b.mean for b, a in zip(before, after, strict=True)]),
        p90=difference([a.p90 - b.p90 for b, a in zip(before, after, strict=True)]),
        over=difference([a.over - b.over for b, a in zip(before, after, strict=True)]),
    )  # fmt: skip
    return {"page": page_values(found, Told(language=language, config=load_site(None).office))}
