"""The spool and the lease: nothing twice, nothing lost, not even under kill -9."""

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.lease import Leased, choose, office_day
from kiosk.spool import Fate, Kind, Spool

DAY = "2026-09-21"


def leased(number: str, day: str = DAY) -> Leased:
    return Leased(day=day, number=number, prefix=number.rstrip("0123456789"), token=f"t-{number}", url=f"u/{number}")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(tmp_path / "spool.db")
    spool.open()
    return spool


def reopened(spool: Spool, tmp_path: Path) -> Spool:
    spool.close()
    again = Spool(tmp_path / "spool.db")
    again.open()
    return again


def issue(spool: Spool, command: str, *prefixes: str, unclear: bool = False) -> tuple[Leased, ...] | None:
    bodies = [{"service": prefix} for prefix in prefixes]
    return spool.issue(command_id=command, prefixes=prefixes, bodies=bodies, day=DAY, unclear=unclear)


def fates(spool: Spool) -> dict[str, Fate]:
    return {letter.key: letter.state for letter in spool.all_letters()}


def test_the_day_is_the_office_s_day() -> None:
    assert office_day(datetime(2026, 9, 20, 16, 59, tzinfo=UTC)) == "20260920"
    assert office_day(datetime(2026, 9, 20, 17, 0, tzinfo=UTC)) == "20260921"


def test_the_lowest_number_goes_first() -> None:
    free = [leased(number) for number in ("A1000", "A101", "B001", "A999")]
    chosen = choose(free, ["A", "B", "A"], DAY)
    assert chosen is not None
    assert [each.number for each in chosen] == ["A101", "B001", "A999"]


def test_all_or_nothing() -> None:
    assert choose([leased("A001")], ["A", "B"], DAY) is None
    assert choose([leased("A001")], ["A", "A"], DAY) is None


def test_yesterday_s_numbers_are_not_issued() -> None:
    assert choose([leased("A001", "2026-09-20")], ["A"], DAY) is None


@given(st.lists(st.integers(1, 60), unique=True, max_size=30), st.integers(0, 40))
def test_no_number_is_chosen_twice(numbers: list[int], wanted: int) -> None:
    chosen = choose([leased(f"A{number:03d}") for number in numbers], ["A"] * wanted, DAY)
    assert (chosen is not None) == (wanted <= len(numbers))
    assert chosen is None or len({each.number for each in chosen}) == wanted


def test_an_issued_number_is_gone_and_noted_in_one_stroke(spool: Spool, tmp_path: Path) -> None:
    spool.keep_lease([leased("A001"), leased("A002")], day=DAY)
    first = issue(spool, "c1", "A")
    spool = reopened(spool, tmp_path)
    assert first is not None
    assert [each.number for each in spool.free(DAY)] == ["A002"]
    assert [letter.body["number"] for letter in spool.due()] == ["A001"]


def test_a_new_lease_brings_no_issued_number_back(spool: Spool) -> None:
    spool.keep_lease([leased("A001"), leased("A002")], day=DAY)
    issue(spool, "c1", "A")
    spool.keep_lease([leased("A001"), leased("A002"), leased("A003")], day=DAY)
    assert [each.number for each in spool.free(DAY)] == ["A002", "A003"]


def test_a_lease_of_another_day_replaces_the_old(spool: Spool) -> None:
    spool.keep_lease([leased("A001")], day=DAY)
    spool.keep_lease([leased("A001", "2026-09-22")], day="2026-09-22")
    assert spool.free(DAY) == ()
    assert len(spool.free("2026-09-22")) == 1


def test_an_unclear_command_is_settled_before_its_leased_number_is_handed_in(spool: Spool) -> None:
    spool.keep_lease([leased("A001")], day=DAY)
    spool.begin(command_id="c1", body={"service": "ho_tich"}, day=DAY)
    assert spool.due() == (), "while it is under way it is nobody's business"
    issue(spool, "c1", "A", unclear=True)
    assert [letter.kind for letter in spool.due()] == [Kind.SETTLE, Kind.HAND_IN]


def test_a_command_with_an_end_is_not_settled(spool: Spool) -> None:
    spool.begin(command_id="c1", body={}, day=DAY)
    spool.settled("c1")
    assert fates(spool) == {"c1": Fate.DONE}
    spool.unclear("c1")
    assert fates(spool) == {"c1": Fate.DONE}, "done is done"


def test_a_command_under_way_at_the_crash_is_to_be_settled(spool: Spool, tmp_path: Path) -> None:
    spool.begin(command_id="c1", body={"service": "ho_tich"}, day=DAY)
    assert [letter.key for letter in reopened(spool, tmp_path).due()] == ["c1"]


def test_the_same_letter_twice_is_one(spool: Spool) -> None:
    for _ in range(2):
        spool.post(key="print-1", kind=Kind.REPORT, day=DAY, body={"ticket": "x", "problem": None})
    assert len(spool.all_letters()) == 1


def test_refused_letters_stay_for_people(spool: Spool) -> None:
    spool.keep_lease([leased("A001")], day=DAY)
    issue(spool, "c1", "A")
    (letter,) = spool.due()
    spool.finish(letter.seq, Fate.REFUSED, "number-used")
    spool.post(key="old", kind=Kind.REPORT, day=DAY, body={})
    spool.finish(spool.due()[0].seq, Fate.DONE)
    spool.forget_before("2026-09-22")
    assert fates(spool) == {letter.key: Fate.REFUSED}


