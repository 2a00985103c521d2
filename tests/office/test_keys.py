"""The keys of a data folder: made once, for its owner only, changed one by one."""

import asyncio
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from queue_server.auth import PURPOSES, ROLES, Tokens
from queue_server.contract.ports import Identity
from queue_server.keys import KEYS, SECRET, Purpose, Secret, change_key, load_secret, watch_keys

ROOT = Path(__file__).parents[2]
STRANGER = 65534


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = load_secret(data)
    assert load_secret(data) == made
    assert len({made.staff, made.devices, made.tickets}) == 3
    assert all(len(key) >= 32 for key in (made.staff, made.devices, made.tickets))
    assert made.former_for == frozenset()
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()} == {SECRET: 0o600, KEYS: 0o600}
    other = load_secret(tmp_path / "other")
    assert not {made.staff, made.devices, made.tickets} & {other.staff, other.devices, other.tickets}


def test_programs_that_start_together_agree_on_the_keys(tmp_path: Path) -> None:
    code = "import sys, pathlib, queue_server.keys as k; print(k.load_secret(pathlib.Path(sys.argv[1])))"
    started = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    found = {each.communicate(timeout=60)[0] for each in started}
    assert found == {f"{load_secret(tmp_path)}\n"}
    assert {path.name for path in tmp_path.iterdir()} == {SECRET, KEYS}


def test_a_folder_of_before_keeps_its_codes_and_its_tickets(tmp_path: Path) -> None:
    (tmp_path / SECRET).write_text("0a1b2c3d")
    before = Tokens(Secret.single(b"0a1b2c3d"))
    now = Tokens(load_secret(tmp_path))
    assert now.ticket("20261123-A001") == before.ticket("20261123-A001")
    assert load_secret(tmp_path).former_for == {Purpose.STAFF, Purpose.DEVICES}
    assert (tmp_path / SECRET).read_text() == "0a1b2c3d"  # the program of before still opens it


@pytest.mark.parametrize("changed", Purpose)
def test_one_key_is_changed_and_the_others_stay(tmp_path: Path, changed: Purpose) -> None:
    (tmp_path / SECRET).write_text("0a1b2c3d")
    before = Tokens(load_secret(tmp_path))
    given = {role: before.make(Identity(role=role)) for role in ROLES}
    change_key(tmp_path, changed)
    after = Tokens(load_secret(tmp_path))
    assert {role for role, token in given.items() if not after.identify(token)} == {
        role for role, purpose in PURPOSES.items() if purpose is changed
    }
    assert (after.ticket("v") != before.ticket("v")) is (changed is Purpose.TICKETS)
    assert changed not in load_secret(tmp_path).former_for
    assert stat.S_IMODE((tmp_path / KEYS).stat().st_mode) == 0o600


def test_a_running_server_hears_of_a_changed_key(tmp_path: Path) -> None:
    heard: list[Secret] = []

    async def story() -> None:
        load_secret(tmp_path)
        told = asyncio.Event()

        def changed(secret: Secret) -> None:
            heard.append(secret)
            told.set()

        watching = asyncio.create_task(watch_keys(tmp_path, changed))
        await asyncio.sleep(0)
        change_key(tmp_path, Purpose.STAFF)
        await asyncio.wait_for(told.wait(), 30)
        watching.cancel()

    asyncio.run(story())
    assert heard == [load_secret(tmp_path)]


def test_what_an_administrator_makes_belongs_to_the_folders_owner(tmp_path: Path) -> None:
    """`motcua token` run once as root must not take the keys away from the service."""
    data = tmp_path / "data"
    data.mkdir()
    if os.geteuid() == 0:
        os.chown(data, STRANGER, STRANGER)
    load_secret(data)
    change_key(data, Purpose.DEVICES)
    owner = data.stat()
    assert {(p.stat().st_uid, p.stat().st_gid) for p in data.iterdir()} == {(owner.st_uid, owner.st_gid)}


def test_a_key_file_of_a_later_time_is_read(tmp_path: Path) -> None:
    load_secret(tmp_path)
    kept = json.loads((tmp_path / KEYS).read_text())
    (tmp_path / KEYS).write_text(json.dumps(kept | {"something-new": "ab"}))
    assert load_secret(tmp_path).staff == kept["staff"].encode()
