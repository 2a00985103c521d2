"""The people's file: sealed, found again, erased for good; what is lost with its key is nothing else."""

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from queue_server.keys import SECRET
from queue_server.people.store import FILE, ID, KEY, Kind, People
from tests.queue.builders import MONDAY

HOA, MINH = "Nguyễn Thị Hoa", "Trần Văn Minh"


def known(people: People, text: str, kind: Kind = Kind.OFFICER) -> str:
    return people.id_of(kind, text, MONDAY)


def test_the_same_name_has_the_same_id_also_for_the_next_program(tmp_path: Path) -> None:
    people = People(tmp_path)
    hoa, minh = known(people, HOA), known(people, MINH)
    assert known(people, HOA) == hoa != minh
    assert known(people, HOA, Kind.NOTE) != hoa
    assert ID.fullmatch(hoa)
    people.close()
    again = People(tmp_path)
    assert (again.text(hoa), again.text(minh), known(again, HOA)) == (HOA, MINH, hoa)
    assert known(again, "") == ""


def test_nothing_on_disk_says_who_it_is(tmp_path: Path) -> None:
    people = People(tmp_path)
    known(people, HOA)
    known(people, "Đi họp với " + MINH, Kind.NOTE)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for word in ("Nguyễn", "Hoa", "Minh", "họp"):
        assert word.encode() not in held
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {FILE: 0o600, KEY: 0o600}


def test_a_name_is_on_disk_when_its_id_is_given_out(tmp_path: Path) -> None:
    people = People(tmp_path)
    hoa = known(people, HOA)
    assert People(tmp_path).text(hoa) == HOA  # the first program has not closed


def test_what_is_no_id_stays_as_it_is() -> None:
    people = People()
    for text in ("", HOA, "keypad", "officer:12", "note:1-zzzz", "officer:1-0000 ", "terminal-q3"):
        assert people.text(text) == text


def test_erased_is_erased_in_the_file_too(tmp_path: Path) -> None:
    people, other = People(tmp_path), People(tmp_path)
    hoa, minh = known(people, HOA), known(people, MINH)
    sealed = sqlite3.connect(tmp_path / FILE).execute("select sealed, mark from people where id = ?", (hoa,)).fetchone()
    other.refresh()
    assert other.text(hoa) == HOA
    assert people.erase(hoa)
    assert not people.erase(hoa)
    assert not people.erase("officer:99-0000")
    assert people.text(hoa) == "cán bộ #1"
    other.refresh()
    assert (other.text(hoa), other.text(minh)) == ("cán bộ #1", MINH)
    assert all(part not in (tmp_path / FILE).read_bytes() for part in sealed)
    assert known(people, HOA) not in (hoa, minh)


def test_a_lost_key_costs_the_names_and_nothing_else(tmp_path: Path) -> None:
    people = People(tmp_path)
    hoa, note = known(people, HOA), known(people, "ăn trưa", Kind.NOTE)
    people.close()
    (tmp_path / KEY).unlink()
    after = People(tmp_path)
    assert after.unreadable == 2
    assert (after.text(hoa), after.text(note)) == ("cán bộ #1", "ghi chú #2")
    new = known(after, HOA)
    assert new not in (hoa, note)
    assert after.text(new) == HOA


def test_ids_of_a_lost_file_are_nobody_elses(tmp_path: Path) -> None:
    """The journal still names them: a new file must not give them to other people."""
    made = set()
    for attempt in range(3):
        people = People(tmp_path)
        made.add(known(people, f"{HOA} {attempt}"))
        people.close()
        if attempt:
            (tmp_path / FILE).write_bytes(b"not a database" * 500)
        else:
            (tmp_path / FILE).unlink()
    after = People(tmp_path)
    assert len(made) == 3
    assert {after.text(each) for each in made} == {"cán bộ #1"}
    assert (tmp_path / f"{FILE}.spoilt").exists()


def test_a_sealed_name_cannot_be_moved_to_another_id(tmp_path: Path) -> None:
    people = People(tmp_path)
    hoa, minh = known(people, HOA), known(people, MINH)
    people.close()
    base = sqlite3.connect(tmp_path / FILE)
    base.execute("update people set sealed = (select sealed from people where id = ?) where id = ?", (minh, hoa))
    base.commit()
    base.close()
    after = People(tmp_path)
    assert (after.text(hoa), after.text(minh), after.unreadable) == ("cán bộ #1", MINH, 1)


@pytest.mark.parametrize("seed", range(3))
def test_many_at_once_agree(tmp_path: Path, seed: int) -> None:
    """Two programs and many threads: a name has one id, an id one name."""
    programs = [People(tmp_path), People(tmp_path)]
    found: list[tuple[str, str]] = []

    def work(number: int) -> None:
        for step in range(20):
            name = f"name {(number * 7 + step * 3 + seed) % 11}"
            found.append((name, known(programs[number % 2], name)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 120
    assert len({name for name, _ in found}) == len(set(found)) == len({i for _, i in found}) == 11


def test_the_secret_of_the_tokens_is_another(tmp_path: Path) -> None:
    People(tmp_path)
    assert not (tmp_path / SECRET).exists()
