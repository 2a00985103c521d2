"""What a really running office leaves behind is in the archive or made anew, and its devices know the restored one."""

import tarfile
from dataclasses import replace
from pathlib import Path, PurePath

from queue_server.journal.made_anew import is_made_anew
from tests.acceptance.conftest import Make
from tests.acceptance.program import motcua
from tests.messaging.conftest import Device

NEEDED = {"journal.sqlite3", "anchor", "secret", "broker/passwords.json"}


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_a_working_office_comes_back_whole_and_lets_its_devices_in(make: Make, tmp_path: Path) -> None:
    old, new = make(hardware=True), make()
    old.start()
    with old.client("kiosk", kiosk="kiosk-1") as kiosk:
        number = kiosk.post("/tickets", json={"service": "ho_tich"}).raise_for_status().json()["token"]
    known = old.way("monitor")
    old.stop()
    made = motcua("backup", tmp_path / "b.tar.gz", "--data", old.data)
    assert made.returncode == 0, made.stderr
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        kept = set(archive.getnames())
    assert kept >= NEEDED
    assert [name for name in sorted(files_of(old.data) - kept) if not is_made_anew(PurePath(name))] == []
    restored = motcua("restore", tmp_path / "b.tar.gz", "--data", new.data)
    assert restored.returncode == 0, restored.stderr
    new.start()
    device = Device(replace(new.way("monitor"), password=known.password)).plug_in("#")
    device.plug_out()
    assert not device.refused
    with new.client() as citizen:
        assert citizen.get(f"/tickets/{number}").status_code == 200
