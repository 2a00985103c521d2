"""`kill -9` under load, a full disk, a stop with open streams: what was acknowledged is there exactly once."""

import random
import resource
import threading
import time
import uuid
from dataclasses import dataclass, field

import httpx

from queue_server.queue.events import TicketCalled, TicketIssued
from tests.acceptance.conftest import Make
from tests.acceptance.program import Program, wait_for

ROUNDS = 3
LONG = "x" * 190


@dataclass
class Crowd:
    """Clients that never give up: each command keeps its key until somebody answers it."""

    program: Program
    issued: dict[str, str] = field(default_factory=dict)  # key → number
    called: dict[str, str] = field(default_factory=dict)  # key → number
    retries: int = 0
    failures: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Crowd":
        services = ("ho_tich", "dat_dai", "chung_thuc")
        work = [threading.Thread(target=self._kiosk, args=(service,)) for service in services]
        work += [threading.Thread(target=self._officer, args=(counter,)) for counter in ("q1", "q2", "q5")]
        for each in work:
            each.start()
        self.work = work
        return self

    def stop(self) -> None:
        self.over.set()
        for each in self.work:
            each.join(60)
        assert not any(each.is_alive() for each in self.work)

    def _ask(self, client: httpx.Client, path: str, body: object, key: str) -> httpx.Response:
        """Until it is answered. A refusal is an answer, a storage failure is none."""
        while True:
            try:
                got = client.post(path, json=body, headers={"idempotency-key": key})
            except httpx.HTTPError:
                self.retries += 1
                time.sleep(0.03)
                continue
            if got.status_code < 500:
                return got
            self.retries += 1

    def _kiosk(self, service: str) -> None:
        with self.program.client("kiosk", kiosk="kiosk-1") as client:
            while not self.over.is_set():
                key = str(uuid.uuid4())
                got = self._ask(client, "/tickets", {"service": service}, key)
                if got.status_code == 201:
                    self.issued[key] = got.json()["number"]
                else:
                    self.failures.append(got.text)

    def _officer(self, counter: str) -> None:
        with self.program.client("officer", counter=counter) as client:
            self._ask(client, f"/counters/{counter}/open", {}, str(uuid.uuid4()))
            while not self.over.is_set():
                key = str(uuid.uuid4())
                got = self._ask(client, f"/counters/{counter}/call-next", {"finish_current": True}, key)
                if got.status_code == 200:
                    self.called[key] = got.json()["number"]
                elif got.status_code != 204:
                    self.failures.append(got.text)
                time.sleep(0.02)


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
    check_promises(program, crowd, shown)


def check_promises(program: Program, crowd: Crowd, shown: set[str]) -> None:
    """Each acknowledged key made exactly what was acknowledged; nothing else was made, no number twice."""
    journal = program.journal()
    for key, number in crowd.issued.items():
        (event,) = [e.event for e in journal.command(key) if isinstance(e.event, TicketIssued)]
        assert event.number == number
    for key, number in crowd.called.items():
        (call,) = [e.event for e in journal.command(key) if isinstance(e.event, TicketCalled)]
        assert call.ticket.endswith(number)
    issued = [e.event.number for e in journal.after(0, 10**6) if isinstance(e.event, TicketIssued)]
    journal.close()
    assert len(issued) == len(set(issued))
    assert set(crowd.issued.values()) == set(issued)  # everybody asked until answered
    assert shown <= set(issued)


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
