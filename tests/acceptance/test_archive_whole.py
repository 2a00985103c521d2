"""What a really running office leaves behind is in the archive or made anew, and the restored one has all of it."""

import tarfile
from dataclasses import replace
from pathlib import Path, PurePath

import httpx

from queue_server.follower.take_over import TAKEN as FOLLOWED
from queue_server.forecaster.fitted import LESSONS
from queue_server.forecaster.fitted_words import FITTED
from queue_server.forecaster.kept import KEPT
from queue_server.forecaster.next_hour_kept import ARRIVALS
from queue_server.generation import raise_generation
from queue_server.journal.made_anew import is_made_anew
from queue_server.nightly import TAKEN
from tests.acceptance.conftest import Make
from tests.acceptance.program import Program, motcua, wait_for
from tests.messaging.conftest import Device

NAME = "Nguyễn Thị Hạnh"
COUNTER = "q1"
LEARNED = (LESSONS, FITTED, KEPT, ARRIVALS, TAKEN)

# Every file that an archive keeps, by name, so that no rule of what is made anew can take one out unseen.
REQUIRED = {
    "anchor",
    "arrivals.json",
    "broker/passwords.json",
    "epoch",
    "fitted.json",
    "followed.json",
    "followers.json",  # a restored office asks these machines whether one of them has taken over
    "forecast.json",
    "generation.json",
    "journal.sqlite3",
    "keys.json",
    "lessons.json",
    "losses.jsonl",
    "people.key",
    "people.sqlite3",
    "secret",
    "taken.json",
    "voice/vi/number-1.wav",
}


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def signed_in(office: Program) -> dict[str, str]:
    """The cookie of an admin who has signed in, with a key that was made anew while the office ran."""
    assert motcua("keys", "rotate", "staff", "--data", office.data).returncode == 0
    form = {"token": office.token("admin"), "next": "/admin"}
    wait_for(lambda: httpx.post(f"{office.url}/sign-in", data=form).status_code == 303, "the new key is not known")
    entered = httpx.post(f"{office.url}/sign-in", data=form)
    return {"cookie": f"motcua_session={entered.cookies['motcua_session']}"}


def work(office: Program) -> str:
    """A person takes a number, an officer opens a counter by name, a manager changes the rules; the number's token."""
    with office.client("kiosk", kiosk="kiosk-1") as kiosk:
        token: str = kiosk.post("/tickets", json={"service": "ho_tich"}).raise_for_status().json()["token"]
    with office.client("officer", counter=COUNTER) as officer:
        officer.post(f"/counters/{COUNTER}/open", json={"officer": NAME}).raise_for_status()
    with office.client("manager") as manager:
        manager.post("/policy", json={"ordinary_per_priority": 7}).raise_for_status()
    return token


def leave_what_takes_days(data: Path) -> None:
    """What the forecaster has learned, who took over from whom, and a recorded voice."""
    for name in (*LEARNED, FOLLOWED, "voice/vi/number-1.wav"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("{}")


def archive_of(office: Program, target: Path) -> set[str]:
    """The names in a backup."""
    made = motcua("backup", target, "--data", office.data)
    assert made.returncode == 0, made.stderr
    with tarfile.open(target) as archive:
        return set(archive.getnames())


def test_a_working_office_comes_back_whole_and_lets_its_devices_in(make: Make, tmp_path: Path) -> None:
    old, new = make(hardware=True), make()
    old.data.mkdir(mode=0o700)
    raise_generation(old.data, "restore")  # and a journal that is gone with its anchor: a loss is noted
    old.start()
    cookie = signed_in(old)
    number = work(old)
    assert httpx.get(f"{old.url}/admin", headers=cookie).status_code == 200
    known = old.way("monitor")
    old.stop()
    leave_what_takes_days(old.data)
    kept = archive_of(old, tmp_path / "b.tar.gz")
    assert kept == REQUIRED
    assert [name for name in sorted(REQUIRED) if is_made_anew(PurePath(name))] == []
    assert [name for name in sorted(files_of(old.data) - kept) if not is_made_anew(PurePath(name))] == []
    restored = motcua("restore", tmp_path / "b.tar.gz", "--data", new.data)
    assert restored.returncode == 0, restored.stderr
    assert files_of(new.data) >= REQUIRED
    new.start()
    device = Device(replace(new.way("monitor"), password=known.password)).plug_in("#")
    device.plug_out()
    assert not device.refused
    with new.client() as citizen, new.client("manager") as manager:
        assert citizen.get(f"/tickets/{number}").status_code == 200
        assert manager.get("/policy").json()["ordinary_per_priority"] == 7
    assert NAME in motcua("people", "list", "--data", new.data).stdout
    assert httpx.get(f"{new.url}/admin", headers=cookie).status_code == 401
