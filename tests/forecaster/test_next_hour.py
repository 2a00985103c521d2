"""The next hour's arrivals as the night corrects them: learned, kept, used by the look, and what may be wrong."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from queue_server.forecaster.knowledge import Hours, known_now
from queue_server.forecaster.next_hour import MOST, NextHour, learn, office_days, with_next_hour
from queue_server.forecaster.next_hour_kept import ARRIVALS, keep_next_hour, read_next_hour
from queue_server.forecaster.night import fit
from queue_server.forecaster.past import Past, PastTicket
from queue_server.forecaster.worker import Worker
from queue_server.forecasting import features_arrivals
from queue_server.forecasting.arrivals import QUARTERS, Calendar, DayCount, day_ahead
from queue_server.forecasting.features_arrivals import Correction
from queue_server.forecasting.learned import Forest, constant
from queue_server.forecasting.target_look import Known
from queue_server.site.loader import load_site
from tests.forecaster.test_night import NOW, QUICK
from tests.forecasting.test_arrivals import HUMPS, weeks
from tests.queue.builders import Day
from tests.simulate.test_replay_command import write_days

CALENDAR = Calendar()
COLUMNS = features_arrivals.columns(2)


def a_habit(many: int = 14) -> dict[str, list[DayCount]]:
    """Two services; on days with a late morning the afternoon makes up for it, so that the level says the opposite."""
    rng = np.random.default_rng(5)
    found: dict[str, list[DayCount]] = {"a": [], "b": []}
    for one in weeks(many, noisy=False):
        late = rng.random() < 0.5
        shape = HUMPS * np.where(np.arange(QUARTERS) < 46, 0.4 if late else 1.4, 1.7 if late else 0.6)
        for service, share in (("a", 2.0), ("b", 1.0)):
            found[service].append(DayCount(day=one.day, counts=rng.poisson(shape * share).astype(float)))
    return found


def always(much: float) -> NextHour:
    """A correction that moves each simple forecast by `much` times what chance alone makes."""
    bases = features_arrivals.BASES
    correction = Correction(forests=(constant(much),) * bases, shares=(1.0,) * bases)
    return NextHour(services=("dat_dai", "ho_tich"), correction=correction)


def hour_of(people: dict[str, tuple[float, ...]], quarter: int) -> float:
    return sum(sum(rates[quarter : quarter + 4]) for rates in people.values())


def test_the_people_of_the_next_hour_are_nearer_than_by_the_level_alone():
    counts = a_habit()
    told = learn({s: days[:-10] for s, days in counts.items()}, CALENDAR)
    assert told is not None
    days = office_days(counts, told.services)
    errors = {True: 0.0, False: 0.0}
    for at in range(len(days) - 10, len(days)):
        people = {s: tuple(day_ahead(one[:at], days[at].day, CALENDAR).mean) for s, one in counts.items()}
        for quarter in range(46, 60):
            truth = days[at].counts[quarter : quarter + 4].sum()
            moved = with_next_hour(people, told, days[:at], days[at], CALENDAR, quarter=quarter, level=1.0)
            errors[True] += abs(hour_of(moved, quarter) - truth)
            errors[False] += abs(hour_of(people, quarter) - truth)
    assert errors[True] < 0.8 * errors[False]


def test_what_is_thinned_to_the_level_later_is_what_was_told_and_the_rest_of_the_day_stays():
    counts = a_habit(6)
    told = replace(always(1.5), services=("a", "b"))
    days = office_days(counts, told.services)
    people = {s: tuple(day_ahead(one[:-1], days[-1].day, CALENDAR).mean) for s, one in counts.items()}
    moved = with_next_hour(people, told, days[:-1], days[-1], CALENDAR, quarter=36, level=0.8)
    known = features_arrivals.evening(days[:-1], days[-1], CALENDAR)
    expected = features_arrivals.next_hour(known, days[-1], 36, told.correction)
    assert 0.8 * hour_of(moved, 36) == pytest.approx(expected)
    for service, rates in people.items():
        assert moved[service][:36] == rates[:36]
        assert moved[service][40:] == rates[40:]


@pytest.mark.parametrize(("much", "times"), [(1e6, MOST), (-1e6, 1 / MOST), (float("nan"), 1.0)])
def test_nothing_beyond_reason_is_believed(much, times):
    counts = a_habit(6)
    told = replace(always(much), services=("a", "b"))
    days = office_days(counts, told.services)
    people = {s: tuple(one[-1].counts) for s, one in counts.items()}
    moved = with_next_hour(people, told, days[:-1], days[-1], CALENDAR, quarter=36, level=1.0)
    assert hour_of(moved, 36) == pytest.approx(times * hour_of(people, 36))


@pytest.mark.parametrize(("quarter", "level"), [(0, 1.0), (95, 1.0), (36, 0.0)])
def test_an_hour_in_which_nobody_is_expected_stays_so(quarter, level):
    people = {"a": tuple(HUMPS)}
    told = replace(always(1.0), services=("a",))
    days = office_days({"a": a_habit(2)["a"]}, told.services)
    assert with_next_hour(people, told, days[:-1], days[-1], CALENDAR, quarter=quarter, level=level) == people


def a_past(now: datetime, many: int = 12) -> Past:
    """One person of one service every five minutes for two hours from `now` on, on each of the days before."""
    return Past(
        tickets=tuple(
            PastTicket(
                day=f"{now - timedelta(days=back):%Y%m%d}",
                service="ho_tich",
                class_id="walk_in",
                counter="1",
                missed=False,
                taken_at=now - timedelta(days=back) + timedelta(minutes=5 * n),
            )
            for back in range(many, 0, -1)
            for n in range(24)
        )
    )


def drawn(known: Known, hour: int) -> int:
    """How many people all futures together draw in the hour of the day."""
    arrive = known.basis.coming.arrive / 3600.0
    return int(((arrive >= hour) & (arrive < hour + 1)).sum())


def test_the_look_draws_the_corrected_people_and_keeps_what_was_expected():
    day = Day().open("1")
    past = a_past(day.now)
    plain, more = (known_now(day.state, past, Hours(), day.now, next_hour=one) for one in (None, always(3.0)))
    assert (more.expected, more.level) == (plain.expected, plain.level)
    assert drawn(more, 8) > 1.5 * drawn(plain, 8) > 0
    assert drawn(more, 9) == pytest.approx(drawn(plain, 9), rel=0.1)


def test_a_correction_without_past_days_says_nothing():
    day = Day().open("1")
    for _ in range(8):
        day.later(minutes=7).take("ho_tich")
    first, same = (known_now(day.state, Past(), Hours(), day.now, next_hour=one) for one in (None, always(3.0)))
    assert drawn(first, 9) == drawn(same, 9) > 0


def test_it_is_kept_and_read_again(tmp_path):
    found = learn(a_habit(), CALENDAR)
    keep_next_hour(tmp_path, found)
    again = read_next_hour(tmp_path)
    assert found is not None
    assert again is not None
    assert again.to_state() == found.to_state()
    keep_next_hour(tmp_path, None)
    assert read_next_hour(tmp_path) is None


def test_a_correction_of_other_columns_is_not_believed():
    tree = Forest(
        start=0.0, depth=1, feature=np.array([[COLUMNS, -1, -1]]), threshold=np.zeros((1, 3)), value=np.zeros((1, 3))
    )
    state = always(0.0).to_state()
    state["correction"]["forests"][2] = tree.to_state()
    with pytest.raises(ValueError, match=f"more than {COLUMNS} columns"):
        NextHour.from_state(state)
    state["correction"]["forests"].pop()
    with pytest.raises(ValueError, match="3 forests and 4 shares"):
        NextHour.from_state(state)


@pytest.mark.parametrize(
    "text", ["{", "[]", "3", '{"services": ["a"]}', '{"services": [], "correction": {"shares": 1}}']
)
def test_a_spoiled_file_is_as_if_nothing_had_been_learned(tmp_path, text):
    (tmp_path / ARRIVALS).write_text(text, "utf-8")
    assert read_next_hour(tmp_path) is None


def test_a_row_has_the_columns_that_are_checked():
    days = office_days(a_habit(3), ("a", "b"))
    known = features_arrivals.evening(days[:-1], days[-1], CALENDAR)
    assert len(features_arrivals.row(known, days[-1], 40)) == COLUMNS


def test_the_night_keeps_it_and_the_program_takes_it_in(tmp_path: Path):
    write_days(tmp_path, range(16))
    assert fit(tmp_path, load_site(None), NOW, effort=QUICK)
    document = json.loads((tmp_path / ARRIVALS).read_text("utf-8"))
    worker = Worker(tmp_path, load_site(None))
    assert worker.next_hour is not None
    assert list(worker.next_hour.services) == document["services"] != []


def test_a_fortnight_is_too_little(tmp_path: Path):
    write_days(tmp_path, range(8))
    assert fit(tmp_path, load_site(None), NOW, effort=QUICK)
    assert Worker(tmp_path, load_site(None)).next_hour is None
