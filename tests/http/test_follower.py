"""What the second machine is told: every entry whole, the other files, and which office this is."""

import sqlite3
from pathlib import Path

from queue_server.contract.problems import Problem
from queue_server.journal.entry import GENESIS, chain_hash
from queue_server.people.store import People
from tests.http.house import House, refused


def asked(house: House, **query: object) -> dict[str, object]:
    got = house.get("/follower/entries", "follower", params=query)
    assert got.status_code == 200, got.text
    return dict(got.json())


def test_the_entries_that_come_make_the_chain(quiet_house: House) -> None:
    for _ in range(3):
        quiet_house.take()
    got = asked(quiet_house)
    end = GENESIS
    rows = got["entries"]
    assert isinstance(rows, list)
    for row in rows:
        assert row[-2] == end
        end = chain_hash(end, *row[:-2])
        assert row[-1] == end
    assert (len(rows), end) == (got["end"], quiet_house.journal.last_hash)
    later = asked(quiet_house, after=rows[-2][0], hash=rows[-2][-1])
    assert later["entries"] == rows[-1:]


def test_a_record_that_has_parted_is_refused(quiet_house: House) -> None:
    quiet_house.take()
    end = quiet_house.journal.last_seq
    refused(quiet_house.get("/follower/entries", "follower", params={"after": end, "hash": "0" * 64}),
            Problem.RECORD_PARTED)  # fmt: skip
    ahead = quiet_house.get("/follower/entries", "follower", params={"after": end + 1, "hash": "1" * 64})
    refused(ahead, Problem.RECORD_PARTED)
    assert f"ends at entry {end}" in ahead.json()["detail"]


def test_the_page_and_the_health_say_how_it_stands(house: House) -> None:
    followers = house.followers
    assert (followers.row().behind, followers.row().lost_since, followers.health()) == (None, None, {})
    house.take()
    asked(house, address="http://second:8080", after=house.journal.last_seq,
          hash=house.journal.last_hash)  # fmt: skip
    assert (followers.row().behind, followers.health()) == (0.0, {"follower": "ok"})
    house.later(minutes=5)
    row = followers.row()
    assert row.behind is None
    assert row.lost_since is not None
    assert "has not asked since" in followers.health()["follower"]


def test_other_files_come_whole_and_none_of_one_machine_alone(quiet_house: House, tmp_path: Path) -> None:
    folder = quiet_house.path.parent
    (folder / "keys.json").write_text("{}")
    (folder / "epoch").write_text("1")
    (folder.parent / "outsider").write_text("no")
    People(folder).close()
    marks = asked(quiet_house)["files"]
    assert isinstance(marks, dict)
    assert {"keys.json", "people.sqlite3", "people.key"} <= marks.keys()
    assert not {"epoch", quiet_house.path.name, "journal.sqlite3", "followers.json", "lock"} & (
        marks.keys() - {quiet_house.path.name}
    )
    got = quiet_house.get("/follower/files/people.sqlite3", "follower")
    (tmp_path / "people").write_bytes(got.content)
    base = sqlite3.connect(tmp_path / "people")
    assert base.execute("select count(*) from people").fetchone() == (0,)
    base.close()
    for name in ("epoch", "none", "..%2foutsider", "%2fetc%2fpasswd"):
        assert quiet_house.get(f"/follower/files/{name}", "follower").status_code == 404, name


def test_everybody_may_ask_which_office_this_is(quiet_house: House) -> None:
    assert quiet_house.get("/generation").json() == {"office": quiet_house.site.id, "generation": 0, "name": ""}