def test_nobody_can_foresee_the_key_of_a_hand_in(spool: Spool) -> None:
    spool.keep_lease([leased("A001"), leased("A002")], day=DAY)
    issue(spool, "c1", "A")
    issue(spool, "c2", "A")
    first, second = spool.due()
    assert first.key != second.key
    assert len(first.key) >= 32
    assert not {DAY, "A001"} & set(first.key.split("-"))
    assert [letter.key for letter in spool.due()] == [first.key, second.key]


def test_a_letter_of_before_is_found_by_its_number(spool: Spool) -> None:
    """Spools of before made the key of day and number; the letter itself says both."""
    body = {"number": "A001", "service": "ho_tich"}
    spool.post(key=f"hand-in-{DAY}-A001", kind=Kind.HAND_IN, day=DAY, body=body)
    spool.finish(spool.due()[0].seq, Fate.DONE, "ticket-1")
    assert spool.ticket_of("A001", DAY) == (Fate.DONE, "ticket-1")
    assert spool.ticket_of("A001", "2026-09-22") is None


def test_a_closed_spool_says_so(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.ProgrammingError):
        Spool(tmp_path / "spool.db").free(DAY)


WORKER = """
import sys
from pathlib import Path
from kiosk.lease import Leased
from kiosk.spool import Spool

spool = Spool(Path(sys.argv[1]))
spool.open()
day, boot = "2026-09-21", sys.argv[2]
print("up", flush=True)
for count in range(100_000):
    command = f"{boot}-{count}"
    spool.begin(command_id=command, body={"service": "ho_tich"}, day=day)
    bodies = [{"service": "ho_tich"}]
    got = spool.issue(command_id=command, prefixes=["A"], bodies=bodies, day=day, unclear=bool(count % 2))
    if got is None:
        break
    print("issued", got[0].number, flush=True)
print("empty", flush=True)
"""


def killed_run(path: Path, boot: str, *, issued: int, then: float) -> list[str]:
    """Numbers that a run issued aloud before it was killed in mid-work, that many seconds after so many numbers."""
    command = [sys.executable, "-c", WORKER, str(path), boot]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(1 + issued)]
        time.sleep(then)
        child.kill()
        lines += child.stdout.read().splitlines(keepends=True)
    return [line.split()[1] for line in lines if line.startswith("issued ") and line.endswith("\n")]


def test_kill_9_at_any_moment_doubles_nothing_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    spool = Spool(path)
    spool.open()
    spool.keep_lease([leased(f"A{number:04d}") for number in range(1, 3001)], day=DAY)
    spool.close()
    dice, aloud = random.Random(4711), list[str]()
    for run in range(6):
        aloud += killed_run(path, f"boot{run}", issued=dice.randint(1, 8), then=dice.uniform(0, 0.02))
    spool.open()
    letters = [letter for letter in spool.all_letters() if letter.kind is Kind.HAND_IN]
    noted = [letter.body["number"] for letter in letters]
    free = {each.number for each in spool.free(DAY)}
    assert len(aloud) >= 6, "every run did real work before it died"
    assert max(Counter(aloud).values()) == 1, "no number was issued twice"
    assert set(aloud) <= set(noted), "every number in somebody's hand will be handed in"
    assert len(noted) == len(set(noted))
    assert not free & set(noted), "an issued number is not issued again"
    assert len(free) + len(noted) == 3000, "and none has vanished"
    assert noted == sorted(noted), "in the order of taking"
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_letters_are_readable_by_people(spool: Spool) -> None:
    spool.post(key="k", kind=Kind.REPORT, day=DAY, body={"problem": "hết giấy"})
    with sqlite3.connect(spool._path) as base:
        assert json.loads(base.execute("SELECT body FROM letters").fetchone()[0]) == {"problem": "hết giấy"}
        assert "hết giấy" in base.execute("SELECT body FROM letters").fetchone()[0]


def test_a_number_of_another_day_is_due_again_when_the_server_is_back_on_its_day(spool: Spool) -> None:
    """A server restarted with its clock years ahead refuses today's numbers, until it is put right."""
    spool.keep_lease([leased("A001"), leased("A002")], day=DAY)
    for command, answer in (("one", "day-other"), ("two", "number-used")):
        spool.begin(command_id=command, body={}, day=DAY)
        assert issue(spool, command, "A")
        spool.finish(spool.due()[-1].seq, Fate.REFUSED, answer)
    spool.keep_lease([leased("A001", "2036-09-22")], day="2036-09-22")
    assert spool.due() == ()
    spool.keep_lease([], day=DAY)
    assert [letter.body["number"] for letter in spool.due()] == ["A001"]


@pytest.mark.parametrize("ends", [("",), ("-wal",), ("", "-wal", "-shm")])
def test_a_spool_deleted_under_the_kiosk_is_made_again(spool: Spool, tmp_path: Path, ends: tuple[str, ...]) -> None:
    spool.keep_lease([leased("A001"), leased("A002"), leased("A003")], day=DAY)
    issue(spool, "one", "A")
    spool.begin(command_id="under way", body={}, day=DAY)
    for end in ends:
        (tmp_path / f"spool.db{end}").unlink()
    issue(spool, "two", "A")
    assert fates(spool)["under way"] is Fate.OPEN, "nobody settles a command that still runs"
    spool.settled("under way")
    again = reopened(spool, tmp_path)
    assert [each.number for each in again.free(DAY)] == ["A003"]
    assert [letter.body["number"] for letter in again.due()] == ["A001", "A002"]
    assert fates(again)["under way"] is Fate.DONE
