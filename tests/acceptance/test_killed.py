"""`kill -9` under load, a full disk, a stop with open streams: what was acknowledged is there exactly once."""

import random
import resource
import threading
import time

import httpx

from tests.acceptance.conftest import Make
from tests.acceptance.crowd import Crowd, broken_promises
from tests.acceptance.program import Program, wait_for

ROUNDS = 3
LONG = "x" * 190


def test_a_killed_server_keeps_every_promise_exactly_once(make: Make) -> None:
    program = make().start()
    dice = random.Random(11)
    crowd = Crowd(program).start()
    try:
        for _ in range(ROUNDS):
            before = len(crowd.issued)
            wait_for(lambda known=before: len(crowd.issued) > known + 20, "the crowd gets no tickets")
            time.sleep(dice.uniform(0.0, 0.3))
            program.kill()
            program.start()
        wait_for(lambda: len(crowd.called) > 10, "nobody is called")
    finally:
        crowd.stop()
    assert crowd.failures == []
    assert crowd.retries > 0  # the deaths were felt
    with program.client("board") as board:
        shown = {t["number"] for t in board.get("/state").json()["tickets"]}
    program.stop()
    assert program.problems() == []
    assert broken_promises(program, crowd, shown) == []


def test_a_full_disk_and_a_stop_with_open_streams(make: Make) -> None:
    program = make(hardware=True).start()
    listening, ended = threading.Event(), []

    def listen(path: str, role: str | None) -> None:
        headers = {"authorization": f"Bearer {program.token(role)}"} if role else {}
        with httpx.stream("GET", f"{program.url}{path}", headers=headers, timeout=60) as stream:
            assert stream.status_code == 200
            for _ in stream.iter_raw():
                listening.set()
        ended.append(path)

    listeners = [threading.Thread(target=listen, args=("/api/v1/events", "board")) for _ in range(6)]
    for each in listeners:
        each.start()
    assert listening.wait(20)
    fill_the_disk(program)
    assert program.stop() < 5
    for each in listeners:
        each.join(10)
    assert len(ended) == 6
    assert program.child.returncode == 0
    assert "Traceback" not in program.said()
    assert program.problems() == []


def fill_the_disk(program: Program) -> None:
    """The server's files may not grow any more for a while: writes fail as on a full disk."""
    ok: list[str] = []
    with program.client("kiosk", kiosk="kiosk-1") as kiosk, program.client("officer") as officer:
        ok.append(kiosk.post("/tickets", json={"service": "ho_tich"}).json()["number"])
        used = max(f.stat().st_size for f in program.data.glob("journal.sqlite3*"))
        before = resource.prlimit(program.child.pid, resource.RLIMIT_FSIZE, (used + 4096, resource.RLIM_INFINITY))
        try:
            for _ in range(400):
                got = kiosk.post("/tickets", json={"service": "ho_tich"})
                if got.status_code != 201:
                    break
                ok.append(got.json()["number"])
            assert (got.status_code, got.json()["code"]) == (503, "storage-failed")
            assert officer.post("/counters/q1/open", json={"officer": LONG}).json()["code"] == "storage-failed"
            ready = httpx.get(f"{program.url}/readyz")
            assert (ready.status_code, "disk" in ready.json()["parts"]["journal"]) == (503, True)
            assert httpx.get(f"{program.url}/healthz").status_code == 200
        finally:
            resource.prlimit(program.child.pid, resource.RLIMIT_FSIZE, before)
        ok.append(kiosk.post("/tickets", json={"service": "ho_tich"}).json()["number"])
        assert ok == [f"A{n:03d}" for n in range(1, len(ok) + 1)]
        assert httpx.get(f"{program.url}/readyz").status_code == 200
        assert {t["number"] for t in officer.get("/state").json()["tickets"]} == set(ok)
